"""Which updates of a running job a webhook tells of: lines of its log and progress, as often as it says. Sends nothing.

They are those of its life as it was planned: what is moved meanwhile comes to none of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import NamedTuple

from mockserver.contract import Webhook
from mockserver.job_events import PROGRESS, events, marks
from mockserver.jobs import PlannedJob
from mockserver.subject import Subject
from mockserver.values import reader


class JobUpdate(NamedTuple):
    """What happens `at` a moment, while a job is in a `state`; `name` is the event's, with its number behind a dot."""

    at: float
    state: str
    name: str


def subscribed(webhook: Webhook, job: PlannedJob, names: frozenset[str]) -> frozenset[str]:
    """Of these states and events all, or those that the request asked for by the vendor's names."""
    wanted_names = None if webhook.wanted is None else reader(webhook.wanted)(Subject(job.created, job=job))
    return (
        names
        if not isinstance(wanted_names, list)
        else frozenset(n for n in names if webhook.event_of(n) in wanted_names)
    )


def updates(job: PlannedJob, webhook: Webhook) -> Iterator[JobUpdate]:
    """Those that are wanted, until the job's end; one that comes too soon behind another is left out."""
    rule, names = webhook.updates, subscribed(webhook, job, webhook.updates.names)
    every, last = rule.every if PROGRESS in names else 0, -inf
    for event in events(job, every, marks(job, every), inf) if names else ():
        status = job.status(event.at)
        if event.is_state or event.name not in names or status.ended is not None or event.at < last + rule.throttle:
            continue
        last = event.at
        yield JobUpdate(event.at, status.state, f"{event.name}.{event.n}")


def event_in(update: str) -> str:
    """The name of its event; empty where it is none."""
    return update.partition(".")[0]
