"""Files as curl, httpx, requests, aiohttp, Node's fetch and axios send them, on all uploads of all APIs."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest
import requests
from entrances_kit import CONTRACTS, Entrance, Visitor, entrances, family, fields_of
from kinds_kit import SAMPLES

NODE = Path(__file__).parent / "node"
BY_NAME = {contract.name: contract for contract in CONTRACTS}
FORMS = list({(each.api, each.operation): each for each in entrances() if each.part}.values())
GOOD = {"image": ("portrait.jpg", "image/jpeg"), "audio": ("voice.mp3", "audio/mpeg")}
TIMEOUT = 60


@dataclass
class Sent:
    """A form to be sent: fields, and by part the path of a file, its name (None: a text) and type ("": undeclared)."""

    url: str
    headers: Mapping[str, str]
    fields: Mapping[str, str]
    files: dict[str, tuple[Path, str | None, str]] = field(default_factory=dict)


Status = int


def by_curl(sent: Sent) -> Status:
    command = ["curl", "-sS", "--noproxy", "*", "-o", "/dev/null", "-w", "%{http_code}", sent.url]
    for name, value in sent.headers.items():
        command += ["-H", f"{name}: {value}"]
    for name, value in sent.fields.items():
        command += ["--form-string", f"{name}={value}"]
    for part, (path, name, kind) in sent.files.items():
        more = (f";type={kind}" if kind else "") + (f";filename={name}" if name else "")
        command += ["-F", f"{part}={'<' if name is None else '@'}{path}{more if name is not None else ''}"]
    return int(subprocess.run(command, capture_output=True, check=True, timeout=TIMEOUT).stdout)


def _tuples(sent: Sent) -> dict[str, Any]:
    return {
        part: (name, path.read_bytes(), kind) if kind else (name, path.read_bytes())
        for part, (path, name, kind) in sent.files.items()
    }


def by_httpx(sent: Sent) -> Status:
    with httpx.Client(trust_env=False, timeout=TIMEOUT) as client:
        return client.post(sent.url, headers=sent.headers, data=dict(sent.fields), files=_tuples(sent)).status_code


def by_requests(sent: Sent) -> Status:
    with requests.Session() as session:
        session.trust_env = False
        answer = session.post(sent.url, headers=sent.headers, data=sent.fields, files=_tuples(sent), timeout=TIMEOUT)
        return answer.status_code


def by_aiohttp(sent: Sent) -> Status:
    async def post() -> Status:
        form = aiohttp.FormData(dict(sent.fields), default_to_multipart=True)
        for part, (path, name, kind) in sent.files.items():
            if name is None:
                form.add_field(part, path.read_bytes().decode("latin-1"))
            else:
                form.add_field(part, path.read_bytes(), filename=name, content_type=kind or None)
        async with aiohttp.ClientSession(headers=sent.headers) as session, session.post(sent.url, data=form) as answer:
            return answer.status

    return asyncio.run(post())


def _by_node(client: str) -> Callable[[Sent], Status]:
    def send(sent: Sent) -> Status:
        files = [
            {"part": part, "name": name, "type": kind, "path": str(path)}
            for part, (path, name, kind) in sent.files.items()
        ]
        said = {"url": sent.url, "headers": {**sent.headers}, "fields": {**sent.fields}, "files": files}
        return node(client, said)

    return send


def node(client: str, said: Mapping[str, Any]) -> Status:
    """What a client of Node was answered."""
    command = ["node", "send.mjs", client, json.dumps(said)]
    done = subprocess.run(command, cwd=NODE, capture_output=True, check=False, timeout=TIMEOUT)
    assert done.returncode == 0, done.stderr.decode()
    return int(done.stdout)


needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node is missing (apt-get install nodejs)")
needs_axios = pytest.mark.skipif(
    not (NODE / "node_modules" / "axios").exists(),
    reason="axios is missing: make test, or npm ci in tests/files/node",
)
CLIENTS = [
    pytest.param(by_curl, id="curl"),
    pytest.param(by_httpx, id="httpx"),
    pytest.param(by_requests, id="requests"),
    pytest.param(by_aiohttp, id="aiohttp"),
    pytest.param(_by_node("fetch"), id="fetch", marks=[needs_node, pytest.mark.slow]),
    pytest.param(_by_node("axios"), id="axios", marks=[needs_node, needs_axios, pytest.mark.slow]),
]
Send = Callable[[Sent], Status]
Visit = Callable[..., Visitor]


def prepared(visitor: Visitor, entrance: Entrance) -> Sent:
    """The example's form with good files, sent by nobody yet."""
    contract = BY_NAME[entrance.api]
    operation = contract.operations[entrance.operation]
    fields, parts = fields_of(contract, entrance)
    headers = {n: v for n, v in visitor.http.headers.items() if n in ("x-api-key", "authorization")}
    sent = Sent(f"{visitor.http.base_url}{operation.path.lstrip('/')}", headers, fields)
    for part in parts:
        name, kind = GOOD[family(contract, Entrance(entrance.api, entrance.operation, part))]
        sent.files[part] = (SAMPLES / name, name, kind)
    return sent


