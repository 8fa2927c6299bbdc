"""What an operation is in the words of behavior.json, and what an update changes of a job. Knows no other verb."""

from __future__ import annotations

from typing import Any

from mockserver import pointers
from mockserver.imported.addresses import PARAMETER
from mockserver.imported.drafting import Draft, answer_about, request_of, sent_by
from mockserver.imported.facts import Guess, Lifecycle, OperationRole, listing
from mockserver.imported.job_answers import AnswerReader
from mockserver.imported.leaving import shared_examples, tables_of
from mockserver.imported.lexicon import letters
from mockserver.imported.states import stays
from mockserver.json_types import JsonObject


def words_of(draft: Draft, life: Lifecycle, role: OperationRole) -> JsonObject:
    """The words of an operation, which are written down: its verb, its resource, where it names the job."""
    made: JsonObject = {"verb": role.verb}
    if len(draft.lives) > 1:
        made["resource"] = life.name
    if role.verb not in ("create", "list"):
        at = _id_at(draft, life, role)
        made |= {"id_at": at} if at else {}
    draft.behavior["operations"][role.operation] = made
    return made


def _id_at(draft: Draft, life: Lifecycle, role: OperationRole) -> str:
    """Where a request names the job, where that is not the only parameter of its path."""
    facts = draft.facts[role.operation]
    if role.id_at:
        return role.id_at
    show = draft.facts[life.show]
    named, index = PARAMETER.findall(facts.path), len(PARAMETER.findall(show.path)) - 1
    if index < 0:
        is_said = f"/{life.id_parameter}" in facts.sends
        return f"/{life.id_parameter}" if is_said else f"query.{life.id_parameter}"
    own = [each for each in named if letters(each) in life.id_names]
    if own and len(named) > 1:
        return f"path.{own[0]}"
    return f"path.{named[index]}" if len(named) > 1 and index < len(named) else ""


def update(draft: Draft, life: Lifecycle, role: OperationRole, teller: AnswerReader, shared: Any) -> None:
    """Write an operation that sets values of a job, and its answer."""
    bound = [each for table in tables_of(draft.behavior["resources"][life.name]) for each in table.values()]
    facts = [each.get("fact", "") if isinstance(each, dict) else each for each in bound]
    echoed = {fact.removeprefix("request.") for fact in facts if fact.startswith("request./")}
    sent = draft.sampler.shapes.said(sent_by(draft, role.operation)[1])["properties"]
    places = [at for name in sent if (at := pointers.join("", name)) in echoed]
    places = places or _shown_anew(draft, life, sent, shared)
    if places:
        words = words_of(draft, life, role)
        words["sets"] = dict.fromkeys(places, "replace")
        _narrow(draft, life, role, places, shared)
    else:  # nothing that it says is shown: it is answered, and changes nothing that clients see
        role.verb, role.look = "update", "what it changes: nothing that it says is shown in the answers"
        words = words_of(draft, life, role) | {"verb": "move", "to": stays(life)}
        draft.behavior["operations"][role.operation] = words
    request_of(draft, role, {})
    answer_about(draft, life, role, teller, shared, words)


_BOUNDS = (
    "minLength", "maxLength", "pattern", "format", "enum", "minimum", "maximum", "exclusiveMinimum",
    "exclusiveMaximum", "multipleOf",
)  # fmt: skip


def _narrow(draft: Draft, life: Lifecycle, role: OperationRole, places: list[str], shared: Any) -> None:
    """Let an update take no value that answers could not show: it has the bounds of those where it has none."""
    kind, schema = sent_by(draft, role.operation)
    own = draft.sampler.shapes.said(schema)["properties"]
    lacking: JsonObject = {}
    for name in (pointers.split(place)[0] for place in places):
        said, shown = (
            draft.sampler.shapes.said(own[name]),
            draft.sampler.shapes.at(shared, life.at + pointers.join("", name))[0],
        )
        more = {word: shown[word] for word in _BOUNDS if word in shown} if not {*_BOUNDS} & {*said} else {}
        lacking |= {name: more} if more and said.get("type") == shown.get("type") else {}
    if lacking:
        draft.operation(role.operation)["requestBody"]["content"][kind]["schema"] = {
            "allOf": [schema, {"type": "object", "properties": lacking}]
        }
        why = "answers show it within these bounds alone"
        life.guesses.append(Guess(role.operation, f"{listing(lacking)} as narrow as it is shown", why, "what it takes"))


def _shown_anew(draft: Draft, life: Lifecycle, sent: JsonObject, shared: Any) -> list[str]:
    """What an update says and answers show, though no creating request says it."""
    example = next(shared_examples(draft.openapi, life.name))["value"]
    bindings = draft.behavior["resources"][life.name]["bindings"]
    found = []
    for name, schema in sent.items():
        at = pointers.join(life.at, name)
        value, kind = pointers.get(example, at), draft.sampler.shapes.said(schema).get("type")
        fact = f"request.{pointers.join('', name)}"
        if at in bindings or kind not in ("string", "object"):
            continue
        if value is None and draft.sampler.shapes.at(shared, at)[0]["null"]:
            pointers.put(example, at, "text" if kind == "string" else {})
            bindings[at] = fact
        elif kind == "string" and isinstance(value, str) and value:
            bindings[at] = {"fact": fact, "else": value}
        found += [pointers.join("", name)] if at in bindings else []
    return found
