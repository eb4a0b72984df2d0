"""Prints every figure as it comes; exit status 1 if one misses its bound. Arguments name modules to run."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import tests.measures as here


def main(chosen: list[str]) -> int:
    """Run the measures (all, or the modules named)."""
    missed = 0
    for module in pkgutil.iter_modules(here.__path__):
        if module.name == "__main__" or (chosen and module.name not in chosen):
            continue
        for figure in importlib.import_module(f"tests.measures.{module.name}").figures():
            mark = "ok  " if figure.met else "MISS"
            missed += not figure.met
            print(
                f"{mark} {module.name:14} {figure.name:60} {figure.value:>16}   ({figure.bound})", flush=True
            )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
