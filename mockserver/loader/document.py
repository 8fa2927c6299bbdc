"""Mistakes in openapi.json that need no behavior to be seen: references, links, security, schemas, examples."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import jsonschema_rs

from mockserver import pointers
from mockserver.errors import Mend
from mockserver.intake import PARAMETER
from mockserver.loader.source import OPENAPI, Source
from mockserver.suggestions import mend_word
from mockserver.validation import runs_in_linear_time

METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")
_DOCUMENT = "urn:document"
_BOUNDS = (
    ("minimum", "maximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
)


def operations(source: Source) -> Iterator[tuple[str, str, str, dict[str, Any], dict[str, Any]]]:
    """Every (pointer, path, method, operation, path item) of the document."""
    paths = source.openapi.get("paths")
    for path, item in paths.items() if isinstance(paths, dict) else ():
        for method in METHODS:
            if isinstance(item, dict) and isinstance(item.get(method), dict):
                yield pointers.join("/paths", path, method), path, method, item[method], item


def refuse_older(source: Source) -> None:
    """Raises ContractError for a document of another version, of which hardly a word would be right."""
    older = {"swagger": "Swagger", "openapi": "OpenAPI"}
    for word, name in older.items():
        version = str(source.openapi.get(word, ""))
        if version.startswith(("1.", "2.", "3.0")) or (word == "swagger" and word in source.openapi):
            sentence = f"this is {name} {version}, and contracts are OpenAPI 3.1 or 3.2."
            remedy = (
                "`mockserver new NAME --from FILE` makes a contract of a document of 3.0: schemas, bodies and examples"
                " are written otherwise in it, and the number alone does not fix that."
                if version.startswith("3.0")
                else "Convert the whole document to 3.1 with a converter: hardly a word is the same."
            )
            source.say(OPENAPI, f"/{word}", sentence, remedy)
            source.raise_findings()


def check_document(source: Source) -> None:
    """Note every mistake of the OpenAPI document itself."""
    if not re.fullmatch(r"3\.[12]\.\d+", str(source.openapi.get("openapi", ""))):
        mend = Mend("write", "/openapi", "3.1.0")
        source.say(OPENAPI, "/openapi", "the document is not OpenAPI 3.1 or 3.2.", 'Write "3.1.0".', mend)
    if not isinstance(source.openapi.get("info"), dict) or "title" not in source.openapi["info"]:
        source.say(OPENAPI, "/info", "the title is missing.", "Add info.title and info.version.")
    for pointer, value in pointers.walk(source.openapi):
        if isinstance(value, dict) and "example" not in pointer.rsplit("/", 1)[-1]:
            _check_node(source, pointer, value)
    _check_operations(source)
    if source.is_whole:  # compiling takes long where references lead on and on
        _check_values(source)


def _check_node(source: Source, pointer: str, node: dict[str, Any]) -> None:
    if isinstance(node.get("$ref"), str) and "/examples/" not in pointer:
        source.resolve(node, pointer)
    if "type" in node or "enum" in node or any(low in node for low, _ in _BOUNDS):
        _check_schema(source, pointer, node)
    if "/example" not in pointer:
        _check_patterns(source, pointer, node)


def _check_patterns(source: Source, pointer: str, node: dict[str, Any]) -> None:
    """Clients' text is matched against them: a pattern that may take longer than the text is long is a mistake."""
    named, pattern = node.get("patternProperties"), node.get("pattern")
    found = [(f"{pointer}/patternProperties", each) for each in named] if isinstance(named, dict) else []
    if isinstance(pattern, str):
        found.append((f"{pointer}/pattern", pattern))
    for at, pattern in found:
        if not runs_in_linear_time(pattern):
            source.say(
                OPENAPI, at, f"the pattern {pattern!r} cannot be matched in linear time, or at all.",
                "Write it without lookaround ((?=, (?!, (?<), back-references (\\1) and repeats of thousands;"
                " say with allOf, not, minLength and maxLength what is left.",
            )  # fmt: skip


def _check_schema(source: Source, pointer: str, node: dict[str, Any]) -> None:
    for low, high in _BOUNDS:
        if _number(node.get(low)) and _number(node.get(high)) and node[low] > node[high]:
            source.say(
                OPENAPI, pointer, f"{low} {node[low]} is above {high} {node[high]}.", "No value can satisfy both."
            )
    if "nullable" in node and "type" in node:
        source.say(OPENAPI, pointer, "nullable is not a word of OpenAPI 3.1.", 'Write "type": ["string", "null"].')
    enum = node.get("enum")
    if isinstance(enum, list) and len({repr(e) for e in enum}) != len(enum):
        source.say(OPENAPI, f"{pointer}/enum", "a value stands twice.", "Remove one.")


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _check_operations(source: Source) -> None:
    seen: dict[str, str] = {}
    known = {each.get("operationId") for _, _, _, each, _ in operations(source)}
    free = [name for name in _behaviors(source) if name not in known]
    for pointer, path, _, operation, item in operations(source):
        name = operation.get("operationId")
        if not isinstance(name, str):
            _say_nameless(source, pointer, free)
        elif name in seen:
            source.say(OPENAPI, f"{pointer}/operationId", f"{name!r} stands at {seen[name]} too.", "Rename one.")
        else:
            seen[name] = pointer
        _check_path_parameters(source, pointer, path, operation, item)
        _check_security(source, pointer, operation)
    for pointer, _, _, operation, _ in operations(source):
        _check_links(source, pointer, operation, seen)


def _behaviors(source: Source) -> dict[str, Any]:
    """What behavior.json says by operation, which may be wrong itself and have no such table."""
    found = source.behavior.get("operations")
    return found if isinstance(found, dict) else {}


