"""Health and metrics: what a server tells of itself, held to what was asked of it and to OpenMetrics' own parser."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from api_kit import receiving
from control_kit import PNG, WAV, refused, steered, told
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from mockserver import Running, start
from mockserver.app import Settings
from mockserver.control import metrics
from mockserver.tally import OTHERS, Tally
from mockserver.webhooks import DeliveryAttempt
from mockserver.wire import deadlines
from mockserver.wire import load as loads
from mockserver.wire.load import BOUNDS, Lateness

METRICS, HEALTH = "/_mock/metrics", "/_mock/health"
Samples = Mapping[str, list[tuple[Mapping[str, str], float]]]
FILES = {"image": ("a.png", PNG, "image/png"), "audio": ("a.wav", WAV, "audio/wav")}


def parsed(text: str) -> Samples:
    found: dict[str, list[tuple[Mapping[str, str], float]]] = {}
    for family in text_string_to_metric_families(text):
        assert family.documentation, family.name
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


def each(samples: Samples, name: str) -> list[float]:
    """Of each process that serves."""
    found = samples[name]
    assert [{*labels} for labels, _ in found] == ([set()] if len(found) == 1 else [{"worker"}] * len(found))
    return [value for _, value in found]


def one(samples: Samples, name: str) -> float:
    """Of all processes together."""
    return sum(each(samples, name))


def by_labels(samples: Samples, name: str, *labels: str) -> dict[tuple[str, ...], float]:
    found: Counter[tuple[str, ...]] = Counter()
    for said, value in samples.get(name, []):
        found[tuple(said[label] for label in labels)] += value  # type: ignore[assignment]
    return dict(found)


def answers(samples: Samples) -> dict[tuple[str, ...], float]:
    return by_labels(samples, "mockserver_requests_total", "api", "operation", "status", "fault")


@pytest.fixture
def running() -> Iterator[Running]:
    with start(insecure_webhooks=True) as made:
        yield made


@pytest.fixture
def client(running: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.url, timeout=30) as made:
        yield made


def read(client: httpx.Client) -> Samples:
    answer = client.get(METRICS)
    assert answer.headers["content-type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    assert answer.text.endswith("\n# EOF\n")
    return parsed(answer.text)


def mix(client: httpx.Client, world: Any, hook: str) -> Counter[tuple[str, ...]]:
    """Requests of all kinds to a world; gives how often each was answered how."""
    asked: Counter[tuple[str, ...]] = Counter()
    vidgen = world.api("vidgen")
    key = {"x-api-key": vidgen.api_key}

    def ask(method: str, path: str, operation: str, status: int, fault: str = "", **more: Any) -> Any:
        answer = client.request(method, f"{vidgen.url}{path}", **{"headers": key, **more})
        assert answer.status_code == status, answer.text
        asked["vidgen", operation, str(status), fault] += 1
        return answer.json()

    job = ask("POST", "/api/jobs", "createJob", 201, files=FILES, data={"webhookUrl": hook})["jobId"]
    ask("POST", "/api/jobs", "createJob", 409, files=FILES)
    for _ in range(3):
        ask("GET", f"/api/status/{job}", "getStatus", 200)
    ask("GET", f"/api/status/{job}", "getStatus", 401, headers={})
    ask("GET", "/api/status/nothing", "getStatus", 404)
    vidgen.fault("status", operation="getStatus", status=503)
    ask("GET", f"/api/status/{job}", "getStatus", 503, "status")
    ask("GET", "/api/nowhere", "", 404)
    return asked


def test_a_mix_of_requests_is_counted_by_api_operation_status_and_fault(running: Running, client: httpx.Client) -> None:
    with running.sandbox(clock="manual") as world, running.sandbox() as other:
        asked = mix(client, world, "http://127.0.0.1:9/hook")
        world.reset()
        asked += mix(client, other, "http://127.0.0.1:9/hook")
        samples = read(client)
        assert max(each(samples, "mockserver_sandboxes")) == 3
        if running.app.store is None:  # else they are in the store
            assert one(samples, "mockserver_journal_bytes") > 1000
        names = world.name, other.name
    assert answers(samples) == asked
    text = client.get(METRICS).text
    samples = parsed(text)
    assert answers(samples) == asked, "neither a reset nor a close takes anything back"
    assert min(each(samples, "mockserver_sandboxes")) == 1
    assert one(samples, "mockserver_sandboxes_made_total") == 2 + len(samples["mockserver_sandboxes"]), "and default"
    assert one(samples, "mockserver_sandboxes_closed_total") == 2
    assert not any(name in text for name in names)


def test_webhooks_are_counted_by_what_came_of_them_and_those_that_wait_are_seen(
    running: Running, client: httpx.Client
) -> None:
    with receiving([500]) as receiver, running.sandbox(clock="manual") as world:
        mix(client, world, receiver.url)
        while one(samples := read(client), "mockserver_webhooks_waiting") != 1:  # whoever delivers it hears of it soon
            assert world.webhooks
        assert one(samples, "mockserver_webhook_lag_seconds") == 0, "a clock that stands is never late"
        world.clock.advance(3600)
        samples = read(client)
    tried = by_labels(samples, "mockserver_webhook_attempts_total", "api", "outcome", "fault")
    assert tried == {("vidgen", "refused", ""): 1, ("vidgen", "delivered", ""): 1}
    assert one(samples, "mockserver_webhooks_waiting") == one(samples, "mockserver_webhooks_under_way") == 0


def test_the_server_in_front_tells_how_busy_it_is(running: Running, client: httpx.Client) -> None:
    with running.sandbox() as world:
        api = world.api("vidgen")
        api.fault("hang", operation="getStatus")
        with httpx.Client(timeout=30) as hung:
            thread = threading.Thread(target=lambda: asked(hung, f"{api.url}/api/status/x", api.api_key))
            thread.start()
            while client.get(HEALTH).json()["in_flight"] != 2:
                assert thread.is_alive()
            samples = read(client)
            world.reset()
    thread.join(30)
    assert {*each(samples, "mockserver_requests_in_flight")} == {2}
    assert {*each(samples, "mockserver_connections")} == {2}
    assert one(samples, "mockserver_http_requests_total") >= 1
    assert one(samples, "mockserver_loop_lag_seconds") >= 0
    buckets = by_labels(samples, "mockserver_loop_late_seconds_bucket", "le")
    assert [float(bound) for (bound,) in buckets] == [*BOUNDS, float("inf")]
    if running.app.store is None:  # several processes have no name for that
        assert one(samples, "process_resident_memory_bytes") > 1e6
    assert client.get(HEALTH).json()["in_flight"] == 1


def asked(client: httpx.Client, url: str, key: str) -> None:
    with pytest.raises(httpx.HTTPError):
        client.get(url, headers={"x-api-key": key})


def test_behind_another_server_nothing_is_said_of_connections() -> None:
    with steered() as control:
        assert control.get(HEALTH).keys() - {"store_latency"} == {"status", "loop_lag"}
        samples = parsed(control.ask("GET", METRICS).text)
        assert "mockserver_connections" not in samples
        assert {*each(samples, "mockserver_sandboxes")} == {1}
        status, text = control.run(control.server.operations.ask("GET", METRICS, b"", b""))
        assert (status, parsed(text.decode()).keys()) == (200, samples.keys()), "asked in process, too"


def test_metrics_are_guarded_as_all_of_control_is() -> None:
    with steered(Settings(control_token="s3cret")) as control:
        refused(control.ask("GET", METRICS), 401)
        refused(control.ask("GET", METRICS, headers={"host": "evil.example"}), 403)
        refused(control.ask("POST", METRICS), 405)
        assert control.ask("GET", METRICS, headers={"authorization": "Bearer s3cret"}).status_code == 200
        assert refused(control.ask("GET", f"{METRICS}?format=json", headers={"authorization": "Bearer s3cret"}), 400)
        told(control.ask("GET", HEALTH), 200)


STARTED = f"""
import sys, urllib.request
from mockserver import start
with start() as server:
    def told(path):
        urllib.request.urlopen(server.url + path).close()
        return any(name.startswith("prometheus_client") for name in sys.modules)
    print(told("{HEALTH}"), told("{METRICS}"))
