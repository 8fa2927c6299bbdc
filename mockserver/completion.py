"""A contract's document, complete: what is written once stands at each operation that answers so. Serves nothing."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from http import HTTPStatus

from mockserver import pointers
from mockserver.contract import Contract, Example, Operation, Webhook
from mockserver.contract_cache import once_per_contract
from mockserver.declared import add
from mockserver.declared import missing as undeclared
from mockserver.intake import EVENT_STREAM
from mockserver.json_types import JsonValue
from mockserver.loader.responses import OTHER
from mockserver.variants import lacking

JSON = "application/json"

OVER = "Nothing comes behind the event of `Last-Event-ID` any more: the stream is over"


@once_per_contract(16)
def complete(contract: Contract) -> JsonValue:
    """The document with every answer at every operation that may give it. Whoever changes it copies it first."""
    every = [each for each in contract.operations.values() if _is_there(contract, each)]
    missing = [(o, e, _written(contract.document, e)) for o in every for e in _missing(contract.document, o)]
    missing += [(o, e, _lesser(contract.document, e)) for o in every for e in _without_fields(contract, o)]
    telling = [each for each in contract.webhooks.values() if each.like and _is_blank(contract.document, each.name)]
    enveloped = [each for each in contract.messages.values() if each.inner]
    ending = [each for each in every if _may_be_over(contract.document, each)]
    is_whole = next(undeclared(contract, contract.document), None) is None
    if not (missing or telling or enveloped or ending or "x-responses" in contract.document) and is_whole:
        return contract.document
    document = copy.deepcopy(contract.document)
    document.pop("x-responses", None)
    for operation in ending:
        pointers.get(document, operation.pointer)["responses"]["204"] = {"description": OVER}
    for operation, example, body in missing:
        _add(contract.document, pointers.get(document, operation.pointer), document, example, body)
    for webhook in telling:
        _tell(contract, webhook, document)
    for message in enveloped:
        _show(contract, message, document)
    _refuse(contract, document)
    for each in [*undeclared(contract, document)]:
        add(document, each)
    return document


def _is_there(contract: Contract, operation: Operation) -> bool:
    """Whether the document has an operation; one that was put together by hand may not."""
    return pointers.get(contract.document, operation.pointer) is not pointers.MISSING


def _without_fields(contract: Contract, operation: Operation) -> Iterator[Example]:
    """The examples of an operation without the fields that are there only while a quirk is on."""
    items = operation.paging.items if operation.paging else None
    for several in operation.examples.values():
        yield from _lessened(contract, several, items)


def _lessened(contract: Contract, several: Sequence[Example], items: str | None = None) -> Iterator[Example]:
    quirks = [quirk.name for quirk in contract.quirks.values() if quirk.omit]
    covered = {(each.off, each.variants) for each in several}
    waiting = list(several) if quirks else []
    while waiting:
        example = waiting.pop(0)
        for quirk in quirks:
            off = example.off | {quirk}
            less = lacking(contract, example, off, items)
            if less is not example and (off, example.variants) not in covered:
                covered.add((off, example.variants))
                waiting.append(less._replace(off=off))
                yield waiting[-1]


def _is_blank(document: JsonValue, webhook: str) -> bool:
    """Whether the body of a webhook is JSON and shows no example."""
    content = pointers.get(document, pointers.join("/webhooks", webhook, "post", "requestBody", "content", JSON))
    return isinstance(content, dict) and "examples" not in content


def _tell(contract: Contract, webhook: Webhook, document: JsonValue) -> None:
    """Write into a webhook what the operation answers that it is like."""
    like, states = contract.operation(webhook.told), contract.resources[webhook.resource].states
    examples = document["webhooks"][webhook.name]["post"]["requestBody"]["content"][JSON].setdefault("examples", {})
    for state in (each for each in states if each in webhook.states):
        several = like.examples.get(like.example_of(webhook.resource, state), ())
        examples.update({_key(each): _written(contract.document, each) for each in several})
        examples.update({_key(each): _lesser(contract.document, each) for each in _lessened(contract, several)})


def _show(contract: Contract, message: Operation, document: JsonValue) -> None:
    """Write into a webhook its examples with the answers in them, unless others refer to the same body."""
    body = pointers.get(document, f"{message.pointer}/requestBody")
    for several in message.examples.values() if "content" in body else ():
        for example in several:
            content = body["content"][example.media_type]
            examples = {name: value for name, value in content["examples"].items() if name != OTHER}
            content["examples"] = {**examples, _key(example): _lesser(contract.document, example)}


def _refuse(contract: Contract, document: JsonValue) -> None:
    """Write what refuses requests that no operation takes as responses of their own, where it is not written so."""
    for problem, several in contract.unrouted.items():
        name = "".join(word.title() for word in problem.split("_"))
        holder = document.setdefault("components", {}).setdefault("responses", {})
        for example in several:
            if example.pointer.startswith("/x-responses/"):
                node = {"responses": {str(example.status): holder[name]} if name in holder else {}}
                _add(contract.document, node, document, example, _written(contract.document, example))
                holder[name] = node["responses"][str(example.status)]
        for example in _lessened(contract, several):
            examples = pointers.get(document, example.place.rpartition("/")[0])
            if isinstance(examples, dict):
                examples[_key(example)] = _lesser(contract.document, example)


def _may_be_over(document: JsonValue, operation: Operation) -> bool:
    """Whether a client of a stream may ask for what comes behind its end, and the document does not say so."""
    node = pointers.get(document, operation.pointer)
    is_stream = (
        operation.verb == "stream" and operation.stream is not None and EVENT_STREAM in operation.stream.media_types
    )
    return is_stream and node is not pointers.MISSING and "204" not in node.get("responses", {"204": ""})


def _missing(document: JsonValue, operation: Operation) -> Iterator[Example]:
    """The examples of an operation that its own responses do not show."""
    own = {*_own(document, operation)}
    for example in (each for several in operation.examples.values() for each in several):
        if example.pointer not in own and not example.pointer.endswith("/x-answers"):
            yield example


def _own(document: JsonValue, operation: Operation) -> Iterator[str]:
    """Where the examples stand that the responses of an operation show."""
    said = pointers.get(document, operation.pointer)
    for status, response in said.get("responses", {}).items():
        node, at = pointers.resolve(document, response, pointers.join(operation.pointer, "responses", status))
        for kind, content in node.get("content", {}).items():
            for name, example in content.get("examples", {}).items():
                place = pointers.join(at, "content", kind, "examples", name)
                yield f"{pointers.resolve(document, example, place)[1]}/value"


def _add(original: JsonValue, node: JsonValue, document: JsonValue, example: Example, body: JsonValue) -> None:
    """Write an example into a response of an operation, with what belongs to it."""
    responses = node.setdefault("responses", {})
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
    content.setdefault("examples", {})[_key(example)] = copy.deepcopy(body)


def _key(example: Example) -> str:
    """The whole name of an example."""
    return ".".join((example.title, *(f"{quirk}-off" for quirk in sorted(example.off))))


def _shared(document: JsonValue, example: Example) -> JsonValue:
    """The response that an example belongs to, where it is one for all operations."""
    response = document.get("x-responses", {}).get(str(example.status), {}) if example.status >= 400 else {}
    node, _ = pointers.resolve(document, response)
    return node


def _about(shared: JsonValue, status: str) -> JsonValue:
    """What a response says beside its headers and its content."""
    statuses = {value.value for value in HTTPStatus}
    usual = HTTPStatus(int(status)).phrase if int(status) in statuses else status
    words = {word: value for word, value in shared.items() if word == "description" or word == "x-evidence"}
    return {"description": usual, **copy.deepcopy(words)}


def _join_schemas(content: JsonValue, theirs: JsonValue) -> None:
    """Let a body be as either of two says."""
    schema = theirs.get("schema")
    if schema is None or content.get("schema") == schema:
        return
    own = content.get("schema")
    if own is None:
        content["schema"] = copy.deepcopy(schema)
    elif schema not in own.get("anyOf", ()):
        content["schema"] = {"anyOf": [*(own["anyOf"] if [*own] == ["anyOf"] else [own]), copy.deepcopy(schema)]}


def _written(document: JsonValue, example: Example) -> JsonValue:
    """An example as a document has it: a reference where all may refer to it."""
    above = example.pointer.removesuffix("/value")
    if above.startswith("/components/examples/"):
        return {"$ref": f"#{above}"}
    return pointers.get(document, above)


def _lesser(document: JsonValue, example: Example) -> JsonValue:
    """An example that is derived from the one that its pointer leads to."""
    node = pointers.get(document, example.pointer.removesuffix("/value"))
    return {**node, "value": example.value}
