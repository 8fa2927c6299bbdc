"""behavior.json of what was seen: resources that settle by time, and what each operation does. Knows no example."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from mockserver.clock import LONGEST_LEAP
from mockserver.imported.lexicon import letters
from mockserver.json_types import JsonValue
from mockserver.observed.archive import ObservedCall
from mockserver.observed.facts import bindings_of, content_of
from mockserver.observed.flow import HIDDEN, answer_leaves
from mockserver.observed.limits import limits_of
from mockserver.observed.lives import PHASES, by_word, told_by
from mockserver.observed.made_up import message_at
from mockserver.observed.model import Observed, ObservedJob, ObservedOperation, ObservedResource, ObservedState
from mockserver.observed.pages import list_words
from mockserver.observed.prices import Prices
from mockserver.observed.refusals import ObservedRefusals, told_apart
from mockserver.observed.streams import is_log, log_of, text_at, words_of_stream
from mockserver.observed.taken import RequestParts
from mockserver.pointers import MISSING, get

ASSUMED_SECONDS = {"queued": {"uniform": [1, 3]}, "running": {"uniform": [4, 9]}}
ALIKE = 0.05
TOKEN_SECONDS = 3600
LINK_SECONDS = 3600
_FORMS = (
    ("uuid", r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), ("cuid", r"c[a-z0-9]{24}"),
    ("number", r"[0-9]+"), ("hex", r"[0-9a-f]+"), ("base32", r"[0-9A-HJKMNP-TV-Z]{26}"),
)  # fmt: skip
_PREFIXED = re.compile(r"([A-Za-z]+[A-Za-z0-9]*[_-])(.*)")


def behavior_of(found: Observed, refusals: ObservedRefusals, prices: Prices, calls: list[ObservedCall]) -> JsonValue:
    """The document."""
    operations = {op.name: _priced(_operation(found, op), prices.bindings.get(op.name, {})) for op in found.operations}
    resources = {
        resource.name: {**_resource(resource, refusals), **_money(prices, resource.name)}
        for resource in found.resources.values()
    }
    made: JsonValue = {"$schema": "behavior.schema.json"}
    if prices.credits:
        made["account"] = {"credits": prices.credits}
    made |= {"resources": resources, "operations": operations}
    why = _why(refusals)
    if why and any(map(_can_be_wrong, found.operations)):
        made["problems"] = {"bad_request": why}
    made |= limits_of(found, refusals, calls)
    matches = [*refusals.matches, *(row for resource in found.resources.values() for row in _ordered(resource))]
    if matches:
        made["matches"] = matches
    return made


def _why(refusals: ObservedRefusals) -> JsonValue:
    """Where the refusal of a request says what is wrong, and of which field."""
    body = refusals.common["bad_request"].body
    at, named = message_at(body), refusals.names_field
    made: JsonValue = {at: "problem.why"} if at else {}
    name = get(body, named) if named and named != at else MISSING
    return {**made, named: {"fact": "problem.field", "else": name}} if isinstance(name, str) else made


def _priced(said: JsonValue, bindings: JsonValue) -> JsonValue:
    return {**said, "bindings": {**said.get("bindings", {}), **bindings}} if bindings else said


def _money(prices: Prices, name: str) -> JsonValue:
    """What one costs, and when that is given back."""
    made = {"cost": prices.cost.get(name), "refunds": prices.refunds.get(name)}
    return {word: said for word, said in made.items() if said} if made["cost"] else {}


def _can_be_wrong(op: ObservedOperation) -> bool:
    """Whether a request of it has more than its path."""
    return any(call.body is not MISSING or call.files or call.query or call.media for call in op.calls)


# --- resources


def _resource(resource: ObservedResource, refusals: ObservedRefusals) -> JsonValue:
    made: JsonValue = {
        "id": form_of(resource.jobs),
        "states": {s.name: _state(resource, s) for s in resource.states.values()},
    }
    if any(state.meaning in PHASES for state in resource.states.values()):
        made["run"] = _run(resource)
    states = [state.name for state in resource.states.values() if state.meaning in PHASES]
    if states and resource.name in refusals.exclusive:
        made["exclusive"] = {"states": states, "problem": refusals.exclusive[resource.name]}
    if resource.results:
        made["results"] = {row["name"]: {"make": row["make"], "file": row["file"]} for row in resource.results.values()}
    return made


def form_of(ids: Iterable[str]) -> JsonValue:
    """How ids are made, by those that were seen."""
    seen = [identity for identity in ids if HIDDEN not in identity]
    prefix = ""
    if seen and all(found := [_PREFIXED.fullmatch(each) for each in seen]) and len({m[1] for m in found if m}) == 1:
        match = found[0]
        prefix = match[1] if match and not re.fullmatch(_FORMS[0][1], seen[0]) else ""
    rest = [each[len(prefix) :] for each in seen]
    form = next((name for name, like in _FORMS if rest and all(re.fullmatch(like, each) for each in rest)), "base62")
    if form in ("uuid", "cuid", "base32"):
        return {"prefix": prefix, "form": form} if prefix else form
    length = min(max(max(map(len, rest), default=24), 10), 64)
    made: JsonValue = {"form": form, "length": length}
    return {"prefix": prefix, **made} if prefix else made


def _state(resource: ObservedResource, state: ObservedState) -> JsonValue:
    if state.meaning in PHASES:
        of_phase = [each for each in resource.states.values() if each.meaning == state.meaning]
        share = _mean(state.seconds)
        is_told = len(of_phase) > 1 and all(each.seconds for each in of_phase) and share > 0
        return {"phase": state.meaning, "share": round(share, 3)} if is_told else {"phase": state.meaning}
    if state.meaning in ("success", "failure", "cancelled"):
        return {"end": state.meaning}
    if state.meaning == "cancelling":
        then = next((each.name for each in resource.states.values() if each.meaning == "cancelled"), None)
        return {"after": {"fixed": _bounded(_mean(state.seconds)) or 1}, "then": then} if then else {}
    if state.meaning == "gone":
        return {"gone": True}
    return {"results": True} if resource.results and not _has_success(resource) else {}


def _has_success(resource: ObservedResource) -> bool:
    return any(state.meaning == "success" for state in resource.states.values())


def _mean(seconds: list[float]) -> float:
    return sum(seconds) / len(seconds) if seconds else 0.0


def _run(resource: ObservedResource) -> JsonValue:
    made: JsonValue = {}
    for phase in PHASES:
        of_phase = [state for state in resource.states.values() if state.meaning == phase]
        if of_phase:
            made[phase] = _duration(phase, of_phase)
    outcomes = _outcomes(resource)
    if outcomes:
        made["outcomes"] = outcomes
    errors = {state.name: texts for state in resource.states.values() if (texts := _errors(resource, state))}
    if errors:
        made["errors"] = errors
    log = sorted(row for op in resource.operations if op.media for row in log_of(op))
    if log:
        made["log"] = [[*row] for row in log]
    return made


def _duration(phase: str, states: list[ObservedState]) -> JsonValue:
    """The seconds that its states take together: each as long as it was seen to."""
    seen = [state.seconds for state in states if state.seconds]
    if not seen:
        return ASSUMED_SECONDS[phase]
    low, high = sum(map(min, seen)), sum(map(max, seen))
    if high - low <= ALIKE * high:
        return {"fixed": _bounded((low + high) / 2)}
    return {"uniform": [_bounded(low), _bounded(high)]}


def _bounded(seconds: float) -> float:
    """So many seconds as a contract can say: clocks of recordings differ by years where one was set anew."""
    return round(min(seconds, LONGEST_LEAP), 2)


def _ended(resource: ObservedResource) -> Iterator[tuple[ObservedJob, ObservedState]]:
    """The jobs that came to an end by themselves."""
    for job in resource.jobs.values():
        state = by_word(resource, job.sightings[-1].state) if job.sightings else None
        if state is not None and state.meaning in ("success", "failure"):
            yield job, state


def _outcomes(resource: ObservedResource) -> JsonValue:
    """By how often they were seen; never, where a request orders them."""
    counts = Counter(state.name for _, state in _ended(resource))
    ordered = {row["plan"]["outcome"] for row in _ordered(resource)}
    led = {op.to for op in resource.operations}
    ends = [state for state in resource.states.values() if state.meaning in ("success", "failure")]
    ends += [state for state in resource.states.values() if state.meaning == "cancelled" and state.name not in led]
    made = {state.name: 0 if state.name in ordered else counts[state.name] for state in ends}
    return made if any(made.values()) else dict.fromkeys(made, 1)


def _ordered(resource: ObservedResource) -> Iterator[JsonValue]:
    """What requests said whose jobs failed, and no other's."""
    several = [*_ended(resource)]
    good = [job.created for job, state in several if state.meaning == "success"]
    taken, seen = RequestParts(good), set()
    for job, state in several:
        told = told_apart(job.created, taken) if state.meaning == "failure" and good else None
        if told is not None and told not in seen:
            seen.add(told)
            plan: JsonValue = {"outcome": state.name}
            errors = [*_errors_of(resource, job, state)]
            if errors:
                plan["error"] = errors[0]
            row = {"title": "A job that ends so, as it was seen", "operations": [job.maker.name]}
            yield {**row, "when": {f"request.{told[0]}": told[1]}, "plan": plan}


