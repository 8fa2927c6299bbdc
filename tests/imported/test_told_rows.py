"""What the tables of an import say: operations that are not served and why, states without stuttering, addresses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cli_kit import call
from imported_kit import jobs, of, old, put, said, serving, thing

TEXT = {"type": "string"}
STATE = {"type": "string", "enum": ["queued", "running", "done", "failed", "canceled"]}
JOB = thing(id=TEXT, status=STATE)


def others() -> dict[str, Any]:
    """A document with an operation of each kind that is left out."""
    document = jobs(JOB)
    film = {"name": "film", "in": "path", "required": True, "schema": TEXT}
    picture = {"200": {"description": "", "content": {"image/png": {}}}}
    document["paths"] |= {
        "/fonts": {"get": {"operationId": "fonts", "responses": said({"type": "array", "items": TEXT})}},
        "/logo": {"get": {"operationId": "logo", "responses": picture}},
        "/films/{film}": {"parameters": [film], "get": {"operationId": "film", "responses": said(JOB)}},
        "/users": {"post": {"operationId": "user", "responses": said(thing(user_id=TEXT))}},
        "/jobs/search": {"query": {"operationId": "search", "responses": said(JOB)},
                         "additionalOperations": {"COPY": {"responses": said(JOB)}}},
    }  # fmt: skip
    return document


def test_each_operation_that_is_not_served_is_named_with_the_reason(tmp_path: Path) -> None:
    file = put(tmp_path, others())
    result = call("new", "renders", "--into", tmp_path, "--from", file, COLUMNS="300")
    shown = " ".join(result.stdout.split())
    assert "2 of 6 operations" in shown
    told = json.loads((tmp_path / "renders" / "imported.json").read_text())["others"]
    whys = {each["subject"]: each["why"] for each in told}
    assert whys.keys() == {"fonts", "logo", "film", "user"}
    assert whys["fonts"] == "it is about no job"
    assert "image/png" in whys["logo"]
    assert "/status" in whys["film"]
    assert "nothing was found that begins" in whys["film"]
    assert "nothing was found that shows" in whys["user"]
    assert all(f"{name} │ not served │ {why}" in shown for name, why in whys.items())


def test_very_many_operations_of_one_reason_are_one_row(tmp_path: Path) -> None:
    document = jobs(JOB)
    for n in range(30):
        document["paths"][f"/fonts/{n}"] = {"get": {"operationId": f"font{n}", "responses": said(TEXT)}}
    made = call("new", "renders", "--into", tmp_path, "--from", put(tmp_path, document), COLUMNS="400").stdout
    assert made.count("not served") == 1
    assert "and 18 more" in made
    assert len(json.loads((tmp_path / "renders" / "imported.json").read_text())["others"]) == 30


def test_operations_of_a_method_that_no_contract_has_are_told(tmp_path: Path) -> None:
    made = of(tmp_path, others())
    assert [each.subject for each in made.left] == ["QUERY /jobs/search", "COPY /jobs/search"]


def test_the_row_of_states_says_no_word_twice(tmp_path: Path) -> None:
    (row,) = (each.meaning for each in of(tmp_path, jobs(JOB)).guesses if each.subject == "/status")
    assert row == "queued, running, done (success), failed (failure), canceled"


ALONE = {"url": "https://{tenant}.jobs.example/v2"}


@pytest.mark.parametrize(("server", "path", "told"), [
    (ALONE, "/v2", "'tenant' of an address is not described"),
    (ALONE | {"variables": {"tenant": {"description": "Yours"}}}, "/v2", "'tenant' of an address is not described"),
    (ALONE | {"variables": {"tenant": {"enum": ["a", "b"]}}}, "/v2", ""),
    (ALONE | {"variables": {"tenant": {"default": "a", "enum": []}, "unused": {"default": "b"}}}, "/v2", ""),
    (ALONE | {"variables": {"tenant": None}}, "/v2", "'tenant' of an address is not described"),
    ({"url": "https://jobs.example:{port}/v2", "variables": {"port": {"default": 8443, "enum": [443, 8443]}}},
     "/v2", ""),
    ({"url": "https://jobs.example:{port}/v2"}, "", "is none, and was left out"),
    ({"url": "https://jobs.example/{version}"}, "/version", "'version' of an address is not described"),
    ({"url": "https://jobs.example/{a b}"}, "/a-b", "'a b' of an address is not described"),
    ({"url": "/v2/{x"}, "", "is none, and was left out"),
    ({"url": "jobs.example/v2"}, "/v2", "says no scheme"),
    ({"url": "/v2"}, "/v2", ""), ({"url": ""}, "", ""), ({}, "", ""),
])  # fmt: skip
def test_an_address_never_keeps_a_document_from_being_imported(
    server: Any, path: str, told: str, tmp_path: Path
) -> None:
    made = of(tmp_path, jobs(JOB) | {"servers": [server]})
    assert [told in each.why for each in made.left if each.why] == ([True] if told else [])
    with serving(tmp_path, made) as (_, http):
        assert http.post(f"{path}/jobs").status_code == 201


@pytest.mark.parametrize("where", ["path", "operation"])
def test_nor_does_one_of_a_path_or_of_an_operation(where: str, tmp_path: Path) -> None:
    document = jobs(JOB)
    item = document["paths"]["/jobs"]
    (item if where == "path" else item["post"])["servers"] = [ALONE, {"url": "/v2/{x"}]
    made = of(tmp_path, document)
    assert len(made.left) == 2
    with serving(tmp_path, made) as (_, http):
        assert http.post("/v2/jobs").status_code == 201


def test_a_server_that_no_import_mends_goes_and_no_operation_with_it(tmp_path: Path) -> None:
    document = old()
    document["servers"] = [{"url": "https://[bad/v1"}, {"url": "https://api.renders.example/v1"}]
    made = of(tmp_path, document)
    assert len(made.behavior["operations"]) == 6
