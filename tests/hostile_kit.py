"""How hostile requests are put together. `World` is what they are aimed at: a sandbox with one job per API."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

SAMPLES = Path(__file__).parent.parent / "mockserver" / "samples"
PNG, WAV = (SAMPLES / "portrait.png").read_bytes(), (SAMPLES / "voice.wav").read_bytes()
JSON = b"application/json"
EDGE = b"frontier"


@dataclass(frozen=True)
class World:
    """`prefix` leads to the sandbox; `ids`, keys and signed URLs (as targets) are those of real things in it."""

    prefix: str
    key: dict[str, str]
    token: str
    ids: dict[str, str]
    film: str
    upload: str

    def send(self, api: str, method: bytes, path: bytes, *lines: bytes, body: bytes = b"", bare: bool = False) -> bytes:
        """A request with credentials (unless `bare`), a length, and what else is given."""
        head = [method + b" " + f"{self.prefix}/{api}".encode() + path + b" HTTP/1.1", b"Host: a", b"Connection: close"]
        if not bare and api == "mirrago":
            head.append(b"Authorization: Bearer " + self.token.encode())
        elif not bare:
            head.append(b"X-API-Key: " + self.key[api].encode())
        if body or method in (b"POST", b"PUT"):
            head.append(b"Content-Length: %d" % len(body))
        return b"\r\n".join([*head, *lines, b"", b""]) + body

    def json(self, body: bytes, *lines: bytes) -> bytes:
        """A JSON body to an operation that makes an image out of a text."""
        return self.send(
            "miraflow", b"POST", b"/api/image/generate", *(lines or (b"Content-Type: " + JSON,)), body=body
        )

    def image(self, **fields: bytes) -> bytes:
        """The same, with fields of raw JSON over valid ones."""
        given = {"prompt": b'"a"', "name": b'"b"', **fields}
        return self.json(b"{%s}" % b",".join(b'"%s":%s' % (k.encode(), v) for k, v in given.items()))

    def form(self, body: bytes, kind: bytes = b"multipart/form-data; boundary=" + EDGE) -> bytes:
        """A form to an operation that makes a video out of two files."""
        return self.send("vidgen", b"POST", b"/api/jobs", b"Content-Type: " + kind, body=body)

    def parts(self, *more: bytes) -> bytes:
        """A form of both files and more."""
        return self.form(joined([IMAGE, AUDIO, *more]))

    def query(self, query: bytes) -> bytes:
        return self.send("vidgen", b"GET", b"/api/jobs?" + query)

    def status(self, raw: bytes) -> bytes:
        return self.send("vidgen", b"GET", b"/api/status/" + raw)

    def token_form(self, body: bytes, *lines: bytes) -> bytes:
        kind = b"Content-Type: application/x-www-form-urlencoded"
        return self.send("mirrago", b"POST", b"/oauth/token", kind, *lines, body=body, bare=True)

    def bearing(self, token: bytes) -> bytes:
        path = b"/v1/mirrago/job/" + self.ids["mirrago"].encode()
        return self.send("mirrago", b"GET", path, b"Authorization: " + token, bare=True)

    def keyed(self, key: bytes) -> bytes:
        path = b"/api/status/" + self.ids["vidgen"].encode()
        return self.send("vidgen", b"GET", path, b"X-API-Key: " + key, bare=True)

    def media(self, change: Callable[[str], str], *lines: bytes, method: bytes = b"GET") -> bytes:
        return straight(method, change(self.film).encode(), *lines)

    def put(self, change: Callable[[str], str], kind: bytes = b"image/png", body: bytes = PNG) -> bytes:
        lines = (b"Content-Type: " + kind, b"Content-Length: %d" % len(body))
        return straight(b"PUT", change(self.upload).encode(), *lines) + body


def straight(method: bytes, target: bytes, *lines: bytes) -> bytes:
    """A request to a target as it is."""
    head = (method + b" " + target + b" HTTP/1.1", b"Host: a", b"Connection: close")
    return b"\r\n".join([*head, *lines, b"", b""])


def part(name: bytes, body: bytes, *, file: bytes | None = None, kind: bytes | None = None, more: bytes = b"") -> bytes:
    """One part of a form."""
    head = b'Content-Disposition: form-data; name="' + name + b'"'
    head += b'; filename="' + file + b'"' if file is not None else b""
    head += b"\r\nContent-Type: " + kind if kind is not None else b""
    return head + more + b"\r\n\r\n" + body


def joined(parts: Iterable[bytes], end: bytes = b"--") -> bytes:
    """The parts as one body."""
    return b"".join(b"--" + EDGE + b"\r\n" + each + b"\r\n" for each in parts) + b"--" + EDGE + end + b"\r\n"


def jwt(header: bytes, payload: bytes, signature: bytes = b"c2ln") -> bytes:
    """Something of the shape of a token."""
    return b"Bearer " + b".".join([_coded(header), _coded(payload), signature])


def _coded(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def claims(world: World, **changes: Any) -> bytes:
    """The payload of the world's own token, changed."""
    payload = world.token.split(".")[1]
    return json.dumps({**json.loads(base64.urlsafe_b64decode(payload + "==")), **changes}).encode()


def target(url: str) -> str:
    """What of a URL stands in a request line."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


IMAGE = part(b"image", PNG, file=b"a.png", kind=b"image/png")
AUDIO = part(b"audio", WAV, file=b"a.wav", kind=b"audio/wav")
Row = Callable[[World], bytes]


def painting(world: World, **fields: bytes) -> bytes:
    """A form to an operation that wants numbers."""
    given = {"quality": b"hd", "sequence": b"auto", "fps": b"30", "hand_style": b"1", **fields}
    body = joined([IMAGE, *(part(name.encode(), value) for name, value in given.items())])
    kind = b"Content-Type: multipart/form-data; boundary=" + EDGE
    return world.send("miragic", b"POST", b"/api/v1/speed-painting/create", kind, body=body)
