"""Answers that are held back because the request asks for that, or always: until the job ends or changes, or so long.

What is answered then is how the job stood at that moment of the sandbox's clock. Everything was committed before: a
client that leaves undoes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from math import inf
from typing import Any, NamedTuple

from mockserver.answers import ResponseTemplate
from mockserver.held_requests import STANDS, JobPause
from mockserver.intake import Wait
from mockserver.jobs import PlannedJob
from mockserver.operations import Call
from mockserver.operations.call import state_example
from mockserver.operations.places import value_at
from mockserver.timeline import JobStatus

FULL = "too many requests wait in this sandbox already"
ENDS = "the server ends"
_SECONDS = re.compile(r"\s*([0-9]{1,9}(?:\.[0-9]{1,20})?)\s*(ms|s|sec|seconds)?\s*", re.I)
_PREFER = re.compile(r"(?:^|[,;\s])wait(?:\s*=\s*\"?([0-9]{1,9}(?:\.[0-9]{1,20})?)\"?)?\s*(?:$|[,;\s])", re.I)


def seconds_of(value: Any, most: float) -> float:
    """How long a request wants to wait: `5`, `5s`, `500ms`, `true`, `wait=5` or `wait` among preferences; at most."""
    if isinstance(value, list):
        value = ",".join(map(str, value))
    if isinstance(value, bool) or value in ("true", "True"):
        return most if value else 0.0
    if isinstance(value, int | float):
        return min(max(float(value), 0.0), most)
    if not isinstance(value, str):
        return 0.0
    if (plain := _SECONDS.fullmatch(value)) is not None:
        return min(float(plain[1]) / (1000 if (plain[2] or "").lower() == "ms" else 1), most)
    preferred = _PREFER.search(value)
    if preferred is None:
        return 0.0
    return most if preferred[1] is None else min(float(preferred[1]), most)


class Waited(NamedTuple):
    """The answer, how long it was held in the sandbox's time, and why no longer."""

    answer: ResponseTemplate
    seconds: float = 0.0
    hint: str = ""


async def waited(call: Call, answer: ResponseTemplate, wait: Wait) -> Waited:
    """Hold an answer about a job as long as its request asks for."""
    seconds = seconds_of(value_at(call, wait.place), wait.most) if wait.place else wait.most
    if call.job is None or (wait.place and answer.status >= 400) or seconds <= 0:
        return Waited(answer)
    start, deadline = call.now, call.now + seconds
    is_over = _is_over(wait, call.job.status(start))
    call.pause = pause = call.api.sandbox.moments.pause(call.job.id)
    if pause is None:
        return Waited(answer, hint=FULL)
    job, at, hint = await _held(call, pause, is_over, deadline)
    call.now = at
    status = job.status(at)
    call.about(job, status)
    return Waited(call.example(state_example(call, job, status), job), at - start, hint)


def _is_over(wait: Wait, first: JobStatus) -> Callable[[JobStatus], bool]:
    """Whether a job that stands so is what was waited for."""
    if wait.until == "change":
        return lambda status: status.state != first.state or first.ended is not None
    return lambda status: status.ended is not None


async def _held(
    call: Call, pause: JobPause, is_over: Callable[[JobStatus], bool], deadline: float
) -> tuple[PlannedJob, float, str]:
    """The job, the moment at which the waiting ends, and why it ended before its time."""
    assert call.job is not None, "it is waited for"
    api, job, start = call.api, call.job, call.now
    while True:
        moment = min(deadline, next((at for at in (start, *job.moments(start)) if is_over(job.status(at))), inf))
        now = max(start, (await api.sandbox.read_clock()).now)
        if moment <= now:
            return job, moment, ""
        if not await pause.until(moment):
            hint = ENDS if api.sandbox.moments.is_over else STANDS
            return job, min(max(start, (await api.sandbox.read_clock()).now), moment), hint
        record = (await api.state.look_up(api.contract.name, (job.id,)))[job.id].job
        if record is None:  # it made room for newer ones
            return job, min(max(start, (await api.sandbox.read_clock()).now), moment), ""
        job = api.planned(record)
