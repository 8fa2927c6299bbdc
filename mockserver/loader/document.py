"""Mistakes in openapi.json that need no behavior to be seen: references, links, security, schemas, examples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from mockserver import pointers
from mockserver.intake import PARAMETER
from mockserver.loader.source import OPENAPI, Source
from mockserver.validation import runs_in_linear_time

METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")
_BOUNDS = (
    ("minimum", "maximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
)
_TYPES = {"string", "number", "integer", "boolean", "object", "array", "null"}


def operations(source: Source) -> Iterator[tuple[str, str, str, dict[str, Any], dict[str, Any]]]:
    """Every (pointer, path, method, operation, path item) of the document."""
    paths = source.openapi.get("paths")
    for path, item in paths.items() if isinstance(paths, dict) else ():
        for method in METHODS:
            if isinstance(item, dict) and isinstance(item.get(method), dict):
                yield pointers.join("/paths", path, method), path, method, item[method], item


def check_document(source: Source) -> None:
    """Note every mistake of the OpenAPI document itself."""
    if not str(source.openapi.get("openapi", "")).startswith("3.1"):
        source.say(OPENAPI, "/openapi", "the document is not OpenAPI 3.1.", 'Write "openapi": "3.1.0".')
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
    for pointer, path, _, operation, item in operations(source):
        name = operation.get("operationId")
        if not isinstance(name, str):
            source.say(
                OPENAPI, pointer, "the operation has no operationId.", "Name it; behavior.json refers to the name."
            )
        elif name in seen:
            source.say(OPENAPI, f"{pointer}/operationId", f"{name!r} stands at {seen[name]} too.", "Rename one.")
        else:
            seen[name] = pointer
        _check_path_parameters(source, pointer, path, operation, item)
        _check_security(source, pointer, operation)
    for pointer, _, _, operation, _ in operations(source):
        _check_links(source, pointer, operation, seen)


def parameters(source: Source, pointer: str, operation: dict[str, Any], item: dict[str, Any]) -> list[tuple[str, Any]]:
    """The (pointer, parameter) pairs of an operation, those of its path included."""
    at_path = pointer.rsplit("/", 1)[0]
    pairs = [(f"{at_path}/parameters/{i}", p) for i, p in enumerate(item.get("parameters", ()))]
    pairs += [(f"{pointer}/parameters/{i}", p) for i, p in enumerate(operation.get("parameters", ()))]
    return [(where, node) for at, p in pairs for node, where in [source.resolve(p, at)]]


def _check_path_parameters(source: Source, pointer: str, path: str, operation: dict[str, Any], item: Any) -> None:
    wanted = set(PARAMETER.findall(path))
    declared = {p.get("name") for _, p in parameters(source, pointer, operation, item) if p.get("in") == "path"}
    for name in sorted(wanted - declared):
        source.say(OPENAPI, pointer, f"the path parameter {name!r} is not declared.", "Add it to parameters.")
    for name in sorted(str(n) for n in declared - wanted):
        source.say(OPENAPI, pointer, f"the path has no {{{name}}}.", "Remove the parameter or mend the path.")


def _check_security(source: Source, pointer: str, operation: dict[str, Any]) -> None:
    schemes = pointers.get(source.openapi, "/components/securitySchemes")
    known = set(schemes) if isinstance(schemes, dict) else set()
    at = f"{pointer}/security" if "security" in operation else "/security"
    for requirement in operation.get("security", source.openapi.get("security", ())):
        for name in sorted(set(requirement) - known):
            source.say(
                OPENAPI, at, f"the security scheme {name!r} is not defined.", "Add it to components/securitySchemes."
            )


def _check_links(source: Source, pointer: str, operation: dict[str, Any], known: dict[str, str]) -> None:
    for status, response in operation.get("responses", {}).items():
        node, where = source.resolve(response, f"{pointer}/responses/{status}")
        for name, link in node.get("links", {}).items():
            _check_link(source, *source.resolve(link, f"{where}/links/{name}"), known)


def _check_link(source: Source, link: dict[str, Any], at: str, known: dict[str, str]) -> None:
    target = link.get("operationId")
    if target not in known:
        source.say(OPENAPI, at, f"the link leads to {target!r}, which no operation is named.", "Mend operationId.")
        return
    where = known[target]
    item = pointers.get(source.openapi, where.rsplit("/", 1)[0])
    operation = pointers.get(source.openapi, where)
    names = {p.get("name") for _, p in parameters(source, where, operation, item)}
    for name in link.get("parameters", {}):
        if name.split(".", 1)[-1] not in names:
            source.say(OPENAPI, f"{at}/parameters", f"{target} has no parameter {name!r}.", "Mend its name.")


def _check_values(source: Source) -> None:
    """Every example against the schema it stands beside."""
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema", **source.openapi}
    compiled = jsonschema_rs.validator_map_for(document, validate_formats=True)
    for pointer, holder in pointers.walk(source.openapi):
        if isinstance(holder, dict) and isinstance(holder.get("schema"), dict) and "/examples/" not in pointer:
            validator = compiled.get(f"#{pointer}/schema")
            if validator is None:
                sentence = "the schema cannot be compiled."
                source.say(
                    OPENAPI, f"{pointer}/schema", sentence, "Look for an unknown type, a bad pattern or reference."
                )
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
        source.say(OPENAPI, f"{pointer}{path}", sentence, "Mend the example or the schema.")
