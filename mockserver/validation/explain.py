"""Why a value breaks its schema, as one sentence for a person. Knows the validator's errors, not its schemas.

Every sentence names its field, so that it also stands alone: in the body of a refusal or in a test's report.
"""

from __future__ import annotations

from collections.abc import Sequence
from json import dumps
from typing import Any, NamedTuple, TypeAlias

from jsonschema_rs import ValidationError

from mockserver.errors import RequestError
from mockserver.secret_names import sensitive
from mockserver.suggestions import guess

_LONGEST = 60
_MOST = 12
"""So many of the words that a field may be are told."""
_TYPES = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
_SENTENCES = {
    "const": "must be {limit}, but is {value}",
    "minimum": "must be at least {limit}, but is {value}",
    "maximum": "must be at most {limit}, but is {value}",
    "exclusiveMinimum": "must be more than {limit}, but is {value}",
    "exclusiveMaximum": "must be less than {limit}, but is {value}",
    "multipleOf": "must be a multiple of {limit}, but is {value}",
    "minLength": "must have at least {limit} character{s}, but is {value}",
    "maxLength": "must have at most {limit} character{s}, but is {value}",
    "minItems": "must have at least {limit} item{s}",
    "maxItems": "must have at most {limit} item{s}",
    "minProperties": "must have at least {limit} field{s}",
    "maxProperties": "must have at most {limit} field{s}",
    "uniqueItems": "must not hold the same item twice",
    "contains": "holds none of the items it must hold",
    "pattern": "must match the pattern {text}, but is {value}",
    "format": "must be a valid {text}, but is {value}",
    "falseSchema": "is not allowed",
    "not": "has a form that is not allowed",
    "oneOf": "has more than one of the allowed forms at once",
}
_COMBINED = frozenset({"anyOf", "oneOf"})

Path: TypeAlias = list[str | int]
Branches: TypeAlias = Sequence[Sequence[ValidationError]]


def explain(errors: Sequence[ValidationError], root: Path | None = None) -> RequestError:
    """The most telling of `errors` (at least one): the pointer into the value, and a sentence about it.

    `root` is where the value itself stands: empty for a body, `["limit"]` for a parameter.
    """
    root = root or []
    error = min(errors, key=lambda e: (e.kind.name in _COMBINED, len(e.instance_path)))
    branches: Branches = getattr(error.kind, "context", [])
    if any(branches) and all(branches):
        return _none_fits(error, branches, root)
    return _one(error, root)


def _one(error: ValidationError, root: Path) -> RequestError:
    path, keyword = [*root, *error.instance_path], error.kind.name
    if keyword == "propertyNames":
        return _refusal(path, "has a field whose name is not allowed")
    limit: Any = getattr(error.kind, "value", None)
    if keyword == "required":
        return _required([*path, limit])
    if keyword in ("additionalProperties", "unevaluatedProperties"):
        return _refusal([*path, *limit[:1]], "is not a field known here")
    if keyword == "enum":
        return _no_such_word(path, limit, error.instance)
    return _refusal(path, _sentence(keyword, limit, _tellable(path, error.instance)))


class _Secret(NamedTuple):
    """A value that must not be repeated, whatever is wrong with it."""

    value: Any


def _tellable(path: Path, value: Any) -> Any:
    return _Secret(value) if any(sensitive(str(step)) for step in path) else value


def _sentence(keyword: str, limit: Any, value: Any) -> str:
    if keyword == "type":
        return (
            f"must be {_either([_TYPES[name] for name in sorted(limit, key='null'.__eq__)])}, but is {_kind_of(value)}"
        )
    pattern = _SENTENCES.get(keyword, "is not as it must be")
    return pattern.format(limit=short_text(limit), text=limit, value=short_text(value), s="" if limit == 1 else "s")


