"""Paths that a test answers itself, where no contract has them: below the sandbox's own origin, or an API's."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from mockserver import Running, handlers, start
from mockserver.errors import FullError, UsageError
from mockserver.steering import ApiHandle, Request, Response, SandboxHandle


def test_a_path_below_the_origin_is_answered_by_a_handler(world: SandboxHandle) -> None:
    async def hello(request: Request) -> Any:
        return {"name": request.path_params["name"], "query": dict(request.query)}

    route = world.route("get", "/hello/{name}/now", hello)
    answer = httpx.get(f"{world.url}/hello/m%C3%A4/now?a=1")
    assert (answer.status_code, answer.json()) == (200, {"name": "mä", "query": {"a": "1"}})
    assert answer.headers["date"] == "Sun, 09 Sep 2001 01:46:40 GMT"
    head = httpx.head(f"{world.url}/hello/x/now")
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "26")
    assert (route.used, httpx.get(f"{world.url}/hello/x").status_code) == (2, 404)
    assert [(each.method, each.path, each.status) for each in world.requests] == [
        ("GET", "/hello/mä/now", 200), ("HEAD", "/hello/x/now", 200), ("GET", "/hello/x", 404),
    ]  # fmt: skip
    route.disarm()
    route.disarm()
    assert httpx.get(f"{world.url}/hello/x/now").status_code == 404


def test_a_path_below_an_api_is_that_apis(world: SandboxHandle, vidgen: ApiHandle) -> None:
    world.route("POST", "/vidgen/hooks", lambda request: (201, request.content))
    world.route("PATCH", "/vidgen/api/jobs", lambda request: Ellipsis)
    answer = httpx.post(f"{vidgen.url}/hooks", content=b"\x00\x01")
    assert (answer.status_code, answer.content) == (201, b"\x00\x01")
    entry, sent = vidgen.journal.last(), vidgen.requests[0]
    assert entry is not None
    assert (entry.fault, entry.status, entry.raw["route"], entry.violation) == ("route", 201, "POST /hooks", None)
    assert (sent.path, sent.operation, sent.fault, sent.status) == ("/hooks", "", "route", 201)
    assert httpx.get(f"{vidgen.url}/hooks").status_code == 404
    assert httpx.patch(f"{vidgen.url}/api/jobs").status_code == 500
    assert [type(each).__name__ for each in world.handler_errors] == ["UsageError"]


def test_the_newer_of_two_counts_and_a_reset_takes_all_back(world: SandboxHandle) -> None:
    world.route("GET", "/x", lambda request: "old")
    newer = world.route("GET", "/x", lambda request: "new")
    assert httpx.get(f"{world.url}/x").text == "new"
    newer.disarm()
    assert httpx.get(f"{world.url}/x").text == "old"
    world.reset()
    assert httpx.get(f"{world.url}/x").status_code == 404


def test_another_sandbox_has_none_of_them(running: Running, world: SandboxHandle) -> None:
    world.route("GET", "/x", lambda request: "mine")
    with running.sandbox(requests=True) as other:
        assert httpx.get(f"{other.url}/x").status_code == 404
        assert [each.path for each in other.requests] == ["/x"]


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("GET", "/vidgen/api/jobs", "the contract of vidgen has GET /api/jobs: use answer('listJobs', …)"),
        ("GET", "/vidgen/api/status/{id}", "use answer('getStatus', …)"),
        ("BREW", "/x", "is no method"),
        ("GET", "x", "is no path"),
        ("GET", "http://x/y", "is no path"),
        ("GET", "/x?y=1", "is no path"),
        ("GET", "/x/{a-b}", "is no path"),
        ("GET", "/x//y", "is no path"),
        ("GET", "", "is no path"),
        ("GET", "/{a}/x/{a}", "has a name twice"),
        ("GET", "/a%20b", "without escapes"),
        ("GET", "/a/../b", "clients resolve dots"),
        ("GET", "/_mock/x", "the server's own"),
        ("GET", "/vidgen/openapi.json", "the server's own"),
    ],
)
def test_what_is_no_path_of_its_own_is_refused(world: SandboxHandle, method: str, path: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        world.route(method, path, print)
    assert said in str(error.value)


def test_a_path_with_blanks_and_letters_of_all_kinds_is_written_as_it_is_read(world: SandboxHandle) -> None:
    world.route("GET", "/a b/{what}", lambda request: request.path_params["what"])
    assert [httpx.get(f"{world.url}{path}").text for path in ("/a b/é", "/a%20b/%C3%A9")] == ["é", "é"]


def test_an_encoded_slash_stays_in_its_part_as_in_a_contract(world: SandboxHandle) -> None:
    world.route("GET", "/files/{name}", lambda request: request.path_params["name"])
    world.route("GET", "/vidgen/mine/{name}/end", lambda request: request.path_params["name"])
    asked = {"/files/a%2Fb": "a/b", "/files/%2F%C3%A9": "/é", "/files/a%25b": "a%b", "/vidgen/mine/x%2Fy/end": "x/y"}
    assert {path: httpx.get(f"{world.url}{path}").text for path in asked} == asked
    assert httpx.get(f"{world.url}/files/a/b").status_code == 404
    vidgen = world.api("vidgen").url
    assert httpx.get(f"{vidgen}/mine/x%2Fy/end").text == "x/y"


def test_a_sandbox_has_room_for_so_many(world: SandboxHandle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.app.own_routes.ROUTES", 1)
    world.route("GET", "/x", print)
    with pytest.raises(FullError, match="at most 1 routes"):
        world.route("GET", "/y", print)


ENDS = [asyncio.CancelledError(), GeneratorExit(), StopIteration(1), StopAsyncIteration(), SystemExit(3), ValueError()]


@pytest.mark.parametrize("raised", ENDS, ids=repr)
def test_whatever_a_handler_raises_is_answered_by_500_and_told(
    world: SandboxHandle, vidgen: ApiHandle, raised: BaseException
) -> None:
    def handler(request: Request) -> Any:
        raise raised

    world.route("GET", "/x", handler)
    vidgen.answer("listJobs", callback=handler, unchecked=True)
    answers = httpx.get(f"{world.url}/x"), httpx.get(f"{vidgen.url}/api/jobs")
    assert [each.json()["detail"][:26] for each in answers] == ["the handler of the test ra"] * 2
    assert [each.status for each in world.journal.filter()] == [500, 500]
    assert [raised in (each, each.__cause__) for each in world.handler_errors] == [True, True]


@pytest.mark.parametrize("status", [200.5, 200.0, "200", None, 10**30])
def test_a_status_that_is_none_is_told(world: SandboxHandle, status: Any) -> None:
    world.route("GET", "/x", lambda request: Response(status, text="x"))
    assert httpx.get(f"{world.url}/x").json()["status"] == 500
    (error,) = world.handler_errors
    assert "the status of an answer is a whole number" in str(error)


@pytest.fixture
def hanging() -> Iterator[tuple[threading.Event, Any]]:
    """A handler that never ends by itself, and how it is told that it has begun."""
    begun, may_end = threading.Event(), threading.Event()

    def handler(request: Request) -> Any:
        begun.set()
        may_end.wait()

    yield begun, handler
    may_end.set()


@pytest.mark.parametrize("path", ["/x", "/vidgen/api/jobs"])
def test_a_client_that_leaves_a_handler_that_hangs_is_in_flight_no_more(
    world: SandboxHandle, vidgen: ApiHandle, hanging: Any, path: str
) -> None:
    begun, handler = hanging
    world.route("GET", "/x", handler)
    vidgen.answer("listJobs", callback=handler, unchecked=True)
    where = httpx.URL(world.url + path)
    with socket.create_connection((where.host, where.port)) as client:
        client.sendall(b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % where.raw_path)
        begun.wait()
    assert any(world.ask()["in_flight"] == 0 for _ in range(1000))
    (entry,), (sent,) = world.journal.filter(), world.requests
    assert (entry.status, entry.fault) == (0, sent.fault) == (0, "route" if path == "/x" else "answer")
    assert (sent.status, sent.is_over) == (None, True) if path == "/x" else sent.status is None


@pytest.mark.parametrize("is_route", [True, False])
def test_the_journal_keeps_no_secret_of_a_header_that_a_test_answers(
    client: httpx.Client, vidgen: ApiHandle, world: SandboxHandle, is_route: bool
) -> None:
    key, other = vidgen.api_key, "c4n4ry-of-a-session-0123456789"
    headers = {"X-Echo": key, "Set-Cookie": f"session={other}", "X-Plain": "as it is"}
    if is_route:
        world.route("GET", "/echo", lambda request: Response(200, headers=headers))
        answer = httpx.get(f"{world.url}/echo", trust_env=False)
    else:
        vidgen.answer("listJobs", text="x", headers=headers, unchecked=True)
        answer = client.get("/api/jobs")
    assert (answer.headers["x-echo"], answer.headers["x-plain"]) == (key, "as it is")
    for kept in (json.dumps(world.ask("journal")), json.dumps(world.ask("journal", format="har"))):
        assert "as it is" in kept
        assert (key in kept, other in kept) == (False, False)


def leave_at_work(world: SandboxHandle, begun: threading.Event, path: str = "/x") -> None:
    """A client that leaves when its handler has begun, which the server has noticed."""
    where = httpx.URL(world.url + path)
    begun.clear()
    with socket.create_connection((where.host, where.port)) as client:
        client.sendall(b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % where.raw_path)
        begun.wait()
    assert any(world.ask()["in_flight"] == 0 for _ in range(1000))


def test_of_handlers_that_go_on_without_a_client_there_are_few(
    world: SandboxHandle, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers, "HANDLERS_LEFT", 2)
    begun, may_end = threading.Event(), threading.Event()

    def handler(request: Request) -> str:
        begun.set()
        may_end.wait()
        return "done"

    world.route("GET", "/x", handler)
    for _ in range(2):
        leave_at_work(world, begun)
    assert httpx.get(f"{world.url}/x").status_code == 500
    (error,) = world.handler_errors
    assert "2 handlers are still at work for clients that have left" in str(error)
    with running.sandbox() as other:
        other.route("GET", "/x", lambda request: "mine")
        assert httpx.get(f"{other.url}/x").text == "mine"
    may_end.set()
    for thread in [each for each in threading.enumerate() if each.name == handlers.THREAD]:
        thread.join(60)
    assert httpx.get(f"{world.url}/x").text == "done"


def test_a_coroutine_ends_with_its_client(world: SandboxHandle) -> None:
    begun, ended = threading.Event(), threading.Event()

    async def handler(request: Request) -> str:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return "never"

    world.route("GET", "/x", handler)
    leave_at_work(world, begun)
    assert ended.wait(60)
    assert world.handler_errors == []


def test_a_server_ends_while_handlers_are_at_work_and_they_end_quietly(recwarn: pytest.WarningsRecorder) -> None:
    begun, may_end = threading.Event(), threading.Event()
    raised: list[Any] = []

    def handler(request: Request) -> str:
        begun.set()
        may_end.wait()
        return "late"

    before, threading.excepthook = threading.excepthook, raised.append
    try:
        with start() as server, server.sandbox() as world:
            world.route("GET", "/x", handler)
            leave_at_work(world, begun)
        may_end.set()
        for thread in [each for each in threading.enumerate() if each.name == handlers.THREAD]:
            thread.join(60)
    finally:
        threading.excepthook = before
    assert raised == []
