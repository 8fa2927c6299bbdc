"""Which change of a contract's responses says what a server answered: another status, another media type.

Raises NoWay with the reason where there is none, or where several places could be changed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from http import HTTPStatus
from typing import Any

from mockserver import pointers
from mockserver.contract import Example, Operation
from mockserver.json_patch import PatchOperation
from mockserver.live import LiveReply
from mockserver.live.match_example import fits
from mockserver.loader.responses import example_names
from mockserver.loader.shared import X_RESPONSES
from mockserver.verify.compare import response_of
from mockserver.verify.drift import CheckedAnswer
from mockserver.verify.suggest.draft import PatchDraft, SeenDrift


class NoWay(Exception):
    """Why there is no patch."""


def other_status(draft: PatchDraft, seen: SeenDrift) -> list[PatchOperation]:
    """The examples that were due under the status that came in their place."""
    if not seen.exchanges:
        raise NoWay("no answer came, so that nothing is known of it")
    came = strange_statuses(draft, seen) or {each.reply.status for each in seen.exchanges}
    if len(came) > 1:
        both = " and ".join(map(str, sorted(came)))
        raise NoWay(f"ambiguous: {both} came where the contract answers with one status")
    several = [each for each in seen.exchanges if each.reply.status in came]
    exchange = several[0]
    operation = draft.contract.operations.get(exchange.operation)
    due = _usual(draft, list({id(e): e for each in several for e in due_of(draft, each)}.values()))
    statuses = sorted({each.status for each in due})
    if not statuses:
        raise NoWay("the examples that were due are not there any more")
    if len(statuses) > 1:
        raise NoWay(f"ambiguous: the examples under {' or '.join(map(str, statuses))} could be those that changed")
    if exchange.reply.status >= 500:
        _check_meant(draft, operation, due, exchange.reply)
    if operation is None:
        return _moved_in(draft, f"/{X_RESPONSES}", due, exchange.reply.status)
    _check_free(operation, due, exchange.reply.status)
    own = pointers.join(operation.pointer, "responses")
    if pointers.get(draft.openapi, pointers.join(own, statuses[0])) is not pointers.MISSING:
        return _moved_in(draft, own, due, exchange.reply.status, _standing_in(operation, due))
    return _own(draft, own, due, exchange.reply.status)


def strange_statuses(draft: PatchDraft, seen: SeenDrift) -> set[int]:
    """Those that came and that no example of the operation has."""
    operation = draft.contract.operations.get(seen.drift.operation)
    examples = operation.examples if operation is not None else {}
    known = {example.status for several in examples.values() for example in several}
    return {exchange.reply.status for exchange in seen.exchanges} - known


def _usual(draft: PatchDraft, due: list[Example]) -> list[Example]:
    """Those that are given with all quirks as they are from the start; all, where none is."""
    return [each for each in due if each.off <= draft.contract.off] or due


def due_of(draft: PatchDraft, exchange: CheckedAnswer) -> list[Example]:
    """The examples that an answer was held against."""
    operation = draft.contract.operations.get(exchange.operation)
    known: Mapping[str, Any] = operation.examples if operation is not None else draft.contract.unrouted
    return [example for name in exchange.names for example in known.get(name, ())]


def _check_meant(draft: PatchDraft, operation: Operation | None, due: Collection[Example], reply: LiveReply) -> None:
    """A 5xx is an accident, unless its body says what was due."""
    if operation is None or not any(fits(draft.contract, operation, each, reply.json) for each in due):
        raise NoWay(f"{reply.status} tells of a failure of the server's, and not of what it answers else")


def _check_free(operation: Operation, due: Collection[Example], status: int) -> None:
    names = " or ".join(dict.fromkeys(each.name for each in due))
    taken = [name for name, several in operation.examples.items() if any(e.status == status for e in several)]
    if taken:
        raise NoWay(
            f"ambiguous: {status} is the answer {' or '.join(taken)}. Either it is given in this case, too, which"
            f" behavior.json decides, or {names} is answered with {status}"
        )


def _standing_in(operation: Operation, due: Collection[Example]) -> str:
    """The name of an example, `other`, that answers what was due and more beside; empty where none does."""
    names, places = {each.name for each in due}, {each.place for each in due}
    several = [each for example in operation.examples.values() for each in example if each.place in places]
    return "" if {each.name for each in several} <= names else pointers.split(several[0].place)[-1]


def _moved_in(
    draft: PatchDraft, responses: str, due: Collection[Example], status: int, standing_in: str = ""
) -> list[PatchOperation]:
    """Examples move from one response of an object of responses to a new one there; that of others is copied."""
    document, was = draft.openapi, next(iter(due)).status
    source, target = pointers.join(responses, was), pointers.join(responses, status)
    said, at = pointers.resolve(document, pointers.get(document, source), source)
    if not isinstance(said, dict):
        raise NoWay("the answer stands in a response that behavior.json names, and has the status that is usual there")
    if pointers.get(document, target) is not pointers.MISSING:
        raise NoWay(f"ambiguous: there is a response under {status} already, and another one under {was}")
    if standing_in in example_names(said):
        part = _part(said, {standing_in}, status)
        for content in part["content"].values():
            content["examples"] = {each.name: content["examples"][standing_in] for each in due}
        return [PatchOperation("add", target, part)]
    keys = _keys(said, due)
    if keys >= {*example_names(said)}:
        return [PatchOperation("move", target, source=source)]
    if at != source:  # others refer to it, who may answer as they did
        return [
            PatchOperation("add", target, _part(said, keys, status)),
            PatchOperation("replace", source, _rest(said, keys)),
        ]
    return [PatchOperation("add", target, _part(said, keys, status)), *_less(at, said, keys)]


def _keys(response: Any, due: Collection[Example]) -> set[str]:
    """The names, with suffixes, under which a response shows these examples: their own, or that of `other`."""
    names = {each.name for each in due} | {pointers.split(each.place)[-1] for each in due if each.place}
    return {key for key in example_names(response) if any(key == name or key.startswith(f"{name}.") for name in names)}


def _part(response: Any, keys: Collection[str], status: int) -> dict[str, Any]:
    """A response with these of another's examples."""
    content = {
        kind: {**said, "examples": {key: each for key, each in said["examples"].items() if key in keys}}
        for kind, said in response["content"].items()
        if keys & said.get("examples", {}).keys()
    }
    known = {each.value: each.phrase for each in HTTPStatus}
    headers = {"headers": response["headers"]} if "headers" in response else {}
    return {"description": known.get(status, str(status)), **headers, "content": content}


