"""A contract's document, complete: what is written once stands at each operation that answers so. Serves nothing."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from http import HTTPStatus

from mockserver import pointers
from mockserver.contract import Contract, Example, Operation
from mockserver.declared import add
from mockserver.declared import missing as lacking
from mockserver.intake import EVENT_STREAM
from mockserver.lifecycle import Json
from mockserver.remembered import once_per_contract

OVER = "Nothing comes behind the event of `Last-Event-ID` any more: the stream is over"


@once_per_contract(16)
def complete(contract: Contract) -> Json:
    """The document with every answer at every operation that may give it. Whoever changes it copies it first."""
    missing = [(o, e) for o in contract.operations.values() for e in _missing(contract.document, o)]
    ending = [o for o in contract.operations.values() if _may_be_over(contract.document, o)]
    is_whole = next(lacking(contract, contract.document), None) is None
    if not missing and not ending and "x-responses" not in contract.document and is_whole:
        return contract.document
    document = copy.deepcopy(contract.document)
    document.pop("x-responses", None)
    for operation in ending:
        pointers.get(document, operation.pointer)["responses"]["204"] = {"description": OVER}
    for operation, example in missing:
        _add(contract.document, pointers.get(document, operation.pointer), document, example)
    for each in [*lacking(contract, document)]:
        add(document, each)
    return document


def _may_be_over(document: Json, operation: Operation) -> bool:
    """Whether a client of a stream may ask for what comes behind its end, and the document does not say so."""
    said = pointers.get(document, operation.pointer)
    is_stream = operation.stream is not None and EVENT_STREAM in operation.stream.media_types
    return is_stream and said is not pointers.MISSING and "204" not in said.get("responses", {"204": ""})


def _missing(document: Json, operation: Operation) -> Iterator[Example]:
    """The examples of an operation that its own responses do not show."""
    if pointers.get(document, operation.pointer) is pointers.MISSING:
        return  # a document that was put together by hand
    own = {*_own(document, operation)}
    for example in (each for several in operation.examples.values() for each in several):
        if example.pointer not in own and not example.pointer.endswith("/x-answers"):
            yield example


def _own(document: Json, operation: Operation) -> Iterator[str]:
    """Where the examples stand that the responses of an operation show."""
    said = pointers.get(document, operation.pointer)
    for status, response in said.get("responses", {}).items():
        node, at = pointers.resolve(document, response, pointers.join(operation.pointer, "responses", status))
        for kind, content in node.get("content", {}).items():
            for name, example in content.get("examples", {}).items():
                place = pointers.join(at, "content", kind, "examples", name)
                yield f"{pointers.resolve(document, example, place)[1]}/value"


def _add(original: Json, said: Json, document: Json, example: Example) -> None:
    """Write an example into a response of an operation, with what belongs to it."""
    responses = said.setdefault("responses", {})
    status = str(example.status)
    shared = _shared(original, example)
    own, _ = pointers.resolve(document, responses.get(status, {}))
    responses[status] = response = copy.deepcopy({**_about(shared, status), **own})
    response["headers"] = {**copy.deepcopy(shared.get("headers", {})), **response.get("headers", {})}
    if not response["headers"]:
        del response["headers"]
    if not example.media_type:
        return
    content = response.setdefault("content", {}).setdefault(example.media_type, {})
    theirs = shared.get("content", {}).get(example.media_type, {})
    _join_schemas(content, theirs)
    off = (f"{quirk}-off" for quirk in sorted(example.off))
    content.setdefault("examples", {})[".".join((example.title, *off))] = copy.deepcopy(_written(original, example))


def _shared(document: Json, example: Example) -> Json:
    """The response that an example belongs to, where it is one for all operations."""
    found = document.get("x-responses", {}).get(str(example.status), {}) if example.status >= 400 else {}
    node, _ = pointers.resolve(document, found)
    return node


def _about(shared: Json, status: str) -> Json:
    known = {each.value for each in HTTPStatus}
    usual = HTTPStatus(int(status)).phrase if int(status) in known else status
    return {"description": shared.get("description", usual)}


def _join_schemas(content: Json, theirs: Json) -> None:
    """Let a body be as either of two says."""
    schema = theirs.get("schema")
    if schema is None or content.get("schema") == schema:
        return
    own = content.get("schema")
    if own is None:
        content["schema"] = copy.deepcopy(schema)
    elif schema not in own.get("anyOf", ()):
        content["schema"] = {"anyOf": [*(own["anyOf"] if [*own] == ["anyOf"] else [own]), copy.deepcopy(schema)]}


def _written(document: Json, example: Example) -> Json:
    """An example as a document has it: a reference where all may refer to it."""
    above = example.pointer.removesuffix("/value")
    if above.startswith("/components/examples/"):
        return {"$ref": f"#{above}"}
    return pointers.get(document, above)
