"""`rules backtest`: stored mail through two rulebooks with the code that judges real mail. Writes nothing.

The mails that opened tickets are read again by worker processes and judged alone, as they arrived, once
by the rulebook in force and once by the changed one; rulebook/differences.py tells the difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from triaged.config.config import Config
from triaged.frozen import frozen
from triaged.promises import clocks, sections
from triaged.readers.pool import Readers
from triaged.reading.values import Reading
from triaged.rulebook.differences import Difference, Judged, Summary, compare
from triaged.rulebook.rulebook import Rulebook
from triaged.store.rows import PastMail
from triaged.store.store import Store
from triaged.vocabulary import Kind
from triaged.walk.judge import Envelope, Incoming, Judgment, channel_of, judge, who
from triaged.walk.knowledge import Knowledge, surroundings_of
from triaged.walk.plan_for import plan_for

BATCH = 100
_OPENERS = frozenset({Kind.REQUEST, Kind.THANKS})


@frozen
class Side:
    """One rulebook with everything else as it is in force."""

    knowledge: Knowledge

    @classmethod
    def of(cls, knowledge: Knowledge, rulebook: Rulebook) -> Side:
        """This knowledge, with another rulebook."""
        around = surroundings_of(
            knowledge.config, rulebook, knowledge.directory, knowledge.surroundings.words
        )
        return cls(replace(knowledge, rulebook=rulebook, surroundings=around))


def backtest(
    store: Store,
    knowledge: Knowledge,
    changed: Rulebook,
    model: Path | None,
    *,
    since: datetime | None,
    workers: int = 2,
    progress: Callable[[int], object] = lambda count: None,
) -> Summary:
    """What the changed rulebook would have decided otherwise since then. `progress` gets mails done."""
    sides = (Side.of(knowledge, knowledge.rulebook), Side.of(knowledge, changed))
    return Summary.of(_differences(store, sides, model, since, workers, progress))


def _differences(
    store: Store,
    sides: tuple[Side, Side],
    model: Path | None,
    since: datetime | None,
    workers: int,
    progress: Callable[[int], object],
) -> Iterator[Difference]:
    old, new = sides
    readers = Readers(old.knowledge.surroundings, model, workers)
    # Only other services make the same mail read otherwise; then it is read twice.
    again = (
        Readers(new.knowledge.surroundings, model, workers)
        if new.knowledge.surroundings != old.knowledge.surroundings
        else None
    )
    try:
        done = 0
        for batch, first, second in _read(_opening(store.past_mail(since)), readers, again):
            for mail, reading, other in zip(batch, first, second, strict=True):
                difference = _difference(mail, reading, other, sides)
                if difference is not None:
                    yield difference
            done += len(batch)
            progress(done)
    finally:
        readers.close()
        if again:
            again.close()


def _opening(mails: Iterable[PastMail]) -> Iterator[PastMail]:
    """The first request of each ticket: what its severity was judged by."""
    seen: set[int] = set()
    for mail in mails:
        if mail.ticket_id is not None and mail.ticket_id not in seen and mail.kind in _OPENERS:
            seen.add(mail.ticket_id)
            yield mail


Read = tuple[list[PastMail], list[Reading], list[Reading]]


def _read(mails: Iterator[PastMail], readers: Readers, again: Readers | None) -> Iterator[Read]:
    """Batches with their readings; the next ones are being read while one is judged."""
    ahead: list[tuple[list[PastMail], Future[list[Reading]], Future[list[Reading]] | None]] = []
    while True:
        while len(ahead) < 4 and (batch := list(islice(mails, BATCH))):
            raws = [(m.raw, _envelope(m, ()).door) for m in batch]
            ahead.append((batch, readers.submit(raws), again.submit(raws) if again else None))
        if not ahead:
            return
        batch, first, second = ahead.pop(0)
        readings = readers.result(first)
        yield batch, readings, again.result(second) if again and second else readings


def envelope_of(mail: PastMail, config: Config) -> Envelope:
    """How a stored mail reached us."""
    mailbox = next((one for one in config.mailboxes if one.name == mail.mailbox), None)
    return _envelope(mail, mailbox.regions if mailbox else ())


def _envelope(mail: PastMail, regions: tuple[str, ...]) -> Envelope:
    return Envelope(
        mail.mailbox,
        mail.received_at,
        mail.behind_mta,
        mail.sent_folder,
        mail.envelope_from,
        mailbox_regions=regions,
        channel=channel_of(mail.door),
    )


def _difference(
    mail: PastMail, reading: Reading, other: Reading, sides: tuple[Side, Side]
) -> Difference | None:
    envelope = envelope_of(mail, sides[0].knowledge.config)
    incoming = [
        Incoming(r, who(r, s.knowledge.bearings), envelope)
        for r, s in zip((reading, other), sides, strict=True)
    ]
    judgments = [
        judge(one, s.knowledge.bearings, mail.received_at, misses=False)
        for one, s in zip(incoming, sides, strict=True)
    ]
    if any(j.decision is None for j in judgments):
        return None
    planned = not _treats_alike(*judgments) or not _promise_alike(*sides)
    old, new = (
        _judged(mail, one, judgment, side, planned=planned)
        for one, judgment, side in zip(incoming, judgments, sides, strict=True)
    )
    return compare(old, new)


def _judged(mail: PastMail, incoming: Incoming, judgment: Judgment, side: Side, *, planned: bool) -> Judged:
    """One side's judgment. It is planned, for letters and promised times, only where these can differ."""
    decision = judgment.decision
    assert decision is not None
    commitments: tuple[tuple[str, str], ...] = ()
    kinds: tuple[str, ...] = ()
    if planned:
        plan = plan_for(incoming, judgment, side.knowledge.ground(mail.mailbox, mail.received_at))
        kinds = tuple(letter.kind for one in plan.changes for letter in one.letters)
        if plan.opened is not None:
            promised = clocks.commitments(plan.opened, side.knowledge.rulebook.promises, mail.received_at)
            commitments = tuple((c.kind, f"{c.due:%Y-%m-%d %H:%M}") for c in promised)
    return Judged(
        mail=f"PS-{mail.ticket_id}",
        subject=judgment.reading.subject,
        severity=decision.severity,
        because=decision.because,
        service_level=decision.service_level,
        commitments=commitments,
        letters=kinds,
        tags=decision.tags,
        queue=decision.queue,
        review=bool(decision.review),
        hits=tuple(o.name for o in decision.verdict.outcomes if o.hit),
        human=mail.human_severity,
    )


def _promise_alike(old: Side, new: Side) -> bool:
    """Whether both rulebooks promise the same times for the same decision."""
    both = old.knowledge.rulebook.sections, new.knowledge.rulebook.sections
    return all(both[0].get(name) == both[1].get(name) for name in sections.SECTIONS)


def _treats_alike(old: Judgment, new: Judgment) -> bool:
    """Whether two decisions can only lead to the same letters, so that none need be written to compare."""
    keys = [
        (
            d.severity,
            d.provisional,
            d.service_level,
            d.review,
            d.verdict.letter,
            d.verdict.hold_letters,
            d.verdict.notify,
        )
        for d in (old.decision, new.decision)
        if d is not None
    ]
    return len(keys) == 2 and keys[0] == keys[1]
