"""What was measured, as OpenMetrics: families of the Prometheus client, which writes them. Knows no server.

Names of metrics are an interface: who changes one breaks dashboards.
"""

from __future__ import annotations

from collections.abc import Iterator
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

from mockserver.control.measured import Load, Measured

__all__ = ["MEDIA_TYPE", "exposition"]


def exposition(measured: Measured) -> bytes:
    """The whole text, to its `# EOF`; with what the system tells of this process."""
    registry = CollectorRegistry(auto_describe=False)
    ProcessCollector(registry=registry)
    registry.register(_Once(measured))
    text: bytes = generate_latest(registry)  # type: ignore[no-untyped-call]
    return text


class _Once(Collector):
    """What was measured once."""

    def __init__(self, measured: Measured) -> None:
        self._measured = measured

    def collect(self) -> Iterator[Metric]:
        """All families."""
        measured = self._measured
        yield _answers(measured)
        yield from _webhooks(measured)
        yield from _sandboxes(measured)
        yield GaugeMetricFamily(
            "mockserver_loop_lag_seconds", "How late the event loop is, at most, in the last seconds.", measured.lag
        )
        if measured.load is not None:
            yield from _load(measured.load)


def _answers(measured: Measured) -> Metric:
    said = "Requests to the APIs that were answered; the fault that was applied, if one was."
    family = CounterMetricFamily("mockserver_requests", said, labels=("api", "operation", "status", "fault"))
    for (api, operation, status, fault), count in measured.tally.answers.items():
        family.add_metric((api, operation, str(status), fault), count)
    return family


def _webhooks(measured: Measured) -> Iterator[Metric]:
    said = "Attempts to deliver webhooks, by what came of them; never sent: given up without one."
    family = CounterMetricFamily("mockserver_webhook_attempts", said, labels=("api", "outcome", "fault"))
    for names, count in measured.tally.webhooks.items():
        family.add_metric(names, count)
    yield family
    backlog = measured.backlog
    yield GaugeMetricFamily("mockserver_webhooks_waiting", "Webhooks that wait for their time.", backlog.waiting)
    yield GaugeMetricFamily("mockserver_webhooks_under_way", "Webhooks that are being delivered.", backlog.under_way)
    late = "By how many seconds of its sandbox's clock the most overdue webhook is late."
    yield GaugeMetricFamily("mockserver_webhook_lag_seconds", late, backlog.late)


def _sandboxes(measured: Measured) -> Iterator[Metric]:
    yield GaugeMetricFamily("mockserver_sandboxes", "Sandboxes that are open.", measured.open)
    yield CounterMetricFamily("mockserver_sandboxes_made", "Sandboxes that were made.", measured.tally.made)
    yield CounterMetricFamily("mockserver_sandboxes_closed", "Sandboxes that were closed.", measured.tally.closed)
    yield GaugeMetricFamily("mockserver_journal_bytes", "What all journals take.", measured.journals)


def _load(load: Load) -> Iterator[Metric]:
    yield GaugeMetricFamily("mockserver_connections", "Connections that are open.", load.connections)
    flight = "Requests that are not answered in full, this one included."
    yield GaugeMetricFamily("mockserver_requests_in_flight", flight, load.in_flight)
    answered = "Requests of all kinds that were answered, to the control API and pages as well."
    yield CounterMetricFamily("mockserver_http_requests", answered, load.answered)
    buckets = [("+Inf" if bound == inf else repr(bound), count) for bound, count in load.lateness.counts()]
    late = "By how much the event loop came late to a timer, four times a second while somebody is connected."
    yield HistogramMetricFamily("mockserver_loop_late_seconds", late, buckets, load.lateness.seconds)
