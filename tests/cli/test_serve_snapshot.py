"""`serve --snapshot`: the sandbox `default` begins with the state of a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from api_kit import sample
from cli_kit import call
from serve_kit import Served, serving

from mockserver import Running, start
from mockserver.steering import Steering

FILES = {"image": ("a.png", sample("portrait.png"), "image/png"), "audio": ("a.mp3", sample("voice.mp3"), "audio/mpeg")}


@pytest.fixture(scope="module")
def taken() -> Any:
    """The state of a default sandbox: one job at work, one fault, a quirk that is off, a scenario, a clock by hand."""
    with start(clock="manual", seed="kept") as server:
        vidgen = server.default.api("vidgen")
        vidgen.next_job(queued=2, running=8)
        submitted(server.url, "demo-key")
        vidgen.clock.advance(4)
        vidgen.fault("status", operation="listJobs", times=1)
        server.default.api("mirrago").quirk("completedc", on=False)
        server.default.api("miragic").scenario("flaky")
        return server.default.snapshot()


@pytest.fixture
def file(taken: Any, tmp_path: Path) -> Path:
    made = tmp_path / "state.json"
    made.write_text(json.dumps(taken))
    return made


def submitted(url: str, key: str) -> str:
    answer = httpx.post(f"{url}/vidgen/api/jobs", headers={"X-API-Key": key}, files=FILES)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["jobId"])


def status(url: str, taken: Any) -> str:
    job = taken["jobs"][0]["id"]
    return str(httpx.get(f"{url}/vidgen/api/status/{job}", headers={"X-API-Key": "demo-key"}).json()["status"])


@pytest.fixture
def served(file: Path) -> Iterator[Served]:
    with serving("--quiet", "--snapshot", str(file)) as made:
        yield made


def test_jobs_faults_switches_and_the_clock_are_there_under_the_published_key(served: Served, taken: Any) -> None:
    assert status(served.url, taken) == "PROCESSING"
    with Steering(served.url) as steering:
        default = steering.default
        assert default.clock.now() == 1e9 + 4
        faults = httpx.get(f"{served.url}/_mock/sandboxes/default/faults").json()
        assert [each["selector"]["operation"] for each in faults if each["api"] == "vidgen"] == ["listJobs"]
        shown = httpx.get(f"{served.url}/_mock/sandboxes/default").json()
        assert shown["apis"]["mirrago"]["quirks"]["completedc"] is False
        assert (shown["apis"]["miragic"]["scenario"], shown["seed"]) == ("flaky", "kept")
        default.clock.run_until(taken["jobs"][0]["id"], "COMPLETED")
    assert status(served.url, taken) == "COMPLETED"


def test_the_file_stays_as_it_is(served: Served, file: Path) -> None:
    before = file.read_bytes()
    answer = httpx.get(f"{served.url}/vidgen/api/jobs", headers={"X-API-Key": "demo-key"})
    assert answer.status_code == 503, "the fault that was armed"
    served.ended(2)
    assert file.read_bytes() == before


def test_options_that_are_given_hold_over_what_the_file_says(file: Path, taken: Any) -> None:
    words = ("--seed", "other", "--clock", "step:5", "--strict", "--scenario", "miragic=happy")
    with serving("--quiet", "--snapshot", str(file), *words, env={"MOCKSERVER_QUIRK": "mirrago.completedc=on"}) as made:
        shown = httpx.get(f"{made.url}/_mock/sandboxes/default").json()
    assert (shown["seed"], shown["strict"], shown["clock"]["mode"]) == ("other", True, "step")
    assert shown["clock"]["epoch"] == 1e9 + 4
    assert shown["apis"]["mirrago"]["quirks"]["completedc"] is True
    assert shown["apis"]["miragic"]["scenario"] == "happy"


def test_a_webhook_that_was_due_goes_out_at_the_start(tmp_path: Path) -> None:
    with start(clock="manual", insecure_webhooks=True) as server:
        httpx.post(
            f"{server.url}/vidgen/api/jobs",
            headers={"X-API-Key": "demo-key"},
            files=FILES,
            data={"webhookUrl": "http://127.0.0.1:9/hook"},
        )
        taken = server.default.snapshot()
    taken["clock"]["epoch"] += 60
    file = tmp_path / "due.json"
    file.write_text(json.dumps(taken))
    with serving("--quiet", "--snapshot", str(file)) as made, Steering(made.url) as steering:
        steering.default.clock.advance(0)
        (posting,) = steering.default.webhooks
        assert len(posting.attempts) == 1


def test_a_snapshot_of_a_tests_sandbox_brings_its_keys(running: Running, tmp_path: Path) -> None:
    with running.sandbox() as world:
        key = world.api("vidgen").api_key
        (tmp_path / "state.json").write_text(json.dumps(world.snapshot()))
    with serving("--quiet", "--snapshot", str(tmp_path / "state.json")) as made:
        submitted(made.url, key)
        refused = httpx.get(f"{made.url}/vidgen/api/jobs", headers={"X-API-Key": "demo-key"})
    assert refused.status_code == 401


WRONG: list[tuple[str, str]] = [
    ("{", "cannot be read"),
    ("[]", "holds no snapshot: one is a JSON object"),
    ('{"format": 99}', "#/format"),
    ("{}", "is required"),
    ("[" * 100_000, "cannot be read"),
]


@pytest.mark.parametrize(("text", "sentence"), WRONG, ids=[sentence for _, sentence in WRONG])
def test_a_file_that_holds_no_snapshot_is_refused_with_its_name(tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "state.json"
    file.write_text(text)
    result = call("serve", "--port", "0", "--snapshot", str(file))
    assert result.exit_code == 2
    assert str(file) in result.output.replace("\n", "")
    assert sentence in result.output


def test_a_mistake_within_is_named_by_file_and_pointer(taken: Any, tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_text(json.dumps({**taken, "jobs": [{**taken["jobs"][0], "resource": "song"}]}))
    result = call("serve", "--port", "0", "--snapshot", str(file))
    assert (result.exit_code, "Traceback" in result.output) == (2, False)
    assert f"{file}#/jobs/0/resource" in result.output


def test_a_file_that_is_not_there_is_refused() -> None:
    assert call("serve", "--snapshot", "nowhere.json").exit_code == 2
