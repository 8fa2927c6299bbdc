"""Facts: what a binding can show, one row each, and how one is read off a subject.

A new fact is a row of FACTS, a new family (`result.NAME`) one of FAMILIES, what an array is made of one of ROWS. Knows
no HTTP, and not how a fact is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from mockserver import items
from mockserver.draws import derived
from mockserver.items import Item
from mockserver.jobs import PlannedJob
from mockserver.lifecycle import PARENT
from mockserver.log_lines import LogLine, lines
from mockserver.message import ROWS as MESSAGE
from mockserver.message import Message
from mockserver.negotiation import ACCEPTS
from mockserver.ratelimit import seconds_left
from mockserver.subject import Subject, telling
from mockserver.timeline import entered, error_field, spent
from mockserver.uploaded import RECEIVED, UPLOADED, md5, uploaded

Reader = Callable[["Subject"], Any]
FactKind = Literal["text", "key", "time", "percent", "number", "count", "truth", "cursor", "any", "id", "fields"]
"""What an example may show: `key` an id of a resource, a number where its ids are digits, `count` a number or one as
text, `number` no text, `any` whatever the request said, `id` an id of any form, `cursor` a text or a number, by the
parameters of the list, `fields` an object by the names of fields, what is wrong with each as a text or a list of texts.
"""


def _of_job(read: Callable[[PlannedJob], Any]) -> Reader:
    return lambda s: None if s.job is None else read(s.job)


def _of_status(index: int) -> Reader:
    return lambda s: None if s.status is None else s.status[index]


def _duration_ms(s: Subject) -> int | None:
    seconds = _duration(s)
    return None if seconds is None else round(seconds * 1000)


def _duration(s: Subject) -> float | None:
    if s.job is None or s.status is None:
        return None
    return round((s.status.ended or s.now) - s.job.created, 6)


def _ahead(s: Subject) -> int | None:
    """How many stand before a job in its queue: one leaves it each second, and the last of them lets it begin."""
    if s.job is None or s.status is None:
        return None
    plan, created = s.job.run
    waits = [created + step.until for step in plan.steps if step.phase == "queued"]
    is_waiting = any(step.state == s.status.state and step.phase == "queued" for step in plan.steps)
    return max(0, int(waits[-1] - s.now)) if waits and is_waiting else 0


def _lines(s: Subject) -> Sequence[LogLine]:
    """The lines that a job has written by now; none while it waits."""
    if s.job is None or s.status is None:
        return ()
    return lines(*s.job.run, s.status.progress, s.now)


def _items(s: Subject) -> Sequence[Item]:
    """The items of a batch that are done."""
    return () if s.job is None or s.status is None else items.items(s.job, s.status)


def _every_item(s: Subject) -> Sequence[Item]:
    """All items of a batch."""
    return () if s.job is None or s.status is None else items.every(s.job, s.status)


def _counted(what: str) -> Reader:
    """How many items there are, are done, are left, or came to an outcome."""

    def read(s: Subject) -> int | None:
        if s.job is None or s.status is None:
            return None
        total = len(items.job_inputs(s.job))
        if what in ("total", "done", "left"):
            finished = items.done(s.job, s.status)
            return {"total": total, "done": finished, "left": total - finished}[what]
        return items.counts(s.job, s.status).get(what, 0)

    return read


def _item(what: str) -> Reader:
    """What was said of the item whose row it is, its id, its place or its outcome."""

    def read(s: Subject) -> Any:
        if not isinstance(s.row, Item):
            return None
        if what == "body" or what[:1] == "/":
            return items.stated(s.row.value, what)
        return getattr(s.row, what, None)

    return read


def _log(s: Subject) -> str | None:
    return None if s.job is None else "".join(f"{line.text}\n" for line in _lines(s))


def _entered(state: str) -> Reader:
    def read(s: Subject) -> float | None:
        if s.job is None:
            return None
        plan, moves, now = s.job.course(s.now)
        return entered(plan, s.job.created, moves, state, now)

    return read


def _spent(phase: str) -> Reader:
    def read(s: Subject) -> float | None:
        if s.job is None:
            return None
        plan, moves, now = s.job.course(s.now)
        return round(spent(plan, s.job.created, moves, phase, now), 6)

    return read


def _error(key: str) -> Reader:
    """The plan knows what a failure will say from the beginning; clients see it once the job came to that."""

    def read(s: Subject) -> Any:
        if s.job is None or s.status is None:
            return None
        if s.status.state != s.job.outcome:
            return None
        return error_field(s.job.plan.error, key)

    return read


def _of_webhook(read: Callable[[Message], Any]) -> Reader:
    return lambda s: None if s.webhook is None else read(s.webhook)


PAGE: Mapping[str, FactKind] = {
    **dict.fromkeys(("limit", "count", "total", "pages", "number", "offset", "start", "end"), "count"),
    **dict.fromkeys(("first", "last", "url", "next_url", "previous_url", "first_url", "last_url", "link"), "text"),
    **dict.fromkeys(("next", "previous"), "cursor"),
    "more": "truth",
}
"""What a list tells of its page."""


def _of_page(name: str) -> Reader:
    return lambda s: None if s.page is None else getattr(s.page, name)


class Fact(NamedTuple):
    """One row: how it is read, what it is, whether it is of a job, and whether it is the same while its job is."""

    read: Reader
    kind: FactKind = "text"
    of_job: bool = True
    is_steady: bool = True


FACTS: Mapping[str, Fact] = {
    "id": Fact(_of_job(lambda j: j.id), "key"),
    "state": Fact(_of_status(0)),
    "created": Fact(_of_job(lambda j: j.created), "time"),
    "updated": Fact(_of_status(2), "time"),
    "ended": Fact(_of_status(3), "time"),
    "duration": Fact(_duration, "count", is_steady=False),
    "duration_ms": Fact(_duration_ms, "count", is_steady=False),
    "progress": Fact(_of_status(1), "percent"),
    "error": Fact(_error("message")),
    "retries": Fact(_of_job(lambda j: j.plan.retries), "number"),
    "produced": Fact(_of_job(lambda j: j.produced)),
    "parent.id": Fact(_of_job(lambda j: None if j.kept is None else j.kept.get(PARENT))),
    "queue.ahead": Fact(_ahead, "count", is_steady=False),
    "log": Fact(_log),
    "log.text": Fact(lambda s: s.row and s.row.text),
    "log.at": Fact(lambda s: s.row and s.row.at, "time"),
    "credits_before": Fact(_of_job(lambda j: j.credits_before), "count"),
    "cost": Fact(lambda s: s.cost, "count"),
    "item.id": Fact(_item("id"), "id", is_steady=True),
    ACCEPTS: Fact(lambda s: s.asked and s.asked.accepts, of_job=False, is_steady=False),
    "call.id": Fact(lambda s: s.asked and s.asked.ticket.hex(), "id", of_job=False, is_steady=False),
    "account.credits": Fact(lambda s: s.credits, "count", of_job=False, is_steady=False),
    "token": Fact(lambda s: s.token, of_job=False),
    "expires_in": Fact(lambda s: s.expires_in, "number", of_job=False),
    **{f"page.{name}": Fact(_of_page(name), kind, of_job=False) for name, kind in PAGE.items()},
    "problem.why": Fact(lambda s: s.why, of_job=False),
    "problem.field": Fact(lambda s: s.field, of_job=False),
    "problem.fields": Fact(lambda s: {s.field: s.why} if s.field else None, "fields", of_job=False),
    "secret": Fact(telling(lambda s: s.links and s.job and s.links.secret(s.job)), is_steady=False),
    **{
        f"webhook.{name}": Fact(_of_webhook(read), kind, of_job=False, is_steady=False)
        for name, (read, kind) in MESSAGE.items()
    },
    **{f"received.{name}": Fact(read, kind, is_steady=False) for name, (read, kind) in RECEIVED.items()},
    "limit.limit": Fact(lambda s: s.hit and s.hit.limit.limit, "count", of_job=False, is_steady=False),
    "limit.remaining": Fact(lambda s: s.hit and s.hit.remaining, "count", of_job=False, is_steady=False),
    "limit.reset": Fact(lambda s: s.hit and seconds_left(s.hit), "count", of_job=False, is_steady=False),
}


def _link(how: str, full: bool) -> Callable[[str], Reader]:
    def family(name: str) -> Reader:
        return lambda s: s.links and s.job and getattr(s.links, how)(s.job, name, full, s.told_at)

    return family


def _upload(named: str) -> Reader:
    """The URL of an uploaded part, or what is known of its bytes."""
    part, _, what = named.partition(".")
    return uploaded(part, what) if what else _link("upload", True)(part)


def _called(place: str) -> Reader:
    return lambda s: None if s.asked is None else s.asked.at(place)


def _request(pointer: str) -> Reader:
    return lambda s: None if s.job is None or s.job.kept is None else s.job.kept.get(pointer)


def _account(key: str) -> Reader:
    if key in ACCOUNT_FACTS:
        return ACCOUNT_FACTS[key]
    return lambda s: None if s.account is None else s.account.facts.get(key)


ACCOUNT_FACTS: Mapping[str, Reader] = {
    "id": lambda s: s.account and s.account.id,
    "webhook_secret": telling(lambda s: (s.webhook and s.webhook.secret) or (s.account and s.account.webhook_secret)),
    "jwks": lambda s: s.links and s.links.keys(s.account, s.told_at),
    "webhook_public_key": lambda s: s.links and s.account and s.links.public_key(s.account),
}
"""What every account has, whatever its contract says of it."""


class Family(NamedTuple):
    """One row for many facts: `read` makes the reader of the one that is named behind the dot."""

    read: Callable[[str], Reader]
    kind: FactKind = "text"
    of_job: bool = True
    is_steady: bool = False  # links expire, and an account's facts are not the job's


FAMILIES: Mapping[str, Family] = {
    "result": Family(_link("result", True)),
    "result_path": Family(_link("result", False)),
    "upload": Family(_upload),
    "upload_path": Family(_link("upload", False)),
    "upload_md5": Family(md5),
    "link": Family(lambda name: lambda s: s.links and s.job and s.links.operation(s.job, name, s.told_at)),
    "url": Family(lambda name: lambda s: s.links and s.job and s.links.operation(s.job, name, s.told_at)),
    "produced": Family(lambda name: lambda s: s.links and s.job and s.links.produced(s.job, name, s.told_at)),
    "items": Family(_counted, "count", is_steady=True),
    "item": Family(_item, "any", is_steady=True),
    "at": Family(_entered, "time", is_steady=True),
    "seconds": Family(_spent, "count"),
    "error": Family(_error, "any", is_steady=True),
    "request": Family(_request, "any", is_steady=True),
    "call": Family(_called, "any", of_job=False),
    "account": Family(_account, "any", of_job=False),
}

ROWS: Mapping[str, Callable[[Subject], Sequence[Any]]] = {"log": _lines, "items": _items, "all-items": _every_item}
"""Of what an array can be made, an element for each row."""


def fact_reader(fact: str, salt: str = "") -> Reader:
    """What reads a fact off a subject, None when it is absent; another id than its own with a `salt`."""
    head, _, rest = fact.partition(".")
    if fact == "id" and salt:
        return lambda s: derived(s.kind, s.job.id, salt)  # type: ignore[union-attr]
    return FACTS[fact].read if fact in FACTS else FAMILIES[head].read(rest)


def row_of(fact: str) -> Fact | Family:
    """The row of a fact. Raises KeyError for one that does not exist."""
    if fact in FACTS:
        return FACTS[fact]
    head, _, rest = fact.partition(".")
    what = rest.partition(".")[2] if head == "upload" else ""
    return Family(_upload, UPLOADED[what].kind, is_steady=True) if what else FAMILIES[head]
