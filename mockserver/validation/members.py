"""Objects and lists whose members come under names of their own, `created[gte]`, `items[0][price]`: names → values.

Strict where names contradict each other. Knows no request.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mockserver.errors import RequestError
from mockserver.validation.coercion import MAX_UNDECLARED, coerce_text
from mockserver.validation.explain import label, pointer
from mockserver.validation.shapes import ANY, Document, Schema, parts_of_all, properties_of_all, sees_types

DEEPEST = 20
_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])+)")
_STEP = re.compile(r"\[([^\[\]]*)\]")
Pairs = Sequence[tuple[str, str]]


class _Unnamed(str):
    """The place of a member without a name, `tags[]`: of a list, never of an object."""


def outer(name: str) -> str:
    """The name of the field that a member belongs to; the name itself where it is no member's."""
    found = _NAME.fullmatch(name)
    return found[1] if found else name


def members(name: str, pairs: Pairs, said: Sequence[Schema], document: Document) -> Any:
    """The value of the field `name`, of which these pairs are all members. Raises RequestError."""
    tree: dict[str, Any] = {}
    for each, text in pairs:
        found = _NAME.fullmatch(each)
        steps = _STEP.findall(found[2]) if found else []
        if len(steps) > DEEPEST:
            raise RequestError(pointer([name]), f"{label([name])} nests deeper than {DEEPEST} levels")
        _enter(tree, steps, text, name)
    return _typed(tree, said, document, [name])


def _enter(tree: dict[str, Any], steps: Sequence[str], text: str, name: str) -> None:
    node = tree
    for step in steps[:-1]:
        below = node.setdefault(step or _Unnamed(len(node)), {})
        if not isinstance(below, dict):
            raise _contradiction(name)
        node = below
    last = steps[-1] or _Unnamed(len(node))
    if last in node:
        raise _contradiction(name)
    node[last] = text


def _contradiction(name: str) -> RequestError:
    return RequestError(pointer([name]), f"{label([name])} has a member twice, or as a text and as an object")


def _typed(node: Any, said: Sequence[Schema], document: Document, path: list[str | int]) -> Any:
    """What stands in a tree of names, by what the schemas say of it."""
    kinds = [sees_types(schema, document) for schema in said]
    types = frozenset.intersection(*kinds) or frozenset.union(*kinds) if kinds else ANY
    if not isinstance(node, dict):
        return coerce_text("/".join(map(str, path)), node, types)
    parts = list(parts_of_all(said, document))
    if "array" in types and ("object" not in types or types >= ANY) and all(step.isdecimal() for step in node):
        items = [part["items"] for part in parts if "items" in part]
        return [_typed(node[step], items, document, [*path, step]) for step in sorted(node, key=int)]
    if "object" not in types:
        raise RequestError(pointer(path), f"{label(path)} has no members")
    if any(isinstance(step, _Unnamed) for step in node):
        raise RequestError(pointer(path), f"{label(path)} is an object: each of its members has a name")
    known = properties_of_all(said, document)
    others = [p["additionalProperties"] for p in parts if isinstance(p.get("additionalProperties"), dict)]
    if sum(key not in known for key in node) > MAX_UNDECLARED:
        raise RequestError(pointer(path), f"{label(path)} has more than {MAX_UNDECLARED} members that nobody knows")
    return {key: _typed(each, known.get(key, others), document, [*path, key]) for key, each in node.items()}


def gathered(
    pairs: Pairs, deep: Mapping[str, Sequence[Schema]], document: Document
) -> tuple[list[tuple[str, str]], dict[str, Any]]:
    """The pairs that are no members of the fields in `deep`, and the values of those that are."""
    if not deep or not any("[" in name for name, _ in pairs):
        return list(pairs), {}
    rest: list[tuple[str, str]] = []
    found: dict[str, list[tuple[str, str]]] = {}
    for name, text in pairs:
        field = outer(name)
        if field != name and field in deep:
            found.setdefault(field, []).append((name, text))
        else:
            rest.append((name, text))
    for name in found.keys() & {name for name, _ in rest}:
        raise _contradiction(name)
    return rest, {name: members(name, several, deep[name], document) for name, several in found.items()}
