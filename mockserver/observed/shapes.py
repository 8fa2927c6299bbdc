"""Answers of another shape: an operation shows other fields where a request had a field that others had not.

Knows no example.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from mockserver.observed.archive import ObservedCall
from mockserver.observed.flow import sent
from mockserver.observed.model import Observed, ObservedJob, ObservedOperation, ObservedResource
from mockserver.observed.states import word_of

MOST_SHAPES = 8
"""An operation that shows so many more is one that shows anything."""


class _Seen(NamedTuple):
    """An answer: the names in it, and what requests said, as conditions have it."""

    call: ObservedCall
    shape: frozenset[str]
    fields: frozenset[str]


def find_shapes(found: Observed) -> None:
    """Set which answers are given under which conditions, by names that the contract has for these."""
    for resource in found.resources.values():
        for op in resource.operations:
            if op.verb in ("create", "show") and not op.media:
                of_states: dict[str, list[_Seen]] = {}
                for word, seen in _seen(resource, op):
                    of_states.setdefault(word, []).append(seen)
                for several in of_states.values():
                    _part(found, op, several)


def _seen(resource: ObservedResource, op: ObservedOperation) -> Iterator[tuple[str, _Seen]]:
    for call in op.good:
        job = resource.created(call, op) or next(resource.named(call), None)
        if job is not None and isinstance(call.answer, dict):
            word = "" if op.verb == "create" else word_of(call, op)
            yield word, _Seen(call, frozenset(call.answer), frozenset(_fields(job, op, call)))


def _fields(job: ObservedJob, op: ObservedOperation, call: ObservedCall) -> Iterator[str]:
    created = job.created
    yield from (f"request.{at}" for at, _ in sent(created) if isinstance(created.body, dict) and at.count("/") == 1)
    yield from (f"request.query.{name}" for name in created.query)
    if op.verb != "create":
        yield from (f"call.query.{name}" for name in call.query)


def _part(found: Observed, op: ObservedOperation, several: list[_Seen]) -> None:
    """Give each shape but the usual one a name, where a field of requests tells it from all others."""
    shapes = Counter(each.shape for each in several)
    if len(shapes) > MOST_SHAPES:
        return
    fewest = {shape: min(len(each.fields) for each in several if each.shape == shape) for shape in shapes}
    usual = max(shapes, key=lambda shape: (shapes[shape], -fewest[shape]))
    for shape in shapes:
        ours = [each for each in several if each.shape == shape]
        others = [each for each in several if each.shape != shape]
        for is_there, some, rest in ((True, ours, others), (False, others, ours)):
            only = _always(some) - set().union(*(each.fields for each in rest))
            if shape != usual and only:
                at = min(only, key=lambda each: (each.count("/"), each))
                name = f"{'with' if is_there else 'without'}_{_word(at)}"
                found.variants[name] = {at: {"present": is_there}}
                op.variants |= {our.call.number: name for our in ours}
                break


def _always(several: list[_Seen]) -> set[str]:
    return set.intersection(*({*each.fields} for each in several)) if several else set()


def _word(at: str) -> str:
    """The last name of a place, as the name of a variant may have it."""
    return re.sub(r"[^A-Za-z0-9]+", "_", at.rpartition("/")[2].rpartition(".")[2]).strip("_") or "it"
