"""Can a list be read as its contract says: its items, its parameters, where its pages begin and end?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mockserver import pointers
from mockserver.check.requests import is_declared, said_of
from mockserver.contract import Contract, Operation
from mockserver.intake import Paging
from mockserver.lifecycle import Resource
from mockserver.loader.paging import ALL
from mockserver.loader.source import BEHAVIOR, OPENAPI, Source
from mockserver.sorting import direction
from mockserver.suggestions import mend_word


def check_list(source: Source, contract: Contract, operation: Operation) -> None:
    """Note what of a list cannot be played."""
    paging = operation.paging
    assert paging is not None, "the loader gives every list its paging"
    at = pointers.join("/operations", operation.id)
    resource = contract.resources[operation.resources[0]]
    states = resource.states
    for state in (s for s in paging.states if s not in states):
        source.say(BEHAVIOR, f"{at}/states", f"there is no state {state!r}.", mend_word(state, states))
    _check_parameters(source, contract, operation, paging)
    if paging.like:
        _check_like(source, contract, operation, paging)
    for example in operation.examples["ok"]:
        items = pointers.get(example.value, paging.items)
        if not isinstance(items, list):
            sentence = f"the example at {example.pointer} has no list at {paging.items or 'its top'}."
            arrays = [p for p, value in pointers.walk(example.value) if isinstance(value, list)]
            source.say(BEHAVIOR, f"{at}/items", sentence, mend_word(paging.items, arrays, "Fix the pointer."))
        elif not paging.like:
            _check_items(source, at, paging, resource, f"{example.pointer}{paging.items}", items)


def _check_items(source: Source, at: str, paging: Paging, resource: Resource, place: str, items: Sequence[Any]) -> None:
    if paging.item_state is None and len(items) != 1:
        sentence = f"without item_state the example shows exactly one item, and this shows {len(items)}."
        source.say(OPENAPI, place, sentence, "Add item_state, or show one item.")
    elif paging.item_state is not None:
        if items and not any(pointers.get(item, paging.item_state) is not pointers.MISSING for item in items):
            fields = [pointer for pointer, _ in pointers.walk(items[0]) if pointer]
            sentence = f"no item has a field {paging.item_state}."
            source.say(BEHAVIOR, f"{at}/item_state", sentence, mend_word(paging.item_state, fields))
            return
        shown = {str(pointers.get(item, paging.item_state)) for item in items}
        for state in sorted(_listed(paging, resource) - shown):
            sentence = f"no item shows the state {state!r}."
            source.say(OPENAPI, place, sentence, "Add one, or leave the state out of `states`.")


def _listed(paging: Paging, resource: Resource) -> set[str]:
    """The states in which jobs are in a list."""
    return set(paging.states or resource.states) - resource.gone


def _check_like(source: Source, contract: Contract, operation: Operation, paging: Paging) -> None:
    at = pointers.join("/operations", operation.id, "like")
    like, name = contract.operations.get(paging.like), operation.resources[0]
    fits = [o.id for o in contract.operations.values() if o.verb in ("show", "move", "update") and name in o.resources]
    if like is None or like.id not in fits:
        sentence = f"{paging.like!r} answers with no {name}."
        source.say(BEHAVIOR, at, sentence, mend_word(paging.like, fits))
        return
    for state in sorted(_listed(paging, contract.resources[name])):
        shown = like.examples.get(like.example_of(name, state), ())
        if any(pointers.get(each.value, paging.like_at) is pointers.MISSING for each in shown):
            sentence = f"{like.id} shows nothing at {paging.like_at} in the state {state!r}."
            fields = dict.fromkeys(place for each in shown for place, _ in pointers.walk(each.value) if place)
            source.say(BEHAVIOR, f"{at}/at", sentence, mend_word(paging.like_at, fields, "Fix the pointer."))
        if not all("json" in each.media_type for each in shown) or not shown:
            sentence = f"{like.id} answers the state {state!r} without JSON, so there is no item of it."
            source.say(BEHAVIOR, at, sentence, "Leave the state out by `states`, or name another operation.")


def _check_parameters(source: Source, contract: Contract, operation: Operation, paging: Paging) -> None:
    at = pointers.join("/operations", operation.id)
    declared = [f"{p.where}.{p.name}" if p.where != "query" else p.name for p in operation.parameters]
    for word, place in _places(source, operation, paging):
        if not is_declared(contract, operation, place):
            name = place.removeprefix("query.")
            sentence = f"{operation.id} has no query parameter {name!r}."
            if not place.startswith("query."):
                sentence = f"no request of {operation.id} has {place}."
            mend = mend_word(name, declared, "Declare it in openapi.json, or fix the name.")
            source.say(BEHAVIOR, f"{at}/{word}", sentence, mend)
    if "limit" in paging.places and paging.size == ALL:
        sentence = "how many are on a page where the request does not say cannot be told."
        remedy = 'Add a "default" to the schema of the parameter, or "limit": 20 beside "parameters".'
        source.say(BEHAVIOR, f"{at}/parameters", sentence, remedy)
    _check_values(source, contract, operation, paging)
    _check_cursors(source, operation, paging, at)


def _places(source: Source, operation: Operation, paging: Paging) -> Iterator[tuple[str, str]]:
    """Every (word of behavior.json, place in a request) from which something about a list is read."""
    is_old = {"cursor": "cursor", "limit": "limit"} if not paging.new else {"cursor": "cursor"}
    for meaning, place in paging.places.items():
        yield is_old.get(meaning, "parameters"), place
    yield from (("parameters" if paging.new else "filters", each.place) for each in paging.filters)


def _check_values(source: Source, contract: Contract, operation: Operation, paging: Paging) -> None:
    """The words a schema allows are states, or orders."""
    at = pointers.join("/operations", operation.id, "parameters")
    states = contract.resources[operation.resources[0]].states
    for each in paging.filters:
        if each.meaning == "state":
            for word in (
                w for w in _enum(contract, operation, each.place) if not isinstance(w, str) or w not in states
            ):
                sentence = f"the parameter allows {word!r}, which is no state."
                remedy = 'Fix its enum, or write the fact in place of "state": {"fact": "state", "of": {…}}.'
                source.say(BEHAVIOR, at, sentence, mend_word(word, states, remedy))
    for word in _enum(contract, operation, paging.places.get("order", "")):
        if direction(word) is None:
            sentence = f"the parameter allows {word!r}, and lists are in the order of creation alone."
            source.say(BEHAVIOR, at, sentence, "Leave the word out of its enum, or the parameter out of `parameters`.")


def _enum(contract: Contract, operation: Operation, place: str) -> Sequence[Any]:
    found = [word for each in said_of(contract, operation, place) for word in each.get("enum", ())] if place else []
    return [word for word in found if word is not None]


def _check_cursors(source: Source, operation: Operation, paging: Paging, at: str) -> None:
    """A cursor may lead to nothing, and a URL of another page needs a parameter that says which."""
    ways = paging.places.keys() & {"token", "after", "before", "offset", "page", "cursor"}
    urls = paging.facts & {"next", "next_url", "previous", "previous_url", "link"}
    if urls and not ways and paging.size != ALL:
        sentence = f"nothing leads to another page, and {', '.join(sorted(f'page.{url}' for url in urls))} tells of it."
        remedy = 'Say which parameter does: "parameters": {"NAME": "after"} (or token, offset, page).'
        source.say(BEHAVIOR, f"{at}/parameters", sentence, remedy)
    for place in sorted(operation.invalid.keys() - set(paging.places.values())):
        sentence = f"{place} is no cursor of this list."
        source.say(BEHAVIOR, f"{at}/invalid", sentence, mend_word(place, paging.places.values()))
