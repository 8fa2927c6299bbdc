"""Webhooks of a contract: where a request named a callback, and what was delivered there, if that was recorded.

What nobody saw is made like the answer that shows the job, and marked. Knows no file.
"""

from __future__ import annotations

import copy
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mockserver.imported.lexicon import STATE_FIELDS, letters, meaning_of
from mockserver.json_types import JsonValue
from mockserver.observed.archive import ObservedCall
from mockserver.observed.behavior import form_of
from mockserver.observed.deliveries import Named, callbacks_in, pauses, signed
from mockserver.observed.endpoints import Registered, is_endpoint, registrations, told_to, watched
from mockserver.observed.facts import NEAR_SECONDS, bindings_of, time_in
from mockserver.observed.flow import leaves, looks_like_id
from mockserver.observed.lives import ENDS, by_word, state_before
from mockserver.observed.model import (
    Observed,
    ObservedJob,
    ObservedOperation,
    ObservedResource,
    ObservedState,
    StatePlace,
)
from mockserver.pointers import get, put, walk

SEEN, ASSUMED = {"x-evidence": "observed"}, {"x-evidence": "assumed"}
EVENT_FIELDS = ("event", "type", "eventtype", "eventname", "topic", "action")
"""Names of fields that say what a webhook tells; letters alone."""


@dataclass(slots=True)
class Hook:
    """Where a resource's makers take a URL, empty where endpoints are registered, and what came there: calls with the
    job and the state that they told.
    """

    resource: ObservedResource
    at: str
    told: list[tuple[ObservedCall, ObservedJob, ObservedState]] = field(default_factory=list)


@dataclass(slots=True)
class ObservedWebhooks:
    """By name: what openapi.json and behavior.json say."""

    openapi: dict[str, JsonValue] = field(default_factory=dict)
    behavior: dict[str, JsonValue] = field(default_factory=dict)
    receives: dict[str, JsonValue] = field(default_factory=dict)
    """By name of a resource that is an endpoint: the words that say so."""


def webhooks_of(found: Observed, deliveries: Sequence[ObservedCall]) -> ObservedWebhooks:
    """All of them; what to look at is noted."""
    made = ObservedWebhooks()
    for resource in found.resources.values():
        for hook in _hooks(resource, deliveries) if not is_endpoint(resource) else ():
            _add(found, made, _name(found, made, resource), hook)
    for here in registrations(found):
        several = [*_registered(found, here, deliveries)]
        for hook in several:
            _add(found, made, _name(found, made, hook.resource), hook)
        if here.resource is not None and any(each.get("to") == "account" for each in made.behavior.values()):
            events = [name for hook in several if hook.told for name in _events(hook)[1].values()]
            made.receives[here.resource.name] = here.receives(events)
    return made


def _name(found: Observed, made: ObservedWebhooks, resource: ObservedResource) -> str:
    name = "ended" if len(found.resources) == 1 else f"{resource.name}Ended"
    return name if name not in made.openapi else f"{name}{len(made.openapi) + 1}"


def _registered(found: Observed, here: Registered, deliveries: Sequence[ObservedCall]) -> Iterator[Hook]:
    """What registered endpoints are told: what came, else the ends of the only thing that has any."""
    hooks = {resource.name: Hook(resource, "") for resource in watched(found)}
    for call, job in told_to(found, here, deliveries):
        hook = next(each for each in hooks.values() if job.id in each.resource.jobs)
        state = _state_of(hook.resource, job, call)
        if state is not None:
            hook.told.append((call, job, state))
    told = [hook for hook in hooks.values() if hook.told]
    yield from told or (hooks.values() if len(hooks) == 1 else ())


def _hooks(resource: ObservedResource, deliveries: Sequence[ObservedCall]) -> Iterator[Hook]:
    named: dict[str, list[tuple[Named, ObservedJob]]] = {}
    for job in resource.jobs.values():
        for each in callbacks_in(job.created):
            named.setdefault(each.at, []).append((each, job))
    for at, several in named.items():
        hook, places = Hook(resource, at), dict[str, list[ObservedJob]]()
        for each, job in several:
            places.setdefault(each.place, []).append(job)
        for call in deliveries:
            about = _job_of(resource, places.get(f"{call.host}{call.url.path or '/'}", []), call)
            state = _state_of(resource, about, call) if about is not None else None
            if about is not None and state is not None:
                hook.told.append((call, about, state))
        yield hook