def _say_nameless(source: Source, pointer: str, free: list[str]) -> None:
    """The name that is missing, where behavior.json has only one that no operation bears."""
    sentence = "the operation has no operationId."
    if len(free) == 1:
        mend = Mend("write", f"{pointer}/operationId", free[0])
        source.say(OPENAPI, pointer, sentence, f'Add "operationId": {json.dumps(free[0])}.', mend)
    else:
        told = f" It has {', '.join(free)}." if free else ""
        source.say(OPENAPI, pointer, sentence, f'Add "operationId", the name that behavior.json calls it by.{told}')


def parameters(source: Source, pointer: str, operation: dict[str, Any], item: dict[str, Any]) -> list[tuple[str, Any]]:
    """The (pointer, parameter) pairs of an operation, those of its path included."""
    at_path = pointer.rsplit("/", 1)[0]
    pairs = [(f"{at_path}/parameters/{i}", p) for i, p in enumerate(item.get("parameters", ()))]
    pairs += [(f"{pointer}/parameters/{i}", p) for i, p in enumerate(operation.get("parameters", ()))]
    return [(where, node) for at, p in pairs for node, where in [source.resolve(p, at)]]


def _check_path_parameters(source: Source, pointer: str, path: str, operation: dict[str, Any], item: Any) -> None:
    wanted = set(PARAMETER.findall(path))
    declared = {p.get("name") for _, p in parameters(source, pointer, operation, item) if p.get("in") == "path"}
    unused = sorted(str(n) for n in declared - wanted)
    for name in sorted(wanted - declared):
        mend = f'Add {{"name": {json.dumps(name)}, "in": "path", "required": true}} to its parameters.'
        source.say(OPENAPI, pointer, f"the path parameter {name!r} is not declared.", mend)
    for name in unused:
        mend = mend_word(name, sorted(wanted - declared), "Remove the parameter or fix the path.")
        place = next(at for at, p in parameters(source, pointer, operation, item) if p.get("name") == name)
        source.say(OPENAPI, f"{place}/name", f"the path {path} has no {{{name}}}.", mend)


def _check_security(source: Source, pointer: str, operation: dict[str, Any]) -> None:
    schemes = pointers.get(source.openapi, "/components/securitySchemes")
    known = set(schemes) if isinstance(schemes, dict) else set()
    at = f"{pointer}/security" if "security" in operation else "/security"
    for index, requirement in enumerate(operation.get("security", source.openapi.get("security", ()))):
        for name in sorted(set(requirement) - known):
            mend = mend_word(name, sorted(known - set(requirement)), "Add it to components/securitySchemes.")
            place = pointers.join(f"{at}/{index}", name)
            source.say(OPENAPI, place, f"the security scheme {name!r} is not defined.", mend)


def _check_links(source: Source, pointer: str, operation: dict[str, Any], known: dict[str, str]) -> None:
    for status, response in operation.get("responses", {}).items():
        node, where = source.resolve(response, f"{pointer}/responses/{status}")
        for name, link in node.get("links", {}).items():
            _check_link(source, *source.resolve(link, f"{where}/links/{name}"), known)


def _check_link(source: Source, link: dict[str, Any], at: str, known: dict[str, str]) -> None:
    target = link.get("operationId")
    if target not in known:
        if target in _behaviors(source):
            return  # what lacks the name is said already
        mend = mend_word(target, known, "Fix operationId.")
        source.say(OPENAPI, f"{at}/operationId", f"the link leads to {target!r}, which no operation is named.", mend)
        return
    where = known[target]
    item = pointers.get(source.openapi, where.rsplit("/", 1)[0])
    operation = pointers.get(source.openapi, where)
    names = {p.get("name") for _, p in parameters(source, where, operation, item)}
    for name in link.get("parameters", {}):
        if name.split(".", 1)[-1] not in names:
            place = pointers.join(f"{at}/parameters", name)
            mend = mend_word(name, sorted(map(str, names)), "Fix its name.")
            source.say(OPENAPI, place, f"{target} has no parameter {name!r}.", mend)


def _check_values(source: Source) -> None:
    """Every example against the schema it stands beside."""
    registry = jsonschema_rs.Registry([(_DOCUMENT, source.openapi)])
    for pointer, holder in pointers.walk(source.openapi):
        if isinstance(holder, dict) and isinstance(holder.get("schema"), dict) and "/examples/" not in pointer:
            schema = {"$ref": f"{_DOCUMENT}#{quote(pointer)}/schema"}
            try:
                validator = jsonschema_rs.Draft202012Validator(
                    schema, registry=registry, validate_formats=True, offline=True
                )
            except ValueError:
                sentence = "the schema cannot be compiled."
                source.say(OPENAPI, f"{pointer}/schema", sentence, "Look for a bad pattern or reference in it.")
            else:
                _check_examples_of(source, pointer, holder, validator)


def _check_examples_of(source: Source, pointer: str, holder: dict[str, Any], validator: Any) -> None:
    if "example" in holder:
        _check_value(source, f"{pointer}/example", holder["example"], validator)
    for name, node in holder.get("examples", {}).items():
        example, where = source.resolve(node, pointers.join(f"{pointer}/examples", name))
        if "value" in example:
            _check_value(source, f"{where}/value", example["value"], validator)
        elif example and "externalValue" not in example:
            source.say(OPENAPI, where, "the example has no value.", "Add value.")


def _check_value(source: Source, pointer: str, value: Any, validator: Any) -> None:
    for error in validator.iter_errors(value):
        path = "".join(pointers.join("", p) for p in error.instance_path)
        sentence = f"the example breaks its schema: {error.message[:200]}."
        source.say(OPENAPI, f"{pointer}{path}", sentence, "Fix the example or the schema.")
