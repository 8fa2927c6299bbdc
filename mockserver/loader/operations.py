"""The two documents → operations: what openapi.json shows joined with what behavior.json says."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mockserver import pointers
from mockserver.contract import Operation
from mockserver.intake import PARAMETER, FileRule, RequestBody, Stand
from mockserver.lifecycle import Resource
from mockserver.loader import resources as parts
from mockserver.loader.document import operations as documented
from mockserver.loader.durations import duration
from mockserver.loader.flow import flow, streamed, tells
from mockserver.loader.paging import of_items, paging
from mockserver.loader.parameters import declared_parameters
from mockserver.loader.pieces import in_pieces
from mockserver.loader.references import references
from mockserver.loader.responses import examples_of, media_types, needed_answers
from mockserver.loader.results import results
from mockserver.loader.security import security
from mockserver.loader.servers import bases
from mockserver.loader.shared import of_resources
from mockserver.loader.source import BEHAVIOR, Source
from mockserver.loader.states import known_state
from mockserver.suggestions import mend_word, nearest
from mockserver.validation import field_rules, properties_of
from mockserver.validation.shapes import parts_of_all

_ANYTHING = frozenset(("application/octet-stream", "application/json", "text/plain"))


def read_operations(source: Source, resources: Mapping[str, Resource]) -> dict[str, Operation]:
    """Operations by name; one that stands in only one of the documents is a finding."""
    behavior = source.behavior["operations"]
    found: dict[str, Operation] = {}
    missing: list[str] = []
    names = []
    for pointer, path, method, operation, item in documented(source):
        name = operation.get("operationId")
        names.append(name)
        if isinstance(name, str) and name in behavior:
            found[name] = _operation(source, pointer, path, method, operation, item, behavior[name], resources)
        elif isinstance(name, str):
            missing.append(name)
    _check_known(source, behavior, found, missing, is_nameless=any(n is None for n in names))
    named = _named_by_makers(found.values())
    return {name: _sharing(each, named) for name, each in found.items()}


def _check_known(
    source: Source, behavior: Any, found: Mapping[str, Operation], missing: Sequence[str], *, is_nameless: bool
) -> None:
    """Names that stand in one of the documents alone; one that is misspelt is named once."""
    lacking = list(missing)
    for name in (name for name in behavior if name not in found):
        near = nearest(name, [*lacking, *source.others])
        at = pointers.join("/operations", name)
        if near is None and is_nameless:
            continue  # it may be the name that is missing there, which is said
        if near is None:
            known = ", ".join([*missing, *found]) or "none"
            remedy = f"Remove it, or give the name to an operation there. Known: {known}."
            source.say(BEHAVIOR, at, f"openapi.json has no operation {name!r}.", remedy)
        else:
            lacking = [each for each in lacking if each != near]
            mend = mend_word(name, [*missing, *source.others])
            source.say(BEHAVIOR, at, f"openapi.json has no operation {name!r}.", mend)
    for name in lacking:
        remedy = f'Add {json.dumps(name)}: {{"verb": …}}.'
        source.say(BEHAVIOR, "/operations", f"the operation {name!r} has no behavior.", remedy)


def _named_by_makers(operations: Iterable[Operation]) -> dict[str, set[str]]:
    """The parameters in the paths of the operations that create a resource, by resource."""
    found: dict[str, set[str]] = {}
    for operation in operations:
        for resource in operation.resources if operation.verb == "create" else ():
            found.setdefault(resource, set()).update(operation.names)
    return found


def _sharing(operation: Operation, named: Mapping[str, set[str]]) -> Operation:
    """The operation with the parameters of its path that those have as well which create what it names."""
    if operation.verb in ("create", "answer", "token", "list"):
        return operation
    known = {name for resource in operation.resources for name in named.get(resource, ())}
    own = [(index, name) for index, name in enumerate(operation.names) if index != operation.id_index]
    return replace(operation, shared=tuple((index, f"path.{name}") for index, name in own if name in known))


def _operation(
    source: Source, pointer: str, path: str, method: str, document: Any, item: Any, data: Any, resources: Any
) -> Operation:
    at = pointers.join("/operations", document["operationId"])
    served = _served(source, at, data, resources)
    bodies, required = _bodies(source, pointer, document)
    declared = declared_parameters(source, pointer, document, item)
    about = [resources[name] for name in served if name in resources]
    is_stream = tells(data)
    verb = "stream" if is_stream else data["verb"]
    answers = needed_answers(verb, about, waits="wait" in data, style=data.get("style", ""))
    examples = examples_of(source, pointer, document, answers)
    gives_bytes = data["verb"] == "content" or _creates_bytes(source, pointer, document, data)
    files = _files(source, data.get("files", {}), bodies)
    examples_by = streamed if is_stream else dict
    return Operation(
        id=document["operationId"],
        method=method.upper(),
        pointer=pointer,
        verb=data["verb"],
        security=security(source, pointer, document, data),
        resources=served,
        parameters=declared,
        bodies=bodies,
        body_required=required,
        examples=examples_by(of_resources(source, pointer, document, answers, examples, about, data.get("to", ""))),
        references=references(source, document["operationId"], data.get("references", ()), resources, files["files"]),
        **_address(source, pointer, path, document, item, data),
        results=results(source, pointers.join(at, "results"), data.get("results", {})),
        gives_bytes=gives_bytes,
        offered=tuple(media_types(source, pointer, document)) if source.negotiates else (),
        paging=paging(source, data, declared) if data["verb"] == "list" else None,
        **_bindings(of_items(data), about),
        **files,
        **_words(data),
        **flow(source, data, declared, document.get("responses", {}), gives_bytes),
        **in_pieces(data),
    )


def _creates_bytes(source: Source, pointer: str, document: Any, data: Any) -> bool:
    """Whether a creation is answered with the bytes of a result: its success is no JSON, and shows no example."""
    if data["verb"] != "create" or tells(data):
        return False
    for status, response in document.get("responses", {}).items():
        if str(status).startswith("2"):
            node, _ = source.resolve(response, f"{pointer}/responses/{status}")
            content = node.get("content", {})
            return bool(content) and not any("json" in kind or said.get("examples") for kind, said in content.items())
    return False


def _address(source: Source, pointer: str, path: str, document: Any, item: Any, data: Any) -> dict[str, Any]:
    """Where an operation is, and where its requests name a job."""
    servers = document.get("servers") or item.get("servers") or source.openapi.get("servers")
    before = bases(source, f"{pointer}/servers", servers)
    paths = dict.fromkeys([*(each + path for each in before), path])
    return {"path": before[0] + path, "paths": tuple(paths), **_identity(before[0] + path, data)}


def _bindings(data: Any, resources: Sequence[Resource]) -> dict[str, Any]:
    """The bindings of an operation and of its resources: general ones, and those of an example's name."""
    general, own = parts.bindings(data)
    named: dict[str, dict[str, Any]] = {}
    for resource in resources:
        prefix = f"{resource.name}." if len(resources) > 1 else ""
        for name, several in resource.named.items():
            named[prefix + name] = {**several}
    for name, several in own.items():
        named[name] = {**named.get(name, {}), **several}
    return {"bindings": general, "named": named, "common": {r.name: r.bindings for r in resources if r.bindings}}


