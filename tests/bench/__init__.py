"""What triaged costs, beside a floor measured in the same run: `make bench`. Needs Dovecot, and the corpora
for the drain. Figures, not tests: nothing here fails a build but a missed bound fails the command.
"""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """One measured figure; `met` None where no bound is asked for."""

    name: str
    value: str
    bound: str = ""
    met: bool | None = None
