"""What was refused, and why: by the status, by what stood in the request, by the state of the job.

What a contract needs beside that, and nobody saw, takes the form of what was seen. Knows no document.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from mockserver.imported.lexicon import letters
from mockserver.json_types import JsonValue
from mockserver.observed.archive import ObservedCall
from mockserver.observed.busy import BusyAnswers
from mockserver.observed.flow import HIDDEN, answer_leaves, leaves, sent
from mockserver.observed.lives import PHASES, state_before
from mockserver.observed.made_up import POOR, SENTENCES, MadeUpRefusal, invented
from mockserver.observed.model import Observed, ObservedOperation, ObservedResource, ObservedState
from mockserver.observed.prices import Prices
from mockserver.observed.taken import RequestParts
from mockserver.pointers import MISSING, get
from mockserver.secret_names import sensitive

BY_STATUS = {413: "too_large", 415: "unsupported_body", 429: "rate_limited", 405: "wrong_method"}
OF_STATES = frozenset((400, 403, 404, 409, 410, 412, 422, 425))
"""Statuses that may refuse a job for the state in which it is."""


@dataclass(slots=True)
class ObservedRefusals:
    """By problem: those of all operations, and of single ones; rows of `matches`; fields that must be there."""

    common: dict[str, MadeUpRefusal] = field(default_factory=dict)
    own: dict[str, dict[str, MadeUpRefusal]] = field(default_factory=dict)
    matches: list[dict[str, Any]] = field(default_factory=list)
    required: dict[str, set[str]] = field(default_factory=dict)
    nonempty: dict[str, set[str]] = field(default_factory=dict)
    exclusive: dict[str, str] = field(default_factory=dict)
    """By resource: the problem of one too many at once."""
    seen: BusyAnswers = field(default_factory=BusyAnswers)
    prices: Prices = field(default_factory=Prices)
    limited: set[str] = field(default_factory=set)
    """The operations that refused because there were too many requests."""
    keys: set[str] = field(default_factory=set)
    """The credentials that were let in, where they are not hidden."""
    names_field: str = ""
    """Where the refusal of a request names the field that is wrong."""

    def like_seen(self, status: int, problem: str, sentence: str) -> MadeUpRefusal:
        """One that nobody saw, in the form of those that were."""
        several = [*self.common.values(), *(each for some in self.own.values() for each in some.values())]
        return invented([each for each in several if each.call is not None], status, problem, sentence)


def find_refusals(found: Observed, calls: Iterable[ObservedCall], prices: Prices, secured: bool) -> ObservedRefusals:
    """All of it; `calls` are those of the API's host. A price is assumed where a request was refused for credits."""
    made = ObservedRefusals(prices=prices, keys={*_opening(found)})
    known = {id(call) for op in found.operations for call in op.calls}
    for op in found.operations:
        for call in op.calls:
            if call.status >= 400:
                _note(found, made, op, call, secured)
    for call in calls:
        if id(call) not in known and call.status in (404, 405):
            made.common.setdefault("unknown_path" if call.status == 404 else "wrong_method", _seen(call))
    for name, problem in [*made.exclusive.items()]:
        resource = found.resources[name]
        if not any(state.meaning in PHASES for state in resource.states.values()):
            del made.exclusive[name]
            for maker in resource.makers:
                made.own.get(maker.name, {}).pop(problem, None)
    needed = {**SENTENCES, **({"no_credits": POOR} if prices.cost else {})}
    missing = {each: needed[each] for each in needed if each not in made.common}
    made.common |= {each: made.like_seen(status, each, sentence) for each, (status, sentence) in missing.items()}
    return made


def _opening(found: Observed) -> Iterator[str]:
    """The credentials that were let in, where they are not hidden."""
    for call in (each for op in found.operations for each in op.good):
        name = credential_of(call)
        if name and HIDDEN not in call.headers[name]:
            yield call.headers[name]


def _seen(call: ObservedCall) -> MadeUpRefusal:
    return MadeUpRefusal(call.status, call.answer_media or "application/json", call.answer, call)


