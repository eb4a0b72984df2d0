"""Answers of the database kept through one transaction, and asked for a whole batch in one statement."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Generic, TypeVar

from triaged.store.connected import pieces

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Lookup(Generic[K, V]):
    """`ask` answers what it finds of some keys; the rest is `missing`. What is expected is asked with the first.

    `first` hears of the keys before any answer, kept or not: what was put off about them is to be written.
    """

    def __init__(
        self,
        ask: Callable[[list[K]], Mapping[K, V]],
        missing: V,
        expected: Iterable[K] = (),
        first: Callable[[list[K]], object] = lambda _: None,
    ) -> None:
        self._ask, self._missing, self._first = ask, missing, first
        self._expected = set(expected)
        self._known: dict[K, V] = {}

    def expect(self, keys: Iterable[K]) -> None:
        """These will be asked for soon."""
        self._expected.update(keys)

    def __call__(self, keys: Iterable[K]) -> dict[K, V]:
        """The answer for each key."""
        wanted = list(keys)
        self._first(wanted)
        if not self._known.keys() >= set(wanted):
            asked, self._expected = self._expected.union(wanted) - self._known.keys(), set()
            for piece in pieces(asked):
                found = self._ask(piece)
                self._known |= {key: found.get(key, self._missing) for key in piece}
        return {key: self._known[key] for key in wanted}

    def of(self, key: K) -> V:
        """The answer for one key."""
        return self([key])[key]

    def kept(self) -> list[K]:
        """The keys whose answers are kept."""
        return list(self._known)

    def knows(self, key: K) -> bool:
        """Whether the answer is kept."""
        return key in self._known

    def change(self, key: K, to: V) -> None:
        """What this transaction made of it."""
        self._known[key] = to

    def forget(self, keys: Iterable[Hashable]) -> None:
        """Ask anew for these. To be called whenever something of theirs was written, whoever caused that."""
        for key in self._known.keys() & set(keys):
            del self._known[key]
