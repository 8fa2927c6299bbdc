"""The two documents of an imported contract in the making: what its requests and answers show. Knows no verb."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mockserver import pointers
from mockserver.imported.facts import Guess, Lifecycle, OperationFacts, OperationRole, is_json, listing
from mockserver.imported.filling import fill, reach, with_results
from mockserver.imported.job_answers import AnswerReader
from mockserver.imported.late import AnswerDraft
from mockserver.imported.lexicon import SENT_TO, letters, tells_job
from mockserver.imported.parts import as_part
from mockserver.imported.refusals import fits
from mockserver.imported.sampling import Sampler
from mockserver.json_types import JsonObject

_FILES = {
    "accept": ["application/octet-stream", "image/png", "image/jpeg", "video/mp4", "audio/mpeg", "audio/wav",
               "application/pdf", "text/plain", "application/json"],
    "max_bytes": 1 << 29, "unsupported": "unsupported_body", "too_large": "too_large",
}  # fmt: skip


@dataclass
class Draft:
    """The two documents in the making."""

    openapi: JsonObject
    behavior: JsonObject
    facts: Mapping[str, OperationFacts]
    lives: Sequence[Lifecycle]
    conflicts: JsonObject = field(default_factory=dict)
    """By operation the content of the 409 that its document has."""
    early: dict[str, tuple[str, JsonObject]] = field(default_factory=dict)
    """By operation the status and the answer that its document has for a job that has not ended."""
    sampler: Sampler = field(init=False)

    def __post_init__(self) -> None:
        self.sampler = Sampler(self.openapi)

    def operation(self, name: str) -> JsonObject:
        """The operation of that name in openapi.json."""
        facts = self.facts[name]
        found: JsonObject = self.openapi["paths"][facts.path][facts.method]
        return found

    def success(self, name: str) -> tuple[str, JsonObject]:
        """The success of an operation that says most, the others taken away."""
        responses = self.operation(name)["responses"]
        said = [response for response in responses if response.startswith("2")]
        led = [response for response in responses if response.startswith("3") and "headers" in responses[response]]
        several = [*(each for each in said if {"content", "headers"} & {*responses[each]}), *led, *said]
        chosen = next((each for each in said if "content" in responses[each]), next(iter(several), "200"))
        for each in [response for response in responses if response != chosen and int(response) < 400]:
            del responses[each]
        return chosen, responses.setdefault(chosen, {"description": ""})


def sent_by(draft: Draft, name: str) -> tuple[str, Any]:
    """The media type of a request's body and its schema."""
    content = draft.operation(name).get("requestBody", {}).get("content", {})
    kind = next((each for each in content if is_json(each)), next(iter(content), ""))
    return kind, content.get(kind, {}).get("schema", {})


def json_of(response: JsonObject, life: Lifecycle | None = None) -> JsonObject | None:
    """The JSON content of a response, the only one that is kept; where a life is bare, one that was made up."""
    content = response.get("content", {})
    if not content and life is not None and life.is_bare:
        content = response["content"] = {"application/json": {"schema": {"type": "object"}}}
    kind = next(filter(is_json, content), None)
    if kind is None:
        return None
    response["content"] = {kind: content[kind]}
    found: JsonObject = content[kind]
    return found


def told_by(
    draft: Draft, life: Lifecycle, role: OperationRole, teller: AnswerReader, *, is_formed: bool = False
) -> tuple[Any, AnswerDraft]:
    """The schema of an answer and what it shows; `is_formed`: there is an example for each state beside this."""
    content = json_of(draft.success(role.operation)[1], life) or {}
    schema = content.get("schema", {})
    example = example_of(draft, schema)
    listed = next((each for each in (role.id_at, role.at if role.verb == "show" else "") if "/0" in each), "")
    if listed:
        fill(draft.sampler, schema, example, f"{listed.partition('/0')[0]}/0")
    if life.is_bare and not example:
        example = {"id": "id", "status": "status", "created_at": "2026-05-07T12:34:56Z"}
    fill(draft.sampler, schema, example, life.state_at)
    if role.id_at and not role.id_at.startswith("header."):
        fill(draft.sampler, schema, example, role.id_at)
        reach(example, role.id_at)
    has_state = pointers.get(example, life.state_at) is not pointers.MISSING
    at = role.at if role.verb == "show" else life.at if has_state else ""
    if "/0" in role.id_at:
        at = f"{role.id_at.partition('/0')[0]}/0"
    elif role.verb in ("move", "update") and _are_jobs(draft, life, schema):
        at = "/0"
        fill(draft.sampler, schema, example, at)
    shows = draft.facts[role.operation].shows
    if not role.part:
        example = with_results(draft.openapi, draft.sampler, schema, example, shows, teller.asks)
    told = teller.told(schema, example, at, role.id_at, shows)
    if is_formed:
        return schema, told
    if role.operation == life.show and teller.late.early:
        early, why = listing(teller.late.early), "the schema wants it in every state, and no null"
        life.guesses.append(Guess(early, "https://example.com/ before the result", why, "what is shown before"))
    if role.operation == life.show and not teller.tells_all(schema, life.state_at):
        why = "its schema has another form for some states"
        life.guesses.append(Guess(role.operation, "schema left open", why, "what it answers in each state"))
        content["schema"] = {"type": "object"}
        told.bindings[life.state_at] = teller.state()
    return content.get("schema", {}), told


