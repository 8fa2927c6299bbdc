"""What was measured, as OpenMetrics: families of the Prometheus client, which writes them. Knows no server.

Names of metrics are an interface: who changes one breaks dashboards. Where several processes answer at one address,
each has the label `worker`: the one that is asked tells of all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import inf

from prometheus_client.core import (
    CollectorRegistry,
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST as MEDIA_TYPE
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from mockserver.control.measured import Busy, Measured

__all__ = ["MEDIA_TYPE", "exposition"]
WORKER = "worker"
Figure = tuple[type[CounterMetricFamily] | type[GaugeMetricFamily], str, str, Callable[[Measured], float | None]]
"""Its kind, its name, what it is, and where it stands; None: it is not known."""


def exposition(measured: Mapping[str, Measured]) -> bytes:
    """The whole text, to its `# EOF`; of one process that has no name with what the system tells of it, too."""
    registry = CollectorRegistry(auto_describe=False)
    if "" in measured:
        ProcessCollector(registry=registry)
    registry.register(_Once(measured))
    text: bytes = generate_latest(registry)  # type: ignore[no-untyped-call]
    return text


def _busy(pick: Callable[[Busy], float]) -> Callable[[Measured], float | None]:
    return lambda measured: None if measured.busy is None else pick(measured.busy)


FIGURES: Sequence[Figure] = (
    (GaugeMetricFamily, "mockserver_webhooks_waiting", "Webhooks that wait for their time.", lambda m: m.waiting),
    (GaugeMetricFamily, "mockserver_webhooks_under_way", "Webhooks that are being delivered.", lambda m: m.under_way),
    (GaugeMetricFamily, "mockserver_webhook_lag_seconds",
     "By how many seconds of its sandbox's clock the most overdue webhook is late.", lambda m: m.late),
    (GaugeMetricFamily, "mockserver_sandboxes", "Sandboxes that are open here.", lambda m: m.open),
    (CounterMetricFamily, "mockserver_sandboxes_made", "Sandboxes that were made here.", lambda m: m.made),
    (CounterMetricFamily, "mockserver_sandboxes_closed", "Sandboxes that were closed here.", lambda m: m.closed),
    (GaugeMetricFamily, "mockserver_journal_bytes", "What all journals take in this process.", lambda m: m.journals),
    (GaugeMetricFamily, "mockserver_loop_lag_seconds",
     "How late the event loop is, at most, in the last seconds.", lambda m: m.lag),
    (GaugeMetricFamily, "mockserver_connections", "Connections that are open.", _busy(lambda b: b.connections)),
    (GaugeMetricFamily, "mockserver_requests_in_flight",
     "Requests that are not answered in full, this one included.", _busy(lambda b: b.in_flight)),
    (CounterMetricFamily, "mockserver_http_requests",
     "Requests of all kinds that were answered, to the control API and pages as well.", _busy(lambda b: b.answered)),
    (CounterMetricFamily, "mockserver_cpu_seconds", "Processor time of the process.", lambda m: m.cpu),
    (GaugeMetricFamily, "mockserver_store_latency_seconds", "How long a question to the store takes.",
     lambda m: m.latency),
)  # fmt: skip


class _Once(Collector):
    """What was measured once, of each process by its name."""

    def __init__(self, measured: Mapping[str, Measured]) -> None:
        self._measured = measured
        self._label = () if "" in measured else (WORKER,)

    def _of(self, name: str) -> tuple[str, ...]:
        return (name,) if self._label else ()

    def collect(self) -> Iterator[Metric]:
        """All families."""
        help_text = "Requests to the APIs that were answered; the fault that was applied, if one was."
        family = CounterMetricFamily(
            "mockserver_requests", help_text, labels=("api", "operation", "status", "fault", *self._label)
        )
        for name, measured in self._measured.items():
            for (api, operation, status, fault), count in measured.answers:
                family.add_metric((api, operation, str(status), fault, *self._of(name)), count)
        yield family
        help_text = "Attempts to deliver webhooks, by what came of them; never sent: given up without one."
        family = CounterMetricFamily(
            "mockserver_webhook_attempts", help_text, labels=("api", "outcome", "fault", *self._label)
        )
        for name, measured in self._measured.items():
            for names, count in measured.webhooks:
                family.add_metric((*names, *self._of(name)), count)
        yield family
        yield from map(self._figure, FIGURES)
        yield self._lateness()

    def _figure(self, figure: Figure) -> Metric:
        kind, name, help_text, pick = figure
        family = kind(name, help_text, labels=self._label)
        for worker, measured in self._measured.items():
            if (value := pick(measured)) is not None:
                family.add_metric(self._of(worker), value)
        return family

    def _lateness(self) -> Metric:
        help_text = "By how much the event loop came late to a timer, four times a second while somebody is connected."
        family = HistogramMetricFamily("mockserver_loop_late_seconds", help_text, labels=self._label)
        for worker, measured in self._measured.items():
            if (busy := measured.busy) is not None:
                bounds = ["+Inf" if bound == inf else repr(float(bound)) for bound in (*busy.bounds, inf)]
                buckets = [*zip(bounds, busy.late, strict=True)]
                family.add_metric(self._of(worker), buckets, busy.late_seconds)
        return family
