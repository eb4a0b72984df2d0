"""Runs of lines of one kind: what dividing a body gives.

Contract: pieces stand in the order of the mail and together hold every line of it. PURE.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from triaged.frozen import frozen

PieceKind = Literal["own", "quote", "head", "forwarded"]


@frozen
class Piece:
    """A run of lines of one kind, in the order of the mail."""

    kind: PieceKind
    lines: tuple[str, ...]
    marked: bool = False  # a quote in `>`, which the sender may answer inline

    @property
    def text(self) -> str:
        """Its lines, joined."""
        return "\n".join(self.lines)


def joined(all_pieces: Sequence[Piece]) -> list[Piece]:
    """Neighbours of one kind made one; blank pieces between quotes dropped."""
    found: list[Piece] = []
    rows: list[str] = []
    for index, piece in enumerate(all_pieces):
        rows.extend(piece.lines)
        following = all_pieces[index + 1] if index + 1 < len(all_pieces) else None
        if following is None or (following.kind, following.marked) != (piece.kind, piece.marked):
            if any(row.strip() for row in rows):
                found.append(Piece(piece.kind, tuple(rows), piece.marked))
            rows = []
    return found
