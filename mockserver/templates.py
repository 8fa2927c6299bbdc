"""A JSON value and what is bound in it → constant bytes and slots. Knows no operation and no answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from json.encoder import encode_basestring
from typing import Any

from mockserver import pointers
from mockserver.lifecycle import Bindings, Value
from mockserver.subject import Subject
from mockserver.validation import write_json
from mockserver.values import Segments, Slot, TemplatePart, part, render, slot

TemplateMember = Sequence["bytes | TemplatePart"]
"""A field or an item: it is left out where one of its parts is absent."""


def compile_value(value: Any, bindings: Bindings) -> Segments:
    """A JSON value → constant bytes and slots, at every bound pointer whose value is neither null nor empty."""
    parts: list[bytes | Slot] = []
    _emit(value, "", bindings, parts)
    return _merged(parts)


def _merged(parts: Iterable[bytes | Slot]) -> Segments:
    merged: list[bytes | Slot] = []
    for each in parts:
        if isinstance(each, bytes) and merged and isinstance(merged[-1], bytes):
            merged[-1] += each
        else:
            merged.append(each)
    return tuple(merged)


def _is_bound(value: Any, pointer: str, bindings: Bindings) -> bool:
    return pointer in bindings and value is not None and value != ""


def _emit(value: Any, pointer: str, bindings: Bindings, parts: list[bytes | Slot]) -> None:
    if _is_bound(value, pointer, bindings):
        parts.append(slot(bindings[pointer], value, _own(value, pointer, bindings), compile_value))
    elif not isinstance(value, dict | list):
        parts.append(write_json(value))
    else:
        names = [*value] if isinstance(value, dict) else range(len(value))
        inner = [pointers.join(pointer, name) for name in names]
        keys = (
            [encode_basestring(key).encode() + b":" for key in value] if isinstance(value, dict) else [b""] * len(value)
        )
        items = [*value.values()] if isinstance(value, dict) else value
        before, after = (b"{", b"}") if isinstance(value, dict) else (b"[", b"]")
        if any(at in bindings and bindings[at].omit for at in inner):
            members = [_member(*member, bindings) for member in zip(keys, items, inner, strict=True)]
            parts.append(_shrinking(before, members, after))
            return
        parts.append(before)
        for index, (key, item, at) in enumerate(zip(keys, items, inner, strict=True)):
            parts.append((b"," if index else b"") + key)
            _emit(item, at, bindings, parts)
        parts.append(after)


def _own(value: Any, pointer: str, bindings: Bindings) -> Slot:
    """What writes a value as its example shows it, with what is bound within."""
    if not _shows_itself(bindings[pointer]):
        return lambda _: b""
    segments = compile_value(value, _within(pointer, bindings))
    return lambda s: render(segments, s)


def _shows_itself(value: Any) -> bool:
    return isinstance(value, Value) and (value.is_shown or _shows_itself(value.otherwise))


def _within(pointer: str, bindings: Bindings) -> Bindings:
    return {at.removeprefix(pointer): value for at, value in bindings.items() if at.startswith(f"{pointer}/")}


def _member(key: bytes, item: Any, at: str, bindings: Bindings) -> TemplateMember:
    if _is_bound(item, at, bindings) and bindings[at].omit:
        return key, part(bindings[at], item, _own(item, at, bindings), compile_value)
    parts: list[bytes | Slot] = [key]
    _emit(item, at, bindings, parts)
    return _merged(parts)


def _shrinking(before: bytes, members: Sequence[TemplateMember], after: bytes) -> Slot:
    """An object or a list of which some members may be left out."""

    def write(subject: Subject) -> bytes:
        texts = [_written(member, subject) for member in members]
        return before + b",".join([member_text for member_text in texts if member_text is not None]) + after

    return write


def _written(member: TemplateMember, subject: Subject) -> bytes | None:
    parts = [each if isinstance(each, bytes) else each(subject) for each in member]
    return None if None in parts else b"".join(parts)  # type: ignore[arg-type]
