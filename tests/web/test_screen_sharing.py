"""Screen-sharing sessions on the pages of both sides: offered, accepted with the terms, invited, begun by its code, held; the ways out."""

# ruff: noqa: F811 - fixtures of test_journeys.py are asked for by their names
from __future__ import annotations

import itertools
import re
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import httpx2
import pytest

from tests.letters.rfc5545 import checked
from tests.web.axe import violations
from tests.web.desk import ANNA, BEN, BO, CARL, LEE, LENA, Browser, Desk, eventually, form
from tests.web.test_journeys import Open, axe, browser, signed_in  # noqa: F401 - fixtures of theirs
from triaged.meetings.meeting import Meeting, MeetingState, current
from triaged.tickets.ticket import Happening, Ticket

PREMIUM = "Hello,\n\none report in Zoho CRM is slow.\n\nSuperAdmin: it@birch.example\nZOID: 60031122335\nZUID: 70011000002\n"
LINK = "https://meet.desk.example/h4kx9ptn"


# What the databases answer is asked of both in the first tests; tests/walk/test_meetings.py asks the rest.
once = pytest.mark.parametrize("desk", ["sqlite"], indirect=True, scope="module")


@pytest.fixture(autouse=True)
def unhurried(desk: Desk) -> None:
    """Tests ask faster than people."""
    desk.pages.house.buckets = type(desk.pages.house.buckets)()


HOURS = itertools.cycle(
    range(8, 16)
)  # UTC, each within Berlin's day; the host has each of them once in eight


def working(desk: Desk, days: int, hour: int = 0) -> datetime:
    """A full hour of a working day, so many days on; another one each time."""
    hour = hour or next(HOURS)
    at = (desk.clock() + timedelta(days=days)).replace(hour=hour, minute=0, second=0, microsecond=0)
    while at.weekday() > 4:
        at += timedelta(days=1)
    return at


SIGNED_IN: dict[tuple[int, str], Browser] = {}


def person(desk: Desk, address: str) -> Browser:
    """Signed in, once for every leap of the clock."""
    key = (id(desk), address)
    if key not in SIGNED_IN:
        SIGNED_IN[key] = desk.signed_in(address)
    return SIGNED_IN[key]


def until(desk: Desk, at: datetime, *, minutes: float) -> None:
    """The clock stands so many minutes before."""
    SIGNED_IN.clear()
    desk.clock.move(seconds=(at - desk.clock()).total_seconds() - 60 * minutes)


def typed(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M}"


def session(desk: Desk, ticket: Ticket) -> Meeting:
    found = current(desk.again(ticket))
    assert found is not None
    return found


def asked(desk: Desk, subject: str) -> Ticket:
    ticket = desk.opened(subject, PREMIUM, cc=BO)
    assert ticket.plan == "premium"
    return ticket


def order(desk: Desk, ticket: Ticket, name: str, by: str = BEN, **data: str) -> httpx2.Response:
    """What staff do at the console, times by UTC."""
    staff = person(desk, by)
    page = staff.get(f"/queue/{ticket.reference}")
    return staff.post(page, f"/queue/{ticket.reference}/do/session-{name}", {"zone": "UTC", **data})


def offered(desk: Desk, subject: str, *times: datetime, **more: str) -> Ticket:
    ticket = asked(desk, subject)
    given = {f"time{n}": typed(at) for n, at in enumerate(times, 1)}
    done = order(desk, ticket, "offer", **given, link=LINK, passcode="481516", **more)
    assert "The session is offered" in done.text, re.findall(r'role="alert">(.*?)<', done.text)
    return ticket


def partner(desk: Desk, ticket: Ticket, name: str, by: str | Browser = ANNA, **data: str) -> httpx2.Response:
    """What a person of the partner does on the session's page."""
    who = by if isinstance(by, Browser) else person(desk, by)
    at = f"/tickets/{ticket.reference}/session"
    return who.post(who.get(at), f"{at}/{name}", data)


