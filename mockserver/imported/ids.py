"""How the ids of a resource look: as the schemas of all that takes or shows them want it, else like an example."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

from mockserver import pointers
from mockserver.draws import IDS, IdForm, IdKind
from mockserver.id_patterns import LONGEST
from mockserver.imported.described import items
from mockserver.imported.drafting import Draft
from mockserver.imported.facts import Field, Guess, Lifecycle, OperationRole
from mockserver.imported.lexicon import letters
from mockserver.imported.patterns import from_bounds, from_example, from_expression, from_lengths
from mockserver.imported.refusals import fits
from mockserver.imported.shapes import SchemaObject
from mockserver.imported.widening import places
from mockserver.json_types import JsonObject

_TRIED = 40
"""So many ids of a form are held against the schemas."""
_BOUNDS = ("pattern", "minLength", "maxLength", "format", "enum", "const")
_NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "enum", "const")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_WHOLE = ("integer", "number")


def id_form(draft: Draft, life: Lifecycle) -> str | dict[str, str]:
    """The form of ids, as behavior.json says it: one that all schemas allow, else one that most of them do."""
    rows = [*_places(draft, life)]
    wanted, fields = [said for said, _ in rows], [field for _, field in rows]
    several = [*dict.fromkeys(_forms(wanted, fields))]
    refused = {form: [said for said in wanted if not _is_allowed(draft, said, form)] for form in several}
    found = next((form for form in several if not refused[form]), None)
    if found is None:
        found = min(several, key=lambda form: len(refused[form]))
        _give_up(draft, life, refused[found])
    elif found == _like(_examples(fields), *_lengths(wanted)):
        life.guesses.append(Guess(f"{life.name} ids", _told(found), "like the example", "how ids look"))
    return found if isinstance(found, str) else {"pattern": found.pattern}


def _places(draft: Draft, life: Lifecycle) -> Iterator[tuple[SchemaObject, Field]]:
    """What is said of each place that takes the id or shows it, by its schema and in words."""
    show = draft.facts[life.show]
    for each in draft.operation(life.show).get("parameters", ()):
        if each["name"] == life.id_parameter:
            yield draft.sampler.shapes.said(each.get("schema", {})), show.named.get(each["name"], Field(""))
    for role in life.of("show", "create"):
        yield from _shown(draft, life, role)


def _shown(draft: Draft, life: Lifecycle, role: OperationRole) -> Iterator[tuple[SchemaObject, Field]]:
    """The same of the places in one answer."""
    facts = draft.facts[role.operation]
    for content, at in _contents(draft, life, role):
        yield draft.sampler.shapes.at(content["schema"], at)[0], facts.shows.get(at, Field(""))


def _contents(draft: Draft, life: Lifecycle, role: OperationRole) -> Iterator[tuple[JsonObject, str]]:
    """The content of an answer that shows the id, with each place of it."""
    facts = draft.facts[role.operation]
    responses = draft.operation(role.operation).get("responses", {})
    contents = [content for response in responses.values() for content in response.get("content", {}).values()]
    content: JsonObject = next((each for each in contents if "schema" in each), {"schema": {}})
    names = {"id", letters(life.id_parameter), f"{letters(life.name.rpartition('_')[2])}id"}
    own = [at for at in facts.shows if at.rpartition("/")[0] == life.at and letters(at.rpartition("/")[2]) in names]
    for at in dict.fromkeys([role.id_at] if role.id_at[:1] == "/" else own if role.operation == life.show else []):
        yield content, at


def _forms(wanted: list[SchemaObject], fields: list[Field]) -> Iterator[IdKind]:
    """The forms that may be it, the likeliest first."""
    shortest, longest = _lengths(wanted)
    if any(said.get("type") in _WHOLE for said in wanted):
        yield from _numbers(wanted, fields)
        return
    example = _like(_examples(fields), shortest, longest)
    is_uuid = any(said.get("format") == "uuid" for said in wanted) or any(field.form == "uuid" for field in fields)
    yield from ("uuid",) if is_uuid else ()
    yield from (example,) if example else ()
    yield from ("cuid", "uuid")
    patterns = [said["pattern"] for said in wanted if isinstance(said.get("pattern"), str)]
    made = [*(from_expression(pattern, shortest, longest) for pattern in patterns), from_lengths(shortest, longest)]
    yield from (IdForm(pattern=each) for each in made if each)


def _numbers(wanted: list[SchemaObject], fields: list[Field]) -> Iterator[IdKind]:
    """Whole numbers: of twelve digits, or of as many as may be."""
    low = max((math.ceil(each) for each in _said(wanted, "minimum", 0, "exclusiveMinimum", 1)), default=0)
    tops = [math.floor(each) for each in _said(wanted, "maximum", 0, "exclusiveMaximum", -1)]
    high = min([*tops, *([2**31 - 1] if any(field.form == "int32" for field in fields) else [])], default=10**12)
    if high >= 10**12 - 1 and low <= 10**11:
        yield "number"
    made = from_bounds(low, high)
    yield from [IdForm(pattern=made)] if made else []
    yield IdForm(pattern="[1-9][0-9]{8}")  # that fits what most of them can hold, where none is allowed


def _said(wanted: list[SchemaObject], *words: Any) -> Iterator[float]:
    """The bounds of one side: each word with what is added to its value, which is a whole number."""
    for said in wanted:
        for word, more in zip(words[::2], words[1::2], strict=True):
            value = said.get(word)
            if isinstance(value, int | float) and not isinstance(value, bool):
                whole = math.floor(value) if more > 0 else math.ceil(value)
                yield whole + more if more else value


def _lengths(wanted: list[SchemaObject]) -> tuple[int, int]:
    """How short and how long an id may be, by all that is said."""
    shortest = [said["minLength"] for said in wanted if isinstance(said.get("minLength"), int)]
    longest = [said["maxLength"] for said in wanted if isinstance(said.get("maxLength"), int)]
    return max(shortest, default=0), min(longest, default=LONGEST)


def _examples(fields: list[Field]) -> list[str]:
    """The ids that the document shows."""
    return list(dict.fromkeys(each for field in fields for each in field.shown))


def _like(examples: list[str], shortest: int, longest: int) -> IdKind | None:
    """A form of ids like the first example that can be followed."""
    for example in examples:
        if _UUID.fullmatch(example):
            return "uuid"
        if any(map(str.isdigit, example)) and (made := from_example(example, shortest, longest)):
            return IdForm(pattern=made)
    return None


def _is_allowed(draft: Draft, said: SchemaObject, form: IdKind) -> bool:
    """Whether a schema allows ids of a form."""
    is_whole = said.get("type") in _WHOLE
    schema = {word: said[word] for word in (_NUMBERS if is_whole else _BOUNDS) if word in said}
    made = [IDS[form](blake2b(bytes([n])).digest()) for n in range(_TRIED)] if schema else []
    return all(fits(draft.openapi, schema, int(each) if is_whole and each.isdigit() else each) for each in made)


def _give_up(draft: Draft, life: Lifecycle, refused: list[SchemaObject]) -> None:
    """Take away the patterns that no ids here match, and say so."""
    patterns = [said["pattern"] for said in refused if isinstance(said.get("pattern"), str)]
    for pattern in patterns:
        _without_pattern(draft.openapi, pattern)
    if all(said.get("type") in _WHOLE for said in refused):
        _without_bounds(draft, life)
    bounds = [f"{word} {said[word]!r:.60}" for said in refused for word in (*_BOUNDS, *_NUMBERS) if word in said]
    what = ", ".join(dict.fromkeys(patterns or bounds))
    why = f"no form of ids that is known here matches {what}, which was left out"
    life.guesses.append(Guess(f"{life.name} ids", "opened", why, "how ids look"))


def _without_bounds(draft: Draft, life: Lifecycle) -> None:
    """Take the bounds of ids that are numbers away, wherever the document has them at a place that is called so."""
    names = {"id", letters(life.id_parameter), f"{letters(life.name.rpartition('_')[2])}id"}
    nodes = _nodes(draft, life)
    same = [_bounds_of(node) for node in nodes]
    called = [(each.get("name"), each.get("schema")) for each in _objects(draft.openapi) if "in" in each]
    for each in _objects(draft.openapi):
        called += each["properties"].items() if isinstance(each.get("properties"), dict) else ()
    for name, node in called:
        if isinstance(name, str) and letters(name) in names and isinstance(node, dict):
            nodes += [node] if node.get("type") in _WHOLE and _bounds_of(node) in same else []
    for node in nodes:
        for word in [each for each in _NUMBERS if each in node]:
            del node[word]


def _bounds_of(node: SchemaObject) -> JsonObject:
    return {word: node[word] for word in _NUMBERS if word in node}


def _objects(root: Any) -> Iterator[JsonObject]:
    """Every object of a document."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
        waiting += node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()