def _are_jobs(draft: Draft, life: Lifecycle, schema: Any) -> bool:
    """Whether an answer is a list of jobs alone."""
    said = draft.sampler.shapes.at(schema, f"/0{life.state_in}")[0]
    return draft.sampler.shapes.said(schema).get("type") == "array" and ("type" in said or "enum" in said)


def example_of(draft: Draft, schema: Any) -> Any:
    """A value of a schema, with as many of its fields as may be; the first that came to mind where none fits."""
    return sample(draft.openapi, schema, draft.sampler)


def sample(document: JsonObject, schema: Any, sampler: Sampler | None = None) -> Any:
    """The same of a document that is no draft."""
    make = sampler or Sampler(document)
    several = [make.value(schema, is_least=least, choice=n) for n in range(3) for least in (False, True)]
    return next((each for each in several if fits(document, schema, each)), several[0])


def answer_about(
    draft: Draft, life: Lifecycle, role: OperationRole, teller: AnswerReader, shared: Any, words: JsonObject
) -> None:
    """An answer about a job: as the resource is shown, or with an example and bindings of its own."""
    _, response = draft.success(role.operation)
    headers = _headers(life, response) if role.verb == "create" else {}
    words |= {"bindings": headers} if headers else {}
    content = json_of(response, life if role.verb in ("show", "create") and not headers else None)
    if content is None:
        response.pop("content", None)
        return
    is_gone = role.to == "gone" and "gone" not in life.states.values()
    is_new = role.verb == "create" and role.id_at and _lacks(draft, life, role)
    if content.get("schema", {}) == shared and not (role.part or is_new):
        words |= {"bindings": {life.state_at: teller.gone()}} if is_gone and life.state_at else {}
        return
    _, told = told_by(draft, life, role, teller)
    if is_gone and life.state_at in told.bindings:
        told.bindings[life.state_at] = teller.gone()
    content["examples"] = {"other": {"x-evidence": "assumed", "value": told.example}}
    common = draft.behavior["resources"][life.name]["bindings"]
    if role.part:
        as_part(told, draft.facts[role.operation].path, role.part, life, common)
    own = {at: value for at, value in told.bindings.items() if common.get(at) != value}
    draft.behavior["resources"][life.name]["results"] |= told.results
    if own or headers:
        words["bindings"] = headers | own


def _headers(life: Lifecycle, response: JsonObject) -> JsonObject:
    """What the headers of an answer say of the job: where it is shown, or its id."""
    names = [name for name in response.get("headers", {}) if tells_job(name)]
    return {f"header.{name}": f"url.{life.show}" if letters(name) in SENT_TO else "id" for name in names}


def _lacks(draft: Draft, life: Lifecycle, role: OperationRole) -> bool:
    """Whether the shared example does not show the id where this answer has it."""
    bound: JsonObject = draft.behavior["resources"][life.name]["bindings"]
    return bound.get(role.id_at) != "id"


def request_of(draft: Draft, role: OperationRole, words: JsonObject) -> None:
    """A request as an example; the files of a form are of any usual type."""
    body = draft.operation(role.operation).get("requestBody", {})
    for kind, content in body.get("content", {}).items():
        schema = content.setdefault("schema", {})
        said = draft.sampler.shapes.said(schema)
        value = example_of(draft, schema)
        binary = [name for name, each in said["properties"].items() if _is_binary(draft, each)]
        value = value if is_json(kind) else _without_nulls(value)
        _put_files(value, binary if kind.startswith("multipart/") else ())
        is_written = is_json(kind) and not isinstance(value, str)  # an example that is a text is sent as it is
        is_shown = is_written or kind.startswith(("multipart/", "application/x-www-form"))
        if is_shown and fits(draft.openapi, schema, value):
            content["examples"] = {"one": {"x-evidence": "assumed", "value": value}}
        if kind.startswith("multipart/"):
            words |= {"files": dict.fromkeys(binary, _FILES)} if binary else {}


def _without_nulls(value: Any) -> Any:
    """A form has no null."""
    return {name: each for name, each in value.items() if each is not None} if isinstance(value, dict) else value


def _put_files(value: Any, names: Sequence[str]) -> None:
    """Let an example have a word in the place of each file."""
    for name in names if isinstance(value, dict) else ():
        if value.get(name) is None:
            value.pop(name, None)
        elif isinstance(value[name], list):
            value[name] = ["bytes"]
        else:
            value[name] = "bytes"


def _is_binary(draft: Draft, schema: Any) -> bool:
    several = draft.sampler.shapes.forms(schema)
    inner = [draft.sampler.shapes.said(each["items"]) if "items" in each else each for each in several]
    return any(each.get("format") == "binary" for each in inner)
