"""What deciding must know of the store, asked before anything is decided.

One question of each kind for the whole batch (store/lookups.py): `expect` says what will be asked, and each
mail gets its own answers, as they are after the mails before it were written.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from triaged.frozen import frozen
from triaged.judging.decisions import Sender
from triaged.reading.values import Reading
from triaged.store.rows import ClaimedMail, LedgerMail, Upcoming
from triaged.store.store import Transaction
from triaged.tickets import threads
from triaged.tickets.threads import Candidates, Placed
from triaged.tickets.ticket import Ticket
from triaged.vocabulary import Kind
from triaged.walk.judge import Asked, Counts, asks
from triaged.walk.plans import machine, storms
from triaged.walk.plans.judged import Ground
from triaged.walk.plans.storms import Storm
from triaged.walk.tickets_from_mail import LONGEST_SUBJECT

HOUR = timedelta(hours=1)
_DOUBTED = frozenset({Kind.SPOOF.value, Kind.SPAM.value, Kind.ABUSE.value})  # of versions that noted no trust


def expect(tx: Transaction, mails: Sequence[tuple[ClaimedMail, Reading]]) -> None:
    """These mails will be looked up one after another."""
    tx.expect(
        Upcoming(mail, reading.message_id, threads.mentions(reading)[0], reading.sender.address)
        for mail, reading in mails
    )


@frozen
class LookUp:
    """What is asked about one mail, inside the transaction that will write its plan."""

    tx: Transaction
    ground: Ground

    def same_as(self, mail: ClaimedMail, reading: Reading, sender: Sender) -> LedgerMail | None:
        """The mail that this one is again; none where it is the true one, and what came first is doubted."""
        if mail.ticket_id:
            return None
        alike = self.tx.seen(mail, reading.message_id, sender.address)
        return next((one for one in alike if not _outranks(sender, one)), None)

    def repeated(self, mail: ClaimedMail, reading: Reading, sender: Sender, most: int) -> Storm | None:
        """The ticket of what this sender sends again and again, where a mail would open one more.

        What is the same to the byte as one of the last hour, from the fourth mail in it on: three times people do send
        a thing that is not answered at once. Beyond `most` whatever it is: no person writes so many. And what comes
        at the heels of each letter of ours, the same but for its numbers: another desk acknowledges us.
        """
        if mail.walked or mail.history != "none" or reading.automatic or sender.role == "staff":
            return None
        since = self.ground.now - HOUR
        came = self.tx.mails_from(sender.address, since)
        if came < storms.ALIKE or not sender.address:
            return None
        subject = reading.subject[:LONGEST_SUBJECT]
        number = self.tx.alike(sender.address, mail.body_sha256, subject, since)
        why = "the same mail once more"
        if number is None and came >= most:
            number, why = self.tx.latest_of(sender.address, since), f"more than {most} mails within an hour"
        if number is None and came >= storms.ROUNDS:
            mails, letters = self.tx.exchanged(sender.address, since, 2 * storms.ROUNDS)
            strokes = [storms.Stroke(*one) for one in mails]
            if storms.is_played(strokes, letters, storms.Stroke(mail.received_at, mail.kept_at, subject)):
                number, why = (
                    self.tx.latest_of(sender.address, since),
                    "an answer to each of our letters at once",
                )
        if number is None or not self.tx.takes_more(number, trusted=sender.trusted):
            return None
        count = 1 + self.tx.mails_of(number)
        ticket = self.tx.ticket(number) if storms.is_told(count) else None
        return Storm(number, count, why, ticket)

    def candidates(self, reading: Reading) -> Candidates:
        """The tickets behind what the mail mentions."""
        return self.tx.threads(*threads.mentions(reading))

    def about(self, reading: Reading, sender: Sender, placed: Placed) -> Asked:
        """What is to be known of a mail where it was placed."""
        number, reference = self.tx.next_ticket()
        return Asked(
            ticket=self.tx.ticket(placed.ticket_id) if placed.ticket_id else None,
            linked=self._linked(placed),
            counts=self._counts(sender),
            number=number,
            reference=reference,
            addressed=self._addressed(reading, placed),
            meeting=self._meeting(reading),
        )

    def _meeting(self, reading: Reading) -> Ticket | None:
        """The ticket of the session whose invitation a mail answers."""
        reply = reading.invitation_reply
        number = self.tx.ticket_of_meeting(reply.uid) if reply is not None else None
        return self.tx.ticket(number) if number else None

    def _linked(self, placed: Placed) -> Ticket | None:
        if placed.linked_to is None or placed.joins != "linked_new":
            return None
        return self.tx.ticket(placed.linked_to)

    def _counts(self, sender: Sender) -> Counts:
        """Mails of the last hour, asked only where a rule wants to know."""
        if not asks(self.ground.rulebook, "sender.mails_last_hour", "partner.mails_last_hour"):
            return Counts()
        since, domain = self.ground.now - HOUR, sender.address.rpartition("@")[2]
        return Counts(
            1 + self.tx.mails_from(sender.address, since), 1 + self.tx.mails_of_domain(domain, since)
        )

    def _addressed(self, reading: Reading, placed: Placed) -> frozenset[str]:
        """Whom the letter went to that a mail gives back."""
        if placed.how != "letter" or not machine.is_bounce(reading):
            return frozenset()
        return self.tx.addressed_by(machine.letters_answered(reading, self.ground))


def _outranks(sender: Sender, first: LedgerMail) -> bool:
    """Whether this copy is the true one, and what came first a forgery or one that lost its proof on the way.

    Else who sends a copy of a mail first could make the partner's own one vanish.
    """
    return sender.trusted and not first.reading.get("trusted", first.kind not in _DOUBTED)
