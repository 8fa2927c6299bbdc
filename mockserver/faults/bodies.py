"""Faults of the answer's bytes: the length is honest, what it measures is not what the contract promises."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, final

from mockserver import pointers
from mockserver.faults.base import Changing, RequestFacts
from mockserver.faults.pages import page
from mockserver.faults.parameters import Share
from mockserver.faults.reply import Reply

BOM = b"\xef\xbb\xbf"
PACKED_BYTES = 1 << 20  # a result may have a million times as many, and half a stream shows no more than it begins
LONGEST_POINTER = 1000  # pointers are remembered, and no answer has a longer one
HUGE_INTEGER = int("9" * 30)


@final
@dataclass(frozen=True, slots=True)
class TruncatedJson(Changing):
    """Cuts a JSON body and gives its length honestly."""

    name: ClassVar[str] = "truncated_json"
    loses_answer: ClassVar[bool] = True
    at: Share = 0.5

    def change(self, reply: Reply, facts: RequestFacts) -> Reply | None:
        if reply.json is None:
            return None
        return reply.with_body(reply.body[: min(int(reply.length * self.at), reply.length - 1)])


@final
@dataclass(frozen=True, slots=True)
class EmptyBody(Changing):
    """Answers with the right status and no body at all."""

    name: ClassVar[str] = "empty_body"
    on_downloads: ClassVar[bool] = True
    loses_answer: ClassVar[bool] = True

    def change(self, reply: Reply, facts: RequestFacts) -> Reply | None:
        return reply.with_body(b"") if reply.length else None


@final
@dataclass(frozen=True, slots=True)
class GivenBody(Changing):
    """Answers with a body that a test gives, wherever the job is in a state (any, unless named) and not refused."""

    name: ClassVar[str] = "given_body"
    on_downloads: ClassVar[bool] = True
    in_schedules: ClassVar[bool] = False
    body: str = "{}"
    state: str = ""

    def change(self, reply: Reply, facts: RequestFacts) -> Reply | None:
        if reply.status >= 400 or self.state not in ("", facts.state):
            return None
        return reply.with_body(self.body.encode("utf-8", "surrogatepass"))


@final
@dataclass(frozen=True, slots=True)
class WrongContentType(Changing):
    """Sends another media type: with an HTML page as the body, or with the body as it was."""

    name: ClassVar[str] = "wrong_content_type"
    on_downloads: ClassVar[bool] = True
    loses_answer: ClassVar[bool] = True
    variants: ClassVar[Sequence[Mapping[str, Any]]] = ({}, {"body": "kept"})
    media_type: str = "text/html"
    body: Literal["page", "kept"] = "page"

    def change(self, reply: Reply, facts: RequestFacts) -> Reply | None:
        changed = reply if self.body == "kept" else reply.with_body(page("nginx", reply.status).body)
        return changed.with_headers((b"content-type", self.media_type.encode("latin-1", "replace")))


@final
@dataclass(frozen=True, slots=True)
class InvalidUtf8(Changing):
    """Puts a byte that is no UTF-8 into the first text of a JSON body."""

    name: ClassVar[str] = "invalid_utf8"
    loses_answer: ClassVar[bool] = True

    def change(self, reply: Reply, facts: RequestFacts) -> Reply | None:
        head, colon, tail = reply.body.partition(b':"') if reply.json is not None else (b"", b"", b"")
        return reply.with_body(head + colon + b"\xff" + tail) if colon else None


@final
@dataclass(frozen=True, slots=True)
class Bom(Changing):
    """Puts a byte order mark before a JSON body."""

    name: ClassVar[str] = "bom"

    def change(self, reply: Reply, facts: RequestFacts) -> Reply | None:
        return None if reply.json is None else reply.with_body(BOM + reply.body)


@final
@dataclass(frozen=True, slots=True)
class HalfGzip(Changing):
    """Declares gzip and sends a part of the stream, its length given honestly."""

    name: ClassVar[str] = "half_gzip"
    loses_answer: ClassVar[bool] = True
    cuts_body: ClassVar[bool] = True
    at: Share = 0.5

    def change(self, reply: Reply, facts: RequestFacts) -> Reply | None:
        if not reply.length:
            return None
        packed = gzip.compress(b"".join(reply.chunks(0, min(reply.length, PACKED_BYTES))), mtime=0)
        return reply.with_body(packed[: int(len(packed) * self.at)]).with_headers((b"content-encoding", b"gzip"))


Fits = Callable[[str, Any], bool]


def changed_field(reply: Reply, name: str, fits: Fits, change: Callable[[Any], Any]) -> Reply | None:
    """The answer with one field changed: the named one, else the first that fits. Errors are left as they are."""
    value = reply.json
    if reply.status >= 400 or value is None:
        return None
    pointer = pointer_of(value, name, fits)
    if not pointer:
        return None
    pointers.put(value, pointer, change(pointers.get(value, pointer)))
    return reply.with_json(value)


def pointer_of(value: Any, name: str, fits: Fits) -> str | None:
    """Where the named field stands (a pointer, or a bare name at the top), else the first that fits."""
    if len(name) > LONGEST_POINTER:
        return None
    if name:
        pointer = name if name.startswith("/") else pointers.join("", name)
        return None if pointers.get(value, pointer) is pointers.MISSING else pointer
    return next((pointer for pointer, item in pointers.walk(value) if pointer and fits(pointer, item)), None)


def _number(pointer: str, item: Any) -> bool:
    return isinstance(item, int | float) and not isinstance(item, bool)


def _filled(pointer: str, item: Any) -> bool:
    return item is not None and not isinstance(item, dict | list)


@final
@dataclass(frozen=True, slots=True)
class MissingField(Changing):
    """Leaves a field out: the named one, else the last optional one, else the last one."""

    name: ClassVar[str] = "missing_field"
    each_field: ClassVar[bool] = True
    field: str = ""

    def change(self, reply: Reply, facts: RequestFacts) -> Reply | None:
        value = reply.json
        if reply.status >= 400 or value is None:
            return None
        pointer = pointer_of(value, self.field, lambda *_: False) if self.field else _last(value, facts, reply)
        if not pointer:
            return None
        *path, last = pointers.split(pointer)
        holder = pointers.get(value, pointers.join("", *path))
        del holder[int(last) if isinstance(holder, list) else last]
        return reply.with_json(value)


def _last(value: Any, facts: RequestFacts, reply: Reply) -> str | None:
    if not isinstance(value, dict) or not value:
        return None
    optional = facts.optional(reply.name)
    names = [name for name in value if name in optional] or list(value)
    return pointers.join("", names[-1])


@final
@dataclass(frozen=True, slots=True)
class NullField(Changing):
    """Writes null where a value is promised: in the named field, else in the first that has a value."""

    name: ClassVar[str] = "null_field"
    each_field: ClassVar[bool] = True
    field: str = ""

    def change(self, reply: Reply, facts: RequestFacts) -> Reply | None:
        return changed_field(reply, self.field, _filled, lambda _: None)


@final
@dataclass(frozen=True, slots=True)
class ExtraField(Changing):
    """Adds a field that the contract does not know."""

    name: ClassVar[str] = "extra_field"
    field: str = "unexpectedField"
    value: str = "surprise"

    def change(self, reply: Reply, facts: RequestFacts) -> Reply | None:
        if reply.status >= 400 or not isinstance(reply.json, dict):
            return None
        return reply.with_json({**reply.json, self.field: self.value})


@final
@dataclass(frozen=True, slots=True)
class NumberAsString(Changing):
    """Writes a number as text: the named one, else the first."""

    name: ClassVar[str] = "number_as_string"
    field: str = ""

    def change(self, reply: Reply, facts: RequestFacts) -> Reply | None:
        return changed_field(reply, self.field, _number, str)


@final
@dataclass(frozen=True, slots=True)
class HugeInteger(Changing):
    """Writes an integer of 30 digits in the place of a number: the named one, else the first."""

    name: ClassVar[str] = "huge_integer"
    field: str = ""

    def change(self, reply: Reply, facts: RequestFacts) -> Reply | None:
        return changed_field(reply, self.field, _number, lambda _: HUGE_INTEGER)


@final
@dataclass(frozen=True, slots=True)
class UnknownEnum(Changing):
    """Writes a state that nobody announced: in the named field, else where the answer shows its state."""

    name: ClassVar[str] = "unknown_enum"
    field: str = ""
    value: str = "ON_HOLD"

    def change(self, reply: Reply, facts: RequestFacts) -> Reply | None:
        def shows_state(pointer: str, item: Any) -> bool:
            return isinstance(item, str) and (item == facts.state or pointers.split(pointer)[-1] in ("status", "state"))

        return changed_field(reply, self.field, shows_state, lambda _: self.value)
