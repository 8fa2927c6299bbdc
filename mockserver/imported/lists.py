"""What a list is in the words of behavior.json: its items, its parameters, what its page tells. Reads no path."""

from __future__ import annotations

from typing import Any

from mockserver import pointers
from mockserver.imported.facts import FieldMap, Lifecycle, OperationRole
from mockserver.imported.filling import with_results
from mockserver.imported.job_answers import AnswerReader
from mockserver.imported.lexicon import LIST_WORDS, PAGE_FACTS, letters
from mockserver.imported.sampling import Sampler, plain_text
from mockserver.json_types import JsonObject

_USUAL = 20
_SHOWN = {"string": "text", "integer": 1, "boolean": True}


def list_words(
    sampler: Sampler,
    operation: JsonObject,
    life: Lifecycle,
    role: OperationRole,
    shared: Any,
    teller: AnswerReader,
    common: JsonObject,
    shows: FieldMap,
) -> tuple[Any, JsonObject]:
    """The page's example, and the words of the operation; `shared` is how jobs are shown whose states differ."""
    content = next(iter(next(iter(operation["responses"].values()))["content"].values()))
    schema = content.get("schema", {})
    if life.is_bare:
        return {"data": []}, {"items": "/data", "like": life.show}
    page = sampler.value(schema)
    page = [] if role.at == "" else page if isinstance(page, dict) else {}
    item_schema = _items(sampler, schema, role.at)
    words: JsonObject = {"items": role.at}
    is_formed = shared is not None and item_schema == shared and isinstance(page, dict) and bool(role.at)
    parameters = _parameters(sampler, operation, life)
    fields = {at.removeprefix(f"{role.at}/*"): each for at, each in shows.items() if at.startswith(f"{role.at}/*")}
    item = with_results(sampler.document, sampler, item_schema, sampler.value(item_schema), fields, teller.asks)
    told = teller.told(item_schema, item, _at_in(item_schema, sampler, life), fields=fields)
    if isinstance(page, dict) and role.at:
        _put(page, role.at, [] if is_formed else [told.example])
    else:
        page = [told.example]
    own = {at: value for at, value in told.bindings.items() if common.get(at) != value and not is_formed}
    words |= {"like": life.show} if is_formed else {}
    words["bindings"] = {**_page(sampler, schema, page, role.at, parameters), **own}
    if parameters:
        words["parameters"] = parameters
    if "limit" in parameters.values() and not _has_default(sampler, operation, parameters):
        words["limit"] = _USUAL
    return page, {word: each for word, each in words.items() if each or word == "items"}


def _put(page: JsonObject, at: str, items: list[Any]) -> None:
    above = page
    *path, last = pointers.split(at)
    for part in path:
        if not isinstance(above.get(part), dict):
            above[part] = {}
        above = above[part]
    above[last] = items


def _items(sampler: Sampler, schema: Any, at: str) -> Any:
    for part in pointers.split(at):
        schema = sampler.shapes.said(schema)["properties"].get(part, {})
    return sampler.shapes.said(schema).get("items", {})


def _at_in(schema: Any, sampler: Sampler, life: Lifecycle) -> str:
    """Where the object of the job is in an item: at its top, or where it is in the answer that shows one."""
    if sampler.shapes.at(schema, life.state_in)[0].get("type") == "string":
        return ""
    return life.at if sampler.shapes.at(schema, life.state_at)[0].get("type") == "string" else ""


def _parameters(sampler: Sampler, operation: JsonObject, life: Lifecycle) -> JsonObject:
    """What the parameters of a query ask for, each meaning once."""
    found: JsonObject = {}
    for each in operation.get("parameters", ()):
        word = letters(each["name"])
        meaning = LIST_WORDS.get(word, "")
        said = sampler.shapes.said(each.get("schema", {}))
        if word == letters(life.state_at.rpartition("/")[2]) and _are_states(sampler, said, life):
            meaning = "state"
        if each["in"] == "query" and meaning and meaning not in found.values() and _fits(meaning, said):
            found[each["name"]] = meaning
    ways = [name for name, meaning in found.items() if meaning in ("page", "offset", "token", "after")]
    for name in ways[1:]:
        del found[name]
    return found


def _fits(meaning: str, said: JsonObject) -> bool:
    kind = said.get("type")
    return kind == "integer" if meaning in ("limit", "page", "offset") else kind in ("string", "array", None)


def _are_states(sampler: Sampler, said: JsonObject, life: Lifecycle) -> bool:
    inner = sampler.shapes.said(said["items"]) if "items" in said else said
    listed = inner.get("enum")
    said_all = [each for each in listed if each is not None] if isinstance(listed, list) else []
    wanted = {state for state, meaning in life.states.items() if meaning != "gone"}
    return all(isinstance(each, str) and each in life.states for each in said_all) and wanted <= {*said_all}


def _has_default(sampler: Sampler, operation: JsonObject, parameters: JsonObject) -> bool:
    return any(
        isinstance(sampler.shapes.said(each.get("schema", {})).get("default"), int)
        for each in operation["parameters"] if parameters.get(each["name"]) == "limit"
    )  # fmt: skip


def _page(sampler: Sampler, schema: Any, page: Any, at: str, parameters: JsonObject) -> JsonObject:
    """What stands beside the items, and tells of the page."""
    found: JsonObject = {}
    means = {*parameters.values()}
    for pointer, value in [*pointers.walk(page)]:
        fact = PAGE_FACTS.get(letters(pointer.rpartition("/")[2]), "")
        if not fact or pointer.startswith(f"{at}/") or isinstance(value, dict | list) or pointer.count("/") > 2:
            continue
        said, must = sampler.shapes.at(schema, pointer)
        if value is None and said.get("type") in _SHOWN:
            is_text = said["type"] == "string"
            value = plain_text(said, "text") if is_text and said.get("format") else _SHOWN[said["type"]]
            pointers.put(page, pointer, value)
        if fact == "page.next_url" and not (isinstance(value, str) and value.startswith("http")):
            fact = "page.next"
        if fact in ("page.next", "page.next_url", "page.previous_url") and not means & {
            "token",
            "after",
            "page",
            "offset",
        }:
            continue
        is_late = fact not in ("page.more", "page.total") and not said["null"]
        if value not in (None, "") and not (is_late and must and said.get("type") != "string"):
            found[pointer] = {"fact": fact, **({"else": ""} if must else {"omit": True})} if is_late else fact
    return found
