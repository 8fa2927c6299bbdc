"""The items of lists: what is bound in them, and one of each state for the page's example. Knows no page."""

from __future__ import annotations

import copy
from typing import Any

from mockserver.json_types import JsonValue
from mockserver.observed.facts import bindings_of
from mockserver.observed.flow import leaves
from mockserver.observed.model import Observed, ObservedOperation, ObservedResource, ObservedState
from mockserver.observed.rows import rows_of
from mockserver.observed.states import word_of
from mockserver.pointers import MISSING, get, put


def like_of(resource: ObservedResource, rows: list[JsonValue]) -> ObservedOperation | None:
    """The operation that shows a job just as each of these items does."""
    for op in resource.operations:
        good = op.good if op.verb == "show" else []
        shown = {frozenset(call.answer) for call in good if isinstance(call.answer, dict)}
        if shown and rows and all(frozenset(row) in shown for row in rows):
            return op
    return None


def pages_of(resource: ObservedResource, op: ObservedOperation, body: JsonValue) -> JsonValue:
    """A page that shows all that items can be, for its schema."""
    rows = rows_of(op)
    show = like_of(resource, rows)
    listed = get(body, op.items)
    listed[:] = [
        *rows,
        *([call.answer for call in show.good if isinstance(call.answer, dict)] if show is not None else []),
    ]
    return body


def state_at(resource: ObservedResource, op: ObservedOperation) -> str:
    """Where an item of a list tells its state; empty where it does not."""
    said, rows = [state.said for state in resource.states.values()], rows_of(op)
    return op.item_at if op.item_at and all(get(row, op.item_at) in said for row in rows) else ""


def item_state(resource: ObservedResource, op: ObservedOperation) -> str:
    """The same, where items write each state as a contract calls it."""
    are_plain = all(state.is_plain for state in resource.states.values() if state.meaning != "gone")
    return state_at(resource, op) if are_plain else ""


def _written(resource: ObservedResource) -> JsonValue:
    """The value that writes states as answers do."""
    table = {state.name: state.said for state in resource.states.values() if state.said is not None}
    return {"fact": "state", "of": table}


def bindings_of_items(found: Observed, resource: ObservedResource, listing: ObservedOperation) -> JsonValue:
    """What is bound within an item: by what is bound elsewhere under the same name."""
    rows = rows_of(listing)
    known: dict[str, Any] = {}
    for op in resource.operations:
        if op.verb in ("show", "create"):
            known |= {at.rpartition("/")[2]: fact for at, fact in bindings_of(found, resource, op).items()}
    bindings: JsonValue = {}
    for at in dict.fromkeys(at for row in rows for at, _ in leaves(row)):
        name, values = at.rpartition("/")[2], [get(row, at) for row in rows]
        if all(str(value) in resource.jobs for value in values):
            bindings[at] = "id"
        elif name in known and known[name] != "id":
            bindings[at] = known[name]
    if (at := state_at(resource, listing)) and not item_state(resource, listing):
        bindings[at] = _written(resource)
    return bindings


def page_of(resource: ObservedResource, op: ObservedOperation, body: JsonValue) -> JsonValue:
    """A page with an item of each state; with one item, where items tell none."""
    rows = rows_of(op)
    if not rows:
        return body
    at = item_state(resource, op)
    fullest = max(rows, key=lambda each: sum(value not in (None, "") for _, value in leaves(each)))
    states = [state for state in resource.states.values() if state.meaning != "gone"] if at else []
    items = [_item(resource, (rows, fullest, at), state) for state in states] or [fullest]
    listed = get(body, op.items)
    listed[:] = items
    return body


def _item(resource: ObservedResource, of: tuple[list[JsonValue], JsonValue, str], state: ObservedState) -> JsonValue:
    rows, fullest, at = of
    seen = next((row for row in rows if get(row, at) == state.said), None)
    if seen is not None:
        return seen
    alike = next((sample for sample in _samples(resource, state) if sample.keys() == fullest.keys()), None)
    if alike is not None:
        return copy.deepcopy(alike)
    item = copy.deepcopy(fullest)
    put(item, at, state.said)
    shown = {place.rpartition("/")[2]: value for place, value in _shown(resource, state)}
    for place, _ in [*leaves(item)]:
        name = place.rpartition("/")[2]
        if place != at and name in shown:
            put(item, place, shown[name])
    return item


def _samples(resource: ObservedResource, state: ObservedState) -> list[dict[str, Any]]:
    """Answers about one job in this state, and items of lists."""
    calls = [call for op in resource.operations for call in op.good if word_of(call, op) == state.word]
    lists = [op for op in resource.operations if op.item_at]
    rows = [row for op in lists for row in rows_of(op) if get(row, op.item_at) == state.said]
    return [each for each in (*(call.answer for call in calls), *rows) if isinstance(each, dict)]


def _shown(resource: ObservedResource, state: ObservedState) -> list[tuple[str, Any]]:
    """What an answer about a job in this state shows, or one about a job that is not done either."""
    calls = [(word_of(call, op), call) for op in resource.operations if op.verb == "show" for call in op.good]
    same = [call for word, call in calls if word == state.word] or [
        call
        for word, call in calls
        if word and word in {s.word for s in resource.states.values() if s.meaning != "success"}
    ]
    return [*leaves(same[0].answer)] if same and state.meaning != "success" else []


def without(body: JsonValue, at: str, others: list[JsonValue]) -> None:
    """Take a value out of a body: the list it is in is as in one of `others` that has no such value, or null."""
    parts = at.split("/")
    above = ("/".join(parts[:n]) for n in range(2, len(parts)))
    place = next((each for each in above if isinstance(get(body, each), list)), at)
    shown = (get(other, place) for other in others if other is not MISSING and get(other, at) is MISSING)
    put(body, place, copy.deepcopy(next((each for each in shown if each is not MISSING), None)))
