"""Contract → prepared answers: constant bytes, already serialized, with slots for facts. Knows no HTTP server.

An Answer is rendered with a Subject: everything that `facts` are read from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, final

from mockserver import pointers
from mockserver.bindings import below, bound, facts_of, in_body, in_headers, tested
from mockserver.contract import Contract, Example, Operation
from mockserver.contract_cache import once_per_contract
from mockserver.facts import row_of
from mockserver.intake import STREAMS, Paging
from mockserver.lifecycle import NOTHING, Value
from mockserver.loader.bound import bindable
from mockserver.notation import are_fractions
from mockserver.subject import Subject
from mockserver.templates import compile_value
from mockserver.values import Holds, Segments, TemplatePart, header_slot, kind_of, render
from mockserver.variants import all_hold, choose, conditions_of, lacking, ranking

_STATUSES = {status.value for status in HTTPStatus}


@final
@dataclass(frozen=True, slots=True)
class ResponseTemplate:
    """One prepared answer; `head` is its status line and constant headers as they are sent.

    `items` are the templates of a list's items by state ("" for all states). `is_steady`: it says the same for as long
    as the job and its status are the same. `tells_when`: one that refuses for a limit says when to try again.
    `header_slots` are the headers that facts are written into; without a media type no body. `others` are given in its
    stead under conditions, the first that holds; such a one has the whole name of its `variant`.
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
    header_slots: tuple[tuple[bytes, TemplatePart], ...] = ()
    others: tuple[tuple[Holds, ResponseTemplate], ...] = ()
    variant: str = ""

    def fitting(self, subject: Subject) -> ResponseTemplate:
        """The first of the others whose condition holds, else this one."""
        return next((other for fits, other in self.others if fits(subject)), self)

    def body(self, subject: Subject) -> bytes:
        """The bytes, with the subject's facts."""
        return render(self.segments, subject)


Table = Mapping[
    str, Mapping[str, ResponseTemplate]
]  # operation → example name → answer; "" holds the unrouted problems


class _Answers(dict[str, Mapping[str, ResponseTemplate]]):
    """A table whose operations are compiled when they are first asked for: most tests ask for few of them."""

    def __init__(self, contract: Contract, off: frozenset[str]) -> None:
        super().__init__()
        self._contract, self._off = contract, off

    def __missing__(self, name: str) -> Mapping[str, ResponseTemplate]:
        self[name] = table = self._unrouted() if name == "" else self._compile(self._contract.operation(name))
        return table

    def _compile(self, operation: Operation) -> Mapping[str, ResponseTemplate]:
        scaled, items = _scaled(operation), operation.paging.items if operation.paging else None
        examples = {name: self._lacking(several, items) for name, several in operation.examples.items()}
        return {name: self._chosen(scaled, name, several) for name, several in examples.items()}

    def _lacking(self, examples: tuple[Example, ...], items: str | None) -> tuple[Example, ...]:
        return tuple(lacking(self._contract, example, self._off, items) for example in examples)

    def _chosen(self, operation: Operation, name: str, examples: tuple[Example, ...]) -> ResponseTemplate:
        """The answer of a name, with those that are given in its place under conditions."""
        ranked = ranking(self._contract, examples, self._off)
        usual = next((place for place, each in enumerate(ranked) if not each.variants), len(ranked) - 1)
        answer = _answer(self._contract, operation, name, ranked[usual], self._off)
        if not usual:
            return answer
        conditions = [conditions_of(self._contract, each) for each in ranked[:usual]]
        steady = answer.is_steady and all(
            row_of(f).is_steady for several in conditions for c in several for f in tested(c)
        )
        alternatives = [
            (all_hold(each), self._other(operation, name, example, is_steady=steady))
            for each, example in zip(conditions, ranked[:usual], strict=True)
        ]
        return replace(answer, is_steady=steady, others=tuple(alternatives))

    def _other(self, operation: Operation, name: str, example: Example, *, is_steady: bool) -> ResponseTemplate:
        answer = _answer(self._contract, operation, name, example, self._off)
        return replace(answer, is_steady=is_steady, variant=example.title if example.variants else "")

    def _unrouted(self) -> Mapping[str, ResponseTemplate]:
        unrouted = {name: self._lacking(several, None) for name, several in self._contract.unrouted.items()}
        examples = {name: choose(variants, self._off) for name, variants in unrouted.items()}
        problems = self._contract.problems
        return {name: _compiled(example, in_body(problems.get(name, {}))) for name, example in examples.items()}


