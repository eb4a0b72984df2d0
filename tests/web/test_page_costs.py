"""What a page costs, told by counts and never by a clock: its statements are as many however long the ticket is."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from tests.bench import lived
from tests.store.asked import heard
from tests.web.desk import ANNA, BEN, MONDAY, Browser, Desk
from triaged.tickets.ticket import Ticket
from triaged.walk.by_hand import ByHand


@pytest.fixture
def ticket(lone: Desk) -> Ticket:
    """One with a mail."""
    arrival = lived.mail("first", ANNA, "A report is slow", lived.sentences(Random(3), 3), MONDAY)
    return lived.walk(lived.house_of(lone), arrival, MONDAY)


def statements(desk: Desk, browser: Browser, path: str) -> int:
    desk.pages.house.buckets._left.clear()
    with heard(desk.store) as asked:
        assert browser.get(path).status_code == 200
    return len([told for told, _given in asked if told.startswith(("SELECT", "WITH"))])


def test_a_ticket_costs_as_many_statements_with_twenty_mails_and_notes_as_with_one(
    lone: Desk, ticket: Ticket
) -> None:
    staff, anna = lone.signed_in(BEN), lone.signed_in(ANNA)
    pages = ((staff, f"/queue/{ticket.reference}"), (anna, f"/tickets/{ticket.reference}"))
    before = [statements(lone, *page) for page in pages]
    house, grown = lived.house_of(lone), ticket
    for number in range(10):
        at = MONDAY + timedelta(minutes=number + 1)
        subject = f"Re: [{ticket.reference}] A report is slow"
        more = lived.mail(number, ANNA, subject, f"More, {number}.\n", at, "<bench.first@oakbridge.example>")
        grown = lived.walk(house, more, at)
        grown = ByHand(lone.store, house.knowledge, BEN, at).happen(grown, "staff_noted", f"note {number}")
    assert grown.id == ticket.id and len(grown.events) > 20
    assert [statements(lone, *page) for page in pages] == before
    assert before[0] <= 24 and before[1] <= 13


def test_a_list_costs_few_statements(lone: Desk, ticket: Ticket) -> None:
    """The session, the list, who asked, the tabs in one, who is there."""
    staff, anna = lone.signed_in(BEN), lone.signed_in(ANNA)
    assert statements(lone, staff, "/queue") <= 6
    assert statements(lone, staff, "/queue?view=everything&partner=oakbridge.example") <= 7
    assert statements(lone, anna, "/tickets") <= 5
