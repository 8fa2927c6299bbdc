"""Streams: what happens to a job as it happens, as server-sent events or lines of JSON, on the sandbox's clock."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from check_kit import Documents, Mutation, behave, both, show, write
from flow_kit import AT, BOUND, EVENTS, KEY, LIVED, RESPONSES, parameter, streaming
from language_kit import BEHAVIOR, NAME, OPENAPI, Served, documents, findings, serving
from running_kit import on_loop
from steered_kit import everywhere

from mockserver import held_requests
from mockserver.app import Mockserver, Settings, streams
from mockserver.clock import Clock
from mockserver.loader import load_folder
from mockserver.testing.times import ThreadTime
from mockserver.virtual_time import fast_forward

LIKE = {"like": "getJob", "bindings": {}}


class Told(NamedTuple):
    """An event as a client reads it."""

    id: str
    name: str
    data: Any


def parted(text: str) -> Iterator[Told]:
    """Events of a stream, as the HTML standard has them read."""
    for block in text.split("\n\n")[:-1]:
        fields: dict[str, list[str]] = {}
        for line in block.split("\n"):
            name, _, value = line.partition(":")
            if name:
                fields.setdefault(name, []).append(value.removeprefix(" "))
        if "data" in fields:
            data = "\n".join(fields["data"])
            yield Told(
                fields.get("id", [""])[0], fields.get("event", ["message"])[0],
                json.loads(data) if data[:1] in "{[" else data,
            )  # fmt: skip


class Reading:
    """A stream that is read bit by bit."""

    def __init__(self, response: httpx.Response) -> None:
        self.response, self._chunks, self.text = response, response.iter_text(), ""

    def until(self, word: str) -> list[Told]:
        """What was told so far, once a word was."""
        while word not in self.text:
            self.text += next(self._chunks)
        return [*parted(self.text)]

    def rest(self) -> list[Told]:
        """What was told until the stream ended."""
        for chunk in self._chunks:
            self.text += chunk
        return [*parted(self.text)]


@contextmanager
def opened(own: Served, identity: str, **headers: str) -> Iterator[Reading]:
    with own.http.stream("GET", f"/v1/jobs/{identity}/events", headers={**KEY, **headers}, timeout=60) as response:
        yield Reading(response)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on how fast this machine is: the clock may stand for a minute."""
    monkeypatch.setattr(held_requests, "PATIENCE", 60.0)


def whole(own: Served, identity: str, **headers: str) -> list[Told]:
    with opened(own, identity, **headers) as reading:
        return reading.rest()


def names(told: list[Told]) -> list[str]:
    return [each.name for each in told]


ALL = ["queued", "running", "log", "progress", "log", "progress", "progress", "log", "succeeded"]


def test_a_stream_tells_each_event_when_it_happens(tmp_path: Path) -> None:
    with serving(tmp_path, streaming()) as own:
        identity = own.submit().json()["id"]
        with opened(own, identity) as reading:
            assert reading.response.headers["content-type"] == "text/event-stream"
            assert names(reading.until("queued")) == ["queued"]
            own.advance(2)
            assert names(reading.until("event: running")) == ["queued", "running"]
            own.advance(2)
            told = reading.until("event: progress")
            assert names(told) == ["queued", "running", "log", "progress"]
            assert (told[2].data["line"], round(told[2].data["at"], 3)) == ("Loading", 1_000_000_002.4)
            assert told[3].data == {"status": "running", "progress": 25}
            own.advance(60)
            told = reading.rest()
        assert names(told) == ALL
        assert [each.id for each in told] == [str(n) for n in range(1, 10)]
        assert [each.data["progress"] for each in told if each.name == "progress"] == [25, 50, 75]
        assert own.http.get(told[-1].data["url"]).status_code == 200


