"""What jobs of a trial cost, what is given back of that, and how long they may last: is it what their requests say?

A part of the trial. Knows no command line.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from mockserver import pointers
from mockserver.app.trial import Trial
from mockserver.check.lifecycles import moved_to
from mockserver.contract import Contract
from mockserver.jobs import PlannedJob
from mockserver.lifecycle import Resource, Value
from mockserver.live.requests import requests_of_examples
from mockserver.loader.source import BEHAVIOR
from mockserver.prices import price
from mockserver.subject import Subject
from mockserver.values import reader, seconds_of


async def _jobs(trial: Trial, resource: Resource) -> AsyncIterator[tuple[str, PlannedJob]]:
    """A job of each request that the contract shows, with the operation that created it."""
    for operation in trial.of("create"):
        for request in (
            requests_of_examples(trial.contract, operation) if operation.resources[0] == resource.name else ()
        ):
            before = await trial.newest(operation)
            await trial.ask(request)
            job = await trial.newest(operation)
            if job is not None and (before is None or before.id != job.id):
                yield operation.id, job


async def prices(trial: Trial) -> None:
    """A price that is read off requests is one for some of them."""
    for resource in (each for each in trial.contract.resources.values() if each.cost_of):
        trial.renew()
        paid = [price(resource, job) async for _, job in _jobs(trial, resource)]
        if paid and not any(paid):
            sentence = f"{resource.name} costs nothing by any example of a request: what its price reads is no number."
            remedy = (
                'Read a number, add a table of what requests say ("of") or an "else", or show a request that says it.'
            )
            trial.say(BEHAVIOR, pointers.join("/resources", resource.name, "cost"), sentence, remedy)


async def refunds(trial: Trial) -> None:
    """What is given back in a state is given back: some job comes to it."""
    for resource in trial.contract.resources.values():
        reached = {*_drawn(trial.contract, resource)} if resource.refunds else set()
        for state in resource.refunds:
            if state not in reached:
                sentence = f"no {resource.name} comes to {state!r}, so that nothing is given back there."
                remedy = "Let its run end there, or a move or a state lead there; or leave the state out."
                trial.say(BEHAVIOR, pointers.join("/resources", resource.name, "refunds"), sentence, remedy)


def _drawn(contract: Contract, resource: Resource) -> Iterator[str]:
    """The states that a resource comes to where no plan asks for others; see `check_lives` for those that it can."""
    yield resource.initial
    yield from (state.name for state in resource.states.values() if state.phase)
    yield from (state.then for state in resource.states.values() if state.then)
    runs = [resource.run, *(s.run[resource.name] for s in contract.scenarios.values() if resource.name in s.run)]
    for run in (each for each in runs if each is not None):
        yield from run.outcomes
        yield from run.within.ends if run.within is not None else ()
    yield from moved_to(contract, resource)


async def seconds(trial: Trial) -> None:
    """Where a request says how long something is there, what it says is a number of seconds."""
    for resource in trial.contract.resources.values():
        places = dict(_said_seconds(resource))
        if not places:
            continue
        trial.renew()
        jobs = [number async for number in _jobs(trial, resource)]
        for at, value in places.items():
            read_values = ((name, reader(value)(Subject(job.created, job=job, kind=resource.id))) for name, job in jobs)
            wrong = next(
                ((name, number) for name, number in read_values if number is not None and seconds_of(number) is None),
                None,
            )
            if wrong is not None:
                sentence = (
                    f"an example of a request of {wrong[0]} says {wrong[1]!r:.60}, which is no number of seconds."
                )
                remedy = 'Write it as a number, in digits or as "1h30m5s", or add a table ("of") of what requests say.'
                trial.say(BEHAVIOR, at, sentence, remedy)


def _said_seconds(resource: Resource) -> Iterator[tuple[str, Value]]:
    at = pointers.join("/resources", resource.name)
    limit = resource.run.within if resource.run is not None else None
    if limit is not None and isinstance(limit.seconds, Value):
        yield f"{at}/run/within/seconds", limit.seconds
    for state in resource.states.values():
        if state.after_of is not None:
            yield pointers.join(f"{at}/states", state.name, "after", "seconds"), state.after_of
