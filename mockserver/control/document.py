"""The control API's own OpenAPI document, with what this server serves filled in.

Two of them: the plain one, against which bodies are validated so that refusals are worded by the field, and the one
that is served, which says of each API what its plans, quirks and scenarios may be. The words of faults are added where
they are asked for: their catalogue is slow to import.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mockserver.contract import Contract
from mockserver.control.fault_schemas import fault_schemas
from mockserver.json_types import JsonObject
from mockserver.lifecycle import Resource
from mockserver.rules import playable

_TEXT = (Path(__file__).parent / "openapi.json").read_text(encoding="utf-8")
NO_BODY = (204, 205, 304)
"""Statuses of answers that have none."""
_ALWAYS = ("api", "count", "error", "curve", "result_bytes", "retries")


def shapes() -> JsonObject:
    """The document as it stands in its file, for the schemas that name no API."""
    document: JsonObject = json.loads(_TEXT)
    return document


def plain(contracts: Sequence[Contract]) -> JsonObject:
    """The document; in it the names of the APIs are the only ones an `api` may have.

    What a snapshot is like is left to whoever reads one: it takes its time to compile, and most tests make none.
    """
    document = _named(contracts)
    document["components"]["schemas"]["SandboxSettings"]["properties"]["snapshot"] = {"type": "object"}
    return document


def _named(contracts: Sequence[Contract]) -> JsonObject:
    names = [contract.name for contract in contracts]
    document: JsonObject = json.loads(_TEXT.replace("{api}", names[0] if names else "none"))
    document["components"]["schemas"]["Api"]["enum"] = names
    return document


def with_faults(document: JsonObject) -> JsonObject:
    """The document with every word that a fault and its selector can have."""
    from mockserver.faults import CATALOGUE, Selector, schemas_of

    words: JsonObject = {name: {} for kind in (*CATALOGUE.values(), Selector) for name in schemas_of(kind)}
    components = document["components"]
    fault = components["schemas"]["Fault"]
    fault = {**fault, "properties": {**fault["properties"], **words}}
    return {**document, "components": {**components, "schemas": {**components["schemas"], "Fault": fault}}}


def served(contracts: Sequence[Contract], root: str = "", *, secured: bool, has_wire: bool = True) -> JsonObject:
    """The document for readers and fuzzers of an application that is mounted at `root`.

    `secured` when requests must carry the control token; without a wire, faults that need one cannot be armed.
    """
    document = with_faults(_named(contracts))
    schemas = document["components"]["schemas"]
    schemas["Plan"] = _any_of(
        schemas["Plan"], [p for c in contracts for r in _runners(c) for p in _plans(schemas["Plan"], c, r)]
    )
    schemas["QuirkSetting"] = _any_of(schemas["QuirkSetting"], [_quirk(c) for c in contracts if c.quirks])
    schemas["ScenarioSetting"] = _any_of(schemas["ScenarioSetting"], [_scenario(c) for c in contracts])
    one_by_one, fault = fault_schemas(contracts, has_wire=has_wire)
    if one_by_one:
        schemas |= {**one_by_one, "Fault": {"description": schemas["Fault"]["description"], **fault}}
    schemas["Answer"] = _one_of(
        schemas["Answer"], [answer for c in contracts for answer in _answers(schemas["Answer"], c)]
    )
    document["servers"] = [{"url": f"{root}/"}]
    _example_quirk(document, contracts)
    _example_endpoint(document, contracts)
    _example_webhook(document, contracts)
    if secured:
        document["security"] = [{"ControlToken": []}]
    return document


def _any_of(otherwise: JsonObject, branches: list[JsonObject]) -> JsonObject:
    return {"anyOf": branches} if branches else otherwise


def _one_of(otherwise: JsonObject, branches: list[JsonObject]) -> JsonObject:
    """For branches no two of which allow the same."""
    return {"oneOf": branches} if branches else otherwise


def _object(properties: Mapping[str, Any], required: Sequence[str]) -> JsonObject:
    return {"type": "object", "required": [*required], "properties": {**properties}, "additionalProperties": False}


def _runners(contract: Contract) -> list[Resource]:
    return [resource for resource in contract.resources.values() if resource.run is not None]


def _plans(schema: JsonObject, contract: Contract, resource: Resource) -> Iterator[JsonObject]:
    """What may be planned for jobs of a resource; that they end during a phase, beside an end that is no success."""
    phases = {state.phase for state in resource.states.values() if state.phase}
    declared = schema["properties"]
    properties = {name: declared[name] for name in declared if name in _ALWAYS or name in phases}
    properties["api"] = {"const": contract.name}
    properties["resource"] = {"const": resource.name}
    properties["outcome"] = {"enum": resource.outcomes}
    if resource.timed:
        properties["passes"] = {**declared["passes"], "items": {"enum": resource.timed}}
    if resource.items is not None:
        properties["items"] = declared["items"]
    yield _object(properties, ["api"])
    failures = [outcome for outcome in resource.outcomes if resource.states[outcome].end != "success"]
    if phases and failures:
        during = {**declared["during"], "enum": sorted(phases)}
        yield _object({**properties, "outcome": {"enum": failures}, "during": during}, ["api", "outcome", "during"])


def _quirk(contract: Contract) -> JsonObject:
    properties = {"api": {"const": contract.name}, "quirk": {"enum": [*contract.quirks]}, "on": {"type": "boolean"}}
    return _object(properties, ["api", "quirk", "on"])


def _scenario(contract: Contract) -> JsonObject:
    return _object(
        {"api": {"const": contract.name}, "scenario": {"enum": playable(contract.scenarios)}}, ["api", "scenario"]
    )


def _answers(schema: JsonObject, contract: Contract) -> Iterator[JsonObject]:
    """Answers with each kind of body, and without one."""
    from mockserver.faults import MEDIA

    bodies = ("json", "text", "content")
    properties = {name: schema_of for name, schema_of in schema["properties"].items() if name not in bodies}
    properties |= {
        "api": {"const": contract.name},
        "operation": {"enum": [*dict.fromkeys((*contract.operations, MEDIA))]},
    }
    yield _object(properties, ["api", "operation"])
    properties["status"] = {**properties["status"], "not": {"enum": sorted(NO_BODY)}}
    for name in bodies:
        yield _object({**properties, name: schema["properties"][name]}, ["api", "operation", name])


def _example_quirk(document: JsonObject, contracts: Sequence[Contract]) -> None:
    body = document["paths"]["/_mock/sandboxes/{name}/quirks"]["put"]["requestBody"]["content"]["application/json"]
    for contract in contracts:
        for name, quirk in contract.quirks.items():
            value = {"api": contract.name, "quirk": name, "on": False}
            body["examples"][f"{contract.name}.{name}"] = {"summary": quirk.title, "value": value}


def _example_webhook(document: JsonObject, contracts: Sequence[Contract]) -> None:
    """Webhooks can be sent where some API has any."""
    body = document["paths"]["/_mock/sandboxes/{name}/webhooks/test"]["post"]["requestBody"]["content"]
    fitting = [c.name for c in contracts if c.webhooks]
    if not fitting:
        del body["application/json"]["examples"]
        return
    body["application/json"]["examples"]["any"]["value"]["api"] = fitting[0]
    document["components"]["schemas"]["WebhookTest"]["properties"]["api"] = {"enum": fitting}


def _example_endpoint(document: JsonObject, contracts: Sequence[Contract]) -> None:
    """Endpoints can be registered where some webhook goes to them."""
    path = document["paths"]["/_mock/sandboxes/{name}/webhook-endpoints"]
    body = path["post"]["requestBody"]["content"]["application/json"]
    fitting = [c.name for c in contracts if any(webhook.is_for_account for webhook in c.webhooks.values())]
    if not fitting:
        del body["examples"]
        return
    for example in body["examples"].values():
        example["value"]["api"] = fitting[0]
    document["components"]["schemas"]["EndpointSettings"]["properties"]["api"] = {"enum": fitting}
