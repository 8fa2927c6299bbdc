"""Facts: what a binding can show, one row each; how one is read off a subject and written as an example shows it.

A new fact is a row of FACTS; a new family of them (`result.NAME`) a row of FAMILIES. Knows no HTTP.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from json.encoder import encode_basestring
from typing import Any, Literal, NamedTuple

from mockserver.draws import derived
from mockserver.jobs import PlannedJob
from mockserver.lifecycle import Value
from mockserver.notation import NAMED, Write, bare, moment, percentage
from mockserver.ratelimit import seconds_left
from mockserver.subject import Subject
from mockserver.timeline import entered, spent
from mockserver.validation import write_json

_BREAKS = re.compile(r"[\x00-\x1f\x7f]+")
Slot = Callable[["Subject"], bytes]
HeaderSlot = Callable[["Subject"], "bytes | None"]
Segments = tuple["bytes | Slot", ...]
Reader = Callable[["Subject"], Any]
Kind = Literal["text", "time", "percent", "number", "count", "truth", "cursor", "any"]
"""What an example may show: `count` a number or one as text, `number` no text, `any` whatever the request said.

A `cursor` is a text or a number, by the list's parameters.
"""


def text(value: str) -> bytes:
    """A JSON string."""
    return encode_basestring(value).encode()


def slot(value: Value, shown: Any) -> Slot:
    """What writes a value as the example shows it: the form of times and percentages is read off `shown`.

    What stands for an absent fact is written as it is.
    """
    if value.fact == "page.items":
        return lambda s: s.page.items  # type: ignore[union-attr]
    read, form, other = reader(value._replace(otherwise=None)), writer(value, shown), value.otherwise
    if other is None:
        return lambda s: b"null" if (v := read(s)) is None else form(v)
    further: Slot = slot(other, shown) if isinstance(other, Value) else _constant(write_json(other))
    return lambda s: further(s) if (v := read(s)) is None else form(v)


def writer(value: Value, shown: Any) -> Callable[[Any], bytes]:
    """How a fact is written where an example shows `shown`."""
    if value.of is not None:
        return _plain
    kind = kind_of(value)
    if kind in ("time", "percent"):
        write, is_text = notation(value, shown), isinstance(shown, str) and value.form not in NAMED
        return (lambda v: b'"%b"' % write(v).encode()) if is_text else lambda v: write_json(write(v))
    if kind == "number" or (kind == "count" and type(shown) is int and value.fact == "credits_before"):
        return lambda v: b"%d" % v
    return _plain if kind == "any" or not isinstance(shown, str) else lambda v: text(bare(v))


def kind_of(value: Value) -> Kind:
    """What kind a value is of; what is joined is a text."""
    return row_of(value.fact).kind if value.fact else "text"


def notation(value: Value, shown: Any) -> Write:
    """How a time or a percentage is written beside an example, or in the form that the contract names."""
    if value.form in NAMED:
        return NAMED[value.form]
    if kind_of(value) == "percent":
        return percentage(shown, is_fraction=value.form == "fraction") or percentage(0) or str
    return moment(shown) or NAMED["iso"]


def header_slot(value: Value, shown: Any) -> HeaderSlot:
    """What gives a value as the text of a header, on one line; None when it is absent, and not sent."""
    read, is_form = reader(value), value.of is None and kind_of(value) in ("time", "percent")
    form: Write = notation(value, shown) if is_form else bare
    text: Write = lambda v: _BREAKS.sub(" ", bare(v if isinstance(v, str) else form(v)))  # noqa: E731
    return lambda s: None if (v := read(s)) is None else text(v).encode("latin-1", "replace")


def _plain(value: Any) -> bytes:
    return write_json(int(value) if isinstance(value, float) and value.is_integer() else value)


def reader(value: Value) -> Reader:
    """What reads a value off a subject; None when the fact is absent and there is no `else`."""
    if value.parts:
        read = _joined(value.parts)
    else:
        read = _fact(value) if value.of is None else _looked_up(_fact(value), value.of)
    if value.otherwise is None:
        return read
    other = reader(value.otherwise) if isinstance(value.otherwise, Value) else _constant(value.otherwise)
    return lambda s: other(s) if (v := read(s)) is None else v


def _joined(parts: Sequence[str | Value]) -> Reader:
    """What joins parts to a text; None when one of them is absent."""
    readers = [_constant(part) if isinstance(part, str) else _part(part) for part in parts]

    def read(subject: Subject) -> str | None:
        texts = [each(subject) for each in readers]
        return None if None in texts else "".join(texts)

    return read


def _part(value: Value) -> Reader:
    """What reads a part of a text: a time or a percentage in the form that is named."""
    read = reader(value)
    is_form = value.of is None and kind_of(value) in ("time", "percent")
    write = notation(value, None) if is_form else bare
    return lambda s: None if (v := read(s)) is None else bare(write(v))


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
        return FACTS[value.fact].read
    return FAMILIES[head].read(rest)


def _of_job(read: Callable[[PlannedJob], Any]) -> Reader:
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


def _ahead(s: Subject) -> int | None:
    """How many stand before a job in its queue: one leaves it each second, and the last of them lets it begin."""
    if s.job is None or s.status is None:
        return None
    plan = s.job.plan
    waits = [s.job.created + step.until for step in plan.steps if step.phase == "queued"]
    is_waiting = any(step.state == s.status.state and step.phase == "queued" for step in plan.steps)
    return max(0, int(waits[-1] - s.now)) if waits and is_waiting else 0


def _log(s: Subject) -> str | None:
    """The lines that a job has written by now; none while it waits."""
    if s.job is None or s.status is None:
        return None
    return "".join(f"{line}\n" for at, line in s.job.plan.log if s.status.progress >= at and s.status.progress > 0)


def _entered(state: str) -> Reader:
    def read(s: Subject) -> float | None:
        return None if s.job is None else entered(s.job.plan, s.job.created, s.job.moves, state, s.now)

    return read


def _spent(phase: str) -> Reader:
    def read(s: Subject) -> float | None:
        job = s.job
        return None if job is None else round(spent(job.plan, job.created, job.moves, phase, s.now), 6)

    return read


def _error(s: Subject) -> str | None:
    """The plan knows a failure's message from the beginning; clients see it once the job came to that."""
    if s.job is None or s.status is None or s.status.state != s.job.plan.outcome:
        return None
    return s.job.plan.error


