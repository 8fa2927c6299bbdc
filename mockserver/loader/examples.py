"""Does every operation have the answers it needs, and is every example one that can be given?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mockserver import pointers
from mockserver.contract import NAMES_JOB, Contract, Example, Operation
from mockserver.intake import HAPPENINGS
from mockserver.loader.bound import check_bindings, check_common
from mockserver.loader.pieces import needed_by_uploads
from mockserver.loader.produces import check_produces
from mockserver.loader.responses import wanted_states
from mockserver.loader.source import BEHAVIOR, OPENAPI, Source
from mockserver.suggestions import mend_word, nearest

_CREDENTIALS = ("missing_key", "unknown_key", "deactivated_key")
REFUSALS: Mapping[str, str] = {
    "rate_limited": "a limit covers it; one per address goes before the credentials, one per account behind them",
    "bad_signature": "it is `signed`",
    "expired_link": "it is `signed`",
    "missing_key": "it has `security` that does not let everybody in",
    "unknown_key": "it has `security`",
    "deactivated_key": "it has `security`",
    "expired_key": "it has `security` that takes the tokens of the verb `token`",
    "unsupported_body": 'it has a request body, and not `"other_bodies": "empty"`',
    "too_large": "it has a request body",
    "files.too_large": "it has `files`",
    "files.unsupported": "it has `files`",
    "invalid": "it has `invalid`",
    "bad_request": "it has a request body, or parameters beside those of its path",
    "invalid_client": "verb `token`",
    "unsupported_grant_type": "verb `token`",
    "idempotency.busy": "it declares the header of `idempotency`",
    "idempotency.mismatch": "it declares the header of `idempotency`",
    "not_found": "verbs `show`, `move`, `update`, `upload`, `content`, `stream`",
    "references.missing": "it has `references`",
    "references.not_ready": "it has `references` to a resource with `ready`",
    "size_differs": "a result of it has a `mask`",
    "matches.problem": "a row of `matches` refuses it",
    "offset_mismatch": "verb `upload` of the style `range`, `offset` or `commands`",
    "part_mismatch": "it `joins` parts",
    "size_mismatch": "verb `upload` of which the size was `announced`",
    "type_mismatch": "verb `upload` of which the type was `announced`",
    "no_credits": "verb `create` of a resource with a `cost`",
    "exclusive.problem": "verb `create` of a resource that is `exclusive`",
    "server_error": "never: what a fault may ask for, and the answer where this machine has no room for an upload",
}
"""Why an operation refuses, in the order of refusals, and when it needs an example of it. Where there is a dot, or
`invalid` stands, the contract gives the name."""
PROBLEMS = frozenset(name for name in REFUSALS if "." not in name and name != "invalid")
"""What an operation of some verb may refuse with: a response that several share shows more than one of them needs."""

UNROUTED = {"unknown_path": 404, "wrong_method": 405, "malformed_request": 400, "headers_too_large": 431}
UNROUTED |= {"rate_limited": 429}
"""What requests that no operation takes are refused with, and the status where nothing else is said."""


def needed_states(contract: Contract, operation: Operation) -> Iterator[tuple[str, str]]:
    """The (example name, state) pairs an operation must answer."""
    if operation.gives_uploads or operation.stream or (operation.gives_bytes and operation.verb == "create"):
        return iter(())
    resources = [contract.resources[name] for name in operation.resources]
    style = operation.pieces.style if operation.pieces is not None else ""
    return wanted_states(operation.verb, resources, waits=operation.wait is not None, style=style)


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
    if operation.verb in NAMES_JOB:
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
    return PROBLEMS.union(*(needed_problems(contract, operation) for operation in contract.operations.values()))


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
    if operation.verb == "upload" or operation.joins is not None:
        return needed_by_uploads(operation)
    if operation.verb != "create":
        return set()
    resource = contract.resources.get(operation.resources[0])
    if resource is None:
        return set()  # it is named already
    found = {resource.exclusive.problem} if resource.exclusive else set()
    if resource.cost or resource.cost_of is not None:
        found.add("no_credits")
    if any("mask" in result.sources for result in operation.results.values()):
        found.add("size_differs")
    return found


def check_examples(source: Source, contract: Contract) -> None:
    """Note missing answers, examples nobody can be given, and unknown names."""
    problems, told = possible_problems(contract), set[str]()
    for operation in contract.operations.values():
        at = f"{operation.pointer}/responses"
        meant = _check_names(source, contract, operation, problems, told)
        _check_states(source, contract, operation, at, meant)
        _check_problems(source, contract, operation, at, meant)
        check_bindings(source, contract, operation)
        _check_identity(source, operation)
        _check_stands(source, contract, operation)
        _check_variants(source, contract, operation)
    for resource in contract.resources.values():
        check_common(source, contract, resource)
    check_produces(source, contract)
    _check_webhooks(source, contract)
    _check_names_elsewhere(source, contract)


def _check_states(source: Source, contract: Contract, operation: Operation, at: str, meant: set[str]) -> None:
    for name, state in needed_states(contract, operation):
        if name not in operation.examples and name not in meant:
            sentence = f"{operation.id} does not answer the state {state}."
            source.say(OPENAPI, at, sentence, f"Add an example named {name!r} under the status it is answered with.")
    if operation.verb in ("answer", "list", "token") and "ok" not in {*operation.examples, *meant}:
        source.say(OPENAPI, at, f"{operation.id} has no answer.", "Add an example named 'ok'.")


def _check_problems(source: Source, contract: Contract, operation: Operation, at: str, meant: set[str]) -> None:
    for name in sorted(needed_problems(contract, operation) - set(operation.examples) - meant):
        sentence = f"{operation.id} can refuse with {name}, and there is no example of it."
        source.say(OPENAPI, at, sentence, f"Add an example named {name!r} under an error status.")


def _is_shared(example: Example) -> bool:
    """Whether an example stands in a response that several operations may refer to."""
    return any(each.startswith("/components/responses/") for each in (example.pointer, example.schema or ""))


def _known_names(contract: Contract, operation: Operation) -> set[str]:
    """What its examples are named after, and what it may show without need."""
    needed = {name for name, _ in needed_states(contract, operation)} | needed_problems(contract, operation)
    free = {"ok", "server_error", "rate_limited"}
    free |= {"size_mismatch", "type_mismatch"} if operation.verb == "upload" else set()
    return needed | free | possible_views(contract, operation)


def _check_names(
    source: Source, contract: Contract, operation: Operation, problems: frozenset[str], told: set[str]
) -> set[str]:
    """Names of examples that nobody knows, each place once; gives those that may have been meant."""
    known = _known_names(contract, operation)
    if operation.verb == "create" or operation.gives_uploads:
        known |= {
            operation.example_of(name, state)
            for name in operation.resources
            for state in contract.resources[name].states
        }
    if operation.stream is not None:
        told_by = [(name, e) for name in operation.resources for e in (*HAPPENINGS, *contract.resources[name].states)]
        known |= {operation.example_of(*each) for each in told_by}
    meant: set[str] = set()
    for name, variants in operation.examples.items():
        if name not in known and not (_is_shared(variants[0]) and name in problems):
            named, _, rest = name.rpartition(".")
            if named in known:
                mend = mend_word(rest, contract.variants, 'Declare it in behavior.json: "variants".')
                source.say(OPENAPI, variants[0].place, f"there is no variant {rest!r}.", mend)
                continue
            free = sorted(known - operation.examples.keys() - meant)
            sentence = f"no state or problem of {operation.id} is named {name!r}."
            meant |= {each for each in (nearest(name, free),) if each is not None}
            taken = nearest(name, known & operation.examples.keys())
            mend = mend_word(name, free, f"Remove it: {taken!r} is there." if taken else "Fix the name or remove it.")
            place = variants[0].place or variants[0].pointer
            if place not in told:
                source.say(OPENAPI, place, sentence, mend)
            told.add(place)
        for variant in variants:
            for quirk in sorted(variant.off - set(contract.quirks)):
                mend = mend_word(
                    f"{quirk}-off", [f"{each}-off" for each in contract.quirks], "Declare it under quirks."
                )
                source.say(OPENAPI, variant.place, f"there is no quirk {quirk!r}.", mend)
    return meant


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


def _check_stands(source: Source, contract: Contract, operation: Operation) -> None:
    at = pointers.join("/operations", operation.id, "files")
    for name, stand in operation.stands.items():
        place = pointers.join(at, name)
        if stand.field not in operation.files:
            mend = mend_word(stand.field, operation.files)
            source.say(BEHAVIOR, f"{place}/as", f"no file is named {stand.field!r}.", mend)
        if stand.quirk not in contract.quirks:
            mend = mend_word(stand.quirk, contract.quirks, "Declare it under quirks.")
            source.say(BEHAVIOR, f"{place}/quirk", f"there is no quirk {stand.quirk!r}.", mend)


def _check_identity(source: Source, operation: Operation) -> None:
    at = pointers.join("/operations", operation.id)
    if operation.verb not in NAMES_JOB:
        return
    if operation.id_at is None and operation.id_index is None:
        names = ", ".join(f'"path.{name}"' for name in operation.names) or "none"
        sentence = f"which {' or '.join(operation.resources)} is meant cannot be told; parameters of the path: {names}."
        source.say(BEHAVIOR, at, sentence, 'Add id_at: "path.NAME", "query.NAME", or a pointer into the body.')


def _check_webhooks(source: Source, contract: Contract) -> None:
    for name, webhook in contract.webhooks.items():
        at = pointers.join("/webhooks", name)
        if webhook.message is None and webhook.like not in contract.operations:
            mend = mend_word(webhook.like, contract.operations)
            source.say(BEHAVIOR, f"{at}/like", f"there is no operation {webhook.like!r}.", mend)
        _check_resource(source, contract, f"{at}/resource", webhook.resource)


def _check_resource(source: Source, contract: Contract, at: str, name: str) -> None:
    if name not in contract.resources:
        source.say(BEHAVIOR, at, f"there is no resource {name!r}.", mend_word(name, contract.resources))


def _check_names_elsewhere(source: Source, contract: Contract) -> None:
    every = (contract.limits, *(s.limits for s in contract.scenarios.values() if s.limits is not None))
    if any(limit.under for limits in every for limit in limits) and "rate_limited" not in contract.unrouted:
        sentence = 'a limit has "under", and nothing says how it refuses where there is no operation.'
        source.say(BEHAVIOR, "/unrouted", sentence, 'Add "rate_limited", a name in components/responses.')
    for name, resource in contract.resources.items():
        at = pointers.join("/resources", name)
        for index, view in enumerate(resource.views):
            if view.quirk not in contract.quirks:
                mend = mend_word(view.quirk, contract.quirks, "Declare it under quirks.")
                source.say(BEHAVIOR, f"{at}/views/{index}/quirk", f"there is no quirk {view.quirk!r}.", mend)
    for index, match in enumerate(contract.matches):
        for operation in sorted(match.operations - set(contract.operations)):
            mend = mend_word(operation, contract.operations)
            source.say(BEHAVIOR, f"/matches/{index}/operations", f"there is no operation {operation!r}.", mend)
