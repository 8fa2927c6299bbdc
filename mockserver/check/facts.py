"""Does every fact that a binding names exist where it is named, and can it be written as the example shows it?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mockserver import pointers
from mockserver.answers import is_refusal, result_values
from mockserver.bindings import HEADER
from mockserver.check.requests import file_parts, is_declared, is_raw, places_of
from mockserver.contract import Contract, Operation
from mockserver.facts import kind_of, row_of
from mockserver.lifecycle import Resource, Value
from mockserver.loader.bound import bindable
from mockserver.loader.source import BEHAVIOR, Source
from mockserver.notation import moment, percentage
from mockserver.suggestions import nearest

MANY = 50
"""The fields of so many operations are looked through for the one that was meant."""
MESSAGES = "webhooks/"
_FORMS: Mapping[str, tuple[Callable[[Any], object], str]] = {
    "time": (moment, "a time: a number since 1970 in seconds or parts of them, or a text as RFC 3339 or HTTP write it"),
    "percent": (percentage, 'a percentage: a number, of which 100 or 1.0 is the whole, or a text like "45%"'),
    "count": (lambda shown: _is_number(shown) or re.fullmatch(r"[\d.]+", str(shown)), "a number"),
    "number": (lambda shown: _is_number(shown), "a number"),
    "cursor": (lambda shown: _is_number(shown) or isinstance(shown, str), "a text or a number"),
}
"""Whether a fact of a kind can be shown so, and what it is called."""


def _is_number(shown: Any) -> bool:
    return isinstance(shown, int | float) and not isinstance(shown, bool)


def flat(value: Value) -> Iterator[Value]:
    """A value and all that it is made of."""
    yield value
    for part in (*value.parts, value.otherwise):
        if isinstance(part, Value):
            yield from flat(part)


def title(value: Value) -> str:
    """What a person calls a value."""
    return f"the fact {value.fact}" if value.fact else "a joined text"


def bindings_at(contract: Contract, operation: Operation | None, problem: str) -> Iterator[tuple[str, str, Value]]:
    """Every (place in behavior.json, pointer into the body, value) of an operation, or of a problem."""
    if problem:
        for pointer, value in contract.problems.get(problem, {}).items():
            yield pointers.join("/problems", problem, "bindings", pointer), pointer, value
    elif operation is not None:
        above = f"{operation.paging.items}/*" if operation.paging else ""
        for at, pointer, value in _tables(operation):
            if not pointer.startswith(HEADER):
                yield at, above + pointer, value
        for pointer, value in (operation.paging.page if operation.paging else {}).items():
            yield page_binding(operation, pointer), pointer, value


def page_binding(operation: Operation, pointer: str) -> str:
    """Where in behavior.json it stands what is written into the page of a list at a pointer."""
    is_beside = operation.paging is not None and pointer in operation.paging.beside
    return pointers.join("/operations", operation.id, "bindings" if is_beside else "page", pointer)


def _tables(operation: Operation) -> Iterator[tuple[str, str, Value]]:
    """Every (place in behavior.json, pointer or header, value) that falls on answers of an operation."""
    is_message = operation.id.startswith(MESSAGES)
    above = pointers.join("/webhooks", operation.id.removeprefix(MESSAGES)) if is_message else ""
    at = f"{above or pointers.join('/operations', operation.id)}/bindings"
    for name, table in operation.named.items():
        yield from ((pointers.join(at, name, key), key, value) for key, value in table.items() if value is not None)
    yield from ((pointers.join(at, key), key, value) for key, value in operation.bindings.items())
    for resource, common in operation.common.items():
        place = pointers.join("/resources", resource, "bindings")
        yield from ((pointers.join(place, key), key, value) for key, value in common.items())


def check_facts(source: Source, contract: Contract) -> None:
    """Note facts that do not exist and forms they cannot be written in."""
    for operation in (*contract.operations.values(), *contract.messages.values()):
        for at, pointer, value in bindings_at(contract, operation, ""):
            for each in flat(value):
                _check_exists(source, contract, operation, at, each)
            _check_form(source, contract, operation, at, pointer, value)
        _check_headers(source, contract, operation)
        for filter_ in operation.paging.filters if operation.paging else ():
            if filter_.value is not None:
                at = pointers.join("/operations", operation.id, "parameters")
                _check_values(source, contract, operation, at, filter_.value)
        for result in operation.results.values():
            at = pointers.join("/operations", operation.id, "results", result.name)
            _check_values(source, contract, operation, at, *result_values(result))
    for resource in contract.resources.values():
        maker = next((o for o in contract.operations.values() if resource.name in o.resources), None)
        for result in resource.results.values() if maker else ():
            at = pointers.join("/resources", resource.name, "results", result.name)
            _check_values(source, contract, maker, at, *result_values(result))
    _check_problems(source, contract)


def _check_headers(source: Source, contract: Contract, operation: Operation) -> None:
    declared = {name for several in operation.examples.values() for example in several for name in example.declared}
    for at, key, value in _tables(operation):
        if key.startswith(HEADER):
            _check_values(source, contract, operation, at, value)
            header = key.removeprefix(HEADER)
            if header.lower() not in declared and at.startswith("/operations/"):
                source.say(BEHAVIOR, at, f"no response declares the header {header}.", "Declare it under headers.")


def _check_values(source: Source, contract: Contract, operation: Operation | None, at: str, *values: Value) -> None:
    for value in values:
        for each in flat(value):
            _check_exists(source, contract, operation, at, each)


def _check_problems(source: Source, contract: Contract) -> None:
    for problem in contract.problems:
        for at, pointer, value in bindings_at(contract, None, problem):
            for each in flat(value):
                _check_exists(source, contract, None, at, each)
            for operation in contract.operations.values():
                if is_refusal(contract, operation, problem):
                    _check_shown(source, operation, problem, at, pointer, value)


def _check_exists(source: Source, contract: Contract, operation: Operation | None, at: str, value: Value) -> None:
    head, _, rest = value.fact.partition(".")
    if not value.fact:
        return
    known: set[str] = set()
    if row_of(value.fact).of_job:
        wrong, known = _wrong_of_job(contract, operation, value.fact, head, rest)
    elif head == "account":
        known = {"id", *contract.account_facts}
        wrong = "" if rest in known else f"accounts have no {rest!r}; they have {_list(known)}"
    else:
        wrong = _wrong_elsewhere(operation, value.fact, head, at)
    if wrong:
        near = nearest(rest, sorted(known))
        meant = f"Did you mean {f'{head}.{near}'!r}?" if near else ""
        source.say(BEHAVIOR, at, f"{wrong}.", meant or "Name a fact that is there; contracts/README.md lists them.")


def _wrong_elsewhere(operation: Operation | None, fact: str, head: str, at: str) -> str:
    if head == "problem" and operation is not None:
        return f"{fact} is of refusals, and this is an answer"
    if head == "page" and not _is_of_page(operation, at):
        return f"{fact} is of a list's page"
    if fact in ("token", "expires_in") and (operation is None or operation.verb != "token"):
        return f"{fact} is of the verb token"
    return ""


def _is_of_page(operation: Operation | None, at: str) -> bool:
    """Whether what stands there is written into a list's page, or into a header of it."""
    if operation is None or operation.paging is None:
        return False
    return at.startswith(f"{pointers.join('/operations', operation.id)}/") and (
        "/bindings/header." in at or at in {page_binding(operation, each) for each in operation.paging.page}
    )


