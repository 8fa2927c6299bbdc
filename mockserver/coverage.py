"""Which of a contract's answers were ever given: every operation with every example, and those no test has seen.

Pure: a contract and counts in, a report out. The counts come from journals, which count beyond their bounds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mockserver import pointers
from mockserver.answer_conditions import BYTES, Need, Reach
from mockserver.answers import is_refusal
from mockserver.contract import Contract, Example, Operation
from mockserver.contract_cache import once_per_contract
from mockserver.journal import Seen

_KINDS = ("state", "refusal", "unrouted")
_EVIDENCE = ("documented", "published", "observed", "assumed")


@dataclass(frozen=True, slots=True)
class AnswerCount:
    """One answer a contract holds, and how often it was given.

    `operation` is "" for those to requests that no operation answers; `kind` is state, refusal or unrouted; `needs`
    is what it takes to meet it, for a client that calls the operations that were called.
    """

    api: str
    operation: str
    example: str
    status: int
    kind: str
    evidence: str
    answers: int = 0
    needs: Need = "nothing"


def coverage(contract: Contract, counts: Mapping[Seen, int]) -> list[AnswerCount]:
    """Every answer of a contract with how often it was given; those that are most worth a test come first."""
    called = {operation for (api, operation, _), n in counts.items() if n and api == contract.name}
    reach = Reach(contract, called)
    return [_counted(contract, reach, answer, counts) for answer in _every(contract)]


def _counted(contract: Contract, reach: Reach, answer: AnswerCount, counts: Mapping[Seen, int]) -> AnswerCount:
    n = counts.get((answer.api, answer.operation, answer.example), 0)
    needs = reach.need(contract.operations.get(answer.operation), answer.example, answer.status)
    is_variant = answer.operation != "" and reach.is_variant(contract.operations[answer.operation], answer.example)
    need: Need = "variant" if is_variant else "nothing"
    return replace(answer, answers=n, needs=need if n and needs == "operation" else needs)


@once_per_contract(64)
def _every(contract: Contract) -> tuple[AnswerCount, ...]:
    return tuple(sorted(answerable(contract), key=_importance))


def _importance(answer: AnswerCount) -> tuple[int, int]:
    """States before refusals before unrouted ones; what the vendor documents before what was assumed."""
    return _KINDS.index(answer.kind), _EVIDENCE.index(answer.evidence)


def answerable(contract: Contract) -> Iterator[AnswerCount]:
    """Every answer of a contract, in its order."""
    for operation in contract.operations.values():
        yield from _of_operation(contract, operation)
    for name, variants in contract.unrouted.items():
        yield AnswerCount(
            contract.name, "", name, variants[0].status, "unrouted", _evidence(contract, variants[0], None)
        )


def _of_operation(contract: Contract, operation: Operation) -> Iterator[AnswerCount]:
    if operation.gives_bytes:
        evidence = _valid(_operation_node(contract, operation).get("x-evidence"))
        yield AnswerCount(contract.name, operation.id, BYTES, 200, "state", evidence or "assumed")
    for name, variants in operation.examples.items():
        if operation.verb == "create" and not operation.holds and _never_created(contract, operation, name):
            continue
        kind = "refusal" if is_refusal(contract, operation, name) else "state"
        for title, example in {
            name: variants[0],
            **{variant.title: variant for variant in variants if variant.variants},
        }.items():
            evidence = _evidence(contract, example, operation)
            yield AnswerCount(contract.name, operation.id, title, example.status, kind, evidence)


def _never_created(contract: Contract, operation: Operation, name: str) -> bool:
    """Whether an example shows a state that nothing is created in."""
    resource = contract.resources[operation.resources[0]]
    return not is_refusal(contract, operation, name) and name.rsplit(".", 1)[-1] != resource.initial


def _evidence(contract: Contract, example: Example, operation: Operation | None) -> str:
    """The nearest mark above an example, else its operation's, else `assumed`."""
    marks = []
    pointer = example.pointer
    while pointer:
        node = pointers.get(contract.document, pointer)
        marks.append(node.get("x-evidence") if isinstance(node, dict) else None)
        pointer = pointer.rpartition("/")[0]
    if operation is not None:
        marks.append(_operation_node(contract, operation).get("x-evidence"))
    return next(filter(None, map(_valid, marks)), "assumed")


def _valid(mark: Any) -> str | None:
    return mark if mark in _EVIDENCE else None


def _operation_node(contract: Contract, operation: Operation) -> Any:
    return pointers.get(contract.document, operation.pointer)