def _errors(resource: ObservedResource, state: ObservedState) -> list[str]:
    if state.meaning != "failure":
        return []
    return [*dict.fromkeys(text for job in resource.jobs.values() for text in _errors_of(resource, job, state))]


def _errors_of(resource: ObservedResource, job: ObservedJob, state: ObservedState) -> Iterator[str]:
    for seen in job.sightings:
        if seen.state != state.word:
            continue
        for at, value in answer_leaves(seen.call):
            name = letters(at.rpartition("/")[2])
            is_one = isinstance(value, str) and value and ("error" in name or "message" in name or "reason" in name)
            if is_one and " " in value:
                yield value
                return


# --- operations


def _operation(found: Observed, op: ObservedOperation) -> JsonValue:
    made: JsonValue = {"verb": op.verb}
    if op.verb == "answer":
        return made
    if op.verb == "token":
        return {**made, **_token(op)}
    if len(found.resources) > 1:
        made |= {"resource": op.resources[0]} if len(op.resources) == 1 else {"resources": op.resources}
    resource = found.resources[op.resources[0]]
    if op.place:
        made["id_at"] = op.place
    if op.verb in ("move", "upload"):
        made["to"] = op.to
    if op.signed:
        made["signed"] = {"expires": LINK_SECONDS}
    if op.verb == "list":
        return {**made, **list_words(found, resource, op)}
    if op.verb == "content":
        return {**made, "result": _content(resource, op)}
    return {**made, **_told(resource, op), **_bound(found, op)}


