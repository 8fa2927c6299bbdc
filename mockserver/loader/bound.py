"""Has every binding a field to write in some example? Knows no fact."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from mockserver import pointers
from mockserver.bindings import in_body, resource_of
from mockserver.contract import Contract, Example, Operation
from mockserver.lifecycle import Resource, Value
from mockserver.loader.source import BEHAVIOR, Source
from mockserver.suggestions import mend_word


def bindable(example: Example, pointer: str) -> bool:
    """Whether a binding writes here: the pointer exists and its value is neither null nor the empty string."""
    return shows(example.value, pointer)


def shows(value: Any, pointer: str) -> bool:
    """Whether there is something at a pointer that a binding may be written over."""
    found = pointers.get(value, pointer)
    return found is not pointers.MISSING and found is not None and found != ""


def check_bindings(source: Source, contract: Contract, operation: Operation) -> None:
    """Note bindings of an operation that no example has a field for."""
    at = pointers.join("/operations", operation.id)
    if not _has_items(operation):
        return  # where the items are has to be mended first
    for pointer in in_body(operation.bindings):
        items = [e for variants in operation.examples.values() for e in variants]
        if not any(_is_written(operation, e, pointer) for e in items):
            sentence = f"the binding {pointer} has no field to write in any example."
            mend = mend_field(pointer, fields(operation, items))
            if operation.paging is not None and any(bindable(item, pointer) for item in items):
                mend = 'That is a field of the page, not of its items: move the binding into the word "page".'
            source.say(BEHAVIOR, pointers.join(f"{at}/bindings", pointer), sentence, mend)
    _check_named(source, operation, f"{at}/bindings")
    for pointer in operation.paging.page if operation.paging else ():
        if not any(bindable(e, pointer) for e in operation.examples.get("ok", ())):
            shown = [p for e in operation.examples.get("ok", ()) for p, _ in pointers.walk(e.value) if p]
            word = "bindings" if operation.paging and pointer in operation.paging.beside else "page"
            mend = mend_field(pointer, shown[:_MANY])
            source.say(BEHAVIOR, pointers.join(f"{at}/{word}", pointer), f"the page has no field {pointer}.", mend)
    for result in operation.results.values():
        if operation.resources and result.name not in contract.resources[operation.resources[0]].results:
            mend = mend_word(result.name, contract.resources[operation.resources[0]].results)
            place = pointers.join(f"{at}/results", result.name)
            source.say(BEHAVIOR, place, f"the resource has no result {result.name!r}.", mend)


def _has_items(operation: Operation) -> bool:
    """Whether a list's examples have a list where its items are said to be."""
    paging, shown = operation.paging, operation.examples.get("ok", ())
    return paging is None or all(isinstance(pointers.get(e.value, paging.items), list) for e in shown)


_MANY = 200
SHOW = "Fix the pointer, or show a value there that is not empty."
EMPTY = (
    'It is there, but null or "" in every example, and those stay. Show a value in the example of a state that has one.'
)


def mend_field(pointer: str, shown: Iterable[str]) -> str:
    """What mends a pointer at which no example shows a value; `shown` are those that examples have."""
    known = list(shown)
    return EMPTY if pointer in known else mend_word(pointer, known, SHOW)


def fields(operation: Operation, examples: Iterable[Example]) -> list[str]:
    """The pointers at which examples show something; in a list, from its items."""
    above = operation.paging.items if operation.paging else ""
    found = (pointer for example in examples for pointer, _ in pointers.walk(pointers.get(example.value, above)))
    within = (re.sub(r"^/\d+", "", pointer) if operation.paging else pointer for pointer in found)
    return list(islice(dict.fromkeys(pointer for pointer in within if pointer), _MANY))


def _is_written(operation: Operation, example: Example, pointer: str) -> bool:
    full = f"{operation.paging.items}/*{pointer}" if operation.paging else pointer
    return any(bindable(example, place) for place, _ in pointers.find(example.value, full))


def _check_named(source: Source, operation: Operation, at: str) -> None:
    """Bindings under an example's name: there is one, and it has the field."""
    said = source.behavior["operations"][operation.id].get("bindings", {})
    for name, table in ((name, said[name]) for name in operation.named if name in said):  # others are the resource's
        examples = operation.examples.get(name) or _titled(operation, name)
        if not examples:
            mend = mend_word(name, operation.examples)
            source.say(BEHAVIOR, pointers.join(at, name), f"{operation.id} has no example {name!r}.", mend)
        for pointer in in_body({key: Value() for key in table}):
            if examples and not any(_is_written(operation, example, pointer) for example in examples):
                sentence = f"the example {name} has no field {pointer} to write."
                mend = mend_field(pointer, fields(operation, examples))
                source.say(BEHAVIOR, pointers.join(at, name, pointer), sentence, mend)


def _titled(operation: Operation, title: str) -> list[Example]:
    """The examples of a name with variants."""
    return [each for several in operation.examples.values() for each in several if each.title == title]


def check_common(source: Source, contract: Contract, resource: Resource) -> None:
    """The bindings of a resource: each has a field in some answer about it."""
    at = pointers.join("/resources", resource.name, "bindings")
    operations = [o for o in contract.operations.values() if resource.name in o.resources and _has_items(o)]
    for name, table in (("", resource.bindings), *resource.named.items()):
        for pointer in in_body({key: Value() for key in table}):
            examples = [(o, e) for o in operations for e in _examples_about(o, resource, name)]
            is_written = any(_is_written(o, e, pointer) for o, e in examples)
            if not is_written and not shows(resource.templates.get(name), pointer):
                where = f"the example {name}" if name in resource.templates else f"any answer about {resource.name}"
                sentence = f"the binding {pointer} has no field to write in {where}."
                place = pointers.join(at, name, pointer) if name else pointers.join(at, pointer)
                shown = [field for o, e in examples for field in fields(o, [e])]
                source.say(BEHAVIOR, place, sentence, mend_field(pointer, dict.fromkeys(shown)))


def _examples_about(operation: Operation, resource: Resource, name: str) -> Iterator[Example]:
    for own, variants in operation.examples.items():
        if (not name or own == operation.example_of(resource.name, name)) and resource_of(operation, own):
            yield from variants
