"""What people do, in Debian's Chromium: sign in from the mailed letter, look, search, answer, rate, close, consent, sign out.

A page that logs an error, asks another host for anything or breaks its policy fails the test.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.web.axe import source, violations
from tests.web.desk import ANNA, BEN, BO, LENA, PNG, STRANGER, Desk, code_of, eventually, link_of

Open = Callable[..., Any]


@pytest.fixture
def browser(desk: Desk, chromium: Any) -> Iterator[Open]:
    """Opens a context with a page of its own; what goes wrong in it is told at the end."""
    contexts: list[Any] = []
    wrong: list[str] = []
    desk.pages.house.buckets = type(desk.pages.house.buckets)()

    def opened(**more: Any) -> Any:
        context = chromium.new_context(**{"locale": "en-GB", "timezone_id": "Europe/Berlin", **more})
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda told: wrong.append(told.text) if "Content Security" in told.text else None)
        page.on(
            "request", lambda asked: wrong.append(asked.url) if not asked.url.startswith(desk.url) else None
        )
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not wrong


def signed_in(desk: Desk, page: Any, address: str = ANNA) -> Any:
    page.goto(desk.link(address))
    page.click("main button")
    return page


def test_a_partner_signs_in_from_the_letter_answers_with_a_file_rates_and_signs_out(
    desk: Desk, browser: Open
) -> None:
    ticket = desk.opened("Sync of contacts stops", cc=BO)
    page = browser()
    page.goto(f"{desk.url}/tickets/{ticket.reference}")
    before = len(desk.letters_to(ANNA))
    page.fill("#address", ANNA)
    page.click("text=Send me the letter")
    text = desk.sign_in_letter(ANNA, 0)
    assert before >= 0 and page.url.endswith("/sign-in/code")
    scanner = browser()  # comes first, and presses what there is
    scanner.goto(link_of(text))
    assert code_of(text) in scanner.content() and scanner.locator("main button").count() == 0
    page.goto(link_of(text))
    page.click("main button")
    assert page.url == f"{desk.url}/tickets/{ticket.reference}"
    page.goto(f"{desk.url}/tickets")
    page.fill("#q", "contacts stops")
    page.press("#q", "Enter")
    page.click(f"text={ticket.reference}")
    page.fill("#text", "It stops at **record_4711**:\n\n- at foo(__init__)\n- C:\\tmp\\x_y_z")
    page.set_input_files("#files", [{"name": "shot.png", "mimeType": "image/png", "buffer": PNG}])
    page.click("text=Preview")
    assert page.locator(".rich strong").first.inner_text() == "record_4711" and "x_y_z" in page.content()
    assert page.locator("input[name=kept]").count() == 1
    page.click("button[value=send]")
    assert "said=sent" in page.url
    desk.until_walked()
    page.reload()
    assert "record_4711" in page.locator("#newest").inner_text()
    sent = eventually(
        lambda: [x for x in desk.letters_to(BO) if "record_4711" in x.as_string()], "Bo got no mail"
    )
    assert ticket.reference in str(sent[0]["Subject"])
    eventually(
        lambda: [x for x in desk.letters_to("lee@desk.example") if "record_4711" in x.as_string()],
        "staff got none",
    )
    assert not [x for x in desk.letters_to(ANNA) if "record_4711" in x.as_string()]
    desk.by().happen(desk.again(ticket), "resolved", "done", tell="Restarted.")
    page.goto(f"{desk.url}/tickets/{ticket.reference}/feedback?score=4")
    assert page.locator("input[value='4']").is_checked() and desk.again(ticket).state == "resolved"
    page.fill("#comment", "Quick!")
    page.click("text=Send my rating")
    assert [e.kind for e in desk.again(ticket).events].count("rated") == 1
    page.click("text=Sign out")
    page.goto(f"{desk.url}/tickets")
    assert "/sign-in" in page.url


def test_by_the_code_from_another_browser_without_script(desk: Desk, browser: Open) -> None:
    page = browser(java_script_enabled=False)
    page.goto(f"{desk.url}/tickets")
    page.fill("#address", BO)
    page.click("text=Send me the letter")
    text = desk.sign_in_letter(BO)
    page.fill("#code", code_of(text))
    page.click("main button")
    assert page.url == f"{desk.url}/tickets" and "My tickets" in page.content()


def test_a_stranger_sees_the_same_page_and_gets_nothing(desk: Desk, browser: Open) -> None:
    page = browser()
    page.goto(f"{desk.url}/sign-in")
    page.fill("#address", STRANGER)
    page.click("text=Send me the letter")
    assert STRANGER in page.locator("main").inner_text()
    desk.pages.aside.wait()
    assert not desk.letters_to(STRANGER)


def test_close_consent_people_private_and_follow(desk: Desk, browser: Open) -> None:
    ticket = desk.opened("Everything beside answering")
    page = signed_in(desk, browser())
    at = f"{desk.url}/tickets/{ticket.reference}"
    page.goto(at)
    page.click("text=I consent")
    assert f"{ANNA}: yes" in page.locator("aside").inner_text()
    page.click("text=Take my consent back")
    page.fill("#colleague", "carl@elmhill.example")
    page.click("aside >> text='Add'")
    assert "own company" in page.content()
    page.goto(at)
    page.fill("#colleague", BO)
    page.click("aside >> text='Add'")
    assert BO in page.locator("aside").inner_text()
    page.click("text=Keep it from our admin")
    assert desk.again(ticket).private
    page.click("text=Close this request")
    assert desk.again(ticket).state == "closed" and "becomes a new request" in page.content()
    page.click("text=Open it again")
    assert desk.again(ticket).state == "open"


def test_a_new_request_by_the_templates_fields_tells_what_is_missing(desk: Desk, browser: Open) -> None:
    page = signed_in(desk, browser())
    page.goto(f"{desk.url}/tickets/new")
    page.click("text=Send the request")
    assert page.locator("#subject-wrong").count() == 1
    page.fill("#subject", "Labels are cut off")
    page.fill("#description", "In Zoho CRM the labels of fields are cut off.")
    page.select_option("#service", "Zoho CRM")
    page.fill("#superadmin_email", "it@alder.example")
    page.set_input_files(
        "#files",
        [
            {"name": "bad.png", "mimeType": "image/png", "buffer": b"<html>"},
            {"name": "ok.txt", "mimeType": "text/plain", "buffer": b"ok"},
        ],
    )
    page.click("text=Send the request")
    assert (
        "bad.png" in page.locator("[role=alert]").first.inner_text()
    )  # P18: named; text and other files kept
    assert (
        page.input_value("#subject") == "Labels are cut off" and page.locator("input[name=kept]").count() == 1
    )
    page.click("text=Send the request")
    told = page.locator("[role=status]").first.inner_text()
    assert "Still missing" in told and "ZUID" in told and "Alder Works" not in page.content()
    desk.until_walked()
    page.goto(f"{desk.url}/tickets")
    assert "Labels are cut off" in page.content()
    newest = desk.store.mails(limit=1)[0]
    assert newest.door == "web" and newest.sender == ANNA


def test_p13_a_text_written_while_the_session_ended_is_there_after_signing_in(
    desk: Desk, browser: Open
) -> None:
    ticket = desk.opened("Long lunch")
    page = signed_in(desk, browser(java_script_enabled=False))
    page.goto(f"{desk.url}/tickets/{ticket.reference}")
    page.fill("#text", "Written before lunch")
    page.set_input_files("#files", [{"name": "lunch.txt", "mimeType": "text/plain", "buffer": b"soup"}])
    desk.clock.move(hours=13)
    page.click("button[value=send]")
    assert "/sign-in" in page.url and "is kept" in page.content()
    page.fill("#address", ANNA)
    page.click("text=Send me the letter")
    text = eventually(
        lambda: next((t for t in [desk.sign_in_letter(ANNA)] if "/sign-in/link/" in t), None), "no letter"
    )
    page.goto(f"{desk.url}/sign-in/code")
    desk.pages.aside.wait()
    for letter in reversed(desk.letters_to(ANNA)):
        body = letter.get_body(("plain",))
        if body is not None and "/sign-in/link/" in body.get_content():
            text = body.get_content()
            break
    page.goto(link_of(text))
    if "no longer good" in page.content():
        page.goto(desk.link(ANNA, f"/tickets/{ticket.reference}"))
    page.click("main button")
    assert page.url.endswith(ticket.reference)
    assert page.input_value("#text") == "Written before lunch" and "lunch.txt" in page.content()


def test_p14_a_draft_outlives_a_killed_browser_and_what_others_do_meanwhile(
    desk: Desk, browser: Open
) -> None:
    ticket = desk.opened("Half an answer")
    page = signed_in(desk, browser())
    page.goto(f"{desk.url}/tickets/{ticket.reference}")
    page.locator("#text").press_sequentially("Half of it")
    page.locator("[data-draft-state]", has_text="Draft kept").wait_for()
    page.context.close()
    desk.by().happen(desk.again(ticket), "assigned", "taken", to=BEN)
    again = signed_in(desk, browser())
    again.goto(f"{desk.url}/tickets/{ticket.reference}")
    assert again.input_value("#text") == "Half of it"
    again.click("text=Discard the draft")
    assert again.input_value("#text") == ""


def test_p15_the_same_form_posted_five_times_sends_one_answer(desk: Desk) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from tests.web.desk import form

    ticket = desk.opened("Five times")
    anna = desk.signed_in(ANNA)
    target, hidden = form(
        anna.get(f"/tickets/{ticket.reference}").text, f"/tickets/{ticket.reference}/answer"
    )
    sent = {**hidden, "text": "only once", "do": "send"}
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: anna.http.post(target, data=sent).status_code, range(5)))
    desk.until_walked()
    assert answers == [200] * 5
    assert sum("only once" in (c.text or "") for c in anna_sees(desk, ticket.id)) == 1


def anna_sees(desk: Desk, ticket_id: int) -> Any:
    from triaged.web import people

    house = desk.pages.house
    person = people.find(ANNA, house.knowledge, house.web)
    assert person
    page = desk.store.ticket_page(person.scope, ticket_id)
    assert page
    return page.said


def test_p16_what_arrived_meanwhile_is_shown_before_an_answer_is_sent(desk: Desk, browser: Open) -> None:
    ticket = desk.opened("Meanwhile")
    page = signed_in(desk, browser())
    page.goto(f"{desk.url}/tickets/{ticket.reference}")
    page.fill("#text", "My answer to the old state")
    desk.by().progress(desk.again(ticket), "We found the cause.")
    page.click("button[value=send]")
    assert (
        "Support has answered" in page.content() and page.input_value("#text") == "My answer to the old state"
    )
    page.click("text=Send it all the same")
    assert "said=sent" in page.url


def test_an_organisations_admin_sees_it_all_and_may_narrow_it(desk: Desk, browser: Open) -> None:
    theirs = desk.opened("Of Bo's own", by=BO)
    page = signed_in(desk, browser(), LENA)
    page.goto(f"{desk.url}/tickets")
    assert theirs.reference in page.content() and "Oakbridge Consulting" in page.content()
    page.click("text=Mine only")
    assert theirs.reference not in page.locator("main").inner_text()


def test_staff_look_at_the_queue_and_at_tickets_and_partners_pages_are_not_theirs(
    desk: Desk, browser: Open
) -> None:
    ticket = desk.opened("For the queue")
    page = signed_in(desk, browser(), BEN)
    assert page.url == f"{desk.url}/queue"
    page.goto(f"{desk.url}/queue?view=everything")
    page.click(f"text={ticket.reference}")
    page.wait_for_url(f"{desk.url}/queue/{ticket.reference}")
    assert "For the queue" in page.locator("main").inner_text()
    assert ticket.severity_because in page.locator("main").inner_text()
    assert page.goto(f"{desk.url}/tickets/{ticket.reference}").status == 404


def test_with_the_keyboard_alone_and_keys_that_can_be_switched_off(desk: Desk, browser: Open) -> None:
    desk.opened("By keys")
    page = signed_in(desk, browser())
    page.goto(f"{desk.url}/tickets")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("n/")
    assert page.input_value("#q") == "n/"  # P37: none in fields
    page.fill("#q", "By keys")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "By keys" in page.locator("tbody").inner_text()
    page.keyboard.press("Alt+n")
    assert "/tickets/new" not in page.url
    page.goto(f"{desk.url}/choices")
    page.check("input[name=keys][value=off]")
    page.click("text='Save'")
    page.goto(f"{desk.url}/tickets")
    page.keyboard.press("n")
    page.wait_for_timeout(200)
    assert "/tickets/new" not in page.url


@pytest.mark.parametrize("path", ["/sign-in", "/tickets", "/tickets/new", "/choices", "TICKET"])
def test_nothing_is_wider_than_320_pixels(desk: Desk, browser: Open, path: str) -> None:
    ticket = desk.opened("x" * 120 + " a long subject", f"{'y' * 400}\n\nSuperAdmin: it@alder.example\n")
    page = browser(viewport={"width": 320, "height": 640})
    if path != "/sign-in":
        signed_in(desk, page)
    page.goto(desk.url + path.replace("TICKET", f"/tickets/{ticket.reference}"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_in_japanese_by_the_browser_or_by_choice(desk: Desk, browser: Open) -> None:
    page = signed_in(desk, browser(locale="ja-JP"))
    page.goto(f"{desk.url}/tickets")
    assert "お問い合わせ一覧" in page.content() and page.get_attribute("html", "lang") == "ja"
    page.click("button[value=de]")
    assert "Meine Anfragen" in page.content() and page.url == f"{desk.url}/tickets"


def test_p27_times_are_in_the_browsers_zone_with_script_and_in_the_partners_without(
    desk: Desk, browser: Open
) -> None:
    ticket = desk.opened("Times")
    shown = {}
    for zone, script in (("Asia/Tokyo", True), ("America/Sao_Paulo", True), ("Asia/Tokyo", False)):
        context = browser(java_script_enabled=script).context.browser.new_context(
            timezone_id=zone, locale="en-GB", java_script_enabled=script
        )
        page = signed_in(desk, context.new_page())
        page.goto(f"{desk.url}/tickets/{ticket.reference}")
        time = page.locator("aside time").first
        utc = time.get_attribute("datetime")
        shown[zone, script] = time.inner_text()
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", utc or "")
        context.close()
    assert "GMT+9" in shown["Asia/Tokyo", True] and "GMT-3" in shown["America/Sao_Paulo", True]
    assert "CET" in shown["Asia/Tokyo", False]  # the partner's own zone, named


@pytest.fixture(scope="module")
def axe() -> str:
    return source()


@pytest.mark.parametrize(
    "desk", ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)], indirect=True, scope="module"
)
def test_p38_axe_finds_nothing_on_any_page_in_light_and_dark(desk: Desk, browser: Open, axe: str) -> None:
    ticket = desk.opened("For axe", files=[("shot.png", "image/png", PNG)], cc=BO)
    desk.by().raise_case(ticket, "lab", None, "A report")
    resolved = desk.opened("Resolved, for axe")
    desk.by().happen(resolved, "resolved", "done")
    mail = desk.store.mails_on(ticket.id)[0].id
    found: list[str] = []

    def look(page: Any, name: str) -> None:
        found.extend(violations(page, axe, name))

    stranger = browser()
    stranger.goto(f"{desk.url}/sign-in?kept=1")
    look(stranger, "sign-in")
    stranger.fill("#address", "x@nowhere.example")
    stranger.hover("main button")
    look(stranger, "sign-in filled, hover")
    stranger.click("main button")
    look(stranger, "code")
    for place in ("/sign-in/link/x", "/nowhere", "/choices"):
        stranger.goto(desk.url + place)
        look(stranger, place)
    stranger.goto(desk.link(ANNA))
    look(stranger, "button")
    page = signed_in(desk, browser())
    at = f"/tickets/{ticket.reference}"
    for place in (
        "/tickets", "/tickets?sent=1&missing=zoid,zuid", "/tickets?q=nothing-such", "/tickets/new", at, f"{at}?said=sent",
        f"/tickets/{resolved.reference}", f"/tickets/{resolved.reference}/feedback?score=2", f"/mails/{mail}", "/choices?saved=1",
    ):  # fmt: skip
        page.goto(desk.url + place)
        look(page, place)
    page.goto(f"{desk.url}/tickets/new")
    page.click("text=Send the request")
    look(page, "new request with faults")
    page.goto(desk.url + at)
    page.fill("#text", "**bold** and\n\n- a list")
    page.set_input_files(
        "#files",
        [
            {"name": "bad.exe", "mimeType": "text/plain", "buffer": b"x"},
            {"name": "a.txt", "mimeType": "text/plain", "buffer": b"x"},
        ],
    )
    page.click("button[value=send]")
    look(page, "answer refused")
    page.click("text=Preview")
    look(page, "preview")
    staff = signed_in(desk, browser(), BEN)
    for place in ("/queue", f"/queue/{ticket.reference}", f"/mails/{mail}"):
        staff.goto(desk.url + place)
        look(staff, place)
    assert not found
