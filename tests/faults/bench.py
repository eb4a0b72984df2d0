"""One run: a plan is done, the town calms down, the world is compared."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass

from tests.faults import plan, world
from tests.faults.town import FaultTown


@dataclass(frozen=True)
class Run:
    """What came of a seed."""

    seed: int
    kills: int
    freezes: int
    stops: int
    reloads: int
    troubles: int
    mails: int
    tickets: int
    letters: int
    doubled: int
    seconds: float
    faults: tuple[str, ...]

    def __str__(self) -> str:
        told = (
            f"seed {self.seed}: {self.kills} kills, {self.freezes} freezes, {self.stops} stops, {self.reloads} reloads, "
            f"{self.troubles} troubles; {self.mails} mails, {self.tickets} tickets, {self.letters} letters, "
            f"{self.doubled} sent twice under one Message-ID; {self.seconds:.0f} s"
        )
        return "\n".join([told, *(f"  BROKEN: {one}" for one in self.faults)])


def run(town: FaultTown, seed: int, kills: int, *, told: bool = False) -> Run:
    """Everything a seed says, and what came of it."""
    began, chance = time.monotonic(), random.Random(seed)
    town.meet()
    for deed in plan.deeds(seed, kills, len(town.running)):
        if told:
            print(f"{time.monotonic() - began:6.1f} {deed}", flush=True)
        town.do(deed, chance)
        for which in range(len(town.running)):
            if chance.random() < 0.7:
                town.wake(which)
    faults: list[str] = []
    try:
        town.calm()
    except AssertionError as error:
        faults.append(f"it did not calm down: {error}")
    faults += world.faults(town)
    return Run(
        seed, town.kills, town.freezes, town.stops, town.reloads, town.troubles, len(town.mails()), len(town.tickets()),
        len(town.sink.taken), world.doubles(town), time.monotonic() - began, tuple(faults),
    )  # fmt: skip
