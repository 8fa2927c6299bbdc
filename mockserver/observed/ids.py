"""Ids that answers show as numbers, and that a contract could not: they become texts. Knows no file of the contract."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mockserver.id_patterns import LONGEST_NUMBER
from mockserver.observed.archive import ObservedCall
from mockserver.observed.flow import answer_leaves
from mockserver.observed.model import Observed, ObservedOperation, ObservedResource
from mockserver.pointers import MISSING, get, join, put, split


def write_ids_as_texts(found: Observed) -> None:
    """Write, in the calls, the id of a job as a text wherever an operation shows it as a number, and note where.

    Numbers that are not too long stay: ids of digits are made for them, and shown as they were.
    """
    for resource in (each for each in found.resources.values() if not _are_numbers(each.jobs)):
        for op in resource.operations:
            places = dict.fromkeys(_place(at) for _, at, _ in _numbers(resource, op))
            wrong = {_place(at) for _, at, is_id in _numbers(resource, op) if not is_id}
            for place in [each for each in places if each not in wrong]:
                _write(resource, op, place)
                note = "a text: it is a number there, longer than every reader of JSON takes for what it is"
                found.notes.append((f"{op.name} {place}", note, "whether clients take a text for it"))


def _are_numbers(ids: Iterable[str]) -> bool:
    """Whether ids are whole numbers that JSON may show as such."""
    return all(identity.isascii() and identity.isdecimal() and len(identity) <= LONGEST_NUMBER for identity in ids)


def _numbers(resource: ObservedResource, op: ObservedOperation) -> Iterator[tuple[ObservedCall, str, bool]]:
    """Where answers have whole numbers, and whether each is the id of a job that the answer is about."""
    for call in op.good:
        if call.answer is MISSING:
            continue
        of = resource.jobs if op.verb == "list" else {job.id for job in resource.about(call, op)}
        yield from ((call, at, str(value) in of) for at, value in answer_leaves(call) if at and type(value) is int)


def _place(at: str) -> str:
    """A pointer without the numbers of items."""
    return join("", *("*" if part.isdigit() else part for part in split(at)))


def _write(resource: ObservedResource, op: ObservedOperation, place: str) -> None:
    for call, at, _ in [*_numbers(resource, op)]:
        if _place(at) == place:
            put(call.answer, at, str(get(call.answer, at)))
            call.known.pop("shown", None)
