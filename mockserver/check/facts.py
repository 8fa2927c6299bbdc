"""Does every fact that a binding names exist where it is named, and can it be written as the example shows it?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mockserver import pointers
from mockserver.answers import is_refusal
from mockserver.bindings import HEADER, facts_of, resource_of, within
from mockserver.check.existence import meant, missing, page_binding, spoken
from mockserver.contract import Contract, Example, Operation
from mockserver.draws import is_number
from mockserver.facts import FAMILIES
from mockserver.kept import result_values, said_times
from mockserver.lifecycle import Resource, Value
from mockserver.loader.bound import bindable
from mockserver.loader.source import BEHAVIOR, Source
from mockserver.notation import moment, percentage
from mockserver.prices import price_values, refund_values
from mockserver.values import kind_of

MESSAGES = "webhooks/"
_NUMBERS = ("any", "count", "number")
_OF_REQUESTS = ("request./", "request.query.", "request.path.", "call./", "call.query.", "call.path.")
_FORMS: Mapping[str, tuple[Callable[[Any], object], str]] = {
    "time": (moment, "a time: a number since 1970 in seconds or parts of them, or a text as RFC 3339 or HTTP write it"),
    "percent": (percentage, 'a percentage: a number, of which 100 or 1.0 is the whole, or a text like "45%"'),
    "count": (lambda shown: _is_number(shown) or re.fullmatch(r"[\d.]+", str(shown)), "a number"),
    "number": (lambda shown: _is_number(shown), "a number"),
    "fields": (lambda shown: _is_by_field(shown), 'an object by field: {"prompt": ["It is too long"]}, or texts in it'),
    "cursor": (lambda shown: _is_number(shown) or isinstance(shown, str), "a text or a number"),
}
"""Whether a fact of a kind can be shown so, and what it is called."""


def _is_number(shown: Any) -> bool:
    return isinstance(shown, int | float) and not isinstance(shown, bool)


def _is_by_field(shown: Any) -> bool:
    said = shown.values() if isinstance(shown, dict) else ()
    texts = [text for each in said for text in (each if isinstance(each, list) else [each])]
    return bool(texts) and all(isinstance(each, str) for each in texts)


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


def _tables(operation: Operation) -> Iterator[tuple[str, str, Value]]:
    """Every (place in behavior.json, pointer or header, value) that falls on answers of an operation."""
    is_message = operation.id.startswith(MESSAGES)
    above = pointers.join("/webhooks", operation.id.removeprefix(MESSAGES)) if is_message else ""
    at = f"{above or pointers.join('/operations', operation.id)}/bindings"
    for name, table in operation.named.items():
        own = ((key, value) for key, value in table.items() if value is not None and not _is_inner(operation, key))
        yield from ((pointers.join(at, name, key), key, value) for key, value in own)
    yield from ((pointers.join(at, key), key, value) for key, value in operation.bindings.items())
    for resource, common in operation.common.items():
        place = pointers.join("/resources", resource, "bindings")
        yield from ((pointers.join(place, key), key, value) for key, value in common.items())


def _is_inner(operation: Operation, key: str) -> bool:
    """Whether a binding of a message is one of the operation whose answer stands in it, where it is judged."""
    return bool(operation.inner) and f"{key}/".startswith(f"{operation.inner}/")


def check_facts(source: Source, contract: Contract) -> None:
    """Note facts that do not exist and forms they cannot be written in."""
    for operation in (*contract.operations.values(), *contract.messages.values()):
        for at, pointer, value in bindings_at(contract, operation, ""):
            check_exists(source, contract, operation, at, value)
            _check_form(source, contract, operation, at, pointer, value)
        _check_headers(source, contract, operation)
        for at, value in _said(operation):
            _check_values(source, contract, operation, at, value)
    for resource in contract.resources.values():
        maker = next((o for o in contract.operations.values() if resource.name in o.resources), None)
        for result in resource.results.values() if maker else ():
            at = pointers.join("/resources", resource.name, "results", result.name)
            _check_values(source, contract, maker, at, *result_values(result))
        if maker is not None:
            _check_prices(source, contract, resource, maker)
            _check_times(source, contract, resource, maker)
    _check_problems(source, contract)


def _said(operation: Operation) -> Iterator[tuple[str, Value]]:
    """Every (place in behavior.json, value) of an operation beside its bindings."""
    above = pointers.join("/operations", operation.id)
    filters = operation.paging.filters if operation.paging else ()
    yield from ((f"{above}/parameters", each.value) for each in filters if each.value is not None)
    yield from ((f"{above}/result", each) for each in (operation.result_of,) if each is not None)
    yield from ((f"{above}/type", each) for each in (operation.sends,) if isinstance(each, Value))
    for result in operation.results.values():
        at = pointers.join(above, "results", result.name)
        yield from ((at, value) for value in result_values(result))


def _check_prices(source: Source, contract: Contract, resource: Resource, maker: Operation) -> None:
    """What a price reads is there, and what is given back of it."""
    at = pointers.join("/resources", resource.name)
    _check_values(source, contract, maker, f"{at}/cost", *price_values(resource.cost_of))
    for state, value in refund_values(resource):
        _check_values(source, contract, maker, pointers.join(f"{at}/refunds", state), value)


def _check_times(source: Source, contract: Contract, resource: Resource, maker: Operation) -> None:
    """What a request says of times is there, and is of the request."""
    for at, value in said_times(contract, resource.name):
        _check_values(source, contract, maker, at, value)
        for fact in facts_of(value):
            if not fact.startswith("request."):
                source.say(BEHAVIOR, at, f"no request says {fact}.", "Name a place of the creating request.")


def _check_headers(source: Source, contract: Contract, operation: Operation) -> None:
    declared = {name for several in operation.examples.values() for example in several for name in example.declared}
    for at, key, value in _tables(operation):
        if key.startswith(HEADER):
            _check_values(source, contract, operation, at, value)
            header = key.removeprefix(HEADER)
            if header.lower() == "content-type" and not at.startswith("/webhooks/"):
                remedy = 'Of what type bytes are sent, "type" of the operation says.'
                source.say(BEHAVIOR, at, "an answer's Content-Type is the media type under content.", remedy)
            elif header.lower() not in declared and at.startswith("/operations/"):
                source.say(BEHAVIOR, at, f"no response declares the header {header}.", "Declare it under headers.")


def _check_values(source: Source, contract: Contract, operation: Operation | None, at: str, *values: Value) -> None:
    for value in values:
        check_exists(source, contract, operation, at, value)


def _check_problems(source: Source, contract: Contract) -> None:
    for problem in contract.problems:
        for at, pointer, value in bindings_at(contract, None, problem):
            check_exists(source, contract, None, at, value)
            refusing = [each for each in contract.operations.values() if is_refusal(contract, each, problem)]
            if pointer.startswith(HEADER):
                _check_declared(source, refusing, problem, at, pointer.removeprefix(HEADER))
                continue
            for operation in refusing:
                _check_shown(source, operation, problem, at, pointer, value, are_numbers=False)


def _check_declared(source: Source, refusing: list[Operation], problem: str, at: str, header: str) -> None:
    shown = [each for operation in refusing for each in operation.examples.get(problem, ())]
    if shown and not any(header.lower() in each.declared for each in shown):
        sentence = f"no response that shows {problem} declares the header {header}."
        source.say(BEHAVIOR, at, sentence, "Declare it under headers.")


def check_exists(source: Source, contract: Contract, operation: Operation | None, at: str, value: Value) -> None:
    """Note facts that a value or one of its conditions names and that are not there."""
    for fact, rows in spoken(value):
        wrong = missing(contract, operation, fact, at, rows)
        if wrong:
            near = meant(contract, operation, fact, at, rows)
            told = f"Did you mean {near!r}?" if near else "Name one that is there; contracts/REFERENCE.md has all."
            source.say(BEHAVIOR, at, f"{wrong}.", told)
    for each in within(value):
        if each.plus and kind_of(each) != "time":
            source.say(BEHAVIOR, at, f"{each.fact} is no time, and plus are seconds.", "Leave plus out.")
        if each.times != 1 and kind_of(each) not in _NUMBERS:
            source.say(BEHAVIOR, at, f"{each.fact} is no number, and times is a factor.", "Leave times out.")
        for text in (*each.parts, each.otherwise):
            if isinstance(text, str) and _is_fact(contract, operation, text, at):
                sentence = f"the text {text!r} in join or else is written as it is, and is the name of a fact."
                source.say(BEHAVIOR, at, sentence, f'Write {{"fact": "{text}"}} there for what the fact says.')


def _is_fact(contract: Contract, operation: Operation | None, text: str, at: str) -> bool:
    """Whether a text was meant as a fact: nobody writes such a text to clients."""
    family, _, rest = text.partition(".")
    if not rest or family not in FAMILIES:
        return False
    return text.startswith(_OF_REQUESTS) or not missing(contract, operation, text, at)


def _check_form(source: Source, contract: Contract, operation: Operation, at: str, pointer: str, value: Value) -> None:
    parts = pointers.split(at.partition("/bindings")[2])
    named = parts[0] if len(parts) > 1 else ""  # under an example's name it falls on that alone
    for name in operation.examples:
        if not is_refusal(contract, operation, name) and named in ("", name):
            resource = contract.resources.get(resource_of(operation, name))
            are_numbers = resource is not None and is_number(resource.id)
            _check_shown(source, operation, name, at, pointer, value, are_numbers=are_numbers)


def _check_shown(
    source: Source, operation: Operation, name: str, at: str, pointer: str, value: Value, *, are_numbers: bool
) -> None:
    is_common = at.startswith("/resources/") and len(pointers.split(at.partition("/bindings")[2])) == 1
    for example in operation.examples.get(name, ()):
        if is_common and example.status >= 400:
            continue  # what is bound for every success falls on none of the others
        for place, shown in pointers.find(example.value, pointer):
            if not bindable(example, place):
                continue
            shows = f"the example at {example.pointer}{place} shows {shown!r:.80}, and {title(value)}"
            if wrong := _wrong_form(value, shown, are_numbers=are_numbers):
                remedy = "Show the value in a form it can be written in."
                source.say(BEHAVIOR, at, f"{shows} is {wrong}.", remedy, refused=(example.schema or "", place))
            elif value.each:
                _check_element(source, example, at, place, shown[0], value)


def _check_element(source: Source, example: Example, at: str, place: str, element: Any, value: Value) -> None:
    for key in value.bindings:
        if not any(pointers.find(element, key)):
            sentence = f"the first element at {example.pointer}{place} has no field {key}."
            source.say(BEHAVIOR, at, sentence, "Fix the pointer, or show a value there.")


def _wrong_form(value: Value, shown: Any, *, are_numbers: bool) -> str:
    """What a value is, when it cannot be written as it is shown; empty when it can. A table may hold anything.

    `are_numbers`: the ids of the resource are digits alone.
    """
    if value.of is not None:
        return ""
    if value.each:
        return "" if isinstance(shown, list) and shown else "an array, of which the first element is shown"
    kind = kind_of(value)
    if kind == "truth":
        return "" if isinstance(shown, bool) else "true or false"
    if kind == "key" and type(shown) is int:
        return "" if are_numbers else 'a text: ids are numbers that are made as "number", or by a pattern of digits'
    if kind not in _FORMS:
        return "" if kind == "any" or isinstance(shown, str) else "a text"
    fits, words = _FORMS[kind]
    return "" if fits(shown) else words
