"""All that is kept has a bound in bytes: what is long is cut, rings drop their oldest, one too many is refused."""

from __future__ import annotations

import http.client
import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from control_kit import Steered, refused, steered, told
from garbage_kit import uncollected

from mockserver import Running, bounds, start
from mockserver.bounds import cut, cut_bytes, cut_pairs, weigh
from mockserver.contract import Limit
from mockserver.jobs import PlannedJob
from mockserver.journal import JournalEntry
from mockserver.posting import Posting
from mockserver.ratelimit import Limiter
from mockserver.sandboxes import Sandboxes
from mockserver.state.index_port import ClosedSandbox
from mockserver.store import JobRecord, MemoryStore
from mockserver.time_slices import at_once, done, emptied
from mockserver.webhooks import DeliveryAttempt

SANDBOX = "/_mock/sandboxes/default"


@pytest.fixture
def control() -> Iterator[Steered]:
    with steered() as made:
        made.server.sandboxes.default.limits_on = False
        yield made


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with start() as made:
        made.app.sandboxes.default.limits_on = False
        yield made


def last(control: Steered) -> JournalEntry:
    found = control.server.sandboxes.default.journal.last()
    assert found is not None
    return found


# --- cutting and weighing


def test_a_cut_says_how_much_is_missing_and_keeps_different_texts_different() -> None:
    one, other = cut("a" * 3000 + "x", 10), cut("a" * 3000 + "y", 10)
    assert one.startswith("aaaaaaaaaa...[2991 more, ")
    assert one != other
    assert cut("short", 10) == "short"
    assert cut_bytes(b"a" * 30, 10).startswith(b"aaaaaaaaaa...[20 more, ")
    assert cut("\udc80" * 20, 10)


@pytest.mark.parametrize(
    "pairs",
    [
        tuple((b"a%d" % n, b"b") for n in range(1500)),
        tuple((b"a", b"b" * 9000) for n in range(7)),
        ((b"n" * 60_000, b"v"),),
        tuple((b"n" * 150, b"v" * 900) for n in range(60)),
    ],
)
def test_heads_are_cut(pairs: Any) -> None:
    kept, weight = cut_pairs(pairs)
    assert len(kept) <= bounds.HEADERS + 1
    assert sum(len(name) + len(value) for name, value in kept) <= bounds.HEAD + 200
    assert weight <= bounds.HEAD + 200 + bounds.PAIR * len(kept)


def test_all_of_a_value_is_weighed() -> None:
    long = "x" * 1000
    assert weigh({"a": [long, (long, long.encode())]}) > 3000
    assert weigh(DeliveryAttempt("u", "delivered", long, request_body=b"y" * 5000)) > 6000
    assert weigh("\U0001f600" * 1000) > 4000


# --- the journal


def _ask(control: Steered, method: str, path: str, **more: Any) -> None:
    headers = {"x-api-key": "demo-key", **more.pop("headers", {})}
    control.ask(method, path, headers=headers, **more)


LONG = "a" * 30_000
HEADS = {f"x-{n}": "v" * 20 for n in range(1500)}


