"""A small server that says what it was sent, and one way to call it with each client."""

from __future__ import annotations

import asyncio
import http.cookiejar
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import aiohttp
import httpx
import httpx2
import requests
import urllib3

HOST = "api.vendor.example"
PREFIX = "/@s-abc/api"


class Handler(BaseHTTPRequestHandler):
    """Echoes; `/redirect…` answers 302 to the `to` of the query, `/cookie` sets one."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        body = self._body()
        path = self.path.removeprefix("/@s-abc/api")
        seen = {"method": self.command, "path": self.path, "headers": self.headers.items(), "body": body.decode()}
        self.server.seen.append(seen)
        self.server.clients.add(self.client_address)
        answer = json.dumps(seen).encode()
        self.send_response(302 if path.startswith("/redirect?to=") else 200)
        if path.startswith("/redirect?to="):
            self.send_header("Location", path.partition("=")[2])
        if path == "/cookie":
            self.send_header("Set-Cookie", "taste=sweet; Path=/")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    do_POST = do_PUT = do_DELETE = do_HEAD = do_GET

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def log_message(self, *args: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    seen: list[dict[str, Any]]
    clients: set[tuple[str, int]]

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def serving() -> Iterator[Server]:
    """The server, on a free loopback port."""
    with Server(("127.0.0.1", 0), Handler) as server:
        server.seen, server.clients = [], set()
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@dataclass
class Seen:
    """What a client made of an answer."""

    status: int
    url: str
    body: dict[str, Any]
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.body["headers"]}


class Caller:
    """One client library: its own connect error and time-out error, and sessions that outlive a call."""

    name = ""
    connect_error: type[Exception]
    timeout_error: type[Exception]
    asks_as = ""

    def many(self, *urls: str, method: str = "GET", timeout: float | None = 5, **options: Any) -> list[Seen]:
        """Call some URLs one after the other with one session."""
        raise NotImplementedError

    def one(self, url: str, **options: Any) -> Seen:
        return self.many(url, **options)[0]


class Httpx(Caller):
    def __init__(self, library: Any) -> None:
        self.library = library
        self.name = self.asks_as = library.__name__
        self.connect_error = library.ConnectError
        self.timeout_error = library.ReadTimeout

    def many(self, *urls: str, method: str = "GET", timeout: float | None = 5, **options: Any) -> list[Seen]:
        with self.library.Client(timeout=timeout, follow_redirects=True) as client:
            return [self._seen(client, client.request(method, url, **options)) for url in urls]

    def _seen(self, client: Any, answer: Any) -> Seen:
        assert answer.request.url == answer.url
        return Seen(answer.status_code, str(answer.url), answer.json(), dict(client.cookies))


class AsyncHttpx(Httpx):
    def __init__(self, library: Any) -> None:
        super().__init__(library)
        self.name = f"{library.__name__}-async"

    def many(self, *urls: str, method: str = "GET", timeout: float | None = 5, **options: Any) -> list[Seen]:
        return asyncio.run(self._many(urls, method, timeout, options))

    async def _many(self, urls: Any, method: str, timeout: Any, options: Any) -> list[Seen]:  # noqa: ASYNC109
        async with self.library.AsyncClient(timeout=timeout, follow_redirects=True) as client:
            return [self._seen(client, await client.request(method, url, **options)) for url in urls]


class Requests(Caller):
    name, asks_as = "requests", "urllib3"
    connect_error, timeout_error = requests.ConnectionError, requests.ReadTimeout

    def many(self, *urls: str, method: str = "GET", timeout: float | None = 5, **options: Any) -> list[Seen]:
        if "content" in options:
            options["data"] = options.pop("content")
        with requests.Session() as session:
            answers = [session.request(method, url, timeout=timeout, **options) for url in urls]
            cookies = session.cookies.get_dict()
        return [Seen(answer.status_code, answer.url, answer.json(), cookies) for answer in answers]


class Urllib3(Caller):
    name = asks_as = "urllib3"
    connect_error, timeout_error = urllib3.exceptions.MaxRetryError, urllib3.exceptions.MaxRetryError

    def many(self, *urls: str, method: str = "GET", timeout: float | None = 5, **options: Any) -> list[Seen]:
        if "content" in options:
            options["body"] = options.pop("content")
        with urllib3.PoolManager(timeout=urllib3.Timeout(total=timeout)) as pool:
            answers = [pool.request(method, url, **options) for url in urls]
        return [Seen(answer.status, answer.url or "", answer.json()) for answer in answers]


class Aiohttp(Caller):
    name = asks_as = "aiohttp"
    connect_error, timeout_error = aiohttp.ClientConnectorError, aiohttp.SocketTimeoutError

    def many(self, *urls: str, method: str = "GET", timeout: float | None = 5, **options: Any) -> list[Seen]:
        if "content" in options:
            options["data"] = options.pop("content")
        return asyncio.run(self._many(urls, method, timeout, options))

    async def _many(self, urls: Any, method: str, timeout: Any, options: Any) -> list[Seen]:  # noqa: ASYNC109
        limits = aiohttp.ClientTimeout(total=None, sock_read=timeout)
        async with aiohttp.ClientSession(timeout=limits) as session:
            return [await self._seen(session, method, url, options) for url in urls]

    async def _seen(self, session: Any, method: str, url: str, options: Any) -> Seen:
        async with session.request(method, url, **options) as answer:
            cookies = {cookie.key: cookie.value for cookie in session.cookie_jar}
            return Seen(answer.status, str(answer.url), await answer.json(content_type=None), cookies)


class StandardLibrary(Caller):
    name, asks_as = "urllib", "http.client"
    connect_error, timeout_error = urllib.error.URLError, TimeoutError

    def many(self, *urls: str, method: str = "GET", timeout: float | None = 5, **options: Any) -> list[Seen]:
        self._cookies = http.cookiejar.CookieJar()
        processor = urllib.request.HTTPCookieProcessor(self._cookies)
        opener = urllib.request.build_opener(processor)
        return [self._one(opener, url, method, timeout, **options) for url in urls]

    def _one(self, opener: Any, url: str, method: str, timeout: Any, content: Any = None, headers: Any = ()) -> Seen:
        asked = urllib.request.Request(url, content, dict(headers), method=method)
        with opener.open(asked, timeout=timeout) as answer:
            cookies = {cookie.name: cookie.value or "" for cookie in self._cookies}
            return Seen(answer.status, answer.url, json.loads(answer.read() or b"{}"), cookies)


CALLERS = [
    Httpx(httpx),
    AsyncHttpx(httpx),
    Httpx(httpx2),
    AsyncHttpx(httpx2),
    Requests(),
    Urllib3(),
    Aiohttp(),
    StandardLibrary(),
]
