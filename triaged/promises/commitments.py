"""What can be promised on a ticket, one row each: all that is peculiar to a commitment stands here. PURE.

How long each takes, and whether it is promised at all, is the rulebook's to say (promises/sections.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from triaged.frozen import frozen
from triaged.tickets.ticket import Happening

WhenResolved = Literal["met", "met by a human", "ends"]


@frozen
class CommitmentKind:
    """One kind of commitment; it runs from the request, and stands still while we wait for the partner.

    `met_by`: what keeps it; None: nothing for good. `by_acknowledgment`: a policy may let the acknowledgment
    keep it (and a ticket that becomes another policy's may take it up again). `rounds`: every word to the
    partner begins it anew, so its steps carry their round. `when_resolved`: a resolution keeps it; keeps it if
    a human resolved; or it ends unkept. `reopens`: runs again when the ticket is reopened though it was kept.
    `warning`: the letter to staff at its first mark. `told_late`: letters admit that it was missed.
    `in_updates`: progress updates tell it while it runs.
    """

    name: str
    met_by: Happening | None
    when_resolved: WhenResolved = "met by a human"
    by_acknowledgment: bool = False
    rounds: bool = False
    reopens: bool = False
    warning: str = "at_risk"
    told_late: bool = True
    in_updates: bool = False

    @property
    def is_reported(self) -> bool:
        """Whether reports count how often it was kept: what begins anew is never kept for good."""
        return self.met_by is not None


_ROWS = (
    CommitmentKind("first_response", Happening.STAFF_ANSWERED, by_acknowledgment=True),
    CommitmentKind("identification", Happening.IDENTIFIED),
    CommitmentKind(
        "resolution", Happening.RESOLVED, when_resolved="met", reopens=True, in_updates=True
    ),
    CommitmentKind(
        "next_update", None, when_resolved="ends", rounds=True, warning="update_due", told_late=False
    ),
)  # fmt: skip
COMMITMENTS: Mapping[str, CommitmentKind] = {row.name: row for row in _ROWS}
REPORTED = tuple(row.name for row in _ROWS if row.is_reported)
IN_UPDATES = frozenset(row.name for row in _ROWS if row.in_updates)
