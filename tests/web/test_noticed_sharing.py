"""A ticket's screen-sharing session on the page of staff, all of its words as it goes from nothing to what came of it; codes made there."""

from __future__ import annotations

import html
import itertools
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.store.samples import open_tickets
from tests.web.desk import ANNA, BEN, BO, LEE, Browser, Desk
from triaged.meetings.meeting import Access
from triaged.tickets.ticket import Person, Ticket
from triaged.walk.by_meeting import ByMeeting
from triaged.web.desk.meeting_orders import of_meeting

NUMBERS = itertools.count(1)


@pytest.fixture(autouse=True)
def unhurried(calm: Desk) -> None:
    """Tests ask faster than people."""
    calm.pages.house.buckets = type(calm.pages.house.buckets)()


def opened(desk: Desk, **more: Any) -> Ticket:
    number = next(NUMBERS)
    given: dict[str, Any] = {
        "people": (Person(ANNA, "Anna"), Person(BO, role="cc"), Person("who@far.example", role="other")),
        "references": (f"<share{number}@oakbridge.example>",), "plan": "premium", "trusted": True, "missing": (),
    } | more  # fmt: skip
    (ticket,) = open_tickets(desk.store, **given)
    return desk.again(ticket)


def by(desk: Desk) -> ByMeeting:
    return of_meeting(desk.by(BEN))


def section(page: str) -> str:
    """The words of the session's section, fields and forms apart."""
    found = re.search(r'<section class="acts" id="session">(.*?)</section>', page, re.DOTALL)
    assert found, page[-2000:]
    words = re.sub(r"<(form|details|fieldset)\b.*?</\1>", "", found[1], flags=re.DOTALL)
    plain = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", words)).split())
    # The clock of the desk goes on
    return re.sub(r"09:0\d UTC", "09:00 UTC", plain)


def forms(page: str) -> list[str]:
    """What can be ordered of it."""
    return re.findall(r'action="/queue/[^"/]+/(?:do/session-|session/)([a-z]+)"', page)


@pytest.fixture
def ben(calm: Desk) -> Browser:
    return calm.signed_in(BEN)


FIRST, SECOND = datetime(2026, 11, 26, 14, tzinfo=UTC), datetime(2026, 11, 26, 15, tzinfo=UTC)
SINCE = "since 23 Nov 2026, 09:00 UTC , by staff"
BOOKED = (
    f"Time 26 Nov 2026, 14:00 UTC (in 3 days) , 40 minutes Held by {BEN} Terms version 2026-11 (en), "
    f"accepted by {ANNA}, 23 Nov 2026, 09:00 UTC , from told to {BEN}"
)
EARLY = "No connection now: it begins at 2026-11-26 14:00 UTC; a quarter of an hour before is the earliest."
MAY = "A session of 40 minutes may be offered on this ticket."


def test_a_session_is_told_whole_at_each_of_its_steps_with_what_can_be_ordered(
    calm: Desk, ben: Browser
) -> None:
    ticket = opened(calm)
    path = f"/queue/{ticket.reference}"

    def shown() -> tuple[str, str]:
        page = ben.get(path).text
        return section(page), " ".join(forms(page))

    assert shown() == (f"Screen sharing {MAY}", "offer")
    ticket = by(calm).offer(ticket, [FIRST, SECOND], BEN)
    assert shown() == (
        f"Screen sharing State offered {SINCE} Times offered 26 Nov 2026, 14:00 UTC 26 Nov 2026, 15:00 UTC Held by {BEN}",
        "accept decline link cancel",
    )
    page = ben.get(path).text
    chosen = re.search(r'name="person">(.*?)</select>', page)
    assert chosen and chosen[1] == f"<option>{ANNA}</option><option>{BO}</option>", "others cannot accept"
    assert '<input type="hidden" name="version" value="2026-11">' in page
    ticket = by(calm).accept(ticket, FIRST, ANNA, "2026-11")
    assert shown() == (
        f"Screen sharing State accepted {SINCE} {BOOKED} Link none yet {EARLY}",
        "held missed move link cancel",
    )
    ticket = by(calm).give_access(ticket, Access("https://meet.example/x", "1"))
    assert shown() == (
        f"Screen sharing State moved {SINCE} {BOOKED} Link stands in the invitation {EARLY}",
        "held missed move link cancel",
    )
    assert "meet.example" not in ben.get(path).text, "pages are shown on shared screens"
    ticket = by(calm).cancel(ticket, "ill")
    assert shown() == (f"Screen sharing State cancelled {SINCE} {BOOKED} {MAY}", "offer")
    ticket = by(calm).offer(ticket, [SECOND], LEE)
    by(calm).decline(ticket)
    assert shown() == (
        f"Screen sharing State declined {SINCE} Times offered 26 Nov 2026, 15:00 UTC Held by {LEE} "
        "Before: cancelled ( 23 Nov 2026, 09:00 UTC ) "
        "None can be offered: declined on 2026-11-23: it is not offered again on this ticket.",
        "",
    )


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"plan": None}, "the account's plan is not known, not enterprise or premium"),
        ({"trusted": False}, "the sender is not a verified partner"),
    ],
)
def test_where_none_may_be_offered_the_reason_stands_there(
    calm: Desk, ben: Browser, more: dict[str, Any], why: str
) -> None:
    page = ben.get(f"/queue/{opened(calm, **more).reference}").text
    assert (section(page), forms(page)) == (f"Screen sharing None can be offered: {why}.", [])


def test_a_code_is_shown_once_a_form_and_not_where_somebody_was_faster(calm: Desk, ben: Browser) -> None:
    ticket = by(calm).offer(opened(calm), [FIRST], BEN)
    ticket = by(calm).accept(ticket, FIRST, ANNA, "2026-11")
    path = f"/queue/{ticket.reference}"
    calm.clock.move(seconds=(FIRST - calm.clock()).total_seconds() - 600)
    ben = calm.signed_in(BEN)
    page = ben.get(path)
    assert "No connection now" not in page.text
    assert " ".join(forms(page.text)) == "begin code held missed move link cancel"
    made = ben.post(page, f"{path}/session/code")
    code = re.search(r'<p class="code big" role="status">([A-Z0-9]{4}-[A-Z0-9]{4})</p>', made.text)
    assert made.status_code == 200 and code
    again = ben.post(page, f"{path}/session/code")
    told = "Each code is shown once. Make a new one; the former is dead then."
    assert (again.status_code, told in again.text, code[1] in again.text) == (400, True, False)
    before = ben.get(path)
    of_meeting(calm.by(LEE)).move(calm.again(ticket), None, host=LEE)
    late = ben.post(before, f"{path}/session/code")
    assert late.status_code == 400
    assert "Somebody was faster. Look at how it stands, and make it again." in late.text
    open_still = ben.get(path)
    calm.clock.move(hours=2)
    over = ben.post(open_still, f"{path}/session/code")
    said = re.search(r'<p class="error" role="alert">(.*?)</p>', over.text)
    assert over.status_code == 400 and said
    assert said[1] == "its time was over at 2026-11-26 14:40 UTC"
