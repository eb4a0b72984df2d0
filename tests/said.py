"""What was told in the log and in the metrics, by name: events and figures are contracts that admins grep and graph."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from prometheus_client.parser import text_string_to_metric_families


class Said:
    """Events of `triaged` since it began to listen: name and what it carries."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []

    def of(self, event: str) -> list[dict[str, Any]]:
        """What each telling of the event carried, in order."""
        return [what for name, what in list(self.events) if name == event]


class _Listening(logging.Handler):
    def __init__(self, said: Said) -> None:
        super().__init__(logging.INFO)
        self.said = said

    def emit(self, record: logging.LogRecord) -> None:
        self.said.events.append((record.getMessage(), dict(record.__dict__.get("what", {}))))


@contextmanager
def listening() -> Iterator[Said]:
    """Hear every event, whatever level the log is set to."""
    said, log = Said(), logging.getLogger("triaged")
    handler, level = _Listening(said), log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield said
    finally:
        log.removeHandler(handler)
        log.setLevel(level)


def figure(text: bytes | str, name: str, **labels: str) -> float | None:
    """The value of a sample in the exposition format; None where it is not told."""
    told = text.decode() if isinstance(text, bytes) else text
    for family in text_string_to_metric_families(told):
        for sample in family.samples:
            if sample.name == name and dict(sample.labels) == labels:
                return float(sample.value)
    return None
