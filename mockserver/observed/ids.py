"""Ids that answers show as numbers → texts, as every id of a contract is one. Knows no file of the contract."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.observed.archive import Call
from mockserver.observed.flow import shown
from mockserver.observed.model import Observed, Operation, Resource
from mockserver.pointers import MISSING, get, join, put, split


def write_ids_as_texts(found: Observed) -> None:
    """Write, in the calls, the id of a job as a text wherever an operation shows it as a number, and note where."""
    for resource in found.resources.values():
        for op in resource.operations:
            places = dict.fromkeys(_place(at) for _, at, _ in _numbers(resource, op))
            wrong = {_place(at) for _, at, is_id in _numbers(resource, op) if not is_id}
            for place in [each for each in places if each not in wrong]:
                _write(resource, op, place)
                note = "a text: it is a number there, and ids of contracts are texts"
                found.notes.append((f"{op.name} {place}", note, "whether clients take a text for it"))


def _numbers(resource: Resource, op: Operation) -> Iterator[tuple[Call, str, bool]]:
    """Where answers have whole numbers, and whether each is the id of a job that the answer is about."""
    for call in op.good:
        if call.answer is MISSING:
            continue
        of = resource.jobs if op.verb == "list" else {job.id for job in resource.about(call, op)}
        yield from ((call, at, str(value) in of) for at, value in shown(call) if at and type(value) is int)


def _place(at: str) -> str:
    """A pointer without the numbers of items."""
    return join("", *("*" if part.isdigit() else part for part in split(at)))


def _write(resource: Resource, op: Operation, place: str) -> None:
    for call, at, _ in [*_numbers(resource, op)]:
        if _place(at) == place:
            put(call.answer, at, str(get(call.answer, at)))
            call.known.pop("shown", None)
