"""What a piece of work costs: the CPU seconds of its own thread.

Those of the process would count what earlier tests of the same worker left running, and the collector would go through
all that they have left in memory: a test that compares two sizes then fails by the company it keeps.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable


def spent(work: Callable[[], object], runs: int = 1) -> float:
    """CPU seconds of the best of so many runs."""
    collects = gc.isenabled()
    gc.disable()
    try:
        return min(_once(work) for _ in range(runs))
    finally:
        if collects:
            gc.enable()


def _once(work: Callable[[], object]) -> float:
    began = time.thread_time()
    work()
    return time.thread_time() - began
