"""Taking a step whose time has come: the letters it writes and the events it leaves. PURE."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from triaged.followups import pending
from triaged.followups.pending import Planned
from triaged.followups.steps import MEETING, Step, Word
from triaged.frozen import frozen
from triaged.letters import bearing, compose, context, kinds, meeting_letters
from triaged.letters.writer import Writer
from triaged.meetings import moves
from triaged.meetings.meeting import Access, Meeting, MeetingState, current
from triaged.promises import clocks
from triaged.promises.clock import Commitment
from triaged.promises.commitments import COMMITMENTS
from triaged.tickets import cases, states
from triaged.tickets.cases import CaseStep
from triaged.tickets.event_data import ByStaff, ByStep, OfCommitment, Over, Review
from triaged.tickets.states import Moved, Refused
from triaged.tickets.ticket import Due, Event, Happening, Letter, Ticket

ACTOR = "daemon"
TAKEN = "taken already"


@frozen
class Acted:
    """What came of a due step. `again_at`: not ripe, the row moves there. `withdrawn`: why nothing was to
    be done; its event says so. Else the step was taken. `ticket_after` includes the new `events`.
    `ordered`: its letters follow from what a human ordered, and are capped no more than that.
    """

    ticket_after: Ticket
    letters: tuple[Letter, ...] = ()
    events: tuple[Event, ...] = ()
    withdrawn: str | None = None
    again_at: datetime | None = None
    ordered: bool = False


def withdraw(step: Step, ticket: Ticket, now: datetime, reason: str) -> Acted:
    """The step has lost its sense: an event says so, unless the step is already told of."""
    if reason == TAKEN:
        return Acted(ticket, withdrawn=reason)
    return _withdrawn(step.name, ticket, now, reason)


def withdraw_unknown(due: Due, ticket: Ticket, now: datetime) -> Acted:
    """A row that another version of the house may have written: nobody here knows what to do, and an event says so."""
    name = f"{due.kind}:{due.step}"[:200]
    return _withdrawn(name, ticket, now, f"no step that this version knows: {name}")


def _withdrawn(name: str, ticket: Ticket, now: datetime, reason: str) -> Acted:
    event = Event(now, Happening.LETTER_WITHDRAWN, ACTOR, reason, ByStep(name).stored())
    return Acted(_with(ticket, event), events=(event,), withdrawn=reason)


def take(planned: Planned, ticket: Ticket, writer: Writer, access: Access) -> Acted:
    """Do what a planned, ripe step asks for. `access`: how to get into the ticket's session."""
    acted = _TAKING[planned.step.word](_Taking(planned, ticket, writer, access))
    held = tuple(writer.in_hours(letter, ticket) for letter in acted.letters)
    return replace(acted, letters=held)


def _with(ticket: Ticket, *events: Event) -> Ticket:
    return replace(ticket, updated_at=events[-1].at, events=(*ticket.events, *events))


