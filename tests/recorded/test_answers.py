"""One-off answers: given in place of the operation, checked against the contract, journaled, counted, used up."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import httpx
import pytest
from control_kit import refused, steered, told

from mockserver import Running, mock
from mockserver.errors import MockserverError, UsageError
from mockserver.steering import ApiHandle, ControlError, Request, Response, SandboxHandle, Steering


def test_json_is_answered_once_and_nothing_is_done(client: httpx.Client, vidgen: ApiHandle) -> None:
    armed = vidgen.answer("createJob", json={"jobId": "mine"}, unchecked=True, headers={"X-Mine": "1"})
    answer = client.post("/api/jobs", files={"image": b"x"})
    assert (answer.status_code, answer.json(), answer.headers["x-mine"]) == (201, {"jobId": "mine"}, "1")
    assert answer.headers["date"] == "Sun, 09 Sep 2001 01:46:40 GMT"
    assert (vidgen.jobs, list(vidgen.violations), armed.used) == ([], [], 1)
    assert client.post("/api/jobs", files={"image": b"x"}).status_code == 415
    assert armed.used == 1


def test_it_stands_in_the_journal_in_coverage_and_among_the_requests(client: httpx.Client, vidgen: ApiHandle) -> None:
    vidgen.answer("getStatus", json=seen_failed(client, vidgen))
    client.get("/api/status/nobody")
    entry, sent = vidgen.journal.last(), vidgen.requests[-1]
    assert entry is not None
    assert (entry.fault, entry.status, entry.example) == ("answer", 200, "FAILED")
    assert (sent.fault, sent.status, sent.operation) == ("answer", 200, "getStatus")
    given = [each for each in vidgen._sandbox.coverage or () if each["answers"]]
    assert ("getStatus", "FAILED") in [(each["operation"], each["example"]) for each in given]


def seen_failed(client: httpx.Client, api: ApiHandle) -> Any:
    """What the contract answers of a job that failed."""
    api.next_job(outcome="FAILED", queued=0, running=1)
    files = {"image": ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(64)), "audio": ("a.mp3", b"ID3" + bytes(64))}
    job = client.post("/api/jobs", files=files).json()["jobId"]
    api.clock.advance(5)
    found = client.get(f"/api/status/{job}").json()
    assert found["status"] == "FAILED"
    return found


@pytest.mark.parametrize("headers", [{"A": ["1", "2"], "B": "3"}, [("A", "1"), ("A", "2"), ("B", "3")]])
def test_a_header_may_have_several_values(headers: Any, client: httpx.Client, vidgen: ApiHandle) -> None:
    vidgen.answer("listJobs", text="one", status=200, headers=headers)
    vidgen.answer("listJobs", callback=lambda _: Response(text="two", headers=headers))
    for body in ("one", "two"):
        answer = client.get("/api/jobs")
        assert (answer.text, answer.headers.get_list("a"), answer.headers["b"]) == (body, ["1", "2"], "3")


def test_several_are_given_in_turn_and_times_counts(client: httpx.Client, vidgen: ApiHandle) -> None:
    first = vidgen.answer("listJobs", text="one", status=200, times=2)
    vidgen.answer("listJobs", content=b"\x00\xff", headers={"Content-Type": "a/b"})
    always = vidgen.answer("listJobs", text="on", times=None)
    found = [client.get("/api/jobs") for _ in range(5)]
    assert [each.content for each in found] == [b"one", b"one", b"\x00\xff", b"on", b"on"]
    assert [each.headers["content-type"] for each in found[1:3]] == ["text/plain; charset=utf-8", "a/b"]
    assert (first.used, always.used) == (2, 2)
    always.disarm()
    first.disarm()
    assert client.get("/api/jobs").headers["content-type"] == "application/json"
    assert "disarmed" in repr(always)


def test_its_handle_names_the_line_that_armed_it(vidgen: ApiHandle, world: SandboxHandle) -> None:
    with vidgen.answer("listJobs", text="") as armed:
        assert armed.source.startswith(("tests/recorded/test_answers.py:", __file__))
        assert repr(armed) == f"<Answer vidgen.listJobs: armed at {armed.source}>"
        assert list(world.armed) == [armed]
    assert armed.is_disarmed


def test_without_a_body_a_refusal_is_the_contracts_own(client: httpx.Client, vidgen: ApiHandle) -> None:
    vidgen.answer("listJobs", status=401)
    vidgen.answer("listJobs", status=418)
    vidgen.answer("listJobs", status=204)
    found = [client.get("/api/jobs") for _ in range(3)]
    assert [each.status_code for each in found] == [401, 418, 204]
    assert "error" in found[0].json()
    assert [each.content for each in found[1:]] == [b"", b""]


@pytest.mark.parametrize("status", [204, 205, 304])
def test_a_status_without_a_body_has_none_however_it_is_made(
    client: httpx.Client, vidgen: ApiHandle, world: SandboxHandle, status: int
) -> None:
    vidgen.answer("listJobs", status=status, times=1)
    vidgen.answer("listJobs", callback=lambda request: Response(status), times=1)
    for page in ("json", "nginx", "cloudflare"):
        vidgen.fault("status", operation="listJobs", status=status, page=page, times=1)
    world.route("GET", "/vidgen/mine", lambda request: Response(status))
    paths = [*["/api/jobs"] * 5, "/mine", "/api/health"]
    found = [client.get(path) for path in paths]
    lengths = [answer.headers.get("content-length") for answer in found[:-1]]
    assert [answer.status_code for answer in found] == [*[status] * 6, 200]
    assert {answer.content for answer in found[:-1]} == {b""}
    assert lengths == ["0" if status == 205 else None] * 6
    assert not any("content-type" in answer.headers for answer in found[:-1])


def test_downloads_are_answered_as_well_and_callables_see_them(client: httpx.Client, vidgen: ApiHandle) -> None:
    job = seen_done(client, vidgen)
    url = client.get(f"/api/status/{job}").json()["outputVideo"]
    vidgen.answer("media", content=b"film")
    vidgen.answer("media", callback=lambda request: request.operation.encode())
    assert [client.get(url).content for _ in range(2)] == [b"film", b"media"]


def seen_done(client: httpx.Client, api: ApiHandle) -> str:
    files = {"image": ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(64)), "audio": ("a.mp3", b"ID3" + bytes(64))}
    job = str(client.post("/api/jobs", files=files).json()["jobId"])
    api.clock.run_until(job, "COMPLETED")
    return job


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"content": "x"}, "content is bytes, not 'x'; a text is given as text="),
    ({"content": 5}, "content is bytes, not 5"),
    ({"json": {}, "status": 418}, "no JSON for status 418: getStatus answers 200, 401"),
    ({"json": []}, "the body must be an object"),
    ({"json": {"error": 7}, "status": 404}, "/error: error must be a string"),
    ({"json": {"eror": "no"}, "status": 404}, "/eror: eror is not a field known here (did you mean 'error'?); fix it"),
    ({"json": {"jobld": "x"}}, "/jobId: jobId is required (is it the 'jobld' that was given?); fix it"),
    ({"json": {}, "text": ""}, "an answer has one body"),
    ({"status": 204, "text": "x"}, "an answer of status 204 has no body"),
    ({"headers": {"Content-Length": "3"}}, "content-length is the server's own"),
    ({"headers": {"a b": "3"}}, "a field whose name is not allowed"),
    ({"headers": {"a": "b\r\nc: d"}}, "headers.a"),
    ({"status": 99}, "status must be at least 200"),
    ({"times": 0}, "times must be at least 1"),
    ({"json": float("nan")}, "this is no JSON"),
    ({"json": {1, 2}}, "this is no JSON"),
    ({"text": "x", "callback": print}, "leave text out"),
    ({"callback": "print"}, "cannot be called"),
    ({"callback": print, "times": 0}, "times is a whole number"),
]


@pytest.mark.parametrize(("settings", "said"), WRONG)
def test_what_cannot_be_answered_is_refused_when_it_is_armed(
    vidgen: ApiHandle, settings: dict[str, Any], said: str
) -> None:
    with pytest.raises(MockserverError) as error:
        vidgen.answer("getStatus", **settings)
    assert said in str(error.value)


def test_the_word_that_was_meant_is_named(client: httpx.Client, vidgen: ApiHandle) -> None:
    body = seen_failed(client, vidgen)
    with pytest.raises(ControlError, match="did you mean 'FAILED'") as error:
        vidgen.answer("getStatus", json={**body, "status": "FALED"})
    assert error.value.problem["pointer"] == "/json/status"
    for callback in (None, lambda request: {}):
        more: dict[str, Any] = {"text": "x"} if callback is None else {"callback": callback}
        with pytest.raises(UsageError, match="did you mean 'getStatus'"):
            vidgen.answer("getStatsu", **more)


def test_a_callback_is_given_the_request_and_says_what_is_answered(client: httpx.Client, vidgen: ApiHandle) -> None:
    seen: list[Request] = []

    async def later(request: Request) -> Response:
        await asyncio.sleep(0)
        return Response(202, json=[len(seen)], headers=[("Set-Cookie", "a"), ("Set-Cookie", "b")])

    def now(request: Request) -> Any:
        seen.append(request)
        return 207, {"form": dict(request.form), "files": list(request.files)}

    vidgen.answer("createJob", callback=now, unchecked=True)
    vidgen.answer("createJob", callback=later, unchecked=True)
    one = client.post("/api/jobs", files={"image": ("x", b"y")}, data={"a": "b"})
    other = client.post("/api/jobs")
    assert (one.status_code, one.json()) == (207, {"form": {"a": "b"}, "files": ["image"]})
    assert (other.status_code, other.headers.get_list("set-cookie")) == (202, ["a", "b"])
    assert seen[0].headers["x-api-key"] == vidgen.api_key


def test_a_callback_works_where_no_requests_are_kept_and_in_the_default_sandbox(running: Running) -> None:
    with running.sandbox() as plain:
        for sandbox in (plain, running.default):
            api = sandbox.api("vidgen")
            with api.answer("listJobs", callback=lambda request: request.text, times=None):
                answer = httpx.request("GET", f"{api.url}/api/jobs", content=b"hello")
                assert answer.text == "hello"
            with pytest.raises(ControlError, match="keeps no requests"):
                list(sandbox.requests)


@pytest.mark.parametrize(
    ("callback", "error"),
    [
        (lambda request: 1 / 0, "ZeroDivisionError"),
        (lambda request: None, "UsageError"),
        (lambda request: {"jobs": 7}, "RequestError"),
        (lambda request: (99, ""), "UsageError"),
        (lambda request: Response(headers={"Connection": "close"}), "UsageError"),
        (lambda request: Response(text="{", headers={"Content-Type": "application/json"}), "RequestError"),
        (lambda request: pytest.fail("mine"), "Failed"),
        (lambda request: next(iter(())), "RuntimeError"),
    ],
)
def test_a_callback_that_raises_or_breaks_the_contract_is_a_500_and_is_told(
    client: httpx.Client, vidgen: ApiHandle, world: SandboxHandle, callback: Any, error: str
) -> None:
    vidgen.answer("listJobs", callback=callback)
    answer = client.get("/api/jobs")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert [type(each).__name__ for each in world.handler_errors] == [error]
    assert list(vidgen.violations) == []


def test_a_callback_that_waits_holds_up_nobody_else(client: httpx.Client, vidgen: ApiHandle) -> None:
    begun, go = threading.Event(), threading.Event()

    async def blocks(request: Request) -> str:
        begun.set()
        assert go.wait(60)
        return "late"

    found: list[str] = []
    vidgen.answer("listJobs", callback=blocks)
    asking = threading.Thread(target=lambda: found.append(client.get("/api/jobs").text))
    asking.start()
    assert begun.wait(60)
    assert httpx.get(f"{vidgen.url}/api/health").status_code == 200
    go.set()
    asking.join(60)
    assert found == ["late"]


def test_a_reset_ends_a_callback_under_way_and_takes_answers_back(
    client: httpx.Client, vidgen: ApiHandle, world: SandboxHandle
) -> None:
    def resets(request: Request) -> str:
        world.reset()
        return "too late"

    vidgen.answer("listJobs", callback=resets, times=None)
    assert client.get("/api/jobs").status_code == 410
    assert client.get("/api/jobs").status_code == 200
    assert world.ask("answers") == []


def test_a_callable_for_a_server_elsewhere_is_refused_in_a_sentence(running: Running) -> None:
    with Steering(running.url.replace("127.0.0.1", "192.0.2.1")) as elsewhere:
        told = running.steering.control.get("sandboxes", "default")
        default = SandboxHandle(elsewhere.control, told, "0")
        with pytest.raises(UsageError, match="runs in another one"):
            default.api("vidgen").answer("listJobs", callback=print)
        with pytest.raises(UsageError, match="runs in another one"):
            default.route("GET", "/x", print)


def test_a_snapshot_leaves_answers_and_requests_behind(
    running: Running, client: httpx.Client, vidgen: ApiHandle
) -> None:
    vidgen.answer("listJobs", text="mine")
    vidgen.answer("listJobs", callback=lambda request: "mine", times=None)
    vidgen.fault("hang", operation="createJob")
    client.get("/api/health")
    with running.sandbox(snapshot=vidgen._sandbox.snapshot(), requests=True) as other:
        assert (other.ask("answers"), list(other.requests), len(other.ask("faults"))) == ([], [], 1)
        headers = {"X-API-Key": other.api("vidgen").api_key}
        assert httpx.get(f"{other.api('vidgen').url}/api/jobs", headers=headers).text != "mine"


def a_block_whose_handler_raises() -> None:
    with mock() as sandbox:
        sandbox.route("GET", "/x", lambda request: 1 / 0)
        assert httpx.get(f"{sandbox.url}/x").status_code == 500
        sandbox.assert_requested(path="/x", times=1)


def test_outside_pytest_a_handler_that_raises_fails_the_block() -> None:
    with pytest.raises(AssertionError, match=r"(?s)A handler of the test raised.*ZeroDivisionError"):
        a_block_whose_handler_raises()


def test_a_closed_sandbox_says_that_it_is(running: Running) -> None:
    with running.sandbox() as closed:
        pass
    for arm in (lambda: closed.route("GET", "/x", print), lambda: closed.api("vidgen").answer("listJobs", text="")):
        with pytest.raises(UsageError, match="was closed"):
            arm()


def test_over_the_control_api_answers_are_armed_listed_and_taken_back() -> None:
    with steered() as control:
        answers = control.sandbox() + "/answers"
        name = answers.split("/")[3]
        body = {"api": "vidgen", "operation": "listJobs", "content": "aGk=", "headers": {"A": ["1", "2"]}, "times": 2.0}
        made = told(control.ask("POST", answers, json=body), 201)
        assert (made["id"], made["status"], made["left"]) == ("vidgen-1", 200, 2)
        answer = control.ask("GET", f"/@{name}/vidgen/api/jobs")
        assert (answer.content, answer.headers.get_list("a")) == (b"hi", ["1", "2"])
        assert control.get(answers) == control.get(f"{answers}?api=vidgen") == [{**made, "applied": 1, "left": 1}]
        assert control.get(answers.replace("answers", "faults")) == []
        refused(control.ask("DELETE", f"{answers.replace('answers', 'faults')}/vidgen-1"), 404)
        assert control.ask("DELETE", f"{answers}/vidgen-1").status_code == 204
        assert "armed (any more)" in refused(control.ask("DELETE", f"{answers}/vidgen-1"), 404)["detail"]
        assert control.get(answers)[0]["left"] == 0
        assert refused(control.ask("POST", answers, json={**body, "content": "?"}), 400)["pointer"] == "/content"


def test_answers_are_bounded_and_used_up_ones_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.control.answers.FAULTS_COUNT", 3)
    monkeypatch.setattr("mockserver.faults.armed.FAULTS_COUNT", 3)
    with steered() as control:
        answers = control.sandbox() + "/answers"
        body = {"api": "vidgen", "operation": "getHealth", "text": ""}
        for _ in range(2):
            told(control.ask("POST", answers, json=body), 201)
            control.ask("GET", f"/@{answers.split('/')[3]}/vidgen/api/health")
        for _ in range(3):
            told(control.ask("POST", answers, json=body), 201)
        assert [each["id"] for each in control.get(answers)] == ["vidgen-3", "vidgen-4", "vidgen-5"]
        refused(control.ask("POST", answers, json=body), 409)


def test_one_that_was_never_given_is_among_the_unused_ones(
    client: httpx.Client, vidgen: ApiHandle, world: SandboxHandle
) -> None:
    armed = vidgen.answer("getStatus", text="")
    vidgen.answer("getStatus", callback=lambda request: "")
    client.get("/api/jobs")
    unused = world.ask("unused")
    assert [each["kind"] for each in unused] == ["answer", "answer"]
    assert (unused[0]["id"], unused[0]["entry"]) == (armed.id, 1)
    assert "listJobs was asked" in unused[0]["why"]
