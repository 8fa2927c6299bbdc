"""Which of the contract's examples an answer is: the values that no fact is laid over decide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver import pointers
from mockserver.answers import is_refusal
from mockserver.bindings import bound, in_body
from mockserver.contract import Contract, Example, Operation
from mockserver.lifecycle import Value


def recognise(contract: Contract, operation: Operation, status: int, body: Any) -> list[str]:
    """The names of the examples under a status that a JSON body may be, in the contract's order."""
    return [
        name
        for name, variants in operation.examples.items()
        if any(v.status == status and fits(contract, operation, v, body) for v in variants)
    ]


def fits(contract: Contract, operation: Operation, example: Example, body: Any) -> bool:
    """Whether a body says what an example says wherever no fact is laid over it, or lacks what quirks take away."""
    if not example.media_type:
        return body is pointers.MISSING
    laid = bindings_of(contract, operation, example)
    lacking = [lack for quirk in contract.quirks.values() for lack in quirk.lacks(example.status)]
    return all(
        found == value or (found is pointers.MISSING and any(f"{at}/".startswith(f"{each}/") for each in lacking))
        for at, value in leaves(example.value, "", laid)
        for found in (pointers.get(body, at),)
    )


def bindings_of(contract: Contract, operation: Operation, example: Example) -> Mapping[str, Value]:
    """The bindings that are laid over an example."""
    refusal = is_refusal(contract, operation, example.name)
    named = bound(operation, example.name, example.status, is_refusal=refusal)
    return in_body({**contract.problems.get(example.name, {}), **named} if refusal else named)


def leaves(value: Any, at: str, bound: Mapping[str, Value]) -> Iterator[tuple[str, Any]]:
    """Every (pointer, value) of an example over which no fact is laid."""
    if at in bound and value is not None and value != "":
        return
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from leaves(item, pointers.join(at, key), bound)
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from leaves(item, pointers.join(at, index), bound)
    else:
        yield at, value
