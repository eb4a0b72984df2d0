"""A support person's day at the console, in Debian's Chromium: twenty tickets, two people at once, by hand, by keys, without script."""

# ruff: noqa: F811 - fixtures of test_journeys.py are asked for by their names
from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from tests.web.axe import violations
from tests.web.desk import ADA, ANNA, BEN, BO, LEE, Desk
from tests.web.test_journeys import Open, axe, browser, signed_in  # noqa: F401 - fixtures of theirs
from triaged.tickets.ticket import Happening, State, Ticket

# The browser walks its long ways once, on SQLite; what the databases answer is asked of both in test_console.py.
pytestmark = pytest.mark.parametrize("desk", ["sqlite"], indirect=True, scope="module")
SUBJECTS = (
    "Reports are slow", "Sync of contacts stops", "Nobody can sign in", "Invoice has the wrong name", "Two questions",
    "Workflow runs twice", "Import fails at row 7", "Webhook is silent", "Formula is off by one", "Time zone is wrong",
    "Mail merge skips people", "Dashboard is empty", "Field is missing", "Layout is broken", "Export has no header",
    "Role lost its rights", "Search finds nothing", "Chart has no colours", "Call drops", "Thanks and one more thing",
)  # fmt: skip


def open_act(page: Any, name: str) -> Any:
    """The form of an act, its box opened."""
    form = page.locator(f'form[action$="/do/{name}"]').last
    box = form.locator("xpath=ancestor::details[1]")
    if box.count() and box.get_attribute("open") is None:
        box.locator("summary").first.click()
    return form


def done(page: Any, name: str) -> None:
    """Until the page has come that says so."""
    page.wait_for_url(re.compile(rf"said={name}\b"))


def said(page: Any) -> str:
    return str(page.locator("[role=status].note:not([hidden])").first.inner_text())


def at(desk: Desk, ticket: Ticket) -> str:
    return f"{desk.url}/queue/{ticket.reference}"


