"""Every step that is still to be taken on a ticket, and when: from its promises and the rulebook's schedules. PURE.

No step comes twice on a ticket: what may recur carries its round (followups/steps.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from triaged.followups import meeting_steps
from triaged.followups.steps import CASE, CLOSE, MARKS, MISSING, WAITING, Step, Word
from triaged.frozen import frozen
from triaged.letters import bearing, kinds
from triaged.letters.kinds import LetterKind
from triaged.letters.recipients import addressees
from triaged.meetings.meeting import STANDING, current
from triaged.promises import clocks, schedules
from triaged.promises.clock import Commitment
from triaged.promises.commitments import COMMITMENTS
from triaged.promises.service_levels import Promises
from triaged.promises.spans import Span
from triaged.tickets import cases
from triaged.tickets.cases import CaseStep
from triaged.tickets.event_data import ByStaff, OfLetter, OfMail
from triaged.tickets.states import ENCRYPTED
from triaged.tickets.ticket import LIVE, Due, Event, Happening, State, Ticket

OVER = "over by now"  # missed in a round that has ended since


@frozen
class Needs:
    """What taking a step needs beside the ticket.

    `overtaken`: why a mark of a commitment writes no letter any more. `last`: of the reminders. `ends`: when
    silence ends the schedule.
    """

    overtaken: str = ""
    last: bool = False
    ends: datetime | None = None


@frozen
class Planned:
    """A step of a ticket and its time, before it becomes a row."""

    step: Step
    at: datetime
    needs: Needs = Needs()

    def row(self, ticket: Ticket) -> Due:
        """As the store keeps it."""
        needs = self.needs
        about = {"case": self.step.case} if self.step.case else {}
        data = {"overtaken": needs.overtaken, "last": needs.last, "ends": needs.ends, **about}
        return Due(ticket.id, self.step.kind, self.step.text, self.at, ticket.mailbox, data)


@frozen
class Silence:
    """A schedule of silence: reminders from `start` on by letters of a kind, and the step that ends it `after`."""

    end: Step
    start: datetime
    reminders: list[Span]
    after: Span | None
    letter: str

    def step(self, number: int) -> Step:
        """The reminder of this number; at END the step that ends it."""
        if number == schedules.END:
            return self.end
        return replace(self.end, word=Word.REMIND, number=number)

    def done(self, taken: Mapping[Step, datetime]) -> dict[int, datetime]:
        """The numbers of its steps taken, and when."""
        return {one.number: at for one, at in taken.items() if one == self.step(one.number)}


def planned(
    ticket: Ticket, promises: Promises, now: datetime, taken: Mapping[Step, datetime]
) -> tuple[Planned, ...]:
    """Every step still to be taken, those that `taken` names left out; earliest first."""
    found = _Planning(ticket, promises, now, taken).steps()
    left = (replace(one, at=one.at.astimezone(UTC)) for one in found if one.step not in taken)
    return tuple(sorted(left, key=lambda one: (one.at, one.step.kind, one.step.text)))


def last_report(ticket: Ticket, since: datetime) -> Event | None:
    """The last thing staff reported for the partner's eyes (`report`) after `since`, not told yet.

    An answer of staff is no news to the partner: he has it.
    """
    for event in reversed(ticket.events):
        if _is_update(event) or event.kind is Happening.STAFF_ANSWERED:
            return None
        if ByStaff.of(event).report and event.at >= since:
            return event
    return None


def _is_update(event: Event) -> bool:
    written = event.kind in (Happening.LETTER_WRITTEN, Happening.LETTER_SENT)
    return written and _letter(event).counts_as == "update"


def _letter(event: Event) -> LetterKind:
    """The kind of the letter that an event tells of."""
    return kinds.of(OfLetter.of(event).kind)


def count(ticket: Ticket, happening: Happening) -> int:
    """How often something has happened to a ticket."""
    return sum(event.kind is happening for event in ticket.events)


@frozen
class _Planning:
    """One ticket being planned, and what planning it goes by."""

    ticket: Ticket
    promises: Promises
    now: datetime
    taken: Mapping[Step, datetime]

    def steps(self) -> Iterator[Planned]:
        """All of them, also those that are taken."""
        ticket = self.ticket
        for commitment in clocks.commitments(ticket, self.promises, self.now):
            yield from self._of_commitment(commitment)
        if ticket.state in LIVE:
            yield from self._of_cases()
        if self._writes_to_partner():
            yield from self._of_missing()
            yield from self._of_waiting()
        for step, at in meeting_steps.planned(ticket, self.promises, self.now):
            yield Planned(step, at)
        if ticket.state is State.RESOLVED and ticket.resolved_at is not None:
            close = self.promises.schedules.close_after_resolved
            calendar = self.promises.schedules.calendar
            at = self.promises.after(close, calendar, ticket.region, ticket.resolved_at)
            step = Step(CLOSE, Word.CLOSE, count(ticket, Happening.RESOLVED))
            yield Planned(step, self._in_hours("closed", at))

    def _in_hours(self, letter: str, at: datetime) -> datetime:
        """`at`, or the next opening of the hours in which this kind of letter leaves."""
        calendar = self.promises.sending_calendar(letter, self.ticket.region)
        return calendar.next_open(at) if calendar else at

    def _writes_to_partner(self) -> bool:
        """Strangers get no reminders, one generic letter is all (F15); nor does a forger."""
        return self.ticket.partner_domain is not None and bool(addressees(self.ticket)[0])

    # -- commitments

    def _of_commitment(self, c: Commitment) -> Iterator[Planned]:
        """Warned, missed, still open. Of several whose time has passed, only the last writes a letter."""
        rounds = COMMITMENTS[c.kind].rounds

        def step(word: Word, cycle: int = c.cycle) -> Step:
            return Step(c.kind, word, cycle if rounds else None)

        for cycle, due in c.missed_before:
            yield Planned(step(Word.MISS, cycle), due, Needs(overtaken=OVER))
        if c.state == "cancelled" or c.met_at is not None or self.ticket.state not in LIVE:
            if c.state == "missed":  # met late while nobody looked: recorded, no letter
                yield Planned(step(Word.MISS), c.due, Needs(overtaken="met late"))
            return
        if rounds:
            yield from self._of_updates(c)
        under_way = rounds and _update_under_way(self.ticket, c)
        marks = [
            (step(word), at, self._told_at(c, at))
            for word, at in zip(MARKS, (c.warn_at, *c.escalate_at), strict=False)
            if not (under_way and word is Word.WARN)
        ]
        passed = [one for one, _, told in marks if told <= self.now and one not in self.taken]
        for one, at, told in marks:
            if c.running or at <= self.now:  # a clock that stands still has passed what it has passed
                overtaken = passed[-1].label if one in passed[:-1] else ""
                yield Planned(one, told, Needs(overtaken=overtaken))

    def _told_at(self, c: Commitment, at: datetime) -> datetime:
        """Who counts in business hours is told in business hours; round the clock is round the clock."""
        policy = self.promises.policy(c.policy)
        if not c.business or policy is None:
            return at
        return self.promises.calendar(policy.calendar, self.ticket.region).next_open(at)

    def _of_updates(self, c: Commitment) -> Iterator[Planned]:
        """What staff reported goes out before the update is due; without news only as often as the policy says."""
        ticket, policy = self.ticket, self.promises.policy(c.policy)
        if not c.running or policy is None or not addressees(ticket)[0]:
            return
        if last_report(ticket, c.started) is not None:
            yield Planned(Step(c.kind, Word.REPORT, c.cycle), c.warn_at)
        elif bearing.is_thanked(ticket):
            return  # "it works now" is not answered by "no news yet"
        elif policy.still_working_every is not None and not _update_under_way(ticket, c):
            told = next((e.at for e in reversed(ticket.events) if _told_how_it_stands(e)), c.started)
            again = self.promises.after(policy.still_working_every, policy.calendar, ticket.region, told)
            yield Planned(Step(c.kind, Word.STILL_WORKING, c.cycle), max(c.due, again))

    # -- schedules of silence

    def _of_missing(self) -> Iterator[Planned]:
        ticket, began = self.ticket, clocks.began(self.ticket)
        if ENCRYPTED in ticket.tags:  # what could not be read may well have named them
            return
        if not ticket.no_identifier or ticket.state not in (State.NEW, State.OPEN) or began is None:
            return
        asked = [e.at for e in ticket.events if _is_question(e)]
        if question_answered(ticket):  # whatever it gave, staff have it; silence is over
            return
        # Before the question has left, from when we first saw the mail: the daemon may have been down (F17).
        first_seen = next((e.at for e in ticket.events if e.kind is Happening.JUDGED), began)
        start = asked[0] if asked else max(began, first_seen)
        spec = self.promises.schedules.missing_information
        reminders = [] if bearing.is_thanked(ticket) else spec.remind_after
        end = Step(MISSING, Word.TELL_STAFF)
        yield from self._of_silence(
            Silence(end, start, reminders, spec.tell_staff_after, "missing_information_reminder")
        )

    def _of_waiting(self) -> Iterator[Planned]:
        since = [e.at for e in self.ticket.events if e.kind is Happening.WAITING]
        session = current(self.ticket)
        if self.ticket.state is not State.WAITING or not since or (session and session.state in STANDING):
            return  # a session that is still to come is no silence
        start = max(since[-1], session.since) if session else since[-1]
        spec = self.promises.schedules.waiting
        end = Step(WAITING, Word.RESOLVE, len(since))
        yield from self._of_silence(
            Silence(end, start, spec.remind_after, spec.resolve_after, "waiting_reminder")
        )

    def _of_cases(self) -> Iterator[Planned]:
        spec = self.promises.schedules.case
        for case in cases.cases(self.ticket):
            if case.expected and case.step not in (CaseStep.CONFIRMING, CaseStep.RESOLVED):
                step = Step(CASE, Word.EXPECTED, case=case.id, day=case.expected)
                yield Planned(step, self._morning_after(case.expected))
            asked = case.step is CaseStep.CONFIRMING and not _answered_since(self.ticket, case.since)
            if asked and self._writes_to_partner():
                end = Step(CASE, Word.CONFIRM, case.moves, case=case.id)
                yield from self._of_silence(
                    Silence(end, case.since, spec.remind_after, spec.confirm_after, "case_reminder")
                )

    def _of_silence(self, silence: Silence) -> Iterator[Planned]:
        """The steps of a schedule of silence, inside the sending hours of its letter."""
        slots = list(
            schedules.lay_out(
                silence.start, silence.reminders, silence.after, silence.done(self.taken),
                self.promises, self.ticket.region, self.now,
            )
        )  # fmt: skip
        ends = next((slot.at for slot in slots if slot.number == schedules.END), None)
        for slot in slots:
            at = self._in_hours(silence.letter, slot.at)
            yield Planned(silence.step(slot.number), at, Needs(last=slot.last, ends=ends))

    def _morning_after(self, day: date) -> datetime:
        """When people begin work after a date has passed."""
        calendar = self.promises.calendar(self.promises.schedules.calendar, self.ticket.region)
        zone: ZoneInfo = calendar.zone
        return calendar.next_open(datetime.combine(day + timedelta(days=1), time(), zone))


def _update_under_way(ticket: Ticket, c: Commitment) -> bool:
    """News wait to go out, or an update is written and not yet sent: nobody need be asked for one."""
    if last_report(ticket, c.started) is not None:
        return True
    last = next((e for e in reversed(ticket.events) if _is_update(e) and e.at >= c.started), None)
    return last is not None and last.kind is Happening.LETTER_WRITTEN


def _told_how_it_stands(event: Event) -> bool:
    sent = event.kind is Happening.LETTER_SENT and _letter(event).counts_as == "update"
    return sent or event.kind in (Happening.STAFF_ANSWERED, Happening.RECEIVED)


def question_answered(ticket: Ticket) -> bool:
    """Whether the partner said anything after our question for identifiers had left, in the order of the story.

    Mere thanks, bystanders and old mail found late say nothing.
    """
    asked = False
    for event in ticket.events:
        asked = asked or _is_question(event)
        if asked and event.kind is Happening.PARTNER_ANSWERED and not OfMail.of(event).moves_nothing:
            return True
    return False


def _is_question(event: Event) -> bool:
    """Whether it is the question that has left, not a reminder of it."""
    if event.kind is not Happening.LETTER_SENT:
        return False
    letter = _letter(event)
    return letter.asks == "identifiers" and not letter.reminds


def _answered_since(ticket: Ticket, since: datetime) -> bool:
    answers = (e for e in ticket.events if e.kind is Happening.PARTNER_ANSWERED)
    return any(e.at > since and not OfMail.of(e).bystander for e in answers)
