"""Contract → prepared answers: constant bytes, already serialized, with slots for facts. Knows no HTTP server.

An Answer is rendered with a Subject: everything a fact can be read from. Facts are a closed table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from http import HTTPStatus
from json.encoder import encode_basestring
from typing import Any, Protocol

from mockserver import pointers
from mockserver.clock import iso_ms, iso_naive_us
from mockserver.contract import NOTHING, Contract, Example, Operation, Result, Value
from mockserver.draws import derived
from mockserver.loader.examples import bindable
from mockserver.ratelimit import Hit, seconds_left
from mockserver.store import Account, Job
from mockserver.timeline import Status
from mockserver.validation import write_json

_STATUSES = {status.value for status in HTTPStatus}
Slot = Callable[["Subject"], bytes]
Segments = tuple["bytes | Slot", ...]
Reader = Callable[["Subject"], Any]


class Links(Protocol):
    """Who makes URLs: of results, of uploaded parts, of signed operations. `full` False gives the path alone."""

    def result(self, job: Job, name: str, full: bool) -> str | None: ...
    def upload(self, job: Job, part: str, full: bool) -> str | None: ...
    def operation(self, job: Job, operation: str) -> str | None: ...


@dataclass(slots=True)
class Page:
    """A page of a list: rendered items, and what its facts say."""

    items: bytes
    limit: int
    next: str | None
    more: bool
    count: int


class Subject:
    """All that the facts of one answer are read from. What is not set is absent, and costs nothing."""

    job: Job | None = None
    status: Status | None = None
    account: Account | None = None
    links: Links | None = None
    page: Page | None = None
    hit: Hit | None = None
    why: str | None = None
    field: str | None = None
    token: str | None = None
    expires_in: int | None = None
    kind: str = "cuid"
    cost: float = 0

    def __init__(self, now: float, **facts: Any) -> None:
        self.now = now
        for name, value in facts.items():
            setattr(self, name, value)


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
    header_slots: tuple[tuple[bytes, Reader], ...] = ()

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
        self[name] = found = self._unrouted() if name == "" else self._compile(self._contract.operations[name])
        return found

    def _compile(self, operation: Operation) -> Mapping[str, Answer]:
        chosen = {name: choose(variants, self._off) for name, variants in operation.examples.items()}
        return {name: _answer(self._contract, operation, name, example) for name, example in chosen.items()}

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


def _answer(contract: Contract, operation: Operation, name: str, example: Example) -> Answer:
    refusal = is_refusal(contract, operation, name)
    bindings = contract.problems.get(name, {}) if refusal else operation.bindings
    if operation.paging is None or name != "ok":
        found = _compiled(example, bindings, header_bindings=NOTHING if refusal else operation.header_bindings)
        return replace(found, is_steady=True) if not refusal and _is_steady(operation, example) else found
    paging = operation.paging
    items = pointers.get(example.value, paging.items)
    templates = {}
    for item in items:
        state = pointers.get(item, paging.item_state) if paging.item_state else ""
        templates[str(state)] = compile_value(item, bindings)
    return _compiled(example, {**paging.page, paging.items: Value("page.items")}, templates)


# Links expire, durations grow, and an account's facts are not the job's: these change while a job stays as it is.
_UNSTEADY = ("result", "upload", "link", "duration", "account")


def _is_steady(operation: Operation, example: Example) -> bool:
    """Whether an answer that shows a job reads nothing but the job and its status."""
    shown = (value for pointer, value in operation.bindings.items() if bindable(example, pointer))
    facts = [fact for value in shown for fact in _facts_of(value)]
    return operation.verb == "show" and not any(fact.startswith(_UNSTEADY) for fact in facts)


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
    headers = tuple((name.lower().encode(), text.encode("latin-1")) for name, text in example.headers)
    return Answer(
        example.name,
        example.status,
        example.media_type.encode(),
        headers,
        _head(example, headers),
        _document(example, bindings),
        items or {},
        tells_when=example.tells_when,
        header_slots=tuple(
            (n.lower().encode(), reader(v)) for n, v in header_bindings.items() if n.lower() in example.declared
        ),
    )


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


def compile_value(value: Any, bindings: Mapping[str, Value]) -> Segments:
    """A JSON value → constant bytes and slots, at every bound pointer whose value is neither null nor empty."""
    parts: list[bytes | Slot] = []
    _emit(value, "", bindings, parts)
    merged: list[bytes | Slot] = []
    for part in parts:
        if isinstance(part, bytes) and merged and isinstance(merged[-1], bytes):
            merged[-1] += part
        else:
            merged.append(part)
    return tuple(merged)


def _emit(value: Any, pointer: str, bindings: Mapping[str, Value], parts: list[bytes | Slot]) -> None:
    if pointer in bindings and value is not None and value != "":
        parts.append(slot(bindings[pointer], value))
    elif isinstance(value, dict):
        for index, (key, item) in enumerate(value.items()):
            parts.append((b"," if index else b"{") + encode_basestring(key).encode() + b":")
            _emit(item, pointers.join(pointer, key), bindings, parts)
        parts.append(b"}" if value else b"{}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            parts.append(b"," if index else b"[")
            _emit(item, pointers.join(pointer, index), bindings, parts)
        parts.append(b"]" if value else b"[]")
    else:
        parts.append(write_json(value))


def text(value: str) -> bytes:
    """A JSON string."""
    return encode_basestring(value).encode()


def slot(value: Value, shown: Any) -> Slot:
    """What writes a value as the example shows it: the form of times and percentages is read off `shown`."""
    if value.fact == "page.items":
        return lambda s: s.page.items  # type: ignore[union-attr]
    read = reader(value)
    form = writer(value, shown)
    return lambda s: b"null" if (v := read(s)) is None else form(v)


def writer(value: Value, shown: Any) -> Callable[[Any], bytes]:
    """How a fact is written where an example shows `shown`."""
    if value.of is not None:
        return _plain
    if value.fact in ("created", "updated", "ended"):
        return _time_writer(shown)
    if value.fact == "progress" and isinstance(shown, str):
        return lambda v: b'"%d%%"' % v
    if value.fact in ("progress", "retries", "expires_in") or (value.fact == "credits_before" and type(shown) is int):
        return lambda v: b"%d" % v
    if isinstance(shown, str) and not value.fact.startswith("request."):
        return lambda v: text(str(v))
    return _plain


def _plain(value: Any) -> bytes:
    return write_json(int(value) if isinstance(value, float) and value.is_integer() else value)


def _time_writer(shown: Any) -> Callable[[Any], bytes]:
    if not isinstance(shown, str):
        return lambda v: b"%d" % v
    if re.fullmatch(r".*\.\d{6}", shown):
        return lambda v: b'"' + iso_naive_us(v).encode() + b'"'
    return lambda v: b'"' + iso_ms(v).encode() + b'"'


def reader(value: Value) -> Reader:
    """What reads a value off a subject; None when the fact is absent and there is no `else`."""
    if value.parts:
        readers = [_constant(part) if isinstance(part, str) else reader(part) for part in value.parts]
        return lambda s: "".join(str(r(s)) for r in readers)
    read = _fact(value) if value.of is None else _looked_up(_fact(value), value.of)
    if value.otherwise is None:
        return read
    other = reader(value.otherwise) if isinstance(value.otherwise, Value) else _constant(value.otherwise)
    return lambda s: other(s) if (v := read(s)) is None else v


def _looked_up(read: Reader, table: Mapping[str, Any]) -> Reader:
    """What stands in a table for the text of a fact; None for one that does not stand there."""
    return lambda s: None if (v := read(s)) is None else table.get(v if isinstance(v, str) else write_json(v).decode())


def _constant(value: Any) -> Reader:
    return lambda _: value


def _fact(value: Value) -> Reader:
    head, _, rest = value.fact.partition(".")
    if value.fact == "id" and value.salt:
        salt = value.salt
        return lambda s: derived(s.kind, s.job.id, salt)  # type: ignore[union-attr]
    if value.fact in FACTS:
        return FACTS[value.fact]
    return FAMILIES[head](rest)


def _of_job(read: Callable[[Job], Any]) -> Reader:
    return lambda s: None if s.job is None else read(s.job)


def _of_status(index: int) -> Reader:
    return lambda s: None if s.status is None else s.status[index]


def _duration_ms(s: Subject) -> int | None:
    found = _duration(s)
    return None if found is None else round(found * 1000)


def _duration(s: Subject) -> float | None:
    if s.job is None or s.status is None:
        return None
    return round((s.status.ended or s.now) - s.job.created, 6)


def _error(s: Subject) -> str | None:
    """The plan knows a failure's message from the beginning; clients see it once the job came to that."""
    if s.job is None or s.status is None or s.status.state != s.job.plan.outcome:
        return None
    return s.job.plan.error


