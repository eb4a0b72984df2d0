"""What must hold of the screen-sharing sessions of any month, as invariants.py has it for the rest."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from itertools import combinations, pairwise

from triaged.followups import steps
from triaged.frozen import frozen
from triaged.letters.recipients import addressees
from triaged.meetings.meeting import RUNNING, Meeting, MeetingState, current, meetings
from triaged.simulation.evidence import Evidence
from triaged.simulation.month import DAY
from triaged.simulation.postman import Delivered
from triaged.tickets.event_data import OfLetter, PeopleChanged
from triaged.tickets.meeting_data import MeetingChanged, MeetingCode
from triaged.tickets.ticket import LIVE, Event, Happening, Ticket

_LATE, EARLY = timedelta(minutes=45), timedelta(minutes=15)
_SLOW = timedelta(hours=4)  # by which a letter has left, though servers are busy at times
_OVER_SINCE = (Happening.RESOLVED, Happening.CLOSED, Happening.MERGED, Happening.REOPENED)


@frozen
class Stretch:
    """A time that was agreed upon, and for how long it stood; `until` None: to its own end, or still."""

    ticket: Ticket
    meeting: Meeting
    agreed: datetime
    until: datetime | None

    @property
    def starts(self) -> datetime:
        """When it was to begin."""
        assert self.meeting.starts is not None
        return self.meeting.starts


def stretches(e: Evidence) -> Iterator[Stretch]:
    """Every time that was agreed upon in the month."""
    for ticket in e.tickets.values():
        told = [x for x in ticket.events if x.kind is Happening.MEETING_CHANGED]
        for place, event in enumerate(told):
            meeting = current(_as_of(ticket, event))
            if meeting is not None and MeetingChanged.of(event).state in ("accepted", "moved"):
                ends = next((x.at for x in told[place + 1 :] if _ends(x)), None)
                yield Stretch(ticket, meeting, event.at, ends)


def no_code_before_acceptance(e: Evidence) -> Iterator[str]:
    """A connection code only of a session that runs, from a quarter of an hour before until its end."""
    for ticket in e.tickets.values():
        for event in ticket.events:
            meeting = current(_as_of(ticket, event)) if event.kind is Happening.MEETING_CODE else None
            if event.kind is not Happening.MEETING_CODE:
                continue
            if (
                meeting is None
                or meeting.starts is None
                or meeting.ends is None
                or meeting.state not in RUNNING
            ):
                yield f"{ticket.reference} had a code {event.at:%m-%d %H:%M} without a time agreed upon"
            elif not meeting.starts - EARLY <= event.at < meeting.ends:
                yield f"{ticket.reference} had a code {event.at:%m-%d %H:%M} for {meeting.starts:%m-%d %H:%M}"
        used = Counter((c.meeting, c.code) for c in _codes(ticket) if c.used)
        yield from (f"{ticket.reference}: code {one} was used {n} times" for one, n in used.items() if n > 1)


def reminders_hold(e: Evidence) -> Iterator[str]:
    """None after a session was declined, cancelled, moved or begun, none of one that nobody accepted; each once."""
    left: Counter[tuple[int, str]] = Counter()
    for one, ticket, key in _sent(e, "meeting_reminder"):
        left[ticket.id, key] += 1
        step, then = (
            steps.named(key),
            replace(ticket, events=tuple(x for x in ticket.events if x.at <= one.at)),
        )
        meeting = current(then)
        if (
            meeting is None
            or meeting.state not in RUNNING
            or step is None
            or step.round != meeting.appointment
        ):
            yield f"{ticket.reference} was reminded {one.at:%m-%d %H:%M} of a session that is {meeting and meeting.state}"
        elif meeting.starts is not None and one.at >= meeting.starts:
            yield f"{ticket.reference} was reminded {one.at:%m-%d %H:%M} of {meeting.starts:%m-%d %H:%M}"
    yield from (f"PS-{number} {key} left {n} times" for (number, key), n in left.items() if n > 1)


def everybody_reminded(e: Evidence) -> Iterator[str]:
    """A time that stood is reminded of as the rulebook says, unless daemon or server were away, or the ticket over."""
    offered = e.promises.screen_sharing
    sent: dict[tuple[int, int], set[int]] = defaultdict(set)
    for _, ticket, key in _sent(e, "meeting_reminder"):
        if (step := steps.named(key)) is not None and step.round is not None:
            sent[ticket.id, step.round].add(step.number)
    for one in stretches(e):
        for number, span in enumerate(reversed(offered.reminders if offered else ()), 1):
            at = one.starts - span.length
            stood = one.until is None or one.until > at + _LATE
            due = one.agreed < at and stood and one.starts + _LATE < e.now
            disturbed = _away(e, at, one.starts) or _over_between(one.ticket, one.agreed, one.starts)
            if due and not disturbed and number not in sent[one.ticket.id, one.meeting.appointment]:
                yield f"{one.ticket.reference} was not reminded {span.text} before {one.starts:%m-%d %H:%M}"


def everybody_invited(e: Evidence) -> Iterator[str]:
    """Each time agreed upon has its entry, by one UID with a rising SEQUENCE; each cancelled one its CANCEL.

    Who left and came back has the same one twice, with its CANCEL in between.
    """
    sent = entries(e)
    for (uid, to), told in _by_calendar(sent).items():
        if any(
            (b.sequence, b.method) == (a.sequence, a.method) or b.sequence < a.sequence
            for a, b in pairwise(told)
        ):
            yield f"{uid}: the SEQUENCE of its entries to {to} is {[(x.sequence, x.method) for x in told]}"
    for stretch in stretches(e):
        lived = (stretch.until or e.now) - stretch.agreed > DAY
        of_it = (x for x in sent if x.uid == stretch.meeting.uid and x.method == "REQUEST")
        invited = {one.sequence for one in of_it}
        if (
            lived
            and not _away(e, stretch.agreed, stretch.agreed + DAY)
            and stretch.meeting.sequence not in invited
        ):
            yield f"{stretch.ticket.reference} was not invited to {stretch.starts:%m-%d %H:%M}"


def nobody_is_without_his_entry(e: Evidence) -> Iterator[str]:
    """Who joined while a time stood has it in his calendar, with the SEQUENCE that stood; who left has it no longer.

    But for whom letters do not reach: his entry is withheld, and the ticket tells so.
    """
    calendars = _by_calendar(entries(e))
    for one in stretches(e):
        ends = min(one.until or one.starts, e.now)
        changes = [
            (x.at, PeopleChanged.of(x)) for x in one.ticket.events if x.kind is Happening.PEOPLE_CHANGED
        ]
        for address in {told.added or told.removed for _, told in changes}:
            his = [(at, told) for at, told in changes if address in (told.added, told.removed) and at < ends]
            if not his or his[-1][0] < one.agreed or ends - his[-1][0] < _SLOW:
                continue
            at, told = his[-1]
            if _away(e, at, ends) or _over_between(one.ticket, one.agreed, ends):
                continue
            if told.added and _out_of_reach(one.ticket, address):
                continue
            got = [x for x in calendars[one.meeting.uid, address] if x.at < ends]  # what ends it, leaves then
            last = (got[-1].method, got[-1].sequence) if got else ("nothing", 0)
            if told.added and last != ("REQUEST", one.meeting.sequence):
                yield f"{one.ticket.reference}: {address} joined {at:%m-%d %H:%M}, and has {last} of {one.starts:%m-%d %H:%M}"
            if told.removed and last[0] == "REQUEST":
                yield f"{one.ticket.reference}: {address} left {at:%m-%d %H:%M}, and has {last} of {one.starts:%m-%d %H:%M}"
        if one.until is None and e.now < one.starts and one.ticket.state in LIVE:
            yield from _without_it(e, one, calendars)


def _without_it(
    e: Evidence, one: Stretch, calendars: Mapping[tuple[str, str], list[SentEntry]]
) -> Iterator[str]:
    """The same of all whom letters go to, for what stands when the month ends."""
    for address in (a for some in addressees(one.ticket) for a in some):
        has = {(x.method, x.sequence) for x in calendars[one.meeting.uid, address]}
        changed = max(x.at for x in one.ticket.events if x.at <= e.now)
        settled = e.now - changed > _SLOW and not _away(e, changed, e.now)
        wanting = settled and ("REQUEST", one.meeting.sequence) not in has
        if wanting and not _out_of_reach(one.ticket, address):
            yield f"{one.ticket.reference}: {address} has no entry of {one.starts:%m-%d %H:%M}"


def _out_of_reach(ticket: Ticket, address: str) -> bool:
    """Whether an entry for him was withheld, since letters do not reach him."""
    withheld = (x for x in ticket.events if x.kind is Happening.LETTER_WITHDRAWN)
    return any(address in OfLetter.of(x).entry_for for x in withheld)


@frozen
class SentEntry:
    """A calendar entry as it left, to one person; `written`: its DTSTAMP."""

    at: datetime
    to: str
    uid: str
    sequence: int
    method: str
    written: str


def entries(e: Evidence) -> list[SentEntry]:
    """Every entry that a letter brought to somebody of a partner."""
    sent = []
    for kind in ("meeting_invitation", "meeting_moved", "meeting_cancelled"):
        for one, _, _ in _sent(e, kind):
            for part in message_from_bytes(one.raw).walk():
                if part.get_content_type() == "text/calendar":
                    text = bytes(part.get_payload(decode=True) or b"").decode().replace("\r\n ", "")
                    found = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
                    told = found["UID"], int(found["SEQUENCE"]), found["METHOD"], found["DTSTAMP"]
                    sent += [SentEntry(one.at, to, *told) for to in one.to]
    return sent


def _by_calendar(sent: Iterable[SentEntry]) -> Mapping[tuple[str, str], list[SentEntry]]:
    """By the session and whose calendar it went to, in the order they were written."""
    found: dict[tuple[str, str], list[SentEntry]] = defaultdict(list)
    for one in sorted(sent, key=lambda one: (one.written, one.sequence)):
        found[one.uid, one.to].append(one)
    return found


def hours_given_once(e: Evidence) -> Iterator[str]:
    """No host has two sessions at one time."""
    by_host: dict[str, list[Stretch]] = defaultdict(list)
    for one in stretches(e):
        by_host[one.meeting.host].append(one)
    for host, those in by_host.items():
        for a, b in combinations(those, 2):
            length = timedelta(minutes=a.meeting.minutes)
            meet = abs(a.starts - b.starts) < length
            together = a.agreed < (b.until or b.starts + length) and b.agreed < (a.until or a.starts + length)
            if meet and together and a.ticket.id != b.ticket.id:
                yield f"{host} has {a.ticket.reference} and {b.ticket.reference} at {a.starts:%m-%d %H:%M}"


def nothing_stands_over(e: Evidence) -> Iterator[str]:
    """What is over is held, missed, cancelled; what was declined is never offered again."""
    for ticket in e.tickets.values():
        told = meetings(ticket)
        for one in told:
            over = one.ends or max(one.times)
            if (
                one.state in (*RUNNING, MeetingState.OFFERED)
                and e.now - over > _LATE
                and not _away(e, over, e.now)
            ):
                yield f"{ticket.reference} session {one.number} is {one.state} since {one.since:%m-%d %H:%M}"
        if any(one.state is MeetingState.DECLINED for one in told[:-1]):
            yield f"{ticket.reference} declined, and was offered another session"


CHECKS = (
    no_code_before_acceptance, reminders_hold, everybody_reminded, everybody_invited, nobody_is_without_his_entry,
    hours_given_once, nothing_stands_over,
)  # fmt: skip


def _sent(e: Evidence, kind: str) -> Iterator[tuple[Delivered, Ticket, str]]:
    """The letters of a kind that left, with their tickets and keys."""
    for one in e.delivered:
        row = e.letters[one.message_id]
        if row.kind == kind and row.ticket_id is not None:
            yield one, e.tickets[row.ticket_id], row.key


def _as_of(ticket: Ticket, event: Event) -> Ticket:
    """The ticket as it stood when an event had just happened."""
    return replace(ticket, events=ticket.events[: ticket.events.index(event) + 1])


def _ends(event: Event) -> bool:
    return MeetingChanged.of(event).state in ("moved", "cancelled", "held", "missed")


def _codes(ticket: Ticket) -> Iterator[MeetingCode]:
    return (MeetingCode.of(x) for x in ticket.events if x.kind is Happening.MEETING_CODE)


def _away(e: Evidence, since: datetime, until: datetime) -> bool:
    return any(o.begin - _LATE < until and since < o.end + _LATE for o in e.month.outages)


def _over_between(ticket: Ticket, since: datetime, until: datetime) -> bool:
    """Whether the ticket was resolved or closed within that time, or before it."""
    if any(x.kind in _OVER_SINCE and since <= x.at <= until for x in ticket.events):
        return True
    return ticket.state not in LIVE and not any(x.kind in _OVER_SINCE for x in ticket.events)
