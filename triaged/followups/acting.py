"""Taking a step whose time has come: the letters it writes and the events it leaves. PURE."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from triaged.followups import pending
from triaged.letters import bearing, compose, context, kinds
from triaged.letters.writer import Writer
from triaged.promises import clocks
from triaged.promises.clock import Commitment
from triaged.promises.service_levels import KINDS
from triaged.tickets import cases, states
from triaged.tickets.states import Moved, Refused
from triaged.tickets.ticket import Due, Event, Happening, Letter, Ticket

ACTOR = "daemon"


@dataclass(frozen=True, slots=True)
class Acted:
    """What came of a due step. `again_at`: not ripe, the row moves there. `withdrawn`: why nothing was to
    be done; its event says so. Else the step was taken. `ticket_after` includes the new `events`.
    """

    ticket_after: Ticket
    letters: tuple[Letter, ...] = ()
    events: tuple[Event, ...] = ()
    withdrawn: str | None = None
    again_at: datetime | None = None


def withdraw(name: str, ticket: Ticket, now: datetime, reason: str) -> Acted:
    """The step has lost its sense: an event says so, unless the step is already told of."""
    if reason == "taken already":
        return Acted(ticket, withdrawn=reason)
    event = Event(now, Happening.LETTER_WITHDRAWN, ACTOR, reason, {"step": name})
    return Acted(_with(ticket, event), events=(event,), withdrawn=reason)


def take(due: Due, ticket: Ticket, writer: Writer) -> Acted:
    """Do what a planned, ripe step asks for."""
    acted = _took(_Step(due, ticket, writer), due, due.step.partition("@")[0])
    held = tuple(writer.in_hours(letter, ticket) for letter in acted.letters)
    return replace(acted, letters=held)


def _took(step: _Step, due: Due, word: str) -> Acted:
    if due.kind in KINDS:
        return {
            "warn": step.warn,
            "miss": step.miss,
            "still": step.still,
            "report": step.update,
            "still-working": step.update,
        }[word]()
    if word.startswith("remind-"):
        return step.remind()
    return {
        "tell-staff": step.tell_staff,
        "resolve": step.resolve,
        "close": step.close,
        "expected": step.case_overdue,
        "confirm": step.confirm,
    }[word]()


def _with(ticket: Ticket, *events: Event) -> Ticket:
    return replace(ticket, updated_at=events[-1].at, events=(*ticket.events, *events))


class _Step:
    """One step being taken, with all it needs at hand."""

    def __init__(self, due: Due, ticket: Ticket, writer: Writer) -> None:
        self.due, self.ticket, self.writer, self.now = due, ticket, writer, writer.now
        self.name = f"{due.kind}:{due.step}"

    # -- commitments

    def warn(self) -> Acted:
        """75 %: staff are told, unless it is worse already."""
        if self.due.data.get("overtaken"):
            return withdraw(self.name, self.ticket, self.now, f"overtaken by: {self.due.data['overtaken']}")
        commitment = self._commitment()
        kind = "update_due" if self.due.kind == "next_update" else "at_risk"
        reason = f"{commitment.share:.0%} of {commitment.target} for {self.due.kind} is used"
        return self._tell_staff(kind, commitment, Happening.AT_RISK, reason, tier=1)

    def miss(self) -> Acted:
        """100 %: recorded always; with it goes tier 2. No letter where a graver one leaves or it is met by now."""
        commitment = self._commitment()
        overtaken = self.due.data.get("overtaken")
        if overtaken == pending.OVER:  # of a round that has ended: the commitment tells of a later one
            commitment = replace(commitment, due=self.due.due_at)
        reason = f"{self.due.kind} was due {commitment.due:%Y-%m-%d %H:%M} UTC"
        if overtaken:
            event = self._event(Happening.MISSED, f"{reason} ({overtaken})", commitment)
            return Acted(_with(self.ticket, event), events=(event,))
        return self._tell_staff("missed", commitment, Happening.MISSED, reason, tier=2)

    def still(self) -> Acted:
        """150 %: tier 3."""
        commitment = self._commitment()
        reason = f"{self.due.kind} still open at {commitment.share:.0%}"
        return self._tell_staff("still_open", commitment, Happening.ESCALATED, reason, tier=3)

    def update(self) -> Acted:
        """The partner is told how it stands: what staff reported, or that we are at it."""
        commitment = self._commitment()
        report = pending.last_report(self.ticket, commitment.started)
        extra = {}
        if report is not None:
            words = self.writer.words_to(self.ticket, "progress_update")
            reported = words.moment(report.at, context.zone_of(self.ticket.time_zone))
            extra = {"report": str(report.data["report"]), "reported": reported}
        return self._write("progress_update", extra, "told the partner how it stands")

    # -- schedules of silence

    def remind(self) -> Acted:
        """A reminder to the partner, whichever schedule it belongs to."""
        kind = kinds.reminder_of(self.due.kind)
        number = int(self.due.step.partition("@")[0].removeprefix("remind-"))
        extra = {"number": number, "last": bool(self.due.data.get("last")), "ends": self._ends(kind)}
        if self.due.kind == "case":
            extra |= self._case_words(kind)
        return self._write(kind, extra, f"reminder {number} written")

    def tell_staff(self) -> Acted:
        """The reminders for the identifiers are used up: a human decides."""
        letter = self.writer.to_staff("unidentified", self.name, self.ticket)
        thanked = bearing.is_thanked(self.ticket)
        told = "; the partner's last word was thanks" if thanked else " after every reminder"
        reason = f"identifiers still missing{told}"
        moved = states.move(self.ticket, Happening.REVIEW_ASKED, self.now, ACTOR, reason, {"step": self.name, "review": reason})  # fmt: skip
        return self._moved(moved, letter)

    def resolve(self) -> Acted:
        """Nobody answered: resolved, with a notice."""
        reason = "the partner did not answer any reminder"
        moved = states.move(self.ticket, Happening.RESOLVED, self.now, ACTOR, reason, {"step": self.name})
        if isinstance(moved, Refused):
            return withdraw(self.name, self.ticket, self.now, moved.reason)
        letter = compose.on_resolved(self.writer, moved.ticket, silence=True)
        return self._moved(moved, letter)

    def close(self) -> Acted:
        """Resolved long enough."""
        reason = f"resolved for {self.writer.promises.schedules.close_after_resolved.text}"
        moved = states.move(self.ticket, Happening.CLOSED, self.now, ACTOR, reason, {"step": self.name})
        if isinstance(moved, Refused):
            return withdraw(self.name, self.ticket, self.now, moved.reason)
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
        moved = cases.move_case(self.ticket, case.id, cases.Step.RESOLVED, self.now, ACTOR, "nobody said the fix does not hold")  # fmt: skip
        if isinstance(moved, Refused):
            return withdraw(self.name, self.ticket, self.now, moved.reason)
        event = self._event(Happening.REMINDED, "the fix counts as confirmed")
        ticket = _with(moved.ticket, event)
        after = next(c for c in cases.cases(ticket) if c.id == case.id)
        letter = compose.on_case_moved(self.writer, ticket, after)
        return Acted(ticket, _some(letter), (*moved.events, event))

    # -- what they share

    def _commitment(self) -> Commitment:
        found = clocks.commitments(self.ticket, self.writer.promises, self.now)
        return next(c for c in found if c.kind == self.due.kind)

    def _case(self) -> cases.Case:
        return next(c for c in cases.cases(self.ticket) if c.id == self.due.data["case"])

    def _case_words(self, kind: str) -> dict[str, Any]:
        words = self.writer.words_to(self.ticket, kind)
        return compose.case_words(self._case(), words, self.ticket, self.due.data.get("ends"))

    def _ends(self, kind: str) -> str:
        ends = self.due.data.get("ends")
        words = self.writer.words_to(self.ticket, kind)
        return words.moment(ends, context.zone_of(self.ticket.time_zone)) if ends else ""

    def _event(self, kind: Happening, reason: str, commitment: Commitment | None = None) -> Event:
        data: dict[str, Any] = {"step": self.name}
        if commitment is not None:
            data |= {"commitment": commitment.kind, "share": round(commitment.share, 4)}
            data |= {"policy": commitment.policy, "due": commitment.due.isoformat()}
        return Event(self.now, kind, ACTOR, reason, data)

    def _tell_staff(
        self, kind: str, commitment: Commitment, happening: Happening, reason: str, tier: int
    ) -> Acted:
        ticket = replace(self.ticket, tier=max(self.ticket.tier, tier))
        events = [self._event(happening, reason, commitment)]
        if tier > self.ticket.tier and happening is not Happening.ESCALATED:
            escalated = {"tier": tier, "commitment": commitment.kind}
            events.append(Event(self.now, Happening.ESCALATED, ACTOR, f"to tier {tier}: {reason}", escalated))
        if happening is Happening.ESCALATED:
            events = [replace(events[0], data={**events[0].data, "tier": tier})]
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
            return withdraw(self.name, self.ticket, self.now, "there is nobody left to write to")
        event = self._event(Happening.REMINDED, reason)
        return Acted(_with(self.ticket, event), (letter,), (event,))

    def _moved(self, moved: Moved | Refused, letter: Letter | None) -> Acted:
        if isinstance(moved, Refused):
            return withdraw(self.name, self.ticket, self.now, moved.reason)
        return Acted(moved.ticket, _some(letter), moved.events)


def _some(letter: Letter | None) -> tuple[Letter, ...]:
    return () if letter is None else (letter,)
