"""What a test wants of jobs, laid over the plan that is drawn anyway. Knows no sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.errors import UsageError
from mockserver.lifecycle import NOTHING, Items, Resource
from mockserver.loader.resources import curve, rises
from mockserver.planning import steps_of
from mockserver.suggestions import hint
from mockserver.timeline import ErrorField, ItemPlan, TimelinePlan, but_told


def overridden(resource: Resource, plan: TimelinePlan, wishes: Mapping[str, Any]) -> TimelinePlan:
    """A plan with a test's wishes laid over it. Raises UsageError for a wish that cannot come true."""
    check_wishes(resource, wishes)
    phases, start = dict[str, float](), 0.0
    for step in plan.steps:
        phases[step.phase] = phases.get(step.phase, 0.0) + step.until - start
        start = step.until
    for phase in phases:
        phases[phase] = float(wishes.get(phase, phases[phase]))
    outcome = wishes.get("outcome", plan.outcome)
    return plan._replace(
        steps=steps_of(resource, phases, resource.states.keys() - {step.state for step in plan.steps}),
        outcome=outcome,
        end=resource.states[outcome].end,
        curve=curve(wishes["curve"]) if "curve" in wishes else plan.curve,
        error=but_told(_error(resource, outcome, plan), wishes.get("error")),
        result_bytes=wishes.get("result_bytes"),
        retries=wishes.get("retries", 0),
        items=_weighed(plan.items, wishes.get("items")),
    )


def _weighed(items: ItemPlan | None, weights: Mapping[str, float] | None) -> ItemPlan | None:
    """The outcomes of a batch's items, by other weights."""
    if items is None or weights is None:
        return items
    return items._replace(said=reweighed(items.said, weights))


def reweighed(items: Items, weights: Mapping[str, float]) -> Items:
    """The items of a batch with other weights of their outcomes; what is not named comes to none."""
    return items._replace(outcomes={name: weights.get(name, 0) for name in items.outcomes})


def _error(resource: Resource, outcome: str, plan: TimelinePlan) -> ErrorField:
    return plan.error or resource.error_in(outcome)


def refusal(resource: Resource, wishes: Mapping[str, Any]) -> UsageError | None:
    try:
        check_wishes(resource, wishes)
    except UsageError as error:
        return error
    return None


def check_wishes(resource: Resource, wishes: Mapping[str, Any]) -> None:
    """Raises UsageError for a phase the resource lacks, a state or outcome that time cannot reach, a falling curve."""
    phases = {s.phase for s in resource.states.values() if s.phase}
    for phase in ("queued", "running"):
        if phase in wishes and phase not in phases:
            raise UsageError(f"{resource.name} has no phase {phase!r}; {hint(phase, sorted(phases))}")
    outcome, during = wishes.get("outcome"), wishes.get("during")
    if during is not None and during not in phases:
        raise UsageError(f"{resource.name} has no phase {during!r}; {hint(during, sorted(phases))}")
    reachable = resource.outcomes
    if outcome is not None and (outcome not in reachable or resource.run is None):
        raise UsageError(f"time does not lead {resource.name} to {outcome!r}; {hint(outcome, reachable)}")
    if during is not None and (outcome is None or resource.states[outcome].end == "success"):
        raise UsageError(f'{resource.name} comes to no success during a phase: name another outcome beside "during"')
    for state in wishes.get("passes", ()):
        if state not in resource.timed:
            raise UsageError(f"{resource.name} passes no state {state!r}; {hint(state, resource.timed)}")
    check_weights(resource, wishes.get("items", NOTHING))
    if "curve" in wishes and not rises(curve(wishes["curve"])):
        raise UsageError("the keyframes of the curve do not rise; going backwards is a fault, never a curve")


def check_weights(resource: Resource, weights: Mapping[str, float]) -> None:
    """Raises UsageError for an outcome that no item of a resource comes to, and where all weights are 0."""
    outcomes = list(resource.items.outcomes) if resource.items is not None else []
    for outcome in weights:
        if outcome not in outcomes:
            remedy = hint(outcome, outcomes) if outcomes else "it is no batch"
            raise UsageError(f"no item of {resource.name} comes to {outcome!r}; {remedy}")
    if weights and not any(weights.values()):
        raise UsageError("every weight of items is 0; one must be above it")
