"""`rules backtest`: stored mail through two rulebooks with the code that judges real mail. Writes nothing.

The mails that opened tickets are read again by worker processes and judged alone, as they arrived, once
by the rulebook in force and once by the changed one; rulebook/backtest.py tells the difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from triaged.letters import compose
from triaged.letters.recipients import recipients
from triaged.promises import clocks, sections
from triaged.readers.pool import Readers
from triaged.reading.values import Reading
from triaged.rulebook.backtest import Difference, Judged, Summary, compare
from triaged.rulebook.rulebook import Rulebook
from triaged.store.rows import PastMail
from triaged.store.store import Store
from triaged.tickets.ticket import Ticket
from triaged.vocabulary import Kind
from triaged.walk.explain import ALONE
from triaged.walk.judge import Envelope, Judgment, judge, who
from triaged.walk.knowledge import Knowledge, surroundings_of
from triaged.walk.pen import desk_of
from triaged.walk.tickets_from_mail import open_ticket, people_of

BATCH = 100
_OPENERS = frozenset({Kind.REQUEST, Kind.THANKS})


@dataclass(frozen=True, slots=True)
class Side:
    """One rulebook with everything else as it is in force."""

    known: Knowledge

    @classmethod
    def of(cls, known: Knowledge, book: Rulebook) -> Side:
        """What is known, with this rulebook."""
        around = surroundings_of(known.config, book, known.directory, known.surroundings.words)
        return cls(replace(known, rulebook=book, surroundings=around))


def backtest(
    store: Store,
    known: Knowledge,
    changed: Rulebook,
    model: Path | None,
    *,
    since: datetime | None,
    workers: int = 2,
    progress: Callable[[int], object] = lambda count: None,
) -> Summary:
    """What the changed rulebook would have decided otherwise since then. `progress` gets mails done."""
    sides = (Side.of(known, known.rulebook), Side.of(known, changed))
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
    readers = Readers(old.known.surroundings, model, workers)
    # Only other services make the same mail read otherwise; then it is read twice.
    again = (
        Readers(new.known.surroundings, model, workers)
        if new.known.surroundings != old.known.surroundings
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


def _envelope(mail: PastMail, regions: tuple[str, ...]) -> Envelope:
    return Envelope(
        mail.mailbox,
        mail.received_at,
        mail.behind_mta,
        mail.sent_folder,
        mail.envelope_from,
        mailbox_regions=regions,
    )


def _difference(
    mail: PastMail, reading: Reading, other: Reading, sides: tuple[Side, Side]
) -> Difference | None:
    mailbox = next((m for m in sides[0].known.config.mailboxes if m.name == mail.mailbox), None)
    envelope = _envelope(mail, mailbox.regions if mailbox else ())
    judgments = [
        judge(r, who(r, s.known.bearings), envelope, s.known.bearings, mail.received_at, misses=False)
        for r, s in zip((reading, other), sides, strict=True)
    ]
    if any(j.decision is None for j in judgments):
        return None
    alike = _treats_alike(*judgments)
    timed = not alike or not _promise_alike(*sides)
    old, new = (
        _judged(mail, judgment, envelope, side, letters=not alike, timed=timed)
        for judgment, side in zip(judgments, sides, strict=True)
    )
    return compare(old, new)


def _judged(
    mail: PastMail, judgment: Judgment, envelope: Envelope, side: Side, *, letters: bool, timed: bool
) -> Judged:
    """One side's judgment. Letters and promised times are worked out only where they can differ."""
    decision = judgment.decision
    assert decision is not None
    commitments: tuple[tuple[str, str], ...] = ()
    kinds: tuple[str, ...] = ()
    if letters or timed:
        ticket, to_cc = _ticket(mail, judgment, envelope, side)
        promised = clocks.commitments(ticket, side.known.rulebook.promises, mail.received_at)
        commitments = tuple((c.kind, f"{c.due:%Y-%m-%d %H:%M}") for c in promised)
        kinds = _letters(judgment, ticket, side, to_cc, mail.received_at) if letters else ()
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


def _ticket(
    mail: PastMail, judgment: Judgment, envelope: Envelope, side: Side
) -> tuple[Ticket, tuple[tuple[str, ...], tuple[str, ...]]]:
    """The ticket the mail would open by this side, and whom its letters would go to."""
    config = side.known.config
    mailbox = config.mailbox(mail.mailbox)
    around = side.known.surroundings
    to_cc = recipients(judgment.reading, around, judgment.sender)
    ticket = open_ticket(
        judgment,
        envelope,
        side.known.rulebook,
        mail.received_at,
        mailbox_time_zone=mailbox.time_zone,
        mailbox_language=mailbox.language,
        people=people_of(judgment.reading, *to_cc, around.support_addresses),
    )
    return ticket, to_cc


def _promise_alike(old: Side, new: Side) -> bool:
    """Whether both rulebooks promise the same times for the same decision."""
    books = old.known.rulebook.sections, new.known.rulebook.sections
    return all(books[0].get(name) == books[1].get(name) for name in sections.SECTIONS)


def _letters(
    judgment: Judgment,
    ticket: Ticket,
    side: Side,
    to_cc: tuple[tuple[str, ...], tuple[str, ...]],
    at: datetime,
) -> tuple[str, ...]:
    """Kinds of the letters a mail brings about."""
    assert judgment.decision is not None
    config = side.known.config
    mailbox = config.mailbox(ticket.mailbox)
    book = side.known.rulebook
    letters = compose.on_arrival(
        judgment.reading,
        judgment.sender,
        ALONE,
        judgment.decision,
        judgment.match,
        ticket,
        book.letters,
        book.promises,
        at,
        to_cc,
        desk_of(mailbox, config),
    )
    return tuple(letter.kind for letter in letters)


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
