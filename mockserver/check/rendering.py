"""Every answer that can be given, rendered with sample subjects and held against its own schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import NamedTuple

from mockserver import pointers
from mockserver.answers import ResponseTemplate, Table, is_refusal, prepare
from mockserver.check.facts import bindings_at, title
from mockserver.check.samples import Samples
from mockserver.contract import Contract, Example, Operation, Webhook
from mockserver.errors import RequestError
from mockserver.intake import Paging
from mockserver.loader.source import BEHAVIOR, OPENAPI, Source
from mockserver.subject import Page, Subject
from mockserver.validation import Schemas, Validator
from mockserver.values import render
from mockserver.variants import choose, ranking

PAGE = 20


def check_rendering(source: Source, contract: Contract) -> None:
    """Note every answer that breaks its schema for some lawful job."""
    schemas = Schemas(contract.document, file=f"{contract.name}/{OPENAPI}")
    samples = Samples(contract, schemas)
    seen: set[tuple[str, str, str, str, str]] = set()
    refused: dict[tuple[str, str], list[_Refused]] = {}
    for off in combinations(contract):
        for answer in _answers(contract, prepare(contract, off), off):
            lacks = ".".join(sorted(name for name in off if contract.quirks[name].omit))
            key = (answer.at, answer.name, answer.example.pointer, answer.example.schema or "", lacks)
            if key not in seen:
                seen.add(key)
                for at, wrong in islice(
                    _check(contract, schemas, samples, answer), 1
                ):  # one sample is enough to see it
                    refused.setdefault((at, wrong.written), []).append(wrong)
    for (at, written), several in refused.items():
        _say(source, at, written, several)
    _check_webhooks(source, contract, schemas, samples)


def combinations(contract: Contract) -> list[frozenset[str]]:
    """The sets of switched-off quirks for which some answer differs."""
    examples = [e for o in contract.operations.values() for several in o.examples.values() for e in several]
    examples += [e for several in contract.unrouted.values() for e in several]
    omitting = (frozenset({quirk.name}) for quirk in contract.quirks.values() if quirk.omit)
    return sorted({frozenset(), contract.off, *(e.off for e in examples), *omitting}, key=sorted)


class _Refused(NamedTuple):
    """An answer that its schema refuses: what was written, in which answer, why it may not be there, and where."""

    written: str
    title: str
    why: str
    schema: str
    place: str


class _Rendered:
    """An answer to check: where its bindings stand in behavior.json, and what it is made from."""

    def __init__(
        self, operation: Operation | None, name: str, answer: ResponseTemplate, example: Example, refusal: bool
    ) -> None:
        self.operation, self.name, self.answer, self.example, self.refusal = operation, name, answer, example, refusal
        self.at = pointers.join("/operations", operation.id) if operation and not refusal else ""

    @property
    def title(self) -> str:
        return f"{self.operation.id if self.operation else 'unrouted'} {self.name}"


def _answers(contract: Contract, table: Table, off: frozenset[str]) -> Iterator[_Rendered]:
    for operation in contract.operations.values():
        for name, variants in operation.examples.items():
            refusal = is_refusal(contract, operation, name)
            answer = table[operation.id][name]
            given = [answer, *(other for _, other in reversed(answer.others))]
            ranked = ranking(contract, variants, off)
            usual = next((place for place, each in enumerate(ranked) if not each.variants), len(ranked) - 1)
            for each, example in zip(given, ranked[usual::-1], strict=True):
                yield _Rendered(operation, name, each, example, refusal)
    for name, variants in contract.unrouted.items():
        yield _Rendered(None, name, table[""][name], choose(variants, off), True)


def _check(contract: Contract, schemas: Schemas, samples: Samples, each: _Rendered) -> Iterator[tuple[str, _Refused]]:
    if each.example.schema is None or "json" not in each.example.media_type:
        return
    validator = schemas.at(each.example.schema)
    for body in _bodies(each.answer, _subjects(samples, each)):
        yield from _check_body(contract, validator, each, body)


def _bodies(answer: ResponseTemplate, subjects: Iterator[Subject]) -> Iterator[bytes]:
    """What is written of these subjects, each once: of ten samples nine differ in what the answer does not tell."""
    is_constant = all(type(segment) is bytes for segment in answer.segments)
    given: set[bytes] = set()
    for subject in islice(subjects, 1) if is_constant else subjects:
        body = answer.body(subject)
        if body not in given:
            given.add(body)
            yield body


def _say(source: Source, at: str, written: str, several: list[_Refused]) -> None:
    """One sentence for what the same binding does wrong in several answers."""
    first, *others = several
    more = f" (so in {len(others)} more: {', '.join(other.title for other in others[:3])}{' …' if others[3:] else ''})"
    where = f"the answer {first.title}{more if others else ''}"
    sentence = f"{written} in {where}, which its schema refuses: {first.why}."
    remedy = f"Change the schema at {first.schema}, or the binding (else …)."
    source.say(BEHAVIOR, at, sentence, remedy, refused=(first.schema, first.place))


def _subjects(samples: Samples, each: _Rendered) -> Iterator[Subject]:
    operation = each.operation
    if operation is None or each.refusal:
        yield from samples.refusals(operation)
    elif operation.verb == "list":
        yield from _pages(samples, operation, each.answer)
    elif each.name == "ok":
        yield from samples.plain(operation)
    else:
        yield from samples.jobs(operation, each.name, each.example.status)


def _pages(samples: Samples, operation: Operation, answer: ResponseTemplate) -> Iterator[Subject]:
    paging = operation.paging
    assert paging is not None, "the loader gives every list its paging"
    subjects = list(_items(samples, operation))
    size = min(paging.size, PAGE)
    for start in range(0, len(subjects) + 1, size):
        chosen = subjects[start : start + size]
        items = b"[" + b",".join(_item(answer.items, s) for s in chosen) + b"]"
        for more in (True, False):
            subject = next(samples.plain(operation))
            subject.page = _page(samples, operation, paging, items, chosen, more)
            yield subject


def _page(
    samples: Samples, operation: Operation, paging: Paging, items: bytes, on_it: Sequence[Subject], more: bool
) -> Page:
    """A page among others, or the only one."""
    page = Page(items, paging.size, len(on_it), more, total=len(on_it), pages=1, number=paging.first, offset=0)
    page.url = page.first_url = page.last_url = samples.page_url(operation)
    if on_it:
        page.first = page.last = on_it[0].job.id if on_it[0].job else None
    if more:
        is_number = paging.places.keys() & {"page", "offset"} and not paging.places.keys() & {"token", "after"}
        page.next = page.previous = 2 if is_number else "x" * 25
        page.next_url = page.previous_url = samples.page_url(operation)
        page.link = f'<{page.next_url}>; rel="next"'
    return page


def _items(samples: Samples, operation: Operation) -> Iterator[Subject]:
    resource = samples.contract.resources[operation.resources[0]]
    for state in (operation.paging.states if operation.paging else ()) or [*resource.states]:
        if state in resource.gone:
            continue
        yield from islice(samples.jobs(operation, state, 200), 500)


def _item(templates: Mapping[str, tuple[object, ...]], subject: Subject) -> bytes:
    state = subject.status.state if subject.status else ""
    return render(templates.get("") or templates[state], subject)  # type: ignore[arg-type]


def _check_body(
    contract: Contract, validator: Validator, each: _Rendered, body: bytes
) -> Iterator[tuple[str, _Refused]]:
    value = json.loads(body)
    wrong = validator.check(value)
    if wrong is not None:
        at, what = _culprit(contract, each, wrong)
        found = pointers.get(value, wrong.pointer)
        shown = "nothing" if found is pointers.MISSING else json.dumps(found, ensure_ascii=False)[:80]
        yield at, _Refused(f"{what} can write {shown}", each.title, wrong.why, each.example.schema or "", wrong.pointer)


def _culprit(contract: Contract, each: _Rendered, wrong: RequestError) -> tuple[str, str]:
    """Which binding wrote what is wrong: the one whose pointer leads to it, else one that left out what is missing."""
    bound = list(bindings_at(contract, each.operation, each.name if each.refusal else ""))
    writing = ((at, value) for at, pointer, value in bound if _leads(pointer, wrong.pointer))
    omitting = (
        (at, value) for at, pointer, value in bound if value.omit and _holds(pointer.rpartition("/")[0], wrong.pointer)
    )
    for at, value in chain(writing, omitting):
        return at, title(value)
    return each.at or pointers.join("/problems", each.name), "a fact"


def _leads(pointer: str, to: str) -> bool:
    path, there = pointers.split(pointer), pointers.split(to)
    return len(path) <= len(there) and all(a in ("*", b) for a, b in zip(path, there, strict=False))


def _holds(pointer: str, place: str) -> bool:
    """Whether what stands at a place is what holds a field: what is wrong deeper is wrong without that field."""
    return _leads(pointer, place) and len(pointers.split(pointer)) == len(pointers.split(place))


def _check_webhooks(source: Source, contract: Contract, schemas: Schemas, samples: Samples) -> None:
    for webhook in contract.webhooks.values():
        body = Source(contract.name, contract.document, {}).resolve(
            pointers.get(contract.document, f"{webhook.pointer}/requestBody"), f"{webhook.pointer}/requestBody"
        )
        at = pointers.join(body[1], "content", webhook.media_type, "schema")
        if pointers.get(contract.document, at) is not pointers.MISSING and not webhook.media_type.startswith("text/"):
            for state in sorted(webhook.states):
                _check_webhook(source, contract, schemas.at(at), samples, webhook, state)


def _check_webhook(
    source: Source, contract: Contract, validator: Validator, samples: Samples, webhook: Webhook, state: str
) -> None:
    operation = contract.operation(webhook.told)
    name = operation.example_of(webhook.resource, state)
    answer = prepare(contract, contract.off)[operation.id][name]
    if webhook.message is None and b"json" not in answer.media_type:
        sentence = f"{operation.id} answers the state {state!r} without JSON, so the webhook would have no body."
        remedy = "Leave the state out by `states`, or name another operation."
        source.say(BEHAVIOR, pointers.join("/webhooks", webhook.name, "like"), sentence, remedy)
        return
    for text in _bodies(answer, samples.messages(webhook, name, state)):
        wrong = validator.check(json.loads(text))
        if wrong is not None:
            sentence = f"{operation.id} {name} does not fit the schema of the webhook: {wrong}."
            source.say(BEHAVIOR, pointers.join("/webhooks", webhook.name), sentence, "Change the schema, or `like`.")
            return
