"""THE WALK: claim -> read -> place -> judge -> decide -> write letters -> record (docs/flow.md).

Mails are claimed in batches and read in worker processes; then a batch is settled in one transaction.
Where a mail fails, its batch is settled again with a transaction for each, so that it stops none of the
others: it is tried again later, and after a few times put into quarantine with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta

from triaged import maillog
from triaged.judging.decisions import Sender
from triaged.readers.latecomers import PUT_OFF
from triaged.reading import our_ids
from triaged.reading.values import Reading
from triaged.store.rows import ClaimedMail, Fate, Fenced, Finished, LedgerMail, Unavailable, Upcoming
from triaged.store.store import Transaction
from triaged.tickets import threads
from triaged.tickets.threads import Placed
from triaged.tickets.ticket import Event, Happening
from triaged.vocabulary import Kind
from triaged.walk import plans
from triaged.walk.house import House
from triaged.walk.judge import Bearings, Counts, Envelope, asks, judge, who
from triaged.walk.knowledge import Knowledge
from triaged.walk.pen import HOUR, Pen
from triaged.walk.plans import Scribe, Settled

BATCH = 50
LEASE = timedelta(minutes=10)
MOST_RUNS = 5
SUSPECT = (
    2  # earlier runs without an outcome, after which a mail is walked alone: it must not take others with it
)
RETRY = timedelta(seconds=30)

Pairs = Sequence[tuple[ClaimedMail, Reading]]
Failed = list[tuple[ClaimedMail, Exception]]


@dataclass(slots=True)
class Batch:
    """Mails claimed and being read; recorded when their readings are there."""

    mails: Sequence[ClaimedMail]
    readings: Future[list[Reading]]

    @property
    def full(self) -> bool:
        """Whether more may wait behind it."""
        return len(self.mails) == BATCH

    @property
    def size(self) -> int:
        """Bytes of its mails."""
        return sum(len(one.raw) for one in self.mails)


def triage_batch(house: House, now: datetime) -> int:
    """Walk up to BATCH waiting mails; how many were taken up. 0: nothing waits."""
    batch = begin(house, now)
    return finish(house, batch, now) if batch else 0


def begin(house: House, now: datetime) -> Batch | None:
    """Claim waiting mails and have them read; None if nothing waits.

    Recording is `finish`'s part, so that the next batch can be read while one is recorded.
    """
    claimed = _claimed(house, now)
    if not claimed:
        return None
    given = [(m.raw, envelope_of(m, house.knowledge).door) for m in claimed]
    return Batch(claimed, house.readers.submit(given, fairly=True))


def _claimed(house: House, now: datetime) -> Sequence[ClaimedMail]:
    """Waiting mails; one alone where it may be why daemons died, and none that too many died with."""
    most = house.knowledge.config.limits.mail_size  # a larger one is read by its beginning
    elsewhere = house.elsewhere(now)
    while claimed := house.store.claim_mail(BATCH, now, house.owner, LEASE, most=most, others=elsewhere):
        suspect = next((mail for mail in claimed if mail.runs > SUSPECT), None)
        if suspect is None:
            first, last = house.latecomers.parted(claimed, now)
            _put_off(house, last, now)
            return first
        if others := [mail.id for mail in claimed if mail is not suspect]:
            house.store.unclaim(others, house.owner, now)
        if suspect.runs <= MOST_RUNS:
            return [suspect]
        why = f"{MOST_RUNS} times nothing came of it: a daemon ended with it in hand, or failed on it"
        _quarantine(house, suspect, why, now)
    return ()


def _put_off(house: House, mails: Sequence[ClaimedMail], now: datetime) -> None:
    """Give back what is to be read behind everything else that waits."""
    if mails:
        house.store.unclaim([mail.id for mail in mails], house.owner, now + PUT_OFF)


def finish(house: House, batch: Batch, now: datetime) -> int:
    """Settle and record a batch in one transaction, then tell of it."""
    failed: Failed = []
    try:
        readings = house.readers.result(batch.readings)
    except Exception:  # no reader can be started: no mail is to blame, nor does this count as a run
        house.store.unclaim([mail.id for mail in batch.mails], house.owner, now)
        raise
    pairs = [pair for pair in zip(batch.mails, readings, strict=True) if not pair[1].put_off]
    for mail, reading in pairs:
        if reading.late:
            house.latecomers.add(mail, now)
    _put_off(house, [m for m, r in zip(batch.mails, readings, strict=True) if r.put_off], now)
    try:
        settled = _record(house, pairs, now)
    except Unavailable:
        raise
    except Exception:  # one of them fails: each alone, so that it stops none of the others
        settled, failed = _record_each(house, pairs, now)
    for mail, error in failed:
        give_back(house, mail, error, now)
    for one in settled:
        _tell(house, one)
    return len(batch.mails)


def _record(house: House, pairs: Pairs, now: datetime) -> list[Settled]:
    """Settle mails in one transaction: all, or none and what went wrong is raised."""
    known = house.knowledge  # one state of it for the batch: a reload may swap it meanwhile
    with house.store.transaction() as tx:
        pen = Pen(tx, known.config, known.rulebook, house.secret, now)
        walkers = [(mail, reading, who(reading, known.bearings)) for mail, reading in pairs]
        tx.expect(
            Upcoming(mail, reading.message_id, threads.mentions(reading)[0], sender.address)
            for mail, reading, sender in walkers
        )
        return [settle(*walker, pen, known, house.owner, now) for walker in walkers]


def _record_each(house: House, pairs: Pairs, now: datetime) -> tuple[list[Settled], Failed]:
    settled: list[Settled] = []
    failed: Failed = []
    for pair in pairs:
        try:
            settled += _record(house, [pair], now)
        except Unavailable:
            raise
        except Fenced:
            continue  # another daemon took it while we slept: it is in good hands
        except Exception as fault:  # whatever it is, it must not stop the mails behind it
            failed.append((pair[0], fault))
    return settled, failed


def settle(
    mail: ClaimedMail,
    reading: Reading,
    sender: Sender,
    pen: Pen,
    knowledge: Knowledge,
    owner: str,
    now: datetime,
) -> Settled:
    """One mail's whole way behind reading. Raises whatever went wrong; nothing of it is then recorded."""
    envelope, bearings = envelope_of(mail, knowledge), knowledge.bearings
    alike = () if mail.ticket_id else pen.tx.seen(mail, reading.message_id, sender.address)
    again = next((one for one in alike if not _outranks(sender, one)), None)
    if again is not None:
        return _same_again(mail, reading, again, pen, owner, now)
    placed = place(mail, reading, sender, pen, knowledge, now)
    ticket = pen.tx.ticket(placed.ticket_id) if placed.ticket_id else None
    if ticket is not None and not mail.walked:
        placed = threads.apart(placed, reading, sender, ticket)
        ticket = ticket if placed.ticket_id else None
    judgment = judge(
        reading,
        sender,
        envelope,
        bearings,
        now,
        ticket=ticket if placed.joins != "new" else None,
        stranger=placed.refused or placed.why if placed.joins == "abuse" else "",
        counts=_counter(pen.tx, bearings, sender.address, now),
        misses=False,
    )
    return plans.record(Scribe(mail, judgment, placed, ticket, pen, knowledge, envelope, owner, now))


