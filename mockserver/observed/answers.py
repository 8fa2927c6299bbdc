"""The responses of operations: examples by the state of the job, statuses and headers as they were seen. Knows what of
them nobody saw, and marks it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from typing import Any

from mockserver.intake import STREAMS
from mockserver.json_types import JsonValue
from mockserver.observed.archive import ObservedCall
from mockserver.observed.facts import bindings_of
from mockserver.observed.flow import HIDDEN, answer_leaves
from mockserver.observed.lists import page_of, pages_of, without
from mockserver.observed.lives import ENDS, PHASES, by_word, shown_elsewhere, state_before
from mockserver.observed.made_up import MadeUpRefusal
from mockserver.observed.model import Observed, ObservedJob, ObservedOperation, ObservedResource, ObservedState
from mockserver.observed.refusals import ObservedRefusals
from mockserver.observed.schemas import schema_of
from mockserver.observed.states import word_of
from mockserver.observed.streams import further
from mockserver.pointers import MISSING, get, put

Responses = dict[str, Any]
SEEN, ASSUMED = {"x-evidence": "observed"}, {"x-evidence": "assumed"}
OTHER = "other"
_PLAIN = frozenset(
    ("content-type", "content-length", "date", "server", "connection", "transfer-encoding", "content-encoding", "vary",
     "keep-alive", "age", "allow", "content-range", "accept-ranges", "last-modified", "www-authenticate", "alt-svc",
     "strict-transport-security", "set-cookie", "retry-after", "content-disposition", "via", "link",
     "content-language", "x-powered-by")
)  # fmt: skip
"""Headers that say nothing of an API, or that the engine sends itself."""


class Answers:
    """Makes the responses of each operation."""

    def __init__(self, found: Observed, refusals: ObservedRefusals) -> None:
        self._found = found
        self._refusals = refusals

    def of(self, op: ObservedOperation) -> Responses:
        """By status: what an operation answers."""
        made: Responses = {}
        for name, status, call, body, seen in self._examples(op):
            response = made.setdefault(str(status), {"description": _description(status)})
            if body is MISSING:
                response.setdefault("x-answers", []).append(name)
                continue
            media = (call.answer_media if call is not None else "") or "application/json"
            content = response.setdefault("content", {}).setdefault(media, {"examples": {}})
            content["examples"].setdefault(name, {**(SEEN if seen else ASSUMED), "value": body})
        self._bytes(op, made)
        for problem, refusal in self._refusals.own.get(op.name, {}).items():
            add_refusal(made, problem, refusal)
        for code, response in made.items():
            _finish(response, [call for call in op.calls if str(call.status) == code], self._pages(op, code))
        return made

    def _pages(self, op: ObservedOperation, code: str) -> list[JsonValue]:
        """What further the schema of a list's page has to allow."""
        call = next((call for call in op.good if call.answer is not MISSING and str(call.status) == code), None)
        if op.verb != "list" or call is None:
            return []
        return [pages_of(self._found.resources[op.resources[0]], op, copied(call.answer))]

    def _bytes(self, op: ObservedOperation, made: Responses) -> None:
        if op.verb == "content":
            media = next((call.answer_media for call in op.good if call.answer_media), "application/octet-stream")
            content = {media: {"schema": {"type": "string", "format": "binary"}}}
            made["200"] = {"description": "The bytes", **SEEN, "content": content}

    def _examples(self, op: ObservedOperation) -> Iterator[tuple[str, int, ObservedCall | None, JsonValue, bool]]:
        """Name, status, where it was seen, body, whether it was seen so."""
        if op.verb in ("answer", "token", "list"):
            call = max(op.good, key=lambda each: len(answer_leaves(each)), default=None)
            if call is not None:
                yield "ok", call.status, call, self._ok(op, call), True
            return
        if op.verb == "content":
            yield from self._refused_states(op)
            return
        for name in op.resources:
            prefix = f"{name}." if len(op.resources) > 1 else ""
            for state, *rest in self._of_resource(op, self._found.resources[name]):
                yield (prefix + state, *rest)

    def _ok(self, op: ObservedOperation, call: ObservedCall) -> JsonValue:
        """The answer of what is about no job, or the page of a list with one item."""
        if call.answer is MISSING:
            return call.text or MISSING
        body = copied(call.answer)
        return page_of(self._found.resources[op.resources[0]], op, body) if op.verb == "list" else body

    def _of_resource(
        self, op: ObservedOperation, resource: ObservedResource
    ) -> Iterator[tuple[str, int, ObservedCall | None, JsonValue, bool]]:
        samples = [*_found_in(op, resource)]
        if not samples:
            yield from self._never_taken(op, resource)
        elif op.media:
            yield from self._by_state(op, resource, samples)
            yield from ((name, call.status, call, call.answer, True) for name, call in further(op))
        elif op.verb == "create":
            first = next(iter(resource.states), "created")
            calls = [call for state, call in samples if state in ("", first)] or [call for _, call in samples]
            yield from _shaped(op, first, calls, calls[0].status)
        else:
            yield from self._by_state(op, resource, samples)

    def _never_taken(
        self, op: ObservedOperation, resource: ObservedResource
    ) -> Iterator[tuple[str, int, ObservedCall | None, JsonValue, bool]]:
        """Of what was only refused, a success that nobody saw."""
        refused = self._refusals.own.get(op.name, {})
        seen = next((refused[name] for name in refused if name in resource.states), None)
        like = seen or self._refusals.like_seen(409, "conflict", "It cannot be done as it stands")
        for state in resource.states.values():
            if state.name in refused or state.meaning == "gone":
                continue
            if state.meaning in PHASES:
                yield state.name, 200, None, {}, False
            else:
                yield state.name, like.status, None, copied(like.body), False

    def _by_state(
        self, op: ObservedOperation, resource: ObservedResource, samples: list[tuple[str, ObservedCall]]
    ) -> Iterator[tuple[str, int, ObservedCall | None, JsonValue, bool]]:
        refused = self._refusals.own.get(op.name, {})
        for state in resource.states.values():
            if state.meaning == "gone" or state.name in refused:
                continue
            calls = [call for name, call in samples if name == state.name]
            if calls:
                yield from _shaped(op, state.name, calls, calls[-1].status)
            elif op.verb == "show" or (op.media and state.meaning in ENDS):
                yield self._unseen(op, resource, state, samples)
            elif not op.media:
                yield self._unmoved(op, resource, state, samples)

    def _unseen(
        self,
        op: ObservedOperation,
        resource: ObservedResource,
        state: ObservedState,
        samples: list[tuple[str, ObservedCall]],
    ) -> Any:
        """What a state that nobody saw would look like: another one with its word."""
        like = next(
            (call for name, call in samples if name and _ends(resource, name) == _ends(resource, state.name)), None
        )
        call = like or samples[-1][1]
        place = op.state.at if op.state is not None and op.state.kind == "field" and call.answer is not MISSING else ""
        elsewhere = shown_elsewhere(resource, state, call.answer, place)
        if elsewhere is not MISSING:
            return state.name, call.status, call, copied(elsewhere), False
        body = copied(call.answer)
        if place:
            put(body, place, state.said)
        if state.meaning != "success" and body is not MISSING:
            unfinished = [each.answer for name, each in samples if not _ends(resource, name)]
            for at, fact in bindings_of(self._found, resource, op).items():
                if isinstance(fact, str) and fact.startswith("result") and get(body, at) is not MISSING:
                    without(body, at, unfinished)
        return state.name, call.status, call, body, False

    def _unmoved(
        self,
        op: ObservedOperation,
        resource: ObservedResource,
        state: ObservedState,
        samples: list[tuple[str, ObservedCall]],
    ) -> Any:
        """What is answered in a state that was never found: moved as from others, or, from an end, refused."""
        call = samples[0][1]
        target = resource.states.get(op.to)
        is_open = state.meaning in (*PHASES, "still") or target is None or target.meaning in ("gone", "still")
        if is_open:
            return state.name, call.status, call, copied(call.answer), False
        own = self._refusals.own.get(op.name, {}).items()
        seen = [refusal for name, refusal in own if name != "bad_request" and refusal.status in (400, 409, 422)]
        like = seen[0] if seen else self._refusals.like_seen(409, "conflict", "It is too late for that")
        return state.name, like.status, None, copied(like.body), False

    def _refused_states(self, op: ObservedOperation) -> Iterator[tuple[str, int, ObservedCall | None, JsonValue, bool]]:
        resource = self._found.resources[op.resources[0]]
        refused = self._refusals.own.get(op.name, {})
        usual = self._refusals.common["not_found"]
        like = next((refused[name] for name in refused if name in resource.states), usual)
        for state in resource.states.values():
            is_given = state.meaning == "success" or (state.meaning == "still" and self._has_bytes(op, state))
            if state.meaning != "gone" and state.name not in refused and not is_given:
                yield state.name, like.status, None, copied(like.body), False

    def _has_bytes(self, op: ObservedOperation, state: ObservedState) -> bool:
        return any(name == state.name for name, _ in _found_in(op, self._found.resources[op.resources[0]]))