def _none_fits(error: ValidationError, branches: Branches, root: Path) -> RequestError:
    path = [*root, *error.instance_path]
    all_errors = [one for branch in branches for one in branch]
    here = all(one.instance_path == error.instance_path for one in all_errors)
    keywords = {one.kind.name for one in all_errors}
    if here and keywords == {"required"}:
        return _missing(path, branches)
    if here and keywords == {"type"}:
        types = dict.fromkeys(name for one in all_errors for name in _limit(one))
        return _refusal(path, _sentence("type", list(types), _tellable(path, error.instance)))
    if here and keywords <= {"const", "enum"}:
        values = [value for one in all_errors for value in _values(one)]
        return _no_such_word(path, values, error.instance)
    return explain(min(branches, key=lambda branch: _distance(branch, len(error.instance_path))), root)


def _missing(path: Path, branches: Branches) -> RequestError:
    """What is missing in every way of giving it, or else the ways there are."""
    ways = [[_limit(one) for one in branch] for branch in branches]
    shared = [name for name in ways[0] if all(name in way for way in ways)]
    if shared:
        return _required([*path, shared[0]])
    texts = dict.fromkeys(" with ".join(label([*path, name]) for name in way) for way in ways)
    return RequestError(pointer([*path, ways[0][0]]), f"{_either(list(texts))} is required", missing=True)


def _limit(error: ValidationError) -> Any:
    return error.kind.value


def _values(error: ValidationError) -> list[Any]:
    return list(_limit(error)) if error.kind.name == "enum" else [_limit(error)]


def _distance(branch: Sequence[ValidationError], depth: int) -> tuple[bool, int, int]:
    """How far a branch is from fitting: another kind of value, many errors, errors near the top."""
    other = any(
        (one.kind.name == "type" and len(one.instance_path) == depth)
        or (one.kind.name == "const" and len(one.instance_path) <= depth + 1)
        for one in branch
    )
    return other, len(branch), -max(len(one.instance_path) for one in branch)


def _refusal(path: Path, sentence: str, near: str = "") -> RequestError:
    return RequestError(pointer(path), f"{label(path)} {sentence}", guess=near)


def _no_such_word(path: Path, values: list[Any], value: Any) -> RequestError:
    told = _tellable(path, value)
    words = [each for each in values if isinstance(each, str)]
    near = guess(told, words) if isinstance(told, str) else ""
    return _refusal(path, f"must be {_one_of(values)}, but is {short_text(told)}", near)


def _required(path: Path) -> RequestError:
    return RequestError(pointer(path), f"{label(path)} is required", missing=True)


def pointer(path: Path) -> str:
    """`path` as a JSON pointer."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def label(path: Path) -> str:
    """`path` as a person writes it: `items[0].name`; the root is `the body`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{_cut(step)}" for step in path)
    return text.removeprefix(".") or "the body"


def short_text(value: Any) -> str:
    """`value` as short text; a list, an object or a secret only by its kind."""
    if isinstance(value, dict | list | _Secret):
        return _kind_of(value)
    if isinstance(value, str):
        return dumps(_cut(value), ensure_ascii=False)
    return _cut(dumps(value))


def _kind_of(value: Any) -> str:
    value = value.value if isinstance(value, _Secret) else value
    if isinstance(value, bool) or value is None:
        return dumps(value)
    kinds = {str: "string", int: "integer", list: "array", dict: "object"}
    return _TYPES[kinds.get(type(value), "number")]


def _cut(text: str) -> str:
    """The beginning of a text; not that of a URL's authority, which tells a password only by the `@` behind it."""
    if len(text) <= _LONGEST:
        return text
    begun, scheme, authority = text[:_LONGEST].rpartition("://")
    return f"{begun}{scheme}…" if scheme and "/" not in authority else f"{text[:_LONGEST]}…"


def _one_of(values: list[Any]) -> str:
    words = [short_text(value) for value in values[:_MOST]]
    if len(values) > _MOST:
        return f"one of {', '.join(words)} … and {len(values) - _MOST} more"
    return words[0] if len(words) == 1 else f"one of {_either(words)}"


def _either(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else words[0]
