"""Does every operation have the answers it needs, and is every example one that can be given?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver import pointers
from mockserver.bindings import in_body, resource_of
from mockserver.contract import Contract, Example, Operation
from mockserver.intake import HAPPENINGS
from mockserver.lifecycle import Resource, Value
from mockserver.loader.document import operations as documented
from mockserver.loader.produces import check_produces
from mockserver.loader.responses import wanted_states
from mockserver.loader.source import BEHAVIOR, OPENAPI, Source
from mockserver.suggestions import mend_word

_CREDENTIALS = ("missing_key", "unknown_key", "deactivated_key")
PROBLEMS = frozenset((
    *_CREDENTIALS, "expired_key", "rate_limited", "unsupported_body", "too_large", "bad_request", "server_error",
    "not_found", "no_credits", "size_differs", "invalid_client", "unsupported_grant_type", "size_mismatch",
    "type_mismatch", "bad_signature", "expired_link",
))  # fmt: skip
"""What an operation of some verb may refuse with: a response that several share shows more than one of them needs."""


def needed_states(contract: Contract, operation: Operation) -> Iterator[tuple[str, str]]:
    """The (example name, state) pairs an operation must answer."""
    if operation.gives_uploads or (operation.gives_bytes and operation.verb == "create"):
        return iter(())
    resources = [contract.resources[name] for name in operation.resources]
    return wanted_states(operation.verb, resources, waits=operation.wait is not None)


def possible_views(contract: Contract, operation: Operation) -> set[str]:
    """Examples that a quirk's view shows instead of a state's."""
    prefix = {name: f"{name}." if len(operation.resources) > 1 else "" for name in operation.resources}
    return {prefix[n] + view.example for n in operation.resources for view in contract.resources[n].views}


def needed_problems(contract: Contract, operation: Operation) -> set[str]:
    """The problems an operation can refuse with."""
    found = {*_needed_by_security(operation), *operation.invalid.values()}
    if any(operation.id in limit.operations for limit in contract.limits):
        found.add("rate_limited")
    if operation.bodies:
        found |= {"too_large", "bad_request"} | ({"unsupported_body"} if not operation.reads_any_body else set())
    if any(p.where != "path" for p in operation.parameters):
        found.add("bad_request")
    if operation.verb in ("show", "move", "upload", "content", "stream"):
        found.add("not_found")
    if operation.idempotency is not None:
        found |= {operation.idempotency.mismatch, operation.idempotency.busy}
    for rule in operation.files.values():
        found |= {rule.unsupported, rule.too_large}
    for reference in operation.references:
        found |= {reference.missing, reference.otherwise, reference.unsupported} - {""}
    found |= {match.problem for match in contract.matches if operation.id in match.operations} - {""}
    return found | _needed_by_verb(contract, operation)


def possible_problems(contract: Contract) -> frozenset[str]:
    """All that some operation of the contract, or some verb, may refuse with."""
    return PROBLEMS.union(*(needed_problems(contract, each) for each in contract.operations.values()))


def _needed_by_security(operation: Operation) -> tuple[str, ...]:
    security = operation.security
    if security.kind == "signed":
        return ("bad_signature", "expired_link")
    if not security.ways:
        return ()
    refused = _CREDENTIALS[1:] if security.is_optional else _CREDENTIALS
    return (*refused, "expired_key") if "token" in security.kinds else refused


def _needed_by_verb(contract: Contract, operation: Operation) -> set[str]:
    if operation.verb == "token":
        return {"invalid_client", "unsupported_grant_type"}
    if operation.verb == "upload":
        return {"size_mismatch", "type_mismatch"}
    if operation.verb != "create":
        return set()
    resource = contract.resources[operation.resources[0]]
    found = {resource.exclusive.problem} if resource.exclusive else set()
    if resource.cost or resource.cost_of is not None:
        found.add("no_credits")
    if any("mask" in result.sources for result in operation.results.values()):
        found.add("size_differs")
    return found


def check_examples(source: Source, contract: Contract) -> None:
    """Note missing answers, examples nobody can be given, and unknown names."""
    places = {operation["operationId"]: pointer for pointer, _, _, operation, _ in documented(source)}
    for operation in contract.operations.values():
        at = f"{places[operation.id]}/responses"
        _check_states(source, contract, operation, at)
        _check_problems(source, contract, operation, at)
        _check_names(source, contract, operation, at)
        _check_bindings(source, contract, operation)
        _check_identity(source, operation)
        _check_stands(source, contract, operation)
        _check_variants(source, contract, operation)
    for resource in contract.resources.values():
        _check_common(source, contract, resource)
    check_produces(source, contract)
    _check_webhooks(source, contract)
    _check_names_elsewhere(source, contract)


def _check_states(source: Source, contract: Contract, operation: Operation, at: str) -> None:
    for name, state in needed_states(contract, operation):
        if name not in operation.examples:
            sentence = f"{operation.id} does not answer the state {state}."
            source.say(OPENAPI, at, sentence, f"Add an example named {name!r} under the status it is answered with.")
    if operation.verb in ("answer", "list", "token") and "ok" not in operation.examples:
        source.say(OPENAPI, at, f"{operation.id} has no answer.", "Add an example named 'ok'.")


def _check_problems(source: Source, contract: Contract, operation: Operation, at: str) -> None:
    for name in sorted(needed_problems(contract, operation) - set(operation.examples)):
        sentence = f"{operation.id} can refuse with {name}, and there is no example of it."
        source.say(OPENAPI, at, sentence, f"Add an example named {name!r} under an error status.")


def _is_shared(example: Example) -> bool:
    """Whether an example stands in a response that several operations may refer to."""
    return any(each.startswith("/components/responses/") for each in (example.pointer, example.schema or ""))


def _check_names(source: Source, contract: Contract, operation: Operation, at: str) -> None:
    known = {name for name, _ in needed_states(contract, operation)} | {"ok", "server_error", "rate_limited"}
    known |= needed_problems(contract, operation) | possible_views(contract, operation)
    if operation.verb == "create":
        known |= set(contract.resources[operation.resources[0]].states)
    if operation.verb == "stream":
        told = [(name, e) for name in operation.resources for e in (*HAPPENINGS, *contract.resources[name].states)]
        known |= {operation.example_of(*each) for each in told}
    elsewhere = possible_problems(contract)
    for name, variants in operation.examples.items():
        if name not in known and not (name in elsewhere and _is_shared(variants[0])):
            named, _, rest = name.rpartition(".")
            if named in known:
                mend = mend_word(rest, contract.variants, 'Declare it in behavior.json: "variants".')
                at = variants[0].pointer.removesuffix("/value")
                source.say(OPENAPI, at, f"there is no variant {rest!r}.", mend)
                continue
            sentence = f"no state or problem of {operation.id} is named {name!r}."
            mend = mend_word(name, sorted(known), "Mend the name or remove it.")
            source.say(OPENAPI, variants[0].pointer.removesuffix("/value"), sentence, mend)
        for quirk in sorted({q for v in variants for q in v.off} - set(contract.quirks)):
            source.say(OPENAPI, variants[0].pointer, f"there is no quirk {quirk!r}.", "Declare it in behavior.json.")


def _check_variants(source: Source, contract: Contract, operation: Operation) -> None:
    for name, variants in operation.examples.items():
        seen = [(v.off, v.variants) for v in variants]
        if len(set(seen)) != len(seen):
            same = ", ".join(v.pointer for v in variants)
            source.say(OPENAPI, variants[0].pointer, f"{name!r} stands twice: {same}.", "One place decides the status.")
        offs = [v.off for v in variants if not v.variants]
        if not offs:
            sentence = f"{name!r} has no form that is given where none of its variants holds."
            source.say(OPENAPI, variants[0].pointer.removesuffix("/value"), sentence, f"Add an example {name!r}.")
        if frozenset() not in offs and not all(contract.quirks.get(q) for off in offs for q in off):
            source.say(OPENAPI, variants[0].pointer, f"{name!r} has no form without suffix.", "Add it.")
        for a in offs:
            for b in offs:
                if a | b not in offs:
                    both = ".".join([name, *(f"{q}-off" for q in sorted(a | b))])
                    sentence = f"with both quirks off {name!r} has two answers."
                    source.say(OPENAPI, variants[0].pointer, sentence, f"Add an example {both!r}.")


def bindable(example: Example, pointer: str) -> bool:
    """Whether a binding writes here: the pointer exists and its value is neither null nor the empty string."""
    return shows(example.value, pointer)


def shows(value: Any, pointer: str) -> bool:
    """Whether there is something at a pointer that a binding may be written over."""
    found = pointers.get(value, pointer)
    return found is not pointers.MISSING and found is not None and found != ""


def _check_bindings(source: Source, contract: Contract, operation: Operation) -> None:
    at = pointers.join("/operations", operation.id)
    for pointer in in_body(operation.bindings):
        items = [e for variants in operation.examples.values() for e in variants]
        if not any(_is_written(operation, e, pointer) for e in items):
            sentence = f"the binding {pointer} has no field to write in any example."
            source.say(BEHAVIOR, f"{at}/bindings", sentence, "Mend the pointer, or show a value that is not empty.")
    _check_named(source, operation, f"{at}/bindings")
    for pointer in operation.paging.page if operation.paging else ():
        if not any(bindable(e, pointer) for e in operation.examples.get("ok", ())):
            source.say(BEHAVIOR, f"{at}/page", f"the page has no field {pointer}.", "Mend the pointer.")
    for result in operation.results.values():
        if operation.resources and result.name not in contract.resources[operation.resources[0]].results:
            source.say(BEHAVIOR, f"{at}/results", f"the resource has no result {result.name!r}.", "Mend the name.")


def _is_written(operation: Operation, example: Example, pointer: str) -> bool:
    full = f"{operation.paging.items}/*{pointer}" if operation.paging else pointer
    return any(bindable(example, place) for place, _ in pointers.find(example.value, full))


def _check_named(source: Source, operation: Operation, at: str) -> None:
    """Bindings under an example's name: there is one, and it has the field."""
    said = source.behavior["operations"][operation.id].get("bindings", {})
    for name, table in ((name, operation.named[name]) for name in operation.named if name in said):
        examples = operation.examples.get(name) or _titled(operation, name)
        if not examples:
            known = ", ".join(operation.examples)
            source.say(BEHAVIOR, at, f"{operation.id} has no example {name!r}.", f"Known: {known}.")
        for pointer in in_body({key: Value() for key in table}):
            if examples and not any(_is_written(operation, each, pointer) for each in examples):
                sentence = f"the example {name} has no field {pointer} to write."
                source.say(BEHAVIOR, pointers.join(at, name), sentence, "Mend the pointer, or show a value there.")


