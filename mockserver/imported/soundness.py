"""Two documents of a contract made sound: what `check` finds wrong is left out, and said. Writes no file."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from mockserver import pointers
from mockserver.app.trial_run import tried
from mockserver.check import check_contract
from mockserver.errors import ContractError, Finding
from mockserver.imported.dialect import references
from mockserver.imported.facts import Guess
from mockserver.loader import load
from mockserver.loader.source import BEHAVIOR, OPENAPI, Source

Node = dict[str, Any]
_MOST = 40
"""So many times something is left out."""


def findings(name: str, openapi: Node, behavior: Node) -> list[Finding]:
    """What `check` finds wrong with a contract of these documents."""
    source = Source(name, copy.deepcopy(openapi), copy.deepcopy(behavior))
    try:
        contract = load(source)
    except ContractError as error:
        return error.findings
    return check_contract(contract) or tried(contract)


def made_sound(name: str, openapi: Node, behavior: Node) -> list[Guess]:
    """Leave out, in place, what is wrong, and say what that was. Raises ContractError where nothing is left."""
    left: list[Guess] = []
    for _ in range(_MOST):
        found = findings(name, openapi, behavior)
        if not found:
            prune(openapi)
            return left
        before = repr((openapi, behavior))
        for each in found:
            left += _left_out(openapi, behavior, each)
        if repr((openapi, behavior)) == before or not behavior["operations"]:
            raise ContractError(found)
    raise ContractError(found)


def _left_out(openapi: Node, behavior: Node, finding: Finding) -> Iterator[Guess]:
    parts = pointers.split(finding.pointer)
    file = finding.file.rpartition("/")[2]
    table = _BEHAVIOR if file == BEHAVIOR else _OPENAPI if file == OPENAPI else {}
    leave = table.get(parts[0] if parts else "")
    if leave is not None and len(parts) > 1:
        yield from (
            Guess(subject, "left out", finding.sentence, look) for subject, look in leave(openapi, behavior, parts)
        )


Left = Iterator[tuple[str, str]]


def _of_operation(openapi: Node, behavior: Node, parts: tuple[str, ...]) -> Left:
    name, words = parts[1], behavior["operations"].get(parts[1])
    if words is None:
        return
    if len(parts) > 3 and parts[2] == "bindings" and parts[3] in words.get("bindings", {}):
        del words["bindings"][parts[3]]
        yield f"{name} {parts[3]}", "what this field shows"
    elif len(parts) > 2 and parts[2] == "parameters" and "parameters" in words:
        del words["parameters"]
        pages = [at for at, each in words.get("bindings", {}).items() if "page." in repr(each)]
        for at in pages:
            del words["bindings"][at]
        yield f"{name} parameters", "how its pages are chosen"
    elif len(parts) > 2 and parts[2] in ("type", "files", "limit") and parts[2] in words:
        del words[parts[2]]
        yield f"{name} {parts[2]}", ""
    elif len(parts) == 2 and _open(openapi, name):
        yield f"{name} schema", "how it is answered: the schema was left open"
    else:
        yield from _drop(openapi, behavior, name)


def _open(openapi: Node, name: str) -> bool:
    """Let anything stand in the answers of an operation; whether that is new."""
    found = False
    for operation in (each for item in openapi["paths"].values() for each in item.values()):
        for status, response in operation["responses"].items() if operation["operationId"] == name else ():
            for content in response.get("content", {}).values() if status.startswith("2") else ():
                found = found or content.get("schema") not in ({"type": "object"}, {}, None)
                content["schema"] = {"type": "object"}
    return found


def _drop(openapi: Node, behavior: Node, name: str) -> Left:
    """Leave an operation out, and what cannot be without it."""
    words = behavior["operations"].pop(name, None)
    if words is None:
        return
    for path, item in [*openapi["paths"].items()]:
        for method in [each for each, said in item.items() if said.get("operationId") == name]:
            del item[method]
        if not item:
            del openapi["paths"][path]
    yield name, "whether a client needs it"
    resources = behavior.get("resources", {})
    own = words.get("resource", next(iter(resources), ""))
    verbs = [each["verb"] for each in behavior["operations"].values() if each.get("resource", own) == own]
    if own in resources and words["verb"] in ("show", "create") and not {"show", "create"} <= {*verbs}:
        yield from _drop_resource(openapi, behavior, own)


def _drop_resource(openapi: Node, behavior: Node, name: str) -> Left:
    resources = behavior["resources"]
    if name not in resources:
        return
    only = len(resources) == 1
    names = [
        each for each, said in behavior["operations"].items()
        if said["verb"] != "answer" and (said.get("resource", name if only else "") == name)
    ]  # fmt: skip
    del resources[name]
    openapi["components"].get("examples", {}).pop(f"{name}.other", None)
    for each in names:
        yield from _drop(openapi, behavior, each)
    yield name, "whether a client needs it"


def _of_resource(openapi: Node, behavior: Node, parts: tuple[str, ...]) -> Left:
    words = behavior.get("resources", {}).get(parts[1])
    if words is None:
        return
    if len(parts) > 3 and parts[2] in ("bindings", "results") and parts[3] in words.get(parts[2], {}):
        del words[parts[2]][parts[3]]
        if parts[2] == "results":
            _unbind(behavior, f"result.{parts[3]}")
        yield f"{parts[1]} {parts[3]}", "what this field shows"
    elif len(parts) > 3 and parts[2] == "states" and parts[3] in words["states"] and len(words["states"]) > 2:
        del words["states"][parts[3]]
        words["run"]["outcomes"].pop(parts[3], None)
        yield f"{parts[1]} {parts[3]}", "whether jobs come to this state"
    else:
        yield from _drop_resource(openapi, behavior, parts[1])


def _unbind(behavior: Node, fact: str) -> None:
    """Take away the bindings of a fact that is no more."""
    holders = [*behavior["resources"].values(), *behavior["operations"].values()]
    for bindings in (each.get("bindings", {}) for each in holders):
        for at in [
            at
            for at, value in bindings.items()
            if fact in (value, value.get("fact") if isinstance(value, dict) else "")
        ]:
            del bindings[at]


def _of_problem(openapi: Node, behavior: Node, parts: tuple[str, ...]) -> Left:
    behavior["problems"].pop(parts[1], None)
    yield from ()


def _of_path(openapi: Node, behavior: Node, parts: tuple[str, ...]) -> Left:
    item = openapi["paths"].get(parts[1], {})
    said = item.get(parts[2], {}) if len(parts) > 2 else {}
    for name in [said["operationId"]] if "operationId" in said else [each["operationId"] for each in [*item.values()]]:
        yield from _drop(openapi, behavior, name)


def _of_component(openapi: Node, behavior: Node, parts: tuple[str, ...]) -> Left:
    holder = openapi["components"].get(parts[1], {})
    if len(parts) < 3 or parts[2] not in holder:
        return
    if parts[1] == "examples":
        yield from _drop_resource(openapi, behavior, parts[2].rpartition(".")[0])
    elif parts[1] == "schemas" and holder[parts[2]] != {}:
        holder[parts[2]] = {}
        yield parts[2], "what this schema is"


def _of_refusal(openapi: Node, behavior: Node, parts: tuple[str, ...]) -> Left:
    least = {"type": "object"}
    for response in openapi["x-responses"].values():
        for content in response["content"].values():
            content["schema"] = least
    yield "x-responses", "how the vendor writes refusals"


_BEHAVIOR: dict[str, Callable[[Node, Node, tuple[str, ...]], Left]] = {
    "operations": _of_operation, "resources": _of_resource, "problems": _of_problem,
}  # fmt: skip
_OPENAPI: dict[str, Callable[[Node, Node, tuple[str, ...]], Left]] = {
    "paths": _of_path, "components": _of_component, "x-responses": _of_refusal,
}  # fmt: skip


def prune(openapi: Node) -> None:
    """Take away the components to which nothing refers."""
    components = openapi.get("components", {})
    kept: set[str] = set()
    waiting: list[Any] = [
        {word: each for word, each in openapi.items() if word != "components"},
        components.get("examples"),
    ]
    while waiting:
        for _, reference in references(waiting.pop()):
            where = "/".join(reference.split("/")[:4])
            if where not in kept:
                kept.add(where)
                waiting.append(pointers.get(openapi, where))
    for kind in [each for each in components if each not in ("securitySchemes", "examples")]:
        components[kind] = {
            n: e for n, e in components[kind].items() if f"#/components/{kind}/{pointers.escape(n)}" in kept
        }
    used = {word for each in _security(openapi) for word in each}
    schemes = components.get("securitySchemes", {})
    components["securitySchemes"] = {word: each for word, each in schemes.items() if word in used}
    openapi["components"] = {kind: each for kind, each in components.items() if each}


def _security(openapi: Node) -> Iterator[Node]:
    for holder in (openapi, *(each for item in openapi["paths"].values() for each in item.values())):
        yield from holder.get("security", ())