def _nodes(draft: Draft, life: Lifecycle) -> list[SchemaObject]:
    """The schemas in the document of the places that take the id or show it."""
    own = [each for each in draft.operation(life.show).get("parameters", ()) if each["name"] == life.id_parameter]
    found = [holder[word] for each in own for holder, word in places(draft.openapi, each, "schema", ())]
    for role in life.of("show", "create"):
        for content, at in _contents(draft, life, role):
            for holder, word in places(draft.openapi, content, "schema", pointers.split(at)):
                found.append(holder[word])
    nodes = [pointers.resolve(draft.openapi, each)[0] for each in found]
    whole = [each for each in nodes if isinstance(each, dict)]
    inner = [item for node in whole for word in ("anyOf", "oneOf") for item in items(node.get(word))]
    return [*whole, *(each for each in inner if isinstance(each, dict))]


def _without_pattern(node: Any, pattern: str) -> None:
    """Take a pattern away wherever a document has it."""
    if isinstance(node, dict):
        if node.get("pattern") == pattern:
            del node["pattern"]
        for each in node.values():
            _without_pattern(each, pattern)
    elif isinstance(node, list):
        for each in node:
            _without_pattern(each, pattern)


def _told(form: IdKind) -> str:
    return form.pattern if isinstance(form, IdForm) else form
