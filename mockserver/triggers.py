"""What a request's own words ask for: the `matches` of a contract, made ready for each operation. Knows no request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mockserver import pointers
from mockserver.conditions import Condition
from mockserver.contract import Contract, Operation
from mockserver.contract_cache import once_per_contract
from mockserver.rules import Match
from mockserver.values import Holds, holds

SCALARS = (str, int, float)


class Exact(NamedTuple):
    """The rows that look for constants: by pointer (and its only part, where it leads one step down) and by value.

    `keys` are the parts where all lead one step down, `constants` all the values: most requests have none of them.
    """

    places: Sequence[tuple[str, str | None, dict[Any, Match]]] = ()
    keys: tuple[str, ...] = ()
    constants: frozenset[Any] = frozenset()


TriggerTests = Mapping[str, Sequence[tuple[Holds, Match]]]
"""By operation: what says whether a row fits, and the row."""


class Triggers(NamedTuple):
    """Those of a contract: by operation, what looks for constants, what else plans or breaks something, what refuses.

    `fault_triggers` are the operations whose requests may ask for a fault by their own words.
    """

    exact: Mapping[str, Exact]
    tested: TriggerTests
    refusals: TriggerTests
    fault_triggers: frozenset[str]


@once_per_contract(64)
def triggers_of(contract: Contract) -> Triggers:
    """The triggers of a contract."""
    return Triggers(
        {name: _exact_rows(contract, operation) for name, operation in contract.operations.items()},
        _rows(contract, [m for m in contract.matches if m.exact is None and not m.problem]),
        _rows(contract, [match for match in contract.matches if match.problem]),
        frozenset(name for match in contract.matches if match.fault for name in match.operations),
    )


def constant(value: Any) -> Any:
    """What a value is found by among others: in JSON 1 is not true."""
    return ("true",) if value is True else ("false",) if value is False else value


def _exact_rows(contract: Contract, operation: Operation) -> Exact:
    """The rows that look at one place of a body for constants."""
    rows_by_place: dict[str, dict[Any, Match]] = {}
    for match in sorted(contract.matches, key=lambda each: not each.is_standard):  # a contract's own word goes before
        looked = match.exact if operation.id in match.operations and not match.problem else None
        if looked is not None:
            at, values = looked
            rows_by_place.setdefault(at, {}).update({constant(each): match for each in values})
    places = [(pointer, pointers.key(pointer), rows) for pointer, rows in rows_by_place.items()]
    keys = [key for _, key, _ in places if key]
    constants = frozenset(value for rows in rows_by_place.values() for value in rows)
    is_flat = len(keys) == len(places) and not any(isinstance(value, tuple) for value in constants)
    return Exact(places, tuple(keys) if is_flat else (), constants)


def _rows(contract: Contract, matches: Sequence[Match]) -> TriggerTests:
    rows_by_operation: dict[str, list[tuple[Holds, Match]]] = {}
    for match in matches:
        for name in match.operations:
            condition = condition_at(match, contract.operations[name])
            rows_by_operation.setdefault(name, []).append((holds(condition), match))
    return rows_by_operation


def condition_at(match: Match, operation: Operation) -> Condition:
    """When a row fits requests to an operation: the one that creates a job is the one that is answered."""
    if operation.verb != "create":
        return match.condition
    return tuple(tuple(rule._replace(fact=_asked(rule.fact)) for rule in row) for row in match.condition)


def _asked(fact: str) -> str:
    return fact.replace("request.", "call.", 1) if fact.startswith("request.") else fact


def looked_at(contract: Contract, operation: Operation) -> Iterator[str]:
    """The facts that refusals of an operation look at."""
    for match in contract.matches:
        if match.problem and operation.id in match.operations:
            for row in condition_at(match, operation):
                yield from (rule.fact for rule in row)
