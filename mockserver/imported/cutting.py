"""The part of a document that some of its operations need, in the words of a contract. Guesses nothing.

Names and shapes stay; prose, examples, extensions, links, callbacks and what no contract can say go. The document
itself is not changed.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Collection
from typing import Any

from mockserver import pointers
from mockserver.imported.addresses import PARAMETER
from mockserver.imported.around import PLACES, requirements_of, schemes_of, security_of, servers_of
from mockserver.imported.bundling import FILES, told, why_unread
from mockserver.imported.contradictions import without_contradictions
from mockserver.imported.described import (
    ANYTHING,
    JSON,
    followed,
    foreign,
    free,
    headers_of,
    items,
    members,
    operations,
    redirections,
)
from mockserver.imported.dialect import Loosened, is_foreign, modern, references
from mockserver.imported.lexicon import letters, tells_job
from mockserver.imported.reading import wrong
from mockserver.json_types import JsonObject

_WORDS = ("operationId", "summary", "parameters", "requestBody", "responses", "security", "servers")
_NO_PARAMETERS = ("accept", "content-type", "authorization")
MOST_PARTS = 20_000
"""So many schemas one may be put together from, each counted on every way that leads to it."""


def cut(document: JsonObject, wanted: Collection[str], loosened: Loosened, name: str = "openapi.json") -> JsonObject:
    """A document of 3.1 with these operations alone, and what they refer to. Raises ContractError."""
    info = document.get("info") if isinstance(document.get("info"), dict) else {}
    made: JsonObject = {"openapi": document.get("openapi"), "info": _info(info)}
    servers = servers_of(document.get("servers"), loosened, "/servers")
    made |= {"servers": servers} if servers else {}
    schemes = schemes_of(document)
    made |= {"security": security_of(document["security"], schemes)} if "security" in document else {}
    paths: dict[str, JsonObject] = {}
    for path, method, operation, item in operations(document, name):
        if operation.get("operationId") in wanted:
            paths.setdefault(path, {})[method] = _operation(document, path, method, item, schemes, loosened)
    made["paths"] = paths
    made["components"] = _components(document, made, name, loosened)
    used = {word for each in requirements_of(made) for word in each}
    made["components"]["securitySchemes"] = {word: schemes[word] for word in schemes if word in used}
    made["components"] = {kind: each for kind, each in made["components"].items() if each}
    _bound(made, name)
    modern(made, loosened)
    without_contradictions(made, loosened)
    return made


def _info(info: Any) -> JsonObject:
    return {word: str(info.get(word, usual)) for word, usual in (("title", "Imported"), ("version", "1"))}


def _operation(
    document: JsonObject, path: str, method: str, item: JsonObject, schemes: JsonObject, loosened: Loosened
) -> JsonObject:
    operation: JsonObject = item[method]
    made = {word: copy.deepcopy(operation[word]) for word in _WORDS if word in operation}
    made["servers"] = servers_of(
        operation.get("servers", item.get("servers")), loosened, pointers.join("/paths", path, method, "servers")
    )
    made["parameters"] = _parameters(document, path, item, operation)
    if "security" in made:
        made["security"] = security_of(made["security"], schemes)
    _mend_body(document, made)
    made["responses"] = _responses(document, made.get("responses"))
    return {word: each for word, each in made.items() if each or word in ("security", "responses")}


def _parameters(document: JsonObject, path: str, item: JsonObject, operation: JsonObject) -> list[JsonObject]:
    """Those of the path and of the operation that a request can have; one for each name in the path."""
    found: dict[tuple[str, str], JsonObject] = {}
    for said in (*items(item.get("parameters")), *items(operation.get("parameters"))):
        node, _ = pointers.resolve(document, said)
        if isinstance(node, dict) and isinstance(node.get("name"), str) and node.get("in") in PLACES:
            made = {word: copy.deepcopy(each) for word, each in node.items() if word not in ("description", "example")}
            if "schema" in made:  # in its place, where its values are looked for
                made["schema"] = copy.deepcopy(followed(document, made["schema"]))
            found[node["in"], node["name"]] = made | ({"required": True} if node["in"] == "path" else {})
    named = PARAMETER.findall(path)
    kept = {key: each for key, each in found.items() if _is_kept(key, named)}
    for name in named:
        kept.setdefault(("path", name), {"name": name, "in": "path", "required": True, "schema": {"type": "string"}})
    return [*kept.values()]


def _is_kept(key: tuple[str, str], named: Collection[str]) -> bool:
    where, name = key
    return name in named if where == "path" else not (where == "header" and name.lower() in _NO_PARAMETERS)


def _mend_body(document: JsonObject, operation: JsonObject) -> None:
    """The body in its place, its media types without parameters; a body without content is none."""
    node, _ = pointers.resolve(document, operation.pop("requestBody", None))
    content = _content(node.get("content")) if isinstance(node, dict) else {}
    if content:
        operation["requestBody"] = {"required": node.get("required") is True, "content": content}


def _content(content: Any) -> JsonObject:
    found: JsonObject = {}
    for kind, said in members(content):
        plain = kind.partition(";")[0].strip().lower()
        plain = JSON if plain == ANYTHING else plain
        if re.fullmatch(r"[\w.+*-]+/[\w.+*-]+", plain) and isinstance(said, dict):
            kept = {
                word: copy.deepcopy(said[word]) for word in ("schema", "encoding") if isinstance(said.get(word), dict)
            }
            found.setdefault(plain, kept)
    return found


def _responses(document: JsonObject, responses: Any) -> JsonObject:
    """Those of a status, in their place. Without a success that has a number, the one for all others is it."""
    found: JsonObject = {}
    every = members(responses)
    is_led = any(True for _ in redirections(document, {"responses": responses}))
    if not is_led and not any(re.fullmatch(r"2\d\d", status) for status, _ in every):
        every = [("200" if status in ("default", "2XX") else status, said) for status, said in every]
    for status, said in every:
        node, _ = pointers.resolve(document, said)
        if re.fullmatch(r"[2-5]\d\d|[45]XX|default", status) and isinstance(node, dict):
            content = _content(node.get("content"))
            headers = _headers(node) if status.startswith(("2", "3")) else {}
            headers |= _waits(node) if status == "425" or (status == "202" and "200" in dict(every)) else {}
            is_shown = content and not (headers and status.startswith("3"))
            found[status] = {"description": "", **({"content": content} if is_shown else {})}
            found[status] |= {"headers": headers} if headers else {}
    return found


def _waits(node: JsonObject) -> JsonObject:
    """The header that says when to ask again for what is not there yet."""
    names = (name for name, _ in members(node.get("headers")) if letters(name) == "retryafter")
    return {name: {"schema": {"type": "integer"}} for name in names}


def _headers(node: JsonObject) -> JsonObject:
    """Those that say where a job is shown, or which it is."""
    names = list(filter(tells_job, headers_of(node)))
    return {name: {"schema": {"type": "string"}} for name in names}


def _components(document: JsonObject, made: JsonObject, name: str, loosened: Loosened) -> JsonObject:
    """What the operations refer to, in `components`; what leads elsewhere is put in its place."""
    found: dict[str, JsonObject] = {"schemas": {}}
    waiting: list[Any] = [made["paths"]]
    own = [each for each, _ in members(followed(document, {"$ref": "#/components/schemas"}))]
    moved: dict[str, str] = {}
    while waiting:
        for node, reference in [*references(waiting.pop())]:
            if is_foreign(reference):
                raise foreign(name, _somewhere(document, reference), reference, why_unread(document, reference))
            parts = pointers.split(reference)
            target, _ = pointers.resolve(document, {"$ref": reference})
            if target is pointers.MISSING or not isinstance(target, dict | bool):
                loosened.note(f"the reference {told(reference)[:80]!r} leads nowhere, or round and round", "")
                node.clear()
            elif len(parts) == 3 and parts[0] == "components":
                kind = found.setdefault(parts[1], {})
                if parts[2] not in kind:
                    kind[parts[2]] = copy.deepcopy(pointers.get(document, reference))
                    waiting.append(kind[parts[2]])
            else:
                if reference not in moved:
                    moved[reference] = free({*found["schemas"], *own, *moved.values()}, _name_of(parts))
                    found["schemas"][moved[reference]] = copy.deepcopy(target)
                    waiting.append(found["schemas"][moved[reference]])
                node["$ref"] = f"#/components/schemas/{moved[reference]}"
    return _with_good_names(made, found)


def _name_of(parts: tuple[str, ...]) -> str:
    """What a schema that stands elsewhere is called as a component: in another file by its own name, or the file's."""
    if parts[0] == FILES:
        parts = parts[-1:] if len(parts) > 2 else (parts[1].rpartition("/")[2].rpartition(".")[0],)
    return "_".join(re.sub(r"[^A-Za-z0-9]+", "_", part) for part in parts)[-80:] or "schema"


