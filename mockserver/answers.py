"""Contract → prepared answers: constant bytes, already serialized, with slots for facts. Knows no HTTP server.

An Answer is rendered with a Subject: everything that `facts` are read from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from mockserver import pointers
from mockserver.bindings import bound, every, in_body, in_headers
from mockserver.contract import Contract, Example, Operation
from mockserver.facts import HeaderSlot, Segments, header_slot, kind_of, row_of
from mockserver.lifecycle import NOTHING, Resource, Result, Value
from mockserver.loader.bound import bindable
from mockserver.notation import are_fractions
from mockserver.subject import Subject
from mockserver.templates import compile_value

_STATUSES = {status.value for status in HTTPStatus}


@dataclass(frozen=True, slots=True)
class Answer:
    """One prepared answer; `head` is its status line and constant headers as they are sent.

    `items` are the templates of a list's items by state ("" for all states). `is_steady`: it says the same for as long
    as the job and its status are the same. `tells_when`: one that refuses for a limit says when to try again.
    `header_slots` are the headers that facts are written into; without a media type no body.
    """

    name: str
    status: int
    media_type: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    head: bytes
    segments: Segments
    items: Mapping[str, Segments] = field(default_factory=dict)
    is_steady: bool = False
    tells_when: bool = False
    header_slots: tuple[tuple[bytes, HeaderSlot], ...] = ()

    def body(self, subject: Subject) -> bytes:
        """The bytes, with the subject's facts."""
        return render(self.segments, subject)


def render(segments: Segments, subject: Subject) -> bytes:
    """Join constant parts and facts."""
    return b"".join([s if type(s) is bytes else s(subject) for s in segments])  # type: ignore[operator]


Table = Mapping[str, Mapping[str, Answer]]  # operation → example name → answer; "" holds the unrouted problems


class _Answers(dict[str, Mapping[str, Answer]]):
    """A table whose operations are compiled when they are first asked for: most tests ask for few of them."""

    def __init__(self, contract: Contract, off: frozenset[str]) -> None:
        super().__init__()
        self._contract, self._off = contract, off

    def __missing__(self, name: str) -> Mapping[str, Answer]:
        self[name] = found = self._unrouted() if name == "" else self._compile(self._contract.operation(name))
        return found

    def _compile(self, operation: Operation) -> Mapping[str, Answer]:
        chosen = {name: choose(variants, self._off) for name, variants in operation.examples.items()}
        operation = _scaled(operation)
        return {name: _answer(self._contract, operation, name, example, self._off) for name, example in chosen.items()}

    def _unrouted(self) -> Mapping[str, Answer]:
        chosen = {name: choose(variants, self._off) for name, variants in self._contract.unrouted.items()}
        problems = self._contract.problems
        return {name: _compiled(example, problems.get(name, {})) for name, example in chosen.items()}


@lru_cache(maxsize=512)
def _table(holder: _Key) -> Table:
    return _Answers(holder.contract, holder.off)


@dataclass(frozen=True, slots=True)
class _Key:
    """A contract by identity and the quirks that are off."""

    contract: Contract = field(compare=False)
    identity: int
    off: frozenset[str]


def prepare(contract: Contract, off: frozenset[str]) -> Table:
    """All answers of a contract while these quirks are off."""
    return _table(_Key(contract, id(contract), off))


def choose(variants: tuple[Example, ...], off: frozenset[str]) -> Example:
    """The variant that names most of the switched-off quirks and no other."""
    return max((v for v in variants if v.off <= off), key=lambda v: len(v.off), default=variants[0])


def is_refusal(contract: Contract, operation: Operation, name: str) -> bool:
    """Whether an example is named after a problem, not after a state or `ok`; refusals have bindings of their own."""
    state = name.rsplit(".", 1)[-1]
    return name != "ok" and not any(
        state in contract.resources[r].states or state in {v.example for v in contract.resources[r].views}
        for r in operation.resources
    )


def _answer(contract: Contract, operation: Operation, name: str, example: Example, off: frozenset[str]) -> Answer:
    refusal = is_refusal(contract, operation, name)
    bindings = {**(contract.problems.get(name, {}) if refusal else {})}
    bindings |= bound(operation, name, example.status, is_refusal=refusal)
    if operation.paging is None or name != "ok":
        found = _compiled(example, in_body(bindings), header_bindings=in_headers(bindings))
        return replace(found, is_steady=True) if not refusal and _is_steady(operation, name, example) else found
    whole = {**operation.paging.page, operation.paging.items: Value("page.items")}
    templates = _items(contract, operation, example, in_body(bindings), off)
    return _compiled(example, whole, templates, header_bindings=in_headers(bindings))


def _items(
    contract: Contract, operation: Operation, example: Example, bindings: Mapping[str, Value], off: frozenset[str]
) -> dict[str, Segments]:
    """What the items of a list are made from, by state; "" for all of them."""
    paging = operation.paging
    assert paging is not None, "this is a list"
    if paging.like:
        like = contract.operations[paging.like]
        return dict(_items_like(like, contract.resources[operation.resources[0]], bindings, off))
    found = {}
    for item in pointers.get(example.value, paging.items):
        state = pointers.get(item, paging.item_state) if paging.item_state else ""
        found[str(state)] = compile_value(item, bindings)
    return found


def _items_like(
    like: Operation, resource: Resource, bindings: Mapping[str, Value], off: frozenset[str]
) -> Iterator[tuple[str, Segments]]:
    """Items as an operation answers about a job in its state, under the same quirks."""
    like = _scaled(like)
    for state in resource.states:
        name = like.example_of(resource.name, state)
        if name in like.examples:
            example = choose(like.examples[name], off)
            yield state, compile_value(example.value, {**in_body(bound(like, name, example.status)), **bindings})


