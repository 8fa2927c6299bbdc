"""The streams of events of the control API, over real sockets: what they tell, and how they begin, go on and end."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import signal
import socket
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import pytest
from control_kit import PNG, WAV
from events_kit import DEFAULT, Event, Stream
from running_kit import on_loop
from serve_kit import serving
from wire_kit import PATIENCE, read_to_end

from mockserver import Running, start
from mockserver.bounds import EVENTS
from mockserver.control.watching import watch as watching
from mockserver.control.watching import watches
from mockserver.control.watching.event_log import EventLog
from mockserver.state import noted_changes
from mockserver.steering import SandboxHandle
from mockserver.validation import Schemas

BOUNDARY = b"x"


def place(sandbox: SandboxHandle) -> str:
    return f"/_mock/sandboxes/{sandbox.name}/events"


def submit(sandbox: SandboxHandle, hook: str = "") -> str:
    api = sandbox.api("vidgen")
    parts = [("image", "a.png", "image/png", PNG), ("audio", "a.wav", "audio/wav", WAV)]
    body = b"".join(
        b'--x\r\ncontent-disposition: form-data; name="%s"; filename="%s"\r\ncontent-type: %s\r\n\r\n%s\r\n'
        % (name.encode(), file.encode(), kind.encode(), content)
        for name, file, kind, content in parts
    )
    if hook:
        body += b'--x\r\ncontent-disposition: form-data; name="webhookUrl"\r\n\r\n%s\r\n' % hook.encode()
    url = urlsplit(api.url)
    with contextlib.closing(http.client.HTTPConnection(url.netloc, timeout=PATIENCE)) as connection:
        headers = {"x-api-key": api.api_key, "content-type": "multipart/form-data; boundary=x"}
        connection.request("POST", f"{url.path}/api/jobs", body + b"--x--\r\n", headers)
        return str(json.loads(connection.getresponse().read())["jobId"])


def log_of(running: Running, sandbox: SandboxHandle) -> EventLog:
    found: Any = running.app.sandboxes.get(sandbox.name)
    return found.watch.log  # type: ignore[no-any-return]


# --- what is told


def test_a_stream_begins_with_what_is_true_now(running: Running, sandbox: SandboxHandle) -> None:
    with Stream(running.url, place(sandbox)) as stream:
        event = stream.next()
        assert (stream.status, stream.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        assert stream.headers["cache-control"] == "no-store"
    assert event is not None
    assert event.name == "start"
    assert event.data["sandbox"] == sandbox.name
    assert (event.data["resumed"], event.data["journal"], event.data["clock"]["mode"]) == (False, 0, "manual")


def test_all_that_happens_is_told_as_the_document_says(running: Running, sandbox: SandboxHandle) -> None:
    with Stream(running.url, place(sandbox)) as stream:
        told = stream.until("start")
        fault = sandbox.api("vidgen").fault("status", operation="getStatus", times=1)
        job = submit(sandbox, "http://127.0.0.1:9/hook")
        told += stream.until("faults", "jobs", "webhooks", "journal")
        sandbox.clock.advance(100)
        sandbox.set_limits(False)
        sandbox.api("vidgen").scenario("slow")
        told += stream.until("clock", "settings", "webhooks", "journal")
        fault.disarm()
        told += stream.until("faults")
        sandbox.reset()
        told += stream.until("reset")
        sandbox.close()
        told += stream.rest()
    assert told[-1].name == "closed"
    schemas = Schemas(running.steering.control.get("openapi.json"))
    for each in told:
        said = {"event": each.name, "data": each.data}
        assert schemas.at("/components/schemas/SandboxEvent").check(said) is None, said
    assert {each["id"] for e in told if e.name == "jobs" for each in e.data["jobs"]} == {job}


def test_ids_of_events_grow_by_one(running: Running, sandbox: SandboxHandle) -> None:
    with Stream(running.url, place(sandbox)) as stream:
        found = stream.until("start")
        submit(sandbox)
        found += stream.until("journal")
    assert [int(each.id.rpartition("-")[2]) for each in found] == [*range(len(found))]


def test_a_webhook_is_told_of_when_it_is_owed_and_when_it_is_done(running: Running, sandbox: SandboxHandle) -> None:
    with Stream(running.url, place(sandbox)) as stream:
        submit(sandbox, "http://127.0.0.1:9/hook")
        (owed,) = stream.until("webhooks")[-1].data["webhooks"]
        assert (owed["outcome"], owed["tries"], owed["last"]) == ("waiting", 0, None)
        sandbox.clock.advance(100)
        (tried,) = stream.until("webhooks")[-1].data["webhooks"]
        assert (tried["id"], tried["tries"] > 0) == (owed["id"], True)
        assert tried["last"]["status"] is None


def test_a_fault_is_told_of_when_it_is_armed_takes_effect_and_is_used_up(
    running: Running, sandbox: SandboxHandle
) -> None:
    api = sandbox.api("vidgen")
    with Stream(running.url, place(sandbox)) as stream:
        api.fault("status", operation="createJob", status=503, times=2)
        (armed,) = stream.until("faults")[-1].data["faults"]
        assert (armed["applied"], armed["left"], armed["armed"]) == (0, 2, True)
        for applied, left, stands in ((1, 1, True), (2, 0, False)):
            with contextlib.suppress(KeyError):
                submit(sandbox)
            (met,) = stream.until("faults")[-1].data["faults"]
            assert (met["applied"], met["left"], met["armed"]) == (applied, left, stands)


def test_a_violation_is_told_with_its_entry(running: Running, sandbox: SandboxHandle) -> None:
    url = urlsplit(sandbox.api("vidgen").url)
    with Stream(running.url, place(sandbox)) as stream:
        stream.until("start")
        with contextlib.closing(http.client.HTTPConnection(url.netloc, timeout=PATIENCE)) as connection:
            connection.request("GET", f"{url.path}/nowhere")
            connection.getresponse().read()
        (entry,) = stream.until("journal")[-1].data["entries"]
    assert entry["violation"]["sentence"]
    assert entry["status"] == 404


def test_secrets_are_in_no_event(running: Running, sandbox: SandboxHandle) -> None:
    api = sandbox.api("vidgen")
    with Stream(running.url, place(sandbox)) as stream:
        submit(sandbox, f"http://127.0.0.1:9/hook?key={api.api_key}")
        api.account()
        found = stream.until("webhooks", "settings", "journal")
    text = json.dumps([each.data for each in found])
    assert api.api_key not in text
    assert api.webhook_secret not in text


def test_a_timeline_says_how_a_job_stands_at_any_time(running: Running, sandbox: SandboxHandle) -> None:
    """What a page draws from it is what the API itself says then, but for what a curve is between two points."""
    with Stream(running.url, place(sandbox)) as stream:
        job = submit(sandbox)
        (told,) = stream.until("jobs")[-1].data["jobs"]
    timeline, step = told["timeline"], 0.25
    for n in range(80):
        now = 1_000_000_000.0 + n * step
        shown = next(each for each in sandbox.jobs if each.id == job)
        assert shown.state == [each["state"] for each in timeline["states"] if each["at"] <= now + 1e-6][-1]
        assert abs(shown.progress - drawn(timeline["progress"], now)) <= 2.5
        sandbox.clock.advance(step)


def drawn(points: list[list[float]], now: float) -> float:
    for (at, percent), (after, more) in pairwise(points):
        if at <= now < after:
            return percent + (more - percent) * (now - at) / (after - at)
    return points[-1][1]


# --- the list of sandboxes


def test_sandboxes_are_told_of_when_they_are_made_and_closed(running: Running) -> None:
    with Stream(running.url, "/_mock/events") as stream:
        told = stream.until("start")
        with running.steering.sandbox(owner="a test") as made:
            told += stream.until("sandboxes")
            assert [(each["name"], each["owner"]) for each in told[-1].data["opened"]] == [(made.name, "a test")]
        told += stream.until("sandboxes")
        assert told[-1].data["closed"] == [{"name": made.name, "owner": "a test"}]
    schemas = Schemas(running.steering.control.get("openapi.json"))
    for each in told:
        said = {"event": each.name, "data": each.data}
        assert schemas.at("/components/schemas/ServerEvent").check(said) is None, said


# --- coming back


def test_who_comes_back_is_told_what_was_missed_and_nothing_twice(running: Running, sandbox: SandboxHandle) -> None:
    with Stream(running.url, place(sandbox)) as stream, Stream(running.url, place(sandbox)) as other:
        submit(sandbox)
        last = stream.until("journal")[-1]
        stream.close()
        sandbox.clock.advance(100)
        job = submit(sandbox)
        missed = until_job(other, job)
        with Stream(running.url, place(sandbox), last.id) as again:
            first, *rest = until_job(again, job)
        assert (first.name, first.data["resumed"]) == ("start", True)
        assert rest == missed[[each.id for each in missed].index(last.id) + 1 :]


def test_events_are_kept_for_a_while_after_the_last_reader_has_left(running: Running, sandbox: SandboxHandle) -> None:
    with Stream(running.url, place(sandbox)) as stream:
        (first,) = stream.until("start")
    job = submit(sandbox)
    with Stream(running.url, place(sandbox), first.id) as again:
        found = again.until("jobs")
    assert found[0].data["resumed"] is True
    assert [each["id"] for each in found[-1].data["jobs"]] == [job]


ODD = ["", "x", "s-aaaaaaaa-1", "-1", "0", "9" * 5000, "s-7f3k2q9a--1", "\u00e9-1", "a" * 90 + "-1", "s-7f3k2q9a-1 ; x"]


@pytest.mark.parametrize("last", ODD)
def test_who_names_an_id_that_is_none_is_told_to_read_anew(running: Running, sandbox: SandboxHandle, last: str) -> None:
    with Stream(running.url, place(sandbox), last) as stream:
        found = stream.until("resync")
    assert [each.name for each in found] == ["start", "resync"]
    assert found[0].data["resumed"] is False


def test_an_id_of_the_future_is_none(running: Running, sandbox: SandboxHandle) -> None:
    with Stream(running.url, place(sandbox)) as stream:
        (first,) = stream.until("start")
        with Stream(running.url, place(sandbox), first.id.replace("-0", "-7")) as other:
            other.until("resync")


# --- slow readers, many readers, none


def test_a_reader_that_does_not_read_holds_nobody_up_and_is_told_to_read_anew(
    running: Running, sandbox: SandboxHandle
) -> None:
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.settimeout(PATIENCE)
    slow.connect(("127.0.0.1", urlsplit(running.url).port))
    with contextlib.closing(slow), Stream(running.url, place(sandbox)) as other:
        slow.sendall(f"GET {place(sandbox)} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        other.until("start")
        log = log_of(running, sandbox)
        on_loop(running, flood(log))
        assert log._bytes <= EVENTS + 200_000
        job = submit(sandbox)
        until_job(other, job)
        sandbox.close()
        got = read_to_end(slow)
    assert b"event: resync" in got
    assert got.endswith(b"0\r\n\r\n"), "its stream ends as all others do"
    assert len(got) < 16 << 20, "what it had missed was not kept for it"


async def flood(log: EventLog) -> None:
    for _ in range(160):
        log.add("clock", {"x": "x" * 200_000})
        for _ in range(3):
            await asyncio.sleep(0)


def until_job(stream: Stream, job: str) -> list[Event]:
    """All events up to the one that tells of a job."""
    found = stream.until("jobs")
    while job not in str(found[-1].data):
        found += stream.until("jobs")
    return found


def test_two_hundred_readers_are_told_the_same(running: Running, sandbox: SandboxHandle) -> None:
    with contextlib.ExitStack() as stack:
        streams = [stack.enter_context(Stream(running.url, place(sandbox))) for _ in range(200)]
        for each in streams:
            each.until("start")
        job = submit(sandbox)
        told = {each.until("jobs")[-1] for each in map(Hashable, streams)}
        assert len(told) == 1
        assert job in told.pop()


class Hashable:
    """A stream whose events are texts, without their ids: each process numbers its own."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def until(self, name: str) -> list[str]:
        return [repr((each.name, each.data)) for each in self._stream.until(name)]


