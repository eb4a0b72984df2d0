"""Signing in: by the letter's link in the browser that asked, by its code from any other, and by nothing else."""

from __future__ import annotations

import re
import statistics
import time
from datetime import timedelta

import httpx2
import pytest

from tests.web.desk import (
    ANNA,
    BEN,
    BO,
    CARL,
    LENA,
    STRANGER,
    SUPPORT,
    Browser,
    Desk,
    code_of,
    form,
    link_of,
    text_of,
)  # fmt: skip
from triaged.store.rows import LetterState
from triaged.web.signing_in import passes
from triaged.web.signing_in.destinations import own_path


def asks(desk: Desk, browser: Browser, address: str, going_to: str = "", **more: object) -> httpx2.Response:
    page = browser.get("/sign-in" + (f"?next={going_to}" if going_to else ""))
    answer = browser.post(page, "/sign-in", {"address": address}, **more)
    desk.pages.aside.wait()
    return answer


def letters(desk: Desk, address: str) -> list[str]:
    """Texts of sign-in letters in the outbox, oldest first."""
    import email
    import email.policy

    rows = [row for row in desk.store.letters(limit=200) if row.kind == "sign_in" and address in row.to]
    raws = [desk.store.letter(row.id) for row in reversed(rows)]
    return [
        text_of(email.message_from_bytes(one.raw or b"", policy=email.policy.default)) for one in raws if one
    ]  # type: ignore[arg-type]


def who(browser: Browser) -> str:
    found = re.search(r'<span class="who">([^<]*)</span>', browser.get("/choices").text)
    return found[1] if found else ""


def test_the_link_signs_in_the_browser_that_asked_by_a_button_and_leads_where_it_was_going(
    quiet: Desk,
) -> None:
    browser = quiet.browser()
    assert asks(quiet, browser, ANNA, "/tickets/new").url.path == "/sign-in/code"
    (text,) = letters(quiet, ANNA)
    assert ANNA in text and "127.0.0.1" in text
    page = browser.get(link_of(text))
    assert f"Sign in as {ANNA}" in page.text and who(browser) == ""
    assert page.headers["referrer-policy"] == "no-referrer"
    landed = browser.post(page, "/sign-in/link/")
    assert (landed.url.path, who(browser)) == ("/tickets/new", ANNA)


def test_p22_read_on_the_phone_the_letters_code_signs_in_the_desk(quiet: Desk) -> None:
    browser, phone = quiet.browser(), quiet.browser()
    asks(quiet, browser, ANNA, "/tickets/new")
    (text,) = letters(quiet, ANNA)
    elsewhere = phone.get(link_of(text))
    assert code_of(text) in elsewhere.text and who(phone) == ""
    typed = code_of(text).lower().replace("-", "  ")
    landed = browser.post(browser.get("/sign-in/code"), "/sign-in/code", {"code": typed})
    assert (landed.url.path, who(browser)) == ("/tickets/new", ANNA)


def test_a_code_typed_in_full_width_letters_is_the_same_code(lone: Desk) -> None:
    browser = lone.browser()
    asks(lone, browser, ANNA)
    wide = "".join(chr(ord(c) + 0xFEE0) if c != " " else c for c in code_of(letters(lone, ANNA)[0]))
    browser.post(browser.get("/sign-in/code"), "/sign-in/code", {"code": wide})
    assert who(browser) == ANNA


def test_p6_a_scanner_that_opens_and_submits_all_the_letter_offers_gets_no_session(quiet: Desk) -> None:
    browser, scanner = quiet.browser(), quiet.browser()
    asks(quiet, browser, ANNA)
    (text,) = letters(quiet, ANNA)
    for link in re.findall(r"https?://\S+", text):
        scanner.http.head(link)
        page = scanner.get(link)
        for action, inside in re.findall(
            r'<form method="post" action="([^"]+)"[^>]*>(.*?)</form>', page.text, re.DOTALL
        ):
            hidden = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', inside))
            scanner.http.post(action, data=hidden | {"address": "x", "code": code_of(text)})
    assert who(scanner) == ""
    browser.post(browser.get(link_of(text)), "/sign-in/link/")
    assert who(browser) == ANNA


def test_get_and_head_never_use_a_link_up(quiet: Desk) -> None:
    browser = quiet.browser()
    asks(quiet, browser, ANNA)
    link = link_of(letters(quiet, ANNA)[0])
    for _ in range(5):
        browser.http.head(link)
        browser.get(link)
    browser.post(browser.get(link), "/sign-in/link/")
    assert who(browser) == ANNA