class _Taking:
    """One step being taken, with all it needs at hand."""

    def __init__(self, planned: Planned, ticket: Ticket, writer: Writer, access: Access) -> None:
        self.step, self.due_at, self.needs = planned.step, planned.at, planned.needs
        self.ticket, self.writer, self.now = ticket, writer, writer.now
        self.name, self.access = planned.step.name, access

    # -- commitments

    def warn(self) -> Acted:
        """75 %: staff are told, unless it is worse already."""
        if self.needs.overtaken:
            return self._withdraw(f"overtaken by: {self.needs.overtaken}")
        commitment = self._commitment()
        kind = COMMITMENTS[commitment.kind].warning
        reason = f"{commitment.share:.0%} of {commitment.target} for {commitment.kind} is used"
        return self._tell_staff(kind, commitment, Happening.AT_RISK, reason, tier=1)

    def miss(self) -> Acted:
        """100 %: recorded always; with it goes tier 2. No letter where a more urgent one leaves or it is met by now."""
        commitment = self._commitment()
        overtaken = self.needs.overtaken
        if overtaken == pending.OVER:  # of a round that has ended: the commitment tells of a later one
            commitment = replace(commitment, due=self.due_at)
        reason = f"{commitment.kind} was due {commitment.due:%Y-%m-%d %H:%M} UTC"
        if overtaken:
            event = self._event(Happening.MISSED, f"{reason} ({overtaken})", commitment)
            return Acted(_with(self.ticket, event), events=(event,))
        return self._tell_staff("missed", commitment, Happening.MISSED, reason, tier=2)

    def still(self) -> Acted:
        """150 %: tier 3."""
        commitment = self._commitment()
        reason = f"{commitment.kind} still open at {commitment.share:.0%}"
        return self._tell_staff("still_open", commitment, Happening.ESCALATED, reason, tier=3)

    def update(self) -> Acted:
        """The partner is told how it stands: what staff reported, or that we are at it."""
        commitment = self._commitment()
        report = pending.last_report(self.ticket, commitment.started)
        extra = {}
        if report is not None:
            words = self.writer.words_to(self.ticket, "progress_update")
            reported = words.moment(report.at, context.zone_of(self.ticket.time_zone))
            extra = {"report": ByStaff.of(report).report, "reported": reported}
        return self._write("progress_update", extra, "told the partner how it stands")

    # -- schedules of silence

    def remind(self) -> Acted:
        """A reminder to the partner, whichever schedule it belongs to."""
        if self.step.kind == MEETING:
            return self._meeting_letter(meeting_letters.reminder, f"reminder {self.step.number} written")
        kind, number = kinds.reminder_of(self.step.kind), self.step.number
        extra = {"number": number, "last": self.needs.last, "ends": self._ends(kind)}
        if self.step.case:
            extra |= self._case_words(kind)
        return self._write(kind, extra, f"reminder {number} written")

    def tell_staff(self) -> Acted:
        """The reminders for the identifiers are used up: a human decides."""
        letter = self.writer.to_staff("unidentified", self.name, self.ticket)
        thanked = bearing.is_thanked(self.ticket)
        told = "; the partner's last word was thanks" if thanked else " after every reminder"
        reason = f"identifiers still missing{told}"
        moved = states.move(self.ticket, Happening.REVIEW_ASKED, self.now, ACTOR, reason, Review(reason, self.name).stored())  # fmt: skip
        return self._moved(moved, letter)

    def resolve(self) -> Acted:
        """Nobody answered: resolved, with a notice."""
        reason = "the partner did not answer any reminder"
        moved = states.move(
            self.ticket, Happening.RESOLVED, self.now, ACTOR, reason, Over(step=self.name).stored()
        )
        if isinstance(moved, Refused):
            return self._withdraw(moved.reason)
        letter = compose.on_resolved(self.writer, moved.ticket, silence=True)
        return self._moved(moved, letter)

    def close(self) -> Acted:
        """Resolved long enough."""
        reason = f"resolved for {self.writer.promises.schedules.close_after_resolved.text}"
        moved = states.move(
            self.ticket, Happening.CLOSED, self.now, ACTOR, reason, Over(step=self.name).stored()
        )
        if isinstance(moved, Refused):
            return self._withdraw(moved.reason)
        letter = compose.on_closed(self.writer, moved.ticket)
        return self._moved(moved, letter)

    # -- engineering cases

    def case_overdue(self) -> Acted:
        """The expected date has passed: staff are told; nothing was promised to the partner."""
        extra = compose.case_words(self._case(), self.writer.staff_words, self.ticket, None)
        letter = self.writer.to_staff("case_overdue", self.name, self.ticket, extra)
        event = self._event(Happening.REMINDED, f"{self._case().id} has passed its expected date")
        return Acted(_with(self.ticket, event), _some(letter), (event,))

    def confirm(self) -> Acted:
        """Nobody contradicted the fix in time."""
        case = self._case()
        moved = cases.move_case(self.ticket, case.id, CaseStep.RESOLVED, self.now, ACTOR, "nobody said the fix does not hold")  # fmt: skip
        if isinstance(moved, Refused):
            return self._withdraw(moved.reason)
        event = self._event(Happening.REMINDED, "the fix counts as confirmed")
        ticket = _with(moved.ticket, event)
        after = next(c for c in cases.cases(ticket) if c.id == case.id)
        letter = compose.on_case_moved(self.writer, ticket, after)
        return Acted(ticket, _some(letter), (*moved.events, event))

    # -- screen-sharing sessions

    def meeting_gone(self) -> Acted:
        """Nobody chose a time, or its ticket is over: cancelled. Only what was agreed upon is told to the partner."""
        agreed = self.step.word is Word.CALL_OFF
        reason = f"the ticket is {self.ticket.state}" if agreed else "nobody chose one of the times offered"
        return self._meeting_over(moves.cancel(self.ticket, self._who(reason)), reason, partner=agreed)

    def meeting_calendars(self) -> Acted:
        """Who joined since it was agreed upon has it in his calendar too, and who left has it no longer."""
        meeting, round_ = self._meeting(), self.step.round or 0
        joined = tuple(meeting_letters.to_newcomers(self.writer, self.ticket, meeting, self.access, round_))
        left = tuple(meeting_letters.to_leavers(self.writer, self.ticket, meeting, round_))
        told = (("invited to the session", joined), ("the session leaves the calendar of", left))
        said = [f"{what} {', '.join(one.to[0] for one in those)}" for what, those in told if those]
        event = self._event(Happening.REMINDED, "; ".join(said))
        return Acted(_with(self.ticket, event), (*joined, *left), (event,), ordered=True)

    def meeting_ending(self) -> Acted:
        """Its host is told that the time runs out."""
        return self._meeting_letter(meeting_letters.ending, "its host was told that the time runs out")

    def meeting_over(self) -> Acted:
        """The time has run out: what had begun counts as held, what had not as missed."""
        if self._meeting().state is MeetingState.BEGUN:
            moved = moves.hold(self.ticket, self._who("its time is over"))
            return self._meeting_over(moved, "")
        reason = "it was not begun within its time"
        return self._meeting_over(moves.miss(self.ticket, "", self._who(reason)), reason)

    def meeting_summary(self) -> Acted:
        """Its host still owes what came of it."""
        return self._meeting_letter(
            meeting_letters.summary_wanted, "its host was asked again what came of it"
        )

    def _meeting(self) -> Meeting:
        meeting = current(self.ticket)
        assert meeting is not None, "a step of a session is planned from it"
        return meeting

    def _who(self, reason: str) -> moves.Who:
        return moves.Who(self.now, ACTOR, "daemon", reason, self.name)

    def _meeting_letter(
        self, write: Callable[[Writer, Ticket, Meeting, str], Letter | None], reason: str
    ) -> Acted:
        letter = write(self.writer, self.ticket, self._meeting(), self.name)
        if letter is None:
            return self._withdraw("there is nobody left to write to")
        event = self._event(Happening.REMINDED, reason)
        return Acted(_with(self.ticket, event), (letter,), (event,))

    def _meeting_over(self, moved: Moved | Refused, news: str, *, partner: bool = False) -> Acted:
        """Its end, told to its host, or as a question what came of it; to the partner too where he expects it."""
        if isinstance(moved, Refused):
            return self._withdraw(moved.reason)
        ticket, meeting = moved.ticket, current(moved.ticket)
        assert meeting is not None
        letters = [
            meeting_letters.cancelled(self.writer, ticket, meeting) if partner else None,
            meeting_letters.cancelled_for_gone(self.writer, self.ticket, meeting) if partner else None,
            meeting_letters.news(self.writer, ticket, meeting, self.name, (news,))
            if news
            else meeting_letters.summary_wanted(self.writer, ticket, meeting, self.name),
        ]
        return Acted(ticket, tuple(one for one in letters if one is not None), moved.events)

    # -- what they share

    def _commitment(self) -> Commitment:
        found = clocks.commitments(self.ticket, self.writer.promises, self.now)
        return next(c for c in found if c.kind == self.step.kind)

    def _case(self) -> cases.Case:
        return next(c for c in cases.cases(self.ticket) if c.id == self.step.case)

    def _case_words(self, kind: str) -> dict[str, Any]:
        words = self.writer.words_to(self.ticket, kind)
        return compose.case_words(self._case(), words, self.ticket, self.needs.ends)

    def _ends(self, kind: str) -> str:
        ends = self.needs.ends
        words = self.writer.words_to(self.ticket, kind)
        return words.moment(ends, context.zone_of(self.ticket.time_zone)) if ends else ""

    def _event(self, kind: Happening, reason: str, commitment: Commitment | None = None) -> Event:
        told = ByStep(self.name) if commitment is None else self._told(commitment)
        return Event(self.now, kind, ACTOR, reason, told.stored())

    def _told(self, c: Commitment, tier: int = 0) -> OfCommitment:
        return OfCommitment(self.name, c.kind, round(c.share, 4), c.policy, c.due, tier)

    def _tell_staff(
        self, kind: str, commitment: Commitment, happening: Happening, reason: str, tier: int
    ) -> Acted:
        ticket = replace(self.ticket, tier=max(self.ticket.tier, tier))
        events = [self._event(happening, reason, commitment)]
        if tier > self.ticket.tier and happening is not Happening.ESCALATED:
            escalated = OfCommitment(tier=tier, commitment=commitment.kind).stored()
            events.append(Event(self.now, Happening.ESCALATED, ACTOR, f"to tier {tier}: {reason}", escalated))
        if happening is Happening.ESCALATED:
            events = [replace(events[0], data=self._told(commitment, tier).stored())]
        ticket = _with(ticket, *events)
        words = self.writer.staff_words
        extra = {
            "commitment": words.commitments.get(commitment.kind, commitment.kind),
            "due": words.moment(commitment.due, self.writer.desk_zone),
            "share": round(commitment.share * 100),
            "arithmetic": commitment.arithmetic,
        }
        letter = self.writer.to_staff(kind, self.name, ticket, extra, tier=tier)
        return Acted(ticket, _some(letter), tuple(events))

    def _write(self, kind: str, extra: dict[str, Any], reason: str) -> Acted:
        """A letter to the partner, and the event that it was written."""
        letter = self.writer.to_partner(kind, self.name, self.ticket, extra)
        if letter is None:
            return self._withdraw("there is nobody left to write to")
        event = self._event(Happening.REMINDED, reason)
        return Acted(_with(self.ticket, event), (letter,), (event,))

    def _withdraw(self, reason: str) -> Acted:
        return withdraw(self.step, self.ticket, self.now, reason)

    def _moved(self, moved: Moved | Refused, letter: Letter | None) -> Acted:
        if isinstance(moved, Refused):
            return self._withdraw(moved.reason)
        return Acted(moved.ticket, _some(letter), moved.events)


def _some(letter: Letter | None) -> tuple[Letter, ...]:
    return () if letter is None else (letter,)


_TAKING: Mapping[Word, Callable[[_Taking], Acted]] = {
    Word.WARN: _Taking.warn,
    Word.MISS: _Taking.miss,
    Word.STILL: _Taking.still,
    Word.REPORT: _Taking.update,
    Word.STILL_WORKING: _Taking.update,
    Word.REMIND: _Taking.remind,
    Word.TELL_STAFF: _Taking.tell_staff,
    Word.RESOLVE: _Taking.resolve,
    Word.CLOSE: _Taking.close,
    Word.EXPECTED: _Taking.case_overdue,
    Word.CONFIRM: _Taking.confirm,
    Word.LAPSE: _Taking.meeting_gone,
    Word.CALL_OFF: _Taking.meeting_gone,
    Word.CALENDARS: _Taking.meeting_calendars,
    Word.ENDING: _Taking.meeting_ending,
    Word.OVER: _Taking.meeting_over,
    Word.SUMMARY: _Taking.meeting_summary,
}
