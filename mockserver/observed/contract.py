"""The two files of a contract, and what to look at before it is relied on. Writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from mockserver.errors import UsageError
from mockserver.imported.stages import with_meaning
from mockserver.json_types import JsonValue
from mockserver.observed.answers import SEEN, Answers, add_refusal, headers_of
from mockserver.observed.archive import ObservedCall, calls_of
from mockserver.observed.asking import told_apart_by
from mockserver.observed.behavior import behavior_of
from mockserver.observed.deliveries import parted
from mockserver.observed.flow import HIDDEN, find_templates
from mockserver.observed.ids import write_ids_as_texts
from mockserver.observed.left import PassedOver
from mockserver.observed.lives import ENDS, PHASES, find_lives
from mockserver.observed.model import Observed, ObservedOperation, ObservedResource, ObservedState
from mockserver.observed.prices import find_prices
from mockserver.observed.refusals import ObservedRefusals, find_refusals
from mockserver.observed.requests import body_of, is_open, parameters_of, security_of
from mockserver.observed.roles import find_roles
from mockserver.observed.shapes import find_shapes
from mockserver.observed.streams import find_events, made_whole
from mockserver.observed.webhooks import webhooks_of
from mockserver.pointers import MISSING, get

ObservedNote = tuple[str, str, str]
MOST_TOLD = 3
EMPTY_ZIP = b"PK\x05\x06" + bytes(18)
SCHEME = "credentials"

_ENDS = frozenset({"success", "failure", "cancelled"})


class ObservedContract(NamedTuple):
    """`files` are those of results, by name; `notes` are rows of subject, meaning and what to look at."""

    openapi: JsonValue
    behavior: JsonValue
    files: dict[str, bytes]
    notes: list[ObservedNote]


def contract_of(archive: JsonValue, title: str, host: str = "") -> ObservedContract:
    """The contract of what an archive saw of one host; of that with the most answers in JSON, unless it is named.

    Raises UsageError where nothing was seen.
    """
    if not archive["log"]["entries"]:
        raise UsageError("the recording has no entries: nothing was asked while it was made, or all of it was cut out")
    lost: list[ObservedCall] = []
    left = PassedOver()
    calls, deliveries = parted(calls_of(archive, lost, left), lost)
    find_events([*calls, *deliveries])
    found = _of_host(calls, host, left)
    find_templates(calls)
    find_roles(found, calls)
    got = {call.number for call in found.downloads}
    ours = [call for call in calls if call.host == found.host and call.number not in got]
    for resource in found.resources.values():
        find_lives(resource, ours)
    _settle(found)
    write_ids_as_texts(found)
    if not found.operations:
        why = f"the recording has no success of {found.host}, so nothing is known of its answers"
        raise UsageError(why + _but(left, found.host))
    scheme = security_of(ours)
    prices = find_prices(found)
    refusals = find_refusals(found, ours, prices, bool(scheme))
    find_shapes(found)
    hooks = webhooks_of(found, deliveries)
    behavior = behavior_of(found, refusals, prices, ours)
    openapi = _document(found, refusals, (title, scheme, len(ours)))
    if hooks.openapi:
        openapi["webhooks"], behavior["webhooks"] = hooks.openapi, hooks.behavior
    for name, receives in hooks.receives.items():
        behavior["resources"][name]["receives"] = receives
    if found.variants:
        behavior["variants"] = found.variants
    _fit(openapi, behavior)
    return ObservedContract(
        _plain(openapi), behavior, _files(found), [*_told(found, behavior), *found.notes, *left.notes(found.host)]
    )


def _but(left: PassedOver, host: str) -> str:
    """What of a recording was passed over, where that may be why nothing is known."""
    told = "; ".join(f"{number}, {why}" for number, why, _ in left.notes(host)[:MOST_TOLD])
    return f" ({told})" if told else ""


def _of_host(calls: list[ObservedCall], host: str, left: PassedOver) -> Observed:
    counts = Counter(call.host for call in calls if "json" in call.answer_media or call.media.endswith("json"))
    named = host.lower() or next((name for name, _ in counts.most_common(1)), "")
    if not named or not any(call.host == named for call in calls):
        known = ", ".join(sorted({call.host for call in calls})) or "none"
        why = f"the recording has no answers of {host or 'an API in JSON'}; hosts in it: {known}"
        raise UsageError(why + _but(left, host))
    first = next(call for call in calls if call.host == named)
    found = Observed(named, first.url.scheme)
    others = counts.keys() - {named}
    if others and not host:
        found.notes.append(
            (", ".join(sorted(others)), "left out: a contract is of one host", "name it with --host for one of its own")
        )
    return found


def _settle(found: Observed) -> None:
    """Make sound what was not seen to its end, and note it."""
    for op in found.operations:
        if op.verb == "stream" and op.state is None:
            op.verb, op.resources = "answer", []
            made_whole(op)
            found.notes.append((op.name, "its stream tells no state: it is always the same", "which event means what"))
        elif op.media:
            look = "the seconds of states, where nothing but it tells them"
            found.notes.append((op.name, f"a stream ({op.media}), the events of which are spread evenly over it", look))
    found.operations = [op for op in found.operations if op.good or op.verb == "move"]
    for resource in found.resources.values():
        resource.operations = [op for op in resource.operations if op in found.operations and op.verb != "answer"]
        ends = [state for state in resource.states.values() if state.meaning in ("success", "failure")]
        if not resource.states:
            resource.states["created"] = ObservedState("created", "created", "still")
        if not ends and any(op.state for op in resource.operations):
            found.notes.append((resource.name, "its end was never seen", "record until it ends, or add its states"))
            _end(resource)
        _in_order(resource)
        _leave_out_unreached(resource)


def _leave_out_unreached(resource: ObservedResource) -> None:
    """Take away ends that only lists showed, where nothing runs that could come to them."""
    if any(state.meaning in PHASES for state in resource.states.values()):
        return
    reached = {seen.state for job in resource.jobs.values() for seen in job.sightings}
    led = {op.to for op in resource.operations}
    unreached = [each for each in resource.states.values() if each.meaning in ENDS and each.word not in reached]
    for state in unreached:
        if state.name not in led:
            del resource.states[state.name]


def _end(resource: ObservedResource) -> None:
    """What was on its way when it was last seen comes to an end of a name that is made up."""
    passed = [state for state in resource.states.values() if state.meaning not in ("cancelled", "gone")]
    is_told = any(op.state is not None and op.state.kind == "field" for op in resource.operations if op.verb == "show")
    if len(passed) == 1 or not is_told:
        for state in passed:
            state.meaning = "still"
        return
    for state in passed:
        state.meaning = state.meaning if state.meaning in PHASES else "running"
    word = "SUCCEEDED" if all(state.word.isupper() for state in passed) else "succeeded"
    others = {name: state for name, state in resource.states.items() if state not in passed}
    resource.states = {state.name: state for state in passed}
    resource.states |= {word: ObservedState(word, word, "success", is_seen=False)} | others


def _in_order(resource: ObservedResource) -> None:
    """What waits again after it ran runs on."""
    has_run = False
    for state in resource.states.values():
        has_run = has_run or state.meaning == "running"
        if has_run and state.meaning == "queued":
            state.meaning = "running"


def _document(found: Observed, refusals: ObservedRefusals, about: tuple[str, JsonValue, int]) -> JsonValue:
    title, scheme, number = about
    answers = Answers(found, refusals)
    paths: JsonValue = {}
    for op in found.operations:
        paths.setdefault(op.template, {})[op.method.lower()] = _operation(op, refusals, answers, bool(scheme))
    common: JsonValue = {}
    unneeded = _unneeded(found, bool(scheme))
    for problem, refusal in refusals.common.items():
        if refusal.call is not None or problem not in unneeded:
            add_refusal(common, problem, refusal)
    for status, response in common.items():
        seen = [each.call for each in refusals.common.values() if each.call is not None and str(each.status) == status]
        if headers := headers_of(seen):
            response["headers"] = headers
    for response in common.values():
        for content in response.get("content", {}).values():
            content["schema"] = {"$ref": "#/components/schemas/Refusal"}
    made: JsonValue = {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1.0.0", "description": f"Made of {number} calls that were recorded."},
        "servers": [{"url": f"{found.scheme}://{found.host}"}],
        "paths": paths,
        "x-responses": common,
        "components": {"schemas": {"Refusal": {"description": "Why a request is refused"}}},
    }
    if scheme:
        made["security"] = [{SCHEME: []}]
        made["components"]["securitySchemes"] = {SCHEME: scheme}
    return made


def _unneeded(found: Observed, is_secured: bool) -> set[str]:
    """What no operation of the contract refuses with, of what is made up."""
    gives_tokens = any(op.verb == "token" for op in found.operations)
    is_signed = any(op.signed for op in found.operations)
    return (
        {*(() if gives_tokens else ("invalid_client", "unsupported_grant_type"))}
        | {*(() if is_signed else ("bad_signature", "expired_link"))}
        | {*(() if is_secured else ("missing_key", "unknown_key", "deactivated_key", "expired_key"))}
    )


def _operation(op: ObservedOperation, refusals: ObservedRefusals, answers: Answers, is_secured: bool) -> JsonValue:
    made: JsonValue = {"operationId": op.name, **SEEN}
    if is_secured and is_open(op):
        made["security"] = []
    parameters, body = parameters_of(op), body_of(op, refusals)
    if parameters:
        made["parameters"] = parameters
    if body is not None:
        made["requestBody"] = body
    return {**made, "responses": answers.of(op)}


def _fit(openapi: JsonValue, behavior: JsonValue) -> None:
    """Take away the bindings of bodies that no example has a place for: answers of one operation differ."""
    for path in openapi["paths"].values():
        for op in path.values():
            said = behavior["operations"][op["operationId"]]
            values = [
                example["value"]
                for response in op["responses"].values()
                for content in response.get("content", {}).values()
                for example in content.get("examples", {}).values()
            ]
            for at in [each for each in said.get("bindings", {}) if each.startswith("/") and "items" not in said]:
                if not any(get(value, at) not in (MISSING, None, "") for value in values):
                    del said["bindings"][at]


def _plain(value: JsonValue) -> JsonValue:
    """The same, with what was hidden in URLs written as letters: brackets stand in none."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.replace(HIDDEN, "redacted") if isinstance(value, str) and "://" in value else value