FACTS: Mapping[str, Reader] = {
    "id": _of_job(lambda j: j.id),
    "created": _of_job(lambda j: j.created),
    "retries": _of_job(lambda j: j.plan.retries),
    "produced": _of_job(lambda j: j.produced),
    "credits_before": _of_job(lambda j: j.credits_before),
    "error": _error,
    "state": _of_status(0),
    "progress": _of_status(1),
    "updated": _of_status(2),
    "ended": _of_status(3),
    "duration": _duration,
    "duration_ms": _duration_ms,
    "cost": lambda s: s.cost,
    "token": lambda s: s.token,
    "expires_in": lambda s: s.expires_in,
    "page.limit": lambda s: s.page and s.page.limit,
    "page.next": lambda s: s.page and s.page.next,
    "page.more": lambda s: s.page and s.page.more,
    "page.count": lambda s: s.page and s.page.count,
    "problem.why": lambda s: s.why,
    "problem.field": lambda s: s.field,
    "limit.limit": lambda s: s.hit and s.hit.limit.limit,
    "limit.remaining": lambda s: s.hit and s.hit.remaining,
    "limit.reset": lambda s: s.hit and seconds_left(s.hit),
}


def _link(how: str, full: bool) -> Callable[[str], Reader]:
    def family(name: str) -> Reader:
        return lambda s: None if s.links is None or s.job is None else getattr(s.links, how)(s.job, name, full)

    return family


