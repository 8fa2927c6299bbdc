"""One answer against the examples it may be: status, media type, headers, body. Asks nobody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from mockserver import pointers
from mockserver.bindings import every
from mockserver.contract import Contract, Example, Limit, Operation
from mockserver.intake import STREAMS
from mockserver.live import LiveReply
from mockserver.live.match_example import bindings_of, fits, leaves
from mockserver.ratelimit import Hit
from mockserver.ratelimit import headers as limit_headers
from mockserver.verify.drift import BROKEN, LOOSE, STRICT, Drift, DriftJudgement, broken
from mockserver.verify.schema_drift import body_drifts
from mockserver.verify.states import shown_as, unknown_state
from mockserver.verify.strange import is_renamed, strange_states


def compare(
    contract: Contract, operation: Operation | None, name: str, expected: Sequence[Example], reply: LiveReply
) -> list[Drift]:
    """What differs between an answer and the examples that were expected; `name` is the operation's, for people."""
    chosen = [example for example in expected if example.status == reply.status]
    if not chosen:
        return [_other_status(contract, operation, name, expected, reply)]
    drifts = list(_headers(contract, operation, name, chosen[0], reply))
    fitting = [example for example in chosen if example.media_type == reply.media_type]
    if not fitting:
        pointer = response_of(chosen[0]) + "/content"
        sentence = f"the answer is {reply.media_type or 'of no media type'} and not {chosen[0].media_type}"
        return [*drifts, Drift("other_media_type", broken(contract, pointer), name, "", pointer, sentence)]
    if fitting[0].media_type in STREAMS:
        return drifts if operation is None else [*drifts, *strange_states(contract, operation, chosen, reply)]
    if "json" not in fitting[0].media_type:
        return drifts
    body = reply.json
    if body is pointers.MISSING:
        sentence = f"the body is not JSON: {reply.body[:60]!r}"
        return [*drifts, Drift("other_type", BROKEN, name, "", response_of(fitting[0]) + "/content", sentence)]
    if fitting[0].schema is not None:
        drifts += body_drifts(contract, name, fitting[0].schema, body)
    found = [*_left_out(contract, operation, name, fitting, body)]
    if operation is not None:
        found += _strange(contract, operation, chosen, reply)
    told = {drift.at for drift in drifts}
    return drifts + [each for each in found if each.at not in told]


def _strange(contract: Contract, operation: Operation, due: Sequence[Example], reply: LiveReply) -> Iterable[Drift]:
    """States that nobody knows. Where jobs are shown, all of an answer that examples show is looked at by `unlike`."""
    if operation.verb not in ("show", "update"):
        return strange_states(contract, operation, due, reply)
    found = unknown_state(contract, operation, [*dict.fromkeys(each.name for each in due)], reply)
    return () if found is None else (found,)


def seen_at(drift: Drift, reply: LiveReply) -> Any:
    """What an answer has at the place of a drift: a value of its body, a header, or its status; MISSING if nothing."""
    if drift.kind in ("missing_header", "other_header"):
        return reply.headers.get(drift.at.lower(), pointers.MISSING)
    if drift.kind == "other_status":
        return reply.status
    if drift.kind == "other_media_type":
        return reply.media_type
    return pointers.get(reply.json, drift.at)


def response_of(example: Example) -> str:
    """The pointer to the response under which an example stands."""
    return (example.schema or example.pointer).partition("/content/")[0].removesuffix("/x-answers")


def _other_status(
    contract: Contract, operation: Operation | None, name: str, expected: Sequence[Example], reply: LiveReply
) -> Drift:
    known = {e.status for several in operation.examples.values() for e in several} if operation else set()
    wanted = sorted({example.status for example in expected})
    pointer = response_of(expected[0])
    judgement: DriftJudgement = broken(contract, pointer) if reply.status in known or reply.status >= 500 else STRICT
    which = ", ".join(dict.fromkeys(example.name for example in expected))
    sentence = f"answered {reply.status} where {' or '.join(map(str, wanted))} ({which}) was due: {reply.body[:80]!r}"
    return Drift("other_status", judgement, name, "", pointer, sentence)


def _left_out(
    contract: Contract, operation: Operation | None, name: str, examples: Sequence[Example], body: Any
) -> list[Drift]:
    """Optional fields that the example it is shows, or else the nearest one, and the answer leaves out."""
    meant = [e for e in examples if operation is not None and fits(contract, operation, e, body)]
    name_of_nearest = nearest(meant or examples, body)
    variants = [e for e in examples if e.name == name_of_nearest]
    missing = min((list(_absent(e.value, body, "")) for e in variants), key=len, default=[])
    omitted = {at for at, value in every(operation) if value.omit} if operation is not None else set()
    return [
        Drift(
            "missing_field", LOOSE, name, at, f"{variants[0].pointer}{at}",
            f"the answer leaves out {at}, which the example shows and the schema does not require",
        )
        for at in missing
        if at not in omitted and not _comes_with_a_quirk(contract, operation, variants[0], at)
    ]  # fmt: skip


