"""Prints every figure as it comes; exit status 1 if one misses its bound. Arguments name parts to run."""

from __future__ import annotations

import sys

from tests.bench import backlog, daemons, drain, idle, latency, million, ninety, start

PARTS = {
    "start": start.rows,
    "latency": latency.rows,
    "idle": idle.rows,
    "drain": drain.rows,
    "backlog": backlog.rows,
    "daemons": daemons.rows,
    "million": million.rows,
    "ninety": ninety.rows,
}
LONG = frozenset({"million", "ninety"})  # run by name only


def main(chosen: list[str]) -> int:
    """Run the parts named, or all."""
    missed = 0
    for name, rows in PARTS.items():
        for row in rows() if name in chosen or not (chosen or name in LONG) else ():
            mark = {True: "ok  ", False: "MISS", None: "    "}[row.met]
            missed += row.met is False
            print(f"{mark} {name:8} {row.name:40} {row.value:>20}   {row.bound}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
