"""One path of the control API as an ASGI endpoint: which methods it has, who may ask, what a request says.

Refusals in this order: method 405, Host and token 403 and 401, origin 403, media type 415, size 413, parameters and
body 400; what the path names is looked up afterwards.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver import pointers
from mockserver.control.asking import Asked, Handler, Listed, Told
from mockserver.control.guard import Guard
from mockserver.control.problems import MEDIA_TYPE, Problem
from mockserver.errors import FullError, RequestError, StorageError, UsageError, let_go
from mockserver.printable import printable_json
from mockserver.sandboxes import Sandboxes
from mockserver.suggestions import hint
from mockserver.validation import (
    FieldRule,
    Schemas,
    Validator,
    coerce_fields,
    field_rule,
    parse_json,
    parse_query,
    properties_of,
)

BODY_BYTES = 1 << 20
DRAIN_BYTES = 128 << 20
PIECE = 64 << 10  # of a long list
Headers = list[tuple[bytes, bytes]]
_FIXED = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))


class ClientLeft(Exception):
    """The client went away before its request was complete."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path: who handles it, and how its query and body are read."""

    handler: Handler
    guarded: bool
    rules: Mapping[str, FieldRule]
    parameters: Mapping[str, Validator]
    body: Validator | None
    keys: tuple[str, ...]

    def query(self, raw: bytes) -> dict[str, Any]:
        """The query's values. Raises RequestError."""
        values = coerce_fields(parse_query(raw), self.rules)
        _refuse_unknown(values, tuple(self.rules))
        for name, value in values.items():
            error = self.parameters[name].check(value, name)
            if error is not None:
                raise error
        return values

    def read(self, raw: bytes) -> Any:
        """The body's value; `{}` when there is none and none is needed. Raises RequestError."""
        if self.body is None:
            return None
        value = parse_json(raw) if raw else {}
        if isinstance(value, dict):
            _refuse_unknown(value, self.keys)
        error = self.body.check(value)
        if error is not None:
            raise error
        return value


def _refuse_unknown(values: Mapping[str, Any], known: tuple[str, ...]) -> None:
    unknown = [name for name in values if name not in known]
    if unknown:
        named = ", ".join(name[:60] for name in unknown[:20])
        are = "is" if len(unknown) == 1 else "are"
        near = hint(unknown[0], known)
        raise RequestError(pointers.join("", unknown[0]), f"{named} {are} not known here; {near}")


def operation(schemas: Schemas, pointer: str, handler: Handler) -> Operation:
    """What a document says at `pointer` (`/paths/~1x/post`), made ready for requests."""
    document: Any = schemas.document
    said = pointers.get(document, pointer)
    queries = [(at, each) for at, each in _parameters(document, pointer, said) if each["in"] == "query"]
    schema = "/requestBody/content/application~1json/schema"
    has_body = "requestBody" in said
    return Operation(
        handler,
        guarded=said.get("security") != [],
        rules={each["name"]: field_rule([each["schema"]], document) for _, each in queries},
        parameters={each["name"]: schemas.at(f"{at}/schema") for at, each in queries},
        body=schemas.at(pointer + schema) if has_body else None,
        keys=tuple(properties_of(pointers.get(document, pointer + schema), document)) if has_body else (),
    )


def _parameters(document: Any, pointer: str, said: Any) -> list[tuple[str, Any]]:
    places = [each.get("$ref", f"#{pointer}/parameters/{i}")[1:] for i, each in enumerate(said.get("parameters", ()))]
    return [(place, pointers.get(document, place)) for place in places]