def booked(desk: Desk, subject: str, at: datetime) -> Ticket:
    ticket = offered(desk, subject, at)
    done = partner(desk, ticket, "accept", starts=at.isoformat(), terms="yes")
    assert "The time is booked" in done.text
    return ticket


def code_on(page: httpx2.Response) -> str:
    found = re.search(r'<p class="code big" role="status">([A-Z0-9]{4}-[A-Z0-9]{4})</p>', page.text)
    assert found, page.text[-3000:]
    return found[1]


def letters(desk: Desk, to: str, ticket: Ticket, kind: str) -> list[EmailMessage]:
    return [
        one
        for one in desk.letters_to(to)
        if one["X-Triaged-Letter"] == kind and ticket.reference in str(one["Subject"])
    ]


def letter(desk: Desk, to: str, ticket: Ticket, kind: str) -> EmailMessage:
    return eventually(lambda: letters(desk, to, ticket, kind)[-1:], f"no {kind} to {to}")[0]


def entry(one: EmailMessage) -> Any:
    """The one event of a letter's invitation, lawful by RFC 5545 and 5546."""
    (part,) = [part for part in one.walk() if part.get_content_type() == "text/calendar"]
    root = checked(part.get_payload(decode=True))
    assert part.get_param("method") == root.one("METHOD")
    return root.within[0]


def test_from_the_offer_to_the_summary_by_pages(desk: Desk) -> None:
    first, second = working(desk, 3), working(desk, 4)
    ticket = offered(desk, "A long way", first, second, tell="We want to see the report load.")
    assert f"/tickets/{ticket.reference}/session" in letter(desk, ANNA, ticket, "meeting_offer").as_string()
    anna = person(desk, ANNA)
    shown = anna.get(f"/tickets/{ticket.reference}")
    assert "Read the terms and choose a time" in shown.text
    page = anna.get(f"/tickets/{ticket.reference}/session").text
    assert "The session is recorded, picture and sound" in page and "a computer, not a phone" in page
    assert LINK not in page and "481516" not in page

    refused = partner(desk, ticket, "accept", anna, starts=second.isoformat())
    assert refused.status_code == 400 and "accept the terms first" in refused.text
    assert re.search(rf'value="{re.escape(second.isoformat())}" required checked', refused.text)
    refused = partner(desk, ticket, "accept", anna, terms="yes", starts=typed(first))
    assert refused.status_code == 400 and session(desk, ticket).state is MeetingState.OFFERED
    other = (second + timedelta(hours=1)).isoformat()
    assert "can no longer be chosen" in partner(desk, ticket, "accept", anna, terms="yes", starts=other).text
    old = partner(desk, ticket, "accept", anna, terms="yes", starts=second.isoformat(), version="2025-01")
    assert "terms have changed" in old.text
    done = partner(desk, ticket, "accept", anna, terms="yes", starts=second.isoformat())
    assert "The time is booked" in done.text and f"{ANNA}" in done.text
    found = session(desk, ticket)
    assert (found.state, found.starts) == (MeetingState.ACCEPTED, second)
    assert found.accepted and (found.accepted.person, found.accepted.peer) == (ANNA, "127.0.0.1")

    invited = entry(letter(desk, ANNA, ticket, "meeting_invitation"))
    assert (invited.one("SEQUENCE"), invited.one("DTSTART")) == ("0", f"{second:%Y%m%dT%H%M%SZ}")
    assert LINK in invited.one("DESCRIPTION") and "481516" in invited.one("DESCRIPTION")
    assert {uri for _, uri in invited.all("ATTENDEE")} == {f"mailto:{ANNA}", f"mailto:{BO}"}
    listed = person(desk, BEN).get("/screen-sharing").text
    assert ticket.reference in listed and "accepted" in listed
    assert ticket.reference not in person(desk, LEE).get("/screen-sharing?whose=mine").text

    early = partner_page(desk, ticket, ANNA)
    assert "Show me the code" not in early.text and "from this time on" in early.text
    assert "No connection now" in person(desk, BEN).get(f"/queue/{ticket.reference}").text
    until(desk, second, minutes=58)
    letter(desk, ANNA, ticket, "meeting_reminder")
    until(desk, second, minutes=12)
    anna = person(desk, ANNA)
    dead = code_on(partner(desk, ticket, "code", anna))
    code = code_on(partner(desk, ticket, "code", anna))
    assert dead != code and code not in anna.get(f"/tickets/{ticket.reference}/session").text
    assert order(desk, ticket, "begin", code=dead).status_code == 400
    begun = order(desk, ticket, "begin", code=code.lower().replace("-", " "))
    assert "It has begun" in begun.text and session(desk, ticket).state is MeetingState.BEGUN
    again = order(desk, ticket, "begin", code=code)
    assert again.status_code == 400 and "no code that is good now" in again.text
    done = order(desk, ticket, "held", summary="")
    assert "It is held" in done.text and "What came of it" in done.text
    letter(desk, BEN, ticket, "meeting_summary")
    done = order(desk, ticket, "summary", summary="The index was missing.\n\nIt is built now.")
    assert "The summary stands" in done.text, re.findall(r'role="alert">(.*?)<', done.text)
    ended = partner_page(desk, ticket, ANNA).text
    assert "took place" in ended and "index was missing" not in ended


