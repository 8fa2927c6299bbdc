"""behavior.json → what jobs bring forth as resources of their own, and whether all that it names is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mockserver import pointers
from mockserver.contract import Contract
from mockserver.lifecycle import ProducedResource, Produces, Resource
from mockserver.loader.source import BEHAVIOR, Source
from mockserver.loader.states import known_state
from mockserver.suggestions import mend_word


def produced(data: Mapping[str, Any] | None) -> tuple[Produces | None, dict[str, ProducedResource]]:
    """The one resource without a name that a result is, and those that have names."""
    if not data:
        return None, {}
    if isinstance(data.get("resource"), str):
        return Produces(**data), {}
    return None, {
        name: ProducedResource(
            each["resource"],
            frozenset(each["on"]),
            each.get("state", ""),
            each.get("result", ""),
            each.get("as", "body"),
        )
        for name, each in data.items()
    }


def check_produces(source: Source, contract: Contract) -> None:
    """Note resources, states and results that are not there."""
    for resource in contract.resources.values():
        at = pointers.join("/resources", resource.name, "produces")
        if resource.produces:
            _check_old(source, contract, resource, resource.produces)
        for name, made in resource.makes.items():
            for word, wrong, known in _wrong(contract, resource, made):
                place = pointers.join(at, name, word)
                source.say(BEHAVIOR, place, f"there is no {word} {wrong!r}.", mend_word(wrong, known))


def _check_old(source: Source, contract: Contract, resource: Resource, made: Produces) -> None:
    at = pointers.join("/resources", resource.name, "produces")
    known_state(source, f"{at}/when", made.when, resource.states)
    target = contract.resources.get(made.resource)
    if target is None:
        sentence = f"there is no resource {made.resource!r}."
        source.say(BEHAVIOR, f"{at}/resource", sentence, mend_word(made.resource, contract.resources))
    else:
        known_state(source, f"{at}/state", made.state, target.states)


def _wrong(contract: Contract, resource: Resource, made: ProducedResource) -> Iterator[tuple[str, str, Iterable[str]]]:
    """Each (word, name, the names that there are) of a name that is none."""
    target = contract.resources.get(made.resource)
    if target is None:
        yield "resource", made.resource, contract.resources
    elif made.state and made.state not in target.states:
        yield "state", made.state, target.states
    for state in sorted(made.on - set(resource.states)):
        yield "on", state, resource.states
    if made.result and made.result not in resource.results:
        yield "result", made.result, resource.results
