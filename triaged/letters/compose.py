"""The letters that belong to what happens to a ticket, beside a mail's arrival (arrival.py). PURE.

Letters that a time brings about are in followups/acting.py, those of no single ticket in desk_letters.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from triaged.letters import context as contexts
from triaged.letters.context import Row
from triaged.letters.wording import Words, one_line
from triaged.letters.writer import Writer
from triaged.promises import clocks
from triaged.tickets.cases import Case, CaseStep
from triaged.tickets.event_data import OfLetter
from triaged.tickets.ticket import Happening, Letter, Ticket

EXCERPT = 1500  # letters of a mail that a letter to staff quotes at most


def new_s1(writer: Writer, ticket: Ticket, excerpt: str = "") -> Letter | None:
    """Tells staff that a ticket has become S1: on arrival, by an answer, a correction, the directory; each time."""
    words, zone = writer.staff_words, writer.desk_zone
    running = (c for c in clocks.commitments(ticket, writer.promises, writer.now) if c.state == "running")
    told = tuple(contexts.promise(c, words, zone) for c in running)
    key = f"new-s1@{written(ticket, 'new_s1') + 1}"
    return writer.to_staff("new_s1", key, ticket, {"promises": told, "excerpt": excerpt})


def on_resolved(writer: Writer, ticket: Ticket, *, silence: bool = False, report: str = "") -> Letter | None:
    """Solved, with the question how satisfied the partner is; each time it is resolved anew.

    `report` is what the partner is told about it, in the words of staff; nothing else of theirs gets in.
    """
    kind = "resolved_for_silence" if silence else "resolved"
    extra = {"report": report, "reopen_days": writer.promises.schedules.reopen_within.length.days}
    return writer.to_partner(kind, f"resolved@{count(ticket, Happening.RESOLVED)}", ticket, extra)


def on_closed(writer: Writer, ticket: Ticket) -> Letter | None:
    """Closed for good."""
    return writer.to_partner("closed", f"closed@{count(ticket, Happening.CLOSED)}", ticket)


def on_case_moved(writer: Writer, ticket: Ticket, case: Case) -> Letter | None:
    """The partner learns each step of an engineering case; the expected date is told as no promise."""
    schedules = writer.promises.schedules
    confirm = schedules.case.confirm_after if case.step is CaseStep.CONFIRMING else None
    ends = writer.promises.after(confirm, schedules.calendar, ticket.region, case.since) if confirm else None
    words = writer.words_to(ticket, "case_update")
    extra = {**case_words(case, words, ticket, ends), "report": case.note}
    if not _is_ahead(case, writer.now, ticket):
        extra["expected"] = ""
    return writer.to_partner("case_update", f"case:{case.id}@{case.moves}", ticket, extra)


def on_identified(writer: Writer, ticket: Ticket) -> Letter | None:
    """Staff found out which account it is about: what that changes for the partner."""
    return writer.to_partner("account_identified", f"account@{count(ticket, Happening.JUDGED)}", ticket)


def on_split(writer: Writer, ticket: Ticket, other: str) -> Letter | None:
    """A second matter got this ticket of its own; `other` is the reference of the first."""
    return writer.to_partner("split_off", "split", ticket, {"other": other})


def on_merged(writer: Writer, ticket: Ticket, other: str) -> Letter | None:
    """It goes on under another reference."""
    return writer.to_partner("merged", f"merged@{count(ticket, Happening.MERGED)}", ticket, {"other": other})


def on_unmerged(writer: Writer, ticket: Ticket, other: str) -> Letter | None:
    """It stands by itself again; a rulebook that is older than this letter says nothing."""
    if "unmerged" not in writer.letters.names:
        return None
    key = f"unmerged@{count(ticket, Happening.UNMERGED)}"
    return writer.to_partner("unmerged", key, ticket, {"other": other})


def combined(
    writer: Writer, tickets: Sequence[Ticket], address: str, key: str
) -> tuple[Ticket, Letter] | None:
    """One letter, on the last of some tickets, that acknowledges them all to who sent them in a burst; None: it can't be."""
    if not tickets or "acknowledgments_combined" not in writer.letters.names:
        return None
    last = tickets[-1]
    rows = tuple(
        Row(t.reference, str(t.severity), str(t.state), one_line(t.subject, 90), "", "") for t in tickets
    )
    letter = writer.to_partner(
        "acknowledgments_combined", key, last, {"rows": rows}, addressed=((address,), ())
    )
    return (last, letter) if letter is not None else None


def undeliverable(
    writer: Writer, ticket: Ticket, failed: Sequence[tuple[str, str]], key: str
) -> Letter | None:
    """Tells staff which addresses (address, why) letters of a ticket do not reach."""
    reasons = tuple(one_line(f"{address}: {why}", 300) for address, why in failed)
    return writer.to_staff("undeliverable", f"undeliverable:{key}", ticket, {"reasons": reasons})


def case_words(case: Case, words: Words, ticket: Ticket, ends: datetime | None) -> dict[str, Any]:
    """What letters say of a case, in a language's own words."""
    zone = contexts.zone_of(ticket.time_zone)
    return {
        "case": case.id,
        "step": words.case_steps.get(str(case.step), str(case.step)),
        "expected": words.day(case.expected) if case.expected else "",
        "confirm": case.step is CaseStep.CONFIRMING,
        "ends": words.moment(ends, zone) if ends else "",
    }


def written(ticket: Ticket, kind: str) -> int:
    """How many letters of a kind were written on a ticket."""
    return sum(e.kind is Happening.LETTER_WRITTEN and OfLetter.of(e).kind == kind for e in ticket.events)


def count(ticket: Ticket, happening: Happening) -> int:
    """How often something has happened to a ticket."""
    return sum(event.kind is happening for event in ticket.events)


def _is_ahead(case: Case, now: datetime, ticket: Ticket) -> bool:
    """Whether the expected date can still be expected: not passed, and the fix not there yet."""
    if case.expected is None or case.step in (CaseStep.CONFIRMING, CaseStep.RESOLVED):
        return False
    return case.expected >= now.astimezone(contexts.zone_of(ticket.time_zone)).date()