def looked_at(desk: Desk, ticket: Ticket, name: str, **data: str) -> str:
    """The preview of an order, words alone; nothing may come of it."""
    before = written(desk, ticket)
    page = order(desk, ticket, name, do="preview", **data)
    assert page.status_code == 200, re.findall(r'role="alert">(.*?)<', page.text)
    assert written(desk, ticket) == before
    shown = " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"<input[^>]*>", "", page.text)).split())
    assert "before it is done" in shown
    assert LINK not in shown and "481516" not in shown, "pages are shown on shared screens"
    return shown


def written(desk: Desk, ticket: Ticket) -> list[str]:
    """What was ordered and written by now; that a letter has left since is none of it."""
    return [e.reason for e in desk.again(ticket).events if e.kind is not Happening.LETTER_SENT]


@once
def test_letters_and_invitation_are_looked_at_before_anything_is_sent(desk: Desk) -> None:
    first, second = working(desk, 3), working(desk, 4)
    ticket = asked(desk, "Looked at first")
    access = {"link": LINK, "passcode": "481516"}
    shown = looked_at(desk, ticket, "offer", time1=typed(first), tell="A look may help.", **access)
    assert "1 letter would leave" in shown and "A look may help." in shown and "Terms (version" in shown

    staff = person(desk, BEN)
    page = order(desk, ticket, "offer", do="preview", time1=typed(first), **access)
    action, hidden = form(page.text, f"/queue/{ticket.reference}/do/session-offer")
    sure = staff.post(page, action, hidden)
    assert "The session is offered" in sure.text
    said = {"person": ANNA, "starts": first.isoformat(), "version": "2026-11", "reason": "on the phone"}
    shown = looked_at(desk, ticket, "accept", **said)
    assert "Comes into the calendar" in shown and "REQUEST, SEQUENCE 0" in shown
    assert ANNA in shown and "stands in it, and nowhere else" in shown and "(the link)" in shown
    looked_at(desk, ticket, "decline")
    assert "The time stands" in order(desk, ticket, "accept", **said).text
    shown = looked_at(desk, ticket, "move", starts=typed(second), tell="Ben is ill.")
    assert "REQUEST, SEQUENCE 1" in shown and "Ben is ill." in shown
    shown = looked_at(desk, ticket, "link", link=f"{LINK}-2")
    assert "REQUEST, SEQUENCE 1" in shown
    shown = looked_at(desk, ticket, "cancel", reason="ill", tell="We are sorry.")
    assert "Leaves the calendar" in shown and "CANCEL, SEQUENCE 1" in shown and "We are sorry." in shown
    assert order(desk, ticket, "cancel", do="preview").status_code == 400, "what cannot be is said at once"
    assert LINK in entry(letter(desk, ANNA, ticket, "meeting_invitation")).one("LOCATION")


