"""What sample requests say at the places that answers look at: nothing, what a condition tests, what schemas allow."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from mockserver.bindings import every, facts_of, within
from mockserver.check.requests import candidates, said_of
from mockserver.conditions import Condition
from mockserver.contract import Contract, Operation
from mockserver.draws import digest
from mockserver.kept import variant_facts
from mockserver.negotiation import ACCEPTS

Constants = Mapping[str, Sequence[Any]]
"""By place: what conditions test it for."""
_MOST = 5
"""So many values that a schema allows are tried."""
_ACCEPTS = ACCEPTS.removeprefix("call.")


@dataclass
class SampleRequest:
    """A request that is being answered, as far as answers look at it."""

    values: Mapping[str, Any] = field(default_factory=dict)
    ticket: bytes = digest("sample", "call", 0)

    @property
    def accepts(self) -> str | None:
        """The media type that it wants."""
        return self.values.get(_ACCEPTS)

    def at(self, place: str) -> Any:
        """What stands at a place; None when nothing does."""
        return self.values.get(place)


def conditions(contract: Contract) -> Iterator[Condition]:
    """Every condition of a contract."""
    for operation in (*contract.operations.values(), *contract.messages.values()):
        for _, value in every(operation):
            yield from (each.when for each in within(value))
    yield from contract.variants.values()
    yield from (match.condition for match in contract.matches)
    for table in contract.problems.values():
        yield from (each.when for value in table.values() for each in within(value))


def constants(contract: Contract, family: str) -> Constants:
    """What conditions test the places of `request` or `call` for."""
    found: dict[str, list[Any]] = {}
    for condition in conditions(contract):
        for rule in (rule for row in condition for rule in row):
            head, _, place = rule.fact.partition(".")
            if head == family:
                several = found.setdefault(place, [])
                several += [[each] if rule.has else each for each in rule.any_of if each is not None]
                several += [each for each in (rule.least, rule.most) if each is not None]
    return found


def asked(contract: Contract, operation: Operation, tested: Constants) -> list[SampleRequest]:
    """Requests to an operation that vary in what its answers look at, which are `tested` for these constants."""
    facts = {fact for _, value in every(operation) for fact in facts_of(value)} | variant_facts(contract, operation)
    places = [fact.removeprefix("call.") for fact in sorted(facts) if fact.startswith("call.") and fact != "call.id"]
    return [SampleRequest(values) for values in variations(contract, operation, places, tested)]


def variations(
    contract: Contract, operation: Operation, places: Collection[str], tested: Constants
) -> Iterator[Mapping[str, Any]]:
    """What may stand at places of a request: least, one thing at each in turn, and something everywhere."""
    values = {place: _values(contract, operation, place, tested) for place in places}
    least = {place: several[0] for place, several in values.items() if several and is_always(operation, place)}
    yield least
    for place, several in values.items():
        yield from ({**least, place: each} for each in several)
    if len(values) > 1:
        yield {place: several[0] for place, several in values.items() if several}


def is_always(operation: Operation, place: str) -> bool:
    """Whether every request of an operation has something at a place."""
    where, _, name = place.partition(".")
    return where == "path" or any((p.where, p.name) == (where, name) and p.required for p in operation.parameters)


def _values(contract: Contract, operation: Operation, place: str, tested: Constants) -> list[Any]:
    if place == _ACCEPTS:
        return [*operation.offered]
    where, _, name = place.partition(".")
    said = [p.schema for p in operation.parameters if (p.where, p.name) == (where, name)]
    allowed = islice(candidates(contract.document, said), _MOST)
    found = [*tested.get(place, ()), *(each for each in allowed if each is not None)]
    return found or [_plain(contract, operation, place)]


def _plain(contract: Contract, operation: Operation, place: str) -> Any:
    """Something of the kind that stands at a place: a list, an object, else a text."""
    for part in said_of(contract, operation, place):
        if part.get("type") in ("object", "array"):
            return {} if part["type"] == "object" else []
    return "sample"
