"""Which change of a contract's examples shows what a server answered. Raises NoWay where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver import pointers
from mockserver.contract import Example, Operation
from mockserver.json_patch import PatchOperation
from mockserver.live.match_example import bindings_of, leaves, recognise
from mockserver.validation import properties_of
from mockserver.verify.compare import nearest
from mockserver.verify.drift import CheckedAnswer
from mockserver.verify.strange import is_renamed
from mockserver.verify.suggest.draft import PatchDraft, SeenDrift
from mockserver.verify.suggest.responses import NoWay, due_of
from mockserver.verify.suggest.schemas import described


def left_out(draft: PatchDraft, seen: SeenDrift) -> list[list[PatchOperation]]:
    """Examples without a field: all of one name, or else the one that came nearest."""
    at = seen.drift.at
    own = seen.drift.pointer.removesuffix(at)
    due = [example for exchange in seen.exchanges for example in due_of(draft, exchange)]
    names = {example.name for example in due if example.pointer == own}
    every = dict.fromkeys(example.pointer for example in due if example.name in names)
    document = draft.openapi
    there = [p for p in every if pointers.get(document, p + at) is not pointers.MISSING]
    if not there:
        raise NoWay("the file shows nothing at that place")
    ways = [[PatchOperation("remove", p + at) for p in there], [PatchOperation("remove", own + at)]]
    return ways if len(there) > 1 else ways[:1]


def undescribed(draft: PatchDraft, seen: SeenDrift) -> list[PatchOperation]:
    """A property more of an object that is open."""
    document, parts = draft.openapi, pointers.split(seen.drift.at)
    holders = [seen.drift.pointer]
    for part in parts[:-1]:
        holders = [place for holder in holders for place in _properties(document, holder, part)]
    holders = list(dict.fromkeys(_resolved(document, each) for each in holders))
    if len(holders) != 1:
        raise NoWay(f"ambiguous: the field could be described at {' or '.join(holders) or 'no place'}")
    schema = pointers.get(document, holders[0])
    if not isinstance(schema, dict) or not properties_of(schema, document):
        raise NoWay("the file says nothing of it at that place")
    return described(schema, holders[0], parts[-1], seen.values)


def _resolved(document: Any, pointer: str) -> str:
    return pointers.resolve(document, pointers.get(document, pointer), pointer)[1]


def _properties(document: Any, pointer: str, name: str) -> Iterator[str]:
    """Where the schema at a pointer describes a property."""
    at = _resolved(document, pointer)
    schema = pointers.get(document, at)
    if not isinstance(schema, dict):
        return
    if name in schema.get("properties", ()):
        yield pointers.join(at, "properties", name)
    for word in ("allOf", "anyOf", "oneOf"):
        for index in range(len(schema.get(word, ()))):
            yield from _properties(document, pointers.join(at, word, index), name)


def unlike_all(draft: PatchDraft, seen: SeenDrift) -> list[PatchOperation]:
    """The example that came nearest with the words that came: where the server has other ones for it."""
    wanted: dict[str, Any] = {}
    document = draft.openapi
    for exchange in seen.exchanges:
        operation = draft.contract.operations[exchange.operation]
        example = _meant(draft, operation, exchange)
        alike = {each.pointer for each in due_of(draft, exchange) if each.name == example.name}
        for at, value in _differing(draft, operation, example, exchange.reply.json):
            old = pointers.get(example.value, at)
            for place in (p + at for p in alike if pointers.get(document, p + at) == old):
                if wanted.setdefault(place, value) != value:
                    raise NoWay(f"ambiguous: several values came for {at} where {example.name} was nearest")
    if not wanted:
        raise NoWay("the file shows nothing at that place")
    return [PatchOperation("replace", place, wanted[place]) for place in sorted(wanted)]


def _meant(draft: PatchDraft, operation: Operation, exchange: CheckedAnswer) -> Example:
    """The example that an answer is nearest to; one that came as it is stays as it is."""
    due = [e for e in due_of(draft, exchange) if e.status == exchange.reply.status and e.is_json]
    name = nearest(due, exchange.reply.json)
    variants = [each for each in due if each.name == name]
    if not variants:
        raise NoWay("no example is like it")
    body = exchange.reply.json
    found = min(variants, key=lambda e: (_distance(draft, operation, e, body), not e.off <= draft.contract.off))
    met = {n for each in draft.heard(operation.id) for n in recognise(draft.contract, operation, *each)}
    if name in met:
        raise NoWay(
            f"ambiguous: the answer is nearest to {name}, which came as well. If it is a state of its own, add it to"
            " behavior.json, and an example of its name"
        )
    return found


def _distance(draft: PatchDraft, operation: Operation, example: Example, body: Any) -> int:
    shown = leaves(example.value, "", bindings_of(draft.contract, operation, example))
    return sum(1 for at, value in shown if pointers.get(body, at) != value)


def _differing(draft: PatchDraft, operation: Operation, example: Example, body: Any) -> Iterator[tuple[str, Any]]:
    """The words of an example in whose place others came. Raises NoWay for what is no word."""
    for at, value in leaves(example.value, "", bindings_of(draft.contract, operation, example)):
        came = pointers.get(body, at)
        if came == value and type(came) is type(value):
            continue
        if not (_is_word(draft, example, at, came) or is_renamed(draft.contract, operation, at, value, came)):
            raise NoWay(
                f"the example {example.name} has {value!r:.60} at {at}, where something else came: bind a fact there,"
                " or show another value"
            )
        yield at, came


def _is_word(draft: PatchDraft, example: Example, at: str, value: Any) -> bool:
    """Whether a value is one of those that a schema lists: nothing that belongs to somebody."""
    if value is None or isinstance(value, bool):
        return True
    schemas = [pointers.get(draft.contract.document, example.schema)] if example.schema else []
    for part in pointers.split(at):
        schemas = [s for schema in schemas for s in properties_of(schema, draft.contract.document).get(part, ())]
    found = [pointers.resolve(draft.contract.document, schema)[0] for schema in schemas]
    return any(isinstance(s, dict) and (value in s.get("enum", ()) or value == s.get("const")) for s in found)
