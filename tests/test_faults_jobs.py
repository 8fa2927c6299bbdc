"""Faults of jobs and of the clock: one story each, told to three real clients. Time is the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fault_kit import CLIENTS, CUT_ERRORS, Caller, account_of, calling, video_files

from mockserver.app.broken_results import corrupted
from mockserver.faults import CATALOGUE, Attached, Reply, fault_of
from mockserver.media import sniff
from mockserver.sandbox import Sandbox

Story = Callable[[Caller], None]
STORIES: dict[str, Story] = {}


def story(name: str) -> Callable[[Story], Story]:
    def enter(told: Story) -> Story:
        STORIES[name] = told
        return told

    return enter


def arm(caller: Caller, name: str, **data: Any) -> Any:
    return caller.api.faults.arm(*fault_of({"fault": name, **data}))


def plan(caller: Caller, **wishes: Any) -> None:
    """The next job takes ten seconds of queueing and a hundred of running, or what is wished."""
    caller.api.plan({"queued": 10, "running": 100, "curve": "linear", **wishes})


@pytest.fixture(params=CLIENTS)
def caller(request: pytest.FixtureRequest, make_sandbox: Callable[..., Sandbox]) -> Iterator[Caller]:
    with calling(make_sandbox, client=CLIENTS[request.param]) as made:
        yield made


@pytest.mark.parametrize("name", [name for name, kind in CATALOGUE.items() if kind.category == "job"])
def test_a_job_under_a_fault_behaves_as_its_name_says(caller: Caller, name: str) -> None:
    plan(caller)
    STORIES[name](caller)
    assert any(entry.extra and entry.extra["fault"] == name for entry in caller.sandbox.journal)


@story("not_found_after_create")
def _(caller: Caller) -> None:
    arm(caller, "not_found_after_create", seconds=2, times=1)
    job = caller.job()
    hidden = caller.get(f"/api/status/{job}")
    assert (hidden.status, hidden.headers["x-mock-fault"]) == (404, "not_found_after_create")
    caller.sandbox.clock.advance(1.9)
    assert caller.get(f"/api/status/{job}").status == 404
    caller.sandbox.clock.advance(0.2)
    assert caller.get(f"/api/status/{job}").status == 200


@story("lost")
def _(caller: Caller) -> None:
    job = caller.job()
    assert caller.get(f"/api/status/{job}").status == 200
    arm(caller, "lost", seconds=5)
    assert caller.get(f"/api/status/{job}").status == 200
    assert [shown["id"] for shown in caller.get("/api/jobs").json()["jobs"]] == [job]
    caller.sandbox.clock.advance(5)
    assert caller.get("/api/jobs").json()["jobs"] == []
    assert [caller.get(f"/api/status/{job}").status for _ in range(2)] == [404, 404]


@story("status_back")
def _(caller: Caller) -> None:
    arm(caller, "status_back", seconds=3)
    job = caller.job()
    caller.sandbox.clock.advance(9)
    assert caller.status(job)["status"] == "PENDING"
    caller.sandbox.clock.advance(51)
    assert caller.status(job)["status"] == "PENDING"
    caller.sandbox.clock.advance(3)
    assert caller.status(job)["status"] == "PROCESSING"
    caller.sandbox.clock.advance(3)
    assert caller.status(job)["status"] == "PROCESSING"


@story("progress_back")
def _(caller: Caller) -> None:
    job = caller.job()
    caller.sandbox.clock.advance(60)
    assert caller.status(job)["progress"] == 50
    arm(caller, "progress_back", percent=30, seconds=1)
    assert caller.status(job)["progress"] == 20
    caller.sandbox.clock.advance(2)
    assert caller.status(job)["progress"] == 52


@story("stuck")
def _(caller: Caller) -> None:
    arm(caller, "stuck", progress=40, times=1)
    job = caller.job()
    seen = []
    for _ in range(4):
        shown = caller.status(job)
        seen.append((shown["status"], shown.get("progress")))
        caller.sandbox.clock.advance(40)
    caller.sandbox.clock.advance(100_000)
    shown = caller.status(job)
    assert [state for state, _ in seen] == ["PENDING", "PROCESSING", "PROCESSING", "PROCESSING"]
    assert [progress for _, progress in seen[1:]] == [30, 40, 40]
    assert (shown["status"], shown["progress"]) == ("PROCESSING", 40)
    assert caller.create().status == 409  # and the account's one place stays taken


@story("failed")
def _(caller: Caller) -> None:
    arm(caller, "failed", message="The disk is full")
    job = caller.job()
    caller.sandbox.clock.advance(200)
    shown = caller.status(job)
    assert (shown["status"], shown["errorMessage"]) == ("FAILED", "The disk is full")


@story("completed_without_url")
def _(caller: Caller) -> None:
    arm(caller, "completed_without_url")
    job = caller.job()
    caller.sandbox.clock.advance(200)
    shown = caller.status(job)
    assert (shown["status"], shown["outputVideo"]) == ("COMPLETED", None)


def _refused(name: str, status: int, code: str, message: str) -> None:
    @story(name)
    def _(caller: Caller) -> None:
        arm(caller, name)
        got = caller.client.ask("GET", _video(caller))
        assert (got.status, got.headers["x-mock-fault"]) == (status, name)
        assert got.headers["content-type"] == "application/xml"
        assert f"<Code>{code}</Code><Message>{message}</Message>" in got.body.decode()


def _video(caller: Caller) -> str:
    job = caller.job()
    caller.sandbox.clock.advance(200)
    return str(caller.status(job)["outputVideo"])


_refused("result_403", 403, "AccessDenied", "Access Denied")
_refused("result_404", 404, "NoSuchKey", "The specified key does not exist.")
_refused("result_expired", 403, "AccessDenied", "Request has expired")


@story("short_media")
def _(caller: Caller) -> None:
    arm(caller, "short_media")
    with pytest.raises(CUT_ERRORS):
        caller.client.ask("GET", _video(caller))


@story("corrupt_media")
def _(caller: Caller) -> None:
    whole = caller.client.ask("GET", _video(caller))
    assert sniff(whole.body) == "video/mp4"
    plan(caller)
    arm(caller, "corrupt_media")
    got = caller.client.ask("GET", _video(caller))
    assert got.status == 200
    assert int(got.headers["content-length"]) == len(got.body) > 1000
    assert sniff(got.body) != "video/mp4"
    assert got.headers["x-mock-fault"] == "corrupt_media"


@story("cancel_completes")
def _(caller: Caller) -> None:
    arm(caller, "cancel_completes")
    job = caller.job()
    assert caller.client.ask("DELETE", caller.url(f"/api/jobs/{job}")).status == 200
    caller.sandbox.clock.advance(20)
    assert caller.status(job)["status"] == "PROCESSING"
    caller.sandbox.clock.advance(200)
    assert caller.status(job)["status"] == "COMPLETED"


@story("lock_held")
def _(caller: Caller) -> None:
    arm(caller, "lock_held", seconds=30, times=1)
    job = caller.job()
    caller.sandbox.clock.advance(111)
    assert caller.status(job)["status"] == "COMPLETED"
    assert caller.create().status == 409
    caller.sandbox.clock.advance(30)
    assert caller.create().status == 201


def test_a_stuck_job_may_be_stuck_in_the_queue(caller: Caller) -> None:
    arm(caller, "stuck", state="PENDING")
    job = caller.job()
    caller.sandbox.clock.advance(10_000)
    assert caller.status(job)["status"] == "PENDING"
    record = caller.sandbox.home.part("vidgen").store.get(job)
    assert record is not None
    assert caller.api.planned(record).status(caller.sandbox.clock.now()).progress == 0
    assert caller.client.ask("DELETE", caller.url(f"/api/jobs/{job}")).status == 200  # and can be cancelled there
    assert caller.status(job)["status"] == "CANCELLED"


def test_a_job_that_has_ended_is_out_of_reach(caller: Caller) -> None:
    job = caller.job()
    caller.sandbox.clock.advance(10_000)
    arm(caller, "stuck")
    assert caller.status(job)["status"] == "COMPLETED"


def test_words_of_the_request_itself_choose_a_fault(caller: Caller) -> None:
    job = caller.create(video_files(image="mock:stuck")).json()["jobId"]
    caller.sandbox.clock.advance(100_000)
    assert caller.status(job)["status"] == "PROCESSING"


def test_a_clock_that_jumps_takes_the_job_along(caller: Caller) -> None:
    job, before = caller.job(), caller.sandbox.clock.now()
    arm(caller, "clock_jump", seconds=500)
    assert caller.status(job)["status"] == "COMPLETED"
    assert caller.sandbox.clock.now() == before + 500
    caller.status(job)
    assert caller.sandbox.clock.now() == before + 500  # once, unless told otherwise


def test_a_skewed_date_lies_in_the_header_alone(caller: Caller) -> None:
    arm(caller, "skewed_date", seconds=-3600)
    got = caller.get("/api/health")
    assert got.headers["date"] == "Sun, 09 Sep 2001 00:46:40 GMT"
    assert caller.sandbox.clock.now() == 1_000_000_000


def test_a_token_dies_before_its_time(caller: Caller) -> None:
    account = account_of(caller.sandbox, "mirrago")
    oauth = Caller(caller.sandbox, "mirrago", caller.client)
    asked = {"grant_type": "client_credentials", "client_id": account.client_id, "client_secret": account.client_secret}
    token = caller.client.ask("POST", oauth.url("/oauth/token"), json=asked).json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    url = oauth.url("/v1/mirrago/job/6f1b8e5e-5f06-4f0e-8b63-3b3c8b9a1c11")
    oauth.api.faults.arm(*fault_of({"fault": "token_dies_early", "seconds": 3000}))
    assert caller.client.ask("GET", url, headers=bearer).status == 404
    caller.sandbox.clock.advance(601)
    got = caller.client.ask("GET", url, headers=bearer)
    assert (got.status, got.headers["x-mock-fault"]) == (401, "token_dies_early")
    assert next(iter(oauth.api.faults.armed.values())).applied == 1
    caller.sandbox.clock.advance(3600)  # by now it is dead anyway
    got = caller.client.ask("GET", url, headers=bearer)
    assert (got.status, got.headers.get("x-mock-fault")) == (401, None)
    assert next(iter(oauth.api.faults.armed.values())).applied == 1


def test_the_first_bytes_of_a_damaged_result_are_each_damaged() -> None:
    for length in (1, 16, 40):
        job_fault = Attached(fault_of({"fault": "corrupt_media"})[0], "corrupt_media", 0.0)
        sent = corrupted(job_fault, Reply.of(200, b"image/png", bytes(length), "bytes", ()))
        assert b"".join(sent.chunks(0, length)) == b"\xff" * min(length, 16) + bytes(max(length - 16, 0))
