"""State and progress as a pure function of plan, moves and now. Knows no store, no HTTP and no clock."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from math import inf
from typing import Any, NamedTuple

from mockserver.draws import Draw
from mockserver.lifecycle import Curve, Duration, Resource, Run

LINEAR = Curve()
MOST_MOVES = 256
"""Of one job: a client may move it to and fro for ever."""


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


class Plan(NamedTuple):
    """What will happen to one job; `outcome` is the state after the last step."""

    steps: tuple[Step, ...]
    outcome: str
    end: str | None = None
    curve: Curve = LINEAR
    error: Told = None
    result_bytes: int | None = None
    retries: int = 0
    log: tuple[tuple[float, str], ...] = ()

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


def seconds(duration: Duration, draw: Draw) -> float:
    """Draw a duration, in seconds; always consumes exactly one number."""
    a, *rest = duration.numbers
    if duration.kind == "uniform":
        return draw.uniform(a, rest[0])
    if duration.kind == "lognormal":
        return min(draw.lognormal(a, rest[0]), rest[1])
    draw.unit()
    return a


def draw_plan(resource: Resource, run: Run | None, draw: Draw) -> Plan:
    """Draw what will happen to a resource; one that has no run stays in its initial state until moved."""
    if run is None:
        return Plan((), resource.initial, resource.states[resource.initial].end)
    drawn: dict[str, float] = {}
    for state in resource.states.values():
        if state.phase is not None and state.phase not in drawn:
            drawn[state.phase] = seconds(run.durations[state.phase], draw)
    outcome = draw.weighted(run.outcomes)
    messages = run.errors.get(outcome)
    error = draw.choice(messages) if messages else None
    return Plan(steps_of(resource, drawn), outcome, resource.states[outcome].end, run.curve, error, log=run.log)


def steps_of(resource: Resource, phases: Mapping[str, float]) -> tuple[Step, ...]:
    """The timed states, one after the other; those of a phase share its seconds."""
    timed = [state for state in resource.states.values() if state.phase is not None]
    at, steps = 0.0, []
    for state in timed:
        phase = state.phase or ""
        shares = [other.share for other in timed if other.phase == phase]
        at += phases[phase] if len(shares) == 1 else phases[phase] * state.share / sum(shares)
        steps.append(Step(state.name, phase, at))
    return tuple(steps)


def status(plan: Plan, created: float, moves: tuple[Move, ...], now: float) -> Status:
    """How a job stands at `now`. A move outlasts the plan: it was made while the plan was still running."""
    if moves:
        at, state = moves[-1]
        before = status(plan, created, (), moves[0].at)  # a move changes no progress
        return Status(state, before.progress, at, at)
    start = ran = 0.0
    for step in plan.steps:
        # Not `now - created < step.until`: rounding would keep a job running at the very moment its end is due.
        if now < created + step.until:
            if step.phase != "running":
                progress = _running(plan.curve, ran, _run_time(plan)) if ran else 0
                return Status(step.state, progress, created + start, None)
            total = _run_time(plan) if ran or step is not plan.steps[-1] else step.until - start
            progress = _running(plan.curve, ran + (now - created - start), total)
            return Status(step.state, progress, created + start, None)
        if step.phase == "running":
            ran += step.until - start
        start = step.until
    ended = created + start
    return Status(plan.outcome, _final(plan), ended, ended if plan.end else None)


def moved(moves: tuple[Move, ...], move: Move) -> tuple[Move, ...]:
    """With one move more. Of very many, those are kept that something can be told of: of each state the last one."""
    if len(moves) < MOST_MOVES:
        return (*moves, move)
    last, half = {each.state: each for each in moves}, len(moves) // 2
    kept = [each for n, each in enumerate(moves) if n == 0 or n >= half or each is last[each.state]]
    return (*kept, move)


def entered(plan: Plan, created: float, moves: tuple[Move, ...], state: str, now: float) -> float | None:
    """When a job came to be in a state last; None when it has not been in it by now."""
    found = [(at, name) for at, name in (*entries(plan, created, moves), *moves) if at <= now and name == state]
    return found[-1][0] if found else None


def entries(plan: Plan, created: float, moves: tuple[Move, ...]) -> Iterator[tuple[float, str]]:
    """When time alone brings a job into which state, until somebody moves it."""
    at, until = created, moves[0].at if moves else inf
    for step in plan.steps:
        if at <= until:
            yield at, step.state
        at = created + step.until
    if at < until:
        yield at, plan.outcome


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
            began, total = created + start - ran, _run_time(plan)  # as if it had run all the time
            share = _share_below(plan.curve, progress + 1, max(0.0, now - began) / total) if total else 1.0
            return min(_before(end), _before(began + total * share))
        if step.phase == "running":
            ran += step.until - start
        start = step.until
    return inf


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
    total, start = _run_time(plan), 0.0
    if not 0 < total < inf or int(percent(plan.curve, 1.0)) < wanted:
        return inf
    left = total * _share_at(plan.curve, wanted)
    for step in plan.steps:
        if step.phase == "running" and left <= step.until - start:
            moment = round(created + start + left, 6)
            later = (moment + bump * 1e-6 for bump in range(4))  # a rounding may hide it
            return next((at for at in later if status(plan, created, (), at).progress >= wanted), inf)
        left -= step.until - start if step.phase == "running" else 0.0
        start = step.until
    return inf


def _share_at(curve: Curve, wanted: int) -> float:
    """The share of the running time at which progress comes to so many percent."""
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if percent(curve, middle) >= wanted else (middle, high)
    return high


def next_change(plan: Plan, created: float, moves: tuple[Move, ...], now: float) -> float | None:
    """When a job changes state by itself next; None when it will not."""
    ends = () if moves else (created + step.until for step in plan.steps)
    return next((end for end in ends if now < end < inf), None)


def _run_time(plan: Plan) -> float:
    """The seconds of all running states together."""
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
    return min(99, int(percent(plan.curve, 1.0))) if plan.steps else 0


def percent(curve: Curve, t: float) -> float:
    """Progress in percent at `t` (0 to 1) of the running time; monotone in t."""
    match curve.kind:
        case "linear":
            return 100.0 * t
        case "ease-in-out":
            return 100.0 * t * t * (3.0 - 2.0 * t)
        case "steps":
            return 100.0 * int(t * curve.numbers[0] + 1e-9) / curve.numbers[0]
        case "stall":
            return _stalled(t, *curve.numbers)
        case "keyframes":
            return _between(curve.points, t)


def _stalled(t: float, at: float, share: float) -> float:
    """Rise to `at` percent, hold for `share` of the time, rise on."""
    moving = 1.0 - share
    rise = moving * at / 100.0
    if t < rise:
        return at * t / rise
    if t < rise + share or moving <= 0 or at >= 100:
        return at
    return at + (100.0 - at) * (t - rise - share) / (moving - rise)


def _between(points: tuple[tuple[float, float], ...], t: float) -> float:
    index = bisect_right(points, (t, float("inf")))
    if index == 0:
        return points[0][1]
    if index == len(points):
        return points[-1][1]
    (t0, p0), (t1, p1) = points[index - 1], points[index]
    return p0 + (p1 - p0) * (t - t0) / (t1 - t0)
