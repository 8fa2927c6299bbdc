"""An OpenAPI document → what is known of each operation. Follows references; guesses nothing, checks nothing.

A document of others may say anything anywhere: what has another shape than it should is as if it were not there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from mockserver import pointers
from mockserver.imported.bundling import why_unread
from mockserver.imported.facts import Field, OperationFacts, is_json
from mockserver.imported.lexicon import tells_job
from mockserver.imported.reading import wrong

METHODS = ("get", "post", "put", "patch", "delete")
ANYTHING, JSON = "*/*", "application/json"
"""What generators write that do not know the media type of an answer, and what it is."""
_DEEPEST = 3
_LONGEST = 600
"""So many characters of the prose about a field are looked at."""
_MOST_FIELDS = 300
_MOST_STEPS = 3000
"""So many schemas of one body are looked at."""
_UNFIT = re.compile(r"[^A-Za-z0-9_.-]+")
Members = list[tuple[str, Any]]


def members(value: Any) -> Members:
    """The members of an object; none of anything else."""
    return [(str(name), each) for name, each in value.items()] if isinstance(value, dict) else []


def items(value: Any) -> list[Any]:
    """The items of a list; none of anything else."""
    return value if isinstance(value, list) else []


def followed(document: Any, node: Any) -> Any:
    """What a node is, its references followed; an empty object where they lead nowhere."""
    found, _ = pointers.resolve(document, node)
    return {} if found is pointers.MISSING else found


def operations(document: Any, name: str = "openapi.json") -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    """Every (path, method, operation, path item). Raises ContractError where a path stands in another file."""
    for path, item in members(document.get("paths")):
        reference = item.get("$ref") if isinstance(item, dict) else None
        if isinstance(reference, str) and not reference.startswith("#"):
            raise foreign(name, pointers.join("/paths", path, "$ref"), reference, why_unread(document, reference))
        found = followed(document, item)
        for method in METHODS if isinstance(found, dict) else ():
            if isinstance(found.get(method), dict):
                yield path, method, found[method], found


def foreign(name: str, at: str, reference: str, why: str = "") -> Exception:
    """A reference to another file that was not read."""
    sentence = f"the reference leads to another file: {reference[:120]!r}{f', and {why[:200]}' if why else ''}."
    return wrong(name, at, sentence, "Put the file there, or bundle the document into one with any bundler of them.")


def is_path(path: str) -> bool:
    """Whether a path is one that a request can have: no query, no fragment."""
    return path.startswith("/") and not {"?", "#", " "} & {*path} and path.count("{") == path.count("}")


def name_operations(document: Any, name: str) -> None:
    """Give each operation a name of its own, in the place of a missing, unfit or repeated one."""
    known: set[str] = set()
    for path, method, operation, _ in operations(document, name):
        said = operation.get("operationId")
        plain = _UNFIT.sub("_", said).strip("_") if isinstance(said, str) else ""
        if not plain or plain in known:
            plain = free(known, _by_path(method, path))
        known.add(plain)
        operation["operationId"] = plain


def _by_path(method: str, path: str) -> str:
    words = [each for each in re.split(r"[^A-Za-z0-9]+", path) if each]
    return method + "".join(word[:1].upper() + word[1:] for word in words)


def free(known: set[str], base: str) -> str:
    """A name that is not known yet: the one that is wanted, else with a number."""
    return next(each for each in (base, *(f"{base}{n}" for n in range(2, len(known) + 3))) if each not in known)


def described(document: Any, name: str = "openapi.json") -> list[OperationFacts]:
    """What is known of each operation that a request can reach."""
    found = operations(document, name)
    return [_facts(document, *each) for each in found if is_path(each[0])]


def _facts(document: Any, path: str, method: str, operation: Any, item: Any) -> OperationFacts:
    parameters = [
        followed(document, each) for each in (*items(item.get("parameters")), *items(operation.get("parameters")))
    ]
    query = [
        str(parameter.get("name"))
        for parameter in parameters
        if isinstance(parameter, dict) and parameter.get("in") == "query"
    ]
    body = followed(document, operation.get("requestBody"))
    contents = members(body.get("content") if isinstance(body, dict) else None)
    sent: Any = next((each for _, each in contents), {})
    status, content, told, headers = _success(document, operation)
    if method in ("post", "put") and not content and not any(map(tells_job, headers)):
        status, headers = next(redirections(document, operation), (status, headers))
    shows, models = _fields(document, told[0] if len(told) == 1 else {"anyOf": told})
    summary, prose = operation.get("summary"), operation.get("description")
    return OperationFacts(
        operation["operationId"], method, path, tuple(dict.fromkeys(query)),
        _fields(document, sent.get("schema") if isinstance(sent, dict) else None)[0], shows, models,
        tuple(kind for kind, _ in content), status, summary if isinstance(summary, str) else "", headers,
        _statuses(operation), prose if isinstance(prose, str) else "", _named(document, parameters),
    )  # fmt: skip


def _named(document: Any, parameters: list[Any]) -> dict[str, Field]:
    """What is known of the parameters of a path, by name."""
    found: dict[str, Field] = {}
    for each in (
        parameter for parameter in parameters if isinstance(parameter, dict) and parameter.get("in") == "path"
    ):
        schema = followed(document, each.get("schema"))
        node = schema if isinstance(schema, dict) else {}
        said = _fields(document, node)[0].get("", Field(""))
        found[str(each.get("name"))] = said._replace(shown=(*_shown(each), *said.shown))
    return found


def _success(document: Any, operation: Any) -> tuple[int, Members, list[Any], tuple[str, ...]]:
    """The status and the content of the success that says most, the JSON schemas of all, the names of all headers."""
    found: list[tuple[int, Members]] = []
    headers: list[str] = []
    is_told = _has_success(operation) or any(True for _ in redirections(document, operation))
    for said, response in members(operation.get("responses")):
        status = "200" if said in ("2XX", "default") and not is_told else said
        if len(status) == 3 and status.isascii() and status.isdigit() and status.startswith("2"):
            node = followed(document, response)
            content = members(node.get("content") if isinstance(node, dict) else None)
            found.append((int(status), [(JSON if kind == ANYTHING else kind, each) for kind, each in content]))
            headers += headers_of(node)
    chosen, content = next((each for each in found if each[1]), next(iter(found), (200, [])))
    several = [each for _, said in found for kind, each in said if is_json(kind) and isinstance(each, dict)]
    schemas = [each["schema"] for each in several if isinstance(each.get("schema"), dict)]
    return chosen, content, schemas, tuple(dict.fromkeys(headers))


_LOCATION = re.compile(r"\bLocation\b")


def headers_of(response: Any) -> list[str]:
    """The names of the headers of an answer; of one without a body Location, too, where prose says so."""
    said = response if isinstance(response, dict) else {}
    names = [name for name, _ in members(said.get("headers"))]
    prose = said.get("description")
    is_said = isinstance(prose, str) and bool(_LOCATION.search(prose)) and not said.get("content")
    return [*names, "Location"] if is_said and not any(map(tells_job, names)) else names


def redirections(document: Any, operation: Any) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The answers that lead elsewhere by a header, each with the names of its headers: 303 with Location."""
    for status, response in members(operation.get("responses")):
        names = tuple(headers_of(followed(document, response)))
        if re.fullmatch(r"30[12378]", status) and any(map(tells_job, names)):
            yield int(status), names