def test_a_stream_begins_with_the_state_as_it_is_and_ends_with_the_end(tmp_path: Path) -> None:
    with serving(tmp_path, streaming()) as own:
        identity = own.submit().json()["id"]
        own.advance(5)
        with opened(own, identity) as reading:
            (first,) = reading.until("\n\n")
            assert (first.name, first.data["progress"], first.id) == ("running", 37, "4")
            own.advance(5)
            assert names(reading.rest()) == ["running", "log", "progress", "progress", "log", "succeeded"]
        assert names(whole(own, identity)) == ["succeeded"]


def test_who_has_read_some_events_is_told_those_behind(tmp_path: Path) -> None:
    with serving(tmp_path, streaming()) as own:
        identity = own.submit().json()["id"]
        own.advance(60)
        for last in range(9):
            told = whole(own, identity, **{"Last-Event-ID": str(last)})
            assert names(told) == ALL[last:]
            assert [each.id for each in told] == [str(n) for n in range(last + 1, 10)]
        for odd in ("x", "-1", "9" * 50, "1.5", ""):
            assert names(whole(own, identity, **{"Last-Event-ID": odd})) == ["succeeded"]


def test_who_has_read_the_end_is_told_to_ask_no_more(tmp_path: Path) -> None:
    with serving(tmp_path, streaming("text/event-stream application/jsonl")) as own:
        identity = own.submit().json()["id"]
        own.advance(60)

        def asked(last: str, accept: str = "text/event-stream") -> httpx.Response:
            headers = {**KEY, "Last-Event-ID": last, "Accept": accept}
            return own.http.get(f"/v1/jobs/{identity}/events", headers=headers)

        for last in ("9", "10", "999999999"):
            assert (asked(last).status_code, asked(last).content) == (204, b"")
            assert "content-type" not in asked(last).headers
            assert (asked(last, "application/jsonl").status_code, asked(last, "application/jsonl").text) == (200, "")
        assert (asked("8").status_code, names([*parted(asked("8").text)])) == (200, ["succeeded"])
        shown = own.http.get(f"{own.root}/{NAME}/openapi.json").json()
        stream = next(each["get"] for path, each in shown["paths"].items() if path.endswith("/events"))
        assert "content" not in stream["responses"]["204"]


def test_behind_the_last_event_so_far_a_job_that_goes_on_is_waited_for(tmp_path: Path) -> None:
    with serving(tmp_path, streaming()) as own:
        identity = own.submit().json()["id"]
        own.advance(5)
        with opened(own, identity, **{"Last-Event-ID": "4"}) as reading:
            own.advance(60)
            assert names(reading.rest()) == ALL[4:]


def test_events_may_be_what_another_operation_answers(tmp_path: Path) -> None:
    with serving(tmp_path, streaming(examples=None, **LIKE, heartbeat=15)) as own:
        identity = own.submit().json()["id"]
        own.advance(60)
        told = whole(own, identity, **{"Last-Event-ID": "0"})
        assert {each.name for each in told} == {"message"}
        assert [(each.data["status"], each.data["progress"]) for each in told] == [
            ("queued", 0), ("running", 0), ("running", 5), ("running", 25), ("running", 50), ("running", 50),
            ("running", 75), ("succeeded", 100), ("succeeded", 100),
        ]  # fmt: skip
        assert told[-1].data == own.show(identity)


def test_events_have_the_vendors_names_and_lines_of_a_log_are_text(tmp_path: Path) -> None:
    words = {"events": {"log": "output", "succeeded": "done", "queued": ""}, "bindings": {"log": {"": "log.text"}}}
    examples = {**EVENTS, "log": {"value": "a line"}}
    with serving(tmp_path, streaming(examples=examples, **words)) as own:
        identity = own.submit().json()["id"]
        own.advance(60)
        told = whole(own, identity, **{"Last-Event-ID": "0"})
        assert [(each.name, each.data) for each in told if isinstance(each.data, str)] == [
            ("output", "Loading"), ("output", "Sampling"), ("output", "Done"),
        ]  # fmt: skip
        assert (told[0].name, told[-1].name) == ("message", "done")


