"""Webhooks that are owed, as values."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import NamedTuple

from mockserver.store import Attachment, JobRecord
from mockserver.webhooks.attempt import DeliveryAttempt


class OwedWebhook(NamedTuple):
    """One webhook of one job, with what became of it so far; `n` is its place among those that are listed, from 1 on.

    `account` is empty where nobody has one. `entry` is the number of the request that caused it. `state` is the one
    whose coming it tells of, `due` when that comes; without a `state` it tells of the job's end. `fault` is the one
    that it meets; whether one is met was found out where it `is_met`. It `is_settled` once it was due, and goes on
    telling of that. `base` is what its URLs begin with. `next_at` is when it is tried next; never, where that takes a
    move of its job. It is tried only `once`, whatever its contract says. An `update` tells of a job
    that goes on.
    """

    id: str
    api: str
    webhook: str
    job: JobRecord
    account: str
    target: str
    entry: int
    attempts: tuple[DeliveryAttempt, ...] = ()
    outcome: str = "waiting"
    tries: int = 0
    fault: Attachment | None = None
    is_met: bool = False
    is_repeated: bool = False
    state: str | None = None
    due: float | None = None
    base: str = ""
    is_settled: bool = False
    endpoint: str = ""
    signed_at: float | None = None
    next_at: float | None = inf
    once: bool = False
    n: int = 0
    update: str = ""


class WebhookPage(NamedTuple):
    """Some of those that are listed, in their order; so many made room for newer ones."""

    owed: Sequence[OwedWebhook]
    dropped: int
