"""THE PEN: writes a plan, whole or not at all; nothing else in the walk writes.

In one transaction of the store, so that a ticket never has an event without its letter or a letter without
its due steps (promises 2 to 4). What only this moment can know is decided here and told: letters beyond a cap
or to addresses that failed (walk/caps.py), and notes beyond what a ticket takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from triaged import maillog
from triaged.alerts.telling import rows as alert_rows
from triaged.errors import Faulty
from triaged.followups.steps import PLAN, Step, Word
from triaged.frozen import frozen
from triaged.letters import invited, kinds, mime
from triaged.meetings.meeting import meetings
from triaged.reading import our_ids
from triaged.store.store import Transaction
from triaged.tickets import notes
from triaged.tickets.meeting_data import MeetingChanged
from triaged.tickets.ticket import Due, Event, Happening, Letter, Ticket
from triaged.vocabulary import Severity
from triaged.walk import alerting
from triaged.walk.caps import IN_A_BURST, Caps
from triaged.walk.knowledge import Knowledge
from triaged.walk.plan import Change, MailFate, Note, Plan
from triaged.walk.plans import bursts


class Misnumbered(RuntimeError):
    """A ticket got another number than its letters name."""


@frozen
class Pen:
    """What writing goes by. `secret` signs our Message-IDs; `owner` claimed what the plans are about."""

    tx: Transaction
    knowledge: Knowledge
    secret: bytes
    now: datetime
    owner: str = ""

    def write(self, plan: Plan) -> tuple[Letter, ...]:
        """Everything of a plan; answers the letters that were new.

        Raises Faulty where a letter that is to be taken back has left, HourTaken where a host's time is another's.
        Raises Fenced, now or when the transaction ends, where the claim on the plan's mail or step was lost.
        """
        self._addresses(plan)
        for ticket_id, kind, key in plan.withdrawn:
            if not self.tx.take_back_letter(ticket_id, kind, key, "taken back before it left"):
                raise Faulty("it has left already, or is leaving now")
        for note in plan.notes:
            self._note(note)
        letters: list[Letter] = []
        caps = Caps(self.tx, self.knowledge.config.limits, self.now, plan.ordered)
        for change in plan.changes:
            self._ticket(change)
            self._meetings(change)
            letters += self._letters(change, caps)
            self._alerts(change)
        of_none = [one for one in plan.letters if not kinds.of(one.kind).anybodys or not caps.floods(one.to)]
        letters += self._post(of_none, None)
        if plan.meeting is not None:
            self.tx.keep_of_meeting(plan.meeting, self.now)
        if plan.correction is not None:
            self.tx.learn(plan.correction)
        if plan.owed:
            self.tx.told_of_owed(plan.owed, self.now)
        self._steps(plan)
        if plan.mail is not None:
            self._fate(plan.mail)
        return tuple(letters)

    def _addresses(self, plan: Plan) -> None:
        if plan.cleared:
            self.tx.clear_address(plan.cleared)
        for address, why in plan.failed:
            self.tx.mark_address(address, why, self.now)

    def _note(self, note: Note) -> None:
        """So many of them on a ticket, then one that says so, then none: forged ones must not fill it."""
        written = self.tx.notes_on(note.ticket_id)
        event = notes.enough(self.now) if written == notes.MOST else note.event
        if written <= notes.MOST:
            self.tx.add_events(note.ticket_id, [event])

    def _ticket(self, change: Change) -> None:
        if change.before is not None:
            self.tx.save(change.before, change.after)
            self.tx.add_events(change.after.id, change.events)
        elif self.tx.open_ticket(change.after).id != change.after.id:
            raise Misnumbered(f"{change.after.reference} would have been opened under another number")

    def _meetings(self, change: Change) -> None:
        """Where screen-sharing sessions stand now: as the events tell it."""
        told = (MeetingChanged.of(one) for one in change.events if one.kind is Happening.MEETING_CHANGED)
        numbers = {one.meeting for one in told}
        for meeting in meetings(change.after) if numbers else ():
            if meeting.number in numbers:
                self.tx.keep_meeting(change.after.id, meeting)

    def _alerts(self, change: Change) -> None:
        """Who is told of it by another way than mail, and that it is over."""
        receivers = self.knowledge.config.alerts
        if receivers:
            told = alert_rows(alerting.of_change(change, self.now), receivers, self.now)
            self.tx.write_alerts(told, self.now)
            self.tx.alerts_over(alerting.over_with(change, receivers, self.now), self.now)

    def _letters(self, change: Change, caps: Caps) -> tuple[Letter, ...]:
        """Those of a ticket, each told on it; one that may not go is told with the reason."""
        if not change.letters:
            return ()
        ticket, writer = change.after, self.knowledge.writer(change.after.mailbox, self.now)
        allowed: list[Letter] = []
        events: list[Event] = []
        for letter in change.letters:
            fit, objection = caps.fit(letter, ticket, writer)
            if fit is not None:
                allowed.append(fit)
            else:
                maillog.letter_withheld(ticket.reference, letter.kind, objection)
                events.append(self._told(Happening.LETTER_WITHDRAWN, objection, letter))
                self._missed_by(letter, ticket)
                if objection.endswith(IN_A_BURST) and ticket.trusted and kinds.of(letter.kind).acknowledges:
                    self.tx.add_due(bursts.planned(ticket, letter.to[0], self.now))
        new = self._post(allowed, ticket)
        for one in new:
            told = f"{one.kind.replace('_', ' ')} to {', '.join((*one.to, *one.cc))}"
            events.append(self._told(Happening.LETTER_WRITTEN, told, one))
        self.tx.add_events(ticket.id, events)
        return new

    def _missed_by(self, letter: Letter, ticket: Ticket) -> None:
        """Who waits for an S1 and does not even get its acknowledgment is staff's to reach (due_steps.planned_anew)."""
        if ticket.severity is Severity.S1 and kinds.of(letter.kind).counts_as == "acknowledgment":
            step = Step(PLAN, Word.UNDELIVERED, int(self.now.timestamp()))
            self.tx.add_due(Due(ticket.id, step.kind, step.text, self.now))

    def _told(self, happening: Happening, reason: str, letter: Letter) -> Event:
        return Event(self.now, happening, "daemon", reason, invited.as_written(letter).stored())

    def _post(self, letters: Sequence[Letter], ticket: Ticket | None) -> tuple[Letter, ...]:
        """Into the outbox with their Message-IDs and bytes; answers those that are new."""
        config = self.knowledge.config
        letters = [replace(one, mailbox=config.mailbox(one.mailbox).name) for one in letters]
        ids = [self._message_id(letter, ticket.id if ticket else 0) for letter in letters]
        raws = [self._render(letter, one) for letter, one in zip(letters, ids, strict=True)]
        if not letters:
            return ()
        return self.tx.write(
            letters,
            ticket.id if ticket else None,
            ids,
            raws,
            self.now,
            unverified=ticket is not None and not ticket.trusted,
            in_name_of=ticket.partner_domain if ticket else None,
        )

    def _message_id(self, letter: Letter, ticket_id: int) -> str:
        config = self.knowledge.config
        host = config.message_id_host or config.mailbox(letter.mailbox).address.rpartition("@")[2]
        key = f"{letter.mailbox}:{letter.kind}:{letter.key}"
        return our_ids.message_id(ticket_id, key, self.secret, host)

    def _render(self, letter: Letter, message_id: str) -> bytes:
        mailbox = self.knowledge.config.mailbox(letter.mailbox)
        return mime.render(
            letter,
            from_address=mailbox.address,
            from_name=mailbox.display_name,
            message_id=message_id,
            date=self.now,
            mark=self._mark(letter, message_id),
        )

    def _mark(self, letter: Letter, message_id: str) -> str:
        """A letter to several shows the same bytes to all of them: then nothing in it could prove whose it was."""
        if letter.audience != "partner" or len({*letter.to, *letter.cc}) != 1:
            return ""
        return our_ids.recipient_mark(message_id, (*letter.to, *letter.cc)[0], self.secret)

    def _steps(self, plan: Plan) -> None:
        """The step taken first: what is done stays done when the ticket's steps are planned anew."""
        if plan.step is not None:
            self.tx.finish_due(plan.step.id, self.owner, plan.step.outcome, self.now)
        for change in plan.changes:
            if change.dues is not None:
                self.tx.set_dues(change.after.id, change.dues)
        for due in plan.dues:
            self.tx.add_due(due)

    def _fate(self, mail: MailFate) -> None:
        """The ledger's row, the ids its ticket is known by, and the rules that hit."""
        row = mail.row
        if row.ticket_id is not None:
            self.tx.know(row.ticket_id, mail.own, of="mail", if_unknown=not mail.proven)
            self.tx.know(row.ticket_id, mail.mentioned, of="reference", if_unknown=not mail.proven)
        if mail.said is not None:
            self.tx.tell(mail.said)
        self.tx.finish_mail(row, self.owner, self.now)
        self.tx.rule_hits(row.mail_id, row.ticket_id, mail.hits, self.now, mail.rulebook_version)