def test_a_stream_may_be_lines_of_json_and_accept_chooses(tmp_path: Path) -> None:
    with serving(tmp_path, streaming("application/jsonl text/event-stream")) as own:
        identity = own.submit().json()["id"]
        own.advance(60)
        answer = own.http.get(f"/v1/jobs/{identity}/events", headers={**KEY, "Last-Event-ID": "0"})
        assert answer.headers["content-type"] == "application/jsonl"
        assert [json.loads(line)["status"] for line in answer.text.splitlines() if "status" in line][-1] == "succeeded"
        assert len(answer.text.splitlines()) == 9
        chosen = own.http.get(f"/v1/jobs/{identity}/events", headers={**KEY, "Accept": "text/event-stream"})
        assert chosen.headers["content-type"] == "text/event-stream"


def test_a_heartbeat_comes_on_the_sandboxs_clock(tmp_path: Path) -> None:
    with serving(tmp_path, streaming(heartbeat=0.5, every=99)) as own:
        identity = own.submit().json()["id"]
        with opened(own, identity) as reading:
            reading.until("queued")
            own.advance(1.9)
            reading.until(":\n\n:\n\n:\n\n")
            own.advance(60)
            reading.rest()
            assert reading.text.count("\n:\n\n") > 5


def test_a_job_that_is_cancelled_ends_its_stream(tmp_path: Path) -> None:
    with serving(tmp_path, streaming()) as own:
        identity = own.submit().json()["id"]
        with opened(own, identity) as reading:
            reading.until("queued")
            own.http.post(f"/v1/jobs/{identity}/cancel", headers=KEY)
            assert names(reading.rest()) == ["queued", "cancelled"]


def test_a_job_that_fails_says_why(tmp_path: Path) -> None:
    with serving(tmp_path, streaming()) as own:
        identity = own.submit(prompt="mock:fail").json()["id"]
        own.advance(60)
        assert whole(own, identity)[-1].data["error"] == "Rendering failed"


def test_who_may_not_see_a_job_may_not_see_its_stream(tmp_path: Path) -> None:
    with serving(tmp_path, streaming()) as own:
        identity = own.submit().json()["id"]
        other = own.running.default.api(NAME).account()
        path = f"/v1/jobs/{identity}/events"
        assert own.http.get(path, headers={"X-API-Key": other.api_key}).status_code == 404
        assert own.http.get(path).status_code == 401
        assert own.http.get("/v1/jobs/nobody/events", headers=KEY).status_code == 404


def test_head_tells_of_the_stream_and_sends_nothing(tmp_path: Path) -> None:
    with serving(tmp_path, streaming()) as own:
        identity = own.submit().json()["id"]
        answer = own.http.head(f"/v1/jobs/{identity}/events", headers=KEY)
        assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, "text/event-stream", b"")
        assert own.sandbox.in_flight == own.sandbox.moments.held == 0


def test_a_client_that_leaves_ends_its_stream_alone(tmp_path: Path) -> None:
    with serving(tmp_path, streaming()) as own:
        identity = own.submit().json()["id"]
        with opened(own, identity) as other:
            other.until("queued")
            with opened(own, identity) as reading:
                reading.until("queued")
            on_loop(own.running, until(lambda: len(own.sandbox.moments.pauses) == 1))
            own.advance(60)
            assert names(other.rest())[-1] == "succeeded"
        entries = {entry.why for entry in own.running.default.api(NAME).journal if entry.operation == "streamJob"}
        assert entries == {"", "the client left the stream before its end"}


async def until(is_so: Any) -> None:
    while not is_so():  # noqa: ASYNC110 - nothing tells of a count
        await asyncio.sleep(0)


