"""Words about how requests and answers go: idempotency keys, answers that are held back. Knows no request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mockserver import pointers
from mockserver.contract import Contract, Example, Operation
from mockserver.intake import HAPPENINGS, STREAMS, Idempotency, Parameter, Stream, Wait
from mockserver.loader.source import BEHAVIOR, OPENAPI, Source
from mockserver.suggestions import mend_word

_BYTES = frozenset({"content", "stream"})
"""The verbs whose answers are not kept."""


def flow(
    source: Source, data: Any, parameters: Sequence[Parameter], responses: Any, gives_bytes: bool
) -> dict[str, Any]:
    """What an operation with these parameters does around its verb."""
    rule, wait = _idempotency(source, parameters), _wait(data.get("wait"))
    told = _stream(source, data.get("stream", data), responses) if tells(data) else None
    has_steps = rule is not None or wait is not None or gives_bytes or data["verb"] in _BYTES or told is not None
    return {"idempotency": rule, "wait": wait, "stream": told, "has_steps": has_steps}


def tells(data: Any) -> bool:
    """Whether an operation tells of a job while things happen to it: one that it finds, or that it creates."""
    return data["verb"] == "stream" or "stream" in data


def streamed(examples: Mapping[str, tuple[Example, ...]]) -> Mapping[str, tuple[Example, ...]]:
    """The examples of a stream: what stands there for several media types is said once."""
    found = {}
    for name, variants in examples.items():
        first: dict[Any, Example] = {}
        for variant in variants:
            key = (variant.status, variant.off, variant.variants)
            first.setdefault(key if variant.media_type in STREAMS else variant.pointer, variant)
        found[name] = tuple(first.values())
    return found


def _stream(source: Source, data: Any, responses: Any) -> Stream:
    media: list[tuple[int, str]] = []
    for status, response in responses.items():
        node, _ = source.resolve(response, "")
        media += [(int(status), each) for each in node.get("content", {}) if each in STREAMS and str(status).isdigit()]
    status = media[0][0] if media else 200
    return Stream(
        tuple(each for at, each in media if at == status),
        status,
        data.get("like", ""),
        float(data.get("heartbeat", 0.0)),
        data.get("every", 0),
        data.get("events", {}),
    )


def _idempotency(source: Source, parameters: Sequence[Parameter]) -> Idempotency | None:
    said = source.behavior.get("idempotency")
    if said is None:
        return None
    named = {parameter.name.lower() for parameter in parameters if parameter.where == "header"}
    if said["header"].lower() not in named:
        return None
    return Idempotency(said["header"], said["ttl"], said["mismatch"], said["busy"], said.get("replayed", ""))


def _wait(said: Any) -> Wait | None:
    return None if said is None else Wait(said.get("for", ""), said["most"], said.get("until", "end"))


def check_flow(source: Source, contract: Contract) -> None:
    """Note words that nothing can come of."""
    operations = contract.operations.values()
    said = source.behavior.get("idempotency")
    if said is not None and not any(o.idempotency for o in operations):
        known = sorted({p.name for o in operations for p in o.parameters if p.where == "header"})
        sentence = f"no operation declares the header parameter {said['header']!r}."
        remedy = mend_word(said["header"], known, "Declare it in openapi.json, where a key is taken.")
        source.say(BEHAVIOR, "/idempotency/header", sentence, remedy)
    for operation in operations:
        if operation.idempotency is not None and (operation.verb in _BYTES or operation.stream is not None):
            sentence = f"{operation.id} takes idempotency keys, and what it sends is not kept."
            at = pointers.join("/operations", operation.id, "verb")
            source.say(BEHAVIOR, at, sentence, "Remove the header parameter from it in openapi.json.")
        if operation.stream is not None and operation.wait is not None:
            sentence = f"{operation.id} tells of its job from the beginning, and can wait for nothing."
            source.say(
                BEHAVIOR, pointers.join("/operations", operation.id, "wait"), sentence, "Remove it: it answers at once."
            )
        if operation.stream is not None:
            _check_stream(source, contract, operation, operation.stream)


def _check_stream(source: Source, contract: Contract, operation: Operation, told: Stream) -> None:
    at = pointers.join("/operations", operation.id, *(["stream"] if operation.verb == "create" else []))
    shown = [n for n, several in operation.examples.items() if any(e.status < 300 for e in several)]
    if not told.media_types:
        sentence = f"{operation.id} is a stream, and none of its successes has a media type of one."
        remedy = f"Add content of the type {STREAMS[0]}; known are {', '.join(STREAMS)}."
        source.say(OPENAPI, f"{operation.pointer}/responses", sentence, remedy)
    if told.like:
        like = contract.operations.get(told.like)
        if like is None or like.verb != "show" or not set(operation.resources) <= set(like.resources):
            shows = [o.id for o in contract.operations.values() if o.verb == "show"]
            sentence = f"{told.like!r} is no operation that shows what {operation.id} tells of."
            source.say(BEHAVIOR, f"{at}/like", sentence, mend_word(told.like, shows))
    elif not shown:
        sentence = f"{operation.id} tells of nothing: no example is named after an event."
        remedy = 'Name examples after states, "log" or "progress", or add "like": an operation that shows the job.'
        source.say(OPENAPI, f"{operation.pointer}/responses", sentence, remedy)
    known = [contract.resources[name] for name in operation.resources if name in contract.resources]
    names = {*HAPPENINGS, *(state for resource in known for state in resource.states)}
    for name in told.events:
        if name not in names:
            place = pointers.join(f"{at}/events", name)
            source.say(BEHAVIOR, place, f"there is no event {name!r}.", mend_word(name, sorted(names)))
    if "progress" in shown and not told.every:
        sentence = "an example is named progress, and nothing says after how many percent it comes."
        source.say(BEHAVIOR, at, sentence, 'Add "every", the percent between two of them.')
