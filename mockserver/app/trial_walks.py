"""What a trial does beside the life of one job: lists, moves, updates, quirks, scenarios, trigger values.

Each walk begins in a sandbox without jobs, and notes what no client could do.
"""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from math import inf
from typing import Any

from mockserver import pointers
from mockserver.app.trial import Trial
from mockserver.app.trial_reply import UNREAD, TrialReply
from mockserver.contract import Operation
from mockserver.jobs import PlannedJob
from mockserver.live.requests import Sample, plain, requests_of_examples
from mockserver.loader.source import BEHAVIOR
from mockserver.notation import bare
from mockserver.timeline import entries, following

_JOBS = 3
_PAGES = 8
"""So many jobs are made for a list, and so many pages are followed: more mean that it never ends."""
_STATES = 6
"""In so many states of a job its moves are tried."""


async def lists(trial: Trial) -> None:
    """A list shows the jobs there are, by the state that they have, and its pages lead to all of them."""
    for operation in trial.of("list"):
        paging = operation.paging
        trial.renew()
        jobs = [each for _ in range(_JOBS) if (each := await new_job(trial, operation.resources[0])) is not None]
        standing = [job for job in jobs if not paging or not paging.states or state_of(job) in paging.states]
        if paging is None or not standing or len({job.id for job in jobs}) < _JOBS or _has_path(operation):
            continue
        await _filter(trial, operation, standing[-1])
        await _pages(trial, operation, standing)


def _has_path(operation: Operation) -> bool:
    return bool(operation.names)


def state_of(job: PlannedJob) -> str:
    """The state in which a job began."""
    return job.status(job.created).state


def _shown(trial: Trial, operation: Operation) -> Iterator[Sample]:
    return requests_of_examples(trial.contract, operation)


async def new_job(
    trial: Trial, resource: str, requests: Callable[[Trial, Operation], Iterable[Sample]] = _shown
) -> PlannedJob | None:
    """A new job of a resource, by the first of the requests to an operation that is taken: by default its examples."""
    for operation in trial.of("create"):
        if (
            operation.resources[0] == resource
            and (job := await _created(trial, requests(trial, operation))) is not None
        ):
            return job
    return None


async def _created(trial: Trial, requests: Iterable[Sample]) -> PlannedJob | None:
    for request in requests:
        before = await trial.newest(request.operation)
        await trial.ask(request)
        job = await trial.newest(request.operation)
        if job is not None and (before is None or before.id != job.id):
            return job
    return None


async def _filter(trial: Trial, operation: Operation, job: PlannedJob) -> None:
    for rule in operation.paging.filters if operation.paging else ():
        where, _, name = rule.place.partition(".")
        if rule.meaning == "state" and where == "query":
            reply = await trial.ask(plain(operation, None, **{name: state_of(job)}))
            if reply.status >= 300 or job.id not in _texts(reply):
                sentence = f"{operation.id} does not show a job in the state {state_of(job)!r} when {name} asks for it."
                trial.say(BEHAVIOR, pointers.join("/operations", operation.id, "parameters"), sentence)


async def _pages(trial: Trial, operation: Operation, jobs: Sequence[PlannedJob]) -> None:
    """From the first page on, as each says where the next one is."""
    paging = operation.paging
    assert paging is not None, "this is a list"
    way = next((w for w in ("token", "cursor", "after", "page", "offset") if w in paging.places), None)
    at = next((at for at, value in paging.page.items() if value.fact == "page.next"), None)
    limit, lead = paging.places.get("limit", ""), paging.places.get(way or "", "")
    if at is None or way is None or not (limit.startswith("query.") and lead.startswith("query.")):
        return
    query, met = {limit[6:]: "1"}, list[str]()
    for _ in range(_PAGES):
        reply = await trial.ask(plain(operation, None, **query))
        texts = _texts(reply)
        met += [job.id for job in jobs if job.id in texts and reply.status < 300][:1]
        next_page = pointers.get(reply.json, at)
        if reply.status >= 300 or next_page in (None, pointers.MISSING, ""):
            break
        query = {**query, lead[6:]: bare(next_page)}
    if sorted(met) != sorted(job.id for job in jobs):
        sentence = (
            f"the pages of {operation.id} show {len(set(met))} of {len(jobs)} jobs, {len(met)} times ({reply.why})."
        )
        trial.say(BEHAVIOR, pointers.join("/operations", operation.id), sentence)


def _texts(reply: TrialReply) -> set[str]:
    return {str(value) for _, value in pointers.walk(reply.json) if isinstance(value, str | int)}


async def moves(trial: Trial) -> None:
    """A move that is answered with success leaves its job where it says, in whichever state it finds that."""
    for operation in trial.of("move"):
        for nth in range(_STATES) if operation.names_in_url and not operation.shared else ():
            trial.renew()
            job = await new_job(trial, operation.resources[0])
            if job is None or not _comes_to(trial, job, nth):
                break
            await _moved(trial, operation, job)


def _comes_to(trial: Trial, job: PlannedJob, nth: int) -> bool:
    """Whether time has led a job to that state, counted from 0, of those that it comes to by itself."""
    coming = [*islice((at for at, _ in entries(job.plan, job.created, ()) if at < inf), nth + 1)]
    if nth < len(coming):
        trial.sandbox.clock.move_to(coming[nth])
    return nth < len(coming) and not trial.side.is_gone(job, trial.sandbox.clock.now())


