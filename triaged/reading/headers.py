"""The headers of a mail: every one kept, in order, repeated ones too, decoded for reading.

Contract: total and linear. Values are unfolded, RFC 2047 words decoded (vendor ISO-2022-JP too),
raw 8-bit bytes read with the charset they most likely are in; no lone surrogates, no NULs.
PURE.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator


class Headers:
    """Header fields in the order they stand in the mail, looked up by name in any case."""

    __slots__ = ("_items", "_values")

    def __init__(self, items: Iterable[tuple[str, str]] = ()) -> None:
        self._items = tuple(items)
        self._values: dict[str, list[str]] = {}
        for name, value in self._items:
            self._values.setdefault(name.lower(), []).append(value)

    def get(self, name: str, default: str = "") -> str:
        """The first (topmost) value of the field, `default` where the mail has none."""
        values = self._values.get(name.lower())
        return values[0] if values else default

    def get_all(self, name: str) -> tuple[str, ...]:
        """Every value of the field, topmost first."""
        return tuple(self._values.get(name.lower(), ()))

    def items(self) -> tuple[tuple[str, str], ...]:
        """(name as written, decoded value) of every field, in order."""
        return self._items

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._values

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        return f"Headers({list(self._items)!r})"
