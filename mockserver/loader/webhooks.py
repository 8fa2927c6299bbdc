"""`webhooks` of both documents and callbacks → Webhooks: where to, at which states, saying what. Sends nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mockserver import pointers
from mockserver.bindings import HEADER
from mockserver.contract import Example, Operation, Webhook
from mockserver.draws import IdForm
from mockserver.intake import GONE, HAPPENINGS, Security, Updates
from mockserver.lifecycle import NOTHING, Resource, Value
from mockserver.loader import resources as parts
from mockserver.loader.bound import bindable, fields, mend_field
from mockserver.loader.callbacks import Declared, declared, every_name
from mockserver.loader.envelopes import envelope, enveloped, states_of
from mockserver.loader.responses import read_examples
from mockserver.loader.signatures import headers_of, signing
from mockserver.loader.source import BEHAVIOR, OPENAPI, Source
from mockserver.suggestions import mend_word
from mockserver.validation.pairs import FORM

EVERY = "*"
"""The name under which stands what is the same for all webhooks of an API."""
ACCOUNT = "account"
JSON = "application/json"
_ID = IdForm("msg_", "hex")


def webhooks(
    source: Source, resources: Mapping[str, Resource], operations: Mapping[str, Operation]
) -> dict[str, Webhook]:
    """Webhooks by name."""
    found = source.behavior.get("webhooks", {})
    common = found.get(EVERY, {})
    made = {
        name: _webhook(source, name, _with_common(common, said), resources, operations)
        for name, said in found.items()
        if name != EVERY
    }
    for name, webhook in made.items():
        _check_bound(source, webhook, found[name].get("bindings", {}))
    return made


def _check_bound(source: Source, webhook: Webhook, said: Any) -> None:
    """Each of its own bindings of a body has a field in some example of its own."""
    at = pointers.join("/webhooks", webhook.name, "bindings")
    for key in (each for each in said if each.startswith("/")):
        if webhook.message is None:
            sentence = "its body is what `like` answers, with the bindings of that operation."
            source.say(BEHAVIOR, pointers.join(at, key), sentence, "Bind it there, or give the webhook examples.")
            continue
        examples = [variant for variants in webhook.message.examples.values() for variant in variants]
        if not any(bindable(example, key) for example in examples):
            sentence = f"the binding {key} has no field to write in any example of the webhook."
            remedy = mend_field(key, fields(webhook.message, examples))
            source.say(BEHAVIOR, pointers.join(at, key), sentence, remedy)


def _with_common(common: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    bindings = {**common.get("bindings", {}), **said.get("bindings", {})}
    return {**common, **said, **({"bindings": bindings} if bindings else {})}


def _webhook(
    source: Source, name: str, said: Any, resources: Mapping[str, Resource], operations: Mapping[str, Operation]
) -> Webhook:
    at, place = pointers.join("/webhooks", name), declared(source, name)
    known = [*every_name(source)]
    if name not in known:
        remedy = mend_word(name, known, "Add it to webhooks there, or to the callbacks of what creates.")
        source.say(BEHAVIOR, at, f"openapi.json has no webhook {name!r}.", remedy)
    about = _resource(source, at, said, place, resources)
    message = None if isinstance(said.get("like"), str) else _message(source, name, said, place, resources.get(about))
    states = said.get("states") or said.get("events") or (states_of(message) if message is not None else ())
    around = envelope(said, at)
    if around is not None and message is not None and about in resources:
        message = enveloped(source, around, message, operations, resources[about], states)
    updates = _updates(said, states, resources.get(about))
    return Webhook(
        name=name,
        resource=about,
        states=frozenset(states) - updates.names,
        updates=updates,
        like="" if around is not None else said.get("like", ""),
        https_only=said.get("https_only", False),
        sign=signing(source, f"{at}/sign", said.get("sign")),
        timeout=float(said.get("timeout", 10)),
        **_retries(said.get("retries", ())),
        events=said.get("events", {}),
        wanted=parts.value(said["filter"]) if "filter" in said else None,
        message=message,
        headers=_headers(said),
        echo=(parts.value(said["echo"]["name"]), parts.value(said["echo"]["value"])) if "echo" in said else None,
        id=parts.kind(said["id"]) if "id" in said else _ID,
        pointer=place.pointer,
        when=parts.condition(said["when"]) if "when" in said else (),
        **_written(source, place.pointer),
        **{"target": said.get("target", ""), **_destination(source, at, said, place)},
    )


def _updates(said: Any, states: Any, resource: Resource | None) -> Updates:
    """What it tells of a job that goes on: events that are no states."""
    known = resource.states if resource is not None else ()
    names = frozenset(state for state in states if state in HAPPENINGS and state not in known)
    return Updates(names, said.get("every", 0), float(said.get("throttle", 0.0)))


def _retries(said: Any) -> dict[str, Any]:
    """The pauses between attempts, and the statuses that end these."""
    pauses = said["after"] if isinstance(said, dict) else said
    is_any = isinstance(said, dict) and said.get("final") == "4xx"
    return {
        "retries": tuple(float(pause) for pause in pauses),
        "final": frozenset(range(400, 500)) if is_any else GONE,
    }


def _written(source: Source, pointer: str) -> dict[str, Any]:
    """How the body is written: as openapi.json declares it, JSON where it does not."""
    at = f"{pointer}/requestBody"
    body = pointers.get(source.openapi, at) if pointer else pointers.MISSING
    node, where = source.resolve(body, at) if body is not pointers.MISSING else ({}, at)
    content = node.get("content", {})
    media_type = next((each for each in content if "examples" in content[each]), next(iter(content), JSON))
    if not _can_be_sent(media_type):
        remedy = f"Write {JSON}, another type of JSON or of text, or {FORM}."
        source.say(OPENAPI, pointers.join(f"{where}/content", media_type), f"no webhook is {media_type}.", remedy)
    encoding = content.get(media_type, {}).get("encoding", {})
    deep = frozenset(name for name, each in encoding.items() if each.get("style") == "deepObject")
    return {"media_type": media_type, "deep": deep}


def _can_be_sent(media_type: str) -> bool:
    return media_type == FORM or "json" in media_type or media_type.startswith("text/")


def _resource(source: Source, at: str, said: Any, place: Declared, resources: Mapping[str, Resource]) -> str:
    """What it tells of: what behavior.json says, what its callback's operation creates, the only one there is."""
    made = {source.behavior["operations"].get(operation, {}).get("resource", "") for operation in place.targets} or {
        *resources
    }
    if "resource" not in said and len(made) != 1:
        sentence = "which resource it tells of cannot be told."
        source.say(BEHAVIOR, at, sentence, f'Add "resource": one of {", ".join(sorted(resources)) or "them"}.')
    about: str = said.get("resource") or next(iter(sorted(made)), "")
    return about