def test_p21_delivered_forty_minutes_late_it_works_and_a_dead_one_offers_another(quiet: Desk) -> None:
    browser = quiet.browser()
    asks(quiet, browser, ANNA, "/tickets/new")
    quiet.clock.move(minutes=40)
    assert "Sign in as" in browser.get(link_of(letters(quiet, ANNA)[0])).text
    quiet.clock.move(minutes=21)
    dead = browser.get(link_of(letters(quiet, ANNA)[0]))
    assert dead.status_code == 410 and "Send another letter" in dead.text
    browser.post(dead, "/sign-in/again")
    quiet.pages.aside.wait()
    first, second = letters(quiet, ANNA)
    assert link_of(first) != link_of(second)
    landed = browser.post(browser.get(link_of(second)), "/sign-in/link/")
    assert (landed.url.path, who(browser)) == ("/tickets/new", ANNA)


def test_p23_a_stranger_who_asks_a_hundred_times_shuts_nobody_out(quiet: Desk) -> None:
    stranger, owner = quiet.browser(), quiet.browser()
    page = stranger.get("/sign-in")
    seen = set()
    for _ in range(100):
        quiet.clock.move(seconds=7)
        quiet.pages.house.buckets = type(quiet.pages.house.buckets)()
        seen.add(stranger.post(page, "/sign-in", {"address": ANNA}).url.path)
    quiet.pages.aside.wait()
    assert seen == {"/sign-in/code"}
    assert 1 <= len(letters(quiet, ANNA)) <= 6
    asks(quiet, owner, ANNA)
    newest = letters(quiet, ANNA)[-1]
    owner.post(owner.get("/sign-in/code"), "/sign-in/code", {"code": code_of(newest)})
    assert who(owner) == ANNA
    other = quiet.browser()
    asks(quiet, other, ANNA)
    assert "Sign in as" in other.get(link_of(letters(quiet, ANNA)[-1])).text or len(letters(quiet, ANNA)) > 5


def test_what_one_browser_asks_is_no_key_to_another_address(quiet: Desk) -> None:
    attacker, victim = quiet.browser(), quiet.browser()
    asks(quiet, attacker, CARL)
    asks(quiet, victim, ANNA)
    (text,) = letters(quiet, CARL)
    page = victim.get(link_of(text))  # P8: the attacker sends his own link
    assert "Sign in as" not in page.text and code_of(text) in page.text
    answer = victim.post(victim.get("/sign-in/code"), "/sign-in/code", {"code": code_of(text)})
    assert answer.status_code == 400 and who(victim) == ""


def test_p8_each_sign_in_makes_a_new_key_whatever_the_browser_had(quiet: Desk) -> None:
    browser = quiet.browser()
    planted = "A" * 43
    browser.http.cookies.set("pages_session", planted, domain="127.0.0.1", path="/")
    keys = []
    for _ in range(2):
        browser.post(browser.get(quiet.link(ANNA)), "/sign-in/link/") if not keys else None
        keys.append([c.value for c in browser.http.cookies.jar if c.name == "pages_session"][-1])
        if len(keys) == 1:
            browser.post(browser.get("/choices"), "/sign-out")
            browser.post(browser.get(quiet.link(ANNA)), "/sign-in/link/")
    thief = quiet.browser()
    for key in (planted, keys[0]):
        thief.http.cookies.set("pages_session", key, domain="127.0.0.1", path="/")
        assert who(thief) == ""
    assert len({planted, *keys}) >= 2 and who(browser) == ANNA


def test_a_link_works_once_and_a_replayed_one_signs_nobody_in(quiet: Desk) -> None:
    first, second = quiet.browser(), quiet.browser()
    link = quiet.link(ANNA)
    pages = [one.get(link) for one in (first, second)]
    first.post(pages[0], "/sign-in/link/")
    late = second.post(pages[1], "/sign-in/link/")
    assert (late.status_code, who(first), who(second)) == (410, ANNA, "")


def test_links_made_by_hand_work_in_any_browser(quiet: Desk) -> None:
    assert who(quiet.signed_in(BEN)) == BEN


def test_known_and_unknown_get_the_same_page(quiet: Desk) -> None:
    shown = {}
    for address in (ANNA, STRANGER, BEN, SUPPORT):
        browser = quiet.browser()
        page = asks(quiet, browser, address)
        shown[address] = re.sub(r'value="[0-9a-f]{64}"', "", page.text.replace(address, "ADDRESS"))
    assert len(set(shown.values())) == 1
    assert letters(quiet, ANNA) and letters(quiet, BEN)
    assert not letters(quiet, STRANGER) and not letters(quiet, SUPPORT)


