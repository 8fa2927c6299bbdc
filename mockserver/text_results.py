"""Results that are written from what is known of their job: texts, JSON, lines, pages, files of the contract.

A closed table; knows no HTTP. A writer gives None where there is no such result.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from typing import Protocol

from mockserver.bindings import of_template
from mockserver.contract import Contract
from mockserver.items import items
from mockserver.jobs import PlannedJob
from mockserver.lifecycle import Result
from mockserver.prices import price
from mockserver.store import AccountRecord
from mockserver.subject import LinkMaker, Subject
from mockserver.templates import compile_value
from mockserver.values import reader, render


class ResultApi(Protocol):
    """Whose results they are: an API of a sandbox."""

    contract: Contract

    @property
    def links(self) -> LinkMaker: ...
    def account_of(self, identity: str) -> AccountRecord | None: ...


_WORDS = ("A", "lighthouse", "at", "dusk", "sends", "its", "light", "over", "the", "quiet", "sea.")


def subject_of(api: ResultApi, job: PlannedJob, now: float) -> Subject:
    """What the values of a result are read from: its job as it stands."""
    resource = api.contract.resources[job.resource]
    return Subject(
        now, job=job, status=job.status(now), account=api.account_of(job.account), links=api.links,
        kind=resource.id, cost=price(resource, job),
    )  # fmt: skip


def _text(api: ResultApi, job: PlannedJob, result: Result, now: float) -> bytes | None:
    """What the value `text` says, else some words in an order that the job's id draws."""
    if result.text is not None:
        value = reader(result.text)(subject_of(api, job, now))
        return None if value is None else (value if isinstance(value, str) else str(value)).encode("utf-8", "replace")
    first = sum(job.id.encode()) % len(_WORDS)
    return (" ".join([*_WORDS[first:], *_WORDS[:first]]) + "\n").encode()


def _json(api: ResultApi, job: PlannedJob, result: Result, now: float) -> bytes | None:
    """The example that is named after the result, with what is bound in it."""
    resource = api.contract.resources[job.resource]
    name = f"result.{result.name}"
    template = compile_value(resource.templates[name], of_template(resource, name))
    return render(template, subject_of(api, job, now))


def _lines(api: ResultApi, job: PlannedJob, result: Result, now: float) -> bytes | None:
    """A line for each item that is done and came to one of the outcomes; no lines, no result."""
    resource, subject = api.contract.resources[job.resource], subject_of(api, job, now)
    assert subject.status is not None, "it has a job"
    names = {each: f"item.{each}" for each in (result.items or (resource.items.names if resource.items else ()))}
    compiled = {
        outcome: compile_value(resource.templates[name], of_template(resource, name)) for outcome, name in names.items()
    }
    lines = []
    for item in items(job, subject.status):
        if item.outcome in compiled:
            subject.row = item
            lines.append(render(compiled[item.outcome], subject) + b"\n")
    return b"".join(lines) or None


def _file(api: ResultApi, job: PlannedJob, result: Result, now: float) -> bytes | None:
    """A file of the contract's folder."""
    return result.data


def _page(api: ResultApi, job: PlannedJob, result: Result, now: float) -> bytes | None:
    """A page that shows another result."""
    url = html.escape(api.links.result(job, result.of, True, now) or "", quote=True)
    title = html.escape(f"{api.contract.title} · {job.id}")
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><body>'
        f'<h1>{title}</h1><video controls src="{url}"></video><p><a href="{url}">Download</a></p></body></html>\n'
    ).encode()


WRITERS: Mapping[str, Callable[[ResultApi, PlannedJob, Result, float], bytes | None]] = {
    "text": _text,
    "json": _json,
    "jsonl": _lines,
    "file": _file,
    "page": _page,
}


def written_size(api: ResultApi, job: PlannedJob, result: Result, now: float) -> int | None:
    """How many bytes a result has; None where it has to be drawn, and where there is none."""
    padded = job.plan.result_bytes if result.make != "page" else None
    data = WRITERS[result.make](api, job, result, now) if result.make in WRITERS else None
    if data is None:
        return padded if result.make not in WRITERS else None
    return max(len(data), padded or 0)