def _note(found: Observed, made: ObservedRefusals, op: ObservedOperation, call: ObservedCall, secured: bool) -> None:
    problem = _problem(made, found, op, call, secured)
    if not problem:
        found.notes.append((f"{call.method} {op.template}", f"answered {call.status}, and nothing says why",
                            "add the answer and when it is given"))  # fmt: skip
        return
    of_op = made.own.setdefault(op.name, {})
    is_common = problem in SENTENCES or problem == "no_credits"
    if is_common and problem not in made.common:
        made.common[problem] = _seen(call)
    elif not is_common or not _is_alike(made.common[problem], call):
        of_op.setdefault(problem, _seen(call))


def _is_alike(refusal: MadeUpRefusal, call: ObservedCall) -> bool:
    return refusal.status == call.status and {*_names(refusal.body)} == {*_names(call.answer)}


def _names(body: JsonValue) -> Iterator[str]:
    return (at for at, _ in leaves(body))


def _problem(made: ObservedRefusals, found: Observed, op: ObservedOperation, call: ObservedCall, secured: bool) -> str:
    if call.status == 401 and op.verb == "token":
        return "invalid_client"
    is_open = any(not credential_of(each) and not any(map(sensitive, each.query)) for each in op.good)
    about = _about_key(made, call) if call.status in (401, 403) and secured and not is_open else ""
    if call.status == 401 or about:
        return about or ("unknown_key" if secured and not is_open else "")
    if _is_poor(made, op, call):
        return _poor(made, found, op.resources[0])
    if call.status in BY_STATUS or call.status >= 500:
        return _by_status(made, found, op, call)
    state = _state_then(made, found, op, call)
    if state:
        return state
    if op.resources and call.status in OF_STATES and _names_nobody(found, op, call):
        return "not_found"
    if call.status in (400, 403, 409, 422) and _is_busy(made, found, op, call):
        return made.exclusive.setdefault(op.resources[0], f"refused_{call.status}")
    return _by_request(made, op, call)


def _by_status(made: ObservedRefusals, found: Observed, op: ObservedOperation, call: ObservedCall) -> str:
    """What a status says whatever was asked; one too many at once may have that of too many requests."""
    if call.status == 429 and "retry-after" not in call.answered and _is_busy(made, found, op, call):
        return made.exclusive.setdefault(op.resources[0], "refused_429")
    made.limited |= {op.name} if call.status == 429 else set()
    return BY_STATUS.get(call.status, "server_error")


def _is_busy(made: ObservedRefusals, found: Observed, op: ObservedOperation, call: ObservedCall) -> bool:
    """Whether a creation was refused while a job was under way, and none was ever taken then."""
    return op.verb == "create" and made.seen.is_busy(found.resources[op.resources[0]], call)


def _about_key(made: ObservedRefusals, call: ObservedCall) -> str:
    """Whether a request had no credential, or one that never let anybody in, as far as it can be seen."""
    name = credential_of(call)
    if not name:
        return "unknown_key" if any(map(sensitive, call.query)) else "missing_key"
    value = call.headers[name]
    return "unknown_key" if made.keys and HIDDEN not in value and value not in made.keys else ""


def _is_poor(made: ObservedRefusals, op: ObservedOperation, call: ObservedCall) -> bool:
    """Whether a creation was refused because the account has too little: it says so, or nothing else explains it."""
    if op.verb != "create" or call.status not in (400, 402, 403, 409, 422, 429):
        return False
    said = letters(" ".join(str(value) for _, value in answer_leaves(call)))
    if any(word in said for word in ("credit", "balance", "funds", "insufficientquota")):
        return call.status == 402 or any(word in said for word in ("insufficient", "notenough", "nocredit", "outof"))
    return call.status == 402 and told_apart(call, made.seen.taken(op)) is None


def _poor(made: ObservedRefusals, found: Observed, resource: str) -> str:
    if resource not in made.prices.cost:
        made.prices.cost[resource] = 1
        row = f"{resource}: price", "assumed to be 1: a request was refused for want of credits"
        found.notes.append((*row, "what a job costs"))
    return "no_credits"


