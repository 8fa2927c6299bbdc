"""Requests that no lawful client sends: each gets a 4xx in the API's own form, costs nothing and loses nothing."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest
from fault_kit import on_loop
from hostile_kit import PNG, WAV, Row, World, target
from hostile_rows import ENVELOPED, FILMS, HARMLESS, REFUSED_BY_THE_WIRE
from wire_kit import ask, status_of

from mockserver import Running
from mockserver.clock import Clock
from mockserver.sandbox import Sandbox

SHOWN = {
    "vidgen": "/api/status/{}",
    "miragic": "/api/v1/speed-painting/jobs/{}",
    "mirrago": "/v1/mirrago/job/{}",
    "miraflow": "/api/image/{}",
}
UNROUTED = ("UnknownPath", "WrongMethod", "MalformedRequest", "HeadersTooLarge")
MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def sandbox(running: Running) -> Iterator[Sandbox]:
    """A sandbox with one finished job per API, for all the requests of this file."""

    async def create() -> Sandbox:
        return await running.app.sandboxes.make(clock=Clock("manual"), limits_on=False)

    async def close() -> None:
        await running.app.sandboxes.shut(made.name)

    made = on_loop(running.thread.loop, create())
    yield made
    on_loop(running.thread.loop, close())


@pytest.fixture(scope="module")
def world(running: Running, sandbox: Sandbox) -> World:
    keys = {name: next(iter(api.accounts.values())).key for name, api in sandbox.apis.items()}
    token = _token(sandbox)
    ids = {api: _created(sandbox, api, token) for api in SHOWN}
    on_loop(running.thread.loop, sandbox.advance(60))
    film = _json(sandbox, "vidgen", "GET", f"/api/status/{ids['vidgen']}")["outputVideo"]
    ticket = {"fileName": "a.png", "contentType": "image/png", "fileSize": len(PNG)}
    upload = _json(sandbox, "miraflow", "POST", "/api/media/initialize", json=ticket)["uploadUrl"]
    return World(f"/@{sandbox.name}", keys, token, ids, target(film), target(upload))


def _json(sandbox: Sandbox, api: str, method: str, path: str, token: str = "", **body: Any) -> Any:
    account = next(iter(sandbox.apis[api].accounts.values()))
    headers = {"Authorization": f"Bearer {token}"} if token and api == "mirrago" else {"X-API-Key": account.key}
    answer = httpx.request(method, sandbox.url(api) + path, headers=headers, trust_env=False, **body)
    assert answer.is_success, answer.text
    return answer.json()


def _token(sandbox: Sandbox) -> str:
    account = next(iter(sandbox.apis["mirrago"].accounts.values()))
    asked = {
        "client_id": account.client_id,
        "client_secret": account.client_secret,
        "grant_type": "client_credentials",
    }
    return str(_json(sandbox, "mirrago", "POST", "/oauth/token", json=asked)["access_token"])


def _created(sandbox: Sandbox, api: str, token: str) -> str:
    image = {"image": ("a.png", PNG, "image/png")}
    settings = {"quality": "hd", "sequence": "auto", "fps": "30", "hand_style": "1"}
    pictures = {"target_image": "https://a.example/a.png", "garment_image": "https://a.example/b.png"}
    asked: dict[str, tuple[str, dict[str, Any]]] = {
        "vidgen": ("/api/jobs", {"files": {**image, "audio": ("a.wav", WAV, "audio/wav")}}),
        "miragic": ("/api/v1/speed-painting/create", {"files": image, "data": settings}),
        "mirrago": ("/v1/mirrago/generate-image", {"json": pictures}),
        "miraflow": ("/api/image/generate", {"json": {"prompt": "a", "name": "b"}}),
    }
    path, body = asked[api]
    said = _json(sandbox, api, "POST", path, token, **body)
    found = said.get("jobId") or said.get("job_id") or said["data"]["jobId"]
    return str(found)


def _views(sandbox: Sandbox, world: World) -> dict[str, Any]:
    """Every job as its API shows it."""
    return {api: _json(sandbox, api, "GET", path.format(world.ids[api]), world.token) for api, path in SHOWN.items()}


def _content(answer: bytes) -> tuple[dict[bytes, bytes], bytes]:
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = [line.partition(b": ") for line in head.split(b"\r\n")[1:]]
    return {name.lower(): value for name, _, value in lines}, body


def _api_of(sent: bytes) -> str | None:
    path = sent.split(b" ", 2)[1]
    found = path.split(b"/")[2:3] if path.startswith(b"/@") else []
    return found[0].decode() if found and found[0].decode("latin-1") in SHOWN else None


def _envelopes(sandbox: Sandbox, api: str, status: int) -> Iterator[tuple[str, Any]]:
    """The media types and bodies that an API has for a status, in any operation and where no operation is meant."""
    document = sandbox.apis[api].contract.document
    answers = [
        o["responses"].get(str(status)) for i in document["paths"].values() for o in i.values() if "responses" in o
    ]
    answers += [document["components"]["responses"][name] for name in UNROUTED]
    for answer in filter(None, answers):
        found = document["components"]["responses"][answer["$ref"].rsplit("/", 1)[1]] if "$ref" in answer else answer
        for kind, content in found["content"].items():
            yield kind, {**document, **content["schema"]}


def _assert_enveloped(sandbox: Sandbox, sent: bytes, answer: bytes) -> None:
    """The refusal is one of the API's own; of the server's, where no API is meant."""
    headers, body = _content(answer)
    api = _api_of(sent)
    meant = api is not None and sent.split(b" ", 2)[1].startswith(f"/@{sandbox.name}/".encode())
    if not meant:
        assert headers[b"content-type"] == b"application/problem+json"
        assert json.loads(body)["status"] == status_of(answer)
        return
    kind = headers[b"content-type"].decode()
    said = json.loads(body) if kind == "application/json" else body.decode()
    known = [schema for name, schema in _envelopes(sandbox, api or "", status_of(answer)) if name == kind]
    assert any(jsonschema_rs.is_valid(schema, said) for schema in known)


ROWS = [pytest.param(row, status, id=name) for status, rows in ENVELOPED.items() for name, row in rows.items()]


@pytest.mark.parametrize(("row", "status"), ROWS)
def test_a_hostile_request_is_refused_in_the_form_of_its_api(
    running: Running, sandbox: Sandbox, world: World, row: Row, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    sent = row(world)
    answer = ask(running.thread, sent)
    assert status_of(answer) == status, answer[:500]
    _assert_enveloped(sandbox, sent, answer)
    assert not caplog.records


@pytest.mark.parametrize("row", REFUSED_BY_THE_WIRE.values(), ids=REFUSED_BY_THE_WIRE.keys())
def test_what_the_wire_refuses_has_the_form_of_the_api_too(
    running: Running, sandbox: Sandbox, world: World, row: Row, caplog: pytest.LogCaptureFixture
) -> None:
    sent = row(world)
    answer = ask(running.thread, sent)
    assert status_of(answer) in (400, 405, 421, 431), answer[:500]
    _assert_enveloped(sandbox, sent, answer)
    assert not caplog.records


@pytest.mark.parametrize("row", FILMS.values(), ids=FILMS.keys())
def test_a_film_is_shown_to_nobody_without_its_signature(
    running: Running, world: World, row: Row, caplog: pytest.LogCaptureFixture
) -> None:
    answer = ask(running.thread, row(world))
    assert status_of(answer) in (403, 404, 405, 416), answer[:500]
    assert not caplog.records


@pytest.mark.parametrize("row", HARMLESS.values(), ids=HARMLESS.keys())
def test_what_is_odd_but_allowed_is_answered_as_ever(
    running: Running, world: World, row: Row, caplog: pytest.LogCaptureFixture
) -> None:
    assert status_of(ask(running.thread, row(world))) in (200, 206)
    assert not caplog.records


def test_an_id_with_any_byte_behind_it_is_not_found(running: Running, sandbox: Sandbox, world: World) -> None:
    for byte in range(256):
        sent = world.status(world.ids["vidgen"].encode() + b"%%%02x" % byte)
        answer = ask(running.thread, sent)
        assert status_of(answer) == 404, (byte, answer[:200])
        _assert_enveloped(sandbox, sent, answer)


def test_a_body_that_never_comes_whole_leaves_nothing_behind(running: Running, sandbox: Sandbox, world: World) -> None:
    before = on_loop(running.thread.loop, _tasks())
    for row in (*ENVELOPED[400].values(), *ENVELOPED[415].values()):
        sent = row(world)
        head, _, body = sent.partition(b"\r\n\r\n")
        if len(body) > 10:
            _send_and_leave(running.port, head + b"\r\n\r\n" + body[: len(body) // 2])
    assert not on_loop(running.thread.loop, _quiet(before))
    assert sandbox.in_flight == 0


def _send_and_leave(port: int, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
        sock.sendall(sent)


async def _quiet(before: set[Any]) -> set[Any]:
    """The tasks that are left, once connections that are about to close are closed."""
    for _ in range(6000):
        left = asyncio.all_tasks() - before - {asyncio.current_task()}
        if not left:
            break
        await asyncio.sleep(0.01)
    return left


async def _tasks() -> set[Any]:
    return asyncio.all_tasks() - {asyncio.current_task()}


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_all_of_them_cost_no_memory_leave_no_task_and_lose_nothing(
    running: Running, sandbox: Sandbox, world: World
) -> None:
    every = [row for rows in (*ENVELOPED.values(), REFUSED_BY_THE_WIRE, FILMS, HARMLESS) for row in rows.values()]
    views, tasks, stored = _views(sandbox, world), on_loop(running.thread.loop, _tasks()), _stored(sandbox)
    gc.collect()
    most = start = _resident()
    for row in every:
        answer = ask(running.thread, row(world))
        assert 200 <= status_of(answer) < 500
        most = max(most, _resident())
    assert len(every) >= 60
    assert most - start < 20 * MEGABYTE
    assert not on_loop(running.thread.loop, _quiet(tasks))
    assert _views(sandbox, world) == views
    assert _stored(sandbox) == stored
    assert sandbox.in_flight == 0


def _stored(sandbox: Sandbox) -> dict[str, int]:
    """How many jobs each API keeps."""
    return {name: len(vars(api.store)["_jobs"]) for name, api in sandbox.apis.items()}


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