def _scaled(operation: Operation) -> Operation:
    """The operation, its bindings of percentages with their scale: 1 is the whole where no example shows more."""

    def scaled(table: Mapping[str, Value | None]) -> dict[str, Any]:
        return {
            at: value._replace(form="fraction") if value and _shows_fractions(operation, at, value) else value
            for at, value in table.items()
        }

    return replace(
        operation,
        bindings=scaled(operation.bindings),
        named={name: scaled(table) for name, table in operation.named.items()},
        common={name: scaled(table) for name, table in operation.common.items()},
    )


def _shows_fractions(operation: Operation, pointer: str, value: Value) -> bool:
    if kind_of(value) != "percent" or value.of is not None:
        return False
    full = f"{operation.paging.items}/*{pointer}" if operation.paging else pointer
    every = (e.value for variants in operation.examples.values() for e in variants)
    return are_fractions([shown for each in every for _, shown in pointers.find(each, full)])


def _is_steady(operation: Operation, name: str, example: Example) -> bool:
    """Whether an answer that shows a job reads nothing but the job and its status."""
    shown = (value for at, value in bound(operation, name, example.status).items() if bindable(example, at))
    facts = [fact for value in shown for fact in _facts_of(value)]
    return operation.verb == "show" and all(not fact or row_of(fact).is_steady for fact in facts)


def _facts_of(value: Value) -> Iterator[str]:
    """The facts that a value may be read from."""
    yield value.fact
    for part in (*value.parts, value.otherwise):
        if isinstance(part, Value):
            yield from _facts_of(part)


def _compiled(
    example: Example, bindings: Mapping[str, Value], items: Mapping[str, Segments] | None = None,
    header_bindings: Mapping[str, Value] = NOTHING,
) -> Answer:  # fmt: skip
    computed = {name.lower() for name in header_bindings}
    headers = tuple(
        (name.lower().encode(), text.encode("latin-1"))
        for name, text in example.headers
        if name.lower() not in computed
    )
    return Answer(
        example.name,
        example.status,
        example.media_type.encode(),
        headers,
        _head(example, headers),
        _document(example, bindings),
        items or {},
        tells_when=example.tells_when,
        header_slots=tuple(_header_slots(example, header_bindings)),
    )


def _header_slots(example: Example, bindings: Mapping[str, Value]) -> Iterator[tuple[bytes, HeaderSlot]]:
    for name, value in bindings.items():
        if name.lower() in example.declared:
            yield name.lower().encode(), header_slot(value, example.declared[name.lower()])


def _head(example: Example, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    typed = [(b"content-type", example.media_type.encode())] if example.media_type else []
    lines = [*typed, *headers]
    phrase = HTTPStatus(example.status).phrase if example.status in _STATUSES else ""
    return f"HTTP/1.1 {example.status} {phrase}\r\n".encode() + b"".join(b"%s: %s\r\n" % line for line in lines)


def _document(example: Example, bindings: Mapping[str, Value]) -> Segments:
    if not example.media_type:
        return ()
    if isinstance(example.value, str) and "json" not in example.media_type:
        return (example.value.encode(),)
    return compile_value(example.value, {p: v for p, v in bindings.items() if bindable(example, p)})


def kept_pointers(contract: Contract, resource: str) -> frozenset[str]:
    """The request values that some answer or result of a resource shows."""
    return _kept_pointers(_Key(contract, id(contract), frozenset()), resource)


@lru_cache(maxsize=512)
def _kept_pointers(holder: _Key, resource: str) -> frozenset[str]:
    contract, found = holder.contract, set[str]()
    for operation in (*contract.operations.values(), *contract.messages.values()):
        if resource in operation.resources:
            for _, value in every(operation):
                found |= _request_pointers(value)
            found |= {p for w in contract.webhooks.values() if w.wanted for p in _request_pointers(w.wanted)}
            found |= set(operation.announced.values()) | {place for _, place in operation.shared}
            results = (*contract.resources[resource].results.values(), *operation.results.values())
            filters = operation.paging.filters if operation.paging else ()
            asked_for = [each.value for each in filters if each.value is not None]
            for each in (*(v for r in results for v in result_values(r)), *asked_for):
                found |= _request_pointers(each)
    return frozenset(found)


def result_values(result: Result) -> list[Value]:
    """What a result reads of its job."""
    return [v for v in (result.aspect, result.seed, result.size_of, result.fps_of) if v is not None]


def _request_pointers(value: Value) -> set[str]:
    found = {value.fact.removeprefix("request.")} if value.fact.startswith("request.") else set()
    inner = [*value.parts, *([value.otherwise] if isinstance(value.otherwise, Value) else [])]
    return found.union(*(_request_pointers(v) for v in inner if isinstance(v, Value)))


def kept_uploads(contract: Contract, resource: str) -> frozenset[str]:
    """The uploaded parts to which some answer of a resource shows a URL, or from which a result is made."""
    return _kept_uploads(_Key(contract, id(contract), frozenset()), resource)


@lru_cache(maxsize=512)
def _kept_uploads(holder: _Key, resource: str) -> frozenset[str]:
    contract, found = holder.contract, set[str]()
    for operation in (*contract.operations.values(), *contract.messages.values()):
        if resource in operation.resources:
            facts = {fact for _, value in every(operation) for fact in _facts_of(value)}
            found |= {f.split(".", 1)[1] for f in facts if f.startswith(("upload.", "upload_path."))}
            results = (*contract.resources[resource].results.values(), *operation.results.values())
            found |= {s for r in results for several in r.sources.values() for s in several if not s.startswith("/")}
    return frozenset(found)