def credential_of(call: ObservedCall) -> str:
    """The header of a request that has a credential; empty where there is none."""
    return next((name for name in call.headers if sensitive(name) and name != "cookie"), "")


def _names_nobody(found: Observed, op: ObservedOperation, call: ObservedCall) -> bool:
    """Whether a request names something where the id of a job stands, and nothing is known by that."""
    where, _, name = op.place.partition(".")
    values = [*call.values]
    if op.place.startswith("/"):
        values = [str(value)] if (value := get(call.body, op.place)) is not MISSING else []
    elif where == "query":
        values = [call.query[name]] if call.query.get(name) else []
    return bool(values) and not any(each in resource.jobs for resource in found.resources.values() for each in values)


def _state_then(made: ObservedRefusals, found: Observed, op: ObservedOperation, call: ObservedCall) -> str:
    """The state in which the job was of which this was asked, as far as anybody knew."""
    for name in op.resources if op.verb in ("move", "content", "upload", "show") else ():
        resource = found.resources[name]
        for job in resource.named(call):
            return _refused_in(made, op, resource, state_before(resource, job, call), call)
    return ""


def _refused_in(
    made: ObservedRefusals,
    op: ObservedOperation,
    resource: ObservedResource,
    state: ObservedState | None,
    call: ObservedCall,
) -> str:
    """The name of a refusal in a state: none where the state was answered by the same operation."""
    if state is None or call.status not in OF_STATES:
        return ""
    if state.meaning == "gone":
        return "not_found"
    return "" if made.seen.is_answered(op, resource, state) else state.name


# --- by what a request said


def _by_request(made: ObservedRefusals, op: ObservedOperation, call: ObservedCall) -> str:
    taken = made.seen.taken(op)
    has_more = any(each.body is not MISSING or each.files or each.query or each.media for each in op.calls)
    usual = call.status in (400, 422) and has_more
    if usual and _by_schema(made, op, call, taken):
        return "bad_request"
    told = told_apart(call, taken)
    if told is None:
        return "bad_request" if usual else ""
    problem = f"refused_{call.status}"
    head = "request." if op.verb == "create" else "call."
    row = {"operations": [op.name], "when": {head + told[0]: told[1]}, "problem": problem}
    if made.seen.is_new((op.name, problem, *told)):
        made.matches.append({"title": f"Refused with {call.status}, as it was seen", **row})
    return problem


def _by_schema(made: ObservedRefusals, op: ObservedOperation, call: ObservedCall, taken: RequestParts) -> bool:
    """Whether a schema refuses it: of a field that is missing, empty, or of another kind."""
    body = call.body if isinstance(call.body, dict) else {}
    said = " ".join(str(value) for _, value in answer_leaves(call))
    missing = taken.always - body.keys() - call.files.keys()
    if missing:
        told = {name for name in missing if name in said} or missing
        made.required.setdefault(op.name, set()).update(told)
        made.names_field = made.names_field or next((at for at, value in answer_leaves(call) if value in told), "")
        return True
    for name, value in body.items():
        kinds = taken.kinds.get(name, set())
        if kinds and type(value) not in kinds and call.media.endswith("json"):
            return True
        if value == "" and kinds and taken.is_filled(name):
            made.nonempty.setdefault(op.name, set()).add(name)
            return True
    return False


def told_apart(call: ObservedCall, taken: RequestParts) -> tuple[str, Any] | None:
    """What stood in this request and in none that was taken; first what the answer names."""
    said = " ".join(str(value) for _, value in answer_leaves(call)).lower()
    names = letters(said)
    rows = []
    for at, value in (*sent(call), *((f"query.{name}", text) for name, text in call.query.items())):
        is_plain = type(value) in (str, int, float, bool) and not any(part.isdigit() for part in at.split("/"))
        if is_plain and not taken.has(at, value):
            is_named = letters(at.rpartition("/")[2]) in names or str(value).lower() in said
            rows.append((not is_named, at.count("/"), at, value))
    return min(rows, key=lambda row: row[:3])[2:] if rows else None
