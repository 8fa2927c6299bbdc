"""What the tests of faults share: three real clients behind one face, and a job to ask for."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import ssl
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import requests

from mockserver.api_state import SandboxApi
from mockserver.sandbox import Sandbox
from mockserver.store import AccountRecord

SAMPLES = Path(__file__).parent.parent / "mockserver" / "samples"
PATIENCE = 60.0
Files = Mapping[str, tuple[str, bytes, str]]


@dataclass(frozen=True)
class Got:
    """A whole answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def video_files(image: str = "portrait.png", audio: str = "voice.mp3") -> Files:
    """What a job of the lip-sync API is made from; the names are those sent."""
    return {
        "image": (image, (SAMPLES / "portrait.png").read_bytes(), "image/png"),
        "audio": (audio, (SAMPLES / "voice.mp3").read_bytes(), "audio/mpeg"),
    }


def _hooked(url: str | None) -> dict[str, str] | None:
    return None if url is None else {"webhookUrl": url}


class Httpx:
    """httpx with one connection kept."""

    def __init__(self, headers: Mapping[str, str], seconds: float, trust: ssl.SSLContext | None = None) -> None:
        self._client = httpx.Client(
            headers=headers, timeout=seconds, verify=trust or True, trust_env=False, follow_redirects=True
        )

    def ask(
        self, method: str, url: str, files: Files | None = None, *, parse: bool = False, hook: str | None = None,
        **more: Any,
    ) -> Got:  # fmt: skip
        got = self._client.request(method, url, files=files, data=_hooked(hook), **more)
        if parse:
            got.json()
        return Got(got.status_code, got.headers, got.content)

    def close(self) -> None:
        self._client.close()


class _Trusting(requests.adapters.HTTPAdapter):
    def __init__(self, trust: ssl.SSLContext) -> None:
        self._trust = trust
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._trust, **kwargs)


class Requests:
    """requests with one connection kept."""

    def __init__(self, headers: Mapping[str, str], seconds: float, trust: ssl.SSLContext | None = None) -> None:
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers.update(headers)
        self._seconds = seconds
        if trust is not None:
            self._session.mount("https://", _Trusting(trust))

    def ask(
        self, method: str, url: str, files: Files | None = None, *, parse: bool = False, hook: str | None = None,
        **more: Any,
    ) -> Got:  # fmt: skip
        got = self._session.request(method, url, files=files, data=_hooked(hook), timeout=self._seconds, **more)
        if parse:
            got.json()
        return Got(got.status_code, got.headers, got.content)

    def close(self) -> None:
        self._session.close()


class Aiohttp:
    """aiohttp with one connection kept, in a loop of its own."""

    def __init__(self, headers: Mapping[str, str], seconds: float, trust: ssl.SSLContext | None = None) -> None:
        self._runner = asyncio.Runner()
        self._trust = trust
        self._session = self._runner.run(self._open(headers, seconds))

    async def _open(self, headers: Mapping[str, str], seconds: float) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(sock_read=seconds))

    def ask(
        self, method: str, url: str, files: Files | None = None, *, parse: bool = False, hook: str | None = None,
        **more: Any,
    ) -> Got:  # fmt: skip
        form = aiohttp.FormData(_hooked(hook) or (), quote_fields=False) if files else None
        return self._runner.run(self._ask(method, url, form, files, parse, more))

    async def _ask(
        self, method: str, url: str, form: aiohttp.FormData | None, files: Files | None, parse: bool,
        more: dict[str, Any],
    ) -> Got:  # fmt: skip
        for name, (filename, data, kind) in (files or {}).items():
            form.add_field(name, data, filename=filename, content_type=kind)
        options = {"ssl": self._trust} if self._trust else {}
        async with self._session.request(method, url, data=form, **options, **more) as got:
            body = await got.read()
            if parse:
                await got.json()
            return Got(got.status, got.headers, body)

    def close(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # its own sockets, which it leaves to the collector
            self._runner.run(self._session.close())
            self._runner.close()
            gc.collect()


CLIENTS: dict[str, Callable[..., Any]] = {"httpx": Httpx, "requests": Requests, "aiohttp": Aiohttp}


def outcome(client: Any, method: str, url: str, files: Files | None = None) -> object:
    """The status of a readable JSON answer, else the name of what was raised."""
    try:
        return client.ask(method, url, files, parse=True).status
    except (httpx.HTTPError, requests.RequestException, aiohttp.ClientError, ValueError, TimeoutError) as error:
        return type(error).__name__


@dataclass
class Caller:
    """A client and its account in one API of a sandbox."""

    sandbox: Sandbox
    name: str
    client: Any
    jobs: list[str] = field(default_factory=list)

    @property
    def api(self) -> SandboxApi:
        return self.sandbox.apis[self.name]

    def url(self, path: str) -> str:
        return self.sandbox.url(self.name) + path

    def get(self, path: str) -> Got:
        return self.client.ask("GET", self.url(path))

    def create(self, files: Files | None = None, **more: Any) -> Got:
        """Create a job of the lip-sync API."""
        return self.client.ask("POST", self.url("/api/jobs"), files or video_files(), **more)

    def job(self) -> str:
        """The id of a new job."""
        return str(self.create().json()["jobId"])

    def status(self, job: str) -> Any:
        got = self.get(f"/api/status/{job}")
        return got.json()


@contextlib.contextmanager
def calling(
    make_sandbox: Callable[..., Sandbox],
    api: str = "vidgen",
    client: Callable[[Mapping[str, str], float], Any] = Httpx,
    patience: float = PATIENCE,
    **options: Any,
) -> Iterator[Caller]:
    """A client with a key of its own in a sandbox without limits."""
    sandbox = make_sandbox(limits_on=False, **options)
    made = client({"X-API-Key": account_of(sandbox, api).key}, patience)
    yield Caller(sandbox, api, made)
    made.close()


def on_loop(loop: asyncio.AbstractEventLoop, coroutine: Any) -> Any:
    """Run a coroutine on the server's own loop and wait for it."""
    return asyncio.run_coroutine_threadsafe(coroutine, loop).result(PATIENCE)


def quiet(loop: asyncio.AbstractEventLoop, sandbox: Sandbox, requests: int = 0) -> None:
    """Return when so many requests are under way: the server learns of a client's coming and leaving a little later."""

    async def wait() -> None:
        async with asyncio.timeout(PATIENCE):
            while (await sandbox.state.activity()).in_flight != requests:  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.002)

    asyncio.run_coroutine_threadsafe(wait(), loop).result(PATIENCE)


def account_of(sandbox: Sandbox, api: str) -> AccountRecord:
    return next(iter(sandbox.apis[api].accounts.values()))


CUT_ERRORS = (httpx.RemoteProtocolError, requests.exceptions.ChunkedEncodingError, aiohttp.ClientPayloadError)
