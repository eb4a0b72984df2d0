"""The loop that renews tokens before they end (triaged/daemon/loops.py)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from triaged.config.oauth2 import Grant
from triaged.grants.keeping import Keeper

NAME = "grants"
REST_SECONDS = 20.0  # between looks


class Renewing:
    """Renews the grants of one daemon, turn by turn until `stop` is set."""

    def __init__(
        self,
        keeper: Keeper,
        grants: Callable[[], Sequence[Grant]],
        stop: threading.Event,
        *,
        tick: Callable[[], object],
        failed: Callable[[Exception], object],
    ) -> None:
        self._keeper, self._grants, self._stop, self._tick = keeper, grants, stop, tick
        self._tell_failed = failed

    def wanted(self) -> bool:
        """Until the daemon stops."""
        return not self._stop.is_set()

    def turn(self) -> None:
        """Renew what is due, then rest."""
        self._tick()
        self._keeper.renew_due(self._grants())
        self._tick()
        self._stop.wait(REST_SECONDS)

    def failed(self, error: Exception) -> None:
        """Told, and tried again after a moment."""
        self._tell_failed(error)

    def close(self) -> None:
        """Nothing is left in hand."""