def _found_in(op: ObservedOperation, resource: ObservedResource) -> Iterator[tuple[str, ObservedCall]]:
    """Each success with the state in which the job was found, as far as anybody knows."""
    for call in op.good:
        job = job_of(resource, call, op)
        if job is not None and (not op.media or word_of(call, op)):
            yield _state_found(resource, job, call, op), call


def job_of(resource: ObservedResource, call: ObservedCall, op: ObservedOperation) -> ObservedJob | None:
    """The job that a call is about."""
    return resource.created(call, op) if op in resource.makers else next(resource.named(call), None)


def _state_found(resource: ObservedResource, job: ObservedJob, call: ObservedCall, op: ObservedOperation) -> str:
    if (op.verb in ("show", "create") or op.media) and (word := word_of(call, op)):
        state = by_word(resource, word)
        return state.name if state is not None else ""
    found = state_before(resource, job, call)
    return found.name if found is not None else ""


def copied(body: JsonValue) -> JsonValue:
    """A body of its own."""
    return body if body is MISSING else copy.deepcopy(body)


def _ends(resource: ObservedResource, name: str) -> bool:
    state = resource.states.get(name)
    return state is not None and state.meaning not in (*PHASES, "still")


def _shaped(
    op: ObservedOperation, name: str, calls: list[ObservedCall], status: int
) -> Iterator[tuple[str, int, ObservedCall | None, JsonValue, bool]]:
    """An example, and its variants."""
    of_variants: dict[str, list[ObservedCall]] = {}
    for call in calls:
        of_variants.setdefault(op.variants.get(call.number, ""), []).append(call)
    for variant, several in sorted(of_variants.items()) if "" in of_variants else [("", calls)]:
        title = f"{name}.{variant}" if variant else name
        yield title, several[0].status if variant else status, _fullest(several), _fullest(several).answer, True


