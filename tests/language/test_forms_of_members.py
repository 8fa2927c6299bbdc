"""Forms as vendors write them: objects member by member, lists with brackets, JSON in a field, files of some types."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from check_kit import Mutation, behave, both, show
from language_kit import SUBMIT, Served, serving

KEY = {"X-API-Key": "demo-key"}
PROPERTIES: dict[str, Any] = {
    "prompt": {"type": "string"},
    "metadata": {"type": "object", "additionalProperties": {"type": "string"}},
    "card": {"type": "object", "properties": {"month": {"type": "integer"}, "valid": {"type": "boolean"}}},
    "expand": {"type": "array", "items": {"type": "string"}},
    "lines": {"type": "array", "items": {"type": "object", "properties": {
        "price": {"type": "string"}, "quantity": {"type": "integer"}}, "required": ["price"]}},
    "extra": {"type": "array", "items": {"type": "object"}},
}  # fmt: skip
ENCODING: dict[str, Any] = {
    **{name: {"style": "deepObject", "explode": True} for name in ("metadata", "card", "expand", "lines")},
    "extra": {"contentType": "application/json"},
}
SCHEMA = {"type": "object", "properties": PROPERTIES, "required": ["prompt"], "additionalProperties": False}
KINDS = {"x-www-form-urlencoded": "data", "form-data": "files"}


def form(kind: str, echo: str, **more: Any) -> Mutation:
    """The job is submitted by a form, and tells what it was given in the place of its prompt."""
    media = "multipart/form-data" if kind == "form-data" else f"application/{kind}"
    body = {"schema": {**SCHEMA, **more}, "encoding": ENCODING, "examples": {"one": {"value": {"prompt": "x"}}}}
    return both(
        show(f"{SUBMIT}/requestBody/content", {media: body}),
        show("/components/schemas/Job", {}),
        behave("/matches", []),
        behave("/webhooks", {}),
        show("/webhooks", {}),
        behave("/resources/job/results/picture/aspect", {"fact": "request./prompt", "of": {"x": "1:1"}, "else": "1:1"}),
        *(behave(f"/operations/{o}/bindings/~1prompt", {"fact": f"request./{echo}", "else": None})
          for o in ("submitJob", "getJob", "cancelJob")),
    )  # fmt: skip


def submit(own: Served, kind: str, *pairs: tuple[str, str]) -> httpx.Response:
    if kind == "form-data":
        return own.http.post("/v1/jobs", files=[(n, (None, v)) for n, v in pairs], headers=KEY)
    body = str(httpx.QueryParams(pairs))
    return own.http.post("/v1/jobs", content=body, headers={**KEY, "Content-Type": f"application/{kind}"})


ROWS: list[tuple[str, list[tuple[str, str]], Any]] = [
    ("metadata", [("metadata[order]", "7"), ("metadata[a b]", "é")], {"order": "7", "a b": "é"}),
    ("card", [("card[month]", "5"), ("card[valid]", "true")], {"month": 5, "valid": True}),
    ("expand", [("expand[]", "a"), ("expand[]", "b")], ["a", "b"]),
    ("expand", [("expand[1]", "b"), ("expand[0]", "a")], ["a", "b"]),
    ("expand", [("expand", "a")], ["a"]),
    ("lines", [("lines[0][price]", "p"), ("lines[0][quantity]", "2"), ("lines[1][price]", "q")],
     [{"price": "p", "quantity": 2}, {"price": "q"}]),
    ("extra", [("extra", '[{"a": [1]}]')], [{"a": [1]}]),
]  # fmt: skip


@pytest.mark.parametrize(("field", "pairs", "value"), ROWS)
@pytest.mark.parametrize("kind", KINDS)
def test_members_make_an_object_or_a_list(kind: str, field: str, pairs: Any, value: Any, tmp_path: Path) -> None:
    with serving(tmp_path, form(kind, field)) as own:
        told = submit(own, kind, ("prompt", "x"), *pairs)
        assert (told.status_code, told.json().get("prompt")) == (201, value), told.text


WRONG = [
    [("card[month]", "x")], [("card[month]", "5"), ("card[month]", "6")], [("card", "x"), ("card[month]", "5")],
    [("card[month][x]", "5")], [("lines[0][quantity]", "2")], [("prompt[x]", "1")], [("extra", "{")],
    [("metadata" + "[a]" * 30, "x")], [("metadata[a][b]", "x"), ("metadata[a]", "y")],
]  # fmt: skip


@pytest.mark.parametrize("pairs", WRONG, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_members_that_contradict_the_schema_or_each_other_are_refused(
    kind: str, pairs: list[tuple[str, str]], tmp_path: Path
) -> None:
    with serving(tmp_path, form(kind, "prompt")) as own:
        told = submit(own, kind, ("prompt", "x"), *pairs)
        assert told.status_code == 400, told.text


def test_a_file_is_of_the_types_and_the_size_that_the_document_says(tmp_path: Path) -> None:
    with_file = {"properties": {**PROPERTIES, "image": {"type": "string", "format": "binary", "maxLength": 100}}}
    path = f"{SUBMIT}/requestBody/content/multipart~1form-data/encoding/image"
    with serving(tmp_path, form("form-data", "prompt", **with_file), show(path, {"contentType": "image/png"})) as own:
        png = b"\x89PNG\r\n\x1a\n"

        def sent(data: bytes, kind: str) -> int:
            files = {"image": ("a", data, kind)}
            return own.http.post("/v1/jobs", data={"prompt": "x"}, files=files, headers=KEY).status_code

        assert sent(png, "image/png") == 201
        assert sent(b"GIF89a" + bytes(20), "image/gif") == 415
        assert sent(png + bytes(200), "image/png") == 413
