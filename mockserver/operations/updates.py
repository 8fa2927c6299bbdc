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


def update(call: Call, found: LookedUp) -> Decision | More:
    """Keep what a request says anew of a resource, if it is found in a state that is answered with success."""
    job = own_job(call, found)
    if (more := unseen(call, found, job)) is not None:
        return more
    state = job.status(call.now).state
    name = call.operation.example_of(job.resource, state)
    if is_refused(call, job, state):
        return Decision(call.example(name, job), job)
    decision = moved_to(call, found, job, call.operation.leads(state), (), {"kept": said_anew(call, job.kept)})
    decision.answer = call.example(name, decision.job)  # it may depend on what was said
    return decision


def said_anew(call: Call, kept: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """What is kept of a resource once an update was taken. Raises Refused too_large where that is too much."""
    before = kept or NOTHING
    after = anew(call.operation, before, lambda place: value_at(call, place))
    if weigh(after) > max(KEPT, weigh(before)):
        raise Refused("too_large", f"what is kept of it would be larger than {KEPT} bytes")
    return after


def anew(operation: Operation, before: Mapping[str, Any], said_at: Callable[[str], Any]) -> dict[str, Any]:
    """What is kept after an update that says these values, MISSING where it says none. Null is a value, too."""
    after = {**before}
    for place, how in operation.sets.items():
        said = said_at(place)
        if said is not pointers.MISSING:
            whole = _merged(before.get(place), said, operation) if how == "merge" else said
            after.update(_within(place, whole, after))
    return after


def _merged(before: Any, said: Any, operation: Operation) -> Any:
    """An object with other members: null takes one away, and in a form, which has no null, the empty text does.

    Null and the empty text in its place take all of them away, where the schema lets them stand there.
    """
    is_form = all(body.media_type in FORMS for body in operation.bodies)
    nothing = (None, "") if is_form else (None,)
    if not isinstance(said, dict):
        return {} if said is None or said == "" else said
    kept = before if isinstance(before, dict) else {}
    return {name: each for name, each in {**kept, **said}.items() if each not in nothing}


def _within(place: str, whole: Any, kept: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every (place, value) that is kept and shows something of what a place holds now."""
    yield place, whole
    for other in [*kept]:
        if other.startswith(f"{place}/"):
            found = pointers.get(whole, other.removeprefix(place))
            yield other, None if found is pointers.MISSING else found
        elif other in ("body", "") and isinstance(kept[other], dict):
            yield other, _having(kept[other], place, whole)


def _having(body: Any, place: str, value: Any) -> Any:
    """A body with another value at a place, if there is an object that can hold it."""
    changed = copy.deepcopy(body)
    above, _, name = place.rpartition("/")
    parent = pointers.get(changed, above)
    if isinstance(parent, dict):
        parent[pointers.split(f"/{name}")[0]] = value
    return changed