def test_known_and_unknown_are_answered_as_fast(lone: Desk) -> None:
    took: dict[str, list[float]] = {ANNA: [], STRANGER: []}
    browser = lone.browser()
    page = browser.get("/sign-in")
    target, hidden = form(page.text, "/sign-in")
    for turn in range(60):
        for address in took:
            lone.pages.house.buckets = type(lone.pages.house.buckets)()
            begun = time.perf_counter()
            browser.http.post(target, data={**hidden, "address": address}, follow_redirects=False)
            took[address].append(time.perf_counter() - begun)
        if turn % 5 == 0:
            lone.pages.aside.wait()
    known, unknown = (statistics.median(one) for one in took.values())
    assert abs(known - unknown) < 0.005, took


def test_ten_thousand_requests_write_a_handful_of_letters(lone: Desk) -> None:
    from triaged.store.sign_ins import Ask
    from triaged.web import keys

    browser = lone.browser()
    page = browser.get("/sign-in")
    refused = [browser.post(page, "/sign-in", {"address": ANNA}).status_code for _ in range(60)].count(429)
    assert refused >= 30  # the door itself lets so many through
    now = lone.clock()
    for n in range(10_000):  # and behind it, from as many addresses as one likes
        ask = Ask(keys.hashed(f"b{n}"), ANNA, "", f"192.0.2.{n % 250}", now, now + timedelta(hours=1))
        if n % 100 == 0:
            lone.store.ask_sign_in(ask)
        passes.write_letter(lone.pages.house, ask, "en", "", "somewhere") if n % 20 == 0 else None
    lone.pages.aside.wait()
    assert len(letters(lone, ANNA)) <= passes.LETTERS_AN_HOUR


def test_wrong_codes_are_counted_and_the_right_one_no_longer_taken(lone: Desk) -> None:
    browser = lone.browser()
    asks(lone, browser, ANNA)
    for _ in range(passes.TRIES):
        lone.pages.house.buckets = type(lone.pages.house.buckets)()
        browser.post(browser.get("/sign-in/code"), "/sign-in/code", {"code": "2222-2222"})
    right = code_of(letters(lone, ANNA)[0])
    answer = browser.post(browser.get("/sign-in/code"), "/sign-in/code", {"code": right})
    assert answer.status_code == 400 and who(browser) == ""


def test_the_letter_leaves_before_all_others(lone: Desk) -> None:
    asks(lone, lone.browser(), ANNA)
    (row,) = [one for one in lone.store.letters(limit=10) if one.kind == "sign_in"]
    claimed = lone.store.claim_letters(20, lone.clock(), "me", timedelta(minutes=1), "global")
    assert [one.id for one in claimed] == [row.id] and row.state == LetterState.WAITING
    assert lone.store.next_letter_at("global") is not None


def test_sessions_end_by_idleness_by_command_by_signing_out_and_with_the_partner(quiet: Desk) -> None:
    idle, ended, out, gone = (quiet.signed_in(one) for one in (ANNA, BO, LENA, CARL))
    quiet.clock.move(hours=11)
    assert who(idle) == ANNA
    assert quiet.store.end_sessions_of(BO, "ended by ada", quiet.clock()) == 1 and who(ended) == ""
    out.post(out.get("/choices"), "/sign-out")
    assert who(out) == ""
    directory = quiet.folder / "partners.csv"
    directory.write_text(
        "\n".join(line for line in directory.read_text().splitlines() if "elmhill" not in line) + "\n"
    )
    from triaged.walk import knowledge

    quiet.pages.house.knowledge = knowledge.gather(quiet.config)
    assert who(gone) == ""
    quiet.clock.move(hours=13)
    assert who(idle) == ""


@pytest.mark.parametrize(
    "given",
    [
        "//evil.example", "https://evil.example", "/\\evil.example", "/%5Cevil.example", "/%2F/evil.example", "javascript:x",
        "/sign-in/link/x", "/tickets\r\nSet-Cookie: x=1", "/%0d%0aSet-Cookie: x", "\\\\evil.example", "/" + "a" * 900,
    ],
)  # fmt: skip
def test_nobody_is_sent_anywhere_but_to_our_own_paths(given: str) -> None:
    assert own_path(given) == ""


@pytest.mark.parametrize("given", ["/tickets", "/tickets/PS-1042?from=PS-1", "/queue?view=s1&q=a%20b"])
def test_own_paths_are_remembered(given: str) -> None:
    assert own_path(given) == given


def test_an_open_redirect_is_not_taken_up_by_signing_in(lone: Desk) -> None:
    browser = lone.browser()
    for given in ("//evil.example/x", "https://evil.example", "/\\evil.example"):
        page = browser.get("/sign-in", params={"next": given})
        assert "evil" not in page.text.partition("<main")[2].partition("</main")[0]
