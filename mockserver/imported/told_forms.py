"""Answers about a job that look otherwise in some states: an example for each state, in the form of that state.

What is bound in all of them stands once; what only one of them has stands under its name.
"""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

from mockserver import pointers
from mockserver.imported.drafting import Draft, example_of, json_of
from mockserver.imported.facts import Lifecycle, OperationRole
from mockserver.imported.filling import fill, with_results
from mockserver.imported.forms import form_of
from mockserver.imported.job_answers import AnswerReader
from mockserver.imported.late import AnswerDraft
from mockserver.imported.refusals import fits
from mockserver.json_types import JsonObject


class ToldForms(NamedTuple):
    """The answers by the names of states, and what is written over them, as a resource says it."""

    examples: dict[str, Any]
    bindings: JsonObject
    results: JsonObject


def told_forms(draft: Draft, life: Lifecycle, role: OperationRole, teller: AnswerReader) -> ToldForms | None:
    """What an operation shows in each state; None where one form serves all of them, or one has none that fits."""
    schema = (json_of(draft.success(role.operation)[1]) or {}).get("schema", {})
    if life.is_bare or not life.state_at:
        return None
    at = (role.at if role.verb == "show" else life.at) + life.state_in
    shown = {each: form_of(draft.openapi, schema, at, life.seen(each)) for each in life.states}
    forms = {each: form for each, form in shown.items() if life.states[each] != "gone"}
    if all(form is schema for form in forms.values()) or None in [*forms.values()]:
        return None
    told = {}
    for state, form in forms.items():
        answer = _told(draft, life, role, teller, form, at, state)
        if not fits(draft.openapi, schema, answer.example):
            return None
        told[life.names[state]] = answer
    results = {name: result for each in told.values() for name, result in each.results.items()}
    return ToldForms({name: each.example for name, each in told.items()}, _bindings(told), results)


def last_form(draft: Draft, life: Lifecycle, schema: Any) -> Any:
    """What is shown of a job that was just taken away, where each state has a form: of that state, else as it ended.

    None where one form serves all states.
    """
    shared = draft.openapi["components"]["examples"]
    if f"{life.name}.other" in shared:
        return None
    shown = draft.operation(life.show)["responses"].values()
    if not any(each.get("schema") == schema for said in shown for each in said.get("content", {}).values()):
        return None
    for state, meaning in life.states.items():
        form = form_of(draft.openapi, schema, life.state_at, life.seen(state)) if meaning == "gone" else None
        example = example_of(draft, form) if form is not None else None
        if example is not None and fits(draft.openapi, schema, example):
            return example
    ends = [each for end in ("cancelled", "success", "failure") for each, m in life.states.items() if m == end]
    return copy.deepcopy(shared[f"{life.name}.{life.names[ends[0] if ends else next(iter(life.states))]}"]["value"])


def _told(
    draft: Draft, life: Lifecycle, role: OperationRole, teller: AnswerReader, form: Any, at: str, state: str
) -> AnswerDraft:
    example = example_of(draft, form)
    fill(draft.sampler, form, example, at)
    if pointers.get(example, at) is not pointers.MISSING:
        pointers.put(example, at, life.seen(state))
    shows = draft.facts[role.operation].shows
    example = with_results(draft.openapi, draft.sampler, form, example, shows, teller.asks)
    told = teller.told(form, example, at.removesuffix(life.state_in), role.id_at, shows)
    told.bindings.pop(at, None)  # the example says it itself
    return told


def _bindings(told: dict[str, AnswerDraft]) -> JsonObject:
    """What all examples that have a place are bound to there, and by the name of an example what it is alone."""
    common: JsonObject = {}
    for each in told.values():
        for at, value in each.bindings.items():
            holders = [one for one in told.values() if pointers.get(one.example, at) is not pointers.MISSING]
            if all(holder.bindings.get(at) == value for holder in holders):
                common[at] = value
    own = {name: {at: value for at, value in each.bindings.items() if at not in common} for name, each in told.items()}
    return common | {name: each for name, each in own.items() if each}