def test_what_was_told_stands_in_the_journal_and_counts_as_covered(tmp_path: Path) -> None:
    with serving(tmp_path, streaming()) as own:
        identity = own.submit().json()["id"]
        own.advance(60)
        whole(own, identity, **{"Last-Event-ID": "0"})
        *_, entry = own.running.default.api(NAME).journal
        assert entry.raw["events"] == {"queued": 1, "running": 1, "log": 3, "progress": 3, "succeeded": 1}
        assert (entry.status, entry.example) == (200, "succeeded")
        assert entry.raw["answered"]["text"].count("signature=") == 1
        assert "signature=[redacted]" in entry.raw["answered"]["text"]
        assert "event: queued" in entry.raw["answered"]["text"]
        seen = own.sandbox.journal.seen
        assert [seen[NAME, "streamJob", name] for name in ("queued", "log", "succeeded")] == [1, 3, 1]


def keeping_nothing(documents: Documents) -> None:
    """Jobs with a secret, of whose requests nothing is kept."""
    behavior = documents[BEHAVIOR]
    del behavior["webhooks"], documents[OPENAPI]["webhooks"], behavior["resources"]["job"]["results"]
    for operation in behavior["operations"].values():
        shown = operation["bindings"].items()
        operation["bindings"] = {at: fact for at, fact in shown if fact not in ("request./prompt", "result.picture")}
    behavior["resources"]["job"]["secret"] = {"prefix": "s_", "form": "base62", "length": 32}
    behavior["operations"]["streamJob"]["bindings"]["/url"] = "secret"


def test_no_secret_that_a_stream_tells_stands_in_the_journal(tmp_path: Path) -> None:
    with serving(tmp_path, streaming(bindings={"/status": "state"}), keeping_nothing) as own:
        identity = own.submit().json()["id"]
        own.advance(60)
        with opened(own, identity) as reading:
            secret = reading.rest()[-1].data["url"]
        assert secret.startswith("s_")
        assert secret not in str(own.running.default.ask("journal"))


def test_on_a_clock_that_stands_it_ends_with_a_hint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_requests, "PATIENCE", 0.01)
    with serving(tmp_path, streaming()) as own, opened(own, own.submit().json()["id"]) as reading:
        assert names(reading.rest()) == ["queued"]
        assert "fast_forward" in reading.text


@pytest.mark.parametrize("moment", [2.0, 5.0])
def test_a_moment_that_came_while_something_was_sent_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, moment: float
) -> None:
    monkeypatch.setattr(held_requests, "PATIENCE", 0.0)
    clock = Clock("manual", start=0.0)

    async def asked() -> bool:
        pause = held_requests.Moments(clock).pause("job")
        assert pause is not None
        clock.advance(5)
        return await pause.until(moment)

    assert asyncio.run(asked())


def test_a_reset_and_the_end_of_the_server_end_it(tmp_path: Path) -> None:
    with serving(tmp_path, streaming()) as own:
        with opened(own, own.submit().json()["id"]) as reading:
            own.advance(5)
            reading.until("running")
            own.running.default.reset()
            with pytest.raises(httpx.HTTPError):
                reading.rest()
        assert not own.sandbox.journal.seen
        with opened(own, own.submit().json()["id"]) as reading:
            reading.until("queued")
            own.running.stop()
            assert names(reading.rest()) == ["queued"]


def test_what_will_happen_is_worked_out_once_and_again_when_the_job_is_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, events = list[int](), streams.events
    monkeypatch.setattr(streams, "events", lambda job, *given: asked.append(job.record.rev) or events(job, *given))
    with serving(tmp_path, streaming(every=1)) as own:
        identity = own.submit().json()["id"]
        with opened(own, identity) as reading:
            reading.until("queued")
            own.advance(60)
            assert names(reading.rest()).count("progress") == 99
        assert asked == [1]
        identity = own.submit().json()["id"]
        with opened(own, identity) as reading:
            reading.until("queued")
            own.http.post(f"/v1/jobs/{identity}/cancel", headers=KEY).raise_for_status()
            assert names(reading.rest()) == ["queued", "cancelled"]
        assert asked == [1, 1, 2]