def _fullest(calls: Iterable[ObservedCall]) -> ObservedCall:
    return max(calls, key=lambda call: sum(value not in (None, "") for _, value in answer_leaves(call)))


def add_refusal(made: Responses, problem: str, refusal: MadeUpRefusal) -> None:
    """Enter a refusal under its status."""
    response = made.setdefault(str(refusal.status), {"description": _description(refusal.status)})
    if refusal.body is MISSING:
        response.setdefault("x-answers", []).append(problem)
        return
    content = response.setdefault("content", {}).setdefault(refusal.media, {"examples": {}})
    evidence = SEEN if refusal.call is not None else ASSUMED
    content["examples"].setdefault(problem, {**evidence, "value": refusal.body})


def _description(status: int) -> str:
    return "As it was seen" if status < 400 else "Refused"


def _finish(response: Any, calls: list[ObservedCall], further: list[JsonValue]) -> None:
    """The schema of what is shown, and the headers that came with it."""
    for media, content in response.get("content", {}).items():
        if "schema" not in content and media not in STREAMS:
            examples = [each["value"] for each in content["examples"].values()]
            seen = [call.answer for call in calls if call.answer is not MISSING]
            content["schema"] = {**SEEN, **schema_of([*examples, *seen, *further])}
    if headers := headers_of(calls):
        response["headers"] = headers


def headers_of(calls: Iterable[ObservedCall]) -> JsonValue:
    """The headers that came with answers, and tell something of the API."""
    headers = {name: value for call in calls for name, value in call.answered.items() if _tells(name, value)}
    return {
        "-".join(word.capitalize() for word in name.split("-")): {
            "schema": {"type": "string"},
            "example": value,
            **SEEN,
        }
        for name, value in headers.items()
    }


def _tells(name: str, value: str) -> bool:
    is_limit = "ratelimit" in name or "rate-limit" in name
    return (
        name not in _PLAIN
        and not is_limit
        and not name.startswith(("access-control-", "cf-", "x-amz-"))
        and HIDDEN not in value
    )