def partner_page(desk: Desk, ticket: Ticket, who: str) -> httpx2.Response:
    return person(desk, who).get(f"/tickets/{ticket.reference}/session")


def test_one_click_declines_and_none_is_offered_again(desk: Desk) -> None:
    ticket = offered(desk, "No, thank you", working(desk, 2))
    assert "Support has been told" in partner(desk, ticket, "decline").text
    letter(desk, BEN, ticket, "meeting_news")
    shown = person(desk, BEN).get(f"/queue/{ticket.reference}").text
    assert "declined on" in shown and "Offer a session" not in shown
    assert "session-offer" not in shown
    assert not letters(desk, ANNA, ticket, "meeting_invitation")


@once
def test_why_none_may_be_offered_is_said_and_what_was_typed_stands_there_again(desk: Desk) -> None:
    paid = desk.opened("Of another plan")
    shown = person(desk, BEN).get(f"/queue/{paid.reference}").text
    assert "not enterprise or premium" in shown and "session-offer" not in shown
    assert "no screen-sharing session" in person(desk, ANNA).get(f"/tickets/{paid.reference}/session").text
    ticket = asked(desk, "At night")
    night = typed(working(desk, 2, hour=22))
    refused = order(desk, ticket, "offer", time1=night, tell="Tonight?")
    assert refused.status_code == 400 and "outside the hours" in refused.text
    assert night in refused.text and "Tonight?" in refused.text
    assert order(desk, ticket, "offer", time1="soon").status_code == 400
    leapt = order(desk, ticket, "offer", time1="2027-03-28T02:30", zone="Europe/Berlin")
    assert leapt.status_code == 400 and "clocks of Europe/Berlin are changed" in leapt.text
    assert current(desk.again(ticket)) is None


def test_staff_move_it_and_the_partner_cancels_it(desk: Desk) -> None:
    first, second = working(desk, 2), working(desk, 5)
    ticket = booked(desk, "Moved and cancelled", first)
    uid = entry(letter(desk, ANNA, ticket, "meeting_invitation")).one("UID")
    order(desk, ticket, "move", starts=typed(second), tell="Ben is ill on that day.")
    moved = entry(letter(desk, ANNA, ticket, "meeting_moved"))
    assert (moved.one("UID"), moved.one("SEQUENCE")) == (uid, "1")
    assert moved.one("DTSTART") == f"{second:%Y%m%dT%H%M%SZ}"
    assert session(desk, ticket).state is MeetingState.MOVED
    done = partner(desk, ticket, "cancel", BO, reason="We solved it ourselves.")
    assert "Support has been told" in done.text
    gone = entry(letter(desk, ANNA, ticket, "meeting_cancelled"))
    assert (gone.one("UID"), gone.one("SEQUENCE"), gone.one("STATUS")) == (uid, "2", "CANCELLED")
    news = lambda: [n for n in letters(desk, BEN, ticket, "meeting_news") if "We solved it" in n.as_string()]  # noqa: E731
    eventually(news, "staff are not told why")
    late = (
        partner(desk, ticket, "cancel", BO)
        if "session/cancel" in partner_page(desk, ticket, BO).text
        else None
    )
    assert late is None


def test_what_was_never_begun_is_missed(desk: Desk) -> None:
    at = working(desk, 2)
    ticket = booked(desk, "Nobody came", at)
    until(desk, at, minutes=-60)
    eventually(lambda: session(desk, ticket).state is MeetingState.MISSED, "it is not missed")
    assert "did not take place" in partner_page(desk, ticket, ANNA).text
    assert "It is held" in order(desk, ticket, "held", summary="By phone, after all.").text


