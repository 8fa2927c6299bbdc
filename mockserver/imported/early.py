"""What shows a job and answers otherwise until it has ended: with 425, or 202. Knows no other refusal and no verb."""

from __future__ import annotations

import copy
from typing import Any

from mockserver.imported.drafting import Draft, example_of
from mockserver.imported.facts import Lifecycle, OperationRole, is_json
from mockserver.imported.lexicon import letters
from mockserver.imported.refusals import said_why
from mockserver.json_types import JsonObject

_WAIT = 1
"""After so many seconds a client may ask again."""


def too_early(document: Any) -> dict[str, tuple[str, JsonObject]]:
    """By operation that reads the answer that it gives until a job has ended, with its status: 425, else 202."""
    found: dict[str, tuple[str, JsonObject]] = {}
    for item in document["paths"].values():
        responses = item.get("get", {}).get("responses", {})
        status = next((each for each in ("425", "202") if each in responses and "200" in responses), "")
        if status:
            found[item["get"]["operationId"]] = (status, copy.deepcopy(responses[status]))
    return found


def answer_early(draft: Draft, life: Lifecycle, role: OperationRole) -> None:
    """Let a job that has not ended be answered so; with 202 only where no field tells how it stands."""
    status, response = draft.early.get(role.operation, ("", {}))
    waiting = [life.names[each] for each, meaning in life.states.items() if meaning in ("queued", "running")]
    if not waiting or not status or (status == "202" and life.state_at):
        return
    answer: JsonObject = {"description": response.get("description") or "Not ready yet"}
    content = {kind: each for kind, each in response.get("content", {}).items() if is_json(kind)}
    for kind, each in [*content.items()][:1]:
        schema = each.get("schema", {})
        value = said_why(example_of(draft, schema), "It is not ready yet")
        shown = {state: {"x-evidence": "assumed", "value": value} for state in waiting}
        answer["content"] = {kind: {"schema": schema, "examples": shown}}
    if not content:
        answer["x-answers"] = waiting
    names = [name for name in response.get("headers", {}) if letters(name) == "retryafter"]
    if names:
        answer["headers"] = {names[0]: {"schema": {"type": "integer"}, "example": _WAIT}}
    draft.operation(role.operation)["responses"][status] = answer
