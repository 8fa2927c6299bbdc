"""Which of a contract's answers were ever given: every operation with every example, and those no test has seen.

Pure: a contract and counts in, a report out. The counts come from journals, which count beyond their bounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver import pointers
from mockserver.answers import is_refusal
from mockserver.contract import Contract, Example, Operation
from mockserver.journal import Seen

BYTES = "bytes"
"""What the journal calls an answer of the verb `content` that is a result itself."""
_KINDS = ("state", "refusal", "unrouted")
_EVIDENCE = ("documented", "published", "observed", "assumed")


@dataclass(frozen=True, slots=True)
class Answerable:
    """One answer a contract holds. `operation` is "" for those to requests that no operation answers."""

    operation: str
    example: str
    status: int
    kind: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """How often each answer of one API was given; `unseen` begins with what is most worth a test."""

    api: str
    seen: Mapping[Answerable, int]
    unseen: tuple[Answerable, ...]

    @property
    def total(self) -> int:
        """How many answers the contract holds."""
        return len(self.seen) + len(self.unseen)

    @property
    def percent(self) -> float:
        """How much of the contract was seen, to a tenth; 100 for a contract without answers."""
        return round(100 * len(self.seen) / self.total, 1) if self.total else 100.0

    def shown(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "api": self.api,
            "percent": self.percent,
            "seen": len(self.seen),
            "total": self.total,
            "answers": [{**_shown(each), "times": times} for each, times in self.seen.items()],
            "unseen": [_shown(each) for each in self.unseen],
        }


def shown_coverage(contracts: Iterable[Contract], counts: Mapping[Seen, int]) -> dict[str, Any]:
    """The coverage of several APIs as JSON, with the sums over those that were called at all."""
    every = [coverage(contract, counts) for contract in contracts]
    called = [each for each in every if each.seen]
    seen, total = sum(len(each.seen) for each in called), sum(each.total for each in called)
    percent = round(100 * seen / total, 1) if total else 0.0
    return {"percent": percent, "seen": seen, "total": total, "apis": [each.shown() for each in every]}


def _shown(each: Answerable) -> dict[str, Any]:
    return {
        "operation": each.operation,
        "example": each.example,
        "status": each.status,
        "kind": each.kind,
        "evidence": each.evidence,
    }


def coverage(contract: Contract, counts: Mapping[Seen, int]) -> Coverage:
    """What was seen of a contract, by how often (API, operation, example) were answered."""
    every = list(answerable(contract))
    times = {each: counts.get((contract.name, each.operation, each.example), 0) for each in every}
    unseen = sorted((each for each in every if not times[each]), key=_importance)
    return Coverage(contract.name, {each: n for each, n in times.items() if n}, tuple(unseen))


def _importance(each: Answerable) -> tuple[int, int]:
    """States before refusals before unrouted ones; what the vendor documents before what was assumed."""
    return _KINDS.index(each.kind), _EVIDENCE.index(each.evidence)


def answerable(contract: Contract) -> Iterator[Answerable]:
    """Every answer of a contract, in its order."""
    for operation in contract.operations.values():
        yield from _of_operation(contract, operation)
    for name, variants in contract.unrouted.items():
        yield Answerable("", name, variants[0].status, "unrouted", _evidence(contract, variants[0], None))


def _of_operation(contract: Contract, operation: Operation) -> Iterator[Answerable]:
    if operation.verb == "content":
        evidence = _valid(_operation_node(contract, operation).get("x-evidence"))
        yield Answerable(operation.id, BYTES, 200, "state", evidence or "assumed")
    for name, variants in operation.examples.items():
        if operation.verb == "create" and _never_created(contract, operation, name):
            continue
        kind = "refusal" if is_refusal(contract, operation, name) else "state"
        yield Answerable(operation.id, name, variants[0].status, kind, _evidence(contract, variants[0], operation))


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
    return contract.document["paths"][operation.path][operation.method.lower()]