@once
def test_staff_book_what_they_heard_and_a_code_of_theirs_is_shown_once(desk: Desk) -> None:
    at = working(desk, 2)
    ticket = offered(desk, "By phone", at)
    done = order(
        desk, ticket, "accept", person=ANNA, starts=at.isoformat(), reason="she said yes on the phone"
    )
    assert "The time stands" in done.text
    until(desk, at, minutes=10)
    ben = person(desk, BEN)
    page = ben.get(f"/queue/{ticket.reference}")
    made = ben.post(page, f"/queue/{ticket.reference}/session/code")
    code = code_on(made)
    assert ben.post(page, f"/queue/{ticket.reference}/session/code").status_code == 400  # the form is taken
    assert code not in ben.get(f"/queue/{ticket.reference}").text
    assert code.replace("-", "") not in str(desk.again(ticket).events)
    for _ in range(5):
        told = order(desk, ticket, "begin", code="AAAA-AAAA")
        assert told.status_code == 400
    assert "tried too often" in told.text
    assert order(desk, ticket, "begin", code=code).status_code == 400  # dead
    assert "It has begun" in order(desk, ticket, "begin").text
    assert "It is noted who did not come" in order(desk, ticket, "missed", missing="partner").text


@once
def test_only_its_people_act_on_it_and_nobody_else_gets_a_code(desk: Desk) -> None:
    at = working(desk, 2)
    ticket = offered(desk, "Not yours", at)
    lena = person(desk, LENA)  # the partner's admin sees it, and is not on it
    page = lena.get(f"/tickets/{ticket.reference}/session")
    assert "Only people of this request" in page.text and "session/accept" not in page.text
    hidden = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert hidden

    def forged(who: Browser, name: str, csrf: str) -> int:
        place = f"/tickets/{ticket.reference}/session/{name}"
        data = {
            "csrf": csrf,
            "form": f"f-{name}",
            "starts": at.isoformat(),
            "terms": "yes",
            "version": "2026-11",
        }
        return int(who.http.post(place, data=data).status_code)

    for name in ("accept", "decline", "move", "cancel", "code"):
        assert forged(lena, name, hidden[1]) == 400, name
    assert session(desk, ticket).state is MeetingState.OFFERED
    assert partner(desk, ticket, "accept", starts=at.isoformat(), terms="yes").status_code == 200
    until(desk, at, minutes=10)
    lena = person(desk, LENA)
    csrf = re.search(r'name="csrf" value="([^"]+)"', lena.get("/tickets").text)
    assert csrf and forged(lena, "code", csrf[1]) == 400
    assert not [e for e in desk.again(ticket).events if e.kind is Happening.MEETING_CODE]
    carl = person(desk, CARL)
    csrf = re.search(r'name="csrf" value="([^"]+)"', carl.get("/tickets").text)
    assert csrf and forged(carl, "code", csrf[1]) == 404


@once
def test_a_form_made_for_another_request_orders_nothing_of_this_ones_session(desk: Desk) -> None:
    at = working(desk, 2)
    ticket, other = offered(desk, "This one", at), offered(desk, "Another", working(desk, 3))
    anna = person(desk, ANNA)
    place = f"/tickets/{other.reference}/session"
    _, made_for = form(anna.get(place).text, f"{place}/accept")
    for name in ("accept", "decline", "move", "cancel", "code"):
        fields = {**made_for, "starts": at.isoformat(), "terms": "yes"}
        sent = anna.http.post(f"/tickets/{ticket.reference}/session/{name}", data=fields)
        assert sent.status_code == 403, name
    assert session(desk, ticket).state is MeetingState.OFFERED
    assert partner(desk, ticket, "decline", anna).status_code == 200


