"""The standard scenarios and trigger values (`contracts/standard.json`), as far as an API can have them.

A scenario of a standard name without a title says what differs; with one it is a scenario of its own. What an API
cannot have (no webhook that could get lost, nothing that could fail) is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mockserver import pointers
from mockserver.contract import Operation, Webhook
from mockserver.lifecycle import LifecycleState, Resource
from mockserver.loader.declared import declares
from mockserver.loader.resources import condition, scenario
from mockserver.loader.responses import example_names
from mockserver.loader.shipped import standard
from mockserver.loader.source import BEHAVIOR, Source
from mockserver.rules import Match, Scenario
from mockserver.suggestions import mend_word
from mockserver.validation import properties_of

EVERY = "*"
"""In `run`: each resource that has one."""
PHASES = ("queued", "running")


class ApiAbilities(NamedTuple):
    """What an API has that a scenario or a trigger value may need. `links`: it gives links to results."""

    resources: Mapping[str, Resource]
    operations: Mapping[str, Operation]
    webhooks: Mapping[str, Webhook]
    links: bool


def gives_links(data: Any) -> bool:
    """Whether a fact `result.NAME` stands anywhere in what behavior.json says."""
    waiting = [data]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str) and each.startswith("result."):
            return True
        waiting += each.values() if isinstance(each, dict) else each if isinstance(each, list) else ()
    return False


def scenarios(source: Source, parts: ApiAbilities) -> dict[str, Scenario]:
    """The scenarios of a contract: the standard ones, with what it says of them, and its own."""
    every, own = standard()["scenarios"], source.behavior.get("scenarios", {})
    found = {}
    for name in dict.fromkeys((*every, *own)):
        said = _said(source, name, own.get(name), every.get(name), parts)
        if said is not None:
            made = scenario(source, name, said, parts.resources, parts.operations)
            found[name] = made._replace(is_standard=name not in own)
    return found


def _said(source: Source, name: str, own: Any, usual: Any, parts: ApiAbilities) -> dict[str, Any] | None:
    """A scenario as it is written out; None where there is nothing that it could do."""
    at = pointers.join("/scenarios", name)
    if own is not None and usual is None and "title" not in own:
        mend = mend_word(name, standard()["scenarios"], 'Add "title".')
        source.say(BEHAVIOR, at, f"the scenario {name!r} has no title, and is none of the standard ones.", mend)
    base = {} if usual is None or (own is not None and "title" in own) else _fitting(source, usual, parts)
    if own is None:
        return base if len(base) > 1 or base == usual else None
    said = {**base, **own}
    runs = (base.get("run", {}), _runs(own.get("run", {}), parts.resources))
    said["run"] = {key: {**runs[0].get(key, {}), **runs[1].get(key, {})} for run in runs for key in run}
    if isinstance(own.get("limits"), dict):
        said["limits"] = _numbered(source, f"{at}/limits", own["limits"])
    return said


def _fitting(source: Source, usual: Mapping[str, Any], parts: ApiAbilities) -> dict[str, Any]:
    """A standard scenario without what an API cannot have."""
    made = {
        "run": _runs(usual.get("run", {}), parts.resources),
        "limits": [*_limits(source, usual.get("limits", ()), parts)],
        "faults": [each for each in usual.get("faults", ()) if _takes(parts, each, parts.operations.values())],
    }
    rest = {word: said for word, said in usual.items() if word not in made}
    return {**rest, **{word: said for word, said in made.items() if said}}


def _runs(said: Mapping[str, Any], resources: Mapping[str, Resource]) -> dict[str, Any]:
    """The runs of a scenario by resource; what stands under `*` falls on each, as far as it can."""
    found = {
        name: fitting
        for name, resource in resources.items()
        if resource.run is not None and (fitting := _run(said.get(EVERY, {}), resource))
    }
    for name, own in said.items():
        if name != EVERY:
            found[name] = {**found.get(name, {}), **own}
    return found


def _run(said: Mapping[str, Any], resource: Resource) -> dict[str, Any]:
    phases = {state.phase for state in resource.states.values()}
    found = {word: each for word, each in said.items() if word not in PHASES or word in phases}
    if "outcomes" in found:
        by_end = {_ending(resource, end): weight for end, weight in found.pop("outcomes").items()}
        weights = {name: weight for name, weight in by_end.items() if name}
        found |= {"outcomes": weights} if any(weights.values()) else {}
    return found


def _ending(resource: Resource, end: str) -> str:
    """The first state of a resource that ends so."""
    states: Iterator[LifecycleState] = iter(resource.states.values())
    return next((state.name for state in states if state.end == end), "")


def _limits(source: Source, usual: Sequence[Mapping[str, Any]], parts: ApiAbilities) -> Iterator[dict[str, Any]]:
    """The limits of a standard scenario, on what knows its account and has an answer for it; then the API's own."""
    everywhere = "rate_limited" in _refusals(source.openapi)
    able = [
        name
        for name, operation in parts.operations.items()
        if operation.security.ways and (everywhere or "rate_limited" in operation.examples)
    ]
    if not able or not usual:
        return
    yield from ({**each, "operations": able} for each in usual)
    names = {each["name"] for each in usual}
    yield from (each for each in source.behavior.get("limits", ()) if each["name"] not in names)