class Endpoint:
    """Answers for one path."""

    def __init__(self, sandboxes: Sandboxes, guard: Guard, operations: Mapping[str, Callable[[], Operation]]) -> None:
        self._sandboxes = sandboxes
        self._guard = guard
        self._operations = dict(operations)
        if "GET" in operations:
            self._operations["HEAD"] = operations["GET"]
        self._allow = ", ".join(sorted(self._operations)).encode()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """The ASGI application."""
        try:
            await send_told(scope, send, await self._told(scope, receive))
        except Problem as problem:
            let_go(problem)
            await send_problem(scope, send, problem)
        except ClientLeft:
            return

    async def _told(self, scope: Any, receive: Any) -> Told:
        body, fits = await read_body(receive)
        prepared = self._operations.get(scope["method"])
        if prepared is None:
            method = "GET" if scope["method"] == "HEAD" else scope["method"]  # whose answer must be of one length
            raise Problem(405, f"{method[:20]} is not allowed here", headers=((b"allow", self._allow),))
        found = prepared()
        refused = self._guard.refusal(scope["method"], scope["headers"]) if found.guarded else None
        if refused is not None:
            raise refused
        if not fits:
            raise Problem(413, f"the body is larger than {BODY_BYTES} bytes")
        try:
            query, value = found.query(scope["query_string"]), found.read(body)
            path = scope.get("path_params", {})
            return await found.handler(Asked(self._sandboxes, path, query, value, _accept(scope)))
        except RequestError as error:
            raise Problem(400, error.why + error.guess, pointer=error.pointer) from None
        except FullError as error:
            raise Problem(409, str(error)) from None
        except UsageError as error:
            raise Problem(400, str(error)) from None
        except (OSError, StorageError) as error:
            raise Problem(507, f"the machine has no room for this: {error}") from None


def _accept(scope: Any) -> str:
    return b",".join(value for name, value in scope["headers"] if name == b"accept").decode("latin-1")


async def read_body(receive: Any) -> tuple[bytes, bool]:
    """The whole body, or what fits of it and False: the rest is thrown away, or the client loses its answer."""
    parts, size, more = [], 0, True
    while more and size <= DRAIN_BYTES:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientLeft
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size <= BODY_BYTES:
            parts.append(chunk)
        more = message.get("more_body", False)
    return b"".join(parts), size <= BODY_BYTES


async def send_told(scope: Any, send: Any, told: Told) -> None:
    """An answer as ASGI messages."""
    if told.value is None:
        await _send(scope, send, told.status, [], b"")
        return
    varying = [(b"vary", b"accept")] if told.varies else []
    headers = [(b"content-type", told.media_type.encode()), *varying]
    if isinstance(told.value, Listed):
        await _send_listed(scope, send, told.status, headers, told.value)
        return
    body = told.value if isinstance(told.value, bytes) else printable_json(told.value).encode()
    await _send(scope, send, told.status, headers, body)


async def _send_listed(scope: Any, send: Any, status: int, headers: Headers, listed: Listed) -> None:
    """By one message with its length, where it is short; else in pieces, while there is somebody to read them."""
    wire, is_begun = scope.get("state", {}).get("wire"), False
    async for piece, is_last in _pieces(listed):
        if is_last and not is_begun:
            await _send(scope, send, status, headers, piece)
            return
        if not is_begun:
            is_begun = True
            await send({"type": "http.response.start", "status": status, "headers": [*headers, *_FIXED]})
        if scope["method"] == "HEAD" or (wire is not None and wire.is_gone):
            piece, is_last = b"", True
        await send({"type": "http.response.body", "body": piece, "more_body": not is_last})
        if is_last:
            return


async def _pieces(listed: Listed) -> AsyncIterator[tuple[bytes, bool]]:
    """The bytes of a list, and whether they are the last."""
    part, comma = bytearray(listed.before), b""
    async for item in listed.items:
        part += comma + printable_json(item).encode()
        comma = b","
        if len(part) >= PIECE:
            yield bytes(part), False
            part.clear()
    yield bytes(part + listed.after), True


async def send_problem(scope: Any, send: Any, problem: Problem) -> None:
    """A refusal as ASGI messages."""
    headers = [(b"content-type", MEDIA_TYPE.encode()), *problem.headers]
    await _send(scope, send, problem.status, headers, printable_json(problem.document()).encode())


async def _send(scope: Any, send: Any, status: int, headers: Headers, body: bytes) -> None:
    length = [] if status == 204 else [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *length, *_FIXED]})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