@pytest.mark.long
def test_a_support_persons_day_with_twenty_tickets(desk: Desk, browser: Open) -> None:
    tickets = [desk.opened(subject, cc=BO if n % 4 == 0 else "") for n, subject in enumerate(SUBJECTS)]
    page = signed_in(desk, browser(), BEN)
    assert page.url == f"{desk.url}/queue"
    shown = page.content()
    assert all(one.reference in shown for one in tickets)

    # The first by the key of the most urgent; taken, understood, answered; the partner is waited for.
    page.keyboard.press("u")
    page.wait_for_url(re.compile(r"/queue/PS-\d+$"))
    first = next(one for one in tickets if page.url.endswith(f"/{one.reference}"))
    page.keyboard.press("m")
    done(page, "assign")
    open_act(page, "identify").locator("button").click()
    done(page, "identify")
    page.keyboard.press("r")
    assert page.evaluate("document.activeElement.id") == "text"
    page.keyboard.type("Please try it again, and tell us the time.")
    page.select_option("#then", "wait")
    page.click("text=/^Send to/")
    done(page, "answered")
    assert "can be taken back" in said(page)
    assert desk.again(first).state is State.WAITING and desk.again(first).assigned_to == BEN
    page.click("text=Next")
    page.wait_for_url(re.compile(r"/queue/PS-\d+$"))
    assert not page.url.endswith(f"/{first.reference}")

    # Severity, account, note, escalation, case, update, snooze, link.
    one, two, three, four, five, six, seven = [t for t in tickets if t.id != first.id][:7]
    page.goto(at(desk, one))
    form = open_act(page, "severity")
    form.locator("select").select_option("S1")
    form.locator("[name=reason]").fill("everybody is locked out")
    form.locator("button").click()
    done(page, "severity")
    assert "by your word" in said(page) and desk.again(one).severity == "S1"
    page.fill("#note-text", "Called them: it is their proxy.")
    page.click("text=Note it among ourselves")
    done(page, "note")
    assert "No partner sees it" in said(page)
    form = open_act(page, "escalate")
    form.locator("button").click()
    done(page, "escalate")
    assert desk.again(one).tier == 2
    form = open_act(page, "case")
    form.locator("[name=report]").fill("The engineers look at it.")
    form.locator("text=Look at the letters").click()
    page.wait_for_selector("text=before it is done")
    assert "before it is done" in page.inner_text("h1") and "The engineers look at it." in page.inner_text(
        "main"
    )
    page.click("text=/^Engineering case and send/")
    done(page, "case")
    assert desk.again(one).engineering
    form = open_act(page, "update")
    form.locator("textarea").fill("Still at it; next word at noon.")
    form.locator("button").first.click()
    done(page, "update")
    assert "told how it stands" in said(page)

    page.goto(at(desk, two))
    form = open_act(page, "snooze")
    form.locator("[name=until]").fill((desk.clock() + timedelta(days=2)).date().isoformat())
    form.locator("[name=reason]").fill("they test on Wednesday")
    form.locator("button").first.click()
    done(page, "snooze")
    assert desk.again(two).snoozed_until is not None
    form = open_act(page, "relate")
    form.locator("[name=other]").fill(three.reference)
    form.locator("button").click()
    done(page, "relate")
    assert three.reference in page.inner_text("aside")

    # Merged after a look, split after a look, resolved with a word, closed, opened again.
    page.goto(at(desk, three))
    form = open_act(page, "merge")
    form.locator("[name=into]").fill(four.reference)
    form.locator("button").click()
    page.wait_for_selector("text=before it is done")
    assert "joins" in page.inner_text("main") or "letter" in page.inner_text("main")
    page.click('form[action$="/do/merge"] button')
    done(page, "merge")
    assert desk.again(three).merged_into == four.id
    page.goto(at(desk, five))
    form = open_act(page, "split")
    form.locator("[name=subject]").fill("The second question")
    form.locator("button").click()
    page.wait_for_selector("text=before it is done")
    page.click('form[action$="/do/split"] button')
    done(page, "split")
    assert "The second question" in page.inner_text("h1")
    page.goto(at(desk, six))
    form = open_act(page, "resolve")
    form.locator("[name=tell]").fill("The workflow runs once again.")
    form.locator("button").first.click()
    done(page, "resolve")
    assert desk.again(six).state is State.RESOLVED
    open_act(page, "reopen").locator("button").click()
    done(page, "reopen")
    assert desk.again(six).state is State.OPEN
    open_act(page, "close").locator("button").first.click()
    done(page, "close")
    assert desk.again(six).state is State.CLOSED

    # An answer kept ready, a file, taken back, sent again; a leftover asks first.
    page.goto(at(desk, seven))
    page.select_option("#canned", label="Ask for screenshots and the time of the error")
    page.click("text=Fill in")
    page.wait_for_url(re.compile(r"/answer$"))
    assert seven.reference in page.input_value("#text")
    page.set_input_files("#files", [{"name": "steps.txt", "mimeType": "text/plain", "buffer": b"1. open"}])
    page.click("text=/^Send to/")
    done(page, "answered")
    page.click("text=Take it back")
    done(page, "take-back")
    assert seven.reference in page.input_value("#text") and "steps.txt" in page.inner_text("#answer")
    page.fill("#text", "Dear [name], see the attached file.")
    page.click("text=/^Send to/")
    page.wait_for_selector("text=Is this meant?")
    assert "Is this meant?" in page.inner_text("#answer")
    page.fill("#text", "Dear Anna, see the attached file.")
    page.click("text=/^Send it all the same/")
    done(page, "answered")
    assert "can be taken back" in said(page)

    # Many at once.
    page.goto(f"{desk.url}/queue?view=unassigned&sort=created")
    rest = [
        t for t in tickets if desk.again(t).assigned_to is None and t.id not in (two.id, three.id, six.id)
    ]
    for ticket in rest[:5]:
        page.check(f'[aria-label="Choose {ticket.reference}"]')
    assert page.inner_text("[data-chosen]") == "(5)"
    page.fill("#b-person", f"Lee <{LEE}>")
    page.click("text=Assign…")
    page.wait_for_selector("text=Assign 5 tickets")
    assert "Assign 5 tickets" in page.inner_text("h1")
    page.click("button:has-text('Assign 5')")
    page.wait_for_selector("text=5 of 5 assigned")
    assert "5 of 5 assigned" in page.inner_text("h1")
    assert [desk.again(t).assigned_to for t in rest[:5]] == [LEE] * 5

    # Everything stands in the story with the person; the outbox and the ledger know it all.
    for ticket in (first, one, two, five, six, seven):
        assert BEN in {e.actor for e in desk.again(ticket).events}
    page.goto(f"{desk.url}/outbox?to={ANNA}")
    assert "answer" in page.inner_text("main")
    page.goto(f"{desk.url}/reports?since=7d")
    assert "By severity" in page.inner_text("main") and page.locator("svg.hours").count() == 1


