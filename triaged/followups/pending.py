"""Every step that is still to be taken on a ticket, and when: from its promises and the rulebook's schedules. PURE.

Each step is a `Due` whose (kind, step) never comes twice on a ticket: what may recur carries the number
of its round (`remind-1@2`: first reminder of the second time we wait). `data` holds what taking it needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from triaged.letters import bearing, kinds
from triaged.letters.kinds import LetterKind
from triaged.letters.recipients import addressees
from triaged.promises import clocks, schedules
from triaged.promises.clock import Commitment
from triaged.promises.service_levels import Promises
from triaged.promises.spans import Span
from triaged.tickets import cases
from triaged.tickets.states import ENCRYPTED
from triaged.tickets.ticket import Due, Event, Happening, State, Ticket

LIVE = frozenset({State.NEW, State.OPEN, State.WAITING})
OVER = "over by now"  # missed in a round that has ended since


def steps(ticket: Ticket, promises: Promises, now: datetime, taken: dict[str, datetime]) -> Iterator[Due]:
    """All of them, also those that `taken` names."""
    for commitment in clocks.commitments(ticket, promises, now):
        yield from _of_commitment(ticket, commitment, promises, now, taken)
    if ticket.state in LIVE:
        yield from _of_cases(ticket, promises, now, taken)
    if _writes_to_partner(ticket):
        yield from _of_missing(ticket, promises, now, taken)
        yield from _of_waiting(ticket, promises, now, taken)
    if ticket.state is State.RESOLVED and ticket.resolved_at is not None:
        close = promises.schedules.close_after_resolved
        at = promises.after(close, promises.schedules.calendar, ticket.region, ticket.resolved_at)
        yield _due(
            ticket,
            "close",
            f"close@{count(ticket, Happening.RESOLVED)}",
            _in_hours("closed", at, ticket, promises),
        )


def last_report(ticket: Ticket, since: datetime) -> Event | None:
    """The last thing staff reported for the partner's eyes (`data["report"]`) after `since`, not told yet.

    An answer of staff is no news to the partner: he has it.
    """
    news = None
    for event in ticket.events:
        if _is_update(event) or event.kind is Happening.STAFF_ANSWERED:
            news = None
        elif event.data.get("report") and event.at >= since:
            news = event
    return news


def _is_update(event: Event) -> bool:
    written = event.kind in (Happening.LETTER_WRITTEN, Happening.LETTER_SENT)
    return written and _letter(event).counts_as == "update"


def _letter(event: Event) -> LetterKind:
    """The kind of the letter that an event tells of."""
    return kinds.of(str(event.data.get("kind")))


def count(ticket: Ticket, happening: Happening) -> int:
    """How often something has happened to a ticket."""
    return sum(event.kind is happening for event in ticket.events)


def _due(ticket: Ticket, kind: str, step: str, at: datetime, **data: Any) -> Due:
    return Due(ticket.id, kind, step, at.astimezone(UTC), ticket.mailbox, data)


def _in_hours(kind: str, at: datetime, ticket: Ticket, promises: Promises) -> datetime:
    """`at`, or the next opening of the hours in which this kind of letter leaves."""
    calendar = promises.sending_calendar(kind, ticket.region)
    return calendar.next_open(at) if calendar else at


def _writes_to_partner(ticket: Ticket) -> bool:
    """Strangers get no reminders, one generic letter is all (F15); nor does a forger."""
    return ticket.partner_domain is not None and bool(addressees(ticket)[0])


def _of_commitment(
    ticket: Ticket, c: Commitment, promises: Promises, now: datetime, taken: dict[str, datetime]
) -> Iterator[Due]:
    """Warned, missed, still open. Of several whose time has passed, only the last writes a letter."""
    suffix = f"@{c.cycle}" if c.kind == "next_update" else ""
    for cycle, due in c.missed_before:
        round_ = f"@{cycle}" if c.kind == "next_update" else ""
        yield _due(ticket, c.kind, "miss" + round_, due, overtaken=OVER)
    if c.state == "cancelled" or c.met_at is not None or ticket.state not in LIVE:
        if c.state == "missed":  # met late while nobody looked: recorded, no letter
            yield _due(ticket, c.kind, "miss" + suffix, c.due, overtaken="met late")
        return
    if c.kind == "next_update":
        yield from _of_updates(ticket, c, promises, suffix)
    under_way = c.kind == "next_update" and _update_under_way(ticket, c)
    marks = [
        (name, at, _told_at(ticket, c, at, promises))
        for name, at in _marks(c)
        if not (under_way and name == "warn")
    ]
    passed = [name for name, _, told in marks if told <= now and f"{c.kind}:{name}{suffix}" not in taken]
    for name, at, told in marks:
        if c.running or at <= now:  # a clock that stands still has passed what it has passed
            overtaken = passed[-1] if name in passed[:-1] else ""
            yield _due(ticket, c.kind, name + suffix, told, overtaken=overtaken)


def _update_under_way(ticket: Ticket, c: Commitment) -> bool:
    """News wait to go out, or an update is written and not yet sent: nobody need be asked for one."""
    return last_report(ticket, c.started) is not None or any(
        _is_update(e) and e.at >= c.started for e in ticket.events
    )


def _marks(c: Commitment) -> list[tuple[str, datetime]]:
    return [("warn", c.warn_at), *zip(("miss", "still"), c.escalate_at, strict=False)]


def _told_at(ticket: Ticket, c: Commitment, at: datetime, promises: Promises) -> datetime:
    """Who counts in business hours is told in business hours; round the clock is round the clock."""
    policy = promises.policy(c.policy)
    if not c.business or policy is None:
        return at
    return promises.calendar(policy.calendar, ticket.region).next_open(at)


def _of_updates(ticket: Ticket, c: Commitment, promises: Promises, suffix: str) -> Iterator[Due]:
    """What staff reported goes out before the update is due; without news only as often as the policy says."""
    policy = promises.policy(c.policy)
    if not c.running or policy is None or not addressees(ticket)[0]:
        return
    if last_report(ticket, c.started) is not None:
        yield _due(ticket, c.kind, "report" + suffix, c.warn_at)
    elif bearing.is_thanked(ticket):
        return  # "it works now" is not answered by "no news yet"
    elif policy.still_working_every is not None and not _update_under_way(ticket, c):
        told = [e.at for e in ticket.events if _told_how_it_stands(e)] or [c.started]
        again = promises.after(policy.still_working_every, policy.calendar, ticket.region, told[-1])
        yield _due(ticket, c.kind, "still-working" + suffix, max(c.due, again))


def _told_how_it_stands(event: Event) -> bool:
    sent = event.kind is Happening.LETTER_SENT and _letter(event).counts_as == "update"
    return sent or event.kind in (Happening.STAFF_ANSWERED, Happening.RECEIVED)


def _of_missing(
    ticket: Ticket, promises: Promises, now: datetime, taken: dict[str, datetime]
) -> Iterator[Due]:
    began = clocks.began(ticket)
    if ENCRYPTED in ticket.tags:  # what could not be read may well have named them
        return
    if not ticket.no_identifier or ticket.state not in (State.NEW, State.OPEN) or began is None:
        return
    asked = [e.at for e in ticket.events if _is_question(e)]
    if question_answered(ticket):  # whatever it gave, staff have it; silence is over
        return
    # Before the question has left, from when we first saw the mail: the daemon may have been down (F17).
    first_seen = next((e.at for e in ticket.events if e.kind is Happening.JUDGED), began)
    spec = promises.schedules.missing_information
    reminders = [] if bearing.is_thanked(ticket) else spec.remind_after
    yield from _schedule(
        ticket, promises, now, taken, "missing_information", "", asked[0] if asked else max(began, first_seen),
        reminders, ("tell-staff", spec.tell_staff_after),
    )  # fmt: skip


def _of_waiting(
    ticket: Ticket, promises: Promises, now: datetime, taken: dict[str, datetime]
) -> Iterator[Due]:
    since = [e.at for e in ticket.events if e.kind is Happening.WAITING]
    if ticket.state is not State.WAITING or not since:
        return
    spec = promises.schedules.waiting
    yield from _schedule(
        ticket, promises, now, taken, "waiting", f"@{len(since)}", since[-1],
        spec.remind_after, ("resolve", spec.resolve_after),
    )  # fmt: skip


def _of_cases(ticket: Ticket, promises: Promises, now: datetime, taken: dict[str, datetime]) -> Iterator[Due]:
    spec = promises.schedules.case
    for case in cases.cases(ticket):
        if case.expected and case.step not in (cases.Step.CONFIRMING, cases.Step.RESOLVED):
            at = _morning_after(case.expected, ticket, promises)
            yield _due(ticket, "case", f"expected@{case.id}/{case.expected}", at, case=case.id)
        if case.step is cases.Step.CONFIRMING and not _answered_since(ticket, case.since) and _writes_to_partner(ticket):  # fmt: skip
            yield from _schedule(
                ticket, promises, now, taken, "case", f"@{case.id}/{case.moves}", case.since,
                spec.remind_after, ("confirm", spec.confirm_after), case=case.id,
            )  # fmt: skip


def question_answered(ticket: Ticket) -> bool:
    """Whether the partner said anything after our question for identifiers had left, in the order of the story.

    Mere thanks, bystanders and old mail found late say nothing.
    """
    asked = False
    for event in ticket.events:
        asked = asked or _is_question(event)
        says = not any(event.data.get(mark) for mark in ("thanks", "history", "bystander"))
        if asked and says and event.kind is Happening.PARTNER_ANSWERED:
            return True
    return False


def _is_question(event: Event) -> bool:
    """Whether it is the question that has left, not a reminder of it."""
    letter = _letter(event)
    return event.kind is Happening.LETTER_SENT and letter.asks == "identifiers" and not letter.reminds


def _answered_since(ticket: Ticket, since: datetime) -> bool:
    answers = (e for e in ticket.events if e.kind is Happening.PARTNER_ANSWERED)
    return any(e.at > since and not e.data.get("bystander") for e in answers)


def _morning_after(day: Any, ticket: Ticket, promises: Promises) -> datetime:
    """When people begin work after a date has passed."""
    calendar = promises.calendar(promises.schedules.calendar, ticket.region)
    zone: ZoneInfo = calendar.zone
    return calendar.next_open(datetime.combine(day + timedelta(days=1), time(), zone))


def _schedule(
    ticket: Ticket, promises: Promises, now: datetime, taken: dict[str, datetime], kind: str, suffix: str,
    start: datetime, reminders: list[Span], end: tuple[str, Span | None], **data: Any,
) -> Iterator[Due]:  # fmt: skip
    """The steps of a schedule of silence, inside the sending hours of its letter."""
    prefix = f"{kind}:"
    done = {
        name.removeprefix(prefix).removesuffix(suffix): at
        for name, at in taken.items()
        if name.startswith(prefix) and name.endswith(suffix)
    }
    slots = list(schedules.lay_out(start, reminders, end, done, promises, ticket.region, now))
    ends = next((slot.at for slot in slots if slot.name == end[0]), None)
    for slot in slots:
        at = _in_hours(kinds.reminder_of(kind), slot.at, ticket, promises)
        yield _due(ticket, kind, slot.name + suffix, at, last=slot.last, ends=ends, **data)
