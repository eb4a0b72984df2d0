"""THE WALK: claim -> read -> look up -> place -> judge -> plan -> write -> tell (docs/flow.md).

Mails are claimed in batches and read in worker processes; then a batch is written in one transaction. Where
a mail fails, its batch is written again with a transaction for each, so that it stops none of the others: it
is tried again later, and after a few times put into quarantine with its reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta

from triaged import maillog
from triaged.judging.decisions import Sender
from triaged.letters import desk_letters
from triaged.readers.latecomers import PUT_OFF
from triaged.reading.mime import header_block
from triaged.reading.values import Reading
from triaged.store.rows import ClaimedMail, Fate, Fenced, Unavailable
from triaged.tickets import threads
from triaged.tickets.threads import Candidates, Placed
from triaged.walk import look_up, page_mail
from triaged.walk.house import House
from triaged.walk.judge import Envelope, Incoming, apart, channel_of, judge, who
from triaged.walk.knowledge import Knowledge
from triaged.walk.look_up import LookUp
from triaged.walk.pen import Pen
from triaged.walk.plan import Plan, some
from triaged.walk.plan_for import plan_for, same_again
from triaged.walk.plans import storms
from triaged.walk.plans.judged import Ground

BATCH = 50
LEASE = timedelta(minutes=10)
MOST_RUNS = 5  # of them the last three alone
# Earlier runs without an outcome, after which a mail is walked alone: it must not take others with it
SUSPECT = 2
RETRY = timedelta(seconds=30)
# Of a daemon's life, after which a death with one mail in hand tells of that mail
SETTLED = timedelta(seconds=10)

Pairs = Sequence[tuple[ClaimedMail, Reading]]
Failed = list[tuple[ClaimedMail, Exception]]


@dataclass(slots=True)
class Batch:
    """Mails claimed and being read; written about when their readings are there."""

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

    Writing is `finish`'s part, so that the next batch can be read while one is written.
    """
    claimed = _claim(house, now)
    if not claimed:
        return None
    given = [(m.raw, envelope_of(m, house.knowledge).door) for m in claimed]
    return Batch(claimed, house.readers.submit(given, fairly=True))


def finish(house: House, batch: Batch, now: datetime) -> int:
    """Write what comes of a batch, all in one transaction, and tell of it."""
    pairs = _read(house, batch, now)
    failed: Failed = []
    try:
        plans = _write(house, pairs, now)
    except Unavailable:
        raise
    except Exception:  # one of them fails: each alone, so that it stops none of the others
        plans, failed = _write_each(house, pairs, now)
    for mail, error in failed:
        give_back(house, mail, error, now)
    for plan in plans:
        _tell(house, plan)
    return len(batch.mails)


def _write(house: House, pairs: Pairs, now: datetime) -> list[Plan]:
    """The plans of mails, written in one transaction: all, or none and what went wrong is raised."""
    knowledge = house.knowledge  # one state of it for the batch: a reload may swap it meanwhile
    plans = []
    with house.store.transaction() as tx:
        pen = Pen(tx, knowledge, house.secret, now, house.owner)
        look_up.expect(tx, pairs)
        for mail, reading in pairs:
            plan = decide(
                mail, reading, LookUp(tx, knowledge.ground(mail.mailbox, now, house.secret)), knowledge
            )
            pen.write(plan)
            plans.append(plan)
    return plans


def decide(mail: ClaimedMail, reading: Reading, asking: LookUp, knowledge: Knowledge) -> Plan:
    """One mail's way behind reading: look up, place, judge, plan. Nothing is written yet."""
    ground, envelope = asking.ground, envelope_of(mail, knowledge)
    sender = who(reading, ground.bearings)
    if (first := asking.same_as(mail, reading, sender)) is not None:
        return same_again(mail, reading, first, ground)
    placed = place(mail, reading, sender, asking.candidates(reading), ground)
    if placed.joins == "new":
        most = knowledge.config.limits.mails_per_sender_hour
        if (storm := asking.repeated(mail, reading, sender, most)) is not None:
            return storms.one_more(mail, reading, storm, ground)
    asked = asking.about(reading, sender, placed)
    incoming = apart(Incoming(reading, sender, envelope, placed, asked))
    judgment = judge(incoming, ground.bearings, ground.now, misses=False)
    return plan_for(incoming, judgment, ground)


