"""A server in the test's own process, asked through ASGI: no socket, one event loop, one JSON entrance."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import httpx

from mockserver.app import Mockserver, Settings
from mockserver.loader import load_all

OWN = "http://127.0.0.1:8000"


@lru_cache(maxsize=1)
def contracts() -> Any:
    """The shipped contracts, read once."""
    return load_all()


class Steered:
    """A server and a client of its control API."""

    def __init__(self, runner: asyncio.Runner, settings: Settings | None = None) -> None:
        self.server = Mockserver(contracts(), settings)
        self._runner = runner
        transport = httpx.ASGITransport(self.server)
        self._client = httpx.AsyncClient(transport=transport, base_url=OWN)

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request; `json` makes it a write the guard lets through."""
        return self._runner.run(self.asked(method, path, **more))

    async def asked(self, method: str, path: str, **more: Any) -> httpx.Response:
        """The same, for those who are on the loop already."""
        return await self._client.request(method, path, **more)

    def run(self, awaited: Any) -> Any:
        """Wait for something on the loop that the requests run on."""
        return self._runner.run(awaited)

    def get(self, path: str, **more: Any) -> Any:
        """The JSON of a GET that must succeed."""
        return told(self.ask("GET", path, **more), 200)

    def sandbox(self, **settings: Any) -> str:
        """The path of a new sandbox, with a manual clock unless told otherwise."""
        settings = {"clock": {"mode": "manual"}, **settings}
        return "/_mock/sandboxes/" + str(told(self.ask("POST", "/_mock/sandboxes", json=settings), 201)["name"])

    def close(self) -> None:
        self._runner.run(self._client.aclose())
        self.server.sandboxes.end()


@contextmanager
def steered(settings: Settings | None = None) -> Iterator[Steered]:
    """A server for one test or module."""
    with asyncio.Runner() as runner:
        made = Steered(runner, settings)
        yield made
        made.close()


def told(answer: httpx.Response, status: int) -> Any:
    """The JSON of an answer, after a look at its status."""
    assert answer.status_code == status, (answer.status_code, answer.text)
    return answer.json() if answer.content else None


def refused(answer: httpx.Response, status: int) -> Any:
    """A problem document of that status."""
    problem = told(answer, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"] == "about:blank"
    assert problem["status"] == status
    assert problem["title"]
    return problem


def job(control: Steered, sandbox: str, api: str = "vidgen", hook: str | None = None) -> str:
    """Submit a job that needs no file where the API allows it, else one with the smallest."""
    access = control.get(sandbox)["apis"][api]
    files = {"image": ("a.png", PNG, "image/png"), "audio": ("a.wav", WAV, "audio/wav")}
    data = {"webhookUrl": hook} if hook else None
    headers = {"x-api-key": access["api_key"]}
    answer = control.ask("POST", f"{access['url']}/api/jobs", files=files, data=data, headers=headers)
    return str(told(answer, 201)["jobId"])


PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
WAV = b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 32
