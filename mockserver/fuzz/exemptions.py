"""What the engine takes for a failure and the contract declares to be none, each rule with its reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mockserver.answers import is_refusal
from mockserver.check.requests import file_parts
from mockserver.contract import Contract, Operation
from mockserver.intake import RequestBody
from mockserver.live import recognise
from mockserver.live.files import files
from mockserver.validation import FORMS, Schemas
from mockserver.validation.coercion import FieldRule, field_rules

CURSORS = ("after", "before", "token")
"""Meanings of a list's parameters that must name something in it."""


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
    named = {"not_found", *(p for r in operation.references for p in (r.missing, r.otherwise, r.unsupported) if p)}
    named |= {match.problem for match in contract.matches if match.problem and operation.id in match.operations}
    names = recognise(contract, operation, response.status_code, _json(response))
    return any(name in named or not is_refusal(contract, operation, name) for name in names)


def _server_error_of_state(contract: Contract, operation: Operation, failure: Any, case: Any, response: Any) -> bool:
    names = recognise(contract, operation, response.status_code, _json(response))
    return bool(names) and not any(is_refusal(contract, operation, name) for name in names)


def _of_cursor(contract: Contract, operation: Operation, failure: Any, case: Any, response: Any) -> bool:
    if operation.paging is None:
        return False
    places = [operation.paging.places.get(meaning, "") for meaning in CURSORS]
    asked = [place for place in places if place.partition(".")[2] in (case.query or {})]
    names = recognise(contract, operation, response.status_code, _json(response))
    return any(operation.invalid.get(place, "bad_request") in names for place in asked)


def _of_key(contract: Contract, operation: Operation, failure: Any, case: Any, response: Any) -> bool:
    kept = operation.idempotency
    return kept is not None and kept.mismatch in recognise(contract, operation, response.status_code, _json(response))


def _limit_passed(contract: Contract, operation: Operation, failure: Any, case: Any, response: Any) -> bool:
    return "rate_limited" in recognise(contract, operation, response.status_code, _json(response))


def _empty_text(contract: Contract, operation: Operation, failure: Any, case: Any, response: Any) -> bool:
    described = getattr(case.meta.phase.data, "description", "") if case.meta is not None else ""
    return (
        described == "Multipart body with custom encoding" and isinstance(case.body, dict) and "" in case.body.values()
    )


def _form_of(operation: Operation, case: Any) -> RequestBody | None:
    """The body that a case sends as a form; None when it is none, or no object."""
    body = next((b for b in operation.bodies if b.media_type == case.media_type), None)
    return body if body is not None and body.media_type in FORMS and isinstance(case.body, dict) else None


def _empty_file(contract: Contract, operation: Operation, failure: Any, case: Any, response: Any) -> bool:
    if (body := _form_of(operation, case)) is None:
        return False
    empty = [name for name in file_parts(contract, operation, body) if _bytes_of(case.body.get(name)) == b""]
    sent = {name: value if _bytes_of(value) is None else "file" for name, value in case.body.items()}
    schema = Schemas(contract.document).at(body.pointer)
    return schema.is_valid(sent) and not schema.is_valid({name: sent[name] for name in sent if name not in empty})


def _valid_as_sent(contract: Contract, operation: Operation, failure: Any, case: Any, response: Any) -> bool:
    if (body := _form_of(operation, case)) is None:
        return False
    parts = file_parts(contract, operation, body)
    rules = field_rules(body.schema, contract.document)
    sent = {
        name: _as_shown(value, rules.get(name), name in parts)
        for name, value in case.body.items()
        if value not in ([], {})  # of which a form shows nothing
    }
    return bool(Schemas(contract.document).at(body.pointer).is_valid(sent))


def _as_shown(value: Any, rule: FieldRule | None, is_file: bool) -> Any:
    """A value as a form shows it: one part is a list of one, a file is a file, and what is wanted as text is text.

    The members of an object are texts.
    """
    if rule is not None and rule.repeatable:
        return [_part(item, rule.items, is_file) for item in (value if isinstance(value, list) else [value])]
    return _part(value, rule.types if rule is not None else frozenset(), is_file)


def _part(value: Any, types: frozenset[str], is_file: bool) -> Any:
    if (data := _bytes_of(value)) is not None:
        return "file" if is_file else data.decode("latin-1")
    if isinstance(value, dict) and ("object" in types or "string" not in types):
        return {name: _member(each) for name, each in value.items()}
    return json.dumps(value) if "string" in types and not isinstance(value, str) else value


def _member(value: Any) -> Any:
    return json.dumps(value) if value is None or isinstance(value, bool | int | float) else value


def _bytes_of(value: Any) -> bytes | None:
    """What a part sends as it is. The engine has two types for it, and only one of them is `bytes`."""
    from schemathesis.transport.serialization import Binary  # an extra, which this module is read without

    if isinstance(value, Binary):
        return value.data
    return value if isinstance(value, bytes) else None


def _drawn_file(contract: Contract, operation: Operation, failure: Any, case: Any, response: Any) -> bool:
    refusals = {rule.unsupported for rule in operation.files.values()}
    parts = case.body.values() if isinstance(case.body, dict) else ()
    drawn = [data for part in parts if (data := _bytes_of(part)) is not None]
    names = recognise(contract, operation, response.status_code, _json(response))
    return bool(refusals & set(names)) and any(each not in files().values() for each in drawn)


def _json(response: Any) -> Any:
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        return None


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
        " names that is not there or not ready, or for a request that a row of matches refuses; no schema of a request"
        " can say so.",
        _of_state,
    ),
    Exemption(
        "server_error_of_state",
        "ServerError",
        "The contract answers a state of the resource with this status: a time-out of what takes too long, say.",
        _server_error_of_state,
    ),
    Exemption(
        "of_cursor",
        "RejectedPositiveData",
        "The list was asked to go on behind something that is not in it; no schema of a request can say what is.",
        _of_cursor,
    ),
    Exemption(
        "of_key",
        "RejectedPositiveData",
        "The idempotency key was that of another request before; no schema of a request can say so.",
        _of_key,
    ),
    Exemption(
        "limit_passed",
        "RejectedPositiveData",
        "The answer says that the account has asked too often, which no request can help.",
        _limit_passed,
    ),
    Exemption(
        "empty_text",
        "RejectedPositiveData",
        "Where files are registered for the parts of a form, the coverage phase leaves every required text of that"
        " form empty and calls the form valid.",
        _empty_text,
    ),
    Exemption(
        "empty_file",
        "RejectedPositiveData",
        "A form wants a file, and one of 0 bytes is none; a schema calls it valid where it says no `minLength`.",
        _empty_file,
    ),
    Exemption(
        "valid_as_sent",
        "AcceptedNegativeData",
        "The engine calls a form invalid for what it was before it was sent. A link or a real file may have taken the"
        " place of the invalid part, and a number sent as text is text.",
        _valid_as_sent,
    ),
    Exemption(
        "drawn_file",
        "RejectedPositiveData",
        "Now and then a file is drawn at random although real ones are registered, and may be of another kind.",
        _drawn_file,
    ),
    Exemption(
        "labelled_wrongly",
        "AcceptedNegativeData",
        "The engine says itself that no component of the request is invalid.",
        _labelled_wrongly,
    ),
)
