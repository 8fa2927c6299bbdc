"""Leads Python's clients into the mock: copied to a folder as `sitecustomize`, which every Python there loads first.

For libraries that look at no variable of the environment: urllib3, httpcore (under httpx, with transports of one's own,
too), aiohttp, http.client; and for certifi, whose authorities are ours too. Runs alone, in any Python from 3.9 on.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import importlib
import importlib.machinery
import importlib.util
import json
import os
import socket
import sys
from collections.abc import Callable
from typing import Any

OWN = os.path.dirname(os.path.abspath(__file__))
LOCAL = ("127.", "::ffff:127.")
ANSWER = 64 * 1024


class LedClient:
    """Where to go, as the proxy wrote it."""

    def __init__(self, said: dict[str, Any], bundle: str) -> None:
        self.port = int(said["port"])
        self.hosts = frozenset(said["hosts"])
        self.bundle = bundle
        self.connect = socket.create_connection

    def asked(self, host: Any, port: Any) -> bytes:
        """What asks the proxy for a host."""
        name = plain(host)
        at = f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
        return f"CONNECT {at} HTTP/1.1\r\nHost: {at}\r\n\r\n".encode("ascii", "replace")

    def through(self, real: Callable[..., Any], address: Any, *args: Any, **named: Any) -> Any:
        """A socket that the proxy has connected with an address. Raises ConnectionRefusedError."""
        sock = real(("127.0.0.1", self.port), *args, **named)
        try:
            sock.sendall(self.asked(*address[:2]))
            if not is_good(head_from(lambda: sock.recv(1))):
                raise ConnectionRefusedError(errno.ECONNREFUSED, sentence(rest_of(sock)))
        except BaseException:
            sock.close()
            raise
        return sock


Patch = Callable[[Any, LedClient], None]


def plain(host: Any) -> str:
    """One spelling of a host."""
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    return text.strip("[]").lower().rstrip(".")


def is_local(host: Any) -> bool:
    """Whether it is this machine."""
    name = plain(host)
    return name in ("", "localhost", "::1", "0.0.0.0", "::") or name.startswith(LOCAL) or name.endswith(".localhost")


def head_from(read: Callable[[], bytes]) -> bytes:
    """The head of the proxy's answer, of which `read` gives a byte at a time, and not a byte of what follows."""
    head = b""
    while not head.endswith(b"\r\n\r\n") and len(head) < ANSWER:
        byte = read()
        if not byte:
            break
        head += byte
    return head


def is_good(head: bytes) -> bool:
    """Whether the proxy has connected us."""
    return head.startswith((b"HTTP/1.1 200", b"HTTP/1.0 200"))


def sentence(text: bytes) -> str:
    """Why the proxy has not."""
    return text.decode("utf-8", "replace").strip() or "mockserver refused the call"


def rest_of(sock: Any) -> bytes:
    """The body of an answer that ends with the connection."""
    text = b""
    while len(text) < ANSWER:
        piece = sock.recv(4096)
        if not piece:
            break
        text += piece
    return text


# --- libraries


def patch_socket(way: LedClient) -> None:
    """Whatever connects by name to a mocked host; other protocols than HTTP are not refused."""
    real = way.connect

    @functools.wraps(real)
    def create_connection(address: Any, *args: Any, **named: Any) -> Any:
        if plain(address[0]) in way.hosts:
            return way.through(real, address, *args, **named)
        return real(address, *args, **named)

    socket.create_connection = create_connection


def patch_http_client(client: Any, way: LedClient) -> None:
    """The standard library's, where no proxy is named."""
    real = client.HTTPConnection.connect

    def connect(self: Any) -> None:
        if not is_local(self.host):
            self._create_connection = functools.partial(way.through, way.connect)
        real(self)

    client.HTTPConnection.connect = connect


def patch_urllib3(connection: Any, way: LedClient) -> None:
    """Of all connections of urllib3, and so of requests."""
    real = connection.create_connection

    @functools.wraps(real)
    def create_connection(address: Any, *args: Any, **named: Any) -> Any:
        return real(address, *args, **named) if is_local(address[0]) else way.through(real, address, *args, **named)

    connection.create_connection = create_connection


def patch_httpcore(httpcore: Any, way: LedClient) -> None:
    """Below httpx's clients and transports, sync and async."""
    real = httpcore.SyncBackend.connect_tcp

    def connect_tcp(self: Any, host: Any, port: Any, timeout: Any = None, *args: Any, **named: Any) -> Any:
        if is_local(host):
            return real(self, host, port, timeout, *args, **named)
        stream = real(self, "127.0.0.1", way.port, timeout, *args, **named)
        try:
            stream.write(way.asked(host, port), timeout)
            if not is_good(head_from(lambda: stream.read(1, timeout))):
                raise httpcore.ConnectError(sentence(stream.read(ANSWER, timeout)))
        except BaseException:
            stream.close()
            raise
        return stream

    httpcore.SyncBackend.connect_tcp = connect_tcp
    for name in ("AnyIOBackend", "TrioBackend"):
        backend = getattr(httpcore, name, None)
        if hasattr(backend, "connect_tcp"):
            _patch_async_backend(httpcore, backend, way)


