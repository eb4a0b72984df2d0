"""`make mutants SEED=1 COUNT=100 [JOBS=2] [ROOMS="daemon walk"] [ONLY="3 17"] [TIMEOUT=600]`."""

from __future__ import annotations

import difflib
import os
import queue
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from tests.mutants.faults import Fault, chosen
from tests.mutants.trials import Outcome, Tree

ROOT = Path(__file__).parents[2]
EQUIVALENT = Path(__file__).with_name("equivalent.txt")


def main() -> int:
    """Try them all; exit status 1 if one was not noticed."""
    # A shell's background jobs, and what they start, ignore SIGINT
    for number in (
        signal.SIGINT,
        signal.SIGTERM,
    ):
        signal.signal(number, signal.default_int_handler)
    asked = {name: os.environ.get(name, "") for name in ("SEED", "COUNT", "JOBS", "ROOMS", "ONLY", "TIMEOUT")}
    faults = chosen(
        ROOT, int(asked["SEED"] or 1), int(asked["COUNT"] or 100), frozenset(asked["ROOMS"].split())
    )
    only = {int(number) for number in asked["ONLY"].split()} or set(range(1, len(faults) + 1))
    waiting = queue.SimpleQueue[tuple[int, Fault]]()
    for place, fault in enumerate(faults, 1):
        if place in only:
            waiting.put((place, fault))
    outcomes: list[Outcome] = []
    folder = Path(tempfile.mkdtemp(prefix="mut"))
    folder.chmod(0o755)
    try:
        workers = [
            threading.Thread(
                target=_work,
                args=(waiting, outcomes, folder / str(n), float(asked["TIMEOUT"] or 600)),
                daemon=True,
            )
            for n in range(int(asked["JOBS"] or 2))
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    except KeyboardInterrupt:
        print(f"broken off: {len(outcomes)} of {len(only)} tried")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return _told(sorted(outcomes, key=lambda one: one.number))


def _work(
    waiting: queue.SimpleQueue[tuple[int, Fault]], outcomes: list[Outcome], folder: Path, seconds: float
) -> None:
    tree = Tree(ROOT, folder)
    while True:
        try:
            number, fault = waiting.get_nowait()
        except queue.Empty:
            return
        began = time.monotonic()
        noticed, by = tree.tried(fault, seconds)
        outcomes.append(Outcome(number, fault, noticed, by, time.monotonic() - began))
        word = f"noticed by {by}" if noticed else f"NOT NOTICED {by}".strip()
        print(
            f"{number:4} {fault.file}:{fault.line} {fault.what}: {word} ({outcomes[-1].seconds:.0f} s)",
            flush=True,
        )


def _told(outcomes: list[Outcome]) -> int:
    """The survivors with their differences, then the shares."""
    known = _equivalent()
    equal = [one for one in outcomes if not one.noticed and key(one.fault) in known]
    counted = [one for one in outcomes if one not in equal]
    survivors = [one for one in counted if not one.noticed]
    for one in survivors:
        print(f"\n#{one.number} {one.fault.file}:{one.fault.line} {one.fault.what}\n{_difference(one.fault)}")
    rooms, noticed = (
        Counter(o.fault.room for o in counted),
        Counter(o.fault.room for o in counted if o.noticed),
    )
    print()
    for room in sorted(rooms):
        print(f"{room:12} {noticed[room]:4} of {rooms[room]:4}  {noticed[room] / rooms[room]:6.1%}")
    share = noticed.total() / max(1, rooms.total())
    print(
        f"{'all':12} {noticed.total():4} of {rooms.total():4}  {share:6.1%}   ({len(equal)} equivalent, left out)"
    )
    return 1 if survivors else 0


def key(fault: Fault) -> str:
    """How a fault is named in equivalent.txt: its file, the line as it stands and what stands there instead."""
    return f"{fault.file} | {_line(fault)} | {fault.new}"


def _line(fault: Fault) -> str:
    return (ROOT / fault.file).read_text("utf-8").splitlines()[fault.line - 1].strip()


def _equivalent() -> set[str]:
    """Faults that change nothing anybody could see; each stands with its reason in a comment above."""
    lines = EQUIVALENT.read_text("utf-8").splitlines() if EQUIVALENT.is_file() else []
    return {line.strip() for line in lines if line.strip() and not line.startswith("#")}


def _difference(fault: Fault) -> str:
    before = (ROOT / fault.file).read_bytes()
    pair = [text.decode().splitlines() for text in (before, fault.made_in(before))]
    return "\n".join(list(difflib.unified_diff(*pair, lineterm="", n=1))[2:])


if __name__ == "__main__":
    sys.exit(main())
