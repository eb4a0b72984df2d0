"""A sender that sends again and again: its mails lie on one ticket with their count; one letter, and staff told once. PURE."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from triaged.frozen import frozen
from triaged.letters import compose
from triaged.reading.values import Reading
from triaged.store.rows import ClaimedMail, Fate, Finished
from triaged.tickets.event_data import Review
from triaged.tickets.ticket import Event, Happening, Ticket
from triaged.vocabulary import Kind
from triaged.walk.plan import Change, MailFate, Note, Plan, change, some, unplanned
from triaged.walk.plans.judged import Ground
from triaged.walk.tickets_from_mail import LONGEST_SUBJECT

ALIKE = 3  # mails of an address within an hour, after which the same once more opens no ticket
ROUNDS = 5  # in which a mail of the same subject followed a letter of ours at once: a machine answers
AT_ONCE = timedelta(seconds=60)
STAFF_AT = 10  # mails on the ticket, at which staff are told


_DIGITS = re.compile(r"[0-9]++")
_SECOND = timedelta(seconds=1)


@frozen
class Storm:
    """Where such a mail goes: the ticket's number, how many mails lie on it with this one, and why. `ticket` whole only
    where its story tells the count."""

    ticket_id: int
    count: int
    why: str
    ticket: Ticket | None


@frozen
class Stroke:
    """A mail of such a sender: when it came to its server and to us, its subject, the ticket it lies on."""

    received_at: datetime
    kept_at: datetime
    subject: str
    ticket_id: int | None = None

    def answers(self, went: datetime) -> bool:
        """Whether it may be the answer to a letter that was written then."""
        return went < self.kept_at and -_SECOND <= self.received_at - went <= AT_ONCE


def is_told(count: int) -> bool:
    """Whether the ticket's story tells this count: 2, 10, 100, 1,000 …"""
    return count == 2 or (count >= STAFF_AT and str(count).strip("0") == "1")


def is_played(mails: Sequence[Stroke], letters: Sequence[datetime], last: Stroke) -> bool:
    """Whether `last` is one more stroke of a game between machines; mails and letters the newest first.

    A person does not write the same subject within a minute after each of five letters: each of these mails came to us
    behind a letter of its own, as those that somebody sends in one go do not. A game that is known, since some such
    mails lie on one ticket already, goes on without our letters. Times of mail are whole seconds on most servers.
    """
    wanted = _DIGITS.sub("0", last.subject)
    alike = [one for one in mails if _DIGITS.sub("0", one.subject) == wanted]
    if len(alike) < ROUNDS - 1:
        return False
    if max(Counter(one.ticket_id for one in alike if one.ticket_id is not None).values(), default=0) > 1:
        return True
    left = iter(letters)
    return all(any(one.answers(went) for went in left) for one in (last, *alike[: ROUNDS - 1]))


def one_more(mail: ClaimedMail, reading: Reading, storm: Storm, ground: Ground) -> Plan:
    """It lies on the ticket, moves nothing there and brings no letter to its sender."""
    row = Finished(
        mail_id=mail.id,
        fate=Fate.TICKET,
        kind=str(Kind.REQUEST),
        why=storm.why,
        ticket_id=storm.ticket_id,
        subject=reading.subject[:LONGEST_SUBJECT],
        sender=reading.sender.address,
        message_id=reading.message_id,
    )
    own = (reading.message_id,) if reading.message_id else ()
    fate = MailFate(row, storm.ticket, own=own, authentication=reading.authentication.result)
    if storm.ticket is None:
        return Plan(mail=fate)
    said = f"{reading.sender.address}: {storm.why}; {storm.count} mails lie on this ticket"
    event = Event(ground.now, Happening.AUTOMATIC_MAIL, "daemon", said)
    asked = _asked(storm.ticket, event, storm, reading.sender.address, ground)
    if asked is not None:
        return Plan(changes=(asked,), mail=fate)
    return Plan(notes=(Note(storm.ticket_id, event),), mail=fate)


def _asked(ticket: Ticket, event: Event, storm: Storm, sender: str, ground: Ground) -> Change | None:
    """Staff learn of it once."""
    reason = (
        f"{sender} sends mail again and again: all of it lies on this ticket, and is not answered one by one"
    )
    if storm.count < STAFF_AT or reason in ticket.reviews:
        return None
    review = Event(ground.now, Happening.REVIEW_ASKED, "daemon", reason, Review(reason).stored())
    after = replace(ticket, reviews=(*ticket.reviews, reason), events=(*ticket.events, event, review))
    writer = ground.writer_of(ticket)
    key = f"review@{compose.count(after, Happening.REVIEW_ASKED)}"
    letter = writer.to_staff("review", key, after, {"reasons": (reason, event.reason)})
    return unplanned(change(ticket, after, writer, some([letter])))