def _titled(operation: Operation, title: str) -> list[Example]:
    """The examples of a name with variants."""
    return [each for several in operation.examples.values() for each in several if each.title == title]


def _check_common(source: Source, contract: Contract, resource: Resource) -> None:
    """The bindings of a resource: each has a field in some answer about it."""
    at = pointers.join("/resources", resource.name, "bindings")
    operations = [o for o in contract.operations.values() if resource.name in o.resources]
    for name, table in (("", resource.bindings), *resource.named.items()):
        for pointer in in_body({key: Value() for key in table}):
            examples = [(o, e) for o in operations for e in _examples_about(o, resource, name)]
            is_written = any(_is_written(o, e, pointer) for o, e in examples)
            if not is_written and not shows(resource.templates.get(name), pointer):
                where = f"the example {name}" if name in resource.templates else f"any answer about {resource.name}"
                sentence = f"the binding {pointer} has no field to write in {where}."
                place = pointers.join(at, name) if name else at
                source.say(BEHAVIOR, place, sentence, "Mend the pointer, or show a value that is not empty.")


def _examples_about(operation: Operation, resource: Resource, name: str) -> Iterator[Example]:
    for own, variants in operation.examples.items():
        if (not name or own == operation.example_of(resource.name, name)) and resource_of(operation, own):
            yield from variants


