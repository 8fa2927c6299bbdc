"""A webhook whose body is an envelope around what an operation answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from api_kit import receiving
from check_kit import BEHAVIOR, OPENAPI, Mutation, behave, both, show, without
from language_kit import NAME, SHOW, findings, serving

KEY = {"X-API-Key": "demo-key"}
HOOK = "/webhooks/ended"
BODY = f"{HOOK}/post/requestBody/content/application~1json"
OTHER: dict[str, Any] = {"other": {"value": {"type": "x", "job": "x", "data": {}}}}
JOB = {"$ref": "#/components/schemas/Job"}
SCHEMA = {"type": "object", "properties": {"data": {"type": "object", "properties": {"object": JOB}}}}


def wrapped(examples: Any = None, like: Any = None, **more: Any) -> Mutation:
    """The webhook tells of a job as `getJob` shows it, within an envelope."""
    said = {
        "resource": "job", "target": "/callback", "like": like or {"operation": "getJob", "under": "/data/object"},
        "events": {"running": "job.started", "succeeded": "job.done", "failed": "job.failed"},
        "bindings": {"/type": "webhook.event", "/job": "id"}, **more,
    }  # fmt: skip
    return both(behave(HOOK, said), show(BODY, {"schema": SCHEMA, "examples": examples or OTHER}))


def told(tmp_path: Path, *mutations: Mutation, **wish: Any) -> tuple[list[Any], Any]:
    """The webhooks of a job, and what is shown of it at its end."""
    with receiving() as receiver, serving(tmp_path, *mutations) as own:
        if wish:
            own.sandbox.apis[NAME].plan(wish)
        identity = own.submit(callback=receiver.url).json()["id"]
        own.advance(1000)
        return [each.json for each in receiver.got], own.show(identity)


def test_the_answer_of_an_operation_stands_in_an_envelope(tmp_path: Path) -> None:
    (started, done), shown = told(tmp_path, wrapped(), outcome="succeeded")
    assert (started["type"], started["data"]["object"]["status"]) == ("job.started", "running")
    assert (done["type"], done["job"]) == ("job.done", shown["id"])
    assert done["data"]["object"] == {**shown, "picture_url": done["data"]["object"]["picture_url"]}


def test_a_state_may_have_an_envelope_of_its_own(tmp_path: Path) -> None:
    failed = {"failed": {"value": {"type": "x", "reason": "x", "data": {"kind": "job"}}}}
    bindings = {"/type": "webhook.event", "/job": "id", "/reason": "error"}
    mutation = wrapped({**OTHER, **failed}, bindings=bindings)
    (_, last), shown = told(tmp_path, mutation, outcome="failed", error="Torn")
    assert (last["reason"], last["data"]["kind"], last["data"]["object"]["error"]) == ("Torn", "job", "Torn")
    assert shown["error"] == "Torn"


def test_its_own_bindings_go_before_those_of_the_operation(tmp_path: Path) -> None:
    bindings = {"/type": "webhook.event", "/data/object/id": {"join": ["job:", {"fact": "id"}]}}
    (_, last), shown = told(tmp_path, wrapped(bindings=bindings), outcome="succeeded")
    assert last["data"]["object"]["id"] == f"job:{shown['id']}"


def test_an_answer_of_another_shape_stands_there_in_that_shape(tmp_path: Path) -> None:
    wide = both(
        behave("/variants", {"wide": {"request./aspect": "16:9"}}),
        show(f"{SHOW}/responses/200/content/application~1json/examples/succeeded.wide", {"value": {
            "id": "x", "status": "succeeded", "prompt": "x", "wide": True}}),
        show("/components/schemas/Job", {"type": "object"}),
    )  # fmt: skip
    with receiving() as receiver, serving(tmp_path, wrapped(), wide) as own:
        own.sandbox.apis[NAME].plan({"outcome": "succeeded"})
        identity = own.submit(callback=receiver.url, aspect="16:9").json()["id"]
        own.advance(1000)
        assert receiver.got[-1].json["data"]["object"].items() >= {"wide": True, "id": identity}.items()


def test_the_served_document_shows_it_with_the_answer(tmp_path: Path) -> None:
    with serving(tmp_path, wrapped()) as own:
        hook = own.http.get("/openapi.json").json()["webhooks"]["ended"]["post"]["requestBody"]
        examples = hook["content"]["application/json"]["examples"]
        assert sorted(name for name in examples if "." not in name) == ["failed", "running", "succeeded"]
        assert examples["running"]["value"]["data"]["object"]["status"] == "running"
        assert examples["running"]["value"]["type"] == "x"


@pytest.mark.parametrize(
    ("mutation", "word"),
    [
        (wrapped(like={"operation": "getJobb", "under": "/data"}), "Did you mean 'getJob'?"),
        (wrapped(like={"operation": "getJob", "undr": "/data"}), "'undr'"),
        (wrapped(like={"operation": "getJob", "under": "/dta/object"}), "there is no object at '/dta'"),
        (wrapped({"running": OTHER["other"]}), "there is no envelope for 'failed'"),
        (wrapped(events={"runing": "x", "failed": "y"}), "there is no state 'runing'. Remedy: Did you mean 'running'?"),
        (both(wrapped(), show(f"{BODY}/schema/properties/data/properties/object", {"type": "string"})),
         "does not fit the schema of the webhook"),
        (wrapped(bindings={"/typ": "webhook.event"}), "/typ"),
        (both(wrapped(), without(OPENAPI, f"{BODY}/examples")), "it has no body"),
        (both(wrapped(), without(BEHAVIOR, f"{HOOK}/like/under")), "'under' is missing"),
    ],
)  # fmt: skip
def test_an_envelope_that_cannot_be_is_named(mutation: Mutation, word: str, tmp_path: Path) -> None:
    found = findings(tmp_path, mutation)
    assert any(word in each for each in found), "\n".join(found) or "nothing was found"


def test_a_mistake_in_the_answer_is_told_where_it_stands(tmp_path: Path) -> None:
    mutation = both(wrapped(), behave("/operations/getJob/bindings/~1error", "request./nowhere"))
    assert all("/webhooks/" not in each for each in findings(tmp_path, mutation))
