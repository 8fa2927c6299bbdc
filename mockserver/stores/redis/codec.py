"""Records as JSON and back, as they are kept in an engine. Knows no engine.

A record is the list of its fields, bytes are text of one character a byte; what a field is, its annotation says.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from mockserver.journal import JournalEntry
from mockserver.webhooks import DeliveryAttempt

ReadRecord = Callable[[Any], Any]
T = TypeVar("T")
ATTEMPT = "\0attempt"
PLAIN = {Any, object, str, int, float, bool, NoneType}


def _other(value: Any) -> Any:
    """What JSON has no word for."""
    if type(value) is bytes:
        return value.decode("latin-1")
    if isinstance(value, DeliveryAttempt):  # it stands within what an entry says besides, too
        return {ATTEMPT: [getattr(value, field.name) for field in fields(value)]}
    if is_dataclass(value):
        return [getattr(value, field.name) for field in fields(value)]
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} is no value that could be written as JSON: {value!r:.200}")


written: Callable[[Any], str] = json.JSONEncoder(default=_other, separators=(",", ":"), check_circular=False).encode
"""A value as JSON. Raises TypeError for what is no value. None holds itself, so that nobody has to look for that."""


def read(kind: Callable[..., T], data: str | bytes) -> T:
    """The record that was written. Raises ValueError for anything else."""
    record: T = reader(kind)(json.loads(data))
    return record


@cache
def reader(kind: Any) -> ReadRecord:
    """What makes a record of its fields."""
    read_record = _reader(kind)
    assert read_record is not None, "a record"
    return read_record


def _reader(hint: Any) -> ReadRecord | None:
    """What makes a value of such an annotation of what JSON gives; None where that is it."""
    origin, args = get_origin(hint), get_args(hint)
    if hint in PLAIN or origin is Literal:
        return None
    if hint is bytes:
        return _bytes
    if origin in (Union, UnionType):
        return _one_of([inner for inner in map(_reader, args) if inner is not None])
    if origin is tuple:
        return _tuple(args)
    if origin is frozenset:
        return frozenset
    if origin in (list, Sequence):
        return _each(args[0], list)
    if origin in (dict, Mapping):
        return _mapping(args[1])
    return _attempt() if hint is DeliveryAttempt else _record(hint)


def _bytes(text: str) -> bytes:
    return text.encode("latin-1")


def _one_of(readers: list[ReadRecord]) -> ReadRecord | None:
    """One of several annotations; of those that are read at all there is one, and it is a list or a mapping."""
    if not readers:
        return None
    (read_one,) = readers
    return lambda value: read_one(value) if isinstance(value, list | dict) else value


def _tuple(args: tuple[Any, ...]) -> ReadRecord:
    if args[-1] is Ellipsis:
        return _each(args[0], tuple)
    readers = [*map(_reader, args)]
    if not any(readers):
        return tuple
    return lambda values: tuple(
        value if read_item is None else read_item(value) for read_item, value in zip(readers, values, strict=True)
    )


def _each(hint: Any, kind: Callable[[Any], Any]) -> ReadRecord:
    read_item = _reader(hint)
    return kind if read_item is None else lambda values: kind([read_item(value) for value in values])


def _mapping(hint: Any) -> ReadRecord | None:
    read_item = _reader(hint)
    return None if read_item is None else lambda values: {name: read_item(value) for name, value in values.items()}


def _attempt() -> ReadRecord:
    read_fields = _record(DeliveryAttempt)
    return lambda value: read_fields(value[ATTEMPT])


READERS: dict[Any, ReadRecord] = {}


def _record(kind: Any) -> ReadRecord:
    """A named tuple or a frozen dataclass."""
    if kind in READERS:
        return READERS[kind]
    readers: list[tuple[int, ReadRecord]] = []
    is_class = is_dataclass(kind)

    def record(values: list[Any]) -> Any:
        for place, read_field in readers:
            if values[place] is not None:
                values[place] = read_field(values[place])
        return kind(*values) if is_class else kind._make(values)

    READERS[kind] = record  # first: a plan may have another one within
    names = [field.name for field in fields(kind)] if is_class else kind._fields
    hints = get_type_hints(kind)
    readers += [
        (place, read_field) for place, name in enumerate(names) if (read_field := _field(kind, name, hints[name]))
    ]
    return record


def _field(kind: Any, name: str, hint: Any) -> ReadRecord | None:
    return _besides if kind is JournalEntry and name == "extra" else _reader(hint)


def _besides(extra: dict[str, Any]) -> dict[str, Any]:
    """What an entry says besides may hold an attempt to deliver a webhook."""
    attempt = extra.get("attempt")
    if isinstance(attempt, dict) and ATTEMPT in attempt:
        extra["attempt"] = _attempt()(attempt)
    return extra
