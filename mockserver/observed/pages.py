"""What behavior.json says of a list: its items, what requests ask of it, and what a page tells. Knows no example."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.imported.lexicon import LIST_WORDS, PAGE_FACTS, letters
from mockserver.json_types import JsonValue
from mockserver.observed.archive import ObservedCall
from mockserver.observed.flow import leaves
from mockserver.observed.lists import bindings_of_items, item_state, like_of
from mockserver.observed.model import Observed, ObservedOperation, ObservedResource
from mockserver.observed.rows import rows_of
from mockserver.pointers import MISSING, get

USUAL_LIMIT, MOST_ON_A_PAGE = 20, 1000
COUNTS = frozenset(("count", "size", "itemcount", "returned", "numberofitems"))
"""Names of how many are on a page; letters alone."""


def list_words(found: Observed, resource: ObservedResource, op: ObservedOperation) -> JsonValue:
    """The words of a list beside its verb."""
    made: JsonValue = {"items": op.items}
    call = next(call for call in op.good if call.answer is not MISSING)
    rows = rows_of(op)
    show = like_of(resource, rows)
    if show is not None:
        made["like"] = show.name
    else:
        made["bindings"] = bindings_of_items(found, resource, op)
    state = item_state(resource, op)
    if state:
        made["item_state"] = state
    parameters = {
        name: LIST_WORDS[letters(name)] for each in op.good for name in each.query if letters(name) in LIST_WORDS
    }
    parameters |= {name: "state" for each in op.good for name in each.query if letters(name) in ("status", "state")}
    if parameters:
        made["parameters"] = parameters
    if "limit" in parameters.values():
        made["limit"] = _usual_limit(op, call, parameters)
    page = {at: fact for at, value in leaves(call.answer) if (fact := _of_page(op, at, value, parameters))}
    return {**made, "page": page} if page else made


def _usual_limit(op: ObservedOperation, call: ObservedCall, parameters: Mapping[str, str]) -> int:
    """How many are on a page where a request does not say: as many as an answer says, or as was asked for."""
    told = [
        value
        for at, value in leaves(call.answer)
        if letters(at.rpartition("/")[2]) in LIST_WORDS and type(value) is int
    ]
    told = [value for value in told if value > 0]
    asked = [
        int(text)
        for each in op.good
        for name, text in each.query.items()
        if parameters.get(name) == "limit" and text.isdecimal()
    ]
    return next((value for value in (*asked, *told) if 0 < value <= MOST_ON_A_PAGE), USUAL_LIMIT)


def _counts(op: ObservedOperation, at: str) -> bool:
    """Whether a number is always that of the items on the page."""
    pages = [call.answer for call in op.good if call.answer is not MISSING]
    rows = [(get(page, at), get(page, op.items)) for page in pages]
    return all(isinstance(items, list) and number == len(items) for number, items in rows)


def _of_page(op: ObservedOperation, at: str, value: JsonValue, parameters: Mapping[str, str]) -> str:
    name = letters(at.rpartition("/")[2])
    if at.startswith(op.items + "/") or any(part.isdigit() for part in at.split("/")):
        return ""
    if name in PAGE_FACTS:
        fact = PAGE_FACTS[name]
        is_url = isinstance(value, str) and value.startswith("http")
        if fact == "page.next" and is_url:
            return "page.next_url"
        kinds = {"page.more": bool, "page.total": int}
        wanted = kinds.get(fact, str)
        return fact if type(value) is wanted else ""
    meaning = LIST_WORDS.get(name)
    if name in COUNTS and _counts(op, at):
        return "page.count"
    if meaning == "limit" and type(value) is int:
        return "page.limit" if "limit" in parameters.values() else ""
    return (
        {"page": "page.number", "offset": "page.offset"}.get(meaning or "", "")
        if type(value) is int and meaning in parameters.values()
        else ""
    )