def _wrong_of_job(
    contract: Contract, operation: Operation | None, fact: str, head: str, rest: str
) -> tuple[str, set[str]]:
    """What is wrong with a fact of a job, and what may stand behind its first word."""
    if operation is None or not operation.resources:
        return f"{fact} is of a job, and there is none here", set()
    resources = [contract.resources[name] for name in operation.resources]
    if fact == "produced" and not any(r.produces for r in resources):
        return "the resource produces nothing", set()
    if head in ("url", "link"):
        wrong = _wrong_url(contract, resources, rest) if head == "url" else _wrong_link(contract, rest)
        return wrong, set(contract.operations) if wrong and rest not in contract.operations else set()
    if head == "request":
        makers = _makers(contract, resources)
        if any(is_declared(contract, o, rest) for o in makers):
            return "", set()
        known = {place for o in makers[:MANY] for place in places_of(contract, o)}
        return f"no request that creates the resource has a field {rest}", known
    what, known = _known(contract, operation, resources, head)
    return "" if not what or rest in known else f"there is no {what} {rest!r}; there is {_list(known)}", known


def _known(contract: Contract, operation: Operation, resources: list[Resource], head: str) -> tuple[str, set[str]]:
    """What a family of facts is about, and the words that may stand behind its first."""
    if head in ("result", "result_path"):
        return "result", {name for r in resources for name in r.results} | set(operation.results)
    if head in ("upload", "upload_path", "upload_md5"):
        return "uploaded part", {part for r in resources for part in _uploads(contract, r)}
    if head == "at":
        return "state", {state for r in resources for state in r.states}
    return ("phase", {"queued", "running"}) if head == "seconds" else ("", set())