async def _moved(trial: Trial, operation: Operation, job: PlannedJob) -> None:
    before = job.status(trial.sandbox.clock.now()).state
    reply = await trial.ask(next(requests_of_examples(trial.contract, operation, job.id), plain(operation, job.id)))
    moved = next((record for record in await trial.jobs() if record.id == job.id), None)
    state = trial.side.planned(moved).status(trial.sandbox.clock.now()).state if moved else ""
    expected = operation.leads(before) or before
    if reply.example == "not_found" or (reply.status < 300 and operation.to and state != expected):
        sentence = f"{operation.id} is answered with {reply.example}, and its job is {state}, not {expected}."
        trial.say(BEHAVIOR, pointers.join("/operations", operation.id), sentence)
    elif (
        moved
        and moved.moves
        and reply.status < 300
        and state != before
        and state in trial.contract.resources[job.resource].timed
    ):
        await _run(trial, trial.side.planned(moved))


async def _run(trial: Trial, job: PlannedJob) -> None:
    """The run that a move has begun comes to its end, which clients can see."""
    end, coming = job.outcome, following(job.plan, job.created, job.moves)
    at = next((at for at, state in coming if state == end and at < inf), None)
    if at is not None:
        trial.sandbox.clock.move_to(at)
        await trial.at_end(job)


async def updates(trial: Trial) -> None:
    """What an update says anew is kept."""
    for operation in trial.of("update"):
        trial.renew()
        job = await new_job(trial, operation.resources[0])
        if job is None or operation.id_index is None or operation.shared:
            continue
        for example in requests_of_examples(trial.contract, operation, job.id):
            reply = await trial.ask(example)
            newest = await trial.side.state.newest(trial.contract.name, 1)
            values = (newest[0].kept or {}) if newest else {}
            lost = [
                at
                for at in operation.sets
                if pointers.get(example.values, at) is not pointers.MISSING and at not in values
            ]
            if reply.example in ("not_found", *UNREAD) or (reply.status < 300 and lost):
                failure = f"does not keep {', '.join(lost)}" if reply.status < 300 else reply.why
                sentence = f"{operation.id} is answered with {reply.example}, and {failure}."
                trial.say(BEHAVIOR, pointers.join("/operations", operation.id), sentence)


def with_value(request: Sample, place: str, value: Any) -> Sample:
    """The request with a value at a pointer into its body, and the objects that lead there, if it can hold them."""
    *above, name = pointers.split(place)
    values = copy.deepcopy(request.values)
    parent = values
    for part in above:
        parent = parent.setdefault(part, {}) if isinstance(parent, dict) else None
    if not isinstance(parent, dict):
        return request
    parent[name] = value
    return replace(request, values=values)


async def quirks(trial: Trial) -> None:
    """Each operation answers with every quirk switched."""
    for quirk in trial.contract.quirks.values():
        trial.renew()
        trial.side.quirk(quirk.name, not quirk.default)
        await _lives(trial, pointers.join("/quirks", quirk.name))


async def scenarios(trial: Trial) -> None:
    """Each scenario of the contract's own can be played."""
    for name in (scenario.name for scenario in trial.contract.scenarios.values() if not scenario.is_standard):
        trial.renew()
        trial.side.play(name)
        trial.without_faults()  # they break what is tried here, and are judged elsewhere
        await _lives(trial, pointers.join("/scenarios", name))


async def _lives(trial: Trial, at: str) -> None:
    for operation in trial.of("create"):
        for example in requests_of_examples(trial.contract, operation):
            _judge(trial, at, operation, await trial.ask(example))
        job = await trial.newest(operation)
        for show in trial.of("show") if job is not None else ():
            if job is not None and job.resource in show.resources and show.id_index is not None and not show.shared:
                path = {n: job.id if i == show.id_index else "x" for i, n in enumerate(show.names)}
                _judge(trial, at, show, await trial.ask(Sample(show, path, {})))


def _judge(trial: Trial, at: str, operation: Operation, reply: TrialReply) -> None:
    """An answer that the contract has no example for is a mistake of ours or of the contract."""
    if reply.status >= 500 and reply.example not in operation.examples:
        trial.say(BEHAVIOR, at, f"{operation.id} breaks with it: {reply.status} {reply.why}.")


async def triggers(trial: Trial) -> None:
    """The values that a contract listens for can be sent."""
    for match in trial.contract.matches:
        place, values = match.exact or ("", ())
        for name in sorted(match.operations) if place else ():
            operation = trial.contract.operations[name]
            for value in values:
                trial.renew()
                replies = [await trial.ask(request) for request in _triggered(trial, operation, place, value)]
                if replies and all(reply.example in UNREAD for reply in replies):
                    sentence = f"the value {value!r} of {place} cannot be sent to {name}: {replies[0].why}."
                    remedy = "Let the schema of the request allow it, or listen for another value."
                    trial.say(BEHAVIOR, match.said, sentence, remedy)


def _triggered(trial: Trial, operation: Operation, place: str, value: Any) -> Iterator[Sample]:
    for request in requests_of_examples(trial.contract, operation) if place.count("/") == 1 else ():
        if isinstance(request.values, Mapping) and place[1:] not in request.parts:  # of a file the value is its name
            yield with_value(request, place, value)


WALKS: Sequence[Callable[[Trial], Awaitable[None]]] = (
    lists,
    moves,
    updates,
    quirks,
    scenarios,
    triggers,
)
