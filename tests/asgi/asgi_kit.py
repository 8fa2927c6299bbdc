"""The application that `create` gives, under whatever a user may put in front of it; each answers `ask` alike."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

import httpx
import uvicorn
from api_kit import sample
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

Ask = Callable[..., Any]
KEY = {"x-api-key": "demo-key"}
PREFIX = "/mock"
FILES = {
    "image": ("a.png", sample("portrait.png"), "image/png"),
    "audio": ("a.mp3", sample("voice.mp3"), "audio/mpeg"),
}


class Front(Protocol):
    """Asks the application; `base` is what absolute URLs begin with."""

    base: str

    def __call__(self, method: str, path: str, **more: Any) -> Any: ...


class _Front:
    """Paths are below `base`; URLs are asked for as they are."""

    def __init__(self, base: str, request: Ask) -> None:
        self.base = base
        self._request = request

    def __call__(self, method: str, path: str, **more: Any) -> Any:
        return self._request(method, path if "://" in path else self.base + path, **more)


@contextmanager
def client(app: Any, prefix: str = "") -> Iterator[Front]:
    """Starlette's TestClient: no lifespan, a loop for each request."""
    yield _Front("http://testserver" + prefix, TestClient(app).request)


@contextmanager
def client_with_lifespan(app: Any, prefix: str = "") -> Iterator[Front]:
    """Starlette's TestClient as a context manager: lifespan, one loop for all requests."""
    with TestClient(app) as started:
        yield _Front("http://testserver" + prefix, started.request)


@contextmanager
def transport(app: Any, prefix: str = "") -> Iterator[Front]:
    """httpx.ASGITransport, which knows no lifespan."""
    with asyncio.Runner() as runner:
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app))
        yield _Front("https://mocks.test" + prefix, lambda *args, **more: runner.run(client.request(*args, **more)))
        runner.run(client.aclose())


@contextmanager
def plain_uvicorn(app: Any, prefix: str = "", *, dates: bool = False) -> Iterator[Front]:
    """uvicorn as anybody starts it, on a socket; it need not date what is answered."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()  # who connects before the server runs waits for it
        config = uvicorn.Config(app, log_config=None, date_header=dates)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]})
        thread.start()
        url = f"http://127.0.0.1:{sock.getsockname()[1]}"
        try:
            with httpx.Client(trust_env=False, timeout=60) as client:
                yield _Front(url + prefix, client.request)
        finally:
            server.should_exit = True
            thread.join()


Start = Callable[..., AbstractContextManager[Front]]
FRONTS: dict[str, Start] = {
    "TestClient": client,
    "TestClient with lifespan": client_with_lifespan,
    "ASGITransport": transport,
    "uvicorn": plain_uvicorn,
}


def mounted(app: Any) -> Starlette:
    """A bare application that has ours below a prefix, and nothing of its own."""
    return Starlette(routes=[Mount(PREFIX, app)])


def submit(ask: Front, **fields: str) -> str:
    """A new job of the lip-sync API in the sandbox `default`."""
    answer = ask("POST", "/vidgen/api/jobs", headers=KEY, files=FILES, data=fields)
    assert answer.status_code == 201, answer.text
    job: str = answer.json()["jobId"]
    return job


def upload(ask: Front, data: bytes = b"123456789") -> str:
    """The URL of an upload, whose bytes were put there."""
    announced = {"fileName": "a b.png", "contentType": "image/png", "fileSize": len(data)}
    begun = ask("POST", "/miraflow/api/media/initialize", headers=KEY, json=announced).json()
    assert ask("PUT", begun["uploadUrl"], content=data, headers={"content-type": "image/png"}).status_code == 200
    done = ask("POST", "/miraflow/api/media/finalize", headers=KEY, json={"mediaId": begun["mediaId"]})
    assert done.json() == {"success": True}
    url: str = begun["uploadUrl"]
    return url


def status(ask: Front, job: str) -> Any:
    """How a job stands."""
    answer = ask("GET", f"/vidgen/api/status/{job}", headers=KEY)
    assert answer.status_code == 200, answer.text
    return answer.json()


def control(ask: Front, method: str, path: str, **more: Any) -> Any:
    """The JSON of a control request about the sandbox `default` that must succeed."""
    answer = ask(method, f"/_mock/sandboxes/default/{path}".rstrip("/"), **more)
    assert answer.status_code in (200, 201), answer.text
    return answer.json()