def _comes_with_a_quirk(contract: Contract, operation: Operation | None, example: Example, at: str) -> bool:
    """Whether a field of an answer, or of an item of a list, is there only while a quirk is on."""
    lacking = [lack for quirk in contract.quirks.values() for lack in quirk.lacks(example.status)]
    is_list = operation is not None and operation.paging is not None
    return at in lacking or (is_list and any(at.endswith(each) for each in lacking))


def nearest(examples: Sequence[Example], body: Any) -> str | None:
    """The name of the example that agrees with a body most: in equal values, less those that differ."""
    scores = {e.name: 0 for e in examples}
    for name in scores:
        scores[name] = max(_agreement(e.value, body) for e in examples if e.name == name)
    return max(scores, key=lambda name: scores[name], default=None)


def _agreement(shown: Any, body: Any) -> int:
    leaves = [(at, value) for at, value in pointers.walk(shown) if not isinstance(value, dict | list)]
    given = [(value, pointers.get(body, at)) for at, value in leaves]
    return sum(1 if value == other else -(value is None) - (other is None) for value, other in given)


def _absent(shown: Any, body: Any, at: str) -> Iterator[str]:
    if isinstance(shown, dict) and isinstance(body, dict):
        for key, value in shown.items():
            if key not in body:
                yield pointers.join(at, key)
            else:
                yield from _absent(value, body[key], pointers.join(at, key))


def unlike(contract: Contract, operation: Operation, names: Sequence[str], reply: LiveReply) -> Drift | None:
    """That an answer is like none of the examples of these names, or tells a state of none; None for no object."""
    strange = unknown_state(contract, operation, names, reply)
    if strange is not None or shown_as(contract, operation, names, reply) or not isinstance(reply.json, dict):
        return strange
    renamed = _renamed(contract, operation, names, reply)
    if renamed is not None:
        return renamed
    first = operation.examples[names[0]][0]
    sentence = f"the answer is like none of the examples: {reply.body[:160]!r}"
    return Drift("other_value", broken(contract, first.pointer), operation.id, "", response_of(first), sentence)


def _renamed(contract: Contract, operation: Operation, names: Sequence[str], reply: LiveReply) -> Drift | None:
    """That an answer is an example but for the word of its state."""
    due = [e for name in names for e in operation.examples.get(name, ()) if e.status == reply.status and e.is_json]
    for example in (each for each in due if each.name == nearest(due, reply.json)):
        shown = leaves(example.value, "", bindings_of(contract, operation, example))
        differing = [(at, word) for at, word in shown if pointers.get(reply.json, at) != word]
        if len(differing) != 1:
            continue
        at, word = differing[0]
        came = pointers.get(reply.json, at)
        if is_renamed(contract, operation, at, word, came):
            sentence = (
                f"state {word!r} is now {came!r} at {at}, or {came!r} is a state that the contract does not know: all"
                f" else is as the example {example.name} shows it"
            )
            return Drift("other_value", STRICT, operation.id, at, example.pointer + at, sentence)
    return None


def _headers(
    contract: Contract, operation: Operation | None, name: str, example: Example, reply: LiveReply
) -> Iterator[Drift]:
    response = response_of(example)
    found = pointers.get(contract.document, response)
    declared = found.get("headers", {}) if isinstance(found, dict) else {}
    for header, node in declared.items():
        said, at = pointers.resolve(contract.document, node, pointers.join(response, "headers", header))
        given = reply.headers.get(header.lower())
        if given is None:
            if said.get("required") or header.lower() in promised(contract, operation, example):
                sentence = f"the answer to {example.name} lacks the header {header}"
                yield Drift("missing_header", broken(contract, at), name, header, at, sentence)
        elif not _fits(contract, at, given):
            sentence = f"the header {header} is {given!r:.60}, against its schema"
            yield Drift("other_header", broken(contract, at), name, header, at, sentence)


def _fits(contract: Contract, at: str, given: str) -> bool:
    pointer = f"{at}/schema"
    if pointers.get(contract.document, pointer) is pointers.MISSING:
        return True
    values: list[Any] = [given, *([int(given)] if given.strip().lstrip("-").isdigit() else [])]
    return any(not body_drifts(contract, "", pointer, value) for value in values)


def promised(contract: Contract, operation: Operation | None, example: Example) -> set[str]:
    """The headers, in lower case, that an answer carries by the contract although its schema does not require them."""
    constant = {name.lower() for name, _ in example.headers}
    limited = operation is not None and any(operation.id in limit.operations for limit in contract.limits)
    if not limited or example.status in (401, 403):  # whoever is not known has no account to count for
        return constant
    return constant | _limit_names(contract.limit_headers, example.name == "rate_limited")


@cache
def _limit_names(form: str, refused: bool) -> frozenset[str]:
    hit = Hit(Limit("any", "ip", frozenset(), 1, 60), 0, 60.0, refused)
    names: Iterable[tuple[bytes, bytes]] = limit_headers(form, hit, 0.0)
    return frozenset(name.decode().lower() for name, _ in names)
