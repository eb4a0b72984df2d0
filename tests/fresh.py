"""A program in a Python of its own: what it says, and which modules it needed."""

from __future__ import annotations

import subprocess
import sys
from typing import NamedTuple


class Ran(NamedTuple):
    """What it printed, and the modules that were loaded at its end, whatever ended it."""

    out: str
    modules: frozenset[str]


def run(program: str) -> Ran:
    """Raises CalledProcessError where it fails."""
    told = "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr))\n" + program
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    return Ran(done.stdout, frozenset(done.stderr.splitlines()[-1].split()))
