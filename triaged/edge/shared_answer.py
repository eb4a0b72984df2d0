"""A question that may take long, asked by many: one asks at a time, all who wait get his answer, none for ever.

So a database that hangs costs one thread, however many monitors ask after it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")


class SharedAnswer(Generic[T]):
    """The answer to `ask`, which runs in a thread of its own."""

    def __init__(self, ask: Callable[[], T]) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._asked: Future[T] | None = None

    def get(self, seconds: float) -> T:
        """A fresh answer, or that of whoever is asking just now. Raises TimeoutError, and what `ask` raises."""
        with self._lock:
            if self._asked is None or self._asked.done():
                self._asked = Future()
                threading.Thread(target=self._answer, args=(self._asked,), name="asking", daemon=True).start()
            asked = self._asked
        return asked.result(seconds)

    def _answer(self, asked: Future[T]) -> None:
        try:
            asked.set_result(self._ask())
        except BaseException as error:
            asked.set_exception(error)
