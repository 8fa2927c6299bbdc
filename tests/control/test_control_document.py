"""The control API: its paths, its methods, and the document that describes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from control_kit import Steered, contracts, job, refused, told

from mockserver import pointers
from mockserver.validation import Schemas

OPEN = "/_mock/sandboxes"


PATHS = [
    ("/_mock/health", "GET, HEAD"), ("/_mock/metrics", "GET, HEAD"),
    ("/_mock/openapi.json", "GET, HEAD"), (OPEN, "GET, HEAD, POST"),
    (f"{OPEN}/default", "DELETE, GET, HEAD"), (f"{OPEN}/default/clock", "GET, HEAD, PUT"),
    (f"{OPEN}/default/clock/advance", "POST"), (f"{OPEN}/default/clock/run-until", "POST"),
    (f"{OPEN}/default/accounts", "GET, HEAD, POST"), (f"{OPEN}/default/clock/next", "GET, HEAD, POST"),
    (f"{OPEN}/default/limits", "PUT"), (f"{OPEN}/default/strict", "PUT"),
    (f"{OPEN}/default/faults", "GET, HEAD, POST"), (f"{OPEN}/default/faults/vidgen-1", "DELETE"),
    (f"{OPEN}/default/jobs", "GET, HEAD"), (f"{OPEN}/default/plans", "GET, HEAD, POST"),
    (f"{OPEN}/default/plans/vidgen-1", "DELETE"), (f"{OPEN}/default/quirks", "PUT"),
    (f"{OPEN}/default/scenario", "PUT"), (f"{OPEN}/default/webhooks", "GET, HEAD, PUT"),
    (f"{OPEN}/default/journal", "GET, HEAD"), (f"{OPEN}/default/reset", "POST"),
    (f"{OPEN}/default/requests", "GET, HEAD"), (f"{OPEN}/default/answers", "GET, HEAD, POST"),
    (f"{OPEN}/default/answers/vidgen-1", "DELETE"),
    (f"{OPEN}/default/snapshot", "GET, HEAD"),
    (f"{OPEN}/default/conduct", "GET, HEAD"), (f"{OPEN}/default/coverage", "GET, HEAD"),
    (f"{OPEN}/default/unused", "GET, HEAD"), (f"{OPEN}/default/webhook-endpoints", "GET, HEAD, POST"),
    (f"{OPEN}/default/webhook-endpoints/vidgen-1", "DELETE"), (f"{OPEN}/default/webhook-secrets", "POST"),
    (f"{OPEN}/default/webhooks/verify", "POST"),
    (f"{OPEN}/default/jobs/vidgen-1", "GET, HEAD"), (f"{OPEN}/default/jobs/vidgen-1/move", "POST"),
    (f"{OPEN}/default/jobs/vidgen-1/results", "GET, HEAD"),
    (f"{OPEN}/default/webhooks/test", "POST"), (f"{OPEN}/default/webhooks/vidgen-1/resend", "POST"),
    (f"{OPEN}/default/journal/1", "GET, HEAD"), (f"{OPEN}/default/events", "GET, HEAD"),
    ("/_mock/events", "GET, HEAD"), ("/_mock/apis", "GET, HEAD"), ("/_mock/faults", "GET, HEAD"),
    ("/_mock/coverage", "GET, HEAD"), (f"{OPEN}/default/foresight", "POST"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "allow"), PATHS)
@pytest.mark.parametrize("method", ["PATCH", "OPTIONS", "TRACE", "QUERY"])
def test_another_method_is_refused_with_all_that_are_allowed(
    control: Steered, path: str, allow: str, method: str
) -> None:
    answer = control.ask(method, path)
    refused(answer, 405)
    assert answer.headers["allow"] == allow


def test_every_path_of_the_document_is_in_that_table(control: Steered) -> None:
    paths = control.get("/_mock/openapi.json")["paths"]
    named = {path.replace("{name}", "default").replace("{id}", "vidgen-1").replace("{n}", "1") for path in paths}
    assert named == {path for path, _ in PATHS}


@pytest.mark.parametrize("path", ["/_mock/nix", "/_mock/sandboxes/", "/_mock/sandboxes/a/b/c"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_path_is_a_problem(control: Steered, method: str, path: str) -> None:
    assert "/_mock" in refused(control.ask(method, path), 404)["detail"]


@pytest.mark.parametrize(("path", "allow"), PATHS)
def test_an_unknown_sandbox_is_a_404_on_every_path(control: Steered, path: str, allow: str) -> None:
    bodies = {"clock": {"mode": "manual"}, "advance": {"seconds": 1}, "accounts": {"api": "vidgen"},
              "run-until": {"job": "x", "state": "COMPLETED"},
              "limits": {"on": True}, "strict": {"on": True}, "webhooks": {}, "plans": {"api": "vidgen"}, "reset": {},
              "foresight": {"method": "GET", "path": "/vidgen/api/jobs"},
              "faults": {"api": "vidgen", "fault": "hang"}, "answers": {"api": "vidgen", "operation": "media"},
              "quirks": {"api": "mirrago", "quirk": "completedc", "on": True},
              "scenario": {"api": "vidgen", "scenario": "happy"}, "webhook-secrets": {"api": "vidgen"},
              "webhook-endpoints": {"api": "vidgen", "url": "https://x"},
              "verify": {"headers": {}, "content": ""}, "next": {}, "move": {"to": "finish"}, "resend": {},
              "test": {"api": "vidgen", "url": "https://x"}}  # fmt: skip
    if "default" not in path:
        return
    for method in set(allow.split(", ")) - {"HEAD"}:
        body = {"json": bodies[path.split("/")[-1]]} if method in ("PUT", "POST") else {}
        problem = refused(control.ask(method, path.replace("default", "nobody"), **body), 404)
        assert problem["detail"] == "there is no sandbox named 'nobody'"


def test_head_is_get_without_the_body(control: Steered) -> None:
    answer = control.ask("HEAD", f"{OPEN}/default/clock")
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) > 0


def test_every_answer_is_dated_by_the_default_clock_and_never_stored(control: Steered) -> None:
    for path in (OPEN, "/_mock/nix", "/", "/nix"):
        assert control.ask("GET", path).headers["date"].endswith("GMT")
    assert control.ask("GET", OPEN).headers["cache-control"] == "no-store"


def test_every_example_of_the_document_fits_its_schema(control: Steered) -> None:
    document = control.get("/_mock/openapi.json")
    schemas = Schemas(document)
    seen = 0
    for pointer, media in _media(document):
        for name, example in media.get("examples", {}).items():
            seen += 1
            assert schemas.at(f"{pointer}/schema").check(example["value"]) is None, (pointer, name)
    assert seen > 40


def _operations(document: Any) -> Iterator[tuple[str, str, Any]]:
    for path, item in document["paths"].items():
        for method, said in item.items():
            yield method, path, said


def test_every_body_and_every_parameter_has_an_example(control: Steered) -> None:
    document = control.get("/_mock/openapi.json")
    for method, path, said in _operations(document):
        for parameter in said.get("parameters", ()):
            parameter, _ = pointers.resolve(document, parameter)
            assert "example" in parameter, (method, path, parameter["name"])
        for content in said.get("requestBody", {}).get("content", {}).values():
            is_for_none = said["operationId"] == "registerEndpoint"  # no API that is shipped sends there
            assert content.get("examples") or is_for_none, (method, path)


def test_no_schema_has_a_default_for_generators_of_types_take_it_for_required(control: Steered) -> None:
    schemas = control.get("/_mock/openapi.json")["components"]["schemas"]
    properties = (node for _, node in pointers.walk(schemas) if isinstance(node, dict) and "type" in node)
    assert not [node for node in properties if "default" in node]


def test_every_example_of_a_body_is_taken_and_does_little(control: Steered) -> None:
    """They are what a person sends by one click in Swagger UI."""
    document = control.get("/_mock/openapi.json")
    for method, path, said in _operations(document):
        content = said.get("requestBody", {}).get("content", {}).get("application/json", {})
        for name, example in content.get("examples", {}).items():
            sandbox = control.sandbox()
            before = control.get(f"{sandbox}/clock")["epoch"]
            target = path.replace("/_mock/sandboxes/{name}", sandbox)
            made = job(control, sandbox) if "job" in example["value"] or "{id}" in path or "/next" in path else ""
            own = {"job": made} if "job" in example["value"] else {}
            if said["operationId"] == "resendWebhook":
                test = {"api": "vidgen", "url": "https://127.0.0.1:9/"}
                made = told(control.ask("POST", f"{sandbox}/webhooks/test", json=test), 200)["id"]
            target = target.replace("{id}", made)
            answer = control.ask(method.upper(), target, json={**example["value"], **own})
            assert answer.status_code < 300, (path, name, answer.text)
            assert control.get(f"{sandbox}/clock")["epoch"] - before <= 3600, (path, name)


def _media(node: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        if "schema" in node and "examples" in node:
            yield pointer, node
        for key, child in node.items():
            yield from _media(child, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}")


SERVED = [("/plans", {"api": "vidgen", "outcome": "FAILED"}, True),
          ("/plans", {"api": "vidgen", "outcome": "X"}, False),
          ("/plans", {"api": "miraflow", "resource": "video", "outcome": "inference_error"}, True),
          ("/plans", {"api": "miraflow", "resource": "media"}, False), ("/plans", {"api": "vidgen", "queued": 1}, True),
          ("/quirks", {"api": "mirrago", "quirk": "completedc", "on": True}, True),
          ("/quirks", {"api": "vidgen", "quirk": "completedc", "on": True}, False),
          ("/scenario", {"api": "vidgen", "scenario": "slow"}, True),
          ("/scenario", {"api": "vidgen", "scenario": "nix"}, False)]  # fmt: skip


@pytest.mark.parametrize(("tail", "body", "fits"), SERVED)
def test_the_served_document_says_what_each_api_accepts(
    control: Steered, sandbox: str, tail: str, body: Any, fits: bool
) -> None:
    schema = {"/plans": "Plan", "/quirks": "QuirkSetting", "/scenario": "ScenarioSetting"}[tail]
    validator = Schemas(control.get("/_mock/openapi.json")).at(f"/components/schemas/{schema}")
    answer = control.ask("POST" if tail == "/plans" else "PUT", sandbox + tail, json=body)
    assert (answer.status_code < 300) is fits is validator.is_valid(body)


def test_every_api_and_every_runner_is_in_the_served_document(control: Steered) -> None:
    schemas = control.get("/_mock/openapi.json")["components"]["schemas"]
    assert schemas["Api"]["enum"] == [contract.name for contract in contracts()]
    runners = [(c.name, r.name) for c in contracts() for r in c.resources.values() if r.run]
    said = [b["properties"] for b in schemas["Plan"]["anyOf"]]
    named = [(b["api"]["const"], b["resource"]["const"]) for b in said]
    assert list(dict.fromkeys(named)) == runners
