"""Signing in: by the letter's link in the browser that asked, by its code from any other, and by nothing else."""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import httpx2
import pytest
from sqlalchemy import func, select
from starlette.types import ASGIApp

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
    link_of,
    text_of,
)  # fmt: skip
from tests.web.tracing import answered, difference, traced
from triaged.store.rows import LetterState
from triaged.web import keys
from triaged.web.app import build
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
    before = len(letters(quiet, ANNA))
    other = quiet.browser()
    asks(quiet, other, ANNA)  # the one before is used up: another comes, caps or none
    assert len(letters(quiet, ANNA)) > before
    other.post(other.get(link_of(letters(quiet, ANNA)[-1])), "/sign-in/link/")
    assert who(other) == ANNA


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
    had = [planted]
    for again in (False, True, True):
        if again:
            browser.post(browser.get("/choices"), "/sign-out")
        browser.post(browser.get(quiet.link(ANNA)), "/sign-in/link/")
        had.append([c.value for c in browser.http.cookies.jar if c.name == "pages_session"][-1])
    assert len(set(had)) == 4 and who(browser) == ANNA
    thief = quiet.browser()
    for key in had[:-1]:
        thief.http.cookies.set("pages_session", key, domain="127.0.0.1", path="/")
        assert who(thief) == ""


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


def test_known_and_unknown_cost_the_same_work(lone: Desk) -> None:
    """Line by line and statement by statement: what depends on the address is done by another thread, later."""
    done = {}
    browser = lone.browser()
    asks(lone, browser, LENA)  # what is made once is made
    for address in (ANNA, STRANGER, BEN, SUPPORT, "x" * 60 + "@oakbridge.example"):
        for path, fields in (("/sign-in", {"address": address}), ("/sign-in/code", {"code": "2222-2222"})):
            answer, work = traced(lone, browser, path, {**fields, "next": "/tickets"})
            assert answer in (303, 400)
            done[address, path] = [
                one for one in work if not (isinstance(one, tuple) and one[0] == "web/forms.py")
            ]
            assert [one for one in done[address, path] if isinstance(one, str)]
        with lone.store._engines.writer.begin() as connection:
            connection.exec_driver_sql("DELETE FROM sign_in_ask")
    asked = [work for (_address, path), work in done.items() if path == "/sign-in"]
    assert [difference(asked[0], one) for one in asked[1:]] == [[]] * (len(asked) - 1)


def test_ten_thousand_requests_write_a_handful_of_letters_and_shut_nobody_out(lone: Desk) -> None:
    """All of them through the app: the real gate, limits, store and writer of letters; the owner comes in the midst."""
    from collections import Counter

    from triaged.store.visit_tables import sign_in_ask, sign_in_pass

    told: Counter[int] = Counter()
    before = memory()
    owner = lone.browser()

    def wave(peers: range, each: int) -> None:
        told.update(flooded(lone, [f"198.51.{n // 250}.{n % 250 + 1}" for n in peers], each))

    wave(range(25), 200)
    asks(lone, owner, ANNA)
    newest = letters(lone, ANNA)[-1]
    wave(range(25, 50), 200)
    lone.pages.aside.wait()
    assert sum(told.values()) == 10_000 and set(told) == {303, 429} and told[429] > 8_000
    assert 1 <= len(letters(lone, ANNA)) <= passes.LETTERS_AN_HOUR
    assert not letters(lone, STRANGER) and not letters(lone, SUPPORT)
    with lone.store._engines.reader.connect() as connection:
        rows = {
            t.name: connection.scalar(select(func.count()).select_from(t))
            for t in (sign_in_ask, sign_in_pass)
        }
    assert rows["sign_in_ask"] == told[303] + 1 and rows["sign_in_pass"] == len(letters(lone, ANNA))
    assert memory() - before < 80 * 1024 * 1024
    assert letters(lone, ANNA)[-1] == newest  # no cap and no flood made another the newest, or this one bad
    owner.post(owner.get(link_of(newest)), "/sign-in/link/")
    assert who(owner) == ANNA


def memory() -> int:
    """Bytes of this process that lie in memory."""
    import resource

    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def flooded(desk: Desk, peers: list[str], each: int) -> list[int]:
    """Each peer asks so often, in three names by turns; the statuses."""
    app = build(desk.pages.house)

    async def all_of() -> list[int]:
        async def one(peer: str) -> list[int]:
            key = keys.new()
            names = (ANNA, STRANGER, SUPPORT)
            return [await posted(desk, app, key, names[n % 3], peer) for n in range(each)]

        return [status for some in await asyncio.gather(*map(one, peers)) for status in some]

    with ThreadPoolExecutor(1) as apart:  # a browser of other tests leaves a loop running in this thread
        return apart.submit(asyncio.run, all_of()).result()


async def posted(desk: Desk, app: ASGIApp, key: str, address: str, peer: str) -> int:
    csrf = keys.form_token(keys.hashed(key), desk.pages.house.secret)
    body = urlencode({"csrf": csrf, "address": address}).encode()
    return await answered(desk, app, "/sign-in", f"pages_browser={key}", body, peer=peer)