def _patch_async_backend(httpcore: Any, backend: Any, way: LedClient) -> None:
    real = backend.connect_tcp

    async def connect_tcp(self: Any, host: Any, port: Any, timeout: Any = None, *args: Any, **named: Any) -> Any:  # noqa: ASYNC109
        if is_local(host):
            return await real(self, host, port, timeout, *args, **named)
        stream = await real(self, "127.0.0.1", way.port, timeout, *args, **named)
        try:
            await stream.write(way.asked(host, port), timeout)
            head = b""
            while not head.endswith(b"\r\n\r\n") and len(head) < ANSWER:
                byte = await stream.read(1, timeout)
                if not byte:
                    break
                head += byte
            if not is_good(head):
                raise httpcore.ConnectError(sentence(await stream.read(ANSWER, timeout)))
        except BaseException:
            await stream.aclose()
            raise
        return stream

    backend.connect_tcp = connect_tcp


def patch_aiohttp(aiohttp: Any, way: LedClient) -> None:
    """Its sessions look at the variables of the environment."""
    real = aiohttp.ClientSession.__init__

    @functools.wraps(real)
    def init(self: Any, *args: Any, **named: Any) -> None:
        named["trust_env"] = True
        real(self, *args, **named)

    aiohttp.ClientSession.__init__ = init


def patch_certifi(certifi: Any, way: LedClient) -> None:
    """The authorities that many libraries bring along are those of this run."""

    def where() -> str:
        return way.bundle

    def contents() -> str:
        with open(way.bundle, encoding="ascii", errors="replace") as file:
            return file.read()

    certifi.where, certifi.contents = where, contents


def patched(module: Any, patch: Patch, way: LedClient) -> None:
    """Patch a module; one of another shape, of a version that we do not know, is left as it is."""
    with contextlib.suppress(AttributeError):
        patch(module, way)


PATCHES: dict[str, Patch] = {
    "http.client": patch_http_client,
    "urllib3.util.connection": patch_urllib3,
    "httpcore": patch_httpcore,
    "httpcore2": patch_httpcore,
    "aiohttp": patch_aiohttp,
    "certifi": patch_certifi,
}


class Finder:
    """Finds nothing itself: patches a module after it was loaded by whoever finds it."""

    def __init__(self, way: LedClient, patches: dict[str, Patch]) -> None:
        self._way = way
        self._waiting = dict(patches)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any | None:
        """As every finder has it."""
        patch = self._waiting.pop(name, None)
        if patch is None:
            return None
        spec = importlib.util.find_spec(name)
        if spec is not None and hasattr(spec.loader, "exec_module"):
            self._listen(name, spec.loader, patch)
        return spec

    def _listen(self, name: str, loader: Any, patch: Patch) -> None:
        execute = loader.exec_module

        def exec_module(module: Any) -> None:
            execute(module)
            if module.__name__ == name:  # a loader may load others as well
                patched(module, patch, self._way)

        loader.exec_module = exec_module


def begin() -> None:
    """Read where to go, patch what is loaded and what will be, and load the `sitecustomize` that we stand before."""
    folder = os.path.dirname(OWN)
    try:
        with open(os.path.join(folder, "way.json"), encoding="utf-8") as file:
            said = json.load(file)
            way = LedClient(said, os.path.join(folder, "ca-bundle.pem"))
    except (OSError, ValueError):
        return  # the run is over; what it left running is on its own
    patch_socket(way)
    patches = {**PATCHES, **_of_time(said)}
    for name, patch in patches.items():
        if name in sys.modules:
            patched(sys.modules[name], patch, way)
    sys.meta_path.insert(0, Finder(way, patches))
    _load_the_other()


def _of_time(said: dict[str, Any]) -> dict[str, Patch]:
    """What lets time go faster, where it shall."""
    if said["rate"] == 1:
        return {}
    module = importlib.import_module("mockserver_time")
    with contextlib.suppress(OSError), open(os.path.join(os.path.dirname(OWN), "timed"), "w", encoding="ascii"):
        pass  # whoever runs this looks for it
    passing = module.Time(said["rate"], said["grace"] / 1000)
    return {name: _with(patch, passing) for name, patch in module.PATCHES.items()}


def _with(patch: Callable[[Any, Any], None], passing: Any) -> Patch:
    return lambda found, _way: patch(found, passing)


def _load_the_other() -> None:
    others: list[str] = [each for each in sys.path if os.path.abspath(each) != OWN]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


if __name__ == "sitecustomize":
    begin()
