"""A request as its test sees it, whole, and the answer beside it. What is shown of them in reports holds no secret."""

from __future__ import annotations

import json as json_text
import zlib
from base64 import b64decode
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from mockserver.errors import MockserverError, UsageError, is_on_purpose
from mockserver.json_types import Json, JsonValue
from mockserver.printable import one_line
from mockserver.steering.forms import File, fields_of, files_of, media_type
from mockserver.steering.multidict import Headers, MultiDict, without
from mockserver.steering.records import moment

__tracebackhide__ = is_on_purpose

HeaderPairs = Mapping[str, str | list[str] | tuple[str, ...]] | Iterable[tuple[str, str]]
NOTHING: Any = object()
UNFOLDED = 128 << 20
"""How long a body may be without its content coding: no server takes a longer one."""
_FRAMES = {"gzip": 31, "x-gzip": 31, "deflate": 15}  # as zlib is told what to expect


class BodyError(MockserverError, ValueError):
    """A body is not what a test takes it for."""


class Body:
    """What requests and responses have in common: `headers` and `content`, the bytes as they were sent.

    `missing` counts bytes of a long body that were not kept. `text`, `json()`, forms and files are read without the
    content coding (gzip, deflate).
    """

    headers: Headers
    content: bytes
    missing: int = 0
    secrets: Collection[str] = ()

    @cached_property
    def plain(self) -> bytes:
        """The content without its content coding; as it was sent where that cannot be undone or is too long."""
        frame = _FRAMES.get(self.headers.get("content-encoding", "").strip().lower())
        if frame is None:
            return self.content
        for wbits in (frame, -15) if frame == 15 else (frame,):
            reader = zlib.decompressobj(wbits)
            try:
                content = reader.decompress(self.content, UNFOLDED)
            except zlib.error:
                continue
            if reader.eof:
                return content
        return self.content

    @property
    def content_type(self) -> str:
        """The media type, without parameters; empty when none was said."""
        return media_type(self.headers.get("content-type", ""))

    @property
    def text(self) -> str:
        """The content as UTF-8; what is none is replaced."""
        return self.plain.decode("utf-8", "replace")

    def json(self) -> JsonValue:
        """The content, parsed. Raises BodyError, a ValueError, for what is no JSON."""
        try:
            return json_text.loads(self.plain)
        except (ValueError, RecursionError) as error:
            raise BodyError(f"{self._named()} has no JSON body: {self._what_is_there(error)}") from None

    def _what_is_there(self, error: Exception) -> str:
        if not self.content:
            return "it has no body at all"
        kind = self.content_type or "without Content-Type"
        cut = f", of which {self.missing} were not kept" if self.missing else ""
        description = f"it is {kind} of {len(self.content) + self.missing} bytes{cut} ({error})"
        return one_line(without(self.secrets, description))

    def _named(self) -> str:
        return repr(self)


class Response(Body):
    """An answer: what a request was answered, or what a test's own handler wants to answer.

    At most one of `json`, `text` and `content` is its body; a Content-Type in `headers` goes before the usual one.
    """

    def __init__(
        self,
        status: int = 200,
        *,
        json: JsonValue = NOTHING,
        text: str | None = None,
        content: bytes | None = None,
        headers: HeaderPairs = (),
    ) -> None:
        self.status = status
        kind, self.content = _body_of(json, text, content)
        own = Headers(pairs_of(headers))
        typed = [("content-type", kind)] if kind and "content-type" not in own else []
        self.headers = Headers([*typed, *own.multi_items()])

    def __repr__(self) -> str:
        kind = without(self.secrets, self.content_type)
        return one_line(f"<Response {self.status} {kind} {len(self.content) + self.missing} bytes>")


