"""What may be left out, and what is written shorter: the one resource, the first state, bindings of problems, fields
that answers lack while a quirk is off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from check_kit import BEHAVIOR, OPENAPI, Documents, Mutation, behave, without
from language_kit import findings, serving

KEY = {"X-API-Key": "demo-key"}


def bare(documents: Documents) -> None:
    """Names neither the resource nor the state that it begins in."""
    behavior = documents[BEHAVIOR]
    for said in (*behavior["operations"].values(), *behavior["webhooks"].values()):
        said.pop("resource", None)
    del behavior["resources"]["job"]["initial"]
    for word in ("curve", "outcomes"):
        del behavior["resources"]["job"]["run"][word]


def test_the_only_resource_and_its_first_state_need_no_word(tmp_path: Path) -> None:
    with serving(tmp_path, bare) as own:
        made = own.submit().json()
        assert made["status"] == "queued"
        own.advance(60)
        assert own.show(made["id"])["status"] == "succeeded"
        assert own.http.get("/v1/jobs", headers=KEY).json()["items"][0]["id"] == made["id"]


def test_of_several_resources_one_has_to_be_named(tmp_path: Path) -> None:
    other = behave("/resources/other", {"id": "hex", "states": {"there": {}}})
    found = findings(tmp_path, other, without(BEHAVIOR, "/operations/getJob/resource"))
    assert any("which resource is meant is not said; there is job, other" in each for each in found)


def test_bindings_of_a_problem_may_stand_alone(tmp_path: Path) -> None:
    with serving(tmp_path, behave("/problems/bad_request", {"/message": "problem.why"})) as own:
        answer = own.http.post("/v1/jobs", json={"prompt": 3}, headers=KEY)
        assert "prompt must be" in answer.json()["message"]
    assert findings(tmp_path, behave("/problems/bad_request", {"message": "problem.why"}))
    assert findings(tmp_path, behave("/problems/bad_request", {"/message": "problem.wy"}))


def quiet(*fields: str, **more: Any) -> Mutation:
    return behave("/quirks/wordy", {"default": True, "title": "Says more", "omit": [*fields], **more})


def test_answers_lack_fields_while_a_quirk_is_off_lists_and_refusals_too(tmp_path: Path) -> None:
    def loose(documents: Documents) -> None:
        documents[OPENAPI]["components"]["schemas"]["Job"]["required"].remove("progress")
        for schema in documents[OPENAPI]["components"]["schemas"].values():
            if "code" in schema.get("properties", {}):
                schema["required"].remove("code")

    with serving(tmp_path, loose, quiet("/progress", "/code")) as own:
        identity = own.submit().json()["id"]
        assert "progress" in own.show(identity)
        own.sandbox.apis["own"].quirk("wordy", False)
        assert "progress" not in own.show(identity)
        assert "progress" not in own.http.get("/v1/jobs", headers=KEY).json()["items"][0]
        assert [*own.show("none")] == ["message"]
        assert "code" not in own.http.get("/nowhere").json()
        own.sandbox.apis["own"].quirk("wordy", True)
        assert "progress" in own.show(identity)


@pytest.mark.parametrize(
    ("mutation", "word"),
    [
        (quiet("/progres"), "no answer has a field /progres"),
        (quiet("progress"), "omit"),
        (quiet("/progress"), "progress"),  # the schema requires it
    ],
)
def test_a_field_that_cannot_be_left_out_is_named(mutation: Mutation, word: str, tmp_path: Path) -> None:
    found = findings(tmp_path, mutation)
    assert any(word in each for each in found), "\n".join(found) or "nothing was found"