def _refusals(document: Any) -> set[str]:
    """The problems that `x-responses` has an example of."""
    found: set[str] = set()
    for response in document.get("x-responses", {}).values():
        node, _ = pointers.resolve(document, response)
        found |= {name.partition(".")[0] for name in example_names(node)}
    return found


def _numbered(source: Source, at: str, said: Mapping[str, int]) -> list[dict[str, Any]]:
    """The limits of the API, those that are named with other numbers."""
    own = source.behavior.get("limits", [])
    names = [each["name"] for each in own]
    for name in (name for name in said if name not in names):
        place = pointers.join(at, name)
        mend = mend_word(name, names, "Declare it under limits, or write a list.")
        source.say(BEHAVIOR, place, f"there is no limit {name!r}.", mend)
    return [{**each, "limit": said.get(each["name"], each["limit"])} for each in own]


def _takes(parts: ApiAbilities, fault: Mapping[str, Any], operations: Any) -> bool:
    """Whether a fault can take hold of what these operations are asked for."""
    makes = {name for operation in operations if operation.verb == "create" for name in operation.resources}
    moved = [parts.resources[name] for name in makes & parts.resources.keys() if parts.resources[name].timed]
    kind = fault["fault"]
    if kind.startswith("webhook_"):
        return any(webhook.resource in makes for webhook in parts.webhooks.values())
    if kind.startswith("result_"):
        own = {name for operation in operations if operation.results for name in operation.resources}
        return parts.links and any(each.results or each.name in own for each in moved)
    return bool(moved) if kind == "stuck" else True


def triggers(source: Source, parts: ApiAbilities) -> tuple[Match, ...]:
    """The standard values, at each of the places where a contract listens for them."""
    creating = [each for each in parts.operations.values() if each.verb == "create"]
    found: list[Match] = []
    for index, place in enumerate(source.behavior.get("triggers", ())):
        at = f"/triggers/{index}"
        heard = [each for each in creating if declares(source.openapi, each, place)]
        if not heard:
            known = dict.fromkeys(each for operation in creating for each in _places(source.openapi, operation))
            mend = mend_word(place, known, "Name a place of a request that creates.")
            source.say(BEHAVIOR, at, f"no request that creates has anything at {place}.", mend)
        for row in standard()["matches"]:
            found += _rows(parts, heard, f"request.{place}", row, at)
    return tuple(found)


def _places(document: Any, operation: Operation) -> Iterator[str]:
    yield from (f"{parameter.where}.{parameter.name}" for parameter in operation.parameters)
    for body in operation.bodies:
        yield from (pointers.join("", name) for name in properties_of(body.schema, document))


def _rows(
    parts: ApiAbilities, operations: Sequence[Operation], fact: str, row: Mapping[str, Any], at: str
) -> Iterator[Match]:
    """A standard value at a place: a row for each resource whose jobs it can plan, or one for what it breaks."""
    fits = condition({fact: row["equals"]})
    if "fault" in row:
        names = frozenset(operation.id for operation in operations if _takes(parts, row["fault"], [operation]))
        if names:
            yield Match(names, fits, None, row["fault"], row["title"], word="", pointer=at)
        return
    for resource in parts.resources.values():
        names = frozenset(operation.id for operation in operations if resource.name in operation.resources)
        plan = _plan(row["plan"], resource)
        if names and plan:
            yield Match(names, fits, plan, None, row["title"], word="", pointer=at)


def _plan(said: Mapping[str, Any], resource: Resource) -> dict[str, Any]:
    """A plan as far as a resource can follow it; its outcome is the first state that ends so."""
    if resource.run is None:
        return {}
    made = {**said, **({"outcome": _ending(resource, said["outcome"])} if "outcome" in said else {})}
    phases = {state.phase for state in resource.states.values()}
    return {word: each for word, each in made.items() if each and (word not in PHASES or word in phases)}