def _statuses(operation: Any) -> tuple[int, ...]:
    """The statuses of all successes."""
    return tuple(int(status) for status, _ in members(operation.get("responses")) if re.fullmatch(r"2\d\d", status))


def _has_success(operation: Any) -> bool:
    return any(re.fullmatch(r"2\d\d", status) for status, _ in members(operation.get("responses")))


def _fields(document: Any, schema: Any) -> tuple[dict[str, Field], dict[str, str]]:
    """The fields of a body by pointer, to three levels, and the words for the shapes of its objects."""
    fields: dict[str, Field] = {}
    models: dict[str, str] = {}
    waiting: list[tuple[Any, str, int]] = [(schema, "", 0)]
    seen: set[tuple[int, str]] = set()
    for _ in range(_MOST_STEPS):
        if not waiting or len(fields) >= _MOST_FIELDS:
            break
        node, at, depth = waiting.pop(0)
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            models.setdefault(at, node["$ref"])
        node = followed(document, node)
        if not isinstance(node, dict) or (id(node), at) in seen:
            continue
        seen.add((id(node), at))
        _note(fields, models, node, at)
        waiting += [(item, at, depth) for word in ("allOf", "anyOf", "oneOf") for item in items(node.get(word))]
        if depth < _DEEPEST:
            waiting += [(each, pointers.join(at, name), depth + 1) for name, each in members(node.get("properties"))]
            waiting += [(node["items"], f"{at}/*", depth)] if isinstance(node.get("items"), dict) else []
    return fields, models


def _note(fields: dict[str, Field], models: dict[str, str], node: Any, at: str) -> None:
    kind = _kind(node)
    values = tuple(filter(None, (_in_text(value, kind) for value in _values(node))))
    form = node.get("format") if isinstance(node.get("format"), str) else ""
    before = fields.get(at, Field(""))
    said = before.said or _prose(node)
    listed = tuple(dict.fromkeys((*before.values, *values)))
    shown = tuple(dict.fromkeys((*before.shown, *_shown(node))))
    fields[at] = Field(before.kind or kind, listed, before.form or str(form), said, shown)
    names = sorted(str(each) for each in node["properties"]) if isinstance(node.get("properties"), dict) else []
    if len(names) > 2:
        models.setdefault(at, json.dumps(names))


def _in_text(value: Any, kind: str) -> str:
    """A listed value as a text; empty for what is none of its type. A text may have been written as another scalar."""
    if isinstance(value, str):
        return value
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return json.dumps(value) if (is_whole or kind == "string") and isinstance(value, bool | int | float) else ""


_NAMED = ("x-enum-varnames", "x-enumNames", "x-enum-names", "x-enum-descriptions", "x-enumDescriptions")
"""Words of generators beside `enum`: what each of its values is called, or means."""


def _prose(node: Any) -> str:
    """What is said about a field in words, what each of its values is called, its examples in quotes."""
    shown = [node.get("example"), node.get("default"), *items(node.get("examples"))]
    named = [pair for word in _NAMED if word in node for pair in zip(_values(node), items(node[word]), strict=False)]
    words = [*(f"{value} = {said}" for value, said in named), *(f"`{each}`" for each in shown if isinstance(each, str))]
    texts = [node.get("description"), node.get("contentMediaType"), *words]
    return " ".join(text[:_LONGEST] for text in texts if isinstance(text, str))


def _shown(node: Any) -> list[str]:
    """The examples of a field, or of a parameter, that are texts."""
    named = [each.get("value") for _, each in members(node.get("examples")) if isinstance(each, dict)]
    return [each for each in (node.get("example"), *items(node.get("examples")), *named) if isinstance(each, str)]


def _values(node: Any) -> list[Any]:
    return [node["const"]] if "const" in node else items(node.get("enum"))


def _kind(node: Any) -> str:
    said = node.get("type")
    if isinstance(said, list):
        said = next((each for each in said if each != "null"), None)
    if isinstance(said, str) and said != "null":  # one of several forms, which says nothing of the others
        return said
    return "object" if "properties" in node else "array" if "items" in node else ""
