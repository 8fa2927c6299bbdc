"""A cut document and the lives of its jobs → the two documents of a contract. Writes no file, checks nothing."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from mockserver.imported.addresses import above, base_of
from mockserver.imported.drafting import Draft, answer_about, example_of, json_of, request_of, sent_by, told_by
from mockserver.imported.early import answer_early, too_early
from mockserver.imported.facts import NAME, Guess, Lifecycle, OperationFacts, OperationRole, listing
from mockserver.imported.ids import id_form
from mockserver.imported.job_answers import AnswerReader
from mockserver.imported.kinds import kind_of
from mockserver.imported.lexicon import CONTENTS, MAIN, letters, parts
from mockserver.imported.lists import list_words
from mockserver.imported.operation_words import update, words_of
from mockserver.imported.refusals import (
    conflicts,
    led_away,
    refusals,
    said_why,
    take_refusals,
    unpaid,
    want_credits,
)
from mockserver.imported.states import moves_of, run_of, states_of, stays
from mockserver.imported.told_forms import last_form, told_forms
from mockserver.json_types import JsonObject


def assembled(
    cut: JsonObject, lives: Sequence[Lifecycle], facts: Mapping[str, OperationFacts], answers: Sequence[str] = ()
) -> tuple[JsonObject, JsonObject]:
    """openapi.json and behavior.json. `answers` are operations about no job."""
    openapi = copy.deepcopy(cut)
    refused, led, poor = conflicts(openapi), led_away(openapi), unpaid(openapi)
    early, said = too_early(openapi), take_refusals(openapi)
    openapi["x-responses"], why_at = refusals(openapi, said)
    draft = Draft(openapi, {"$schema": "behavior.schema.json", "resources": {}, "operations": {}}, facts, lives)
    draft.conflicts, draft.early = refused, early
    openapi.setdefault("components", {}).setdefault("examples", {})
    for life in lives:
        _resource(draft, life)
        _lead_away(draft, life, led)
        _priced(draft, life, poor)
    for name in answers:
        _answer(draft, name)
    behavior = draft.behavior
    if why_at:
        behavior["problems"] = {"bad_request": {why_at: "problem.why"}}
    if not behavior["resources"]:
        del behavior["resources"]
    for item in openapi["paths"].values():
        for operation in item.values():
            _described(operation)
    openapi["components"] = {kind: each for kind, each in openapi["components"].items() if each}
    return openapi, behavior


_SAID = {"200": "OK", "201": "Created", "202": "Accepted", "204": "No content"}


def _described(operation: JsonObject) -> None:
    operation["x-evidence"] = "assumed"
    for status, response in operation["responses"].items():
        response["description"] = response.get("description") or _SAID.get(status, "Answered")


def _resource(draft: Draft, life: Lifecycle) -> None:
    is_deleted = any(each.to == "gone" for each in life.of("move"))
    words: JsonObject = {
        "id": id_form(draft, life),
        "states": states_of(life, is_deleted=is_deleted),
        "run": run_of(life),
    }
    draft.behavior["resources"][life.name] = words
    _same_credentials(draft, life)
    teller = _teller(draft, life)
    show = life.of("show")[0]
    forms = told_forms(draft, life, show, teller)
    schema, told = told_by(draft, life, show, teller, is_formed=forms is not None)
    words["results"] = forms.results if forms else told.results
    words["bindings"] = forms.bindings if forms else told.bindings
    for name, value in forms.examples.items() if forms else [("other", told.example)]:
        draft.openapi["components"]["examples"][f"{life.name}.{name}"] = {"x-evidence": "assumed", "value": value}
    for role in life.roles:
        _ROLES[role.verb](draft, life, role, teller, schema)
    if not words["results"]:
        del words["results"]


def _same_credentials(draft: Draft, life: Lifecycle) -> None:
    """An operation that says nothing of credentials wants those of the others about the same job."""
    several = [draft.operation(role.operation) for role in life.roles]
    said = next((each["security"] for each in several if each.get("security")), draft.openapi.get("security"))
    makers = [draft.operation(each.operation) for each in life.of("create")]
    for each in several if said else ():
        if not each.get("security", draft.openapi.get("security")) and (each in makers or "security" not in each):
            each["security"] = said
            why = "the others about the same job want them: what a stranger creates is shown to nobody"
            life.guesses.append(Guess(each["operationId"], "wants credentials", why, "which it wants"))


def _teller(draft: Draft, life: Lifecycle) -> AnswerReader:
    asked = [draft.sampler.shapes.asked(sent_by(draft, each.operation)[1]) for each in life.of("create")]
    words = [word for role in life.roles for word in parts(f"{draft.facts[role.operation].path}")]
    teller = AnswerReader(life, draft.sampler.shapes, asked, words)
    if any(each.id_at.endswith(f"/{NAME}") for each in life.of("create")):
        teller.path = above(base_of(draft.facts[life.show].path))
    return teller


def _create(draft: Draft, life: Lifecycle, role: OperationRole, teller: AnswerReader, shared: Any) -> None:
    words = words_of(draft, life, role)
    request_of(draft, role, words)
    _answered(draft, life, role, teller, shared, words)


def _answered(
    draft: Draft, life: Lifecycle, role: OperationRole, teller: AnswerReader, shared: Any, words: JsonObject
) -> None:
    """An answer about a job; one of a form of its own in some states has an example for each."""
    content: JsonObject = next(iter(draft.success(role.operation)[1].get("content", {}).values()), {})
    if role.to == "gone" and (last := last_form(draft, life, content.get("schema", {}))) is not None:
        content["examples"] = {"other": {"x-evidence": "assumed", "value": last}}
        return
    is_own = content.get("schema", {}) != shared and not role.part and role.to != "gone"
    forms = told_forms(draft, life, role, teller) if is_own else None
    if forms is None or (role.id_at and role.id_at not in forms.bindings):
        answer_about(draft, life, role, teller, shared, words)
        return
    content["examples"] = {
        name: {"x-evidence": "assumed", "value": example} for name, example in forms.examples.items()
    }
    draft.behavior["resources"][life.name]["results"] |= forms.results
    words["bindings"] = forms.bindings


def _show(draft: Draft, life: Lifecycle, role: OperationRole, teller: AnswerReader, shared: Any) -> None:
    words = words_of(draft, life, role)
    if role.operation != life.show:
        _answered(draft, life, role, teller, shared, words)
    answer_early(draft, life, role)


def _move(draft: Draft, life: Lifecycle, role: OperationRole, teller: AnswerReader, shared: Any) -> None:
    words = words_of(draft, life, role)
    words["to"] = moves_of(life, role.to) or stays(life, role.to)
    request_of(draft, role, {})
    _answered(draft, life, role, teller, shared, words)
    if role.to == "cancelled" and role.operation in draft.conflicts:
        _refuse_ended(draft, life, role)


def _refuse_ended(draft: Draft, life: Lifecycle, role: OperationRole) -> None:
    """A job that has ended is refused as the document says it is: with its own 409, or as all refusals look."""
    usual = copy.deepcopy(draft.openapi["x-responses"]["404"]["content"])
    kind, content = next(iter((draft.conflicts[role.operation] or usual).items()))
    shown = content.get("examples", {}).get("not_found", {})
    value = said_why(shown["value"] if shown else example_of(draft, content["schema"]), "It has ended")
    ended = [name for each, name in life.names.items() if life.states[each] in ("success", "failure", "cancelled")]
    examples = {each: {"x-evidence": "assumed", "value": value} for each in ended}
    refused = {"description": "Refused", "content": {kind: {"schema": content["schema"], "examples": examples}}}
    draft.operation(role.operation)["responses"]["409"] = refused


def _priced(draft: Draft, life: Lifecycle, poor: JsonObject) -> None:
    """Let a job cost something whose creation refuses for want of credits."""
    makers = [each.operation for each in life.of("create") if each.operation in poor]
    if makers:
        draft.behavior["resources"][life.name]["cost"] = 1
        want_credits(draft.openapi, poor[makers[0]])
        look = "what it costs; an account that a test opens with few credits is refused"
        why = "the document has a 402, and tells no price"
        life.guesses.append(Guess(listing(makers), f"costs 1 credit for each {life.name}", why, look))


def _lead_away(draft: Draft, life: Lifecycle, led: JsonObject) -> None:
    """Let what shows a job lead to what came of it once it has succeeded, where the document has a redirection."""
    results = [
        each
        for each in life.of("content", "show")
        if letters(draft.facts[each.operation].path.rpartition("/")[2]) in CONTENTS
    ]
    done = [name for each, name in life.names.items() if life.states[each] == "success"]
    for role in life.of("show"):
        target = next((result.operation for result in results if result.operation != role.operation), "")
        for status, response in led.get(role.operation, {}).items() if done else ():
            header = next(iter(response["headers"]))
            if target:
                words = draft.behavior["operations"][role.operation]
                draft.operation(role.operation)["responses"][status] = response | {"x-answers": done}
                words["bindings"] = words.get("bindings", {}) | {f"header.{header}": f"url.{target}"}
            else:
                why = "nothing in the document shows what came of a job alone"
                life.guesses.append(Guess(f"{role.operation} {status}", "never answered", why, "where it leads"))


def _list(draft: Draft, life: Lifecycle, role: OperationRole, teller: AnswerReader, shared: Any) -> None:
    words = words_of(draft, life, role)
    _, response = draft.success(role.operation)
    content = json_of(response, life) or {}
    common = draft.behavior["resources"][life.name]["bindings"]
    shows = draft.facts[role.operation].shows
    example, more = list_words(
        draft.sampler,
        draft.operation(role.operation),
        life,
        role,
        _whole_shown(draft, life, shared),
        teller,
        common,
        shows,
    )
    words |= more
    content["examples"] = {"ok": {"x-evidence": "assumed", "value": example}}


def _whole_shown(draft: Draft, life: Lifecycle, shared: Any) -> Any:
    """The schema of what shows a job in another form in some states; None where one form serves all."""
    return shared if f"{life.name}.other" not in draft.openapi["components"]["examples"] else None


def _content(draft: Draft, life: Lifecycle, role: OperationRole, teller: AnswerReader, shared: Any) -> None:
    words = words_of(draft, life, role)
    _, response = draft.success(role.operation)
    results = draft.behavior["resources"][life.name]["results"]
    kind = next(iter(response.get("content", {})), "application/octet-stream")
    words["result"] = _result_of(kind, role, draft, results)
    if "*" not in kind and kind != "application/octet-stream":
        words["type"] = kind
    response["content"] = {kind: {}}
    refused = copy.deepcopy(draft.openapi["x-responses"]["404"]["content"]["application/json"])
    value = said_why(refused["examples"]["not_found"]["value"], "It is not ready")
    refused["examples"] = {"other": {"x-evidence": "assumed", "value": value}}
    draft.operation(role.operation)["responses"]["409"] = {
        "description": "Not ready",
        "content": {"application/json": refused},
    }


def _result_of(kind: str, role: OperationRole, draft: Draft, results: JsonObject) -> str:
    """The result that an operation delivers; one is made where there is none of its kind."""
    make, file = kind_of(kind, kind, parts(draft.facts[role.operation].path.rpartition("}")[2]))
    alike = [name for name, result in results.items() if result["make"] == make]
    known = next((name for name in alike if {*parts(name)} & MAIN), next(iter(alike), None))
    if known is None:
        known = make if make not in results else f"{make}_content"
        results[known] = {"make": make, "file": file} | (
            {"text": {"join": ["What came of ", {"fact": "id"}]}} if make == "text" else {}
        )
    return known


def _answer(draft: Draft, name: str) -> None:
    """An operation about no job: it answers an example."""
    draft.behavior["operations"][name] = {"verb": "answer"}
    _, response = draft.success(name)
    content = json_of(response)
    if content is not None:
        schema = content.get("schema", {})
        content["examples"] = {"ok": {"x-evidence": "assumed", "value": example_of(draft, schema)}}
    else:
        response.pop("content", None)
    request_of(draft, OperationRole(name, "answer", ""), {})


def _stream(draft: Draft, life: Lifecycle, role: OperationRole, teller: AnswerReader, shared: Any) -> None:
    words_of(draft, life, role)["like"] = life.show
    _, response = draft.success(role.operation)
    response["content"] = {"text/event-stream": {}}


_ROLES = {
    "create": _create,
    "show": _show,
    "move": _move,
    "update": update,
    "list": _list,
    "content": _content,
    "stream": _stream,
}
