"""`webhooks` of both documents → Webhooks: where to, at which states, saying what. Sends nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver import pointers
from mockserver.contract import Example, Operation, Webhook
from mockserver.intake import Security
from mockserver.lifecycle import Resource
from mockserver.loader import resources as parts
from mockserver.loader.responses import read_examples
from mockserver.loader.source import BEHAVIOR, Source


def webhooks(source: Source, resources: Mapping[str, Resource]) -> dict[str, Webhook]:
    """Webhooks by name."""
    found = source.behavior.get("webhooks", {})
    return {name: _webhook(source, name, said, resources) for name, said in found.items()}


def _webhook(source: Source, name: str, said: Any, resources: Mapping[str, Resource]) -> Webhook:
    message = None if "like" in said else _message(source, name, said, resources)
    states = said.get("states") or said.get("events") or (message.examples if message is not None else ())
    return Webhook(
        name,
        said["resource"],
        said["target"],
        frozenset(states),
        said.get("like", ""),
        said.get("https_only", False),
        said["sign"]["scheme"],
        said["sign"].get("header", ""),
        float(said["timeout"]),
        tuple(float(each) for each in said["retries"]),
        said.get("events", {}),
        parts.value(said["filter"]) if "filter" in said else None,
        message,
    )


def _message(source: Source, name: str, said: Any, resources: Mapping[str, Resource]) -> Operation:
    """The body of a webhook as an operation has its answers: examples named after states, and bindings."""
    at = pointers.join("/webhooks", name, "post", "requestBody")
    body = pointers.get(source.openapi, at)
    node, where = source.resolve(body, at) if body is not pointers.MISSING else ({}, at)
    examples: dict[str, tuple[Example, ...]] = {}
    for example in read_examples(source, 200, node, where):
        examples[example.name] = (*examples.get(example.name, ()), example)
    if not examples:
        sentence = "it has no body: neither `like` nor examples named after states in openapi.json."
        source.say(BEHAVIOR, pointers.join("/webhooks", name), sentence, "Add one of them.")
    general, own = parts.bindings(said.get("bindings", {}))
    resource = resources.get(said["resource"])
    common = {resource.name: resource.bindings} if resource is not None and resource.bindings else {}
    named = {**(resource.named if resource is not None else {}), **own}
    return Operation(
        id=f"webhooks/{name}",
        method="POST",
        path="",
        verb="show",
        security=Security("open"),
        pointer=pointers.join("/webhooks", name, "post"),
        resources=(said["resource"],),
        examples=examples,
        bindings=general,
        named=named,
        common=common,
    )
