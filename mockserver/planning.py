"""Plans of jobs are drawn here: how long each state takes, how it ends, what happens on the way. Knows no store."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from mockserver.draws import Draw
from mockserver.lifecycle import NOTHING, Duration, Resource, Run
from mockserver.timeline import ItemPlan, TimelinePlan, TimelineStep, run_time


def seconds(duration: Duration, draw: Draw) -> float:
    """Draw a duration, in seconds; always consumes exactly one number."""
    a, *others = duration.numbers
    if duration.kind == "uniform":
        return draw.uniform(a, others[0])
    if duration.kind == "lognormal":
        return min(draw.lognormal(a, others[0]), others[1])
    draw.unit()
    return a


def draw_plan(resource: Resource, run: Run | None, draw: Draw, passes: Collection[str] | None = None) -> TimelinePlan:
    """Draw what will happen to a resource; one that has no run stays in its initial state until moved.

    `passes` are those of the states with a chance that it shall pass; None: as chance has it.
    """
    states = resource.states
    if run is None:
        end = states[resource.initial].end
        delays = _delays(resource, draw)
        return TimelinePlan((), resource.initial, end, states=states, delays=delays, items=_items(resource, draw))
    phases: dict[str, float] = {}
    for state in states.values():
        if state.phase is not None and state.phase not in phases:
            phases[state.phase] = seconds(run.durations[state.phase], draw)
    outcome = draw.weighted(run.outcomes)
    messages = run.errors.get(outcome)
    error = draw.choice(messages) if messages else None
    steps = steps_of(resource, phases, _skipped(resource, draw, passes))
    return TimelinePlan(
        steps, outcome, states[outcome].end, run.curve, error, log=run.log, states=states,
        delays=_delays(resource, draw), items=_items(resource, draw),
    )  # fmt: skip


def _skipped(resource: Resource, draw: Draw, passes: Collection[str] | None) -> Collection[str]:
    """The states that a run does not pass; draws one number for each that has a chance."""
    skipped = []
    for state in resource.states.values():
        if state.chance < 1:
            is_passed = draw.unit() < state.chance
            if not (is_passed if passes is None else state.name in passes):
                skipped.append(state.name)
    return skipped


def _items(resource: Resource, draw: Draw) -> ItemPlan | None:
    return None if resource.items is None else ItemPlan(resource.items, draw.unit())


def _delays(resource: Resource, draw: Draw) -> Mapping[str, float]:
    """The seconds after which states are left by themselves."""
    return {s.name: seconds(s.after, draw) for s in resource.states.values() if s.after is not None} or NOTHING


def ended_early(resource: Resource, plan: TimelinePlan, during: str | None) -> TimelinePlan:
    """A plan that ends with the last state of a phase, where that is asked for."""
    during = during or resource.states[plan.outcome].during
    count = max((n for n, step in enumerate(plan.steps, 1) if step.phase == during), default=0)
    return plan._replace(steps=plan.steps[:count]) if count else plan


def ended_late(resource: Resource, plan: TimelinePlan, limit: float, run: Run) -> TimelinePlan:
    """A plan that comes to the end that its run has for it where it lasts longer, as far as it has come."""
    if plan.seconds <= limit or run.within is None:
        return plan
    steps, start, whole = list[TimelineStep](), 0.0, run_time(plan)
    for step in plan.steps:
        if start < limit or not steps:
            steps.append(step._replace(until=min(step.until, limit)))
        start = step.until
    then = run.within.leads(steps[-1].state) if steps else ""
    if not then:
        return plan
    end, error = resource.states[then].end, next(iter(run.errors.get(then, ())), None)
    return plan._replace(steps=tuple(steps), outcome=then, end=end, error=error, run_seconds=whole)


def resting(resource: Resource, plan: TimelinePlan) -> TimelinePlan:
    """The plan of a job that stays in its first state until a move begins the run which was drawn."""
    return plan._replace(steps=(), outcome=resource.initial, end=None, run_seconds=None, run=plan)


def steps_of(
    resource: Resource, phases: Mapping[str, float], skipped: Collection[str] = ()
) -> tuple[TimelineStep, ...]:
    """The timed states, one after the other; those of a phase share its seconds."""
    timed = [state for state in resource.states.values() if state.phase is not None and state.name not in skipped]
    at, steps = 0.0, []
    for state in timed:
        phase = state.phase or ""
        shares = [other.share for other in timed if other.phase == phase]
        at += phases[phase] if len(shares) == 1 else phases[phase] * state.share / sum(shares)
        steps.append(TimelineStep(state.name, phase, at))
    return tuple(steps)