_NAME = re.compile(r"[^A-Za-z0-9._-]+")


def _with_good_names(made: JsonObject, found: dict[str, JsonObject]) -> JsonObject:
    """Names of components as OpenAPI allows them, each its own."""
    tables = {kind: _good_names(several) for kind, several in found.items()}
    renamed = {
        f"#/components/{kind}/{pointers.escape(name)}": f"#/components/{kind}/{own}"
        for kind, table in tables.items() for name, own in table.items() if own != name
    }  # fmt: skip
    for node, reference in [*references([made["paths"], found])] if renamed else ():
        node["$ref"] = renamed.get(reference, reference)
    return {kind: {tables[kind][name]: each for name, each in several.items()} for kind, several in found.items()}


def _good_names(several: Collection[str]) -> dict[str, str]:
    """By name the one that it gets: its own where that may stand, and one that no other has."""
    taken = {name for name in several if not _NAME.search(name)}
    table = {name: name for name in taken}
    for name in several:
        if name not in table:
            table[name] = free(taken, _NAME.sub("_", name))
            taken.add(table[name])
    return table


def _somewhere(document: Any, reference: str) -> str:
    """Where a reference stands in the document, for who shall find it."""
    waiting: list[tuple[Any, str]] = [(document, "")]
    while waiting:
        node, at = waiting.pop()
        if isinstance(node, dict) and node.get("$ref") == reference:
            return f"{at}/$ref"
        rows = members(node) if isinstance(node, dict) else enumerate(items(node))
        waiting += [(each, pointers.join(at, key)) for key, each in rows]
    return ""


