"""Mails sorted into conversations by their ids alone, in whatever order they come. PURE.

The same ids that `threads.mentions` looks up, without tickets, people or time: an id that is only mentioned
counts as known, and a mail that names two conversations makes them one. So the groups are the same whichever
way the mails come in, loops and repeated ids included.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from triaged.tickets.pointers import LONGEST_ID


class Identified(Protocol):
    """The ids of a mail: a `Reading` has them, and so has a `Message`."""

    @property
    def message_id(self) -> str | None: ...
    @property
    def in_reply_to(self) -> tuple[str, ...]: ...
    @property
    def references(self) -> tuple[str, ...]: ...


def partition(mails: Sequence[Identified]) -> list[list[int]]:
    """The positions of the mails of each conversation, each in the order given."""
    known = _Groups()
    for position, mail in enumerate(mails):
        known.join(_ids(position, mail))
    groups: dict[str, list[int]] = {}
    for position in range(len(mails)):
        groups.setdefault(known.leader(_own(position)), []).append(position)
    return list(groups.values())


def _ids(position: int, mail: Identified) -> list[str]:
    own = [mail.message_id] if mail.message_id else []
    named = (*own, *mail.in_reply_to, *mail.references)
    return [_own(position), *(message_id for message_id in named if len(message_id) <= LONGEST_ID)]


def _own(position: int) -> str:
    """A key no Message-ID can have, so that mails without one are somebody too."""
    return f"\0{position}"


class _Groups:
    """Union-find over ids."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def leader(self, one: str) -> str:
        """The id that stands for its whole group."""
        above = self._above
        above.setdefault(one, one)
        while above[one] != one:
            above[one] = above[above[one]]
            one = above[one]
        return one

    def join(self, ids: Iterable[str]) -> None:
        """All these ids are of one group."""
        first, *others = [self.leader(one) for one in ids]
        for other in others:
            self._above[self.leader(other)] = self.leader(first)
