"""Faults within a whole request: chosen by the request's own words, on bytes, without a connection in reach."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from fault_kit import CUT_ERRORS, Caller, account_of, calling, on_loop, video_files
from inbox_kit import Inbox

from mockserver import Running
from mockserver.conditions import Rule
from mockserver.faults import fault_of
from mockserver.media import sniff
from mockserver.rules import Match
from mockserver.sandbox import Sandbox
from mockserver.triggers import Exact


@pytest.fixture
def caller(make_sandbox: Callable[..., Sandbox]) -> Iterator[Caller]:
    with calling(make_sandbox, insecure_webhooks=True) as made:
        yield made


@pytest.fixture
def images(make_sandbox: Callable[..., Sandbox]) -> Iterator[Caller]:
    """A client of the API whose videos are bytes of an operation."""
    with calling(make_sandbox, "miraflow") as made:
        yield made


def arm(caller: Caller, name: str, **data: Any) -> Any:
    return caller.api.faults.arm(*fault_of({"fault": name, **data}))


# --- the request's own words


def test_a_request_can_ask_to_be_refused(caller: Caller) -> None:
    got = caller.create(video_files(image="mock:unavailable"))
    assert (got.status, got.headers["server"]) == (503, "nginx/1.26.2")
    assert got.headers["x-mock-fault"] == "status"
    assert caller.create().status == 201  # nothing was created, so nothing is in the way


def test_a_request_can_ask_for_its_answer_to_be_lost(caller: Caller) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        caller.create(video_files(audio="mock:lost"))
    assert caller.create().status == 409  # the job is there


def test_a_request_can_ask_for_links_that_have_expired(caller: Caller) -> None:
    job = caller.create(video_files(image="mock:expired")).json()["jobId"]
    caller.sandbox.clock.advance(100)
    assert caller.client.ask("GET", caller.status(job)["outputVideo"]).status == 403


def test_what_a_request_asks_for_goes_before_what_is_armed(caller: Caller) -> None:
    armed = arm(caller, "failed")
    job = caller.create(video_files(image="mock:stuck")).json()["jobId"]
    caller.sandbox.clock.advance(1000)
    assert caller.status(job)["status"] == "PROCESSING"
    assert armed.applied == 0


def _by_word(caller: Caller, fault: dict[str, Any]) -> None:
    """Let an image named `word` ask for a fault."""
    row = Match(frozenset({"createJob"}), ((Rule("request./image", ("word",)),),), None, fault)
    caller.api.matches = {**caller.api.matches, "createJob": Exact([("/image", "image", {"word": row})])}


@pytest.mark.parametrize(("name", "letters"), [("webhook_before_answer", 1), ("webhook_duplicate", 2)])
def test_a_request_can_ask_for_what_happens_to_its_webhook(
    caller: Caller, advance: Callable[[Sandbox, float], None], name: str, letters: int
) -> None:
    _by_word(caller, {"fault": name})
    with Inbox() as inbox:
        assert caller.create(video_files(image="word"), hook=inbox.url).status == 201
        advance(caller.sandbox, 100)
        assert len(inbox.letters) == letters


def test_a_webhook_s_fault_is_nothing_to_a_job_that_has_none(caller: Caller) -> None:
    _by_word(caller, {"fault": "webhook_before_answer"})
    assert caller.create(video_files(image="word")).status == 201


def test_a_request_can_ask_for_silence(caller: Caller) -> None:
    _by_word(caller, {"fault": "reset_before_headers"})
    with pytest.raises(httpx.ReadError):
        caller.create(video_files(image="word"))
    assert caller.create().status == 201


# --- bytes that an operation answers


def _video(caller: Caller) -> str:
    """The path of a finished video's bytes."""
    avatar = caller.get("/api/avatars").json()["avatars"][0]["id"]
    voice = caller.get("/api/voices").json()["avatars"][0]["id"]
    asked = {"avatarId": avatar, "voiceId": voice, "text": "Hello", "name": "A video"}
    job = caller.client.ask("POST", caller.url("/api/video/create"), json=asked).json()["jobId"]
    caller.sandbox.clock.advance(100)
    return f"/api/video/{job}/download"


@pytest.mark.parametrize(("name", "status"), [("result_403", 403), ("result_404", 404), ("result_expired", 403)])
def test_bytes_of_an_operation_are_refused_like_links(images: Caller, name: str, status: int) -> None:
    arm(images, name)
    got = images.get(_video(images))
    assert (got.status, got.headers["x-mock-fault"]) == (status, name)


def test_bytes_of_an_operation_are_damaged_like_those_of_links(images: Caller) -> None:
    arm(images, "corrupt_media")
    got = images.get(_video(images))
    assert got.status == 200
    assert sniff(got.body) != "video/mp4"


def test_bytes_of_an_operation_break_off_like_those_of_links(images: Caller) -> None:
    arm(images, "short_media")
    path = _video(images)
    with pytest.raises(CUT_ERRORS):
        images.get(path)