def _files(source: Source, data: Any, bodies: Sequence[RequestBody]) -> dict[str, Any]:
    """The rules for files: those of behavior.json, and for others what `encoding` says of their types."""
    every = source.behavior.get("files", {})
    problems = every.get("unsupported", "unsupported_body"), every.get("too_large", "too_large")
    encoded = {
        name: FileRule(types, _largest(source, body, name, every.get("max_bytes", 512 << 20)), *problems)
        for body in bodies
        if body.media_type.startswith("multipart/")
        for name, types in body.types.items()
        if _is_file(source, body, name) and not any("*" in each or each in _ANYTHING for each in types)
    }
    said = {name: _file(rule) for name, rule in data.items() if "as" not in rule}
    stands = {name: Stand(rule["as"], rule["quirk"]) for name, rule in data.items() if "as" in rule}
    return {"files": {**{n: rule for n, rule in encoded.items() if n not in stands}, **said}, "stands": stands}


def _is_file(source: Source, body: RequestBody, name: str) -> bool:
    rule = field_rules(body.schema, source.openapi).get(name)
    return rule is not None and rule.file


def _largest(source: Source, body: RequestBody, name: str, usual: int) -> int:
    said = parts_of_all(properties_of(body.schema, source.openapi).get(name, ()), source.openapi)
    return min((part["maxLength"] for part in said if "maxLength" in part), default=usual)