def _destination(source: Source, at: str, said: Any, place: Declared) -> dict[str, Any]:
    """Where it goes, beside the place in the request that `target` names."""
    ways = [way for way in ("target", "to") if way in said]
    if place.is_callback and ways:
        sentence = f"its callback in openapi.json says where it goes, and {ways[0]!r} says it once more."
        source.say(BEHAVIOR, f"{at}/{ways[0]}", sentence, "Remove it.")
    elif len(ways) != 1 and place.pointer and not place.is_callback:
        what = "both target and to say where it goes" if ways else "nothing says where it goes"
        remedy = 'Write one: "to": "account" or a value such as "request./callback"; or declare a callback.'
        source.say(BEHAVIOR, at, f"{what}.", remedy)
    if place.is_callback:
        return {"target": place.target, "targets": place.targets}
    if said.get("to") in (None, ACCOUNT):
        return {"is_for_account": "to" in said}
    to = parts.value(said["to"])
    if to == Value(to.fact) and to.fact.startswith("request."):
        return {"target": to.fact.removeprefix("request.")}
    return {"to": to}


def _headers(said: Any) -> Mapping[str, Mapping[str, Value | None]]:
    """The headers that are bound, by the names of examples; those of a named scheme among the general ones."""
    general, named = parts.bindings(said.get("bindings", {}))
    tables: list[tuple[str, Mapping[str, Value | None]]] = [("", general), *named.items()]
    found: dict[str, dict[str, Value | None]] = {"": {**headers_of(said.get("sign"))}}
    for name, table in tables:
        mine = {key.removeprefix(HEADER): value for key, value in table.items() if key.startswith(HEADER)}
        found.setdefault(name, {}).update(mine)
    return {name: table for name, table in found.items() if table}


def _message(source: Source, name: str, said: Any, place: Declared, resource: Resource | None) -> Operation:
    """The body of a webhook as an operation has its answers: examples named after states, and bindings."""
    at = f"{place.pointer}/requestBody"
    body = pointers.get(source.openapi, at) if place.pointer else pointers.MISSING
    node, where = source.resolve(body, at) if body is not pointers.MISSING else ({}, at)
    examples: dict[str, tuple[Example, ...]] = {}
    for example in read_examples(source, 200, node, where):
        examples[example.name] = (*examples.get(example.name, ()), example)
    if not examples and place.pointer:
        sentence = "it has no body: neither `like` nor examples named after states in openapi.json."
        source.say(BEHAVIOR, pointers.join("/webhooks", name), sentence, "Add one of them.")
    general, own = parts.bindings(said.get("bindings", {}))
    made = Operation(
        id=f"webhooks/{name}",
        method="POST",
        path="",
        verb="show",
        security=Security("open"),
        pointer=place.pointer,
        examples=examples,
        bindings=_of_body(general),
        named={name: _of_body(table) for name, table in own.items() if _of_body(table)},
    )
    return made if resource is None else _about(made, resource)


def _about(message: Operation, resource: Resource) -> Operation:
    """The message with what is bound for all that tells of its resource."""
    named = {name: {**_of_body(table), **message.named.get(name, NOTHING)} for name, table in resource.named.items()}
    common = _of_body(resource.bindings)
    return replace(
        message,
        resources=(resource.name,),
        named={**message.named, **{name: table for name, table in named.items() if table}},
        common={resource.name: common} if common else {},
    )


def _of_body(table: Mapping[str, Any]) -> dict[str, Any]:
    return {at: value for at, value in table.items() if not at.startswith(HEADER)}