def _rest(response: Any, keys: Collection[str]) -> dict[str, Any]:
    """A copy of a response without these of its examples."""
    content = {
        kind: {**said, "examples": {key: each for key, each in said["examples"].items() if key not in keys}}
        if "examples" in said
        else said
        for kind, said in response["content"].items()
    }
    return {**response, "content": content}


def _less(at: str, response: Any, keys: Collection[str]) -> list[PatchOperation]:
    return [
        PatchOperation("remove", pointers.join(at, "content", kind, "examples", key))
        for kind, said in response["content"].items()
        for key in said.get("examples", {})
        if key in keys
    ]


def _own(draft: PatchDraft, responses: str, due: Collection[Example], status: int) -> list[PatchOperation]:
    """A response of the operation's own in the place of one that all share."""
    document, target = draft.openapi, pointers.join(responses, status)
    source = pointers.join("", X_RESPONSES, next(iter(due)).status)
    said, _ = pointers.resolve(document, pointers.get(document, source), source)
    if not isinstance(said, dict) or pointers.get(document, target) is not pointers.MISSING:
        raise NoWay("the answer is one of a resource's, and it cannot be told which of its operations changed")
    return [PatchOperation("add", target, _part(said, _keys(said, due), status))]


def other_media_type(draft: PatchDraft, seen: SeenDrift) -> list[PatchOperation]:
    """The content of a response under the media type that came."""
    came = {each.reply.media_type for each in seen.exchanges}
    if len(came) != 1 or "" in came:
        raise NoWay("the answers are of several media types, or of none: what they are cannot be told")
    exchange = seen.exchanges[0]
    operation = draft.contract.operations.get(exchange.operation)
    due = [e for e in due_of(draft, exchange) if e.status == exchange.reply.status]
    if not due:
        raise NoWay("the examples that were due are not there any more")
    new = came.pop()
    at = f"{response_of(due[0])}/content"
    if pointers.get(draft.openapi, at) is pointers.MISSING and operation is not None:
        own = pointers.join(operation.pointer, "responses", due[0].status)
        at = pointers.resolve(draft.openapi, pointers.get(draft.openapi, own), own)[1] + "/content"
    said = pointers.get(draft.openapi, at)
    if not isinstance(said, dict) or len(said) != 1:
        raise NoWay(f"ambiguous: {' or '.join(said or ()) or 'no content'} could be what {new} stands for")
    return [PatchOperation("move", pointers.join(at, new), source=pointers.join(at, *said))]