def test_two_people_at_once_on_one_ticket_and_neither_loses_his_work(desk: Desk, browser: Open) -> None:
    ticket = desk.opened("Both of us answer")
    ben, lee = signed_in(desk, browser(), BEN), signed_in(desk, browser(), LEE)
    ben.goto(at(desk, ticket))
    lee.goto(at(desk, ticket))
    assert "looks here" in lee.inner_text("#others")
    ben.fill("#text", "Ben's long answer.")
    lee.fill("#text", "Lee's long answer.")
    lee.locator("#answer [data-draft-state]", has_text="kept").wait_for()
    ben.click("text=/^Send to/")
    done(ben, "answered")
    assert "can be taken back" in said(ben)
    lee.click("text=/^Send to/")
    lee.wait_for_selector("text=Somebody was faster")
    assert "Somebody was faster" in lee.inner_text("main") and BEN in lee.inner_text(".warning")
    assert lee.input_value("#text") == "Lee's long answer."
    answers = [e for e in desk.again(ticket).events if e.kind is Happening.STAFF_ANSWERED]
    assert len(answers) == 1
    lee.context.close()  # his browser dies; his words do not
    again = signed_in(desk, browser(), LEE)
    again.goto(at(desk, ticket))
    assert again.input_value("#text") == "Lee's long answer."
    again.click("text=/^Send to/")
    done(again, "answered")
    answers = [e.actor for e in desk.again(ticket).events if e.kind is Happening.STAFF_ANSWERED]
    assert answers == [BEN, LEE]


def test_p37_keys_are_shown_work_alone_and_can_be_switched_off(desk: Desk, browser: Open) -> None:
    tickets = [desk.opened(f"By keys {which}") for which in ("alone", "again")]
    page = signed_in(desk, browser(), BEN)
    page.goto(f"{desk.url}/queue?sort=created")
    page.keyboard.press("?")
    assert page.locator("#keys").get_attribute("open") is not None
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.locator("[name=chosen]").first.is_checked()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/queue/PS-"))
    assert page.url.endswith(tickets[0].reference)
    page.keyboard.press("n")
    page.keyboard.type("gmusa?/")  # all of it is text
    assert page.input_value("#note-text") == "gmusa?/" and page.url.endswith(tickets[0].reference)
    page.keyboard.press("Escape")
    page.goto(f"{desk.url}/choices")
    page.check('[name=keys][value="off"]')
    page.click("main button")
    page.wait_for_url(re.compile("saved=1"))
    page.goto(at(desk, tickets[0]))
    page.keyboard.press("m")
    page.keyboard.press("Control+a")
    assert desk.again(tickets[0]).assigned_to is None and page.url.endswith(tickets[0].reference)


def test_the_console_works_without_script_and_at_320_pixels(desk: Desk, browser: Open) -> None:
    ticket = desk.opened("Without script " + "and with a subject that does not end " * 5)
    page = signed_in(desk, browser(java_script_enabled=False, viewport={"width": 320, "height": 640}), BEN)
    for path in ("/queue", f"/queue/{ticket.reference}", "/outbox", "/ledger", "/try", "/open"):
        assert page.goto(f"{desk.url}{path}").status == 200, path
    page.goto(at(desk, ticket))
    page.fill("#text", "An answer without script.")
    page.click("text=/^Send to/")
    done(page, "answered")
    assert "can be taken back" in said(page)
    page.fill("#note-text", "A note without script.")
    page.click("text=Note it among ourselves")
    done(page, "note")
    assert "Noted" in said(page)
    scripted = signed_in(desk, browser(viewport={"width": 320, "height": 640}), BEN)
    for path in ("/queue", f"/queue/{ticket.reference}", "/outbox", "/ledger", "/try", "/reports"):
        scripted.goto(f"{desk.url}{path}")
        wide = scripted.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 1, (path, wide)


def test_p38_axe_finds_nothing_on_any_page_of_the_console_in_light_and_dark(
    desk: Desk,
    browser: Open,
    axe: str,
) -> None:
    ticket = desk.opened("For axe at the console", cc=BO)
    mail, letter = desk.store.mails_on(ticket.id)[0].id, desk.store.letters(ticket_id=ticket.id)[0].id
    page = signed_in(desk, browser(), ADA)
    found: list[str] = []
    for path in (
        "/queue", "/queue?view=missed&q=nothing", f"/queue/{ticket.reference}", "/open", "/try", f"/try?mail={mail}", "/ledger",
        f"/ledger/{mail}", "/outbox", f"/outbox/{letter}", "/addresses", "/reports", "/rules", "/model", "/sessions", "/privacy",
    ):  # fmt: skip
        desk.pages.house.buckets = type(desk.pages.house.buckets)()
        page.goto(f"{desk.url}{path}")
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        found.extend(violations(page, axe, path, frames=True))
    assert not found