def _job_of(resource: ObservedResource, here: Sequence[ObservedJob], call: ObservedCall) -> ObservedJob | None:
    """The job that a delivery is about: which it names, else the last one that gave its address."""
    before = here[: bisect_left(here, call.at, key=lambda job: job.created.at)]
    named = (resource.jobs.get(str(value)) for _, value in leaves(call.body))
    known = next((job for job in named if job is not None and job.created.at < call.at), None)
    return (known or before[-1]) if before else None


def _state_of(resource: ObservedResource, job: ObservedJob, call: ObservedCall) -> ObservedState | None:
    """The state that a delivery tells: by a field of it, by the name of its event, or as the job stood then."""
    fields = [(letters(at.rpartition("/")[2]), value) for at, value in leaves(call.body) if isinstance(value, str)]
    for name, value in fields:
        state = by_word(resource, value)
        if state is not None and (name in STATE_FIELDS or name.endswith(("status", "state"))):
            return state
    for name, value in fields:
        meaning = meaning_of(value) if name in EVENT_FIELDS else ""
        state = next((each for each in resource.states.values() if meaning and each.meaning == meaning), None)
        if state is not None:
            return state
    return state_before(resource, job, call)


# --- what they say


def _add(found: Observed, made: ObservedWebhooks, name: str, hook: Hook) -> None:
    resource = hook.resource
    show = next((op for op in resource.operations if op.verb == "show" and op.good), None)
    ends = [state.name for state in resource.states.values() if state.meaning in ENDS]
    if (show is None and not hook.told) or not (ends or hook.told):
        why = "a callback is named, and nothing shows what would be told" if ends else "its jobs come to no end"
        found.notes.append((f"{resource.name} {hook.at}", why, "its webhooks"))
        return
    said: JsonValue = {"resource": resource.name, **({"target": hook.at} if hook.at else {"to": "account"})}
    to = hook.at or "each registered endpoint"
    if not hook.told:
        assert show is not None
        made.behavior[name] = {**said, "states": ends, "like": show.name}
        made.openapi[name] = _posted(ASSUMED, {"schema": {}})
        told = f"assumed: sent to {to} at the end of a job, with what {show.name} answers, unsigned and once"
        found.notes.append((f"webhook {name}", told, "what is sent, the signature, the retries"))
        return
    calls = [call for call, _, _ in hook.told]
    sign, headers = signed(calls)
    said |= {"sign": sign} if sign != "none" else {}
    again = pauses(calls)
    said |= {"retries": again} if again else {}
    words, content = _message(found, hook, show)
    bindings = {**words.pop("bindings", {}), **headers}
    made.behavior[name] = {**said, **words, **({"bindings": bindings} if bindings else {})}
    made.openapi[name] = _posted(SEEN, content, [header.removeprefix("header.") for header in headers])
    _note(found, name, hook, sign, again)


def _note(found: Observed, name: str, hook: Hook, sign: Any, again: Sequence[float]) -> None:
    how = "unsigned" if sign == "none" else "signed" if sign == "standard-webhooks" else "signed (assumed how)"
    after = ", ".join(f"{each:g}" for each in again)
    tried = f"tried again after {after} s" if again else "no further attempt was seen"
    states = ", ".join(dict.fromkeys(state.name for _, _, state in hook.told))
    told = f"as it came to {hook.at or 'a registered endpoint'} at {states}: {how}, {tried}"
    found.notes.append((f"webhook {name}", told, "the signature, the retries, other states"))


def _posted(evidence: JsonValue, content: JsonValue, headers: Sequence[str] = ()) -> JsonValue:
    made: JsonValue = {**evidence, "requestBody": {"content": {"application/json": content}}}
    if headers:
        made["parameters"] = [{"name": name, "in": "header", "schema": {"type": "string"}} for name in headers]
    return {"post": made}


