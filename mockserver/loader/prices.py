"""behavior.json → what a job costs, and what of it is given back. Knows no account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mockserver.lifecycle import NOTHING, Price, Term, Value
from mockserver.loader.source import BEHAVIOR, Source
from mockserver.loader.states import known_state
from mockserver.loader.values import value


def priced(data: Any) -> Price:
    """A price from its JSON form: a value, a product, or a list of these, of which it is the sum."""
    return tuple(_term(each) for each in data) if isinstance(data, list) else (_term(data),)


def _term(data: Any) -> Term:
    if isinstance(data, dict) and "fact" not in data and "times" in data:
        return Term(tuple(map(_factor, data["times"])), data.get("per", 1), data.get("round", ""))
    return Term((_factor(data),))


def _factor(data: Any) -> float | Value:
    return float(data) if isinstance(data, int | float) else value(data)


def refunds(source: Source, at: str, data: Mapping[str, Any], states: Iterable[str]) -> Mapping[str, float | Price]:
    """The share of the price that is given back, by state: a number, or what makes one."""
    said = data.get("refunds", NOTHING)
    for state in said:
        known_state(source, at, state, states)
    if said and not data.get("cost"):
        source.say(BEHAVIOR, at, "nothing is given back of what costs nothing.", 'Add "cost", or remove it.')
    if not isinstance(said, Mapping):
        return dict.fromkeys(said, 1.0)
    return {state: each if isinstance(each, int | float) else priced(each) for state, each in said.items()}
