"""What a changed rulebook would have decided on mail already received, as a difference. PURE.

The walk judges each stored mail twice, with the rulebook in force and with the changed one; `compare`
says what differs on one mail, `Summary.of` adds the differences up. Nothing is written anywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from triaged.frozen import frozen
from triaged.rulebook.telling import shown
from triaged.vocabulary import Severity, counted


@frozen
class Judged:
    """One mail as one rulebook judges it. `commitments`: kind and due time as text; `human`: corrected by one."""

    mail: str  # what people know it by: PS-1042, or the mail's number
    subject: str
    severity: Severity
    because: str
    service_level: str = ""
    commitments: tuple[tuple[str, str], ...] = ()
    letters: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    queue: str | None = None
    review: bool = False
    hits: tuple[str, ...] = ()
    human: Severity | None = None


@frozen
class Difference:
    """What two rulebooks make of one mail; `changes` holds (what, before, after), empty where they agree."""

    old: Judged
    new: Judged
    changes: tuple[tuple[str, str, str], ...]

    @property
    def moved(self) -> bool:
        """Whether the severity changes."""
        return self.old.severity is not self.new.severity

    @property
    def why(self) -> str:
        """Which rules made the difference, else the changed reason."""
        gained = [name for name in self.new.hits if name not in self.old.hits]
        lost = [name for name in self.old.hits if name not in self.new.hits]
        told = [f"now hit by {name}" for name in gained] + [f"no longer hit by {name}" for name in lost]
        return "; ".join(told) or self.new.because


def compare(old: Judged, new: Judged) -> Difference:
    """The difference between two judgements of one mail; a changed reason alone is none."""
    pairs = (
        ("severity", old.severity.value, new.severity.value),
        ("service level", old.service_level, new.service_level),
        ("promised times", _times(old), _times(new)),
        ("letters", _listed(old.letters), _listed(new.letters)),
        ("tags", _listed(old.tags), _listed(new.tags)),
        ("queue", old.queue or "none", new.queue or "none"),
        ("review", shown(old.review), shown(new.review)),
    )
    return Difference(old, new, tuple(pair for pair in pairs if pair[1] != pair[2]))


def _times(judged: Judged) -> str:
    return ", ".join(f"{kind} {due}" for kind, due in judged.commitments) or "none"


def _listed(values: Iterable[str]) -> str:
    return ", ".join(sorted(values)) or "none"


@frozen
class Summary:
    """All differences added up. `agreeing`: corrected mails on which a rulebook says what the human said."""

    mails: int
    changed: tuple[Difference, ...]
    moves: Mapping[tuple[Severity, Severity], int]
    changes: Mapping[str, int]  # what changes -> on how many mails
    letters: Mapping[str, tuple[int, int]]  # kind -> (no longer written, newly written)
    rules: Mapping[str, tuple[int, int]]  # rule -> (hits lost, hits gained)
    corrected: int = 0
    agreeing_before: int = 0
    agreeing_after: int = 0

    @classmethod
    def of(cls, differences: Iterable[Difference]) -> Summary:
        """The sum; differences may come as a stream, only those that change something are kept."""
        total = _Total()
        for difference in differences:
            total.add(difference)
        return cls(
            mails=total.mails,
            changed=tuple(total.changed),
            moves=dict(total.moves),
            changes=dict(total.changes),
            letters=_both(total.letters_lost, total.letters_gained),
            rules=_both(total.hits_lost, total.hits_gained),
            corrected=total.corrected,
            agreeing_before=total.before,
            agreeing_after=total.after,
        )


def _both(lost: Counter[str], gained: Counter[str]) -> dict[str, tuple[int, int]]:
    return {name: (lost[name], gained[name]) for name in sorted({*lost, *gained})}


@dataclass(slots=True)
class _Total:
    mails: int = 0
    changed: list[Difference] = field(default_factory=list)
    moves: Counter[tuple[Severity, Severity]] = field(default_factory=Counter)
    changes: Counter[str] = field(default_factory=Counter)
    letters_lost: Counter[str] = field(default_factory=Counter)
    letters_gained: Counter[str] = field(default_factory=Counter)
    hits_lost: Counter[str] = field(default_factory=Counter)
    hits_gained: Counter[str] = field(default_factory=Counter)
    corrected: int = 0
    before: int = 0
    after: int = 0

    def add(self, difference: Difference) -> None:
        old, new = difference.old, difference.new
        self.mails += 1
        if old.human is not None:
            self.corrected += 1
            self.before += old.severity is old.human
            self.after += new.severity is old.human
        self.hits_lost.update(set(old.hits) - set(new.hits))
        self.hits_gained.update(set(new.hits) - set(old.hits))
        if not difference.changes:
            return
        self.changed.append(difference)
        self.changes.update(what for what, _, _ in difference.changes)
        self.letters_lost.update(set(old.letters) - set(new.letters))
        self.letters_gained.update(set(new.letters) - set(old.letters))
        if difference.moved:
            self.moves[old.severity, new.severity] += 1


def lines(summary: Summary, limit: int = 20) -> Iterator[str]:
    """The difference as a person reads it: how many, from what to what, which, why; `limit` mails are listed."""
    yield f"{counted(summary.mails, 'mail')} judged by both rulebooks; {len(summary.changed)} of them differently"
    if summary.moves:
        yield ""
        yield from _table(summary.moves)
    if summary.changes:
        yield ""
        for what, count in sorted(summary.changes.items(), key=lambda item: (-item[1], item[0])):
            yield f"{what} changes on {counted(count, 'mail')}"
    for title, changes in (("letter", summary.letters), ("rule", summary.rules)):
        for name, (lost, gained) in changes.items():
            verb = "written" if title == "letter" else "hitting"
            yield f"{title} {name}: {verb} on {gained} more, on {lost} no longer"
    if summary.corrected:
        yield ""
        yield (
            f"of {counted(summary.corrected, 'mail')} corrected by people, the rulebook in force agrees on "
            f"{summary.agreeing_before}, the changed one on {summary.agreeing_after}"
        )
    yield from _listing(summary, limit)


def _table(moves: Mapping[tuple[Severity, Severity], int]) -> Iterator[str]:
    yield "from \\ to " + "".join(f"{to.value:>6}" for to in Severity)
    for old in Severity:
        counts = "".join(f"{moves.get((old, new), 0) or '.':>6}" for new in Severity)
        yield f"{old.value:<10}{counts}"


def _listing(summary: Summary, limit: int) -> Iterator[str]:
    if summary.changed:
        yield ""
    for difference in weightiest(summary)[:limit]:
        told = "; ".join(f"{what} {before} -> {after}" for what, before, after in difference.changes)
        yield f"{difference.old.mail}  {told}  ({difference.why})  {shown(difference.old.subject)}"
    if len(summary.changed) > limit:
        yield f"and {len(summary.changed) - limit} more"


def weightiest(summary: Summary) -> list[Difference]:
    """The mails judged differently: those whose severity moves first, the gravest on top."""
    return sorted(summary.changed, key=lambda d: (not d.moved, d.new.severity, d.old.mail))


def as_json(difference: Difference) -> dict[str, Any]:
    """One difference for machines."""
    return {
        "mail": difference.old.mail,
        "subject": difference.old.subject,
        "changes": [
            {"what": what, "before": before, "after": after} for what, before, after in difference.changes
        ],
        "why": difference.why,
        "severity": {"before": difference.old.severity.value, "after": difference.new.severity.value},
        "human": difference.old.human.value if difference.old.human else None,
    }
