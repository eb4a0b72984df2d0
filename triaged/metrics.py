"""Counters and gauges for Prometheus; one object a daemon, so that tests can have many.

What can be asked of the store (queue lengths, mailbox ages) is asked when a scrape comes, so the
figures are right whichever of several daemons answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from triaged.edge.shared_answer import SharedAnswer

_OBSERVED_SECONDS = 5.0


Row = tuple[str, str, dict[str, str], float]  # a metric's name, its help, labels, value


class Metrics:
    """The daemon's own counts, and the collector that asks the store."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.mails = Counter(
            "triaged_mails", "Mails by fate and kind", ["fate", "kind"], registry=self.registry
        )
        self.authenticated = Counter(
            "triaged_authentication",
            "Mails by our mail server's word on their sender",
            ["result"],
            registry=self.registry,
        )
        for result in ("pass", "fail", "none", "unknown"):  # an alert on `pass` needs its zero
            self.authenticated.labels(result)
        self.kept = Counter(
            "triaged_kept", "Raw mails made durable", ["mailbox", "door"], registry=self.registry
        )
        self.refused = Counter("triaged_refused", "Turned away at a door", ["door"], registry=self.registry)
        self.letters = Counter("triaged_letters", "Letters by outcome", ["outcome"], registry=self.registry)
        self.tickets = Counter("triaged_tickets", "Tickets by severity", ["severity"], registry=self.registry)
        self.abstained = Counter(
            "triaged_abstained", "Mails the classifier abstained on", registry=self.registry
        )
        self.judged = Counter("triaged_judged", "Mails judged", registry=self.registry)
        self.dues = Counter("triaged_due_steps", "Due steps taken", ["kind", "step"], registry=self.registry)
        self.loop_failures = Counter(
            "triaged_loop_failures", "Faults met by loops", ["loop"], registry=self.registry
        )
        self.reload_ok = Gauge(
            "triaged_reload_ok",
            "1 if the last reload took effect, 0 if it was refused",
            registry=self.registry,
        )
        self.reload_ok.set(1)
        self.directory_old = Gauge(
            "triaged_directory_old",
            "1 if the directory is older than directory.max_age",
            registry=self.registry,
        )
        self.loop_tick = Gauge(
            "triaged_loop_tick_seconds", "When a loop last made progress", ["loop"], registry=self.registry
        )

    def watch(self, observe: Callable[[], Iterable[Row]]) -> None:
        """Ask at every scrape; a store that is away gives no figures rather than a failed scrape."""
        self.registry.register(_Collector(observe))

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self.registry)


class _Collector:
    def __init__(self, observe: Callable[[], Iterable[Row]]) -> None:
        # A database that hangs must not take the scrapes' threads, one after the other, from /healthz.
        self._rows = SharedAnswer(lambda: list(observe()))

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        families: dict[str, GaugeMetricFamily] = {}
        up = GaugeMetricFamily("triaged_database_up", "1 if the database answers")
        try:
            rows = self._rows.get(_OBSERVED_SECONDS)
            up.add_metric([], 1)
        except Exception:
            rows = []
            up.add_metric([], 0)
        for name, text, labels, value in rows:
            family = families.setdefault(name, GaugeMetricFamily(name, text, labels=list(labels)))
            family.add_metric(list(labels.values()), value)
        return [up, *families.values()]