@once
def test_a_choice_sent_twice_or_too_late_is_no_second_booking(desk: Desk) -> None:
    at = working(desk, 2)
    ticket = offered(desk, "Twice", at)
    anna, bo = person(desk, ANNA), person(desk, BO)
    place = f"/tickets/{ticket.reference}/session"
    page, his = anna.get(place), bo.get(place)
    chosen = {"starts": at.isoformat(), "terms": "yes"}
    assert [anna.post(page, f"{place}/accept", chosen).status_code for _ in range(2)] == [200, 200]
    late = bo.post(his, f"{place}/accept", chosen)
    assert late.status_code == 400 and "no longer in the state" in late.text
    assert [e.kind for e in desk.again(ticket).events].count(Happening.MEETING_CHANGED) == 2


@once
def test_a_choice_made_while_the_sign_in_ended_stands_there_again(desk: Desk) -> None:
    at = working(desk, 4)
    ticket = offered(desk, "Long read", at)
    anna = person(desk, ANNA)
    place = f"/tickets/{ticket.reference}/session"
    page = anna.get(place)
    until(desk, desk.clock(), minutes=-13 * 60)
    anna.post(page, f"{place}/accept", {"starts": at.isoformat(), "terms": "yes"})
    assert session(desk, ticket).state is MeetingState.OFFERED
    assert re.search(
        rf'value="{re.escape(at.isoformat())}" required checked', person(desk, ANNA).get(place).text
    )


# -- in Debian's Chromium -----------------------------------------------------------------------------


def box(page: Any, name: str) -> Any:
    """The form of an act at the console, its box opened."""
    form = page.locator(f'form[action$="/do/session-{name}"]').last
    details = form.locator("xpath=ancestor::details[1]")
    if details.get_attribute("open") is None:
        details.locator("summary").first.click()
    return form


def done(page: Any, name: str) -> None:
    page.wait_for_url(re.compile(rf"said=(session-)?{name}\b"))