@once_per_contract(512)
def prepare(contract: Contract, off: frozenset[str]) -> Table:
    """All answers of a contract while these quirks are off."""
    return _Answers(contract, off)


def is_refusal(contract: Contract, operation: Operation, name: str) -> bool:
    """Whether an example is named after a problem, not after a state or `ok`; refusals have bindings of their own."""
    state = name.rsplit(".", 1)[-1]
    return (
        name != "ok"
        and not operation.happens(state)
        and not any(
            state in contract.resources[r].states or state in {v.example for v in contract.resources[r].views}
            for r in operation.resources
        )
    )


def _answer(
    contract: Contract, operation: Operation, name: str, example: Example, off: frozenset[str]
) -> ResponseTemplate:
    refusal = is_refusal(contract, operation, name)
    bindings = {**(contract.problems.get(name, {}) if refusal else {})}
    bindings |= bound(operation, name, example.status, is_refusal=refusal, title=example.title)
    if operation.paging is None or name != "ok":
        template = _compiled(example, in_body(bindings), header_bindings=in_headers(bindings))
        if _is_whole_stream(operation, example):
            template = replace(template, segments=(example.value.encode(),))
        return replace(template, is_steady=True) if not refusal and _is_steady(operation, name, example) else template
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
        return dict(_items_like(contract, operation, paging, bindings, off))
    templates = {}
    for item in pointers.get(example.value, paging.items):
        state = pointers.get(item, paging.item_state) if paging.item_state else ""
        templates[str(state)] = compile_value(item, bindings)
    return templates


def _items_like(
    contract: Contract, operation: Operation, paging: Paging, bindings: Mapping[str, Value], off: frozenset[str]
) -> Iterator[tuple[str, Segments]]:
    """Items as another operation answers about a job in its state, or a part of that, under the same quirks."""
    like, at = _scaled(contract.operations[paging.like]), paging.like_at
    resource = contract.resources[operation.resources[0]]
    for state in resource.states:
        name = like.example_of(resource.name, state)
        if name in like.examples:
            example = lacking(contract, choose(like.examples[name], off), off)
            own = below(in_body(bound(like, name, example.status)), at)
            yield state, compile_value(pointers.get(example.value, at), {**own, **bindings})


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
    return are_fractions([number for body in every for _, number in pointers.find(body, full)])


def _is_steady(operation: Operation, name: str, example: Example) -> bool:
    """Whether an answer that shows a job reads nothing but the job and its status."""
    values = (
        value
        for at, value in bound(operation, name, example.status, title=example.title).items()
        if bindable(example, at)
    )
    facts = [fact for value in values for fact in facts_of(value)]
    return operation.verb == "show" and all(row_of(fact).is_steady for fact in facts)


def _compiled(
    example: Example, bindings: Mapping[str, Value], items: Mapping[str, Segments] | None = None,
    header_bindings: Mapping[str, Value] = NOTHING,
) -> ResponseTemplate:  # fmt: skip
    computed = {name.lower() for name in header_bindings}
    headers = tuple(
        (name.lower().encode(), text.encode("latin-1"))
        for name, text in example.headers
        if name.lower() not in computed
    )
    return ResponseTemplate(
        example.name,
        example.status,
        example.media_type.encode(),
        headers,
        head_of(example.status, example.media_type, headers),
        _document(example, bindings),
        items or {},
        tells_when=example.tells_when,
        header_slots=tuple(_header_slots(example, header_bindings)),
    )


def _header_slots(example: Example, bindings: Mapping[str, Value]) -> Iterator[tuple[bytes, TemplatePart]]:
    for name, value in bindings.items():
        if name.lower() in example.declared:
            yield name.lower().encode(), header_slot(value, example.declared[name.lower()])


def head_of(status: int, media_type: str, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Status line and constant headers, as they are sent."""
    typed = [(b"content-type", media_type.encode())] if media_type else []
    lines = [*typed, *headers]
    phrase = HTTPStatus(status).phrase if status in _STATUSES else ""
    return f"HTTP/1.1 {status} {phrase}\r\n".encode() + b"".join(b"%s: %s\r\n" % line for line in lines)


def _is_whole_stream(operation: Operation, example: Example) -> bool:
    """Whether a text is all that a stream says: of an operation that tells of no job, as they come."""
    return operation.stream is None and example.media_type in STREAMS and isinstance(example.value, str)


def _document(example: Example, bindings: Mapping[str, Value]) -> Segments:
    if not example.media_type:
        return ()
    if isinstance(example.value, str) and not example.is_json:
        return (example.value.encode(),)
    return compile_value(example.value, {p: v for p, v in bindings.items() if bindable(example, p)})