def test_many_streams_are_told_of_one_move_of_the_clock(tmp_path: Path) -> None:
    from contextlib import ExitStack

    with serving(tmp_path, streaming()) as own, ExitStack() as stack:
        identity = own.submit().json()["id"]
        readings = [stack.enter_context(opened(own, identity)) for _ in range(30)]
        for reading in readings:
            reading.until("queued")
        own.advance(60)
        assert {tuple(names(reading.rest())) for reading in readings} == {tuple(ALL)}


@pytest.mark.parametrize("fault", ["reset_mid_body", "close_mid_body"])
def test_a_fault_cuts_a_stream_in_its_middle(fault: str, tmp_path: Path) -> None:
    with serving(tmp_path, streaming()) as own:
        own.running.default.api(NAME).fault(fault, operation="streamJob", times=1)
        identity = own.submit().json()["id"]
        with opened(own, identity) as reading:
            reading.until("queued")
            own.advance(60)
            with suppress(httpx.HTTPError):  # without a length, a connection that is closed is the end of the body
                reading.rest()
            told = [*parted(reading.text)]
        assert 1 < len(told) < 9
        behind = whole(own, identity, **{"Last-Event-ID": told[-1].id})
        assert names(told) + names(behind) == ALL


def test_a_fault_that_changes_bytes_cannot_be_armed_for_a_stream(tmp_path: Path) -> None:
    with serving(tmp_path, streaming()) as own, pytest.raises(Exception, match="its answer is a stream"):
        own.running.default.api(NAME).fault("truncated_json", operation="streamJob")


@pytest.mark.parametrize("fault", ["latency", "dribbled_body", "bandwidth", "slow_close", "dribbled_headers"])
def test_faults_of_pace_slow_a_stream_down(fault: str, tmp_path: Path) -> None:
    quick = {"latency": {"seconds": 0.01}, "dribbled_body": {"interval": 0}, "dribbled_headers": {"interval": 0},
             "bandwidth": {"bytes_per_second": 100_000}, "slow_close": {"seconds": 0.01}}  # fmt: skip
    with serving(tmp_path, streaming()) as own:
        own.running.default.api(NAME).fault(fault, operation="streamJob", times=1, **quick[fault])
        identity = own.submit().json()["id"]
        own.advance(60)
        assert names(whole(own, identity, **{"Last-Event-ID": "0"})) == ALL


def test_a_stuck_job_says_nothing_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(tmp_path, streaming()) as own:
        own.running.default.api(NAME).fault("stuck")
        identity = own.submit().json()["id"]
        monkeypatch.setattr(held_requests, "PATIENCE", 0.01)
        own.advance(60)
        assert names(whole(own, identity)) == ["running"]


def created(examples: Any = EVENTS, **words: Any) -> Mutation:
    """A request that creates a job and is answered with what happens to it."""

    def make(documents: Documents) -> None:
        submit = documents[OPENAPI]["paths"]["/v1/jobs"]["post"]
        refused = {status: said for status, said in submit["responses"].items() if status[0] == "4"}
        content = {"text/event-stream": {"examples": examples}}
        headers = {"X-Job": {"schema": {"type": "string"}}, "X-Accel": {"example": "no"}}
        events = {"description": "Events", "content": content, "headers": headers}
        run = {**submit, "operationId": "runJob", "responses": {"200": events}}
        run["responses"] |= refused
        documents[OPENAPI]["paths"]["/v1/run"] = {"post": run}
        told = {"every": 25, **words}
        documents[BEHAVIOR]["operations"]["runJob"] = {
            "verb": "create", "resource": "job", "stream": told,
            "bindings": {**BOUND["bindings"], "header.X-Job": "id"}}  # fmt: skip
        LIVED(documents)

    return make


