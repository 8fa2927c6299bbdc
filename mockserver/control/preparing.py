"""What a test wants to be answered → an answer that can be sent and, unless told otherwise, that the contract knows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from mockserver import pointers
from mockserver.contract import Contract, Example, Operation
from mockserver.contract_cache import once_per_contract
from mockserver.control.document import NO_BODY
from mockserver.errors import RequestError, UsageError
from mockserver.faults import MEDIA
from mockserver.faults.given import GivenAnswer
from mockserver.header_types import RawHeaders
from mockserver.suggestions import hint, nearest
from mockserver.validation import Schemas, write_json

REMEDY = "or set `unchecked` to send it as it is"
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_FRAMING = frozenset(("content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "trailer"))


def prepared(
    contract: Contract, operation: str, *, status: int | None = None, json: Any = pointers.MISSING,
    text: str | None = None, content: bytes | None = None, headers: Mapping[str, Any] | None = None,
    unchecked: bool = False,
) -> GivenAnswer:  # fmt: skip
    """An answer to an operation, found to be one that can be sent and, unless `unchecked`, that the contract knows.

    Raises UsageError, and RequestError for JSON that breaks the contract's schema.
    """
    meant = operation_of(contract, operation)
    bodies = [value for value in (json, text, content) if value is not None and value is not pointers.MISSING]
    if len(bodies) + (json is None) > 1:
        raise UsageError("an answer has one body: give one of json, text and content")
    status = usual_status(meant) if status is None else int(status)
    if (bodies or json is None) and status in NO_BODY:  # an empty text is one, too
        raise UsageError(f"an answer of status {status} has no body")
    if json is not pointers.MISSING and not unchecked:
        check(contract, meant, status, json)
    body, kind = _bytes(json, text, content, [] if meant is None else examples_of(meant, status))
    lines = [
        (name, v) for name, value in (headers or {}).items() for v in (value if isinstance(value, list) else [value])
    ]
    typed = [("content-type", kind)] if kind and not any(name.lower() == "content-type" for name, _ in lines) else []
    return answer_of_bytes(meant, status, body, json, [*typed, *lines])


def answer_of_bytes(
    operation: Operation | None, status: int, body: bytes | None, value: Any, headers: Iterable[tuple[str, str]]
) -> GivenAnswer:
    """An answer of these very bytes; `value` is their JSON, where they are some. Raises UsageError."""
    if not isinstance(status, int) or not 200 <= status <= 599:
        raise UsageError(f"the status of an answer is a whole number between 200 and 599, not {status!r:.40}")
    if body and status in NO_BODY:
        raise UsageError(f"an answer of status {status} has no body")
    examples = [] if operation is None else examples_of(operation, status)
    return GivenAnswer(status, _headers(headers), body, _closest(examples, value).name)


def operation_of(contract: Contract, name: str) -> Operation | None:
    """The operation of a name; None for downloads. Raises UsageError for a name that none has."""
    if name in contract.operations or name == MEDIA:
        return contract.operations.get(name)
    names = (*contract.operations, MEDIA)
    raise UsageError(f"{contract.name} has no operation {name[:80]!r}; {hint(name, names)}")


def examples_of(operation: Operation, status: int) -> list[Example]:
    """The contract's examples of an operation under a status."""
    return [variant for variants in operation.examples.values() for variant in variants if variant.status == status]


def usual_status(operation: Operation | None) -> int:
    """What an operation answers when all is well."""
    statuses = [] if operation is None else [v.status for variants in operation.examples.values() for v in variants]
    return min((status for status in statuses if 200 <= status < 300), default=200)


def check(contract: Contract, operation: Operation | None, status: int, value: Any) -> None:
    """Raises UsageError for a status that the contract has no JSON for, RequestError where JSON breaks its schema."""
    if operation is None:
        raise UsageError(f"no contract says what JSON a download may be; give text or content, {REMEDY}")
    examples = examples_of(operation, status)
    schemas = [example.schema for example in examples if example.schema is not None]
    if not schemas:
        statuses = dict.fromkeys(v.status for variants in operation.examples.values() for v in variants)
        answers = f"{operation.id} answers {', '.join(map(str, sorted(statuses)))}"
        raise UsageError(f"the contract has no JSON for status {status}: {answers}; choose one of these, {REMEDY}")
    errors = [_schemas(contract).at(schema).check(value) for schema in dict.fromkeys(schemas)]
    if all(error is not None for error in errors):
        raise _explained(next(error for error in errors if error is not None), operation, value)


def _explained(error: RequestError, operation: Operation, value: Any) -> RequestError:
    """What is wrong with a body, with the word that was meant perhaps."""
    parent, _, name = error.pointer.rpartition("/")
    examples = [v.value for variants in operation.examples.values() for v in variants]
    if error.missing:  # perhaps it is there, misspelt
        near = nearest(name, _names(value, parent))
        hint = f" (is it the {near!r} that was given?)" if near else ""
    else:
        value_there = pointers.get(value, error.pointer)
        same_place = [text for text in (pointers.get(e, error.pointer) for e in examples) if isinstance(text, str)]
        near = (
            nearest(value_there, same_place) if isinstance(value_there, str) and value_there not in same_place else None
        )
        near = near or nearest(name, [text for e in examples for text in _names(e, parent) if text != name])
        hint = f" (did you mean {near!r}?)" if near else ""
    where = f"{error.pointer}: " if error.pointer else ""
    return RequestError(f"/json{error.pointer}", f"{where}{error.why}{hint}; fix it, {REMEDY}")


def _names(value: Any, at: str) -> list[str]:
    members = pointers.get(value, at)
    return list(members) if isinstance(members, dict) else []


def _bytes(json: Any, text: str | None, content: bytes | None, examples: Iterable[Example]) -> tuple[bytes | None, str]:
    """A body and its media type, that of the contract for JSON; no body where none was given."""
    if json is not pointers.MISSING:
        kinds = (example.media_type for example in examples if "json" in example.media_type)
        return write_json(json), next(kinds, "application/json")
    if text is not None:
        return text.encode("utf-8", "surrogatepass"), "text/plain; charset=utf-8"
    return (None, "") if content is None else (content, "application/octet-stream")


def _headers(pairs: Iterable[tuple[str, str]]) -> RawHeaders:
    """Header lines. Raises UsageError for those that are none, or that are the server's own."""
    lines = []
    for name, value in pairs:
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            raise UsageError(f"the header {name[:80]!r} has a name or a value that HTTP does not allow")
        if name.lower() in _FRAMING:
            raise UsageError(f"the header {name.lower()} is the server's own; faults of the wire break it")
        lines.append((name.lower().encode(), value.strip().encode("latin-1")))
    return tuple(lines)


def _closest(examples: Iterable[Example], json: Any) -> Example:
    """The example that a body is most like; the first where none was given."""
    leaves = _leaves(json, "")
    return max(examples, key=lambda each: len(leaves & _leaves(each.value, "")), default=_NONE)


def _leaves(value: Any, at: str) -> frozenset[tuple[str, str]]:
    """Where which plain values stand."""
    if isinstance(value, dict):
        return frozenset().union(*(_leaves(item, f"{at}/{name}") for name, item in value.items()))
    return frozenset(((at, repr(value)),))


_NONE = Example("", frozenset(), 0, "", None, (), "", None)


@once_per_contract(32)
def _schemas(contract: Contract) -> Schemas:
    return Schemas(contract.document, file=f"{contract.name}/openapi.json")
