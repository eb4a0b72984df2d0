"""Counters, gauges and a histogram for Prometheus; one object per daemon, so that tests can have many.

What can be asked of the store (queue lengths, mailbox ages) is asked when a scrape comes, so the
figures are right whichever of several daemons answers. Names follow Prometheus' conventions; those that once did
not are told under their former names too, for a release.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.samples import Sample

from triaged import __version__
from triaged.edge.shared_answer import SharedAnswer
from triaged.spec import former

_OBSERVED_SECONDS = 5.0
_BUCKETS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 10800, 43200)  # seconds

# What a figure is called, and what it was called (spec/former.py)
FORMER: Mapping[str, str] = {now: one.name for now, one in former.figures().items()}

Row = tuple[str, str, dict[str, str], float]  # a metric's name, its help, labels, value


class Metrics:
    """The daemon's own counts, and the collector that asks the store."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._mail_counters()
        self._work_counters()
        self._gauges()

    def _mail_counters(self) -> None:
        registry = self.registry
        self.mails = Counter(
            "triaged_mails_triaged", "Mails by fate and kind", ["fate", "kind"], registry=registry
        )
        self.authenticated = Counter(
            "triaged_mails_authenticated",
            "Mails by our mail server's word on their sender",
            ["result"],
            registry=registry,
        )
        for result in ("pass", "fail", "none", "unknown"):  # an alert on `pass` needs its zero
            self.authenticated.labels(result)
        self.kept = Counter(
            "triaged_mails_kept", "Raw mails made durable", ["mailbox", "door"], registry=registry
        )
        self.refused = Counter("triaged_door_refusals", "Turned away at a door", ["door"], registry=registry)
        self.judged = Counter("triaged_mails_judged", "Mails judged", registry=registry)
        self.abstained = Counter(
            "triaged_classifier_abstentions", "Mails the classifier abstained on", registry=registry
        )
        self.tickets = Counter(
            "triaged_tickets_opened", "Tickets opened, by severity", ["severity"], registry=registry
        )

    def _work_counters(self) -> None:
        registry = self.registry
        self.letters = Counter(
            "triaged_letter_outcomes", "Letters by outcome", ["outcome"], registry=registry
        )
        self.acknowledged = Histogram(
            "triaged_acknowledgment_latency_seconds",
            "From a request's arrival to its acknowledgment at our mail server",
            buckets=_BUCKETS,
            registry=registry,
        )
        self.alerts = Counter(
            "triaged_alert_outcomes",
            "Alerts by receiver and outcome",
            ["receiver", "outcome"],
            registry=registry,
        )
        self.dues = Counter("triaged_due_steps", "Due steps taken", ["kind", "step"], registry=registry)
        self.forgotten = Counter(
            "triaged_retention_forgotten",
            "Gone by retention: mails' and letters' bytes, closed tickets, events",
            ["what"], registry=registry,
        )  # fmt: skip
        self.loop_failures = Counter(
            "triaged_loop_failures", "Faults met by loops", ["loop"], registry=registry
        )

    def _gauges(self) -> None:
        registry = self.registry
        build = Gauge(
            "triaged_build_info", "1; what runs, in its labels", ["version", "python"], registry=registry
        )
        build.labels(__version__, platform.python_version()).set(1)
        self.reload_ok = Gauge(
            "triaged_config_last_reload_successful",
            "1 if the last reload took effect, 0 if it was refused",
            registry=registry,
        )
        self.reload_ok.set(1)
        self.directory_old = Gauge(
            "triaged_directory_outdated",
            "1 if the directory is older than directory.max_age",
            registry=registry,
        )
        self.loop_tick = Gauge(
            "triaged_loop_last_progress_timestamp_seconds",
            "When a loop last made progress",
            ["loop"],
            registry=registry,
        )

    def watch(self, observe: Callable[[], Iterable[Row]]) -> None:
        """Ask at every scrape; a store that is away gives no figures rather than a failed scrape."""
        self.registry.register(_Collector(observe))

    def text(self) -> bytes:
        """The exposition format, with the former names behind."""
        return generate_latest(_WithFormerNames(self.registry))


class _WithFormerNames:
    """A registry's families, and those that once had another name under that one again."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterator[Metric]:
        again = []
        for family in self._registry.collect():
            yield family
            if family.name in FORMER:
                again.append(_renamed(family, FORMER[family.name]))
        yield from again


def _renamed(family: Metric, name: str) -> Metric:
    made = Metric(
        name,
        f"Former name of {family.name}; gone in {former.figures()[family.name].gone}",
        family.type,
        family.unit,
    )
    made.samples = [Sample(name + one.name.removeprefix(family.name), *one[1:]) for one in family.samples]
    return made


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