def _check_stands(source: Source, contract: Contract, operation: Operation) -> None:
    at = pointers.join("/operations", operation.id, "files")
    for name, stand in operation.stands.items():
        place = pointers.join(at, name)
        if stand.field not in operation.files:
            source.say(BEHAVIOR, f"{place}/as", f"no file is named {stand.field!r}.", "Mend the name.")
        if stand.quirk not in contract.quirks:
            source.say(BEHAVIOR, f"{place}/quirk", f"there is no quirk {stand.quirk!r}.", "Declare it under quirks.")


def _check_identity(source: Source, operation: Operation) -> None:
    at = pointers.join("/operations", operation.id)
    if operation.verb not in ("show", "move", "upload", "content", "stream"):
        return
    if operation.id_at is None and operation.id_index is None:
        names = ", ".join(f'"path.{name}"' for name in operation.names) or "none"
        sentence = f"which {' or '.join(operation.resources)} is meant cannot be told; parameters of the path: {names}."
        source.say(BEHAVIOR, at, sentence, 'Add id_at: "path.NAME", "query.NAME", or a pointer into the body.')


def _check_webhooks(source: Source, contract: Contract) -> None:
    for name, webhook in contract.webhooks.items():
        at = pointers.join("/webhooks", name)
        is_told = webhook.message is not None or webhook.like in contract.operations
        if not is_told or webhook.resource not in contract.resources:
            source.say(BEHAVIOR, at, "it names an operation or resource that does not exist.", "Mend like or resource.")


def _check_names_elsewhere(source: Source, contract: Contract) -> None:
    every = (contract.limits, *(s.limits for s in contract.scenarios.values() if s.limits is not None))
    if any(limit.under for limits in every for limit in limits) and "rate_limited" not in contract.unrouted:
        sentence = 'a limit has "under", and nothing says how it refuses where there is no operation.'
        source.say(BEHAVIOR, "/unrouted", sentence, 'Add "rate_limited", a name in components/responses.')
    for name, resource in contract.resources.items():
        at = pointers.join("/resources", name)
        for view in resource.views:
            if view.quirk not in contract.quirks:
                source.say(BEHAVIOR, f"{at}/views", f"there is no quirk {view.quirk!r}.", "Declare it under quirks.")
    for index, match in enumerate(contract.matches):
        for operation in sorted(match.operations - set(contract.operations)):
            mend = mend_word(operation, contract.operations)
            source.say(BEHAVIOR, f"/matches/{index}/operations", f"there is no operation {operation!r}.", mend)
