"""A job submitted in JSON is answered and entered the same, to the last byte, on the short way and the long one."""

from __future__ import annotations

import asyncio
import json
import socket
from itertools import takewhile
from typing import Any

import pytest
from api_kit import View
from miraflow_kit import PICTURE, SPEECH
from steered_kit import everywhere

from mockserver import Running
from mockserver.clock import Clock
from mockserver.sandbox import Sandbox

JSON = "Content-Type: application/json"
KEY = "X-API-Key: {key}"
IMAGE, VIDEO = "/api/image/generate", "/api/video/create"


def post(path: str, body: Any, *lines: str) -> tuple[str, bytes]:
    """A head to be filled in, and a body."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = [f"POST {{url}}{path} HTTP/1.1", "Host: a", *(lines or (JSON, KEY)), f"Content-Length: {len(raw)}", "", ""]
    return "\r\n".join(head), raw


ACCEPTED = [
    post(IMAGE, PICTURE),
    post(IMAGE, {**PICTURE, "prompt": "mock:slow"}),
    post(IMAGE, {**PICTURE, "prompt": "Bearer abcdefghijklmnop, api_key=12345678"}),
    post(IMAGE, {**PICTURE, "prompt": "Überraschung \u2028 \ud83d\ude00"}),
    post(IMAGE, b" " + json.dumps(PICTURE).encode() + b"\r\n"),
]
REFUSED_THERE = [
    post(IMAGE, PICTURE, JSON),
    post(IMAGE, PICTURE, JSON, "X-API-Key: nobody's"),
]
LONG = [
    post(VIDEO, SPEECH),
    post(IMAGE, {**PICTURE, "prompt": ""}),
    post(IMAGE, {**PICTURE, "prompt": 5}),
    post(IMAGE, b"{"),
    post(IMAGE, b"[]"),
    post(IMAGE, PICTURE, KEY),
    post(IMAGE, PICTURE, "Content-Type: text/plain", KEY),
    post(IMAGE, PICTURE, JSON, KEY, "Connection: close"),
    post(IMAGE, {**PICTURE, "prompt": "mock:unavailable"}),
    post(IMAGE, b""),
    post(VIDEO, {**SPEECH, "avatarId": "nobody"}),
]


class Both:
    """One world, entered by the short way and by the long one, each time as new."""

    def __init__(self, running: Running, make_sandbox: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.running, self.make_sandbox, self.monkeypatch = running, make_sandbox, monkeypatch
        self.short = 0

    def told(self, requests: list[tuple[str, bytes]], way: str) -> tuple[list[bytes], list[Any], Sandbox]:
        sandbox = self.make_sandbox(seed="7", clock=Clock("manual"), limits_on=False)
        sandbox.apis["miraflow"].account()
        everywhere(sandbox)  # where a sandbox is not known yet, its first request goes the long way
        app = self.running.app
        at_once = app.at_once

        def asked(*given: Any) -> bytes | None:
            found = at_once(*given) if way == "short" else None
            self.short += found is not None
            return found

        with self.monkeypatch.context() as patch:
            patch.setattr(app, "at_once", asked)
            answers = [self._sent(sandbox, head, body) for head, body in requests]
        asyncio.run_coroutine_threadsafe(ended(sandbox), self.running.thread.loop).result()
        return answers, [neutral(entry, sandbox) for entry in sandbox.journal], sandbox

    def _sent(self, sandbox: Sandbox, head: str, body: bytes) -> bytes:
        key = next(iter(sandbox.apis["miraflow"].accounts.values())).key
        with socket.create_connection(("127.0.0.1", self.running.port), timeout=10) as sock:
            sock.sendall(head.format(url=f"/@{sandbox.name}/miraflow", key=key).encode() + body)
            return answer_of(sock).replace(sandbox.name.encode(), b"")


async def ended(sandbox: Sandbox) -> None:
    """Whoever has an answer that a fault touched may be quicker than its entry."""
    while sandbox.home.in_flight:  # noqa: ASYNC110 - the state tells nobody when a request ends
        await asyncio.sleep(0)


def answer_of(sock: socket.socket) -> bytes:
    """One whole answer."""
    with sock.makefile("rb") as file:
        head = b"".join(takewhile(bytes.strip, file))
        length = next(line for line in head.splitlines() if line.startswith(b"content-length: "))
        return head + file.read(int(length.partition(b" ")[2]))


def neutral(entry: Any, sandbox: Sandbox) -> Any:
    """An entry without what differs from sandbox to sandbox, and the time it took."""
    return entry._replace(seconds=0.0, path=entry.path.replace(sandbox.name, ""))


@pytest.fixture
def both(running: Running, make_sandbox: Any, monkeypatch: pytest.MonkeyPatch) -> Both:
    return Both(running, make_sandbox, monkeypatch)


@pytest.mark.parametrize("request_", ACCEPTED + REFUSED_THERE + LONG, ids=lambda r: r[1].decode()[:60] or "empty")
def test_answers_and_entries_are_the_same(both: Both, request_: tuple[str, bytes]) -> None:
    short, long = both.told([request_], "short"), both.told([request_], "long")
    assert short[0] == long[0]
    assert short[1] == long[1]
    assert both.short == (request_ in ACCEPTED + REFUSED_THERE)


def test_a_job_made_on_either_way_goes_on_alike(both: Both) -> None:
    told = []
    for way in ("short", "long"):
        _, _, sandbox = both.told(ACCEPTED, way)
        side = sandbox.apis["miraflow"]
        jobs = [*map(side.planned, side.store._jobs.values())]
        told.append([(job.id, job.plan, job.kept, job.status(job.created + 3)) for job in jobs])
    assert told[0] == told[1]
    assert len(told[0]) == len(ACCEPTED)


def test_two_requests_in_one_piece_are_answered_in_their_order(miraflow: View, running: Running) -> None:
    def asked(prompt: str) -> bytes:
        head, body = post(IMAGE, {**PICTURE, "prompt": prompt})
        return head.format(url=f"/@{miraflow.sandbox.name}/miraflow", key=miraflow.mine.key).encode() + body

    with socket.create_connection(("127.0.0.1", running.port), timeout=10) as sock:
        sock.sendall(asked("A lighthouse"))
        sock.sendall(asked("") + asked("A kite"))
        got = b""
        while got.count(b"HTTP/1.1 ") < 3 or not got.endswith(b"}"):
            got += sock.recv(65536)
    assert [part[:3] for part in got.split(b"HTTP/1.1 ")[1:]] == [b"200", b"400", b"200"]


def test_an_answer_is_not_lost_when_the_client_stops_sending(miraflow: View, running: Running) -> None:
    head, body = post(IMAGE, PICTURE)
    whole = head.format(url=f"/@{miraflow.sandbox.name}/miraflow", key=miraflow.mine.key).encode() + body
    with socket.create_connection(("127.0.0.1", running.port), timeout=10) as sock:
        sock.sendall(whole)
        sock.shutdown(socket.SHUT_WR)
        assert answer_of(sock).startswith(b"HTTP/1.1 200 ")
