"""A burst of one partner's mail: what the caps withheld becomes one letter an hour later, not silence. PURE."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from triaged.followups.steps import BURST, Step, Word
from triaged.letters import compose, kinds
from triaged.letters.writer import Writer
from triaged.tickets.event_data import OfLetter
from triaged.tickets.ticket import OVER, Due, Event, Happening, Ticket
from triaged.walk.plan import Note, Plan, StepTaken, change, unplanned

HOUR = timedelta(hours=1)
MOST = 200  # tickets that the letter lists


def planned(ticket: Ticket, address: str, now: datetime) -> Due:
    """The step of an address's hour: the first withheld acknowledgment plans it, further ones find it planned."""
    hour = int(now.timestamp() // 3600)
    number = zlib.crc32(address.lower().encode()) % 1_000_000 * 1_000_000 + hour % 1_000_000
    step = Step(BURST, Word.COMBINE, number)
    return Due(None, step.kind, step.text, now + HOUR, mailbox=ticket.mailbox, data={"address": address})


def address_of(step: Due) -> str:
    """Whose burst it was, as `planned` wrote it."""
    return str(dict(step.data).get("address", ""))


def unacknowledged(tickets: Sequence[Ticket]) -> list[Ticket]:
    """Those still open whose acknowledgment was withheld, and of which their sender has heard nothing since."""
    return [one for one in tickets if one.trusted and one.state not in OVER and _is_silent(one)][-MOST:]


def _is_silent(ticket: Ticket) -> bool:
    of_letters = [(e.kind, OfLetter.of(e).kind) for e in ticket.events if "kind" in e.data]
    first = {Happening.LETTER_WITHDRAWN: False, Happening.LETTER_WRITTEN: False}
    for happening, kind in of_letters:
        if happening in first and (kinds.of(kind).acknowledges or kind == "acknowledgments_combined"):
            first[happening] = True
    return first[Happening.LETTER_WITHDRAWN] and not first[Happening.LETTER_WRITTEN]


def taken(step: Due, tickets: Sequence[Ticket], writer: Writer) -> Plan:
    """The letter, on the last of the tickets, and a word of it on each of the others."""
    silent = unacknowledged(tickets)
    found = compose.combined(writer, silent, address_of(step), step.step)
    if found is None:
        return Plan(step=StepTaken(step.id, "nothing was left to acknowledge"))
    last, letter = found
    told = f"acknowledged with {len(silent) - 1} others in one letter, on {last.reference}"
    event = Event(
        writer.now, Happening.LETTER_WRITTEN, "daemon", told, OfLetter(letter.kind, letter.key).stored()
    )
    notes = tuple(Note(one.id, event) for one in silent if one is not last)
    changed = unplanned(change(last, last, writer, [letter]))
    return Plan(changes=(changed,), notes=notes, step=StepTaken(step.id, "taken"))