def _message(found: Observed, hook: Hook, show: ObservedOperation | None) -> tuple[JsonValue, JsonValue]:
    """The words of behavior.json about the body, and the content of openapi.json."""
    states = [*dict.fromkeys(state.name for _, _, state in hook.told)]
    bodies = [call.body for call, _, _ in hook.told]
    under = _under(bodies, show)
    if show is not None and under == "":
        return {"states": _with_ends(hook, states), "like": show.name}, {"schema": {}}
    op = _as_operation(hook)
    events = _events(hook)
    bindings = {**bindings_of(found, hook.resource, op), **_own(hook, events)}
    words: JsonValue = {"events": dict(events[1])} if events[0] else {"states": states}
    ids = [str(get(body, at)) for at, fact in bindings.items() if fact == "webhook.id" for body in bodies]
    words |= {"id": form_of(ids)} if ids else {}
    if show is not None and under:
        body = copy.deepcopy(bodies[0])
        put(body, under, {})
        words["like"] = {"operation": show.name, "under": under}
        bindings = {at: value for at, value in bindings.items() if not at.startswith(f"{under}/")}
        return {**words, "bindings": bindings}, {"examples": {"other": {**SEEN, "value": body}}}
    examples = {state.name: {**SEEN, "value": call.body} for call, _, state in hook.told}
    return {**words, "bindings": bindings}, {"examples": examples}


def _with_ends(hook: Hook, states: list[str]) -> list[str]:
    """The states that were told, and the other ends."""
    ends = [state.name for state in hook.resource.states.values() if state.meaning in ENDS]
    return [*states, *(end for end in ends if end not in states)]


def _under(bodies: Sequence[JsonValue], show: ObservedOperation | None) -> str | None:
    """Where a body has what an operation shows, empty for all of it; None where it has not."""
    answers = [call.answer for call in show.good if isinstance(call.answer, dict)] if show is not None else []
    shown = {frozenset(answer) for answer in answers if len(answer) > 1}
    places = [{at for at, each in walk(body) if isinstance(each, dict) and frozenset(each) in shown} for body in bodies]
    both = set.intersection(*places) if places else set()
    return min(both, key=len) if both else None


def _as_operation(hook: Hook) -> ObservedOperation:
    """The deliveries as if somebody had asked for them, by whom bindings are found."""
    calls = [replace(call, status=200, answer=call.body, known={}) for call, _, _ in hook.told]
    op = ObservedOperation("GET", "", calls, verb="show", resources=[hook.resource.name])
    words = [state.said for _, _, state in hook.told]
    same = (at for at, value in leaves(calls[0].body) if [get(each.body, at) for each in calls] == words)
    at = next(same, "")
    op.state = StatePlace("field", at) if at else None
    return op


def _events(hook: Hook) -> tuple[str, dict[str, str]]:
    """Where the name of an event stands, and by state what it is; empty where it stands nowhere."""
    for at, value in leaves(hook.told[0][0].body):
        if isinstance(value, str) and letters(at.rpartition("/")[2]) in EVENT_FIELDS:
            names: dict[str, str] = {}
            said = [(state.name, get(call.body, at)) for call, _, state in hook.told]
            same = [names.setdefault(state, each) == each for state, each in said]
            if all(same) and all(isinstance(name, str) for name in names.values()):
                return at, names
    return "", {}


def _own(hook: Hook, events: tuple[str, dict[str, str]]) -> JsonValue:
    """What is of the webhook itself: its id, its event, when it was sent."""
    made: JsonValue = {events[0]: "webhook.event"} if events[0] else {}
    for at, value in leaves(hook.told[0][0].body):
        shown = [(call, job, get(call.body, at)) for call, job, _ in hook.told]
        times = [(call.at, time_in(each)) for call, _, each in shown]
        if all(told is not None and abs(told - sent) <= NEAR_SECONDS for sent, told in times):
            made[at] = "webhook.due"
        elif isinstance(value, str) and looks_like_id(value) and all(each != job.id for _, job, each in shown):
            name = letters(at.rpartition("/")[2])
            if name in ("id", "eventid", "webhookid", "deliveryid", "messageid"):
                made[at] = "webhook.id"
    return made
