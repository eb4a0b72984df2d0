"""Breaches of every invariant, forged into the evidence of a month that kept them all."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from triaged.letters import kinds
from triaged.meetings.meeting import current
from triaged.simulation import invariants, session_invariants
from triaged.simulation.evidence import Evidence
from triaged.simulation.life import AUTOMATIC
from triaged.simulation.month import Outage
from triaged.simulation.postman import Delivered
from triaged.store.rows import Fate, LetterRow, LetterState
from triaged.tickets.event_data import PeopleChanged
from triaged.tickets.meeting_data import MeetingChanged, MeetingCode
from triaged.tickets.ticket import Event, Happening, State, Ticket

MINUTE, HOUR, DAY, YEARS = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(days=900)
INVITING = ("meeting_invitation", "meeting_moved", "meeting_cancelled")


def copied(honest: Evidence) -> Evidence:
    """The same, to be changed."""
    e = copy.copy(honest)
    e.tickets, e.ledger, e.letters = dict(e.tickets), dict(e.ledger), dict(e.letters)
    e.pending, e.delivered = {t: dict(d) for t, d in e.pending.items()}, list(e.delivered)
    store = SimpleNamespace(failed_addresses=e.month.house.store.failed_addresses)
    month: Any = SimpleNamespace(truths=dict(e.month.truths), outages=e.month.outages)
    month.house = SimpleNamespace(store=store)
    e.month = month
    return e


def _left(e: Evidence, wanted: Callable[[str], object]) -> Iterator[tuple[int, Delivered, Ticket]]:
    """Letters of some kinds that left, their places, and their tickets."""
    for place, one in enumerate(e.delivered):
        row = e.letters[one.message_id]
        if row.ticket_id is not None and wanted(row.kind):
            yield place, one, e.tickets[row.ticket_id]


def _mails(e: Evidence, whats: Iterable[str], fate: Fate = Fate.TICKET) -> Iterator[int]:
    return (n for n, truth in e.month.truths.items() if truth.what in whats and e.ledger[n].fate is fate)


def _of_session(e: Evidence, *states: str) -> Iterator[tuple[Ticket, int]]:
    """Tickets with the place of the event by which a session came into one of these states."""
    for ticket in e.tickets.values():
        for place, event in enumerate(ticket.events):
            if event.kind is Happening.MEETING_CHANGED and MeetingChanged.of(event).state in states:
                yield ticket, place


def _with(e: Evidence, ticket: Ticket, *events: Event) -> None:
    e.tickets[ticket.id] = replace(ticket, events=events)


def in_the_night(e: Evidence) -> None:
    place, one, ticket = next(_left(e, lambda kind: kind in e.promises.sending))
    zone = e.promises.sending_calendar(e.letters[one.message_id].kind, invariants.region_at(ticket, one.at))
    assert zone is not None
    at = next(t for h in range(100) if not zone.is_open(t := one.at + h * HOUR))
    e.delivered[place] = replace(one, at=at)


def twice(e: Evidence) -> None:
    e.delivered.append(e.delivered[0])


def under_one_key(e: Evidence) -> None:
    e.letters["<another@desk.example>"] = next(iter(e.letters.values()))


def a_question_too_soon(e: Evidence) -> None:
    place, one, _ = next(_left(e, invariants.ASKING.__contains__))
    e.delivered.insert(place + 1, replace(one, at=one.at + invariants.GAP - timedelta(minutes=1)))


def a_mail_lost(e: Evidence) -> None:
    del e.ledger[next(_mails(e, invariants.HUMAN))]


def a_mail_waits(e: Evidence) -> None:
    number = next(_mails(e, invariants.HUMAN))
    e.ledger[number] = replace(e.ledger[number], fate=Fate.WAITING)


def a_mail_in_quarantine(e: Evidence) -> None:
    number = next(_mails(e, AUTOMATIC, Fate.AUTOMATIC))
    e.ledger[number] = replace(e.ledger[number], fate=Fate.QUARANTINE)


def a_human_taken_for_a_machine(e: Evidence) -> None:
    number = next(_mails(e, invariants.HUMAN))
    e.ledger[number] = replace(e.ledger[number], fate=Fate.AUTOMATIC)


def a_machine_taken_for_a_human(e: Evidence) -> None:
    number = next(_mails(e, AUTOMATIC, Fate.AUTOMATIC))
    e.ledger[number] = replace(e.ledger[number], fate=Fate.TICKET)


def answers_that_nobody_wrote(e: Evidence) -> None:
    for number, truth in e.month.truths.items():
        if truth.what in invariants.HUMAN:
            e.month.truths[number] = replace(truth, sender="somebody@else.example")


def a_step_left_lying(e: Evidence) -> None:
    ticket, step, row = next((t, s, r) for t, pending in e.pending.items() for s, r in pending.items())
    e.pending[ticket][step] = replace(row, due_at=e.now - HOUR)


def a_miss_untold(e: Evidence) -> None:
    """The month goes on, and the steps that were to come are gone."""
    e.pending, e.now = {number: {} for number in e.pending}, e.now + 60 * DAY


def unacknowledged(e: Evidence) -> None:
    for name, row in list(e.letters.items()):
        if kinds.of(row.kind).acknowledges:
            del e.letters[name]


def acknowledged_twice(e: Evidence) -> None:
    for name, row in list(e.letters.items()):
        if kinds.of(row.kind).acknowledges:
            e.letters[f"{name}2"] = row


def sent_and_never_came(e: Evidence) -> None:
    gone = e.delivered.pop(0).message_id
    e.delivered = [one for one in e.delivered if one.message_id != gone]


def unsent(e: Evidence, **changes: Any) -> LetterRow:
    """The first letter of a ticket, as if it had never left and lay so."""
    _, one, _ = next(_left(e, bool))
    e.delivered = [other for other in e.delivered if other.message_id != one.message_id]
    row = e.letters[one.message_id] = replace(e.letters[one.message_id], **changes)
    return row


def a_letter_waits(e: Evidence) -> None:
    unsent(e, state=LetterState.WAITING, ready_at=e.now - 46 * MINUTE)


def withdrawn_untold(e: Evidence) -> None:
    unsent(e, state=LetterState.WITHDRAWN)


def failed_untold(e: Evidence) -> None:
    unsent(e, state=LetterState.FAILED)


def a_letter_is_late(e: Evidence) -> None:
    unsent(e, state=LetterState.WAITING, ready_at=e.now - 45 * MINUTE)


def a_letter_waits_for_its_server(e: Evidence) -> None:
    unsent(e, state=LetterState.WAITING, ready_at=e.now - 5 * HOUR)
    e.month.outages = (Outage("smtp", e.now - 6 * HOUR, e.now - 45 * MINUTE),)


def a_letter_waits_for_ever(e: Evidence) -> None:
    unsent(e, state=LetterState.WAITING, ready_at=e.now - 5 * HOUR)
    e.month.outages = (Outage("smtp", e.now - 6 * HOUR, e.now - 46 * MINUTE),)


def a_letter_to_staff_of_no_ticket_is_withdrawn(e: Evidence) -> None:
    unsent(e, state=LetterState.WITHDRAWN, ticket_id=None)


def written_to_after_it_came_back(e: Evidence) -> None:
    last = e.delivered[-1]
    marked = SimpleNamespace(address=last.to[0], at=last.at - HOUR)
    e.month.house.store.failed_addresses = lambda: [marked]  # type: ignore[method-assign, assignment, return-value]


def on_the_ticket_merged_away(e: Evidence) -> None:
    for number in _mails(e, invariants.HUMAN):
        row = e.ledger[number]
        if row.ticket_id and row.finished_at:
            ticket = e.tickets[row.ticket_id]
            e.tickets[ticket.id] = replace(
                ticket, merged_into=1, state=State.CLOSED, closed_at=row.finished_at - HOUR
            )


def a_code_without_a_session(e: Evidence) -> None:
    ticket, place = next(_of_session(e, "offered"))
    _with(e, ticket, *ticket.events[: place + 1], _code(ticket.events[place].at))


def a_code_too_early(e: Evidence) -> None:
    _code_at(e, -timedelta(minutes=16))


def a_code_too_late(e: Evidence) -> None:
    _code_at(e, HOUR * 5)


def _code_at(e: Evidence, after: timedelta) -> None:
    ticket, place = next(_of_session(e, "accepted"))
    events = ticket.events[: place + 1]
    meeting = current(replace(ticket, events=events))
    assert meeting is not None and meeting.starts is not None
    _with(e, ticket, *events, _code(meeting.starts + after))


def a_code_used_twice(e: Evidence) -> None:
    ticket = next(t for t in e.tickets.values() if any(x.kind is Happening.MEETING_CODE for x in t.events))
    (first, *_) = (x for x in ticket.events if x.kind is Happening.MEETING_CODE)
    used = replace(first, data=MeetingCode(**{**_told(MeetingCode.of(first)), "used": True}).stored())
    events = [x for x in ticket.events if x is not first]
    place = ticket.events.index(first)
    _with(e, ticket, *events[:place], used, used, *events[place:])


def _told(code: MeetingCode) -> dict[str, Any]:
    return {"meeting": code.meeting, "code": code.code, "for_": code.for_}


def _code(at: datetime) -> Event:
    return Event(at, Happening.MEETING_CODE, "staff", "", MeetingCode(1, 1).stored())


def reminded_twice(e: Evidence) -> None:
    place, one, _ = next(_left(e, "meeting_reminder".__eq__))
    e.delivered.insert(place, one)


def reminded_of_what_is_over(e: Evidence) -> None:
    for place, one, _ in list(_left(e, "meeting_reminder".__eq__)):
        e.delivered[place] = replace(one, at=one.at + 20 * DAY)


def reminded_after_it_began(e: Evidence) -> None:
    """The session stands, and its hour is past."""
    place, one, ticket = next(_left(e, "meeting_reminder".__eq__))
    meeting = current(replace(ticket, events=tuple(x for x in ticket.events if x.at <= one.at)))
    assert meeting is not None and meeting.starts is not None
    _with(e, ticket, *(x for x in ticket.events if x.at <= one.at))
    e.delivered[place] = replace(one, at=meeting.starts)


def nobody_was_reminded(e: Evidence) -> None:
    e.delivered = [one for one in e.delivered if one.kind != "meeting_reminder"]


def nobody_was_invited(e: Evidence) -> None:
    e.delivered = [one for one in e.delivered if one.kind not in INVITING]


def invited_twice_alike(e: Evidence) -> None:
    place, one, _ = next(_left(e, "meeting_invitation".__eq__))
    e.delivered.insert(place, one)


def who_joined_has_nothing(e: Evidence) -> None:
    e.delivered = [one for one in e.delivered if one.kind not in INVITING]
    _somebody(e, "added")


def who_left_still_has_it(e: Evidence) -> None:
    _somebody(e, "removed")


def _somebody(e: Evidence, how: str) -> None:
    """Who was invited is said to have joined or left soon after a time was agreed upon that stood for a day."""
    for one in session_invariants.stretches(e):
        ends, after = min(one.until or one.starts, e.now), one.agreed + HOUR
        its = [x for x in session_invariants.entries(e) if x.uid == one.meeting.uid and x.at < ends]
        over = session_invariants._over_between(one.ticket, one.agreed, ends)
        if ends - after < DAY or over or (how == "removed" and not its):
            continue
        changed = PeopleChanged(**{how: its[-1].to if its else "somebody@else.example"})
        event = Event(after, Happening.PEOPLE_CHANGED, "staff", "", changed.stored())
        _with(e, one.ticket, *sorted((*one.ticket.events, event), key=lambda x: x.at))
        return
    raise AssertionError("no time stood for a day")


def who_is_addressed_has_nothing(e: Evidence) -> None:
    """At the end of a month in which a time stands."""
    one = next(
        x
        for x in session_invariants.stretches(e)
        if x.starts - x.agreed > DAY and not session_invariants._away(e, x.agreed, x.starts)
    )
    _with(e, one.ticket, *(x for x in one.ticket.events if x.at <= one.agreed))
    e.tickets[one.ticket.id] = replace(e.tickets[one.ticket.id], state=State.OPEN)
    e.now = one.starts - timedelta(minutes=1)
    for later in [number for number, ticket in e.tickets.items() if ticket.created_at > e.now]:
        del e.tickets[later]
    e.delivered = [x for x in e.delivered if x.kind not in INVITING]


def a_host_in_two_places(e: Evidence) -> None:
    ticket, _ = next(_of_session(e, "accepted"))
    e.tickets[10**6] = replace(ticket, id=10**6)


def a_session_that_never_ends(e: Evidence) -> None:
    *_, (ticket, place) = _of_session(e, "accepted")  # after every outage
    _with(e, ticket, *ticket.events[: place + 1])
    e.now += YEARS


def an_offer_that_never_ends(e: Evidence) -> None:
    *_, (ticket, place) = _of_session(e, "offered")  # after every outage
    _with(e, ticket, *ticket.events[: place + 1])
    e.now += YEARS


def offered_after_a_no(e: Evidence) -> None:
    ticket, place = next(_of_session(e, "declined"))
    told = MeetingChanged.of(ticket.events[place])
    (offer, *_) = (x for x in ticket.events if x.kind is Happening.MEETING_CHANGED)
    again = replace(offer, data={**offer.data, "meeting": told.meeting + 1})
    _with(e, ticket, *ticket.events, again)


Check, Forge = Callable[[Evidence], Iterator[str]], Callable[[Evidence], None]
i, s = invariants, session_invariants
FORGERIES: list[tuple[Check, Forge]] = [
    (i.hours_kept, in_the_night),
    (i.nobody_twice, twice),
    (i.nobody_twice, under_one_key),
    (i.no_burst, a_question_too_soon),
    (i.every_mail_one_fate, a_mail_lost),
    (i.every_mail_one_fate, a_mail_waits),
    (i.every_mail_one_fate, a_mail_in_quarantine),
    (i.every_mail_one_fate, a_human_taken_for_a_machine),
    (i.machines_move_nothing, a_machine_taken_for_a_human),
    (i.machines_move_nothing, answers_that_nobody_wrote),
    (i.nothing_overdue, a_step_left_lying),
    (i.no_promise_dropped, a_miss_untold),
    (i.everybody_acknowledged, unacknowledged),
    (i.everybody_acknowledged, acknowledged_twice),
    (i.letters_accounted_for, sent_and_never_came),
    (i.letters_accounted_for, a_letter_waits),
    (i.letters_accounted_for, a_letter_waits_for_ever),
    (i.letters_accounted_for, withdrawn_untold),
    (i.letters_accounted_for, failed_untold),
    (i.bounced_get_none, written_to_after_it_came_back),
    (i.merged_reach_survivor, on_the_ticket_merged_away),
    (s.no_code_before_acceptance, a_code_without_a_session),
    (s.no_code_before_acceptance, a_code_too_early),
    (s.no_code_before_acceptance, a_code_too_late),
    (s.no_code_before_acceptance, a_code_used_twice),
    (s.reminders_hold, reminded_twice),
    (s.reminders_hold, reminded_of_what_is_over),
    (s.reminders_hold, reminded_after_it_began),
    (s.everybody_reminded, nobody_was_reminded),
    (s.everybody_invited, nobody_was_invited),
    (s.everybody_invited, invited_twice_alike),
    (s.nobody_is_without_his_entry, who_joined_has_nothing),
    (s.nobody_is_without_his_entry, who_left_still_has_it),
    (s.nobody_is_without_his_entry, who_is_addressed_has_nothing),
    (s.hours_given_once, a_host_in_two_places),
    (s.nothing_stands_over, a_session_that_never_ends),
    (s.nothing_stands_over, an_offer_that_never_ends),
    (s.nothing_stands_over, offered_after_a_no),
]
# Odd, and as it should be
LAWFUL: list[tuple[Check, Forge]] = [
    (i.letters_accounted_for, a_letter_is_late),
    (i.letters_accounted_for, a_letter_waits_for_its_server),
    (i.letters_accounted_for, a_letter_to_staff_of_no_ticket_is_withdrawn),
]
