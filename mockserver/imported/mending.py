"""Mistakes in the openapi.json of an imported contract, mended where they stand. A part of `soundness`.

In this order, as often as something is told again: another value in the example, a schema that lets anything stand
there, an answer or a part of the request less, an operation less.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver import pointers
from mockserver.imported.described import METHODS
from mockserver.imported.leaving import (
    ANY,
    OTHER,
    OUT,
    Case,
    LeftOut,
    drop,
    drop_resource,
    resource_of,
    shared_examples,
    vital_of,
)
from mockserver.imported.widening import shown_anew, widened
from mockserver.json_types import JsonObject


def of_path(case: Case) -> LeftOut:
    """Something in `paths`."""
    name = case.operation
    if not name:
        item = case.openapi["paths"].get(case.parts[1] if len(case.parts) > 1 else "", {})
        if case.parts[2:3] and case.parts[2] in METHODS:
            return  # left out in this round, for another finding
        for each in [each["operationId"] for each in [*item.values()]]:
            yield from drop(case.openapi, case.behavior, each)
        return
    said = case.openapi["paths"][case.parts[1]][case.parts[2]]
    word = case.parts[3] if len(case.parts) > 3 else ""
    mend = {"responses": _of_response, "requestBody": _of_body, "parameters": _of_parameter}.get(word)
    done = [*mend(case, said, name)] if mend is not None else []
    if not done and word == "security" and case.tries < 2:
        said[word] = said.get(word, [])[:1] if not case.tries else []
        done = [(f"{name} {word}", OUT, "which credentials it wants")]
    holder = case.openapi if word == "servers" and word not in said else said  # those of the document hold for all
    if not done and word in ("servers", "summary") and word in holder:
        del holder[word]
        done = [(f"{name} {word}", OUT, "what the vendor's document says")]
    yield from done or drop(case.openapi, case.behavior, name)


def _of_response(case: Case, said: JsonObject, name: str) -> LeftOut:
    status = case.parts[4] if len(case.parts) > 4 else ""
    content, example, at = _shown(case)
    if content is not None and not status.startswith("2") and case.tries > 1:
        del said["responses"][status]
        yield f"{name} {status}", OUT, "whether a client has to know it"
    elif content is not None:
        schema = pointers.join("", *case.parts[: case.parts.index("examples")], "schema")
        yield from _mended(case, [(schema, content)], example, at, name)
    elif len(case.parts) > 6 and case.tries < 2 and case.parts[5] == "content":
        held: Any = said["responses"].get(status, {}).get("content", {}).get(case.parts[6])
        if isinstance(held, dict) and held.get("schema") != {}:
            held["schema"] = {}
            yield f"{name} schema", ANY, "how it is answered: the schema was left open"
    elif not status.startswith("2") and status in said["responses"]:
        del said["responses"][status]
        yield f"{name} {status}", OUT, "whether a client has to know it"


def _shown(case: Case) -> tuple[JsonObject | None, JsonObject, str]:
    """The content with an example in which something is wrong, the example, and the place in that."""
    if "examples" not in case.parts:
        return None, {}, ""
    index = case.parts.index("examples")
    content = pointers.get(case.openapi, pointers.join("", *case.parts[:index]))
    example = pointers.get(case.openapi, pointers.join("", *case.parts[: index + 2]))
    is_whole = isinstance(content, dict) and isinstance(example, dict)
    return (content if is_whole else None), example, pointers.join("", *case.parts[index + 3 :])


def _mended(case: Case, several: list[tuple[str, JsonObject]], example: JsonObject, at: str, name: str) -> LeftOut:
    """An example that its schema refuses; `several` are the contents that show it, by the pointers of their schemas."""
    may_go = at not in vital_of(case.behavior)
    if case.tries == 0 and shown_anew(case.openapi, several[0][1], example, at, may_go=may_go):
        yield f"{name} {at}", OTHER, "what this field shows"
    elif case.tries < 3 and _all_widened(case, several, at):
        yield f"{name} {at}", ANY, "what this field may be"
    elif case.tries < 5 and any(content.get("schema") != {} for _, content in several):
        for _, content in several:
            content["schema"] = {}
        yield f"{name} schema", ANY, "how it is answered: the schema was left open"


def _all_widened(case: Case, several: list[tuple[str, JsonObject]], at: str) -> bool:
    """Let anything stand at a place of each of these contents; whether that is new in one."""
    found = [widened(case.openapi, schema, at) for schema, _ in several]
    return any(found)


def _of_body(case: Case, said: JsonObject, name: str) -> LeftOut:
    """Something in a request: without its example, of any form, without a body."""
    content = said.get("requestBody", {}).get("content", {})
    chosen = content.get(case.parts[5]) if len(case.parts) > 5 else None
    if isinstance(chosen, dict) and case.tries == 0 and chosen.pop("examples", None):
        yield f"{name} request", "no example", "what a request looks like"
    elif isinstance(chosen, dict) and case.tries < 3 and chosen.get("schema") not in ({}, None):
        chosen["schema"] = {}
        chosen.pop("examples", None)
        chosen.pop("encoding", None)
        yield f"{name} request", ANY, "what a request looks like"
    elif isinstance(chosen, dict) and len(content) > 1:
        del content[case.parts[5]]
        yield f"{name} {case.parts[5]}", OUT, "in which media types it is sent"
    elif said.pop("requestBody", None) is not None:
        yield f"{name} request", OUT, "what a request looks like: it is not looked at"


def _of_parameter(case: Case, said: JsonObject, name: str) -> LeftOut:
    several = said.get("parameters", [])
    index = int(case.parts[4]) if len(case.parts) > 4 and case.parts[4].isdigit() else len(several)
    if index >= len(several):
        return
    each = several[index]
    if each.get("in") == "path" and each.get("schema") != {"type": "string"}:
        each["schema"] = {"type": "string"}
        yield f"{name} {each['name']}", ANY, "what it may be"
    elif each.get("in") != "path":
        del several[index]
        yield f"{name} {each.get('name')}", OUT, "whether a client sends it"


def of_component(case: Case) -> LeftOut:
    """Something in `components`."""
    kind, name = (*case.parts[1:3], "", "")[:2]
    holder = case.openapi["components"].get(kind, {})
    if name not in holder:
        return
    if kind == "examples":
        yield from _of_shared(case, holder[name], name.rpartition(".")[0])
    elif kind == "schemas" and holder[name] != {}:
        holder[name] = {}
        yield name, ANY, "what this schema is"
    elif kind == "securitySchemes":
        del holder[name]
        for each in (case.openapi, *(op for item in case.openapi["paths"].values() for op in item.values())):
            if "security" in each:
                each["security"] = [said for said in each["security"] if name not in said]
        yield name, OUT, "which credentials it wants"


def _of_shared(case: Case, example: JsonObject, resource: str) -> LeftOut:
    """The example that all answers about a resource show."""
    at = pointers.join("", *case.parts[4:])
    several = [*_showing(case, resource)]
    done = [*_mended(case, several, example, at, resource)] if several else []
    yield from done or drop_resource(case.openapi, case.behavior, resource)


def _showing(case: Case, resource: str) -> Iterator[tuple[str, JsonObject]]:
    """The contents that show the example of a resource, by the pointers of their schemas."""
    for path, item in case.openapi["paths"].items():
        for method, said in item.items():
            words = case.behavior["operations"].get(said["operationId"], {"verb": "answer"})
            for status, response in said["responses"].items() if resource_of(case.behavior, words) == resource else ():
                for kind, content in response.get("content", {}).items():
                    if "examples" not in content and "schema" in content and status.startswith("2"):
                        at = pointers.join("/paths", path, method, "responses", status, "content", kind, "schema")
                        yield at, content


def as_text(case: Case, resource: str) -> bool:
    """Let a text stand where an answer tells an id or a state, by its schema and its example; whether that is new."""
    schema, at = case.refused or ("", "")
    content = pointers.get(case.openapi, schema.rpartition("/")[0])
    named = [] if not isinstance(content, dict) else [*content.get("examples", {}).values()]
    is_new = widened(case.openapi, schema, at)
    for each in named or shared_examples(case.openapi, resource):
        found = pointers.get(each.get("value"), at)
        if found is not pointers.MISSING and not isinstance(found, str | dict | list):
            pointers.put(each["value"], at, "text")
            is_new = True
    return is_new


def of_refusals(case: Case) -> LeftOut:
    """Refusals in a shape of the vendor's that cannot be written: in the least that says something."""
    for response in case.openapi["x-responses"].values():
        for content in response["content"].values():
            content["schema"] = {} if case.tries else {"type": "object"}
    yield "x-responses", ANY, "how the vendor writes refusals"


def of_root(case: Case) -> LeftOut:
    """Something beside paths and components: servers, credentials of all, what nobody needs."""
    word = case.parts[0] if case.parts else ""
    if word in case.openapi and word not in ("openapi", "info", "paths"):
        del case.openapi[word]
        yield word, OUT, "what the vendor's document says"
