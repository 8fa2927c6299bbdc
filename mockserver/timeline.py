"""State and progress as a pure function of plan, moves and now. Knows no store, no HTTP and no clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf, ulp
from typing import Any, NamedTuple

from mockserver.curves import percent
from mockserver.lifecycle import NOTHING, Curve, Items, State

LINEAR = Curve()
MOST_MOVES = 100
"""Of one job: a client may move it to and fro for ever, and a snapshot has room for so many."""


Told = str | Mapping[str, Any] | None
"""What a failure says: a text, or a record with a `message`."""


def told(error: Told, key: str = "message") -> Any:
    """What a failure says under a key; None when it says nothing there."""
    if isinstance(error, str):
        return error if key == "message" else None
    return None if error is None else error.get(key)


def but_told(error: Told, said: Told) -> Told:
    """What a failure says where somebody wants it to say something else: what is not named stays."""
    if isinstance(error, str) and isinstance(said, Mapping):
        return {"message": error, **said}
    if not isinstance(error, Mapping) or said is None:
        return error if said is None else said
    return {**error, **({"message": said} if isinstance(said, str) else said)}


class Step(NamedTuple):
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


class Plan(NamedTuple):
    """What will happen to one job; `outcome` is the state after the last step.

    `delays` are the seconds after which it leaves a state by itself, wherever it comes to that; `states` says for which
    other one, and what is an end. `run_seconds` are what all running states would take, where it ends before that.
    """

    steps: tuple[Step, ...]
    outcome: str
    end: str | None = None
    curve: Curve = LINEAR
    error: Told = None
    result_bytes: int | None = None
    retries: int = 0
    log: tuple[tuple[float, str], ...] = ()
    states: Mapping[str, State] = NOTHING
    delays: Mapping[str, float] = NOTHING
    items: ItemPlan | None = None
    run_seconds: float | None = None

    @property
    def seconds(self) -> float:
        """Seconds from creation to the outcome."""
        return self.steps[-1].until if self.steps else 0.0


class Course(NamedTuple):
    """What the times of a job are reckoned from: its plan, its moves, and up to when they are told."""

    plan: Plan
    moves: tuple[Move, ...]
    now: float


class Status(NamedTuple):
    """How a job stands: progress in whole percent, `updated` the last change of state, `ended` None before the end."""

    state: str
    progress: int
    updated: float
    ended: float | None


def status(plan: Plan, created: float, moves: tuple[Move, ...], now: float) -> Status:
    """How a job stands at `now`. A move outlasts the plan: it was made while the plan was still running."""
    while moves and moves[-1].at > now:
        moves = moves[:-1]
    if moves:
        found = status(plan, created, (), moves[0].at)
        for move in moves:
            found = _entering(plan, _later(plan, found, move.at), move.state, move.at)
        return _later(plan, found, now)
    start = ran = 0.0
    for step in plan.steps:
        # Not `now - created < step.until`: rounding would keep a job running at the very moment its end is due.
        if now < created + step.until:
            if step.phase != "running":
                progress = _running(plan.curve, ran, run_time(plan)) if ran else 0
                return Status(step.state, progress, created + start, None)
            is_alone = not ran and step is plan.steps[-1] and plan.run_seconds is None
            total = step.until - start if is_alone else run_time(plan)
            progress = _running(plan.curve, ran + (now - created - start), total)
            return Status(step.state, progress, created + start, None)
        if step.phase == "running":
            ran += step.until - start
        start = step.until
    ended = created + start
    found = Status(plan.outcome, _final(plan), ended, ended if plan.end else None)
    return _later(plan, found, now) if plan.delays else found


def _entering(plan: Plan, before: Status, state: str, at: float) -> Status:
    """How a job stands that comes to be in a state; `ended` is the first end that it comes to."""
    known = plan.states.get(state)
    is_end = known is None or known.end is not None
    return Status(state, before.progress, at, before.ended if before.ended is not None or not is_end else at)


def _later(plan: Plan, found: Status, now: float) -> Status:
    """How a job stands that was in a state and may have left it by itself."""
    while found.state in plan.delays and now >= (at := found.updated + plan.delays[found.state]):
        found = _entering(plan, found, plan.states[found.state].then, at)
    return found


def moved(moves: tuple[Move, ...], move: Move) -> tuple[Move, ...]:
    """With one move more. Of very many, those are kept that something can be told of: of each state the last one."""
    if len(moves) < MOST_MOVES:
        return (*moves, move)
    last, half = {each.state: each for each in moves}, len(moves) // 2
    kept = [each for n, each in enumerate(moves) if n == 0 or n >= half or each is last[each.state]]
    return (*kept, move)


def entered(plan: Plan, created: float, moves: tuple[Move, ...], state: str, now: float) -> float | None:
    """When a job came to be in a state last; None when it has not been in it by now."""
    found = [at for at, name in entries(plan, created, moves) if at <= now and name == state]
    return found[-1] if found else None


def entries(plan: Plan, created: float, moves: tuple[Move, ...]) -> Iterator[tuple[float, str]]:
    """When a job comes to be in which state, in order: by time, by moves, and for it leaves others by themselves."""
    at, until = created, moves[0].at if moves else inf
    for step in plan.steps:
        if at <= until:
            yield at, step.state
        at = created + step.until
    if at <= until and at < inf:
        yield from _chain(plan, at, plan.outcome, until)
    for index, move in enumerate(moves):
        until = moves[index + 1].at if index + 1 < len(moves) else inf
        yield from _chain(plan, move.at, move.state, until)


def following(plan: Plan, move: Move) -> Iterator[tuple[float, str]]:
    """The state that a move leads to, and those that follow it by themselves."""
    return _chain(plan, move.at, move.state, inf)


def _chain(plan: Plan, at: float, state: str, until: float) -> Iterator[tuple[float, str]]:
    """A state, and those that follow it by themselves before somebody moves the job."""
    yield at, state
    while state in plan.delays and (at := at + plan.delays[state]) <= until and at < inf:
        state = plan.states[state].then
        yield at, state


def rest(total: float, part: float) -> float:
    """What `part` lacks to `total`, so that their sum, rounded as it is, does not pass `total`.

    All are finite. One step of the largest of them is enough: each of the two roundings moves it by half of that.
    """
    found = total - part
    return found - ulp(max(abs(total), abs(part), abs(found))) if found + part > total else found


def spent(plan: Plan, created: float, moves: tuple[Move, ...], phase: str, now: float) -> float:
    """How many seconds of a phase have passed by now."""
    until, at, total = min(now, moves[0].at) if moves else now, created, 0.0
    for step in plan.steps:
        end = created + step.until
        if step.phase == phase:
            total += max(0.0, min(until, end) - at)
        at = end
    return total


def same_until(plan: Plan, created: float, moves: tuple[Move, ...], now: float, progress: int) -> float:
    """Until when a job shows what it shows at `now`, or shortly before that."""
    start = ran = 0.0
    for step in () if moves else plan.steps:
        end = created + step.until
        if now < end:
            if step.phase != "running" or progress >= 99:
                return _before(end)
            began, total = created + start - ran, run_time(plan)  # as if it had run all the time
            share = _share_below(plan.curve, progress + 1, max(0.0, now - began) / total) if total else 1.0
            return min(_before(end), _before(began + total * share))
        if step.phase == "running":
            ran += step.until - start
        start = step.until
    change = next_change(plan, created, moves, now) if plan.delays else None
    return inf if change is None else _before(change)


def _before(moment: float) -> float:
    return moment - 1e-5  # rather too early than too late by a rounding


def _share_below(curve: Curve, most: int, low: float) -> float:
    """The share of the running time up to which progress stays below so many percent, from one at which it does."""
    high = 1.0
    for _ in range(20):  # every curve is monotone
        middle = (low + high) / 2
        low, high = (middle, high) if percent(curve, middle) < most else (low, middle)
    return low


def moment_of(plan: Plan, created: float, wanted: int) -> float:
    """When progress comes to so many percent; inf when it does not while the job runs."""
    total, start = run_time(plan), 0.0
    if not 0 < total < inf or int(percent(plan.curve, 1.0)) < wanted:
        return inf
    left = total * share_at(plan.curve, wanted)
    for step in plan.steps:
        if step.phase == "running" and left <= step.until - start:
            moment = round(created + start + left, 6)
            later = (moment + bump * 1e-6 for bump in range(4))  # a rounding may hide it
            return next((at for at in later if status(plan, created, (), at).progress >= wanted), inf)
        left -= step.until - start if step.phase == "running" else 0.0
        start = step.until
    return inf


def share_at(curve: Curve, wanted: float) -> float:
    """The share of the running time at which a curve comes to so many percent; every curve is monotone."""
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if percent(curve, middle) >= wanted else (middle, high)
    return high


def next_change(plan: Plan, created: float, moves: tuple[Move, ...], now: float) -> float | None:
    """When a job changes state by itself next; None when it will not."""
    return next((at for at, _ in entries(plan, created, moves) if now < at < inf), None)


def run_time(plan: Plan) -> float:
    """The seconds of all running states together."""
    if plan.run_seconds is not None:
        return plan.run_seconds
    return _ran(plan)


def _ran(plan: Plan) -> float:
    """The seconds for which it runs."""
    total = start = 0.0
    for step in plan.steps:
        if step.phase == "running":
            total += step.until - start
        start = step.until
    return total


def _running(curve: Curve, elapsed: float, total: float) -> int:
    return min(99, int(percent(curve, max(0.0, elapsed) / total))) if total else 0


def _final(plan: Plan) -> int:
    if plan.end == "success":
        return 100
    if plan.run_seconds is not None:
        return _running(plan.curve, _ran(plan), plan.run_seconds)
    has_run = any(step.phase == "running" for step in plan.steps)
    return min(99, int(percent(plan.curve, 1.0))) if has_run else 0