# The browser goes the long way on SQLite; `make test-long` sends it over PostgreSQL too.
@pytest.mark.parametrize(
    "desk", ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)], indirect=True, scope="module"
)
def test_both_sides_in_chromium_from_offer_to_summary_and_axe_finds_nothing(
    desk: Desk, browser: Open, axe: str
) -> None:
    first, second = working(desk, 3), working(desk, 4)
    ticket = asked(desk, "Seen by both")
    at, found = f"{desk.url}/queue/{ticket.reference}", list[str]()
    theirs = f"{desk.url}/tickets/{ticket.reference}/session"

    staff = signed_in(desk, browser(), BEN)
    staff.goto(at)
    form = box(staff, "offer")
    assert "Europe/Berlin" in form.inner_text()  # the clock by which times are typed: the browser's own
    for place, time in enumerate((first, second), 1):
        form.locator(f"[name=time{place}]").fill(typed(time + timedelta(hours=1)))
    form.locator("[name=link]").fill(LINK)
    found += violations(staff, axe, staff.url)
    form.locator("button:not(.second)").click()
    done(staff, "offer")
    assert session(desk, ticket).times == (first, second)

    anna = signed_in(desk, browser(timezone_id="Asia/Tokyo", viewport={"width": 320, "height": 640}))
    anna.goto(f"{desk.url}/tickets/{ticket.reference}")
    anna.click("text=Read the terms and choose a time")
    assert anna.evaluate("document.documentElement.scrollWidth") <= 320
    assert anna.locator("label time").first.inner_text().endswith(f"{first + timedelta(hours=9):%H:%M} GMT+9")
    found += violations(anna, axe, anna.url)
    anna.locator("label", has=anna.locator(f'[value="{second.isoformat()}"]')).click()
    anna.check("[name=terms]")
    anna.click("text=Accept and book this time")
    done(anna, "accepted")
    found += violations(anna, axe, anna.url)
    assert session(desk, ticket).starts == second
    anna.locator("label", has=anna.locator(f'[value="{first.isoformat()}"]')).click()
    anna.click("text=Move it to this time")
    done(anna, "moved")
    moved = entry(letter(desk, ANNA, ticket, "meeting_moved"))
    assert (moved.one("SEQUENCE"), moved.one("DTSTART")) == ("1", f"{first:%Y%m%dT%H%M%SZ}")

    staff.goto(f"{desk.url}/screen-sharing")
    assert ticket.reference in staff.locator("tbody").inner_text()
    found += violations(staff, axe, staff.url)
    until(desk, first, minutes=58)
    letter(desk, ANNA, ticket, "meeting_reminder")
    until(desk, first, minutes=8)
    anna = signed_in(desk, anna)
    anna.goto(theirs)
    anna.click("text=Show me the code")
    code = anna.locator("p.code").inner_text()
    found += violations(anna, axe, anna.url)
    anna.reload()  # the form is taken: no second code comes of it
    assert "shown once" in anna.locator("main").inner_text() and not anna.locator("p.code").count()

    staff = signed_in(desk, staff, BEN)
    staff.goto(at)
    form = box(staff, "begin")
    form.locator("[name=code]").fill("WRNG-CODE")
    form.locator("button:not(.second)").click()
    assert "not the code" in staff.locator("[role=alert]").inner_text()
    form = box(staff, "begin")
    form.locator("[name=code]").fill(code)
    form.locator("button:not(.second)").click()
    done(staff, "begin")
    form = box(staff, "held")
    form.locator("textarea").fill("The index was missing.")
    found += violations(staff, axe, staff.url)
    form.locator("button:not(.second)").click()
    done(staff, "held")
    assert session(desk, ticket).summary == "The index was missing."
    anna.goto(theirs)
    assert "took place" in anna.locator("main").inner_text()
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "desk", ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)], indirect=True, scope="module"
)
def test_the_other_ways_out_in_chromium_staff_move_a_partner_cancels_and_nobody_comes(
    desk: Desk, browser: Open
) -> None:
    first, second = working(desk, 2), working(desk, 3)
    moved, missed = booked(desk, "Moved, cancelled", first), booked(desk, "Nobody comes", second)
    staff = signed_in(desk, browser(), BEN)
    staff.goto(f"{desk.url}/queue/{moved.reference}")
    form, later = box(staff, "move"), working(desk, 6)
    form.locator("[name=starts]").fill(typed(later + timedelta(hours=1)))  # the browser's clock is Berlin's
    form.locator("[name=reason]").fill("Ben is ill.")
    form.locator("button:not(.second)").click()
    done(staff, "move")
    assert (session(desk, moved).state, session(desk, moved).starts) == (MeetingState.MOVED, later)
    anna = signed_in(desk, browser())
    anna.goto(f"{desk.url}/tickets/{moved.reference}/session")
    anna.locator("button", has_text="Cancel the session").click()
    done(anna, "cancelled")
    assert session(desk, moved).state is MeetingState.CANCELLED
    assert entry(letter(desk, ANNA, moved, "meeting_cancelled")).one("STATUS") == "CANCELLED"

    until(desk, second, minutes=-5)
    staff = signed_in(desk, staff, BEN)
    staff.goto(f"{desk.url}/queue/{missed.reference}")
    form = box(staff, "missed")
    form.locator("[name=missing]").select_option("partner")
    form.locator("button:not(.second)").click()
    done(staff, "missed")
    assert session(desk, missed).state is MeetingState.MISSED


@once
def test_without_script_one_click_declines(desk: Desk, browser: Open) -> None:
    ticket = offered(desk, "Without script", working(desk, 2))
    page = signed_in(desk, browser(java_script_enabled=False))
    page.goto(f"{desk.url}/tickets/{ticket.reference}/session")
    assert "CET" in page.locator("label time").first.inner_text()  # the partner's zone, named
    page.locator("button", has_text=re.compile(r"^Decline$")).click()
    done(page, "declined")
    assert session(desk, ticket).state is MeetingState.DECLINED