def test_faults_of_the_wire_break_bytes_as_they_break_answers(images: Caller) -> None:
    path = _video(images)
    whole = images.get(path)
    arm(images, "close_mid_body", times=1, operation="downloadVideo")
    with pytest.raises(httpx.RemoteProtocolError):
        images.get(path)
    arm(images, "truncated_json", times=1)  # nothing to change in bytes
    assert images.get(path).body == whole.body
    arm(images, "bandwidth", bytes_per_second=10_000_000)
    part = images.client.ask("GET", images.url(path), headers={"range": "bytes=100-199"})
    assert (part.status, part.body) == (206, whole.body[100:200])


def test_head_of_a_damaged_medium_tells_of_the_fault(caller: Caller) -> None:
    arm(caller, "short_media")
    job = caller.job()
    caller.sandbox.clock.advance(100)
    got = caller.client.ask("HEAD", caller.status(job)["outputVideo"])
    assert (got.status, got.body) == (200, b"")
    assert int(got.headers["content-length"]) > 1000


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_of_a_body_that_is_cut_the_last_byte_is_never_sent(caller: Caller, framing: str) -> None:
    arm(caller, "close_mid_body", at=1.0, framing=framing)
    with pytest.raises(CUT_ERRORS):
        caller.get("/api/health")


# --- who is asking


def test_a_fault_for_one_account_spares_the_others_and_strangers(caller: Caller) -> None:
    mine = account_of(caller.sandbox, "vidgen")
    arm(caller, "status", account=mine.id)
    other = caller.api.account()
    health = caller.url("/api/health")
    assert caller.get("/api/jobs").status == 503
    assert caller.client.ask("GET", caller.url("/api/jobs"), headers={"X-API-Key": other.key}).status == 200
    assert caller.client.ask("GET", caller.url("/api/jobs"), headers={"X-API-Key": "nobody"}).status == 401
    assert caller.client.ask("GET", health).status == 200  # open to all, so nobody's


def test_a_fault_for_one_job_spares_the_others(caller: Caller) -> None:
    first, second = caller.job(), None
    caller.sandbox.clock.advance(100)
    second = caller.job()
    arm(caller, "status", job=second)
    assert caller.get(f"/api/status/{first}").status == 200
    assert caller.get(f"/api/status/{second}").status == 503


def test_somebody_else_s_job_is_not_taken_hold_of(caller: Caller) -> None:
    job = caller.job()
    armed = arm(caller, "stuck")
    other = caller.api.account()
    got = caller.client.ask("GET", caller.url(f"/api/status/{job}"), headers={"X-API-Key": other.key})
    assert (got.status, armed.applied) == (404, 0)


def test_a_fault_that_is_used_up_meanwhile_has_no_effect(caller: Caller) -> None:
    armed = arm(caller, "status", at_once=1)
    counts = caller.sandbox.home.part("vidgen").faults
    assert counts.take(armed.id)
    assert caller.get("/api/health").status == 200
    counts.release(armed.id)
    assert caller.get("/api/health").status == 503


# --- no connection in reach


def test_faults_that_need_the_connection_leave_a_request_without_one_alone(running: Running, caller: Caller) -> None:
    book = caller.api.faults
    for name in ("hang", "garbage"):
        book.arm(*fault_of({"fault": name}))
    book.arm(*fault_of({"fault": "extra_field"}))

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(running.app)
        async with httpx.AsyncClient(transport=transport, base_url=caller.sandbox.url("vidgen")) as client:
            return await client.get("/api/health")

    got = on_loop(running.thread.loop, ask())
    assert got.json()["unexpectedField"] == "surprise"
    assert got.headers["x-mock-fault"] == "extra_field"


def test_an_answer_is_not_lost_without_a_connection(running: Running, caller: Caller) -> None:
    armed = caller.api.faults.arm(*fault_of({"fault": "answer_lost"}))

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(running.app)
        async with httpx.AsyncClient(transport=transport, base_url=caller.sandbox.url("vidgen")) as client:
            key = {"X-API-Key": account_of(caller.sandbox, "vidgen").key}
            return await client.post("/api/jobs", headers=key, files=video_files())

    assert on_loop(running.thread.loop, ask()).status_code == 201
    assert armed.applied == 0


def test_latency_needs_no_connection(running: Running, caller: Caller) -> None:
    caller.api.faults.arm(*fault_of({"fault": "latency", "seconds": 0.001}))

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(running.app)
        async with httpx.AsyncClient(transport=transport, base_url=caller.sandbox.url("vidgen")) as client:
            return await client.get("/api/health")

    assert on_loop(running.thread.loop, ask()).headers["x-mock-fault"] == "latency"


def test_head_is_answered_without_a_body_under_a_fault(caller: Caller) -> None:
    arm(caller, "skewed_date")
    cut = arm(caller, "reset_mid_body")  # there is no body to break off
    got = caller.client.ask("HEAD", caller.url("/api/health"))
    assert (got.status, got.body, cut.applied) == (200, b"", 0)
    assert got.headers["x-mock-fault"] == "skewed_date"