PAGE: Mapping[str, Kind] = {
    **dict.fromkeys(("limit", "count", "total", "pages", "number", "offset"), "count"),
    **dict.fromkeys(("first", "last", "next_url", "previous_url", "link"), "text"),
    **dict.fromkeys(("next", "previous"), "cursor"),
    "more": "truth",
}
"""What a list tells of its page."""


def _of_page(name: str) -> Reader:
    return lambda s: None if s.page is None else getattr(s.page, name)


class Fact(NamedTuple):
    """One row: how it is read, what it is, whether it is of a job, and whether it is the same while its job is."""

    read: Reader
    kind: Kind = "text"
    of_job: bool = True
    is_steady: bool = True


FACTS: Mapping[str, Fact] = {
    "id": Fact(_of_job(lambda j: j.id)),
    "state": Fact(_of_status(0)),
    "created": Fact(_of_job(lambda j: j.created), "time"),
    "updated": Fact(_of_status(2), "time"),
    "ended": Fact(_of_status(3), "time"),
    "duration": Fact(_duration, "count", is_steady=False),
    "duration_ms": Fact(_duration_ms, "count", is_steady=False),
    "progress": Fact(_of_status(1), "percent"),
    "error": Fact(_error),
    "retries": Fact(_of_job(lambda j: j.plan.retries), "number"),
    "produced": Fact(_of_job(lambda j: j.produced)),
    "queue.ahead": Fact(_ahead, "count", is_steady=False),
    "log": Fact(_log),
    "credits_before": Fact(_of_job(lambda j: j.credits_before), "count"),
    "cost": Fact(lambda s: s.cost, "count"),
    "token": Fact(lambda s: s.token, of_job=False),
    "expires_in": Fact(lambda s: s.expires_in, "number", of_job=False),
    **{f"page.{name}": Fact(_of_page(name), kind, of_job=False) for name, kind in PAGE.items()},
    "problem.why": Fact(lambda s: s.why, of_job=False),
    "problem.field": Fact(lambda s: s.field, of_job=False),
    "limit.limit": Fact(lambda s: s.hit and s.hit.limit.limit, "count", of_job=False, is_steady=False),
    "limit.remaining": Fact(lambda s: s.hit and s.hit.remaining, "count", of_job=False, is_steady=False),
    "limit.reset": Fact(lambda s: s.hit and seconds_left(s.hit), "count", of_job=False, is_steady=False),
}


def _link(how: str, full: bool) -> Callable[[str], Reader]:
    def family(name: str) -> Reader:
        return lambda s: None if s.links is None or s.job is None else getattr(s.links, how)(s.job, name, full)

    return family


def _md5(job: PlannedJob | None, part: str) -> str | None:
    upload = (job.uploads or {}).get(part) if job is not None else None
    return upload.md5 or None if upload is not None else None


def _request(pointer: str) -> Reader:
    return lambda s: None if s.job is None or s.job.kept is None else s.job.kept.get(pointer)


def _account(key: str) -> Reader:
    if key == "id":
        return lambda s: s.account and s.account.id
    return lambda s: None if s.account is None else s.account.facts.get(key)


class Family(NamedTuple):
    """One row for many facts: `read` makes the reader of the one that is named behind the dot."""

    read: Callable[[str], Reader]
    kind: Kind = "text"
    of_job: bool = True
    is_steady: bool = False  # links expire, and an account's facts are not the job's


FAMILIES: Mapping[str, Family] = {
    "result": Family(_link("result", True)),
    "result_path": Family(_link("result", False)),
    "upload": Family(_link("upload", True)),
    "upload_path": Family(_link("upload", False)),
    "upload_md5": Family(lambda part: lambda s: _md5(s.job, part)),
    "link": Family(lambda name: lambda s: s.links and s.job and s.links.operation(s.job, name)),
    "url": Family(lambda name: lambda s: s.links and s.job and s.links.operation(s.job, name)),
    "at": Family(_entered, "time", is_steady=True),
    "seconds": Family(_spent, "count"),
    "request": Family(_request, "any", is_steady=True),
    "account": Family(_account, "any", of_job=False),
}


def row_of(fact: str) -> Fact | Family:
    """The row of a fact. Raises KeyError for one that does not exist."""
    return FACTS[fact] if fact in FACTS else FAMILIES[fact.partition(".")[0]]