def envelope_of(mail: ClaimedMail, knowledge: Knowledge) -> Envelope:
    """How a kept mail reached us."""
    regions = next((m.regions for m in knowledge.config.mailboxes if m.name == mail.mailbox), ())
    return Envelope(
        mailbox=mail.mailbox,
        received_at=mail.received_at,
        behind_mta=mail.behind_mta,
        sent_folder=mail.sent_folder,
        envelope_from=mail.envelope_from,
        history=mail.history == "quiet",
        mailbox_regions=regions,
        size=mail.size,
        cut=mail.truncated,
    )


def place(
    mail: ClaimedMail, reading: Reading, sender: Sender, pen: Pen, knowledge: Knowledge, now: datetime
) -> Placed:
    """The ticket a mail belongs to; a replayed one stays on the ticket it opened or joined."""
    if mail.walked:
        return Placed(mail.ticket_id, "message-id", "walked again", "reply")
    return threads.place(
        reading,
        sender,
        pen.tx.threads(*threads.mentions(reading)),
        verify=lambda one: our_ids.verify(one, pen.secret),
        now=now,
        reopen_within=knowledge.rulebook.promises.schedules.reopen_within.length,
    )


def give_back(house: House, mail: ClaimedMail, error: Exception, now: datetime) -> None:
    """A mail that failed: later once more, or into quarantine when it has failed too often."""
    why = f"{type(error).__name__}: {error}"[:1000]
    if mail.runs >= MOST_RUNS:
        _quarantine(house, mail, why, now)
    else:
        house.store.fail_mail(mail.id, house.owner, why, now, retry_at=now + RETRY * 2**mail.runs)
        maillog.mail_failed(mail.id, why, mail.runs)


