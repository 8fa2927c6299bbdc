"""What the engine takes for a failure and the contract declares to be none, each rule with its reason."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mockserver.answers import is_refusal
from mockserver.check.requests import file_parts
from mockserver.contract import Contract, Operation
from mockserver.live import recognise


@dataclass(frozen=True, slots=True)
class Exemption:
    """One kind of failure that does not count; `when` narrows it."""

    name: str
    failure: str
    reason: str
    when: Callable[[Contract, Operation, Any, Any, Any], bool]


def covering(contract: Contract, failure: Any, case: Any, response: Any) -> Exemption | None:
    """The exemption that covers a failure; None when it counts."""
    operation = contract.operations.get(case.operation.definition.raw.get("operationId", ""))
    kind = type(failure).__name__
    rows = (row for row in EXEMPTIONS if row.failure == kind and operation is not None)
    return next((row for row in rows if row.when(contract, operation, failure, case, response)), None)  # type: ignore[arg-type]


def _delete_moves(contract: Contract, operation: Operation, failure: Any, case: Any, response: Any) -> bool:
    return all(o.verb == "move" for o in contract.operations.values() if o.method == "DELETE")


def _of_state(contract: Contract, operation: Operation, failure: Any, case: Any, response: Any) -> bool:
    named = {p for r in operation.references for p in (r.missing, r.otherwise, r.unsupported) if p}
    try:
        names = recognise(contract, operation, response.status_code, json.loads(response.content))
    except ValueError:
        return False
    return any(name in named or not is_refusal(contract, operation, name) for name in names)


def _empty_text(contract: Contract, operation: Operation, failure: Any, case: Any, response: Any) -> bool:
    described = getattr(case.meta.phase.data, "description", "") if case.meta is not None else ""
    return (
        described == "Multipart body with custom encoding" and isinstance(case.body, dict) and "" in case.body.values()
    )


def _file_format(contract: Contract, operation: Operation, failure: Any, case: Any, response: Any) -> bool:
    names = re.findall(r"violates `format` at /properties/(\w+)", failure.message)
    files = {part for body in operation.bodies for part in file_parts(contract, operation, body)}
    return bool(names) and set(names) <= files


def _labelled_wrongly(contract: Contract, operation: Operation, failure: Any, case: Any, response: Any) -> bool:
    return "Invalid component: positive test case" in failure.message


EXEMPTIONS = (
    Exemption(
        "delete_moves",
        "UseAfterFree",
        "DELETE moves a resource to another state by the contract and does not remove it: it stays readable.",
        _delete_moves,
    ),
    Exemption(
        "of_state",
        "RejectedPositiveData",
        "The answer is the contract's for the state in which the resource was found, or for something the request"
        " names that is not there or not ready; no schema of a request can say so.",
        _of_state,
    ),
    Exemption(
        "empty_text",
        "RejectedPositiveData",
        "Where files are registered for the parts of a form, the coverage phase leaves every required text of that"
        " form empty and calls the form valid.",
        _empty_text,
    ),
    Exemption(
        "file_format",
        "AcceptedNegativeData",
        "Any bytes have the format `binary`; the engine calls a generated file invalid and sends a valid one.",
        _file_format,
    ),
    Exemption(
        "labelled_wrongly",
        "AcceptedNegativeData",
        "The engine says itself that no component of the request is invalid.",
        _labelled_wrongly,
    ),
)
