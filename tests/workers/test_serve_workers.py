"""`mockserver serve --workers` and `--store`, as users start them: processes, an engine, and clients over sockets."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from cli_kit import call
from engine_kit import Engine, found, running_engine
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from serve_kit import ROOT, Served, serving
from until_kit import is_there, until

from mockserver.cli.supervised import without_store
from mockserver.clock import monotonic
from mockserver.guarded.guardian import descendants
from mockserver.stores import engines

pytestmark = pytest.mark.slow
PROGRAMS = found()
KEY = {"X-API-Key": "demo-key"}
JSON = {"prompt": "a street", "name": "k"}
CONTROL = "/_mock/sandboxes"


@pytest.fixture(scope="module", params=sorted(PROGRAMS))
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with running_engine(PROGRAMS[request.param]) as made:
        yield made


@pytest.fixture
def store(engine: Engine) -> Iterator[str]:
    yield engine.url
    engine.emptied()


@contextlib.contextmanager
def client(served: Served, **more: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url, timeout=60, **more) as made:
        yield made


def told(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def workers_of(served: Served) -> list[int]:
    """The two that serve: what waits for a place has begun last."""
    return sorted(pid for pid in descendants(served.process.pid) if b"mockserver" in _words(pid))[:2]


def _words(pid: int) -> bytes:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
    return words if b"serve\0" in words else b""


def test_what_one_server_was_told_the_other_knows_at_once(store: str) -> None:
    with contextlib.ExitStack() as stack:
        one, other = (stack.enter_context(serving("--store", store, "--quiet")) for _ in range(2))
        at_one, at_other = (stack.enter_context(client(each)) for each in (one, other))
        pair = [at_one, at_other] * 3
        made = told(at_one.post(CONTROL, json={"clock": {"mode": "manual"}, "limits": False}), 201)
        control, access = f"{CONTROL}/{made['name']}", made["apis"]["miraflow"]
        path, key = access["url"].removeprefix(one.url), {"X-API-Key": access["api_key"]}
        job = told(at_other.post(f"{path}/api/image/generate", json=JSON, headers=key))["jobId"]
        fault = {"api": "miraflow", "fault": "status", "status": 503, "times": 2}
        told(at_one.post(f"{control}/faults", json=fault), 201)
        polled = [each.get(f"{path}/api/image/{job}", headers=key).status_code for each in pair]
        assert polled == [503, 503, 200, 200, 200, 200]
        for each in pair:
            told(each.post(f"{control}/clock/advance", json={"seconds": 30}), 200)
        assert {each.get(f"{control}/clock").json()["epoch"] for each in pair} == {1e9 + 180}
        assert len({len(each.get(f"{control}/journal").json()) for each in pair}) == 1
        assert [len(each.get(CONTROL).json()) for each in pair] == [2] * 6
        told(at_other.delete(control), 204)
        assert [each.get(f"{path}/api/image/{job}", headers=key).status_code for each in pair] == [410] * 6


def test_one_of_two_hundred_at_once_has_the_job_and_all_others_are_told_of_it(store: str) -> None:
    files = {"image": ("a.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 32, "image/png"),
             "audio": ("a.wav", b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 32, "audio/wav")}  # fmt: skip

    async def all_at_once(url: str) -> Counter[int]:
        limits = httpx.Limits(max_connections=100)
        async with httpx.AsyncClient(base_url=url, timeout=120, limits=limits) as asking:
            posts = [asking.post("/vidgen/api/jobs", files=files, headers=KEY) for _ in range(200)]
            return Counter([each.status_code for each in await asyncio.gather(*posts)])

    with serving("--store", store, "--workers", "2", "--quiet") as served:
        with client(served) as steering:
            told(steering.put(f"{CONTROL}/default/limits", json={"on": False}))
        assert asyncio.run(all_at_once(served.url)) == {201: 1, 409: 199}


def test_no_job_that_was_acknowledged_is_lost_with_the_worker_that_made_it(store: str) -> None:
    made, lost = [], 0
    with serving("--store", store, "--workers", "2", "--quiet") as served, client(served) as steering:
        told(steering.put(f"{CONTROL}/default/limits", json={"on": False}))
        for number in range(200):
            if number in (60, 120):
                os.kill(workers_of(served)[0], signal.SIGKILL)
            try:
                with client(served) as asking:
                    answer = asking.post("/miraflow/api/image/generate", json=JSON, headers=KEY)
            except httpx.TransportError:  # by the one that was killed
                lost += 1
                continue
            made.append(told(answer)["jobId"])
        assert lost <= 2
        begun = monotonic()
        until(lambda: len(workers_of(served)) == 2)
        assert monotonic() - begun < 30
        for each in made:
            told(steering.get(f"/miraflow/api/image/{each}", headers=KEY))


def test_new_workers_take_all_places_and_no_client_that_keeps_its_connection_notices_anything(store: str) -> None:
    seen: Counter[int] = Counter()
    over = threading.Event()

    def poll(served: Served) -> None:
        with client(served) as asking:
            while not over.is_set():
                seen[asking.get("/vidgen/api/jobs", headers=KEY).status_code] += 1

    with serving("--store", store, "--workers", "2") as served, ThreadPoolExecutor(4) as pool:
        with client(served) as steering:
            told(steering.put(f"{CONTROL}/default/limits", json={"on": False}))
        before = {*workers_of(served)}
        assert len(before) == 2
        polling = [pool.submit(poll, served) for _ in range(4)]
        served.process.send_signal(signal.SIGHUP)
        until(lambda: not before & {*workers_of(served)} and len(workers_of(served)) == 2)
        over.set()
        for each in polling:
            each.result()
        assert {*seen} == {200}, "nobody asked twice"
        assert served.ended(signal.SIGTERM)[0] == 0


def test_answers_that_take_seconds_are_given_by_those_that_leave(store: str) -> None:
    """A delay of three seconds is longer than a server that keeps its state alone waits for anybody."""
    made = threading.Semaphore(0)

    def submitted(served: Served) -> int:
        with client(served, event_hooks={"request": [lambda _: made.release()]}) as asking:
            return asking.post("/miraflow/api/image/generate", json=JSON, headers=KEY).status_code

    with serving("--store", store, "--workers", "2", "--quiet") as served, ThreadPoolExecutor(4) as pool:
        with client(served) as steering:
            fault = {"api": "miraflow", "fault": "latency", "seconds": 3, "operation": "generateImage"}
            told(steering.post(f"{CONTROL}/default/faults", json=fault), 201)
            answers = [pool.submit(submitted, served) for _ in range(4)]
            for _ in range(4):
                made.acquire()
            until(lambda: under_way(steering) == 4)
        assert served.ended(signal.SIGTERM)[0] == 0
        assert [each.result() for each in answers] == [200] * 4


def under_way(asking: httpx.Client) -> float:
    """How many requests all workers have, but for the one that asks."""
    families = text_string_to_metric_families(asking.get("/_mock/metrics").text)
    [found] = [each for each in families if each.name == "mockserver_requests_in_flight"]
    return sum(each.value for each in found.samples) - 1


class Balanced:
    """A client of several servers, which asks the next one where one refuses the connection: nothing was sent then."""

    def __init__(self, urls: list[str]) -> None:
        self.urls, self._clients = urls, {url: httpx.Client(base_url=url, timeout=60) for url in urls}

    def submit(self) -> httpx.Response:
        for _ in range(100):
            url = self.urls[0]
            try:
                return self._clients[url].post("/miraflow/api/image/generate", json=JSON, headers=KEY)
            except httpx.ConnectError:
                self.urls = [*self.urls[1:], url]
        raise AssertionError("none of them listens")

    def close(self) -> None:
        for each in self._clients.values():
            each.close()


def more(made: list[str]) -> None:
    """Return when some more have been made."""
    count = len(made) + 40
    until(lambda: len(made) > count)


def test_servers_are_put_in_others_places_under_load_and_each_job_is_acknowledged_once(store: str) -> None:
    options = ("--store", store, "--quiet")
    over, made = threading.Event(), list[str]()

    def submit(urls: list[str]) -> None:
        asking = Balanced(urls)
        while not over.is_set():
            made.append(told(asking.submit())["jobId"])
        asking.close()

    with contextlib.ExitStack() as stack, ThreadPoolExecutor(4) as pool:
        both = [stack.enter_context(serving(*options)) for _ in range(2)]
        with client(both[0]) as steering:
            told(steering.put(f"{CONTROL}/default/limits", json={"on": False}))
        urls = [each.url for each in both]
        submitting = [pool.submit(submit, [urls[n % 2], urls[1 - n % 2]]) for n in range(4)]
        for place, before in enumerate(both):
            more(made)
            assert before.ended(signal.SIGTERM)[0] == 0
            port = before.url.rpartition(":")[2]
            both[place] = stack.enter_context(serving(*options, "--port", port))
        more(made)
        over.set()
        for each in submitting:
            each.result()
        assert len({*made}) == len(made)
        with client(both[0]) as asking:
            for each in made:
                told(asking.get(f"/miraflow/api/image/{each}", headers=KEY))


def test_without_a_store_workers_have_an_engine_of_their_own_of_which_nothing_is_left() -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
        with serving("--workers", "2", "--quiet") as served, client(served) as asking:
            told(asking.get("/vidgen/api/jobs", headers=KEY))
            started = [*descendants(served.process.pid)]
            folder = next(Path(p) for pid in started if (p := _folder(pid)))
            assert folder.exists()
            code, _ = served.ended(number)
            assert code == (-9 if number == signal.SIGKILL else 0)
            until(lambda: not any(map(is_there, started)))  # noqa: B023
            until(lambda: not folder.exists())  # noqa: B023


def _folder(pid: int) -> str:
    """Where an engine lies that is ours."""
    words = Path(f"/proc/{pid}/cwd").resolve()
    return str(words) if words.name.startswith("mockserver-") else ""


def test_workers_whose_own_engine_ended_say_so_and_end() -> None:
    with serving("--workers", "2", "--quiet") as served:
        started = [*descendants(served.process.pid)]
        [engine] = [pid for pid in started if _folder(pid)]
        os.kill(engine, signal.SIGKILL)
        _, err = served.process.communicate(timeout=60)
        assert served.process.returncode == 2
        assert "the engine of these workers ended, and what they kept with it" in err
        until(lambda: not any(map(is_there, started)))


def test_the_one_that_is_asked_tells_the_metrics_of_all(store: str) -> None:
    with serving("--store", store, "--workers", "2", "--quiet") as served:
        for _ in range(20):
            with client(served) as asking:
                told(asking.get("/vidgen/api/jobs", headers=KEY))
        with client(served) as asking:
            text = asking.get("/_mock/metrics").text
            assert asking.get("/_mock/health").json()["store_latency"] < 1
        families = {each.name: each.samples for each in text_string_to_metric_families(text)}
        asked = families["mockserver_requests"]
        assert sum(each.value for each in asked) == 20
        assert {each.labels["worker"] for each in families["mockserver_store_latency_seconds"]} == {"1", "2"}
        assert not [name for name in families if name.startswith("process_")]


def test_the_metrics_of_all_are_told_while_the_engine_is_silent(engine: Engine, store: str) -> None:
    with serving("--store", store, "--workers", "2", "--quiet") as served, client(served) as asking:
        told(asking.get("/vidgen/api/jobs", headers=KEY))
        engine.process.send_signal(signal.SIGSTOP)
        try:
            text = asking.get("/_mock/metrics").text
        finally:
            engine.process.send_signal(signal.SIGCONT)
        families = {each.name: each.samples for each in text_string_to_metric_families(text)}
        assert {each.labels["worker"] for each in families["mockserver_requests_in_flight"]} == {"1", "2"}
        assert "mockserver_store_latency_seconds" not in families or not families["mockserver_store_latency_seconds"]


def test_who_watches_the_health_sees_that_the_engine_is_full(engine: Engine, store: str) -> None:
    with serving("--store", store, "--quiet") as served, client(served) as asking:
        engine.asked(b"CONFIG SET maxmemory 1\r\n")
        health = asking.get("/_mock/health")
        assert (health.status_code, health.json()["store_latency"]) == (200, None)
        assert "\nmockserver_store_latency_seconds " not in asking.get("/_mock/metrics").text
        engine.asked(b"CONFIG SET maxmemory 0\r\n")
        assert asking.get("/_mock/health").json()["store_latency"] is not None


def test_a_store_is_looked_after(engine: Engine, store: str) -> None:
    engine.asked(b"SET theirs 1\r\n")
    with serving("--store", store, "--quiet") as served, client(served) as asking:
        told(asking.post(CONTROL, json={}), 201)
        found = json.loads(call("store", "stats", store, "--format", "json").output)
        assert (found["servers"], found["sandboxes"], found["all_keys"]) == (1, 2, found["keys"] + 1)
        refused = call("store", "purge", store)
        assert (refused.exit_code, "1 process uses this store" in refused.output) == (2, True)
        assert served.ended(signal.SIGTERM)[0] == 0
    assert "2 sandboxes are open" in call("store", "stats", store).output
    assert "2 sandboxes are open" in call("store", "stats", MOCKSERVER_STORE=store).output
    unnamed = call("store", "stats")
    assert (unnamed.exit_code, "or set MOCKSERVER_STORE" in unnamed.output) == (2, True)
    removed = json.loads(call("store", "purge", store, "--format", "json").output)["removed"]
    assert removed > 10
    assert "1 keys, of which 0 are ours" in call("store", "stats", store).output


def test_a_worker_that_waits_for_a_place_is_not_one_that_serves(store: str) -> None:
    def counted() -> list[int]:
        told = json.loads(call("store", "stats", store, "--format", "json").output)
        return [told["servers"], told["waiting"]]

    with serving("--store", store, "--workers", "2", "--quiet"):
        until(lambda: counted() == [2, 1])
        assert "2 processes serve, 1 more waits for the place of one that ends" in call("store", "stats", store).output
        assert "3 processes use this store" in call("store", "purge", store).output


def test_servers_of_one_store_serve_the_same_contracts(store: str) -> None:
    with serving("--store", store, "--quiet"):
        assert "the store holds sandboxes of other contracts" in refusal("--store", store, "--api", "replicate")


def test_servers_whose_contracts_behave_otherwise_are_no_servers_of_one_store(store: str, tmp_path: Path) -> None:
    one, other = (shutil.copytree(ROOT / "contracts" / "vidgen", tmp_path / name / "vidgen") for name in ("a", "b"))
    texts = {name: json.loads((other / name).read_text("utf-8")) for name in ("openapi.json", "behavior.json")}
    for name, told_so in texts.items():  # written otherwise, and the same
        (other / name).write_text(json.dumps(told_so), "utf-8")
    with serving("--store", store, "--quiet", "--contracts", str(one)):
        with serving("--store", store, "--quiet", "--contracts", str(other)):
            pass
        behavior = texts["behavior.json"]
        behavior["limits"] = [{**each, "limit": each["limit"] + 1} for each in behavior["limits"]]
        (other / "behavior.json").write_text(json.dumps(behavior), "utf-8")
        assert "the store holds sandboxes of other contracts" in refusal("--store", store, "--contracts", str(other))


def refusal(*options: str, env: dict[str, str] | None = None) -> str:
    words = [sys.executable, "-m", "mockserver", "serve", "--port", "0", *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **(env or {})}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (2, "")
    return done.stderr


@pytest.mark.parametrize("words", [["--store", "redis://:s3cret@h"], ["--store=redis://:s3cret@h"], ["--store"]])
def test_no_worker_has_the_url_of_the_store_on_its_command_line(words: list[str]) -> None:
    known = ["serve", "--port", "0", *words]
    assert [*without_store(known)] == ["serve", "--port", "0"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--store", "http://127.0.0.1"], "what is given names no store: write redis://"),
        (["--store", "app:s3cret@127.0.0.1:6379"], "what is given names no store: write redis://"),
        (["--store", "redis://a..b:6379", "--public-url", "http://x"], "a store is redis://HOST:PORT/DATABASE"),
        (["--store", "redis://:s3cret@db:x/"], "a store is redis://HOST:PORT/DATABASE"),
        (["--store", "file:state"], "a store is an engine, not a folder"),
        (["--store", "redis://db.example:6379"], "say by --public-url what absolute URLs"),
        (["--store", "unix:///nowhere/engine.sock"], "the store at /nowhere/engine.sock is not there"),
        (
            ["--store", "unix:///nowhere/engine.sock", "--workers", "2"],
            "the store at /nowhere/engine.sock is not there",
        ),
        (["--workers", "2", "--reload"], "--reload is for a server that keeps its state alone"),
        (["--workers", "2", "--tls-self-signed"], "workers have one certificate"),
        (["--workers", "0"], "0 is not in the range 1<=x<=64"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(options: list[str], said: str) -> None:
    err = refusal(*options)
    assert said in err
    assert "s3cret" not in err
    assert "Traceback" not in err


def test_an_engine_that_throws_away_is_no_store() -> None:
    program = PROGRAMS[min(PROGRAMS)]
    with running_engine(program, "--maxmemory", "50mb", "--maxmemory-policy", "allkeys-lru") as engine:
        assert "set its maxmemory-policy to noeviction" in refusal("--store", engine.url)


def test_a_machine_without_an_engine_is_told_how_to_have_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(engines, "PACKAGE", "no_such_package")
    assert engines.program() is None
    own = tmp_path / "redis-server"
    own.write_text("#!/bin/sh\n")
    own.chmod(0o755)
    assert engines.program() == str(own)
