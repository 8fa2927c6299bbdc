"""Which pages of other origins a browser lets read an API (CORS, as the Fetch standard has it).

Header values in, headers out. Knows neither routes nor sandboxes, and that the control API never comes here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from mockserver.app.fields import FieldDict
from mockserver.contract import Contract
from mockserver.errors import UsageError
from mockserver.mounting import CORS

Lines = tuple[tuple[bytes, bytes], ...]

ANY = "*"
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")
_ALLOW_ORIGIN = b"access-control-allow-origin"
METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE"
_ASKED = b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
_SECONDS = b"600"
_EXPOSED = (
    "Accept-Ranges", "Allow", "Content-Disposition", "Content-Encoding", "Content-Length", "Content-Range", "Date",
    "ETag", "Link", "Location", "RateLimit", "RateLimit-Limit", "RateLimit-Policy", "RateLimit-Remaining",
    "RateLimit-Reset", "Retry-After", "WWW-Authenticate", "X-Mock-Fault", "X-RateLimit-Limit",
    "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-Request-Id",
)  # fmt: skip


def known_origin(text: str) -> str:
    """An origin as browsers write it, `*` or `null`. Raises UsageError for anything else."""
    plain = text.strip().lower()
    if plain in (ANY, "null") or _ORIGIN.fullmatch(plain):
        return plain.removesuffix(":443" if plain.startswith("https:") else ":80")  # as browsers leave them out
    raise UsageError(f"{text!r} is no origin; write http://localhost:5173, without a path, or * for every page")


class Cors:
    """The pages of these origins may read what the APIs answer; `*` stands for all pages, none for none."""

    def __init__(self, origins: Collection[str], contracts: Iterable[Contract]) -> None:
        self.is_on = bool(origins)
        self._is_open = ANY in origins
        self._origins = frozenset(origin.encode() for origin in origins)
        self._contracts = contracts
        self._exposed: tuple[bytes, bytes] | None = None

    def lines(self, origin: bytes | None) -> Lines:
        """What every answer says to a page of this origin."""
        if not self.is_on:
            return ()
        allowed = self._allowed(origin)
        if allowed:
            self._exposed = self._exposed or (b"access-control-expose-headers", _exposed(self._contracts))
            allowed = (*allowed, self._exposed)
        return allowed if self._is_open else (*allowed, (b"vary", b"Origin"))

    def preflight(self, headers: FieldDict) -> Lines | None:
        """The answer to the question whether a page may ask; None where it is no such question."""
        origin = headers.get(b"origin")
        if not self.is_on or not origin or not headers.get(b"access-control-request-method"):
            return None
        allowed = self._allowed(origin)
        if not allowed:
            return ((b"vary", _ASKED),)
        field_names = headers.get(b"access-control-request-headers")
        lines = [(b"access-control-allow-headers", field_names)] if field_names else []
        if headers.get(b"access-control-request-private-network") == b"true":
            lines.append((b"access-control-allow-private-network", b"true"))
        methods, age = (b"access-control-allow-methods", METHODS), (b"access-control-max-age", _SECONDS)
        return (*allowed, methods, *lines, age, (b"vary", _ASKED))

    def remedy(self, scope: Any) -> str:
        """What lets a page in whose preflight met no CORS, as the end of a sentence; else nothing."""
        asks = not self.is_on and any(name == b"access-control-request-method" for name, _ in scope["headers"])
        return "; the server lets a page of another origin in with --cors ORIGIN" if asks else ""

    def told(self, scope: Any, send: Any, headers: FieldDict) -> tuple[Any, Any]:
        """The same scope and `send`, whose answers say who may read them, also those that go past `send`."""
        lines = self.lines(headers.get(b"origin"))
        return ({**scope, CORS: lines}, _telling(send, lines)) if lines else (scope, send)

    def _allowed(self, origin: bytes | None) -> Lines:
        if self._is_open:
            return ((_ALLOW_ORIGIN, b"*"),)
        return ((_ALLOW_ORIGIN, origin),) if origin and origin.lower() in self._origins else ()


def with_lines(headers: Iterable[tuple[bytes, bytes]], lines: Lines) -> list[tuple[bytes, bytes]]:
    """The headers of an answer and these, unless it says by itself who may read it."""
    own = [*headers]
    return own if any(name == _ALLOW_ORIGIN for name, _ in own) else [*own, *lines]


def _telling(send: Any, lines: Lines) -> Any:
    async def sending(message: Any) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": with_lines(message["headers"], lines)}
        await send(message)

    return sending


def _exposed(contracts: Iterable[Contract]) -> bytes:
    """The names of the headers that pages may read: those that answers of some API carry."""
    names = {name.lower(): name for name in _EXPOSED}
    for contract in contracts:
        for name in _declared(contract.document):
            names.setdefault(name.lower(), name)
    return ", ".join(names[name] for name in sorted(names)).encode()


def _declared(document: Any) -> Iterator[str]:
    answers = list(document.get("components", {}).get("responses", {}).values())
    for item in document.get("paths", {}).values():
        for operation in item.values():
            answers += operation.get("responses", {}).values() if isinstance(operation, dict) else ()
    for answer in answers:
        yield from answer.get("headers", {})
