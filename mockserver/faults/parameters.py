"""JSON → the fields of a frozen dataclass, by their types. Knows no fault."""

from __future__ import annotations

import math
import types
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from mockserver.errors import UsageError
from mockserver.json_types import TYPES
from mockserver.suggestions import guess, hint

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Between:
    """Both bounds are allowed."""

    low: float
    high: float


LONGEST = 65_536  # characters of a text
Share = Annotated[float, Between(0, 1)]
Seconds = Annotated[float, Between(0, 86_400)]
Shift = Annotated[float, Between(-315_576_000, 315_576_000)]
Count = Annotated[int, Between(1, 1_000_000)]


def types_of(kind: type) -> Mapping[str, Any]:
    """The type of every parameter, by name."""
    return _types_of(kind)


@lru_cache(maxsize=256)
def _types_of(kind: type) -> Mapping[str, Any]:
    hints = get_type_hints(kind, include_extras=True)
    return {field.name: hints[field.name] for field in fields(kind)}


def defaults_of(kind: type) -> dict[str, Any]:
    """The default of every parameter, by name."""
    return {field.name: field.default for field in fields(kind)}


def read(kind: type[T], data: Mapping[str, Any]) -> T:
    """An instance of a dataclass. Raises UsageError for an unknown name and for a value of the wrong type."""
    types_there = types_of(kind)
    for name, value in data.items():
        if name not in types_there:
            raise UsageError(f"there is no parameter {name!r} here; {hint(name, types_there)}", field=name)
        if (wish := unlike(types_there[name], value)) is not None:
            near = guess(value, get_args(types_there[name])) if get_origin(types_there[name]) is Literal else ""
            raise UsageError(f"{name} must be {wish}, not {value!r:.80}{near}", field=name)
    return kind(**data)


def unlike(kind: Any, value: Any) -> str | None:
    """What a value should have been; None when it is of that type."""
    origin, args = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return type_in_words(kind) if unlike(args[0], value) or not args[1].low <= value <= args[1].high else None
    if origin in (Union, types.UnionType):
        return type_in_words(kind) if all(unlike(argument, value) for argument in args) else None
    if origin is Literal:
        return None if isinstance(value, str) and value in args else type_in_words(kind)
    if not _is(kind, value):
        return type_in_words(kind)
    return f"{type_in_words(kind)} of at most {LONGEST} characters" if kind is str and len(value) > LONGEST else None


def _is(kind: Any, value: Any) -> bool:
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, kind)


_WORDS = {int: "a whole number", float: "a number", str: "a text", bool: "true or false", type(None): "null"}


def type_in_words(kind: Any) -> str:
    """A type in words: `a number from 0 to 1`."""
    origin, args = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return f"{type_in_words(args[0])} from {args[1].low:.15g} to {args[1].high:.15g}"
    if origin in (Union, types.UnionType):
        return " or ".join(type_in_words(argument) for argument in args)
    if origin is Literal:
        return "one of " + ", ".join(args)
    return _WORDS[kind]


def schema_of(kind: Any) -> dict[str, Any]:
    """A type as JSON Schema."""
    origin, args = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return {"type": TYPES[args[0]], "minimum": args[1].low, "maximum": args[1].high}
    if origin in (Union, types.UnionType):
        schema = schema_of(next(argument for argument in args if argument is not type(None)))
        return {**schema, "type": [schema["type"], "null"]} if type(None) in args else schema
    if origin is Literal:
        return {"enum": [*args]}
    return {"type": TYPES[kind], **({"maxLength": LONGEST} if kind is str else {})}
