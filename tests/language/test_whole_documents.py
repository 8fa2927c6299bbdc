"""A vendor's whole document can be openapi.json: what behavior.json does not name is no part of what is served."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from check_kit import Mutation, behave, both, show
from language_kit import POST_LINKS, findings, serving

OTHERS = behave("/others", "unserved")
BROKEN: dict[str, Any] = {
    "operationId": "elsewhere", "security": [{"unknown": []}],
    "responses": {"default": {"$ref": "#/components/responses/Nowhere"}, "4XX": {"description": "x"}},
}  # fmt: skip
WHOLE = both(
    OTHERS,
    show("/paths/~1v2~1other", {"get": BROKEN, "post": {"responses": {}}}),
    show("/paths/~1v1~1jobs/delete", {"operationId": "deleteAll", "responses": {}}),
    show("/components/schemas/Unused", {"type": "string", "nullable": True, "pattern": "(?=x)"}),
    show(f"{POST_LINKS}/other", {"operationId": "deleteAll"}),
    show("/webhooks/other", {"post": {"requestBody": {"$ref": "#/components/requestBodies/Nowhere"}}}),
)
KEY = {"X-API-Key": "demo-key"}


def test_mistakes_of_what_is_not_served_are_nobody_s_business(tmp_path: Path) -> None:
    assert findings(tmp_path, WHOLE) == []


def test_operations_that_are_not_named_are_unknown_paths(tmp_path: Path) -> None:
    with serving(tmp_path, WHOLE) as own:
        assert own.http.get("/v2/other", headers=KEY).status_code == 404
        told = own.http.delete("/v1/jobs", headers=KEY)
        assert (told.status_code, told.headers["allow"]) == (405, "GET, HEAD, POST")
        assert own.submit().status_code == 201


def test_the_served_document_has_what_is_served_and_nothing_else(tmp_path: Path) -> None:
    with serving(tmp_path, WHOLE) as own:
        document = own.http.get("/openapi.json").json()
        assert "/v2/other" not in document["paths"]
        assert sorted(document["paths"]["/v1/jobs"]) == ["get", "post"]
        assert "Unused" not in document["components"]["schemas"]
        assert "Job" in document["components"]["schemas"]
        assert "deleteAll" not in json.dumps(document)
        assert list(document["webhooks"]) == ["ended"]


def test_without_the_word_every_operation_has_to_be_named(tmp_path: Path) -> None:
    found = findings(tmp_path, show("/paths/~1v1~1jobs/delete", {"operationId": "deleteAll", "responses": {}}))
    assert any("the operation 'deleteAll' has no behavior" in each for each in found)


def test_a_name_that_is_misspelt_is_looked_up_among_all_operations(tmp_path: Path) -> None:
    changes: list[Mutation] = [WHOLE, behave("/operations/deleteAl", {"verb": "answer"})]
    (found,) = findings(tmp_path, *changes)
    assert "openapi.json has no operation 'deleteAl'. Remedy: Did you mean 'deleteAll'?" in found


def test_other_words_are_refused(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, behave("/others", "unsreved"))
    assert "Did you mean 'unserved'?" in found


def test_a_response_for_all_other_statuses_is_passed_by(tmp_path: Path) -> None:
    assert findings(tmp_path, show("/paths/~1v1~1jobs/post/responses/default", {"description": "Any other"})) == []