def test_a_stranger_in_the_same_house_who_invents_addresses_shuts_out_no_colleague(lone: Desk) -> None:
    """Behind one address lie all of an office: what one of them asks for in vain costs the others no letter."""
    stranger, owner = lone.browser(), lone.browser()
    for n in range(passes.ADDRESSES_OF_PEER_AN_HOUR + 10):
        lone.pages.house.buckets = type(lone.pages.house.buckets)()
        asks(lone, stranger, f"invented{n}@nowhere.example")
    asks(lone, owner, ANNA)
    owner.post(owner.get(link_of(letters(lone, ANNA)[0])), "/sign-in/link/")
    assert who(owner) == ANNA


def test_one_peer_writes_to_no_whole_company(lone: Desk) -> None:
    stranger = lone.browser()
    for n in range(passes.ADDRESSES_OF_PEER_AN_HOUR + 10):
        lone.pages.house.buckets = type(lone.pages.house.buckets)()
        asks(lone, stranger, f"someone{n}@oakbridge.example")
    rows = [row for row in lone.store.letters(limit=200) if row.kind == "sign_in"]
    assert len(rows) == passes.ADDRESSES_OF_PEER_AN_HOUR


@pytest.mark.parametrize("minutes", [5, 60, 24 * 60])
def test_whenever_the_owner_asks_in_a_flood_his_newest_letter_signs_him_in(lone: Desk, minutes: int) -> None:
    """P23: a stranger asks all the time; whatever letters live, there is one that is good, for as long as mail takes."""
    lone.pages.house.web = lone.pages.house.web.model_copy(
        update={"sign_in_lives": timedelta(minutes=minutes)}
    )
    stranger, owner = lone.browser(), lone.browser()
    step = minutes / 12
    for turn in range(1, 40):
        lone.pages.house.buckets = type(lone.pages.house.buckets)()
        asks(lone, stranger, ANNA)
        lone.clock.move(minutes=step)
        if turn % 5 == 0:
            asks(lone, owner, ANNA)
            newest = letters(lone, ANNA)[-1]
            lone.clock.move(minutes=step / 2)  # the letter travels
            owner.post(owner.get("/sign-in/code"), "/sign-in/code", {"code": code_of(newest)})
            assert who(owner) == ANNA, turn
            owner.post(owner.get("/choices"), "/sign-out")


@pytest.mark.parametrize(
    "address", ["partner-support+x@desk.example", "PARTNER-SUPPORT@desk.example", SUPPORT]
)
def test_our_own_mailboxes_are_nobody_however_they_are_written(lone: Desk, address: str) -> None:
    asks(lone, lone.browser(), address)
    assert not [row for row in lone.store.letters(limit=20) if row.kind == "sign_in"]


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
        "/%2fevil.example", "/%5c%5cevil.example", "/\t/evil.example", "/%09/evil.example", "/\u2215evil.example", "/\uff0fevil.example", "evil.example",
        "https:evil.example", "http:/evil.example", "///evil.example", "/\u200b/evil.example", "data:text/html,x", "/%00", " //evil.example", "/sign-out",
        "/%E2%80%AE/x", "@evil.example", "?x", "#x", "",
    ],
)  # fmt: skip
def test_nobody_is_sent_anywhere_but_to_our_own_paths(given: str) -> None:
    """P8: `next` leads to no other house."""
    assert own_path(given) == ""


@pytest.mark.parametrize("given", ["/tickets", "/tickets/PS-1042?from=PS-1", "/queue?view=s1&q=a%20b"])
def test_own_paths_are_remembered(given: str) -> None:
    assert own_path(given) == given


def test_an_open_redirect_is_not_taken_up_by_signing_in(lone: Desk) -> None:
    browser = lone.browser()
    for given in (
        "//evil.example/x",
        "https://evil.example",
        "/\\evil.example",
        "/%5cevil.example",
        "/%2fevil.example",
    ):
        page = browser.get("/sign-in", params={"next": given})
        assert "evil" not in page.text.partition("<main")[2].partition("</main")[0]


@pytest.mark.parametrize(
    "given",
    [
        "/%252Fevil.example",
        "/..//evil.example",
        "/.//evil.example",
        "/;@evil.example",
        "/tickets?next=//evil.example",
    ],
)
def test_a_path_that_only_looks_like_another_house_stays_in_ours(lone: Desk, given: str) -> None:
    """Encoded twice, or with dots: a browser that follows it asks us, and is told that there is nothing."""
    browser = lone.browser()
    page = browser.get("/sign-in", params={"next": given})
    browser.post(page, "/sign-in", {"address": ANNA})
    lone.pages.aside.wait()
    landed = browser.post(browser.get(link_of(letters(lone, ANNA)[-1])), "/sign-in/link/")
    assert str(landed.url).startswith(lone.url + "/") and who(browser) == ANNA
