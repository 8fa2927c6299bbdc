"""Steering a server over its control API: from a script, from another thread, inside event loops."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from mockserver import start
from mockserver.errors import UsageError
from mockserver.launch import Running
from mockserver.steering import ApiHandle, ControlError, SandboxHandle, Steering, Unreachable, shown
from mockserver.steering.records import vendor_path
from mockserver.wire import self_signed


@pytest.fixture
def world(running: Running) -> Iterator[SandboxHandle]:
    with running.sandbox(seed="steered", owner="a test") as made:
        yield made


@pytest.fixture
def vidgen(world: SandboxHandle) -> ApiHandle:
    return world.api("vidgen")


def submit(api: ApiHandle, key: str | None = None, **form: str) -> str:
    files = {
        "image": ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(64), "image/png"),
        "audio": ("a.mp3", b"ID3", "audio/mpeg"),
    }
    headers = {"X-API-Key": key or api.api_key}
    return str(httpx.post(f"{api.url}/api/jobs", files=files, data=form, headers=headers).json()["jobId"])


def test_a_sandbox_is_closed_at_the_end_of_its_with(running: Running) -> None:
    with running.sandbox() as made:
        key, url = made.api("vidgen").api_key, made.api("vidgen").url
    assert httpx.get(f"{url}/api/jobs", headers={"X-API-Key": key}).status_code == 410
    made.close()


def test_the_default_sandbox_has_the_published_credentials(running: Running) -> None:
    default = running.default
    assert default.name == "default"
    assert default.api("vidgen").api_key == "demo-key"
    assert default.api("mirrago").client_secret == "demo-secret"


def test_a_job_is_planned_watched_and_run_to_its_end(vidgen: ApiHandle) -> None:
    vidgen.next_job(outcome="FAILED", error="No face", queued=2, running=8, curve={"steps": 4})
    job = submit(vidgen)
    (shown_job,) = vidgen.jobs
    assert (shown_job.id, shown_job.state, shown_job.changes_in, shown_job.error) == (job, "PENDING", 2, "No face")
    assert vidgen.clock.run_until(job, "PROCESSING").changes_in == 8
    done = vidgen.clock.run_until(job, "FAILED")
    assert (done.ended, done.changes_in, vidgen.clock.now()) == (1_000_000_010.0, None, 1_000_000_010.0)


def test_a_job_that_will_not_get_there_is_told_at_once(vidgen: ApiHandle) -> None:
    vidgen.next_job(running=100_000)
    job = submit(vidgen)
    with pytest.raises(AssertionError, match=r"is still PROCESSING after 60 s, not COMPLETED"):
        vidgen.clock.run_until(job, "COMPLETED", timeout=60)
    with pytest.raises(AssertionError, match=r"is COMPLETED and will not become CANCELLED by itself"):
        vidgen.clock.run_until(job, "CANCELLED")
    with pytest.raises(UsageError, match="the sandbox has no job 'nothing'"):
        vidgen.clock.run_until("nothing", "COMPLETED")


def test_clocks_are_switched_and_only_ever_go_forward(world: SandboxHandle) -> None:
    world.clock.set("step", step=5)
    assert world.clock.now() == 1_000_000_000
    with pytest.raises(ControlError) as caught:
        world.clock.advance(-1)
    assert caught.value.status == 400
    assert caught.value.problem["status"] == 400


@pytest.mark.parametrize(
    ("words", "mode"), [("real", "real"), ("x60", "real"), ("step:5", "step"), ({"mode": "manual"}, "manual")]
)
def test_a_sandbox_is_made_with_any_clock(running: Running, words: str, mode: str) -> None:
    with running.sandbox(clock=words) as made:
        assert made.ask("clock")["mode"] == mode


@pytest.mark.parametrize("words", ["sundial", "xyz", "step:soon"])
def test_other_clocks_are_refused(running: Running, words: str) -> None:
    with pytest.raises(UsageError, match="is no clock; use real, x60, manual or step:5"):
        running.sandbox(clock=words)


def test_an_account_of_ones_own_runs_out_of_credits_or_is_deactivated(world: SandboxHandle) -> None:
    miragic = world.api("miragic")
    poor, gone = miragic.account(credits=0), miragic.account(state="deactivated")
    assert (poor.credits, gone.state) == (0, "deactivated")
    assert {poor.api_key, gone.api_key} <= {account.api_key for account in world.accounts}
    form = {"quality": "hd", "sequence": "auto", "fps": "30", "hand_style": "1"}
    for account, status in ((poor, 402), (gone, 401)):
        files = {"image": ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(64), "image/png")}
        url, headers = f"{miragic.url}/api/v1/speed-painting/create", {"X-API-Key": account.api_key}
        assert httpx.post(url, data=form, files=files, headers=headers).status_code == status


def test_a_fault_that_is_used_up_needs_no_disarming(vidgen: ApiHandle) -> None:
    url, headers = f"{vidgen.url}/api/jobs", {"X-API-Key": vidgen.api_key}
    with vidgen.fault("status", operation="listJobs", status=502, times=1):
        assert httpx.get(url, headers=headers).status_code == 502
    assert httpx.get(url, headers=headers).status_code == 200


def test_what_took_no_effect_is_told_with_its_line_until_it_is_disarmed(
    world: SandboxHandle, vidgen: ApiHandle
) -> None:
    armed = [vidgen.fault("status", operation="cancelJob"), vidgen.next_job(running=1)]
    with vidgen.next_job(running=2):
        job = submit(vidgen)
    httpx.get(f"{vidgen.url}/api/status/{job}", headers={"X-API-Key": vidgen.api_key})
    (unused,) = world.armed.unused()
    assert unused.thing is armed[0]
    assert unused.why == "getStatus was asked, the fault waits for cancelJob"
    assert unused.nearest is not None
    assert unused.nearest.operation == "getStatus"
    assert unused.thing.place is not None
    assert unused.thing.place.text.startswith(
        'armed = [vidgen.fault("status", operation="cancelJob"), vidgen.next_job('
    )
    armed[0].disarm()
    assert world.armed.unused() == []


def test_faults_scenarios_and_quirks(world: SandboxHandle, vidgen: ApiHandle) -> None:
    url, headers = f"{vidgen.url}/api/jobs", {"X-API-Key": vidgen.api_key}
    with vidgen.fault("status", operation="listJobs", status=502):
        assert httpx.get(url, headers=headers).status_code == 502
    assert httpx.get(url, headers=headers).status_code == 200
    assert [entry.fault for entry in vidgen.journal] == ["status", ""]
    vidgen.scenario("failing")
    world.api("mirrago").quirk("completedc", on=False)
    told = world.ask()["apis"]
    assert (told["vidgen"]["scenario"], told["mirrago"]["quirks"]["completedc"]) == ("failing", False)
    world.reset()
    assert world.ask()["apis"]["vidgen"]["scenario"] == "happy"
    assert list(world.journal) == []


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        (lambda api: api.fault("nothing"), "there is no fault 'nothing'"),
        (lambda api: api.scenario("nothing"), "has no scenario 'nothing'"),
        (lambda api: api.quirk("nothing"), "has no quirk 'nothing'"),
        (lambda api: api.next_job(outcome="PENDING"), "time does not lead job to 'PENDING'"),
    ],
)
def test_what_cannot_be_is_refused_in_the_servers_words(vidgen: ApiHandle, order: object, sentence: str) -> None:
    with pytest.raises(ControlError, match=sentence):
        order(vidgen)  # type: ignore[operator]


def test_an_unknown_api_is_named_with_those_that_are_there(world: SandboxHandle) -> None:
    with pytest.raises(UsageError, match="no API 'other'; known: miraflow, miragic, mirrago, vidgen"):
        world.api("other")


def test_the_journal_is_filtered_counted_and_waited_for(world: SandboxHandle, vidgen: ApiHandle) -> None:
    url, headers = f"{vidgen.url}/api/jobs", {"X-API-Key": vidgen.api_key}
    httpx.get(url, headers=headers)
    httpx.get(url)
    httpx.get(f"{world.api('mirrago').url}/nowhere")
    journal = vidgen.journal
    assert (len(journal), len(world.journal)) == (2, 3)
    assert [entry.status for entry in journal.filter("listJobs")] == [200, 401]
    assert journal.count(status=401, method="GET", kind="request") == 1
    assert journal.count(where=lambda entry: entry.at > 0) == 2
    last = journal.last()
    assert last is not None
    assert (last.example, last.why) == ("missing_key", "the request carries no credentials")
    timer = threading.Timer(0.02, httpx.get, (url,), {"headers": headers})
    timer.start()
    assert len(journal.wait_for(2, "listJobs", status=200)) == 2
    timer.join()
    with pytest.raises(
        AssertionError, match=r"2 of 3 entries in 0.01 s; the journal has\n   1 1000000000.000 vidgen.listJobs"
    ):
        journal.wait_for(3, "listJobs", status=200, timeout=0.01)
    assert "404 unknown_path" in shown(world.journal)
    assert shown([]) == "nothing"


def test_violations_tell_operation_pointer_and_sentence(vidgen: ApiHandle) -> None:
    httpx.get(f"{vidgen.url}/api/jobs?limit=0", headers={"X-API-Key": vidgen.api_key})
    httpx.put(f"{vidgen.url}/api/jobs")
    first, second = vidgen.violations
    assert (first.operation, first.pointer) == ("listJobs", "/limit")
    assert str(first).startswith("vidgen listJobs (GET /api/jobs) /limit: limit must ")
    assert str(second) == "vidgen (PUT /api/jobs): PUT is not allowed here"


def test_the_innermost_context_decides_what_a_violation_leads_to(vidgen: ApiHandle) -> None:
    def break_it() -> None:
        httpx.get(f"{vidgen.url}/nowhere")

    with vidgen.violations.off():
        break_it()
        with vidgen.violations.warn():
            break_it()
            with vidgen.violations.fail():
                break_it()
    break_it()
    found = vidgen.violations.by_mode("warn")
    assert {mode: [v.n for v in many] for mode, many in found.items()} == {"off": [1], "warn": [2, 4], "fail": [3]}


@pytest.mark.parametrize(
    ("path", "shown_path"),
    [("/@s-1/api/v1/x", "/v1/x"), ("/api/v1", "/v1"), ("/v1/api/x", "/v1/api/x"), ("/x", "/x")],
)
def test_paths_are_shown_as_the_vendor_writes_them(path: str, shown_path: str) -> None:
    assert vendor_path(path, "api") == shown_path


def test_conduct_and_coverage_are_empty_where_the_server_does_not_know_them(
    world: SandboxHandle, vidgen: ApiHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*path: str, **query: object) -> object:
        raise ControlError(404, "there is nothing here", {})

    monkeypatch.setattr(world, "ask", unknown)
    assert (world.conduct, vidgen.conduct, world.coverage) == ([], [], None)

    def broken(*path: str, **query: object) -> object:
        raise ControlError(500, "broken", {})

    monkeypatch.setattr(world, "ask", broken)
    with pytest.raises(ControlError, match="broken"):
        _ = world.coverage


def test_many_threads_steer_at_once(world: SandboxHandle) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: world.clock.advance(1), range(40)))
    assert world.clock.now() == 1_000_000_040


def test_steering_is_untouched_by_replaced_time_and_sockets(
    world: SandboxHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("steering must not come here")

    for owner, name in ((socket, "create_connection"), (socket, "socket"), (socket, "getaddrinfo"), (time, "sleep")):
        monkeypatch.setattr(owner, name, forbidden)
    world._control.close()
    world.clock.advance(1)
    assert world.clock.now() == 1_000_000_001


def test_a_connection_the_server_hung_up_is_replaced() -> None:
    with start() as first:
        steering = Steering(first.url)
        assert steering.default.name == "default"
        port = first.port
    with start(port=port) as again:
        assert steering.url == again.url
        assert steering.default.name == "default"
    with pytest.raises(Unreachable, match=f"no mockserver answers at {steering.url}"):
        _ = steering.default
    steering.close()


def test_what_is_asked_after_the_end_leaves_no_connection_open() -> None:
    with start() as server:
        steering = Steering(server.url)
        steering.control.get("health")
        assert len(steering.control._idle) == 1
        steering.close()
        assert steering.control.get("health")
        assert not steering.control._idle


@pytest.mark.parametrize("url", ["ftp://127.0.0.1", "127.0.0.1:80", "http://"])
def test_a_url_of_no_server_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="is no URL of a server"):
        Steering(url)


def test_a_server_with_tls_and_a_control_token() -> None:
    with start(tls=self_signed(["127.0.0.1"]), control_token="open-sesame") as server:
        assert server.default.name == "default"
        with server.sandbox() as made:
            assert made.api("vidgen").url.startswith("https://")
        assert server.default.name == "default"


def test_the_token_is_wanted() -> None:
    with start(control_token="open-sesame") as server:
        with Steering(server.url) as stranger, pytest.raises(ControlError) as caught:
            _ = stranger.default
        assert caught.value.status == 401
        with Steering(server.url, "open-sesame") as friend:
            assert friend.default.name == "default"


def test_webhooks_tell_of_their_attempts(vidgen: ApiHandle) -> None:
    job = submit(vidgen, webhookUrl="https://127.0.0.1:9/hook")
    vidgen.clock.advance(3600)
    (posted,) = vidgen.webhooks
    assert (posted.job, posted.url) == (job, "https://127.0.0.1:9/hook")
    assert [attempt.outcome for attempt in posted.attempts] == ["unreachable"] * 4
    assert posted.attempts[0].at is not None


BAD = [{"name": "a" * 65}, {"name": "default"}, {"limits": "no"}, {"webhook_ca": "x"}, {"webhook_ca": "x" * (2 << 20)}]


@pytest.mark.parametrize("wanted", [*BAD, {"seed": "\ud800"}], ids=lambda wanted: f"{wanted!r:.20}")
def test_a_server_in_this_process_refuses_a_sandbox_in_the_words_of_its_control_api(
    running: Running, wanted: dict[str, str]
) -> None:
    told = []
    with Steering(running.url) as elsewhere:
        for steering in (running.steering, elsewhere):
            with pytest.raises(ControlError) as caught:
                steering.sandbox(**wanted)  # type: ignore[arg-type]
            told.append((caught.value.status, str(caught.value), caught.value.problem))
    assert told[0] == told[1]


def test_a_server_that_was_stopped_makes_no_sandbox() -> None:
    with start() as server:
        server.sandbox().close()
    with pytest.raises(Unreachable):
        server.sandbox()