def _words(data: Any) -> dict[str, Any]:
    """What behavior.json says of an operation in single words."""
    return {
        "to": data.get("to", ""),
        "sets": data.get("sets", {}),
        "invalid": data.get("invalid", {}),
        "blank": tuple(data.get("blank", ())),
        "reads_any_body": data.get("other_bodies") == "empty",
        "result": data.get("result", "") if isinstance(data.get("result", ""), str) else "",
        "result_of": parts.value(data["result"]) if isinstance(data.get("result"), dict) else None,
        "sends": parts.value(data["type"]) if isinstance(data.get("type"), dict) else data.get("type", ""),
        "announced": data.get("announced", {}),
        "max_bytes": data.get("max_bytes", 512 << 20),
        "text_bytes": data.get("max_bytes", 1 << 20),
        "expires": data.get("expires", 3600),
        "latency": duration(data["latency"]) if "latency" in data else None,
    }


def _served(source: Source, at: str, data: Any, resources: Any) -> tuple[str, ...]:
    """The resources an operation is about."""
    served = tuple(data.get("resources", [data["resource"]] if "resource" in data else []))
    for name in served:
        if name not in resources:
            place = f"{at}/resource" if "resource" in data else f"{at}/resources/{served.index(name)}"
            source.say(BEHAVIOR, place, f"there is no resource {name!r}.", mend_word(name, resources))
    if "to" in data and served and served[0] in resources:
        _check_moves(source, f"{at}/to", data["to"], [resources[name] for name in served if name in resources])
    return served


def _check_moves(source: Source, at: str, to: Any, served: Sequence[Resource]) -> None:
    """Where a move leads, and what it finds, are states."""
    if isinstance(to, str):
        known_state(source, at, to, served[0].states)
        return
    known = dict.fromkeys(state for resource in served for state in resource.states)
    for found, state in to.items():
        known_state(source, pointers.join(at, found), found, known)
        if state != found:
            known_state(source, pointers.join(at, found), state, known)


def _identity(path: str, data: Any) -> dict[str, Any]:
    """Where an operation names its job: the only parameter of its path, unless behavior.json says otherwise."""
    said, names = data.get("id_at"), PARAMETER.findall(path)
    if said is None:
        return {"id_index": 0 if len(names) == 1 else None}
    at, after = (said["at"], said["after"]) if isinstance(said, dict) else (said, "")
    where, _, name = at.partition(".")
    index = names.index(name) if where == "path" and name in names else None
    return {"id_at": at, "id_after": after, "id_index": index}


def _bodies(source: Source, pointer: str, operation: Any) -> tuple[tuple[RequestBody, ...], bool]:
    if "requestBody" not in operation:
        return (), False
    node, where = source.resolve(operation["requestBody"], f"{pointer}/requestBody")
    found = []
    for media_type, content in node.get("content", {}).items():
        at = pointers.join(f"{where}/content", media_type, "schema")
        schema, _ = source.resolve(content.setdefault("schema", {}), at)  # without one anything may come
        found.append(RequestBody(media_type.lower(), schema, at, *_encoded(content.get("encoding", {}))))
    return tuple(found), bool(node.get("required"))


def _encoded(encoding: Mapping[str, Any]) -> tuple[frozenset[str], dict[str, tuple[str, ...]]]:
    """The fields whose members come by names of their own, and the types that fields have."""
    deep = frozenset(name for name, said in encoding.items() if said.get("style") == "deepObject")
    types = {
        name: tuple(each.strip().lower() for each in said["contentType"].split(","))
        for name, said in encoding.items()
        if isinstance(said.get("contentType"), str)
    }
    return deep, types


def _file(data: Mapping[str, Any]) -> FileRule:
    return FileRule(tuple(data["accept"]), data["max_bytes"], data["unsupported"], data["too_large"])