def _bound(found: Observed, op: ObservedOperation) -> JsonValue:
    bindings: JsonValue = {}
    for name in op.resources:
        bindings |= bindings_of(found, found.resources[name], op)
    line = next((text_at(call) for call in op.good if op.media and is_log(call)), "")
    bindings |= {"log": {line: "log.text"}} if line else {}
    return {"bindings": bindings} if bindings else {}


def _told(resource: ObservedResource, op: ObservedOperation) -> JsonValue:
    """The words of a stream."""
    said = words_of_stream(op, told_by(resource, op)) if op.media else {}
    return {"stream": said} if op.media and op.verb == "create" else said


def _token(op: ObservedOperation) -> JsonValue:
    call = next(iter(op.good), None)
    answer = call.answer if call is not None and isinstance(call.answer, dict) else {}
    expires = answer.get("expires_in")
    names = {"access_token": "token", "token": "token", "expires_in": "expires_in"}
    bindings = {f"/{name}": fact for name, fact in names.items() if name in answer}
    return {"expires": expires if type(expires) is int and expires > 0 else TOKEN_SECONDS, "bindings": bindings}


def _content(resource: ObservedResource, op: ObservedOperation) -> str:
    """The result whose bytes are answered; it is noted down for its resource."""
    make, file = content_of(op)
    same = next((row for row in resource.results.values() if (row["make"], row["file"]) == (make, file)), None)
    if same is None:
        taken = {row["name"] for row in resource.results.values()}
        name = next(name for name in (make, *(f"{make}{n}" for n in range(2, 99))) if name not in taken)
        same = resource.results[f"content of {op.name}"] = {
            "name": name, "make": make, "file": file, "got": next(iter(op.good), None),
        }  # fmt: skip
    return str(same["name"])
