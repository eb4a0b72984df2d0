"""What happens in a run of the bench: a list of deeds drawn from a seed. The same seed, the same list. PURE."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from tests.e2e import doomed

KINDS = ("full", "full", "full", "asking", "large", "robot", "both", "lmtp", "answer")
DEATHS = ("kill", "kill", "point", "point", "commit", "commit")
TROUBLES = (
    "imap stalls", "imap is cut", "imap is cut in a word", "imap drips", "imap refuses", "imap is slow",
    "smtp stalls", "smtp is cut", "smtp is cut in a word", "smtp drips", "smtp refuses", "smtp says 451",
    "smtp says 421", "smtp greylists", "dovecot dies", "the database restarts",
)  # fmt: skip


@dataclass(frozen=True)
class Deed:
    """One thing that happens. `which`: the daemon, by its place; `seconds`: how long it lasts, or until the next."""

    what: str
    which: int = 0
    detail: str = ""
    count: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        told = (
            self.detail,
            f"#{self.count}" if self.count else "",
            f"{self.seconds:.1f}s" if self.seconds else "",
        )
        return f"{self.what} {self.which} {' '.join(filter(None, told))}".strip()


def deeds(seed: int, kills: int, daemons: int) -> Iterator[Deed]:
    """Mail and deaths in turn, until so many daemons were killed; in between other troubles, and once a night passes."""
    chance, dead, night = random.Random(seed), 0, kills // 2
    while dead < kills:
        for _ in range(chance.randint(1, 3)):
            yield Deed("mail", chance.randrange(daemons), chance.choice(KINDS), chance.randint(1, 4))
        if chance.random() < 0.35:
            yield Deed(
                "trouble", 0, chance.choice(TROUBLES), chance.randint(1, 400), chance.uniform(0.2, 1.5)
            )
        if chance.random() < 0.25:
            yield Deed("freeze", chance.randrange(daemons), seconds=_frozen(chance, daemons))
        if chance.random() < 0.15:
            yield Deed("stop", chance.randrange(daemons))
        if chance.random() < 0.15:
            yield Deed("reload", chance.randrange(daemons))
        yield death(chance, daemons)
        dead += 1
        if dead == night:
            yield Deed("night", seconds=24 * 3600)


def death(chance: random.Random, daemons: int) -> Deed:
    """`kill -9`: at some moment, at a point of the walk, or about a commit, whichever it is."""
    how, which = chance.choice(DEATHS), chance.randrange(daemons)
    if how == "kill":
        return Deed("kill", which, seconds=chance.uniform(0.1, 1.5))
    if how == "point":
        return Deed("doom", which, chance.choice(list(doomed.POINTS)), chance.randint(1, 3))
    return Deed("doom", which, chance.choice(("before a commit", "after a commit")), chance.randint(1, 40))


def _frozen(chance: random.Random, daemons: int) -> float:
    """Mostly for a moment; where others could take over, also longer than a life lasts."""
    return chance.uniform(9, 13) if daemons > 1 and chance.random() < 0.3 else chance.uniform(0.2, 2)