def test_the_answer_to_a_creation_may_tell_what_happens_to_the_new_job(tmp_path: Path) -> None:
    with serving(tmp_path, created()) as own:
        sent = {"json": {"prompt": "x"}, "headers": {**KEY, "Last-Event-ID": "3"}, "timeout": 60}
        with own.http.stream("POST", "/v1/run", **sent) as response:
            reading = Reading(response)
            assert (response.status_code, names(reading.until("queued"))) == (200, ["queued"])
            own.advance(60)
            assert names(reading.rest()) == ALL
        assert own.http.post("/v1/run", json={}, headers=KEY).status_code == 400
        (job, *others) = own.http.get("/v1/jobs", headers=KEY).json()["items"]
        assert (job["status"], others) == ("succeeded", [])
        assert (response.headers["X-Job"], response.headers["X-Accel"]) == (job["id"], "no")
        seen = own.sandbox.journal.seen
        assert [seen[NAME, "runJob", name] for name in ("queued", "log", "succeeded")] == [1, 3, 1]


def test_an_event_may_have_variants_in_each_media_type_of_a_stream(tmp_path: Path) -> None:
    both_ways = {**EVENTS, "succeeded.shout": {"value": {"status": "SUCCEEDED", "progress": 100, "url": "https://x"}}}
    variant = behave("/variants", {"shout": {"request./prompt": "loud"}})
    with serving(tmp_path, streaming("application/jsonl text/event-stream", both_ways), variant) as own:
        for prompt, word in (("loud", "SUCCEEDED"), ("x", "succeeded")):
            identity = own.submit(prompt=prompt).json()["id"]
            own.advance(60)
            for media in ("application/jsonl", "text/event-stream"):
                told = own.http.get(f"/v1/jobs/{identity}/events", headers={**KEY, "Accept": media}, timeout=60)
                assert f'"{word}"' in told.text


def test_a_creation_that_tells_of_its_job_can_be_cut(tmp_path: Path) -> None:
    with serving(tmp_path, created(like="getJob")) as own:
        own.running.default.api(NAME).fault("close_mid_body", operation="runJob", times=1)
        with own.http.stream("POST", "/v1/run", json={"prompt": "x"}, headers=KEY, timeout=60) as response:
            reading = Reading(response)
            reading.until("queued")
            own.advance(60)
            with suppress(httpx.HTTPError):
                reading.rest()
        assert 0 < len([*parted(reading.text)]) < len(ALL)


MISTAKES: list[tuple[str, Mutation, str, str]] = [
    ("no media type of a stream", streaming("application/json"), f"#{RESPONSES}", "text/event-stream"),
    ("nothing is told", streaming(examples=None), f"#{RESPONSES}", "named after an event"),
    ("like names nothing", streaming(examples=None, like="getJub"), "streamJob/like", "Did you mean 'getJob'"),
    ("like names no show", streaming(examples=None, like="submitJob"), "streamJob/like", "getJob"),
    ("an event written wrong", streaming(events={"succeded": "x"}), "streamJob/events", "Did you mean 'succeeded'"),
    ("an example written wrong", streaming(examples={**EVENTS, "succeded": EVENTS["queued"]}),
     "succeded", "'succeeded' is there"),
    ("progress at no percent", both(streaming(), lambda d: d[BEHAVIOR]["operations"]["streamJob"].pop("every")),
     "#/operations/streamJob", "every"),
    ("every too often", streaming(every=0), "streamJob/every", "minimum"),
    ("a heart that stands", streaming(heartbeat=0), "streamJob/heartbeat", "minimum"),
    ("a key", both(streaming(), behave("/idempotency", {"header": "K", "ttl": 1, "mismatch": "a", "busy": "b"}),
     show(f"{AT}/get/parameters", [parameter("K")])), "streamJob/verb", "not kept"),
    ("no such resource", streaming(resource="jub"), "#/operations/streamJob", "Did you mean 'job'"),
    ("a creation tells of nothing", created(examples={}), "~1v1~1run/post/responses", "named after an event"),
    ("a creation is like nothing", created(like="getJub"), "runJob/stream/like", "Did you mean 'getJob'"),
    ("a creation waits and tells", both(created(), behave("/operations/runJob/wait", {"most": 5})),
     "runJob/wait", "once"),
    ("a word of another verb", streaming(to="cancelled"), "#/operations/streamJob", "'to'"),
]  # fmt: skip


