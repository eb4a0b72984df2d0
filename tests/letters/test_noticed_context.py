"""Every name that a letter's template may use, whole: for whom is verified, for whom is not, for staff, of no ticket."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.tickets.world import DESK, at, event, letters, promises, ticket
from triaged.letters import context
from triaged.letters.context import LONGEST_VALUE, Context, Desk, Labelled, Promise
from triaged.promises import clocks
from triaged.promises.clock import Commitment
from triaged.tickets.states import FOREIGN
from triaged.tickets.ticket import Happening, Ticket

BEGUN = at("2026-11-20 09:30")
WORDS = letters().words("en")
PAGED = replace(DESK, pages="https://desk.example")
_CASE = ticket(
    BEGUN,
    event(at("2026-11-20 10:00"), Happening.ASSIGNED, to="cy@staff.example", name="C" * 61),
    severity="S1", level="large-account", subject="Re: It\n is down", account_key="alder", account_name="Alder Works",
    superadmin_email="it@alder.example", licences=240, large_user=True, service="Zoho CRM", missing=("zuid", "odd"),
    assigned_to="cy@staff.example", reviews=("one", "two"), tier=2, provisional=True,
)  # fmt: skip
# The directory's name of the partner, as it was when the ticket was judged
CASE = replace(
    _CASE,
    events=tuple(
        replace(one, data={**one.data, "company": "O" * 101}) if one.kind is Happening.JUDGED else one
        for one in _CASE.events
    ),
)
OURS: dict[str, Any] = {
    "reference": "PS-1042", "thread": "[PS-1042] Re: your request", "subject": "", "salutation": "Hello,",
    "desk": "Partner Support", "address": "partner-support@desk.example", "severity": "S1", "severity_words": "critical",
    "account_confirmed": True, "touched": True, "received": "Fri 20 Nov 2026, 10:30", "provisional": True,
    "missing": ("User ID (ZUID)", "odd"), "zone": "Europe/Berlin", "form": WORDS.form,
    "write_above": "##- Please write above this line -##",
    "rating_url": "https://desk.example/tickets/PS-1042/feedback",
    "ticket_url": "https://desk.example/tickets/PS-1042",
}  # fmt: skip
THEIRS = OURS | {
    "thread": "[PS-1042] Re: It is down", "subject": "Re: It is down", "salutation": "Hello Anna Holm,",
    "service": "Zoho CRM", "person": "C" * 59 + "…", "company": "O" * 99 + "…", "priority": WORDS.priority, "account": "Alder Works",
    "understood": (
        Labelled("Account", "Alder Works"),
        Labelled("SuperAdmin address (primary customer email)", "it@alder.example"),
        Labelled("Service", "Zoho CRM"),
    ),
}  # fmt: skip
NOTHING = replace(
    CASE, account_key=None, account_name=None, superadmin_email=None, service=None, large_user=False
)


@pytest.mark.parametrize(
    ("of", "desk", "told"),
    [
        (CASE, PAGED, THEIRS),
        (replace(CASE, trusted=False), PAGED, OURS),
        (replace(CASE, tags=(FOREIGN,)), PAGED, THEIRS | {"account": "", "understood": THEIRS["understood"][2:]}),
        (NOTHING, DESK, THEIRS | {
            "account": "", "account_unknown": True, "account_confirmed": False, "understood": (), "service": "", "priority": "",
            "rating_url": "", "ticket_url": "",
        }),
        (replace(NOTHING, trusted=False), DESK, OURS | {"account_confirmed": False, "rating_url": "", "ticket_url": ""}),
    ],
)  # fmt: skip
def test_what_a_letter_to_the_partner_may_say(of: Ticket, desk: Desk, told: dict[str, Any]) -> None:
    assert context.for_partner(of, WORDS, desk, ()) == Context(**told)


def one(kind: str, state: Any, **more: Any) -> Commitment:
    """A commitment of the case, as another than it is."""
    all_ = clocks.commitments(CASE, promises(), BEGUN)
    return replace(next(c for c in all_ if c.kind == kind), state=state, **more)


@pytest.mark.parametrize(
    ("commitments", "told"),
    [
        ((one("first_response", "running", due=BEGUN, limit=BEGUN + timedelta(hours=1)), one("next_update", "running", due=BEGUN, target="4h")),
         {"promises": (
             Promise("First personal reply", "Fri 20 Nov 2026, 10:30", "Fri 20 Nov 2026, 11:30", "", ""),
             Promise("Next update", "Fri 20 Nov 2026, 10:30", "", "4h", "every 4 hours"),
         )}),
        ((one("resolution", "missed", due=BEGUN, limit=None, met_at=None),),
         {"missed": (Promise("Solution", "Fri 20 Nov 2026, 10:30", "", "", ""),)}),
        ((one("resolution", "missed", due=BEGUN, met_at=BEGUN),), {}),
        ((one("resolution", "met", met_at=BEGUN), one("first_response", "paused")), {"paused": True}),
        ((one("next_update", "running", due=BEGUN, target="1h to 4h"),),
         {"promises": (Promise("Next update", "Fri 20 Nov 2026, 10:30", "", "1h to 4h", ""),)}),
    ],
)  # fmt: skip
def test_which_promises_a_letter_tells_and_how(commitments: Any, told: dict[str, Any]) -> None:
    assert context.for_partner(CASE, WORDS, PAGED, commitments) == Context(**THEIRS | told)


STAFF: dict[str, Any] = {
    "reference": "PS-1042", "thread": "[PS-1042] Re: It is down", "subject": "Re: It is down", "salutation": "",
    "desk": "Partner Support", "address": "partner-support@desk.example", "severity": "S1", "severity_words": "critical",
    "because": "classifier 0.81", "priority": WORDS.priority, "service": "Zoho CRM",
    "account": "Alder Works (240 eligible licences, large user account)", "partner": "oakbridge.example", "state": "new",
    "received": "Fri 20 Nov 2026, 04:30", "provisional": True, "missing": ("User ID (ZUID)", "odd"),
    "zone": "America/New_York", "tier": 2, "assigned": "cy@staff.example", "reasons": ("one", "two"),
    "ticket_url": "https://desk.example/tickets/PS-1042",
}  # fmt: skip


@pytest.mark.parametrize(
    ("of", "desk", "told"),
    [
        (CASE, PAGED, {}),
        (replace(CASE, trusted=False), PAGED, {"priority": ""}),
        (replace(CASE, large_user=False), PAGED, {"priority": "", "account": "Alder Works (240 eligible licences)"}),
        (replace(NOTHING, partner_domain=None, assigned_to=None), DESK, {
            "priority": "", "account": "", "service": "", "partner": "unknown sender", "assigned": "", "ticket_url": "",
        }),
    ],
)  # fmt: skip
def test_what_a_letter_to_staff_says(of: Ticket, desk: Desk, told: dict[str, Any]) -> None:
    assert context.for_staff(of, WORDS, desk) == Context(**STAFF | told)


@pytest.mark.parametrize(
    ("zone", "today", "told"),
    [("America/New_York", "Fri 20 Nov 2026, 04:30", "America/New_York"), ("Nowhere/At all", "Fri 20 Nov 2026, 09:30", "UTC")],
)  # fmt: skip
def test_what_a_letter_of_no_ticket_says(zone: str, today: str, told: str) -> None:
    nothing: dict[str, Any] = dict.fromkeys(
        ("reference", "thread", "subject", "salutation", "severity", "severity_words"), ""
    )
    wanted = Context(
        **nothing, desk="Partner Support", address="partner-support@desk.example", today=today, zone=told
    )
    assert context.at_desk(WORDS, replace(DESK, time_zone=zone), BEGUN) == wanted


def test_of_what_people_wrote_so_much_is_taken_and_no_more() -> None:
    said = replace(Context(**OURS), text="x" * (LONGEST_VALUE + 1), report="y" * LONGEST_VALUE).names()
    assert (said["text"], said["report"]) == ("x" * LONGEST_VALUE, "y" * LONGEST_VALUE)
    assert (said["missing"], said["number"], said["awaits"]) == (("User ID (ZUID)", "odd"), 1, False)


def test_pages_of_a_ticket_have_addresses_where_there_are_pages() -> None:
    assert (PAGED.page_of(CASE), PAGED.meeting_of(CASE), PAGED.rating_of(CASE)) == (
        "https://desk.example/tickets/PS-1042",
        "https://desk.example/tickets/PS-1042/session",
        "https://desk.example/tickets/PS-1042/feedback",
    )
    assert (DESK.page_of(CASE), DESK.meeting_of(CASE), DESK.rating_of(CASE)) == ("", "", "")
