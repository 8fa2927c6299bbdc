"""How large a request's body may be is said per operation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from check_kit import behave, show
from language_kit import SUBMIT, serving

KEY = {"X-API-Key": "demo-key"}
LONG = show("/components/schemas/JobRequest/properties/prompt", {"type": "string"})

CANCEL = "/paths/~1v1~1jobs~1{jobId}~1cancel/post"


def body(size: int) -> bytes:
    """JSON of so many bytes."""
    return json.dumps({"prompt": "x" * (size - len(b'{"prompt": ""}'))}).encode()


@pytest.mark.parametrize(("limit", "size", "status"), [
    (None, 1 << 20, 201), (None, (1 << 20) + 1, 413), (3 << 20, 3 << 20, 201), (3 << 20, (3 << 20) + 1, 413),
    (100, 100, 201), (100, 101, 413),
])  # fmt: skip
@pytest.mark.parametrize("whole", [True, False])
def test_a_body_of_json_may_be_as_large_as_its_operation_says(
    limit: int | None, size: int, status: int, whole: bool, tmp_path: Path
) -> None:
    said = behave("/operations/submitJob/max_bytes", limit) if limit is not None else LONG
    with serving(tmp_path, LONG, said) as own:
        data = body(size)
        content = data if whole else iter([data[:50], data[50:]])
        headers = {**KEY, "content-type": "application/json"}
        assert own.http.post("/v1/jobs", content=content, headers=headers).status_code == status


def test_a_form_of_fields_is_measured_alike(tmp_path: Path) -> None:
    fields = {"schema": {"$ref": "#/components/schemas/JobRequest"}}
    form = show(f"{SUBMIT}/requestBody/content/application~1x-www-form-urlencoded", fields)
    with serving(tmp_path, LONG, form, behave("/operations/submitJob/max_bytes", 2 << 20)) as own:
        for size, status in ((2_000_000, 201), (2_200_000, 413)):
            assert own.http.post("/v1/jobs", data={"prompt": "x" * size}, headers=KEY).status_code == status


def test_a_body_whose_media_type_has_no_schema_may_be_anything(tmp_path: Path) -> None:
    bodied = show(f"{CANCEL}/requestBody", {"content": {"application/json": {}}})
    named = {"400": "BadRequest", "413": "TooLarge", "415": "UnsupportedBody"}
    refusing = [
        show(
            f"/paths/~1v1~1jobs~1{{jobId}}~1cancel/post/responses/{status}", {"$ref": f"#/components/responses/{name}"}
        )
        for status, name in named.items()
    ]
    with serving(tmp_path, bodied, *refusing) as served:
        made = served.submit().json()["id"]
        told = served.http.post(f"/v1/jobs/{made}/cancel", json=[1], headers={"x-api-key": "demo-key"})
        assert told.status_code == 200