def test_one_reader_too_many_is_refused_until_another_leaves(
    running: Running, sandbox: SandboxHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watches, "READERS", 2)
    with Stream(running.url, place(sandbox)) as one, Stream(running.url, place(sandbox)) as two:
        one.until("start")
        two.until("start")
        with Stream(running.url, place(sandbox)) as three:
            assert three.status == 409
        two.close()
        on_loop(running, until_readers(running, sandbox, 1))
        with Stream(running.url, "/_mock/events") as four:
            assert four.status == 200
            four.until("start")


async def until_readers(running: Running, sandbox: SandboxHandle, count: int) -> None:
    found: Any = running.app.sandboxes.get(sandbox.name)
    while found.watch is not None and found.watch.readers != count:  # noqa: ASYNC110 - it leaves by itself
        await asyncio.sleep(0)


def test_when_the_last_reader_has_left_for_a_while_nobody_watches(
    running: Running, sandbox: SandboxHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: Any = running.app.sandboxes.get(sandbox.name)
    assert (found.observer, found.journal.observer, found.home.observer) == (None, None, None)
    monkeypatch.setattr(watching, "LINGER", 0.0)
    monkeypatch.setattr(watching, "PULSE", 0.001)
    with Stream(running.url, place(sandbox)) as stream:
        stream.until("start")
        assert found.journal.observer is found.observer is not None
    on_loop(running, until_readers(running, sandbox, -1))
    assert (found.observer, found.journal.observer, found.home.observer) == (None, None, None)


def test_a_sign_of_life_comes_where_nothing_happens(
    running: Running, sandbox: SandboxHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "BEAT", 0.0)
    monkeypatch.setattr(watching, "PULSE", 0.001)
    with Stream(running.url, place(sandbox)) as stream:
        blocks = [stream.block() for _ in range(4)]
    assert blocks[2:] == [{"": ""}, {"": ""}]


def test_more_than_one_event_tells_is_counted(running: Running, sandbox: SandboxHandle) -> None:
    found: Any = running.app.sandboxes.get(sandbox.name)

    async def many() -> None:
        for _ in range(1000):
            found.journal.note(0.0, "dropped", "vidgen", "one more")

    with Stream(running.url, place(sandbox)) as stream:
        stream.until("start")
        on_loop(running, many())
        data = stream.until("journal")[-1].data
    assert (len(data["entries"]), data["left_out"]) == (noted_changes.MOST, 1000 - noted_changes.MOST)


# --- who may read, and how


def test_the_stream_is_guarded_as_all_of_the_control_api(running: Running) -> None:
    with Stream(running.url, Host="evil.example") as stream:
        assert stream.status == 403
    with Stream(running.url, "/_mock/sandboxes/nobody/events") as stream:
        assert stream.status == 404
    with running.steering.sandbox() as closed:
        pass
    with Stream(running.url, place(closed)) as stream:
        assert stream.status == 410
    with Stream(running.url, f"{DEFAULT}?x=1") as stream:
        assert stream.status == 400


def test_a_server_with_a_token_wants_it_for_its_events() -> None:
    with start(control_token="steer") as server:
        for path in (DEFAULT, "/_mock/events"):
            with Stream(server.url, path) as stream:
                assert stream.status == 401
            with Stream(server.url, path, Authorization="Bearer steer") as stream:
                stream.until("start")


def test_head_tells_the_type_and_reads_nothing(running: Running, sandbox: SandboxHandle) -> None:
    with contextlib.closing(http.client.HTTPConnection(urlsplit(running.url).netloc, timeout=PATIENCE)) as connection:
        for _ in range(2):
            connection.request("HEAD", place(sandbox))
            answer = connection.getresponse()
            answer.read()
            assert (answer.status, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    found: Any = running.app.sandboxes.get(sandbox.name)
    assert found.watch.readers == 0


# --- ends


def test_a_sandbox_that_is_closed_ends_its_streams(running: Running) -> None:
    made = running.steering.sandbox()
    with Stream(running.url, place(made)) as stream:
        stream.until("start")
        made.close()
        assert [each.name for each in stream.rest()] == ["closed"]


def test_after_a_reset_the_stream_goes_on(running: Running, sandbox: SandboxHandle) -> None:
    with Stream(running.url, place(sandbox)) as stream:
        stream.until("start")
        sandbox.reset()
        stream.until("reset")
        job = submit(sandbox)
        assert [each["id"] for each in stream.until("jobs")[-1].data["jobs"]] == [job]


def test_a_server_that_is_told_to_end_ends_its_streams_at_once() -> None:
    with serving("--quiet") as served, contextlib.ExitStack() as stack:
        streams = [stack.enter_context(Stream(served.url)) for _ in range(20)]
        streams.append(stack.enter_context(Stream(served.url, "/_mock/events")))
        slow = stack.enter_context(served.dial())
        slow.sendall(f"GET {DEFAULT} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        for each in streams:
            each.until("start")
        code, errors = served.ended(signal.SIGTERM)
        assert [each.rest() for each in streams] == [[]] * 21, "each ended with its last chunk, none was cut"
        assert read_to_end(slow).endswith(b"0\r\n\r\n")
    assert (code, errors) == (0, "")
