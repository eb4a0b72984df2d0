"""One pen for everything that changes a ticket: the row, its events, its letters, its due steps.

Used by the walk, the deadlines and the commands inside one transaction of the store, so that a ticket
never has an event without its letter or a letter without its due steps (promises 2 to 4).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from triaged import maillog
from triaged.config.config import Config, Mailbox
from triaged.followups import due
from triaged.letters import compose, kinds, mime
from triaged.letters.context import Desk
from triaged.letters.writer import Writer
from triaged.promises import clocks
from triaged.reading import our_ids
from triaged.rulebook.rulebook import Rulebook
from triaged.store.store import Transaction
from triaged.tickets import notes
from triaged.tickets.event_data import OfLetter
from triaged.tickets.ticket import Event, Happening, Letter, Ticket
from triaged.vocabulary import Severity

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STRANGERS_AN_HOUR = 30  # letters to staff, beyond which strangers' mail brings no more
IN_A_NAME_AN_HOUR = 10  # the same of what nobody verified in one partner's name
TO_ONE_UNVERIFIED_AN_HOUR = 3  # letters to one person whose mails nobody verified
SUMMARY = "reviews_capped"  # the one letter that tells staff of those they do not get


@dataclass(frozen=True, slots=True)
class Pen:
    """What recording goes by. `secret` signs our Message-IDs. What a human ordered is not capped."""

    tx: Transaction
    config: Config
    book: Rulebook
    secret: bytes
    now: datetime
    by_human: bool = False

    def open(self, draft: Ticket) -> Ticket:
        """A new ticket, stored under the next number."""
        return self.tx.open_ticket(clocks.with_next_promise(draft, self.book.promises, self.now))

    def change(self, before: Ticket, after: Ticket, events: Iterable[Event]) -> Ticket:
        """A ticket changed: what differs is written, and its new events."""
        stored = self.tx.save(before, clocks.with_next_promise(after, self.book.promises, self.now))
        self.tx.add_events(after.id, tuple(events))
        return stored

    def note(self, ticket_id: int, event: Event) -> None:
        """Something told on a ticket that moves nothing: so often, then never again, or forged notes fill it."""
        written = self.tx.notes_on(ticket_id)
        if written == notes.MOST:
            event = notes.enough(self.now)
        if written <= notes.MOST:
            self.tx.add_events(ticket_id, [event])

    def write(self, ticket: Ticket, letters: Sequence[Letter]) -> tuple[Letter, ...]:
        """Letters of a ticket into the outbox, capped and without addresses that failed; answers the new ones.

        Each is told as an event; one that may not go is told with the reason.
        """
        allowed: list[Letter] = []
        events: list[Event] = []
        for letter in letters:
            fit, objection = self._fit(letter, ticket)
            if fit is not None:
                allowed.append(fit)
            else:
                maillog.letter_withheld(ticket.reference, letter.kind, objection)
                data = OfLetter(letter.kind, letter.key).stored()
                events.append(Event(self.now, Happening.LETTER_WITHDRAWN, "daemon", objection, data))
        new = self._post(allowed, ticket.id, unverified=not ticket.trusted, in_name_of=ticket.partner_domain)
        events += [
            Event(
                self.now, Happening.LETTER_WRITTEN, "daemon", _told(one), OfLetter(one.kind, one.key).stored()
            )
            for one in new
        ]
        self.tx.add_events(ticket.id, events)
        return new

    def write_from_desk(self, letters: Sequence[Letter]) -> tuple[Letter, ...]:
        """Letters that are of no ticket: the digest, a refused rulebook."""
        return self._post(letters, None)

    def tell_of_s1(self, before: Ticket, after: Ticket) -> None:
        """Staff hear of a ticket that has become S1 otherwise than by a new mail."""
        if after.severity is Severity.S1 and before.severity is not Severity.S1 and not after.history:
            letter = compose.new_s1(self.writer(after), after)
            self.write(after, [letter] if letter else [])

    def writer(self, ticket: Ticket) -> Writer:
        """Who writes the letters of a ticket."""
        return writer_of(self.config.mailbox(ticket.mailbox), self.config, self.book, self.now)

    def plan(self, ticket: Ticket) -> None:
        """Make the ticket's due steps those that follow from how it stands now."""
        self.tx.set_dues(ticket.id, due.plan(ticket, self.book.promises, self.now))

    def _post(
        self, letters: Sequence[Letter], ticket_id: int | None, *, unverified: bool = False,
        in_name_of: str | None = None,
    ) -> tuple[Letter, ...]:  # fmt: skip
        letters = [replace(one, mailbox=self.config.mailbox(one.mailbox).name) for one in letters]
        ids = [self._message_id(letter, ticket_id or 0) for letter in letters]
        raws = [self._render(letter, one) for letter, one in zip(letters, ids, strict=True)]
        if not letters:
            return ()
        return self.tx.write(
            letters, ticket_id, ids, raws, self.now, unverified=unverified, in_name_of=in_name_of
        )

    def _message_id(self, letter: Letter, ticket_id: int) -> str:
        host = self.config.message_id_host or self.config.mailbox(letter.mailbox).address.rpartition("@")[2]
        return our_ids.message_id(
            ticket_id, f"{letter.mailbox}:{letter.kind}:{letter.key}", self.secret, host
        )

    def _render(self, letter: Letter, message_id: str) -> bytes:
        mailbox = self.config.mailbox(letter.mailbox)
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

    def _fit(self, letter: Letter, ticket: Ticket) -> tuple[Letter | None, str]:
        """The letter to whom it may still go (promise 9), or why it may go to nobody."""
        failed = self.tx.failed_of((*letter.to, *letter.cc))
        # An address no header can hold must cost the letter to it, not the mail its ticket.
        barred = failed | {a for a in (*letter.to, *letter.cc) if not mime.can_hold(a)}
        to, cc = (tuple(a for a in given if a not in barred) for given in (letter.to, letter.cc))
        if not to and not cc:
            return None, f"letters do not reach {', '.join(sorted(barred))}"
        capped = kinds.of(letter.kind).capped
        if letter.audience == "staff" and not ticket.trusted and capped:
            return self._to_staff(replace(letter, to=to or cc, cc=cc if to else ()), ticket)
        if letter.audience == "partner" and not self.by_human and capped:
            objection = self._objection(ticket)
            if objection:
                return None, objection
            most = self.config.limits.letters_per_address_hour
            to, cc = (tuple(a for a in given if not self._has_enough(a, ticket, most)) for given in (to, cc))
            if not to and not cc:
                most = most if ticket.trusted else min(most, TO_ONE_UNVERIFIED_AN_HOUR)
                return None, f"more than {most} letters to this address in an hour"
        return replace(letter, to=to or cc, cc=cc if to else ()), ""

    def _objection(self, ticket: Ticket) -> str:
        """Why no letter may go to the partner's side now, whoever it is for."""
        limits = self.config.limits
        if self.tx.letters_on(ticket.id, self.now - DAY) >= limits.letters_per_ticket_day:
            return f"more than {limits.letters_per_ticket_day} letters on this ticket in a day"
        if not ticket.trusted and self._unverified("partner") >= limits.letters_to_unverified_hour:
            # Whoever forges senders by the thousand must not make us write to them all (F15).
            return f"more than {limits.letters_to_unverified_hour} letters to unverified senders in an hour"
        return ""

    def floods(self, addresses: Iterable[str]) -> bool:
        """Whether all of these of staff have had so many letters within the hour that strangers' wait."""
        return all(self._flooded(address) for address in addresses)

    def _flooded(self, address: str) -> bool:
        return self.tx.letters_to(address, self.now - HOUR, "staff") >= STRANGERS_AN_HOUR

    def _has_enough(self, address: str, ticket: Ticket, most: int) -> bool:
        written = self.tx.written_to(address, self.now - HOUR)
        forged = not ticket.trusted and written.unverified >= TO_ONE_UNVERIFIED_AN_HOUR
        return forged or written.letters >= most

    def _to_staff(self, letter: Letter, ticket: Ticket) -> tuple[Letter | None, str]:
        """A letter to staff about what nobody verified: so many an hour, then one that tells of the rest.

        Strangers and what is in a partner's name are counted apart, so that neither hides the other; and one
        partner's name does not use up what there is for all.
        """
        name = ticket.partner_domain
        if name is None:
            full = self._unverified("staff", lambda one: one is None) >= STRANGERS_AN_HOUR
        else:
            of_all = self._unverified("staff", lambda one: one is not None)
            full = (
                of_all >= STRANGERS_AN_HOUR
                or self._unverified("staff", lambda one: one == name) >= IN_A_NAME_AN_HOUR
            )
        if not full:
            return letter, ""
        why = (
            "more letters to staff about unverified mail than may be in an hour; the rest wait for the digest"
        )
        if any(one.kind == SUMMARY for one in self.tx.unverified_letters(self.now - HOUR)):
            return None, why
        told = f"{why}. `triaged tickets list --review` shows them"
        summary = self.writer(ticket).to_staff(SUMMARY, SUMMARY, ticket, {"reasons": (told,), "excerpt": ""})
        return summary, why

    def _unverified(self, audience: str, in_name: Callable[[str | None], bool] = lambda _name: True) -> int:
        """Letters of the last hour on tickets that nobody verified."""
        written = self.tx.unverified_letters(self.now - HOUR)
        return sum(
            number
            for one, number in written.items()
            if one.audience == audience and kinds.of(one.kind).capped and in_name(one.in_name_of)
        )


def desk_of(mailbox: Mailbox, config: Config) -> Desk:
    """The mailbox as letters know it."""
    return Desk(
        mailbox=mailbox.name,
        address=mailbox.address,
        name=mailbox.display_name,
        time_zone=mailbox.time_zone,
        region=mailbox.regions[0] if mailbox.regions else "",
        alert=config.staff.alert,
        tiers={int(tier): who for tier, who in config.staff.tiers.items()},
    )


def writer_of(mailbox: Mailbox, config: Config, book: Rulebook, now: datetime) -> Writer:
    """Who writes the letters of a mailbox at a moment."""
    return Writer(book.letters, book.promises, desk_of(mailbox, config), now)


def _told(letter: Letter) -> str:
    return f"{letter.kind.replace('_', ' ')} to {', '.join((*letter.to, *letter.cc))}"