@pytest.mark.parametrize("send", CLIENTS)
@pytest.mark.parametrize("entrance", FORMS, ids=str)
def test_every_client_uploads_files_to_every_operation(
    visit: Visit, entrance: Entrance, send: Send, tmp_path: Path
) -> None:
    visitor = visit(entrance.api)
    sent = prepared(visitor, entrance)
    path, name, kind = sent.files[entrance.part]
    empty = tmp_path / "empty"
    empty.touch()

    def answered(path: Path, name: str | None, kind: str) -> Status:
        sent.files[entrance.part] = (path, name, kind)
        status = send(sent)
        visitor.side.sandbox.clock.advance(15)
        return status

    assert answered(path, name, kind) in (200, 201)
    assert answered(path, name, "") in (200, 201)  # as the client declares it by itself
    assert answered(path, name, "application/octet-stream") in (200, 201)
    assert answered(empty, name, kind) == 400
    assert answered(SAMPLES / "portrait.png", None, "") == 400
    wrong = answered(SAMPLES / "portrait.png", "a.txt", "text/plain")
    assert 400 <= wrong < 500
    reasons = [entry.why for entry in visitor.journal if entry.status == 400]
    assert reasons[0] == f"{entrance.part} is required: the file that was sent is empty"
    assert reasons[1].startswith(f"{entrance.part} is required")


def put_by_curl(url: str, kind: str, path: Path) -> Status:
    more = ["-H", f"Content-Type: {kind}", "-T", str(path)]
    command = ["curl", "-sS", "--noproxy", "*", "-o", "/dev/null", "-w", "%{http_code}", *more, url]
    return int(subprocess.run(command, capture_output=True, check=True, timeout=TIMEOUT).stdout)


def put_by_httpx(url: str, kind: str, path: Path) -> Status:
    with httpx.Client(trust_env=False, timeout=TIMEOUT) as client:
        return client.put(url, content=path.read_bytes(), headers={"Content-Type": kind}).status_code


def put_by_requests(url: str, kind: str, path: Path) -> Status:
    with requests.Session() as session, path.open("rb") as file:
        session.trust_env = False
        return session.put(url, data=file, headers={"Content-Type": kind}, timeout=TIMEOUT).status_code


def put_by_aiohttp(url: str, kind: str, path: Path) -> Status:
    data, headers = path.read_bytes(), {"Content-Type": kind}

    async def put() -> Status:
        async with aiohttp.ClientSession() as session, session.put(url, data=data, headers=headers) as answer:
            return answer.status

    return asyncio.run(put())


def _put_by_node(client: str) -> Callable[[str, str, Path], Status]:
    return lambda url, kind, path: node(client, {"put": {"url": url, "type": kind, "path": str(path)}})


PUTTERS = [
    pytest.param(put_by_curl, id="curl"),
    pytest.param(put_by_httpx, id="httpx"),
    pytest.param(put_by_requests, id="requests"),
    pytest.param(put_by_aiohttp, id="aiohttp"),
    pytest.param(_put_by_node("fetch"), id="fetch", marks=needs_node),
    pytest.param(_put_by_node("axios"), id="axios", marks=[needs_node, needs_axios]),
]


@pytest.mark.parametrize("put", PUTTERS)
def test_every_client_puts_bytes_to_a_signed_address(
    visit: Visit, put: Callable[[str, str, Path], Status], tmp_path: Path
) -> None:
    visitor, path, empty = visit("miraflow"), SAMPLES / "portrait.png", tmp_path / "empty"
    empty.touch()
    said = {"fileName": "a.png", "contentType": "image/png", "fileSize": path.stat().st_size}
    begun = visitor.ask("POST", "/api/media/initialize", json=said).json()
    finalize = {"json": {"mediaId": begun["mediaId"]}}
    assert put(begun["uploadUrl"], "image/png", empty) == 200
    assert visitor.ask("POST", "/api/media/finalize", **finalize).status_code == 400
    assert put(begun["uploadUrl"], "image/png", path) == 200
    assert visitor.ask("POST", "/api/media/finalize", **finalize).status_code == 200
