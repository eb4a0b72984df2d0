"""What /healthz answers: whether the loops go on and mail can be kept. In bounded time, whatever hangs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from triaged import __version__
from triaged.edge.shared_answer import SharedAnswer
from triaged.store.rows import Unavailable

SECONDS = 3.0  # monitors wait five


class Store(Protocol):
    """What is asked of the store."""

    def probe(self) -> None:
        """Raises Unavailable with the reason why mail cannot be kept."""


class Health:
    """Called for each /healthz: whether all is well, and what is not."""

    def __init__(self, store: Store, stuck: Callable[[], list[str]], rulebook: Callable[[], str]) -> None:
        self._stuck, self._rulebook = stuck, rulebook
        self._probed = SharedAnswer(store.probe)

    def __call__(self) -> tuple[bool, dict[str, Any]]:
        """503 where the first is False."""
        stuck, database = self._stuck(), self._database()
        told = {"version": __version__, "stuck": stuck, "database": database, "rulebook": self._rulebook()}
        return not stuck and database == "ok", told

    def _database(self) -> str:
        try:
            self._probed.get(SECONDS)
        except TimeoutError:
            return f"database unavailable: no answer in {SECONDS:.0f} s; it is locked, away or very busy"
        except Unavailable as error:
            return str(error)
        except Exception as error:  # a fault of ours must not look like health
            return f"{type(error).__name__}: {error}"[:300]
        return "ok"