@pytest.mark.parametrize(("mutation", "at", "word"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_a_mistake_is_named_with_its_remedy(mutation: Mutation, at: str, word: str, tmp_path: Path) -> None:
    found = findings(tmp_path, mutation)
    assert any(at in each and word in each for each in found), found


def test_fast_forward_moves_the_clock_to_each_moment_of_a_stream(tmp_path: Path) -> None:
    """A client that blocks in its read, and nothing else: the server alone knows what comes when."""
    with serving(tmp_path, streaming()) as own:
        identity = own.submit().json()["id"]
        with fast_forward(ThreadTime(own.running.default, own.running)) as forward, opened(own, identity) as reading:
            reading.until("event: running")
            assert forward.elapsed == 2.0
            assert names(reading.rest()) == ALL
            assert forward.elapsed == 10.0


def test_fast_forward_moves_it_for_a_task_that_reads_a_stream_beside_others(tmp_path: Path) -> None:
    with serving(tmp_path, streaming()) as own:
        identity = own.submit().json()["id"]

        async def client() -> tuple[list[str], float]:
            async with httpx.AsyncClient(base_url=f"{own.root}/{NAME}", trust_env=False, timeout=60) as http:
                slept = asyncio.create_task(asyncio.sleep(3))
                async with http.stream("GET", f"/v1/jobs/{identity}/events", headers=KEY) as response:
                    text = "".join([chunk async for chunk in response.aiter_text()])
                await slept
                return names([*parted(text)]), forward.elapsed

        with fast_forward(ThreadTime(own.running.default, own.running)) as forward:
            assert asyncio.run(client()) == (ALL, 10.0)


NODE = """
const [url, key] = process.argv.slice(2)
const seen = []
let last = null, isOver = false
async function read(most) {
  const headers = {"X-API-Key": key, ...(last ? {"Last-Event-ID": last} : {})}
  const response = await fetch(url, {headers})
  if (response.status === 204) return isOver = true  // what it read last was the last one there is
  let buffer = ""
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    buffer += chunk
    for (let at; (at = buffer.indexOf("\\n\\n")) >= 0; buffer = buffer.slice(at + 2)) {
      const fields = Object.fromEntries(buffer.slice(0, at).split("\\n").map(line => line.split(/: ?(.*)/s, 2)))
      last = fields.id
      seen.push(fields.event)
      if (--most === 0) return
    }
  }
  isOver = true
}
while (!isOver) await read(4)
console.log(seen.join(" "))
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
def test_a_client_in_node_breaks_off_again_and_again_and_misses_no_event(tmp_path: Path) -> None:
    script = tmp_path / "client.mjs"
    script.write_text(NODE)
    with serving(tmp_path / "contract", streaming()) as own:
        identity = own.submit().json()["id"]
        own.running.default.clock.set("real", rate=100)
        command = ["node", str(script), f"{own.root}/{NAME}/v1/jobs/{identity}/events", "demo-key"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, done.stderr
        first, *behind = done.stdout.split()  # whatever state it was in when Node had started
        assert (first in ALL, behind) == (True, ALL[-len(behind) :] if behind else [])


def in_a_loop(test: Callable[[Path], Coroutine[Any, Any, None]]) -> Callable[[Path], None]:
    """A test that is a coroutine."""

    @wraps(test)
    def run(tmp_path: Path) -> None:
        asyncio.run(test(tmp_path))

    return run


@in_a_loop
async def test_under_another_server_a_stream_ends_with_its_client(tmp_path: Path) -> None:
    """By ASGI alone: who disconnects is heard of through `receive`."""
    where = write(tmp_path / NAME, documents(streaming()))
    contract, found = load_folder(where)
    assert contract is not None, found
    app = Mockserver([contract], Settings(clock=Clock("manual")))
    sandbox = app.sandboxes.default

    def scope(method: str, path: str) -> dict[str, Any]:
        headers = [(b"x-api-key", b"demo-key"), (b"content-type", b"application/json")]
        return {"type": "http", "method": method, "path": f"/{NAME}{path}", "raw_path": b"", "query_string": b"",
                "headers": headers, "client": ("127.0.0.1", 1)}  # fmt: skip

    sent: list[Any] = []
    left = asyncio.Event()

    async def send(message: Any) -> None:
        sent.append(message)

    async def posted() -> Any:
        return {"type": "http.request", "body": b'{"prompt": "x"}', "more_body": False}

    made = scope("POST", "/v1/jobs")
    made["headers"] = [*made["headers"], (b"content-length", b"15")]
    await app(made, posted, send)
    identity = json.loads(sent[-1]["body"])["id"]
    sent.clear()

    async def receive() -> Any:
        await left.wait()
        return {"type": "http.disconnect"}

    reading = asyncio.create_task(app(scope("GET", f"/v1/jobs/{identity}/events"), receive, send))
    await until(lambda: sandbox.moments.held == 1)
    await sandbox.outbox.advance(2)
    told = b"".join(message.get("body", b"") for message in sent)
    assert names([*parted(told.decode())]) == ["queued", "running"]
    left.set()
    await reading
    assert (sandbox.in_flight, sandbox.moments.pauses) == (0, {})


@in_a_loop
async def test_a_client_that_does_not_read_holds_neither_memory_nor_the_clock(tmp_path: Path) -> None:
    lines = [[percent, "x" * 200_000] for percent in range(1, 100)]
    long = both(streaming(), behave("/resources/job/run/log", lines))
    with serving(tmp_path, long) as own:
        identity = own.submit().json()["id"]
        reader, writer = await asyncio.open_connection(*own.root.removeprefix("http://").split(":"), limit=1000)
        head = f"GET /{NAME}/v1/jobs/{identity}/events HTTP/1.1\r\nhost: x\r\nx-api-key: demo-key\r\n\r\n"
        writer.write(head.encode())
        await reader.readuntil(b"queued")
        await asyncio.to_thread(own.advance, 60)
        assert own.show(identity)["status"] == "succeeded"
        holders = [sandbox.moments for sandbox in await asyncio.to_thread(everywhere, own.sandbox)]
        (pause,) = [pause for moments in holders for pause in moments.pauses]
        assert not pause.is_held
        writer.close()
        await asyncio.to_thread(on_loop, own.running, until(lambda: not any(each.pauses for each in holders)))
        *_, entry = own.running.default.api(NAME).journal.filter("streamJob")
        assert entry.raw["events"]["log"] < 99


@in_a_loop
async def test_what_was_sent_of_a_stream_is_let_go(tmp_path: Path) -> None:
    long = both(streaming(), behave("/resources/job/run/log", [[percent, "x" * 5000] for percent in range(1, 100)]))
    with serving(tmp_path, long) as own:
        identity = own.submit().json()["id"]
        own.advance(60)
        made: list[streams.Feed] = []
        usual = streams.Feed.chunks

        def watched(feed: streams.Feed, start: int, stop: float) -> Any:
            made.append(feed)
            return usual(feed, start, stop)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(streams.Feed, "chunks", watched)
            own.running.default.api(NAME).fault("bandwidth", operation="streamJob", times=1, bytes_per_second=10**8)
            told = await asyncio.to_thread(whole, own, identity, **{"Last-Event-ID": "0"})
        assert len(told) == 105
        assert made
        assert all(sum(len(each) for each in vars(feed).values() if isinstance(each, bytes)) < 20_000 for feed in made)
        pieces = [each for feed in made for held in vars(feed).values() if isinstance(held, list) for each in held]
        assert not [each for each in pieces if isinstance(each, bytes)]
