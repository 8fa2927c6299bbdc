"""What tests of the recorder share: upstreams on raw sockets over TLS, one recording before them, clients of it."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import trustme
from proxy_kit import secured, tunneled
from wire_kit import PATIENCE, read_to_end

from mockserver.recorder import Recording, recording

HOST = "api.vendor.example"
Handle = Callable[[socket.socket, bytes], None]
_TLS = b"\x16"  # what a client that speaks TLS begins with: a server that does not answers such bytes at once
GOOD = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{"ok":true}'


@cache
def authority() -> trustme.CA:
    return trustme.CA()


def ca_pem() -> str:
    return authority().cert_pem.bytes().decode()


def tls_of(*hosts: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority().issue_cert(*hosts).configure_cert(context)
    return context


class RawUpstream:
    """Takes connections, reads a head, and lets `handle` do what it likes; `heads` are what arrived."""

    def __init__(self, handle: Handle, tls: ssl.SSLContext | None) -> None:
        self._handle, self._tls = handle, tls
        self.heads: list[bytes] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._listening.accept()
                self._open.append(sock)
                threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), sock:
            sock.settimeout(PATIENCE)
            # An end that discards what arrived discards too what waits for an acknowledgement before it is sent.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
            with self._tls.wrap_socket(sock, server_side=True) if self._tls else contextlib.nullcontext(sock) as talk:
                self._open.append(talk)
                head = b""
                while b"\r\n\r\n" not in head and head[:1] != _TLS and (piece := talk.recv(4096)):
                    head += piece
                self.heads.append(head)
                self._handle(talk, head)
                if isinstance(talk, ssl.SSLSocket):
                    talk.unwrap()  # the end that TLS has: without it nobody knows whether more was to come

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)  # a thread that waits in `accept` would hold it open
        self._listening.close()
        for sock in self._open:
            with contextlib.suppress(OSError):
                sock.close()


@contextlib.contextmanager
def upstream(handle: Handle, *, host: str = HOST, is_tls: bool = True) -> Iterator[RawUpstream]:
    made = RawUpstream(handle, tls_of(host) if is_tls else None)
    try:
        yield made
    finally:
        made.close()


@contextlib.contextmanager
def recorded(handle: Handle, **settings: Any) -> Iterator[Recording]:
    """A recording of one upstream that does this."""
    with upstream(handle) as made, recorded_at(made.port, **settings) as found:
        yield found


@contextlib.contextmanager
def recorded_at(port: int, **settings: Any) -> Iterator[Recording]:
    to = f"{HOST}=127.0.0.1:{port}"
    usual = {"urls": [f"https://{HOST}"], "connect_to": [to], "ca_pem": ca_pem()}
    with recording(**{**usual, **settings}) as found:
        yield found


def got(environment: Mapping[str, str], request: bytes, host: str = HOST) -> bytes:
    """What comes back for the bytes of a request until the recorder closes."""
    with tunneled(environment, host) as sock, secured(environment, sock, host=host) as tls:
        tls.sendall(request)
        return read_to_end(tls)


def asking(target: str = "/", *lines: str, method: str = "GET", body: bytes = b"", host: str = HOST) -> bytes:
    """A request, the last of its connection."""
    length = [f"Content-Length: {len(body)}"] if body else []
    head = [f"{method} {target} HTTP/1.1", f"Host: {host}", "Connection: close", *length, *lines]
    return "\r\n".join([*head, "", ""]).encode() + body


def entries(found: Recording) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = json.loads(json.dumps(found.tape.har()))["log"]["entries"]
    return made


def text_of(entry: Mapping[str, Any]) -> str:
    return str(entry["response"]["content"]["text"])


@dataclass(frozen=True, slots=True)
class Fixed:
    """A handler that answers the same each time, after it read the body."""

    answer: bytes

    def __call__(self, sock: socket.socket, head: bytes) -> None:
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        left = int(length[1] if length else 0) - len(head.partition(b"\r\n\r\n")[2])
        while left > 0 and (piece := sock.recv(65536)):
            left -= len(piece)
        sock.sendall(self.answer)
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_WR)
            while sock.recv(65536):
                pass


def answering(body: bytes, *lines: str, status: str = "200 OK") -> Fixed:
    """A handler that answers with this body."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *lines]
    return Fixed("\r\n".join([*head, "", ""]).encode() + body)
