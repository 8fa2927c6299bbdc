"""Which operations that are posted only ask: they show a job, and change nothing. Knows no job."""

from __future__ import annotations

from mockserver.imported.lexicon import ACTIONS, ASKS, STATE_FIELDS, TOLD, letters, parts
from mockserver.observed.archive import ObservedCall
from mockserver.observed.flow import answer_leaves
from mockserver.observed.model import ObservedOperation
from mockserver.observed.states import FLAGS

LOOKS = TOLD | ASKS | {"check", "poll", "info", "detail", "details", "describe", "inquire", "inquiry", "show", "view"}
"""Words with which the end of such a path begins or ends: `status`, `getResult`, `jobs:query`."""

ACTING = frozenset(("action", "method", "operation", "op", "cmd", "command", "function", "reqkey", "api", "service"))
"""Names of fields that say what one path shall do; letters alone."""


def says_it_asks(op: ObservedOperation) -> bool:
    """Whether the end of its path says so."""
    words = _last_words(op)
    return bool(LOOKS & {*words[:1], *words[-1:]}) and not any(letters(word) in ACTIONS for word in words)


def only_asks(op: ObservedOperation) -> bool:
    """Whether an operation about a job shows it: its path says so, or the same is asked again and more is told."""
    if says_it_asks(op):
        return True
    if any(letters(word) in ACTIONS for word in _last_words(op)):
        return False
    told: dict[str, set[str]] = {}
    for call in op.good:
        told.setdefault(str((call.values, call.query, call.body)), set()).update(_state_in(call))
    return any(len(words) > 1 for words in told.values())


def _last_words(op: ObservedOperation) -> list[str]:
    ends = [part for part in op.template.replace(":", "/").split("/") if part and not part.startswith("{")]
    return parts(ends[-1]) if ends else []


def _state_in(call: ObservedCall) -> list[str]:
    """What an answer says of a state, in the first field that is called so."""
    named = (value for at, value in answer_leaves(call) if letters(at.rpartition("/")[2]) in {*STATE_FIELDS, *FLAGS})
    return [str(each) for each in named][:1]


def told_apart_by(op: ObservedOperation) -> str:
    """The parameter or field by whose word one path does several things, answered differently; empty without one."""
    if "graphql" in letters(op.template):
        return "the query (GraphQL)"
    calls = [call for call in op.good if isinstance(call.answer, dict)]
    fields = [{**{f"query.{n}": v for n, v in call.query.items()}, **_words(call)} for call in calls]
    for name in dict.fromkeys(name for field in fields for name in field):
        shapes: dict[str, set[frozenset[str]]] = {}
        for call, said in zip(calls, fields, strict=True):
            shapes.setdefault(said.get(name, ""), set()).add(frozenset(call.answer))
        several = [shape for each in shapes.values() for shape in each]
        if 1 < len(shapes) < len(calls) and len({*several}) == len(several):
            return name
    return ""


def _words(call: ObservedCall) -> dict[str, str]:
    body = call.body if isinstance(call.body, dict) else {}
    return {f"/{name}": value for name, value in body.items() if isinstance(value, str) and letters(name) in ACTING}
