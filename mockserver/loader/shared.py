"""What a contract writes once: examples of a resource, refusals of all operations. Knows no request.

A success that shows no examples shows those of its resource, from `components/examples`; a refusal that an operation
does not write itself is the one in `x-responses`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mockserver import pointers
from mockserver.contract import Contract, Example, Operation
from mockserver.lifecycle import Resource
from mockserver.loader.examples import UNROUTED, needed_problems, possible_problems
from mockserver.loader.responses import OTHER, by_name, constant_headers, declared_headers, read_examples, split_name
from mockserver.loader.source import OPENAPI, Source
from mockserver.statuses import BODILESS
from mockserver.suggestions import mend_word

X_RESPONSES = "x-responses"
NamedExamples = dict[str, tuple[Example, ...]]


def of_resources(
    source: Source, pointer: str, document: Any, answers: Sequence[str], found: NamedExamples,
    resources: Sequence[Resource], to: str | Mapping[str, str],
) -> NamedExamples:  # fmt: skip
    """The examples of an operation, with those of its resources in its only success that has content and shows none."""
    missing = [name for name in answers if name not in found]
    blank = [*_blank(source, pointer, document)] if missing and resources else []
    if len(blank) != 1:
        return found
    named, shapes = blank[0]
    known = _components(source)
    more = {
        name: by_name(_shown(source, shapes, name, known, _candidates(name, resources, to)))[name]
        for name in (named or missing)
        if name in missing and any(candidate in known for candidate in _candidates(name, resources, to))
    }
    return {**found, **more}


def _blank(source: Source, pointer: str, document: Any) -> Iterator[tuple[Sequence[str], list[Example]]]:
    """Each success whose JSON content shows no examples: the states that it names, and its forms without a value."""
    for status, response in document.get("responses", {}).items():
        at = pointers.join(f"{pointer}/responses", status)
        if not str(status).isdigit() or not 200 <= int(status) < 300 or int(status) in BODILESS:
            continue
        node, where = source.resolve(response, at)
        content = {kind: each for kind, each in node.get("content", {}).items() if "json" in kind}
        if not content or any("examples" in each for each in node["content"].values()):
            continue
        declared = declared_headers(source, node, where)
        headers = tuple(constant_headers(source, declared, ""))
        shapes = []
        for kind, each in content.items():
            schema = pointers.join(f"{where}/content", kind, "schema") if "schema" in each else None
            shapes.append(Example("", frozenset(), int(status), kind, None, headers, "", schema, declared))
        yield node.get("x-answers", ()), shapes


def _components(source: Source) -> Mapping[str, list[str]]:
    """The keys of components/examples by what they are named after, suffixes apart."""
    known: dict[str, list[str]] = {}
    components = pointers.get(source.openapi, "/components/examples")
    for key in components if isinstance(components, dict) else ():
        known.setdefault(split_name(source, key)[0], []).append(key)
    return known


def _candidates(name: str, resources: Sequence[Resource], to: str | Mapping[str, str]) -> Iterator[str]:
    """Under which names an answer may stand, the nearest first. A move shows the resource as it is afterwards."""
    first, _, rest = name.partition(".")
    resource, state = (first, rest) if len(resources) > 1 else (resources[0].name, name)
    after = (to if isinstance(to, str) else to.get(state, "")) or state
    yield from (f"{resource}.{after}", after, f"{resource}.{OTHER}", OTHER)


def _shown(
    source: Source, shapes: Sequence[Example], name: str, known: Mapping[str, list[str]], candidates: Iterator[str]
) -> Iterator[Example]:
    for key in next(known[candidate] for candidate in candidates if candidate in known):
        _, off, variants = split_name(source, key)
        at = pointers.join("/components/examples", key)
        said, where = source.resolve(pointers.get(source.openapi, at), at)
        for shape in shapes:
            yield shape._replace(
                name=name, off=off, variants=variants, value=said.get("value"), pointer=f"{where}/value"
            )


def refused(source: Source, contract: Contract) -> Contract:
    """The contract, its operations with the refusals that they may give and that stand in `x-responses`."""
    if X_RESPONSES not in source.openapi:
        return contract
    shared = refusals(source)
    if all(name in contract.resources for each in contract.operations.values() for name in each.resources):
        _check(source, shared, possible_problems(contract) | UNROUTED.keys())
    limited = {name for s in contract.scenarios.values() for limit in s.limits or () for name in limit.operations}
    operations = {}
    for name, operation in contract.operations.items():
        needed = (
            needed_problems(contract, operation)
            | {"server_error"}
            | ({"rate_limited"} & {*shared} if name in limited else set())
        )
        more = {problem: shared[problem] for problem in shared if problem in needed - operation.examples.keys()}
        operations[name] = _with(operation, more)
    return replace(contract, operations=operations)


def _check(source: Source, shared: NamedExamples, possible: frozenset[str]) -> None:
    """Note refusals that nothing can ever be refused with."""
    for name, several in shared.items():
        if name not in possible:
            at = several[0].pointer.removesuffix("/value")
            sentence = f"no operation can refuse with {name!r}."
            source.say(OPENAPI, at, sentence, mend_word(name, sorted(possible), "Fix the name or remove it."))


def _with(operation: Operation, more: NamedExamples) -> Operation:
    return replace(operation, examples={**operation.examples, **more}) if more else operation


def refusals(source: Source) -> NamedExamples:
    """The examples of `x-responses` by name."""
    found: list[Example] = []
    for status, response in source.openapi.get(X_RESPONSES, {}).items():
        at = pointers.join(f"/{X_RESPONSES}", status)
        if not (str(status).isdigit() and 400 <= int(status) < 600):
            source.say(OPENAPI, at, "refusals stand under the status of an error.", "Write it as a number from 400.")
            continue
        found += read_examples(source, int(status), response, at)
    return by_name(found)
