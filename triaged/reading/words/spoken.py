"""The words in force while a mail is read. PURE: holds what it was handed, reads nothing by itself.

Contract: `read` puts the words of its Surroundings in force for one mail, so that what a reading says follows
from its arguments alone; functions deep within ask `spoken()`. Where Surroundings bring none, and outside of
`read`, those that ship are in force: the package hands in at import who loads them (triaged/__init__.py), and
they are loaded when they are first asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # at run time this module costs nothing: whatever imports the package imports it
    from triaged.reading.words.words import Words

_IN_FORCE: ContextVar[Words | None] = ContextVar("words", default=None)
_SHIPPED: list[Callable[[], Words]] = []


def spoken() -> Words:
    """The words in force."""
    return _IN_FORCE.get() or _SHIPPED[0]()


@contextmanager
def speaking(words: Words | None) -> Iterator[None]:
    """`words` in force until the end of the block; None: those in force stay."""
    token = _IN_FORCE.set(words or _IN_FORCE.get())
    try:
        yield
    finally:
        _IN_FORCE.reset(token)


def shipped_by(loader: Callable[[], Words]) -> None:
    """Who loads the words that ship; `loader` remembers them."""
    _SHIPPED[:] = [loader]