def _quarantine(house: House, mail: ClaimedMail, why: str, now: datetime) -> None:
    house.store.fail_mail(mail.id, house.owner, why, now)
    maillog.quarantined(mail.id, why)
    house.metrics.mails.labels(str(Fate.QUARANTINE), "none").inc()


def _same_again(
    mail: ClaimedMail, reading: Reading, first: LedgerMail, pen: Pen, owner: str, now: datetime
) -> Settled:
    """The same mail through another door or to another mailbox: one ticket, and both noted."""
    if first.ticket_id is not None and first.mailbox != mail.mailbox:
        reason = f"the same mail came to mailbox {mail.mailbox} too"
        pen.note(first.ticket_id, Event(now, Happening.AUTOMATIC_MAIL, "daemon", reason))
    fate = (
        Fate.TICKET if first.fate is Fate.WAITING else Fate(first.fate)
    )  # on a ticket, and to be walked again
    pen.tx.finish_mail(
        Finished(
            mail_id=mail.id,
            fate=fate,
            kind=first.kind,
            why=f"the same mail as {first.id}",
            ticket_id=first.ticket_id,
            subject=reading.subject,
            sender=reading.sender.address,
            message_id=reading.message_id,
            duplicate_of=first.id,
        ),
        owner,
        now,
    )
    kind = Kind(first.kind) if first.kind else None
    return Settled(mail.id, fate, kind, authentication=reading.authentication.result)


def _outranks(sender: Sender, first: LedgerMail) -> bool:
    """Whether this copy is the true one, and what came first a forgery or one that lost its proof on the way.

    Else who sends a copy of a mail first could make the partner's own one vanish.
    """
    return sender.trusted and not first.reading.get("trusted", first.kind not in _DOUBTED)


_DOUBTED = frozenset({Kind.SPOOF.value, Kind.SPAM.value, Kind.ABUSE.value})  # of versions that noted no trust


def _counter(tx: Transaction, bearings: Bearings, address: str, now: datetime) -> Callable[[], Counts]:
    """Mails of the last hour, asked only where a rule wants to know."""
    if not asks(bearings.rulebook, "sender.mails_last_hour", "partner.mails_last_hour"):
        return Counts
    return lambda: Counts(
        1 + tx.mails_from(address, now - HOUR), 1 + tx.mails_of_domain(address.rpartition("@")[2], now - HOUR)
    )


def _tell(house: House, one: Settled) -> None:
    ticket = one.ticket
    maillog.triaged(
        one.mail_id,
        str(one.fate),
        str(one.kind or "none"),
        ticket.reference if ticket else None,
        str(ticket.severity) if ticket else None,
    )
    house.metrics.mails.labels(str(one.fate), str(one.kind or "none")).inc()
    house.metrics.authenticated.labels(one.authentication).inc()
    if one.opened and ticket:
        house.metrics.judged.inc()
        house.metrics.tickets.labels(str(ticket.severity)).inc()
        if one.abstained:
            house.metrics.abstained.inc()
