"""What tests of the proxy share: one proxy before one server, clients on raw sockets, programs in its environment."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from wire_kit import PATIENCE, read_to_end

from mockserver.proxy import Environment

HOST = "api.acme.example"
REFUSED = "elsewhere.example"
HEALTH = b"GET /api/health HTTP/1.1\r\nHost: api.acme.example\r\nConnection: close\r\n\r\n"


def port_of(environment: Mapping[str, str]) -> int:
    return int(environment["HTTPS_PROXY"].rpartition(":")[2])


def way_of(environment: Environment) -> dict[str, Any]:
    """What programs with a client of ours are told."""
    said: dict[str, Any] = json.loads((Path(environment["SSL_CERT_FILE"]).parent / "way.json").read_text())
    return said


@contextlib.contextmanager
def dialed(environment: Mapping[str, str], port: int = 0) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port or port_of(environment)), timeout=PATIENCE) as sock:
        yield sock


def asked(environment: Mapping[str, str], *pieces: bytes, port: int = 0) -> bytes:
    """What comes back for these bytes until the proxy closes."""
    with dialed(environment, port) as sock:
        with contextlib.suppress(ConnectionError):
            for piece in pieces:
                sock.sendall(piece)
        return read_to_end(sock)


def connect(host: str, port: int = 443) -> bytes:
    return f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode()


def head_from(sock: socket.socket) -> bytes:
    """An answer's head, and not a byte of what follows."""
    head = b""
    while not head.endswith(b"\r\n\r\n") and (byte := sock.recv(1)):
        head += byte
    return head


@contextlib.contextmanager
def tunneled(environment: Mapping[str, str], host: str = HOST, port: int = 443) -> Iterator[socket.socket]:
    """A connection through the proxy."""
    with dialed(environment) as sock:
        sock.sendall(connect(host, port))
        assert head_from(sock).startswith(b"HTTP/1.1 200 ")
        yield sock


@contextlib.contextmanager
def secured(
    environment: Mapping[str, str], sock: socket.socket, alpn: Sequence[str] = (), host: str = HOST
) -> Iterator[ssl.SSLSocket]:
    """TLS on it, by the authorities that the environment names."""
    context = ssl.create_default_context(cafile=environment["SSL_CERT_FILE"])
    if alpn:
        context.set_alpn_protocols([*alpn])
    with context.wrap_socket(sock, server_hostname=host) as tls:
        yield tls


def healthy(environment: Mapping[str, str]) -> bool:
    """Whether a good client is served."""
    with tunneled(environment) as sock, secured(environment, sock) as tls:
        tls.sendall(HEALTH)
        return read_to_end(tls).startswith(b"HTTP/1.1 200 ")


# --- programs


@dataclass(frozen=True, slots=True)
class Tool:
    """A program that may not be installed; `package` is Debian's."""

    name: str
    package: str

    @property
    def path(self) -> str:
        """Where it is; skips the test where it is nowhere."""
        found = shutil.which(self.name)
        if found is None:
            pytest.skip(f"{self.name} is missing: apt-get install {self.package}")
        return found


def output_of(environment: Mapping[str, str], *words: str | Path, folder: Path | None = None) -> str:
    """What a program prints that runs in this environment and ends with 0."""
    done = subprocess.run(words, env=environment, cwd=folder, capture_output=True, text=True, timeout=PATIENCE * 10)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def python(environment: Mapping[str, str], script: str, *words: str) -> Any:
    """What a script in this Python prints, as JSON."""
    return json.loads(output_of(environment, sys.executable, "-c", script, *words))
