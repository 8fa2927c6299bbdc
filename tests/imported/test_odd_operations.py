"""An operation that no contract can say is left out, and told; a document of which nothing is left is named itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from imported_kit import of, old
from test_inference import TEXT, op, verb

from mockserver import pointers
from mockserver.errors import ContractError
from mockserver.imported import importing
from mockserver.imported.facts import Field

BODY = {"content": {"application/json": {"schema": {"type": "string"}}}}


def _odd(path: str, method: str) -> dict[str, Any]:
    document = old()
    document["paths"][path][method]["requestBody"] = BODY
    return document


def test_a_body_that_is_a_text_of_json_stops_no_import(tmp_path: Path) -> None:
    made = of(tmp_path, _odd("/renders", "post"))
    assert "getRender" in made.behavior["operations"]
    at = pointers.join("", "paths", "/renders", "post", "requestBody", "content", "application/json", "examples")
    assert pointers.get(made.openapi, at) is pointers.MISSING


def test_what_fails_names_the_document_of_the_vendor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "made_sound", importing_fails)
    with pytest.raises(ContractError, match=r"^vendor\.json"):
        of(tmp_path, old())


def importing_fails(name: str, openapi: Any, behavior: Any) -> Any:
    from mockserver.errors import Finding

    raise ContractError([Finding(f"{name}/behavior.json", "#/operations/a", "It is odd.", "Mend it.", 3)])


@pytest.mark.parametrize(
    ("word", "wanted"), [("comments", ""), ("notes", ""), ("validate", "move same"), ("share", "move same")]
)
def test_what_is_posted_below_a_job_and_answered_as_something_else_creates_no_job(word: str, wanted: str) -> None:
    other = {"": Field("object"), "/id": TEXT, "/text": TEXT}
    assert verb(op("post", f"/jobs/{{id}}/{word}", other)) == wanted
    assert verb(op("post", f"/jobs/{{id}}/{word}", other, title="Create a job")) == wanted


def test_what_is_only_validated_is_not_created() -> None:
    for shows in (None, {"": Field("object"), "/id": TEXT}):
        assert verb(op("post", "/jobs/validate", shows)) == ""
    assert verb(op("post", "/jobs/generate", {"": Field("object"), "/id": TEXT})) == "create"
