"""The verb `update`: a request says values of the creating one anew, which are replaced, or whose members are."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mockserver import pointers
from mockserver.bounds import KEPT, weigh
from mockserver.contract import Operation
from mockserver.operations.call import Call, Refused, own_job
from mockserver.operations.decision import Decision, LookedUp, More
from mockserver.operations.moves import is_refused, moved_to, unseen
from mockserver.operations.places import value_at
from mockserver.validation import FORMS

NOTHING: Mapping[str, Any] = {}


def update(call: Call, records: LookedUp) -> Decision | More:
    """Keep what a request says anew of a resource, if it is found in a state that is answered with success."""
    job = own_job(call, records)
    if (missing := unseen(call, records, job)) is not None:
        return missing
    state = job.status(call.now).state
    name = call.operation.example_of(job.resource, state)
    if is_refused(call, job, state):
        return Decision(call.example(name, job), job)
    decision = moved_to(call, records, job, call.operation.leads(state), (), {"kept": said_anew(call, job.kept)})
    decision.answer = call.example(name, decision.job)  # it may depend on what was said
    return decision


def said_anew(call: Call, values: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """What is kept of a resource once an update was taken. Raises Refused too_large where that is too much."""
    before = values or NOTHING
    after = anew(call.operation, before, lambda place: value_at(call, place))
    if weigh(after) > max(KEPT, weigh(before)):
        raise Refused("too_large", f"what is kept of it would be larger than {KEPT} bytes")
    return after


def anew(operation: Operation, before: Mapping[str, Any], said_at: Callable[[str], Any]) -> dict[str, Any]:
    """What is kept after an update that says these values, MISSING where it says none. Null is a value, too."""
    after = {**before}
    for place, how in operation.sets.items():
        value = said_at(place)
        if value is not pointers.MISSING:
            whole = _merged(before.get(place), value, operation) if how == "merge" else value
            after.update(_within(place, whole, after))
    return after


def _merged(before: Any, change: Any, operation: Operation) -> Any:
    """An object with other members: null takes one away, and in a form, which has no null, the empty text does.

    Null and the empty text in its place take all of them away, where the schema lets them stand there.
    """
    is_form = all(body.media_type in FORMS for body in operation.bodies)
    nothing = (None, "") if is_form else (None,)
    if not isinstance(change, dict):
        return {} if change is None or change == "" else change
    members = before if isinstance(before, dict) else {}
    return {name: member for name, member in {**members, **change}.items() if member not in nothing}


def _within(place: str, whole: Any, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every (place, value) that is kept and shows something of what a place holds now."""
    yield place, whole
    for shown_at in [*values]:
        if shown_at.startswith(f"{place}/"):
            member = pointers.get(whole, shown_at.removeprefix(place))
            yield shown_at, None if member is pointers.MISSING else member
        elif shown_at in ("body", "") and isinstance(values[shown_at], dict):
            yield shown_at, _having(values[shown_at], place, whole)


def _having(body: Any, place: str, value: Any) -> Any:
    """A body with another value at a place, if there is an object that can hold it."""
    changed = copy.deepcopy(body)
    above, _, name = place.rpartition("/")
    parent = pointers.get(changed, above)
    if isinstance(parent, dict):
        parent[pointers.split(f"/{name}")[0]] = value
    return changed
