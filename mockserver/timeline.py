"""State and progress as a pure function of plan, moves and now. Knows no store, no HTTP and no clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import dropwhile, takewhile
from math import inf, ulp
from typing import Any, NamedTuple

from mockserver.curves import percent
from mockserver.lifecycle import NOTHING, Curve, Items, LifecycleState

LINEAR = Curve()
MOST_MOVES = 100
"""Of one job: a client may move it to and fro for ever, and a snapshot has room for so many."""


ErrorField = str | Mapping[str, Any] | None
"""What a failure says: a text, or a record with a `message`."""


def error_field(error: ErrorField, key: str = "message") -> Any:
    """What a failure says under a key; None when it says nothing there."""
    if isinstance(error, str):
        return error if key == "message" else None
    return None if error is None else error.get(key)


def but_told(error: ErrorField, said: ErrorField) -> ErrorField:
    """What a failure says where somebody wants it to say something else: what is not named stays."""
    if isinstance(error, str) and isinstance(said, Mapping):
        return {"message": error, **said}
    if not isinstance(error, Mapping) or said is None:
        return error if said is None else said
    return {**error, **({"message": said} if isinstance(said, str) else said)}


class TimelineStep(NamedTuple):
    """A timed state and the seconds after creation at which it ends."""

    state: str
    phase: str
    until: float


class Move(NamedTuple):
    """A change somebody asked for."""

    at: float
    state: str


class ItemPlan(NamedTuple):
    """What becomes of the items of a batch: what the contract says of them, and a number that was drawn."""

    said: Items
    seed: float


class TimelinePlan(NamedTuple):
    """What will happen to one job; `outcome` is the state after the last step.

    `delays` are the seconds after which it leaves a state by itself, wherever it comes to that; `states` says for which
    other one, and what is an end. `run_seconds` are what all running states would take, where it ends before that.
    `run` is what a move to a timed state begins, where that does not begin with the job.
    """

    steps: tuple[TimelineStep, ...]
    outcome: str
    end: str | None = None
    curve: Curve = LINEAR
    error: ErrorField = None
    result_bytes: int | None = None
    retries: int = 0
    log: tuple[tuple[float, str], ...] = ()
    states: Mapping[str, LifecycleState] = NOTHING
    delays: Mapping[str, float] = NOTHING
    items: ItemPlan | None = None
    run_seconds: float | None = None
    run: TimelinePlan | None = None

    @property
    def seconds(self) -> float:
        """Seconds from creation to the outcome."""
        return self.steps[-1].until if self.steps else 0.0


class Course(NamedTuple):
    """What the times of a job are reckoned from: its plan, its moves, and up to when they are told."""

    plan: TimelinePlan
    moves: tuple[Move, ...]
    now: float


class JobStatus(NamedTuple):
    """How a job stands: progress in whole percent, `updated` the last change of state, `ended` None before the end."""

    state: str
    progress: int
    updated: float
    ended: float | None


def status(plan: TimelinePlan, created: float, moves: tuple[Move, ...], now: float) -> JobStatus:
    """How a job stands at `now`. A move outlasts the plan: it was made while the plan was still running."""
    while moves and moves[-1].at > now:
        moves = moves[:-1]
    if moves:
        return _moved(plan, created, moves, now)
    start = ran = 0.0
    for step in plan.steps:
        # Not `now - created < step.until`: rounding would keep a job running at the very moment its end is due.
        if now < created + step.until:
            if step.phase != "running":
                progress = _running(plan.curve, ran, run_time(plan)) if ran else 0
                return JobStatus(step.state, progress, created + start, None)
            is_alone = not ran and step is plan.steps[-1] and plan.run_seconds is None
            total = step.until - start if is_alone else run_time(plan)
            progress = _running(plan.curve, ran + (now - created - start), total)
            return JobStatus(step.state, progress, created + start, None)
        if step.phase == "running":
            ran += step.until - start
        start = step.until
    ended = created + start
    at_end = JobStatus(plan.outcome, _final(plan), ended, ended if plan.end else None)
    return _later(plan, at_end, now) if plan.delays else at_end


def _moved(plan: TimelinePlan, created: float, moves: tuple[Move, ...], now: float) -> JobStatus:
    """How a job stands after its moves: where the last one has led it, or where the run is that it has begun."""
    standing, run = status(plan, created, (), moves[0].at), None
    for move in moves:
        standing = _later(plan, standing, move.at) if run is None else status(*run, (), move.at)
        run = _beginning(plan, standing, move)
        if run is None:
            standing = _entering(plan, standing, move.state, move.at)
    if run is None:
        return _later(plan, standing, now)
    standing = status(*run, (), now)
    return standing._replace(updated=moves[-1].at) if standing.state == moves[-1].state else standing


def _beginning(plan: TimelinePlan, before: JobStatus, move: Move) -> tuple[TimelinePlan, float] | None:
    """The run that a move begins, and when a job would have been created that it leads there by itself.

    None where the move leads to no timed state. What had ended before comes to success.
    """
    run, start = plan.run or plan, 0.0
    for step in run.steps:
        if step.state == move.state:
            break
        start = step.until
    else:
        return None
    if start == inf:
        return None
    origin = rest(move.at, start)  # rounding must not leave it in the state before
    return (run if before.ended is None else _anew(run)), origin


def begun_by(plan: TimelinePlan, created: float, moves: tuple[Move, ...]) -> tuple[TimelinePlan, float] | None:
    """The run that the last move began, likewise."""
    if all(step.state != moves[-1].state for step in (plan.run or plan).steps):
        return None
    return _beginning(plan, status(plan, created, moves[:-1], moves[-1].at), moves[-1])


def _anew(run: TimelinePlan) -> TimelinePlan:
    """A run that comes to success, whatever the first one came to."""
    good = next((state.name for state in run.states.values() if state.end == "success"), None)
    return run if good is None else run._replace(outcome=good, end="success", error=None, run_seconds=None)


def _entering(plan: TimelinePlan, before: JobStatus, state: str, at: float) -> JobStatus:
    """How a job stands that comes to be in a state; `ended` is the first end that it comes to."""
    state_there = plan.states.get(state)
    is_end = state_there is None or state_there.end is not None
    return JobStatus(state, before.progress, at, before.ended if before.ended is not None or not is_end else at)


def _later(plan: TimelinePlan, standing: JobStatus, now: float) -> JobStatus:
    """How a job stands that was in a state and may have left it by itself."""
    while standing.state in plan.delays and now >= (at := standing.updated + plan.delays[standing.state]):
        standing = _entering(plan, standing, plan.states[standing.state].then, at)
    return standing


def with_move(moves: tuple[Move, ...], move: Move) -> tuple[Move, ...]:
    """With one move more. Of very many, those are kept that something can be told of: of each state the last one."""
    if len(moves) < MOST_MOVES:
        return (*moves, move)
    last, half = {earlier.state: earlier for earlier in moves}, len(moves) // 2
    few = [earlier for n, earlier in enumerate(moves) if n == 0 or n >= half or earlier is last[earlier.state]]
    return (*few, move)


def entered(plan: TimelinePlan, created: float, moves: tuple[Move, ...], state: str, now: float) -> float | None:
    """When a job came to be in a state last; None when it has not been in it by now."""
    moments = [at for at, name in entries(plan, created, moves) if at <= now and name == state]
    return moments[-1] if moments else None


def entries(plan: TimelinePlan, created: float, moves: tuple[Move, ...]) -> Iterator[tuple[float, str]]:
    """When a job comes to be in which state, in order: by time, by moves, and for it leaves others by themselves."""
    at, until = created, moves[0].at if moves else inf
    for step in plan.steps:
        if at <= until:
            yield at, step.state
        at = created + step.until
    if at <= until and at < inf:
        yield from _chain(plan, at, plan.outcome, until)
    for count in range(1, len(moves) + 1):
        until = moves[count].at if count < len(moves) else inf
        yield from _led(plan, created, moves[:count], until)


def following(plan: TimelinePlan, created: float, moves: tuple[Move, ...]) -> Iterator[tuple[float, str]]:
    """The state that the last move leads to, and those that follow it by themselves."""
    return _led(plan, created, moves, inf)


def _led(plan: TimelinePlan, created: float, moves: tuple[Move, ...], until: float) -> Iterator[tuple[float, str]]:
    (at, state), run = moves[-1], begun_by(plan, created, moves)
    if run is None:
        yield from _chain(plan, at, state, until)
        return
    coming = dropwhile(lambda entry: entry[1] != state, entries(*run, ()))
    next(coming)
    yield at, state
    yield from takewhile(lambda entry: entry[0] <= until, coming)


def _chain(plan: TimelinePlan, at: float, state: str, until: float) -> Iterator[tuple[float, str]]:
    """A state, and those that follow it by themselves before somebody moves the job."""
    yield at, state
    while state in plan.delays and (at := at + plan.delays[state]) <= until and at < inf:
        state = plan.states[state].then
        yield at, state


def rest(total: float, part: float) -> float:
    """What `part` lacks to `total`, so that their sum, rounded as it is, does not pass `total`.

    All are finite. One step of the largest of them is enough: each of the two roundings moves it by half of that.
    """
    difference = total - part
    return difference - ulp(max(abs(total), abs(part), abs(difference))) if difference + part > total else difference


def spent(plan: TimelinePlan, created: float, moves: tuple[Move, ...], phase: str, now: float) -> float:
    """How many seconds of a phase have passed by now."""
    until, at, total = min(now, moves[0].at) if moves else now, created, 0.0
    for step in plan.steps:
        end = created + step.until
        if step.phase == phase:
            total += max(0.0, min(until, end) - at)
        at = end
    for count, move in enumerate(moves, 1):
        run = begun_by(plan, created, moves[:count]) if move.at < now else None
        if run is not None:
            until = min(now, moves[count].at) if count < len(moves) else now
            total += spent(*run, (), phase, until) - spent(*run, (), phase, move.at)
    return total


def next_change(plan: TimelinePlan, created: float, moves: tuple[Move, ...], now: float) -> float | None:
    """When a job changes state by itself next; None when it will not."""
    return next((at for at, _ in entries(plan, created, moves) if now < at < inf), None)


def run_time(plan: TimelinePlan) -> float:
    """The seconds of all running states together."""
    if plan.run_seconds is not None:
        return plan.run_seconds
    return _ran(plan)


def _ran(plan: TimelinePlan) -> float:
    """The seconds for which it runs."""
    total = start = 0.0
    for step in plan.steps:
        if step.phase == "running":
            total += step.until - start
        start = step.until
    return total


def _running(curve: Curve, elapsed: float, total: float) -> int:
    return min(99, int(percent(curve, max(0.0, elapsed) / total))) if total else 0


def _final(plan: TimelinePlan) -> int:
    if plan.end == "success":
        return 100
    if plan.run_seconds is not None:
        return _running(plan.curve, _ran(plan), plan.run_seconds)
    has_run = any(step.phase == "running" for step in plan.steps)
    return min(99, int(percent(plan.curve, 1.0))) if has_run else 0
