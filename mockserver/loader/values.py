"""behavior.json → values, conditions and bindings. Knows no resource and no operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.bindings import HEADER
from mockserver.conditions import Condition, Rule
from mockserver.lifecycle import Value


def value(data: Any) -> Value:
    """A binding's Value from its JSON form."""
    if isinstance(data, str):
        return Value(data)
    other = data.get("else")
    return Value(
        data.get("fact", ""),
        data.get("salt", ""),
        value(other) if isinstance(other, dict) else other,
        tuple(part if isinstance(part, str) else value(part) for part in data.get("join", ())),
        data.get("of"),
        data.get("as", ""),
        condition(data["when"]) if "when" in data else (),
        data.get("omit", False),
        value(plus) if isinstance(plus := data.get("plus", 0), str | dict) else plus,
        data.get("each", ""),
        values(data.get("bindings", {})),
        data.get("times", 1),
    )


def condition(data: Any) -> Condition:
    """A Condition from its JSON form: a table of rules, or several of which any may hold."""
    rows = data if isinstance(data, list) else [data]
    return tuple(tuple(_rule(fact, said) for fact, said in row.items()) for row in rows)


def _rule(fact: str, said: Any) -> Rule:
    if isinstance(said, dict):
        has = "has" in said
        return Rule(fact, (said["has"],) if has else (), has, said.get("present"), said.get("least"), said.get("most"))
    return Rule(fact, tuple(said) if isinstance(said, list) else (said,))


def values(data: Mapping[str, Any]) -> dict[str, Value]:
    return {pointer: value(each) for pointer, each in data.items()}


def bindings(data: Mapping[str, Any]) -> tuple[dict[str, Value], dict[str, dict[str, Value | None]]]:
    """Bindings in general (by pointer or `header.NAME`), and those of examples by their names; None takes one away."""
    general, named = {}, {}
    for key, each in data.items():
        if key.startswith(("/", HEADER)):
            general[key] = value(each)
        else:
            named[key] = {at: None if said is None else value(said) for at, said in each.items()}
    return general, named