class Request(Body):
    """One request of the client. `path` is the vendor's own, `path_params` those of a route of `sandbox.route`.

    `at` is the sandbox's time, in seconds since 1970. `response` is None where nothing was answered; `fault` names what
    was armed and took effect. `operation` is the contract's operationId, `media` for downloads, else empty.
    """

    def __init__(self, told: Json) -> None:
        self.n = int(told["n"])
        self.at = moment(told["at"]) or 0.0
        self.api = str(told["api"])
        self.operation = str(told["operation"])
        self.method = str(told["method"])
        self.path = str(told["path"])
        self.url = str(told["url"])
        self.secrets = tuple(sorted(map(str, told.get("secrets", ())), key=len, reverse=True))
        self.path_params: Mapping[str, str] = MultiDict(dict(told["parameters"]).items(), self.secrets)
        self.fault = str(told["fault"])
        self.is_over = bool(told["over"])
        self._shown_path = str(told["shown_path"])
        _fill(self, told, self.secrets)
        answer = told["response"]
        response = None if answer is None else Response(answer["status"])
        self.response: Response | None = None if answer is None else _fill(response, answer, self.secrets)

    @property
    def status(self) -> int | None:
        """What it was answered; None where nothing was."""
        return None if self.response is None else self.response.status

    @cached_property
    def query(self) -> MultiDict[str]:
        """The parameters of the query."""
        return MultiDict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True), self.secrets)

    @cached_property
    def form(self) -> MultiDict[str]:
        """The text fields of a form, urlencoded or multipart; empty where there is none."""
        return MultiDict(fields_of(self.headers.get("content-type", ""), self.plain), self.secrets)

    @cached_property
    def files(self) -> MultiDict[File]:
        """The files of a form, by field: each with `name`, `filename`, `content_type` and `content`."""
        return MultiDict(files_of(self.headers.get("content-type", ""), self.plain), self.secrets)

    def __repr__(self) -> str:
        return f"<Request {self.line}>"

    @property
    def line(self) -> str:
        """It in one line, without secrets: `POST /api/jobs → 201 createJob`."""
        answered = f"{self.status or 'no answer'}"
        details = " ".join(part for part in (self.operation, f"({self.fault})" if self.fault else "") if part)
        return one_line(f"{self.method} {self._shown_path} → {answered} {details}".rstrip())

    def _named(self) -> str:
        return self.line


def _fill(message: Any, document: Json, secrets: Collection[str]) -> Any:
    message.secrets = secrets
    message.headers = Headers(((str(name), str(value)) for name, value in document["headers"]), secrets)
    message.content, message.missing = b64decode(document["content"]), int(document["missing"])
    return message


def pairs_of(headers: HeaderPairs) -> list[tuple[str, str]]:
    """Headers as pairs; of one with several values, a line for each."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    return [
        (name, value) for name, values in pairs for value in (values if isinstance(values, list | tuple) else [values])
    ]


def _body_of(json: Any, text: str | None, content: bytes | None) -> tuple[str, bytes]:
    """Media type and bytes. Raises UsageError for more than one body, and for what is none."""
    kinds = [name for name, value in (("text", text), ("content", content)) if value is not None]
    kinds += ["json"] if json is not NOTHING else []
    if len(kinds) > 1:
        raise UsageError(f"a response has one body: give one of {', '.join(kinds)}")
    if json is not NOTHING:
        return "application/json", as_json(json)
    if text is not None:
        return "text/plain; charset=utf-8", text.encode("utf-8", "surrogatepass")
    return ("application/octet-stream", bytes_of(content)) if content is not None else ("", b"")


def bytes_of(content: Any) -> bytes:
    """What is given as `content`. Raises UsageError for what is no bytes."""
    if isinstance(content, bytes | bytearray | memoryview):
        return bytes(content)
    raise UsageError(f"content is bytes, not {content!r:.80}; a text is given as text=")


def as_json(value: Any) -> bytes:
    """A value as JSON. Raises UsageError for what is none."""
    try:
        return json_text.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "surrogatepass")
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(f"this is no JSON: {error}") from None


def response_of(value: Any) -> Response:
    """What a handler returned, as a Response. Raises UsageError for what is none."""
    if isinstance(value, Response):
        return value
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], int) and not isinstance(value[0], bool):
        response = response_of(value[1])
        response.status = value[0]
        return response
    if isinstance(value, str):
        return Response(text=value)
    if isinstance(value, bytes | bytearray):
        return Response(content=bytes(value))
    if value is None or isinstance(value, tuple):
        raise UsageError(
            f"a handler returns JSON (a dict, a list …), text, bytes, (status, body) or a Response, not {value!r:.80}"
        )
    return Response(json=value)
