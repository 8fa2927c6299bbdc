"""Two documents of a contract made sound: what `check` finds wrong is mended as little as may be, and said. Writes no
file.

A field gives way before an answer, an answer before an operation, an operation before a resource: what is told again
loses the next larger thing.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mockserver import pointers
from mockserver.app.trial_run import tried
from mockserver.check import check_contract
from mockserver.errors import ContractError, Finding
from mockserver.imported.dialect import references
from mockserver.imported.facts import Guess
from mockserver.imported.leaving import (
    ANY,
    OUT,
    Case,
    LeftOut,
    drop,
    drop_resource,
    fact_of,
    opened,
    operation_of,
    resource_of,
    shared_examples,
    unbind,
)
from mockserver.imported.mending import as_text, of_component, of_path, of_refusals, of_root
from mockserver.imported.widening import widened
from mockserver.json_types import JsonObject
from mockserver.loader import load
from mockserver.loader.source import BEHAVIOR, OPENAPI, Source

_MOST = 60
"""So many times something is left out."""


def findings(name: str, openapi: JsonObject, behavior: JsonObject, folder: Path | None = None) -> list[Finding]:
    """What `check` finds wrong with a contract of these documents; `folder` has its other files."""
    source = Source(name, copy.deepcopy(openapi), copy.deepcopy(behavior), folder=folder)
    try:
        contract = load(source)
    except ContractError as error:
        return error.findings
    return check_contract(contract) or tried(contract)


def made_sound(name: str, openapi: JsonObject, behavior: JsonObject, folder: Path | None = None) -> list[Guess]:
    """Leave out, in place, what is wrong, and say what that was. Raises ContractError where nothing is left."""
    left: list[Guess] = []
    told: Counter[str] = Counter()
    for _ in range(_MOST):
        found = findings(name, openapi, behavior, folder)
        if not found:
            prune(openapi)
            return left
        before = repr((openapi, behavior))
        left += _mended(openapi, behavior, found, told)
        if repr((openapi, behavior)) == before:
            left += _without(openapi, behavior, found)
        if repr((openapi, behavior)) == before or not behavior["operations"]:
            raise ContractError(found)
    raise ContractError(found)


def _mended(openapi: JsonObject, behavior: JsonObject, found: list[Finding], told: Counter[str]) -> Iterator[Guess]:
    """What was done about each, by how often it was told in earlier rounds."""
    before = told.copy()
    for each in reversed(found):  # what stands later in a list goes first
        if each.refused and pointers.get(openapi, each.refused[0]) == {}:
            continue  # opened in this round, for another finding of the same schema
        parts = pointers.split(each.pointer)
        file = each.file.rpartition("/")[2]
        table = _BEHAVIOR if file == BEHAVIOR else _OPENAPI if file == OPENAPI else {}
        mend = table.get(parts[0] if parts else "", of_root if file == OPENAPI else None)
        told[file + each.pointer] = before[file + each.pointer] + 1
        case = Case(openapi, behavior, parts, before[file + each.pointer], each.refused)
        for subject, meaning, look in mend(case) if mend is not None else ():
            yield Guess(subject, meaning, each.sentence, look)


def _without(openapi: JsonObject, behavior: JsonObject, found: list[Finding]) -> Iterator[Guess]:
    """The operation or the resource left out to which something belongs that nothing else mends."""
    for each in found:
        case = Case(openapi, behavior, pointers.split(each.pointer), 0, each.refused)
        name = case.operation or (case.parts[1] if case.parts[:1] == ("operations",) else "")
        several = drop(openapi, behavior, name) if name in behavior["operations"] else iter(())
        if case.parts[:1] == ("resources",):
            several = drop_resource(openapi, behavior, case.parts[1])
        for subject, meaning, look in several:
            yield Guess(subject, meaning, each.sentence, look)


def _of_operation(case: Case) -> LeftOut:
    name, words = case.parts[1], case.behavior["operations"].get(case.parts[1])
    word = case.parts[2] if len(case.parts) > 2 else ""
    if words is None:
        return
    if _is_named(case):
        yield from _of_named(case, words, name)
    elif word == "bindings" and len(case.parts) > 3 and case.parts[3] in words.get("bindings", {}):
        yield from _of_binding(case, words["bindings"], name)
    elif word == "bindings" and len(case.parts) == 3 and case.tries == 0 and _told_id(case, name, words):
        yield f"{name} /id", "the id, which nothing else told", "where its answer has the id"
    elif word == "parameters" and "parameters" in words:
        yield from _of_parameters(words, name)
    elif word in ("type", "files", "limit") and word in words:
        del words[word]
        yield f"{name} {word}", OUT, ""
    elif not word and case.refused and case.tries < 4 and widened(case.openapi, *case.refused):
        yield f"{name} {case.refused[1]}", ANY, "what this field may be"
    elif not word and opened(case.openapi, name):
        yield f"{name} schema", ANY, "how it is answered: the schema was left open"
    elif case.tries:
        yield from drop(case.openapi, case.behavior, name)


def _of_binding(case: Case, bindings: JsonObject, subject: str) -> LeftOut:
    """A field that cannot be written as it is bound: the id and the state are kept, and the schema gives way."""
    at = case.parts[3]
    is_vital = fact_of(bindings[at]) in ("id", "state")
    resource = resource_of(case.behavior, case.behavior["operations"].get(case.parts[1], {}))
    if is_vital and case.refused and case.tries < 3 and as_text(case, resource):
        yield f"{subject} {at}", ANY, "how the id and the state look"
        return
    del bindings[at]
    yield f"{subject} {at}", OUT, "what this field shows"


def _of_parameters(words: JsonObject, name: str) -> LeftOut:
    del words["parameters"]
    for at in [at for at, each in words.get("bindings", {}).items() if "page." in repr(each)]:
        del words["bindings"][at]
    yield f"{name} parameters", OUT, "how its pages are chosen"


def _is_named(case: Case) -> bool:
    """Whether it is about what is bound in the examples of one name."""
    is_below = case.parts[2:3] == ("bindings",) and len(case.parts) > 4
    return is_below and not case.parts[3].startswith(("/", "header."))


def _of_named(case: Case, words: JsonObject, subject: str) -> LeftOut:
    """A field of the examples of one name that cannot be written as it is bound."""
    name, at = case.parts[3:5]
    table = words.get("bindings", {}).get(name, {})
    if at in table:
        del table[at]
        yield f"{subject} {name} {at}", OUT, "what this field shows"
    if not table:
        words.get("bindings", {}).pop(name, None)


def _told_id(case: Case, name: str, words: JsonObject) -> bool:
    """Let an answer that tells no id show one; whether there is a place for it."""
    for response in operation_of(case.openapi, name).get("responses", {}).values():
        for content in response.get("content", {}).values():
            shared = shared_examples(case.openapi, resource_of(case.behavior, words))
            value = content.get("examples", {}).get("other", next(shared, {})).get("value")
            if isinstance(value, dict) and not isinstance(value.get("id"), dict | list):
                shown = copy.deepcopy(value) | {"id": "id"}
                content["examples"] = {"other": {"x-evidence": "assumed", "value": shown}}
                words.setdefault("bindings", {})["/id"] = "id"
                return True
    return False


def _of_resource(case: Case) -> LeftOut:
    name, words = case.parts[1], case.behavior.get("resources", {}).get(case.parts[1])
    if words is None:
        return
    word, at = case.parts[2] if len(case.parts) > 2 else "", case.parts[3] if len(case.parts) > 3 else ""
    if _is_named(case):
        yield from _of_named(case, words, name)
    elif word == "bindings" and at in words["bindings"]:
        yield from _of_common(case, words["bindings"])
    elif word == "results" and at in words.get("results", {}):
        del words["results"][at]
        unbind(case.behavior, f"result.{at}")
        yield f"{name} {at}", OUT, "what this field shows"
    elif word == "states" and at in words["states"] and len(words["states"]) > 1:
        del words["states"][at]
        words.get("run", {}).get("outcomes", {}).pop(at, None)
        yield f"{name} {at}", OUT, "whether jobs come to this state"
    elif word != "bindings" and not case.tries and words.get("results"):
        for each in [*words.pop("results")]:
            unbind(case.behavior, f"result.{each}")
        yield f"{name} results", OUT, "what jobs result in"
    elif word != "bindings":
        yield from drop_resource(case.openapi, case.behavior, name)


def _of_common(case: Case, bindings: JsonObject) -> LeftOut:
    """A binding of a resource that one answer cannot show: that one shows its example, before all go without it."""
    name, at = case.operation, case.parts[3]
    words, shown = case.behavior["operations"].get(name, {}), _shown(case)
    is_vital = fact_of(bindings[at]) in ("id", "state")
    is_form = not isinstance(shown, dict | list)
    if is_vital and is_form and case.refused and case.tries < 3 and as_text(case, case.parts[1]):
        yield f"{name} {at}", ANY, "how the id and the state look"
    elif at in words.get("bindings", {}) and not case.tries:
        return  # told twice in one round
    elif words and case.tries < 3 and shown is not None and at not in words.get("bindings", {}):
        states = [*case.behavior["resources"][case.parts[1]]["states"]]
        words.setdefault("bindings", {})[at] = {"when": {"state": states}}
        yield f"{name} {at}", "always the same", "what this field shows"
    else:
        del bindings[at]
        yield f"{case.parts[1]} {at}", OUT, "what this field shows"


def _shown(case: Case) -> Any:
    """What the first example of the answer shows that refuses something; None where that is nothing."""
    content = pointers.get(case.openapi, case.refused[0].rpartition("/")[0]) if case.refused else None
    several = content.get("examples", {}).values() if isinstance(content, dict) else ()
    found = [pointers.get(each.get("value"), case.refused[1]) for each in several if case.refused]
    return next((each for each in found if each is not pointers.MISSING), None)


def _of_problem(case: Case) -> LeftOut:
    case.behavior["problems"].pop(case.parts[1], None)
    if not case.behavior["problems"]:
        del case.behavior["problems"]
    yield from ()


def _of_webhook(case: Case) -> LeftOut:
    name = case.parts[1]
    for holder in (case.openapi.get("webhooks", {}), case.behavior.get("webhooks", {})):
        holder.pop(name, None)
    for document in (case.openapi, case.behavior):
        if document.get("webhooks") == {}:
            del document["webhooks"]
    yield f"webhook {name}", OUT, "whether a client hears of the end"


_BEHAVIOR: dict[str, Callable[[Case], LeftOut]] = {
    "operations": _of_operation, "resources": _of_resource, "problems": _of_problem,
    "webhooks": _of_webhook,
}  # fmt: skip
_OPENAPI: dict[str, Callable[[Case], LeftOut]] = {
    "paths": of_path, "components": of_component, "x-responses": of_refusals,
}  # fmt: skip


def prune(openapi: JsonObject) -> None:
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
    for kind in [component for component in components if component not in ("securitySchemes", "examples")]:
        components[kind] = {
            n: e for n, e in components[kind].items() if f"#/components/{kind}/{pointers.escape(n)}" in kept
        }
    used = {word for each in _security(openapi) for word in each}
    schemes = components.get("securitySchemes", {})
    components["securitySchemes"] = {word: scheme for word, scheme in schemes.items() if word in used}
    openapi["components"] = {kind: component for kind, component in components.items() if component}


def _security(openapi: JsonObject) -> Iterator[JsonObject]:
    for holder in (openapi, *(each for item in openapi["paths"].values() for each in item.values())):
        yield from holder.get("security", ())
