"""How rules do in use: hits, corrections by people, rules that never hit or never matter. PURE.

Works on what was judged (one `Use` a mail), so that the store needs to know nothing of rules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from triaged.frozen import frozen
from triaged.rulebook.rulebook import Rulebook
from triaged.vocabulary import Severity


@frozen
class Use:
    """One judged mail: the rules that hit, what came out, what the classifier and a human say."""

    hits: tuple[str, ...]
    severity: Severity
    classifier: Severity | None = None
    human: Severity | None = None


@frozen
class RuleStatistics:
    """One rule over a period. `overruled`: corrected by a human; `agreeing`: the classifier says the same."""

    name: str
    hits: int
    overruled: int
    agreeing: int
    known: bool  # is in the rulebook now

    @property
    def dead(self) -> bool:
        """In the rulebook, and never hit."""
        return self.known and self.hits == 0

    @property
    def idle(self) -> bool:
        """Hits, and the classifier always says the same anyway."""
        return self.hits > 0 and self.agreeing == self.hits


@dataclass(slots=True)
class _Counts:
    hits: Counter[str] = field(default_factory=Counter)
    overruled: Counter[str] = field(default_factory=Counter)
    agreeing: Counter[str] = field(default_factory=Counter)


def statistics(rulebook: Rulebook, uses: Iterable[Use]) -> tuple[RuleStatistics, ...]:
    """Every rule of the rulebook in file order, then rules that hit in the period and are gone since."""
    counts = _Counts()
    for use in uses:
        counts.hits.update(use.hits)
        if use.human is not None and use.human is not use.severity:
            counts.overruled.update(use.hits)
        if use.classifier is use.severity:
            counts.agreeing.update(use.hits)
    present = [rule.name for rule in rulebook.rules]
    gone = sorted(set(counts.hits) - set(present))
    return tuple(
        RuleStatistics(
            name, counts.hits[name], counts.overruled[name], counts.agreeing[name], name in present
        )
        for name in (*present, *gone)
    )


def lines(rows: Sequence[RuleStatistics], mails: int) -> Iterator[str]:
    """A table for people, and under it what it points at."""
    names = [row.name if row.known else f"{row.name} (gone)" for row in rows]
    width = max(map(len, ("rule", *names)))
    yield f"{'rule':<{width}}  {'hits':>6}  {'share':>6}  {'overruled':>9}  {'as classifier':>13}"
    for name, row in zip(names, rows, strict=True):
        share = f"{row.hits / mails:.0%}" if mails else "-"
        yield f"{name:<{width}}  {row.hits:>6}  {share:>6}  {row.overruled:>9}  {row.agreeing:>13}"
    for told, chosen in (
        ("never hit", [row.name for row in rows if row.dead]),
        ("always as the classifier says", [row.name for row in rows if row.idle]),
        ("overruled more than half the time", [r.name for r in rows if r.hits and 2 * r.overruled > r.hits]),
    ):
        if chosen:
            yield f"{told}: {', '.join(chosen)}"