def _wrong_url(contract: Contract, resources: list[Resource], name: str) -> str:
    target = contract.operations.get(name)
    if target is None:
        return f"there is no operation {name!r}; there is {_list(set(contract.operations))}"
    if not set(target.resources) & {r.name for r in resources} or target.id_index is None:
        return f"{name} names no {' or '.join(r.name for r in resources)} in its path"
    shared = {index for index, _ in target.shared} | {target.id_index}
    lost = [each for index, each in enumerate(target.names) if index not in shared]
    return f"nothing says what {lost[0]!r} in the path of {name} is" if lost else ""


def _wrong_link(contract: Contract, name: str) -> str:
    target = contract.operations.get(name)
    if target is None:
        return f"there is no operation {name!r}; there is {_list(set(contract.operations))}"
    return "" if target.security.kind == "signed" else f'the operation {name} is not "signed"'


def _makers(contract: Contract, resources: list[Resource]) -> list[Operation]:
    names = {r.name for r in resources}
    return [o for o in contract.operations.values() if o.verb == "create" and names & set(o.resources)]


def _uploads(contract: Contract, resource: Resource) -> set[str]:
    """The uploaded parts a resource may have; `body` when an operation of its own takes its bytes."""
    makers = _makers(contract, [resource])
    parts = {part for o in makers for body in o.bodies for part in file_parts(contract, o, body)}
    takes = any(o.verb == "upload" and resource.name in o.resources for o in contract.operations.values())
    takes |= any(is_raw(body) for o in makers for body in o.bodies)
    return parts | ({"body"} if takes else set())


def _list(words: set[str]) -> str:
    return ", ".join(sorted(words)) or "none"


def _check_form(source: Source, contract: Contract, operation: Operation, at: str, pointer: str, value: Value) -> None:
    for name in operation.examples:
        if not is_refusal(contract, operation, name):
            _check_shown(source, operation, name, at, pointer, value)


def _check_shown(source: Source, operation: Operation, name: str, at: str, pointer: str, value: Value) -> None:
    for example in operation.examples.get(name, ()):
        for place, shown in pointers.find(example.value, pointer):
            wrong = _wrong_form(value, shown) if bindable(example, place) else ""
            if wrong:
                sentence = (
                    f"the example at {example.pointer}{place} shows {shown!r:.80}, and {title(value)} is {wrong}."
                )
                source.say(BEHAVIOR, at, sentence, "Show the value in a form it can be written in.")


def _wrong_form(value: Value, shown: Any) -> str:
    """What a value is, when it cannot be written as it is shown; empty when it can. A table may hold anything."""
    if value.of is not None:
        return ""
    kind = kind_of(value)
    if kind == "truth":
        return "" if isinstance(shown, bool) else "true or false"
    if kind not in _FORMS:
        return "" if kind == "any" or isinstance(shown, str) else "a text"
    fits, words = _FORMS[kind]
    return "" if fits(shown) else words
