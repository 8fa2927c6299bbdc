"""A JSON value of an example → constant bytes, with slots where facts are written. Knows no contract."""

from __future__ import annotations

from collections.abc import Mapping
from json.encoder import encode_basestring
from typing import Any

from mockserver import pointers
from mockserver.facts import Segments, Slot, slot
from mockserver.lifecycle import Value
from mockserver.validation import write_json


def compile_value(value: Any, bindings: Mapping[str, Value]) -> Segments:
    """A JSON value → constant bytes and slots, at every bound pointer whose value is neither null nor empty."""
    parts: list[bytes | Slot] = []
    _emit(value, "", bindings, parts)
    merged: list[bytes | Slot] = []
    for part in parts:
        if isinstance(part, bytes) and merged and isinstance(merged[-1], bytes):
            merged[-1] += part
        else:
            merged.append(part)
    return tuple(merged)


def _emit(value: Any, pointer: str, bindings: Mapping[str, Value], parts: list[bytes | Slot]) -> None:
    if pointer in bindings and value is not None and value != "":
        parts.append(slot(bindings[pointer], value))
    elif isinstance(value, dict):
        for index, (key, item) in enumerate(value.items()):
            parts.append((b"," if index else b"{") + encode_basestring(key).encode() + b":")
            _emit(item, pointers.join(pointer, key), bindings, parts)
        parts.append(b"}" if value else b"{}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            parts.append(b"," if index else b"[")
            _emit(item, pointers.join(pointer, index), bindings, parts)
        parts.append(b"]" if value else b"[]")
    else:
        parts.append(write_json(value))
