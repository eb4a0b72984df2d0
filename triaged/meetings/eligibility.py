"""Whether a session may be offered on a ticket, and at a time; each answer is the reason why not, or empty. PURE.

And who of the partner's side decides about it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from triaged.meetings import moves
from triaged.meetings.meeting import STANDING, MeetingState, meetings
from triaged.promises.screen_sharing import ScreenSharing
from triaged.promises.service_levels import Promises
from triaged.tickets.ticket import LIVE, Ticket
from triaged.vocabulary import counted

NOT_OFFERED = "the rulebook offers no screen-sharing sessions (screen_sharing)"
UNVERIFIED = "the sender is not a verified partner"
Taken = tuple[datetime, datetime]  # of a host: from when to when


def why_not(ticket: Ticket, offered: ScreenSharing | None) -> str:
    """Why none may be offered on this ticket now."""
    if ticket.merged_into is not None:
        return f"{ticket.reference} was merged"
    if ticket.state not in LIVE:
        return f"{ticket.reference} is {ticket.state}"
    if ticket.history:
        return f"{ticket.reference} came as history: nobody is written to"
    if not ticket.trusted or ticket.partner_domain is None:
        return UNVERIFIED
    for one in meetings(ticket):
        if one.state is MeetingState.DECLINED:
            return f"declined on {one.since:%Y-%m-%d}: it is not offered again on this ticket"
        if one.state in STANDING:
            return moves.standing(ticket, one)
    return by_plan_and_tier(offered, ticket.plan, ticket.partner_tier)


def deciders(ticket: Ticket) -> tuple[str, ...]:
    """The addresses of the ticket's people: they alone accept its session, end it and get its codes."""
    return tuple(one.address for one in ticket.people if one.role != "other")


def by_plan_and_tier(offered: ScreenSharing | None, plan: str | None, tier: str | None) -> str:
    """Why the account's plan or the partner's tier does not have it."""
    if offered is None:
        return NOT_OFFERED
    if offered.plans and (plan or "").strip().casefold() not in offered.plans:
        has = f"'{plan}'" if plan else "not known"
        return f"the account's plan is {has}, not {' or '.join(sorted(offered.plans))}"
    if offered.tiers and tier not in offered.tiers:
        return f"the partner's tier is {tier or 'not known'}, not {' or '.join(offered.tiers)}"
    return ""


def why_no_time(
    starts: datetime, minutes: int, ticket: Ticket, promises: Promises, now: datetime, taken: Iterable[Taken]
) -> str:
    """Why a session cannot begin then: too soon, too far away, out of hours, or its host has that hour already."""
    offered = promises.screen_sharing
    if offered is None:
        return NOT_OFFERED
    at, ends = f"{starts:%Y-%m-%d %H:%M} UTC", starts + timedelta(minutes=minutes)
    if starts < now + offered.notice:
        return f"{at} has passed" if starts <= now else f"{at} is too soon"
    if starts > now + offered.ahead:
        return f"{at} is more than {counted(offered.ahead.days, 'day')} away"
    calendar = promises.calendar(offered.hours, ticket.region)
    if calendar.between(starts, ends) < ends - starts:
        local = starts.astimezone(calendar.zone)
        return (
            f"{at} is outside the hours of calendar {offered.hours} ({local:%a %H:%M} in {calendar.zone.key})"
        )
    return taken_by(starts, ends, taken)


def taken_by(starts: datetime, ends: datetime, taken: Iterable[Taken]) -> str:
    """Why the host is not free then."""
    met = next(((a, b) for a, b in taken if a < ends and starts < b), None)
    if met is None:
        return ""
    return (
        f"{starts:%Y-%m-%d %H:%M} UTC: the host has another session from {met[0]:%H:%M} to {met[1]:%H:%M} UTC"
    )