def _md5(job: Job | None, part: str) -> str | None:
    upload = (job.uploads or {}).get(part) if job is not None else None
    return upload.md5 or None if upload is not None else None


def _request(pointer: str) -> Reader:
    return lambda s: None if s.job is None or s.job.kept is None else s.job.kept.get(pointer)


def _account(key: str) -> Reader:
    if key == "id":
        return lambda s: s.account and s.account.id
    return lambda s: None if s.account is None else s.account.facts.get(key)


FAMILIES: Mapping[str, Callable[[str], Reader]] = {
    "result": _link("result", True),
    "result_path": _link("result", False),
    "upload": _link("upload", True),
    "upload_path": _link("upload", False),
    "upload_md5": lambda part: lambda s: _md5(s.job, part),
    "link": lambda name: lambda s: None if s.links is None or s.job is None else s.links.operation(s.job, name),
    "request": _request,
    "account": _account,
}


def kept_pointers(contract: Contract, resource: str) -> frozenset[str]:
    """The request values that some answer or result of a resource shows."""
    return _kept_pointers(_Key(contract, id(contract), frozenset()), resource)


@lru_cache(maxsize=512)
def _kept_pointers(holder: _Key, resource: str) -> frozenset[str]:
    contract, found = holder.contract, set[str]()
    for operation in contract.operations.values():
        if resource in operation.resources:
            for value in (*operation.bindings.values(), *operation.header_bindings.values()):
                found |= _request_pointers(value)
            found |= set(operation.announced.values())
            results = (*contract.resources[resource].results.values(), *operation.results.values())
            for each in (v for r in results for v in result_values(r)):
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
    for operation in contract.operations.values():
        if resource in operation.resources:
            facts = {v.fact for v in operation.bindings.values()}
            found |= {f.split(".", 1)[1] for f in facts if f.startswith(("upload.", "upload_path."))}
            results = (*contract.resources[resource].results.values(), *operation.results.values())
            found |= {s for r in results for several in r.sources.values() for s in several if not s.startswith("/")}
    return frozenset(found)
