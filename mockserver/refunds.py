"""Credits that are given back when jobs come to certain states: how many, and when. Knows no store and no HTTP.

That follows from plan, moves and time, as all of a job does. It is told anew with each change of the job.
"""

from __future__ import annotations

from math import inf

from mockserver.jobs import PlannedJob
from mockserver.lifecycle import Price, Resource
from mockserver.prices import price, worth
from mockserver.state.records import Refund
from mockserver.store import AccountRecord
from mockserver.subject import Subject
from mockserver.timeline import entries


def refund_of(resource: Resource, job: PlannedJob, account: AccountRecord | None, now: float) -> Refund:
    """What a job's account is given back of its price, at `now` or later; nothing, at no time, where nothing is."""
    for moment in (now, *job.moments(now)):
        if share := _share(resource, job, moment):
            return Refund(job.id, job.account, moment, _credits(resource, job, share), _most(account))
    return Refund(job.id, job.account)


def adopted(refund: Refund, now: float) -> Refund:
    """The same of a job that comes from elsewhere: what was due there by now was given back there."""
    return refund._replace(credits=0.0) if refund.at <= now else refund


def _share(resource: Resource, job: PlannedJob, now: float) -> float:
    """The share of its price that a job has been given back by now."""
    plan, moves, until = job.course(now)
    coming = entries(plan, job.created, moves)
    due = ((at, resource.refunds[state]) for at, state in coming if at <= until and state in resource.refunds)
    return next((share for at, rule in due if (share := _reckoned(resource, job, rule, at))), 0.0)


def _reckoned(resource: Resource, job: PlannedJob, rule: float | Price, at: float) -> float:
    """A share as it is said, or by how the job stood when it came to that state; no more than all."""
    if isinstance(rule, int | float):
        return rule
    return min(worth(rule, Subject(at, job=job, status=job.status(at), kind=resource.id)), 1.0)


def _credits(resource: Resource, job: PlannedJob, share: float) -> float:
    """Nothing where it did not cost anything: the account had no credits then."""
    return 0.0 if job.credits_before is None else round(share * price(resource, job), 6)


def _most(account: AccountRecord | None) -> float:
    """An account that shows credits without end has no more than it is full with."""
    return inf if account is None or account.credits is not None or account.full is None else account.full