def _bound(made: JsonObject, name: str) -> None:
    """Refuse what would take for ever to look through: a schema that refers to others twice, those again …"""
    known: dict[str, int] = {}
    schemas = made["components"].get("schemas", {})
    for own in schemas:
        if _parts(schemas, own, known) > MOST_PARTS:
            sentence = (
                f"the schema is put together from more than {MOST_PARTS} others, each counted on every way to it."
            )
            raise wrong(name, pointers.join("/components/schemas", own), sentence, "Choose other paths with --only.")


def _parts(schemas: JsonObject, start: str, known: dict[str, int]) -> int:
    """From how many schemas one is put together by allOf, anyOf and oneOf; a circle counts once."""
    waiting = [start]
    while waiting:
        own = waiting[-1]
        if known.get(own, 0) < 0 or own not in known:
            inner = [*_composed(schemas.get(own))]
            open_ones = [each for each in inner if each in schemas and each not in known]
            known[own] = -1
            if open_ones:
                waiting += open_ones[:1]
                continue
            known[own] = min(10**9, 1 + sum(max(1, known.get(each, 1)) for each in inner))
        waiting.pop()
    return known[start]


def _composed(node: Any) -> list[str]:
    """The schemas that one is put together from, not those of its properties."""
    found: list[str] = []
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            if isinstance(each.get("$ref"), str):
                found.append(each["$ref"].rpartition("/")[2])
            waiting += [inner for word in ("allOf", "anyOf", "oneOf") for inner in items(each.get(word))]
    return found
