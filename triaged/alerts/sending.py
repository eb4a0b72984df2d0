"""The loop that looks round and tells (triaged/daemon/loops.py): rows claimed with a lease, each receiver by itself.

A receiver that cannot be reached is asked again, ever later, until what was to be told has lost its sense; its
others wait behind it. What is told twice was told by a daemon that died before it could write that down.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from triaged import maillog
from triaged.alerts import looking, receivers
from triaged.config.alerts import Alert
from triaged.config.config import Config
from triaged.edge.backoff import Backoff
from triaged.errors import Faulty, Temporary
from triaged.metrics import Metrics
from triaged.store.service_rows import AlertRow, AlertState
from triaged.store.store import Store

NAME = "alerts"
REST_SECONDS = 10.0  # between looks
AT_ONCE = 20
LEASE = timedelta(minutes=10)
BACKOFF = Backoff(first=20, cap=600)
_MOST_RECEIVERS = 8  # told side by side


class Telling:
    """Tells the receivers of one daemon's config, turn by turn until `stop` is set."""

    def __init__(
        self,
        store: Store,
        config: Callable[[], Config],
        owner: str,
        clock: Callable[[], datetime],
        metrics: Metrics,
        stop: threading.Event,
        *,
        tick: Callable[[], object] = lambda: None,
        failed: Callable[[Exception], object] = lambda error: None,
    ) -> None:
        self._store, self._config, self._owner, self._clock = store, config, owner, clock
        self._metrics, self._stop, self._tick, self._tell_failed = metrics, stop, tick, failed
        self._had: dict[int, set[int]] = {}  # addresses that were told, of alerts to be told again

    def wanted(self) -> bool:
        """Until the daemon stops."""
        return not self._stop.is_set()

    def turn(self) -> None:
        """Look, tell, rest."""
        self._tick()
        if self._config().alerts:
            self.look_and_tell()
        self._tick()
        self._stop.wait(REST_SECONDS)

    def failed(self, error: Exception) -> None:
        """Told, and tried again after a moment."""
        self._tell_failed(error)

    def close(self) -> None:
        """What is claimed waits for its lease."""

    def look_and_tell(self) -> int:
        """Write what is to be told, and tell what is due; how many were told. Raises Unavailable."""
        config, now = self._config(), self._clock()
        looking.look(self._store, config, self._owner, now)
        due = self._store.next_alert_at()
        if due is None or due > now:
            return 0
        claimed = self._store.claim_alerts(AT_ONCE, now, self._owner, LEASE)
        by_receiver: dict[str, list[AlertRow]] = {}
        for one in claimed:
            by_receiver.setdefault(one.receiver, []).append(one)
        known = {receiver.label: receiver for receiver in config.alerts}
        with ThreadPoolExecutor(_MOST_RECEIVERS, "alerts") as pool:
            told = [pool.submit(self._tell_all, known.get(name), some) for name, some in by_receiver.items()]
        return sum(one.result() for one in told)

    def _tell_all(self, receiver: Alert | None, alerts: Sequence[AlertRow]) -> int:
        """The alerts of one receiver in turn; after one that could not be told the others wait as long."""
        told, trouble = 0, ""
        for one in alerts:
            if self._stop.is_set():
                self._store.alert_retry(one.id, self._owner, "given back", self._clock())
            elif receiver is None:
                self._ended(one, AlertState.WITHDRAWN, "the config names no such receiver")
            elif one.expires <= self._clock():
                self._ended(
                    one, AlertState.FAILED, f"given up: {one.error or 'it could not be told in time'}"
                )
            elif trouble or (trouble := self._tell(receiver, one)):
                self._again(one, trouble)
            else:
                self._ended(one, AlertState.SENT, None)
                told += 1
        return told

    def _tell(self, receiver: Alert, one: AlertRow) -> str:
        """Tell every address that was not told yet; why one could not be, "" where all were."""
        had, trouble = self._had.setdefault(one.id, set()), ""
        try:
            for address in receivers.addresses(receiver):
                self._tick()
                if address.number not in had:
                    try:
                        receivers.hand_over(receiver, address, as_told(one))
                        had.add(address.number)
                    except Temporary as error:
                        trouble = str(error)
        except (Faulty, Temporary) as error:
            return str(error).splitlines()[0]
        return trouble

    def _again(self, one: AlertRow, why: str) -> None:
        wait = BACKOFF.seconds(one.runs, random.random())
        at = self._clock() + timedelta(seconds=wait)
        self._store.alert_retry(one.id, self._owner, why[:300], at)
        maillog.alert_retry(one.id, one.receiver, one.event, why, wait)
        self._count(one, "retry")

    def _ended(self, one: AlertRow, state: AlertState, why: str | None) -> None:
        self._had.pop(one.id, None)
        self._store.alert_ended(one.id, self._owner, state, self._clock(), why)
        if state is AlertState.SENT:
            maillog.alert_sent(one.id, one.receiver, one.event)
        else:
            maillog.alert_failed(one.id, one.receiver, one.event, why or "")
        self._count(one, str(state))

    def _count(self, one: AlertRow, outcome: str) -> None:
        self._metrics.alerts.labels(one.receiver, outcome).inc()


def as_told(one: AlertRow) -> dict[str, Any]:
    """An alert as receivers get it: JSON of a webhook, title and body of a service."""
    return {
        "id": one.id,
        "event": one.event,
        "key": one.key,
        "over": one.over,
        "severity": one.severity,
        "title": f"triaged: {one.title}",
        "body": one.body,
        "at": one.written_at.isoformat().replace("+00:00", "Z"),
    }