def _files(found: Observed) -> dict[str, bytes]:
    """Of results whose bytes nobody makes: what was recorded of them, where that was a text."""
    made = {}
    for resource in found.resources.values():
        for row in resource.results.values():
            if row["make"] == "file":
                got: ObservedCall | None = row["got"]
                text = got.text.encode() if got is not None and got.text else b""
                made[row["file"]] = text or (EMPTY_ZIP if row["file"].endswith(".zip") else b"A result\n")
    return made


def _told(found: Observed, behavior: JsonValue) -> Iterable[ObservedNote]:
    for resource in found.resources.values():
        makers = ", ".join(op.name for op in resource.makers)
        yield resource.name, f"created by {makers}: " + _passes(resource), "the states and their seconds"
    for op in found.operations:
        odd = _answers_about_nothing(found, op)
        if odd and not op.media:
            told = f"{odd} of its answers {'is' if odd == 1 else 'are'} about no job that was created, and left out"
            yield op.name, told, "what they say: a refusal with a status of success, or of a job that was there before"
        if op.verb == "answer" and "bindings" not in behavior["operations"][op.name]:
            by = told_apart_by(op)
            why = f", though {by} says what it does: a contract has one operation for a method and a path" if by else ""
            yield op.name, f"always answers the same{why}", "whether it is about a job"


def _answers_about_nothing(found: Observed, op: ObservedOperation) -> int:
    """How many successes of what creates or shows have no job."""
    about = [found.resources[name] for name in op.resources] if op.verb in ("create", "show") else []
    good = [call for call in op.good if call.is_good and call.answer is not MISSING]
    return sum(not any(resource.about(call, op) for resource in about) for call in good) if about else 0


def _passes(resource: ObservedResource) -> str:
    """The states, one after the other; of the ends, of which a job has one, each instead of another."""
    said, was_end = "", False
    for state in resource.states.values():
        is_end = state.meaning in _ENDS
        said += (" | " if is_end and was_end else " → ") if said else ""
        said += with_meaning(state.name, state.meaning, "" if state.is_seen else "assumed")
        was_end = is_end
    return said