def _claim(house: House, now: datetime) -> Sequence[ClaimedMail]:
    """Waiting mails; one alone where it may be why daemons died, and none that too many died with."""
    most = house.knowledge.config.limits.mail_size  # a larger one is read by its beginning
    elsewhere = house.elsewhere(now)
    # A daemon that has just begun takes up nothing that others died with: if it dies too, no mail was to blame
    fewer = SUSPECT if house.begins(now) else None
    while claimed := house.store.claim_mail(
        BATCH, now, house.owner, LEASE, most=most, others=elsewhere, fewer=fewer
    ):
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


def _read(house: House, batch: Batch, now: datetime) -> Pairs:
    """The mails with their readings; what the readers put off is given back."""
    try:
        readings = house.readers.result(batch.readings)
    except Exception:  # no reader can be started: no mail is to blame, nor does this count as a run
        house.store.unclaim([mail.id for mail in batch.mails], house.owner, now)
        raise
    pairs = list(zip(batch.mails, readings, strict=True))
    for mail, reading in pairs:
        if reading.late and not reading.put_off:
            house.latecomers.add(mail, now)
    _put_off(house, [mail for mail, reading in pairs if reading.put_off], now)
    return [(mail, reading) for mail, reading in pairs if not reading.put_off]


def _write_each(house: House, pairs: Pairs, now: datetime) -> tuple[list[Plan], Failed]:
    plans: list[Plan] = []
    failed: Failed = []
    for pair in pairs:
        try:
            plans += _write(house, [pair], now)
        except Unavailable:
            raise
        except Fenced:
            continue  # another daemon took it while we slept: it is in good hands
        except Exception as fault:  # whatever it is, it must not stop the mails behind it
            failed.append((pair[0], fault))
    return plans, failed


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
        number=mail.id,
        walked=mail.walked,
        channel=channel_of(mail.door),
        files=page_mail.files_of(mail.raw) if mail.door == "web" else (),
    )


def place(
    mail: ClaimedMail, reading: Reading, sender: Sender, candidates: Candidates, ground: Ground
) -> Placed:
    """The ticket a mail belongs to; a replayed one stays on the ticket it opened or joined."""
    if mail.walked:
        return Placed(mail.ticket_id, "message-id", "walked again", "reply")
    within = ground.rulebook.promises.schedules.reopen_within.length
    return threads.place(
        reading, sender, candidates, verify=ground.verify, now=ground.now, reopen_within=within
    )


def _put_off(house: House, mails: Sequence[ClaimedMail], now: datetime) -> None:
    """Give back what is to be read behind everything else that waits."""
    if mails:
        house.store.unclaim([mail.id for mail in mails], house.owner, now + PUT_OFF)


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
    known = house.knowledge
    writer = known.writer(mail.mailbox, now)
    letter = desk_letters.mail_quarantined(writer, mail.id, header_block.author(mail.raw), why)
    with house.store.transaction() as tx:
        Pen(tx, known, house.secret, now, house.owner).write(Plan(letters=some([letter])))


def _tell(house: House, plan: Plan) -> None:
    """Log and metrics of a mail that has its fate."""
    mail, opened = plan.mail, plan.opened
    assert mail is not None
    row, ticket = mail.row, mail.ticket
    fate, kind = str(row.fate), row.kind or "none"
    maillog.triaged(
        row.mail_id,
        fate,
        kind,
        ticket.reference if ticket else None,
        str(ticket.severity) if ticket else None,
    )
    house.metrics.mails.labels(fate, kind).inc()
    house.metrics.authenticated.labels(mail.authentication).inc()
    if opened is not None:
        house.metrics.judged.inc()
        house.metrics.tickets.labels(str(opened.severity)).inc()
        if mail.abstained:
            house.metrics.abstained.inc()