@pytest.mark.parametrize(
    ("method", "path", "more"),
    [
        ("GET", f"/vidgen/api/{LONG}", {}),
        ("GET", f"/vidgen/api/status/{LONG}", {}),
        ("GET", f"/vidgen/api/jobs?limit={LONG}", {}),
        ("GET", f"/vidgen/api/jobs?{LONG}=1", {}),
        ("GET", "/vidgen/api/jobs", {"headers": HEADS}),
        ("GET", "/vidgen/api/jobs", {"headers": {"user-agent": LONG}}),
        ("GET", "/vidgen/api/jobs", {"headers": {"x-api-key": LONG}}),
        ("PUT", f"/vidgen/api/status/{LONG}", {"content": b"x" * 900_000}),
        ("POST", "/miraflow/api/image/generate", {"json": {"prompt": LONG, LONG: LONG}}),
        ("POST", "/miraflow/api/image/generate", {"json": {"prompt": "x", "name": "\U0001f600" * 3000}}),
        ("GET", f"/_media/@default/vidgen/{LONG}/video/x.mp4?signature={LONG}", {"headers": HEADS}),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_an_entry_is_cut_and_weighed_whole(control: Steered, method: str, path: str, more: Any) -> None:
    journal = control.server.sandboxes.default.journal
    before = journal.kept
    _ask(control, method, path, **more)
    (captured,) = journal.entries()
    assert weigh(captured) < 60 * bounds.KIB
    assert journal.kept - before >= weigh(captured) - bounds.ENTRY - 2 * bounds.KIB


def test_a_head_that_is_shared_is_weighed_once(control: Steered) -> None:
    journal, weights = control.server.sandboxes.default.journal, []
    for _ in range(3):
        before = journal.kept
        _ask(control, "GET", "/vidgen/api/jobs", headers={"user-agent": "u" * 1000})
        weights.append(journal.kept - before)
    first, second, third = weights
    assert first > second + 1000
    assert second == third


def test_different_long_ids_stay_different(control: Steered) -> None:
    for end in ("x", "y"):
        _ask(control, "GET", f"/vidgen/api/status/{LONG}{end}")
    one, other = control.server.sandboxes.default.journal
    assert (one.job != other.job, one.path != other.path) == (True, True)


def test_an_archive_and_conduct_of_cut_entries_can_be_read(control: Steered) -> None:
    for _ in range(3):
        _ask(control, "GET", f"/vidgen/api/status/{LONG}?{LONG}=1", headers=HEADS)
    archive = control.get(f"{SANDBOX}/journal?format=har")
    assert len(archive["log"]["entries"]) == 3
    assert "more, " in archive["log"]["entries"][0]["request"]["url"]
    assert control.get(f"{SANDBOX}/conduct") is not None


def test_a_webhook_that_was_kept_back_stands_in_the_archive(control: Steered) -> None:
    _ask(control, "GET", "/vidgen/api/jobs")
    n = last(control).n
    control.server.sandboxes.default.journal.note(1.0, "webhook", "vidgen", "kept back", request=n, job="j")
    (entry,) = control.get(f"{SANDBOX}/journal?format=har")["log"]["entries"]
    assert entry["_webhooks"][0]["sentence"] == "kept back"


# --- jobs, webhooks, limits, sandboxes


def _job(n: int, text: str) -> JobRecord:
    return JobRecord(f"j{n}", "video", "ann", float(n), kept={"/prompt": text})


def test_jobs_are_bounded_by_what_requests_said_in_them() -> None:
    store = MemoryStore(most=50_000)

    for n in range(200):
        store.put(_job(n, "x" * 1000))
        assert store.bytes <= 50_000
    kept = len(store.newest(1000))
    assert 30 < kept < 50
    assert store.dropped == 200 - kept
    done(emptied(store.leave()))
    assert store.bytes == 0


def test_attempts_are_cut_and_postings_make_room(control: Steered, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.posting_list.POSTINGS", 200_000)
    sandbox = control.server.sandboxes.default
    side = sandbox.apis["vidgen"]
    attempt = DeliveryAttempt(
        "u", "refused", "s", (("a", "b"),), b"y" * 5000, 500, (("h", "v" * 60_000),), b"z" * 65_536
    )

    async def send(*_: Any, **__: Any) -> DeliveryAttempt:
        return attempt

    async def deliver() -> None:
        sandbox.outbox._send = send
        for n in range(50):
            webhook = next(iter(side.contract.webhooks.values()))
            posting = Posting(side, webhook, PlannedJob(_job(n, "x")), None, "https://a.b/c", n)
            sandbox.outbox._list(posting)
            await sandbox.outbox._deliver(posting, _parcel(), 1.0)

    control.run(deliver())
    outbox = sandbox.outbox
    assert outbox.bytes <= 200_000
    assert len(outbox.postings) + outbox.dropped == 50
    assert all(weigh(a) < 20_000 for posting in outbox.postings for a in posting.attempts)
    assert control.get(SANDBOX)["dropped"]["webhooks"] == outbox.dropped > 0


def _parcel() -> Any:
    from mockserver.faults import Parcel

    return Parcel((), b"y" * 5000)


def test_callers_that_are_counted_are_bounded_and_the_oldest_are_forgotten() -> None:
    limit, limiter = Limit("l", "ip", frozenset("a"), 1, 60.0), Limiter()
    for n in range(bounds.WINDOWS + 10):
        limiter.hit([limit], f"127.0.{n >> 8}.{n & 255}", 0.0)
    assert len(limiter._windows) <= bounds.WINDOWS
    assert limiter.hit([limit], "127.0.0.1", 0.0).refused is False
    assert limiter.hit([limit], f"127.0.{(bounds.WINDOWS + 9) >> 8}.{(bounds.WINDOWS + 9) & 255}", 0.0).refused is True


def test_what_is_known_of_closed_sandboxes_is_bounded(control: Steered, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.state.memory_index.CLOSED", 20_000)
    sandboxes: Sandboxes = control.server.sandboxes
    known = len(sandboxes.home.names)
    names = [sandboxes.create(owner="t" * 500).name for _ in range(20)]
    keys = [next(iter(sandboxes.get(name).apis["vidgen"].accounts)) for name in names]  # type: ignore[union-attr]
    for name in names:
        sandboxes.close(name)
    index = sandboxes.home
    assert at_once(index.find(names[-1])) == ClosedSandbox(names[-1], "t" * 500)
    assert at_once(index.by_credential("vidgen", keys[-1])) == names[-1]
    assert at_once(index.find(names[0])) is None is at_once(index.by_credential("vidgen", keys[0]))
    assert index._closed_bytes <= 20_000
    assert len(index.names) - known == 8 * len(index._closed)


def test_late_requests_are_cut_and_bounded(control: Steered) -> None:
    sandboxes = control.server.sandboxes
    sandboxes.close(sandboxes.create("gone", owner="me").name)
    for n in range(bounds.LATE_COUNT + 5):
        control.run(sandboxes.came_late("gone", "me", "GET", f"/@gone/{n}/{LONG}"))
    assert sandboxes.home.late_dropped >= 5
    assert sum(map(weigh, sandboxes.late)) <= bounds.LATE
    assert all(len(each.path) < bounds.PATH + 100 for each in sandboxes.late)


# --- one too many is refused by the control API


def test_faults_are_bounded_by_count_and_by_bytes(control: Steered, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.faults.armed.FAULTS_COUNT", 3)
    body = {"api": "vidgen", "fault": "given_body", "body": "x" * 60_000}
    for _ in range(3):
        told(control.ask("POST", f"{SANDBOX}/faults", json=body), 201)
    assert "disarm some" in refused(control.ask("POST", f"{SANDBOX}/faults", json=body), 409)["detail"]
    monkeypatch.setattr("mockserver.faults.armed.FAULTS_COUNT", 1000)
    monkeypatch.setattr("mockserver.faults.armed.FAULTS", 200_000)
    assert "200000 bytes" in refused(control.ask("POST", f"{SANDBOX}/faults", json=body), 409)["detail"]
    assert len(control.get(f"{SANDBOX}/faults")) == 3


def test_plans_are_bounded_by_count_and_by_bytes(control: Steered, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.state.part.ORDERS_COUNT", 2)
    body = {"api": "vidgen", "outcome": "FAILED", "error": "x" * 2000}
    for _ in range(2):
        told(control.ask("POST", f"{SANDBOX}/plans", json=body), 201)
    assert "plans wait already" in refused(control.ask("POST", f"{SANDBOX}/plans", json=body), 409)["detail"]
    monkeypatch.setattr("mockserver.state.part.ORDERS_COUNT", 1000)
    monkeypatch.setattr("mockserver.state.part.ORDERS", 5000)
    assert refused(control.ask("POST", f"{SANDBOX}/plans", json=body), 409)


def test_foreseen_silences_are_bounded(control: Steered, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.state.fault_counts.FORESEEN", 2)
    told(control.ask("POST", f"{SANDBOX}/faults", json={"api": "vidgen", "fault": "latency", "seconds": 60}), 201)
    asked = {"method": "GET", "path": "/vidgen/api/jobs", "virtual": True}
    for _ in range(2):
        told(control.ask("POST", f"{SANDBOX}/foresight", json=asked), 200)
    assert "were foreseen" in refused(control.ask("POST", f"{SANDBOX}/foresight", json=asked), 409)["detail"]


def test_draws_of_a_fault_leave_nothing_behind(control: Steered) -> None:
    draws = control.server.sandboxes.default.draws
    before = len(draws._counts)
    body = {"api": "vidgen", "fault": "status", "times": 1, "probability": 1.0}
    for _ in range(5):
        told(control.ask("POST", f"{SANDBOX}/faults", json=body), 201)
        _ask(control, "GET", "/vidgen/api/jobs")
    assert len(draws._counts) == before


# --- what was refused is gone


BIG = 900_000
JSON = {"content-type": "application/json", "x-api-key": "demo-key"}
FORM = {"content-type": "multipart/form-data; boundary=x", "x-api-key": "demo-key"}
PART = b'--x\r\ncontent-disposition: form-data; name="webhookUrl"\r\n\r\n' + b"a" * BIG + b"\r\n"
IMAGE = "/miraflow/api/image/generate"
REFUSED = {
    "too long": (IMAGE, JSON, json.dumps({"prompt": "a" * BIG}).encode(), 400),
    "many values": (IMAGE, JSON, json.dumps({"prompt": ["a" * 10] * 60_000}).encode(), 400),
    "malformed": (IMAGE, JSON, b'{"prompt": "' + b"a" * BIG, 400),
    "half a pair": (IMAGE, JSON, b'{"prompt": "\\ud800' + b"a" * BIG + b'"}', 400),
    "too deep": (IMAGE, JSON, b"[" * BIG, 400),
    "no text": (IMAGE, JSON, b'{"prompt": "' + b"\xff" * BIG + b'"}', 400),
    "no number": (IMAGE, JSON, b'{"prompt": NaN, "b": "' + b"a" * BIG + b'"}', 400),
    "too large": (IMAGE, JSON, b'{"prompt": "' + b"a" * 2 * BIG + b'"}', 413),
    "other type": (IMAGE, {**JSON, "content-type": "text/plain"}, b"a" * BIG, 415),
    "unknown key": (IMAGE, {**JSON, "x-api-key": "nobody"}, json.dumps({"prompt": "a" * BIG}).encode(), 401),
    "form": ("/vidgen/api/jobs", FORM, PART + b"--x--\r\n", 400),
    "form cut short": ("/vidgen/api/jobs", FORM, PART, 400),
    "token": ("/mirrago/oauth/token", JSON, json.dumps({"client_id": "a" * BIG}).encode(), 400),
    "no operation": ("/miraflow/api/nothing", JSON, b"a" * BIG, 404),
    "control": ("/_mock/sandboxes", JSON, json.dumps({"seed": "a" * BIG}).encode(), 400),
    "control, malformed": ("/_mock/sandboxes", JSON, b'{"seed": "' + b"a" * BIG, 400),
    "control, a fault": (f"{SANDBOX}/faults", JSON, json.dumps({"api": "vidgen", "fault": "a" * BIG}).encode(), 400),
    "nowhere": ("/x", JSON, b"a" * BIG, 404),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_nothing_of_a_refused_body_waits_for_the_collector(running: Running, kind: str) -> None:
    path, headers, body, status = REFUSED[kind]

    def ask() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=20)
        connection.request("POST", path, body, headers)
        assert connection.getresponse().status == status
        connection.close()

    assert uncollected(ask) < 2 * BIG  # of six; the last connection may not have been closed yet


def test_nothing_of_a_large_head_waits_for_the_collector(running: Running) -> None:
    def ask() -> None:
        with socket.create_connection(("127.0.0.1", running.port), timeout=20) as sock:
            sock.sendall(b"GET /vidgen/api/%b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % (b"a" * 60_000))
            while sock.recv(65536):
                pass

    assert uncollected(ask, 20) < 20 * 20_000  # entries of the journal, and what is left of a connection


SIZES = {"KiB": bounds.KIB, "MiB": bounds.MIB, "GiB": 1 << 30}
NOT_KEPT = {
    "KIB",
    "MIB",
    "ENTRY",
    "PAIR",
    "REQUEST",
    "NUMBER",
    "TEXT",
    "POSTING",
    "ALIKE",
    "ALIKE_COUNT",
    "ALIKE_HEADERS",
}
"""Units, what weighs how much, and what is remembered to be quick."""


def test_the_table_of_bounds_says_what_the_code_does() -> None:
    table = (Path(__file__).parent.parent / "docs" / "bounds.md").read_text()
    told = {
        name: int(number.replace(",", "")) * SIZES.get(unit, 1)
        for name, number, unit in re.findall(r"^\| `([A-Z_]+)` \| ([\d,]+) ?(\w*) \|", table, re.MULTILINE)
    }
    held = {name: value for name, value in vars(bounds).items() if name.isupper() and type(value) is int}
    assert told == {name: value for name, value in held.items() if name not in NOT_KEPT}