"""


def test_the_library_is_imported_by_whoever_asks_for_metrics() -> None:
    told = subprocess.run([sys.executable, "-c", STARTED], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "True"]


def test_names_are_bounded_and_those_past_the_bound_are_counted_together() -> None:
    tally = Tally(most=2)
    for status in (200, 200, 201, 202, 203, 200):
        tally.answered("vidgen", "getStatus", status, None)
    assert tally.answers == {
        ("vidgen", "getStatus", 200, ""): 3,
        ("vidgen", "getStatus", 201, ""): 1,
        ("vidgen", OTHERS, 0, ""): 2,
    }
    for outcome in ("delivered", "refused", "timeout", "blocked"):
        tally.tried("vidgen", {"attempt": DeliveryAttempt("https://a", outcome, "")})  # type: ignore[arg-type]
    tally.tried("vidgen", {})
    assert sum(tally.webhooks.values()) == 5
    assert len(tally.webhooks) == 3


def test_the_longest_delay_is_that_of_the_last_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(loads, "monotonic", lambda: now)
    late = Lateness()
    for seconds in (-0.1, 0.0005, 0.02, 2.0, 60.0):
        late.note(seconds)
    assert late.longest() == 60.0
    assert late.seconds == pytest.approx(62.0205)
    assert dict(late.counts()) == {
        0.001: 2, 0.005: 2, 0.01: 2, 0.025: 3, 0.05: 3, 0.1: 3, 0.25: 3, 0.5: 3, 1.0: 3, 5.0: 4, float("inf"): 5,
    }  # fmt: skip
    now = 107.0
    late.note(0.5)
    assert late.longest() == 60.0, "of the window before this one"
    now = 113.0
    assert late.longest() == 0.5
    now = 1000.0
    assert late.longest() == 0.0
    now = 1011.0
    assert late.longest() == 0.0


def test_the_timer_of_connections_measures_how_late_it_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    now, due = 100.0, []
    monkeypatch.setattr(deadlines, "monotonic", lambda: now)
    monkeypatch.setattr(loads, "monotonic", lambda: now)
    loop, late, connections = SimpleNamespace(call_later=lambda *call: due.append(call)), Lateness(), [Idle()]
    wheel = deadlines.Wheel(loop, lambda: connections, 60.0, late)  # type: ignore[arg-type]
    wheel.start()
    for seconds in (0.25, 0.95):
        step, turn = due.pop()
        assert step == 0.25
        now += seconds
        turn()
    assert late.longest() == pytest.approx(0.7)
    connections.clear()
    due.pop()[1]()
    assert due == [], "nothing turns while nobody is connected"


class Idle:
    due = 0

    def expire(self) -> None:
        raise AssertionError


def test_health_tells_what_a_turn_of_the_loop_takes_now(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter((10.0, 10.75))
    with steered() as control:
        monkeypatch.setattr(metrics, "monotonic", lambda: next(times))
        told = control.get(HEALTH)
        assert (told["status"], told["loop_lag"]) == ("ok", 0.75)
