"""Which example of a name is given: the one that names most of what is so. Knows no request and no answer."""

from __future__ import annotations

import copy

from mockserver import pointers
from mockserver.conditions import Condition
from mockserver.contract import Contract, Example
from mockserver.values import Holds, holds


def choose(variants: tuple[Example, ...], off: frozenset[str]) -> Example:
    """The variant that names most of the switched-off quirks and no other."""
    return max((v for v in variants if v.off <= off), key=lambda v: len(v.off), default=variants[0])


def ranking(contract: Contract, examples: tuple[Example, ...], off: frozenset[str]) -> list[Example]:
    """The examples of a name that may be given while these quirks are off: what names most, then what is named first.

    A quirk counts as a variant that is named last.
    """
    if len(examples) == 1:
        return [*examples]
    places = {name: place for place, name in enumerate((*contract.variants, *contract.quirks))}
    best = {
        example.variants: choose(tuple(e for e in examples if e.variants == example.variants), off)
        for example in examples
    }
    possible = [each for each in best.values() if each.off <= off or not each.variants]

    def rank(each: Example) -> tuple[int, list[int]]:
        names = (*each.variants, *each.off)
        return -len(names), sorted(places.get(name, 0) for name in names)

    return sorted(possible, key=rank)


def lacking(contract: Contract, example: Example, off: frozenset[str], items: str | None = None) -> Example:
    """The example without the fields that are there only while a quirk is on; in a list, without those of `items`."""
    omitted = [at for name in off - example.off for at in contract.quirks[name].lacks(example.status)]
    places = [*omitted, *(f"{items}/*{at}" for at in omitted if items is not None)]
    pointers_there = [place for at in places for place, _ in pointers.find(example.value, at)]
    if not pointers_there:
        return example
    value = copy.deepcopy(example.value)
    for place in reversed(pointers_there):
        pointers.remove(value, place)
    return example._replace(value=value)


def conditions_of(contract: Contract, example: Example) -> list[Condition]:
    return [contract.variants[name] for name in example.variants]


def all_hold(conditions: list[Condition]) -> Holds:
    if len(conditions) == 1:
        return holds(conditions[0])
    tests = [holds(condition) for condition in conditions]
    return lambda s: all(test(s) for test in tests)
