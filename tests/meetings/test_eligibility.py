"""On whose tickets sessions may be offered, and which times; each refusal says why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.meetings.test_moves import BY_STATE, NOW
from tests.tickets.world import at, promises, ticket
from triaged.meetings import eligibility
from triaged.meetings.meeting import MeetingState
from triaged.promises.screen_sharing import ScreenSharing
from triaged.tickets.ticket import State, Ticket

OFFERED = promises().screen_sharing
PAID = {"plan": "Enterprise", "partner_tier": "advanced"}


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, ""),
        ({"plan": "free"}, "the account's plan is 'free', not enterprise or premium"),
        ({"plan": None}, "the account's plan is not known"),
        ({"trusted": False}, "not a verified partner"),
        ({"partner_domain": None}, "not a verified partner"),
        ({"state": State.RESOLVED}, "PS-1042 is resolved"),
        ({"state": State.CLOSED, "merged_into": 7}, "was merged"),
        ({"history": True}, "came as history"),
    ],
)
def test_the_plan_the_sender_and_the_ticket_decide(fields, why: str) -> None:
    found = eligibility.why_not(ticket(NOW, **(PAID | fields)), OFFERED)
    assert found == why if not why else why in found


def test_the_tier_of_the_partner_decides_where_the_rulebook_names_some() -> None:
    premium = ScreenSharing(tiers=("premium",))
    assert eligibility.why_not(ticket(NOW, partner_tier="premium"), premium) == ""
    assert "the partner's tier is advanced, not premium" in eligibility.why_not(ticket(NOW, **PAID), premium)
    assert "not known" in eligibility.why_not(ticket(NOW, partner_tier=None), premium)


def test_without_the_section_none_are_offered() -> None:
    assert "the rulebook offers no" in eligibility.why_not(ticket(NOW, **PAID), None)


@pytest.mark.parametrize("state", MeetingState, ids=str)
def test_declined_is_declined_and_a_second_one_waits_for_the_first(state: MeetingState) -> None:
    found = eligibility.why_not(replace(BY_STATE[state](), **PAID), OFFERED)
    if state is MeetingState.DECLINED:
        assert "not offered again on this ticket" in found
    elif state in (MeetingState.HELD, MeetingState.MISSED, MeetingState.CANCELLED):
        assert found == ""
    else:
        assert "has a session already" in found


def time(text: str, of: Ticket | None = None, taken=()) -> str:
    return eligibility.why_no_time(at(text), 40, of or ticket(NOW, **PAID), promises(), NOW, taken)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2026-11-16 10:00+01:00", ""),
        ("2026-11-16 09:59+01:00", "too soon"),
        ("2026-11-16 08:00+01:00", "has passed"),
        ("2026-11-16 17:20+01:00", ""),
        ("2026-11-16 17:21+01:00", "outside the hours of calendar business (Mon 17:21 in Europe/"),
        ("2026-11-17 08:59+01:00", "outside the hours"),
        ("2026-11-21 10:00+01:00", "outside the hours"),
        ("2026-12-25 10:00+01:00", "outside the hours"),
        ("2027-03-01 10:00+01:00", "more than 60 days away"),
        ("2062-11-16 10:00+01:00", "more than 60 days away"),
    ],
)
def test_times_lie_within_the_hours_of_the_tickets_region(text: str, why: str) -> None:
    found = time(text)
    assert found == why if not why else why in found


def test_the_week_is_the_regions() -> None:
    riyadh = ticket(NOW, region="SA", **PAID)
    assert time("2026-11-22 10:00+03:00", riyadh) == ""  # a Sunday
    assert "outside" in time("2026-11-20 10:00+03:00", riyadh)


@pytest.mark.parametrize(
    ("minutes", "free"), [(-40, True), (-39, False), (0, False), (39, False), (40, True)]
)
def test_what_takes_the_host_lets_others_end_when_it_begins(minutes: int, free: bool) -> None:
    begins = at("2026-11-17 12:00+01:00")
    taken = [(begins, begins + timedelta(minutes=40))]
    asked = begins + timedelta(minutes=minutes)
    found = eligibility.why_no_time(asked, 40, ticket(NOW, **PAID), promises(), NOW, taken)
    assert (found == "") is free
    assert free or "another session from 11:00 to 11:40 UTC" in found
