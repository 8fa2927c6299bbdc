"""Null in a JSON request: for a field that may be missing it is as if it were left out, on every operation."""

from __future__ import annotations

from typing import Any

import pytest
from api_kit import View, only
from miraflow_kit import PICTURE, SPEECH, started, uploaded

NULLS = {"aspectRatio": None, "negativePrompt": None, "seed": None}


def test_optional_fields_may_be_null(miraflow: View) -> None:
    media = uploaded(miraflow.http)
    for path, body in {
        "generate": PICTURE | NULLS,
        "edit": PICTURE | NULLS | {"referenceImageMediaId": media, "referenceImageMediaIds": None},
        "inpaint": PICTURE | NULLS | {"originalImageMediaId": media, "maskImageMediaId": media},
    }.items():
        started(miraflow.http.post(f"/api/image/{path}", json=body))
    speech = SPEECH | {"name": None, "im2vid_full": None, "mediaId": None}
    job = started(miraflow.http.post("/api/video/create", json=speech))
    miraflow.advance(15)
    assert miraflow.http.get(f"/api/video/{job}").json()["name"] == "Untitled video"


@pytest.mark.parametrize("field", ["name", "prompt"])
def test_a_required_field_may_not_be_null(miraflow: View, field: str) -> None:
    assert field in only(miraflow.http.post("/api/image/generate", json=PICTURE | {field: None}), 400)["message"]


def test_a_null_does_not_give_what_one_of_several_ways_wants(miraflow: View) -> None:
    for lacking in ({"voiceId": None}, {"text": None}):
        assert "is required" in only(miraflow.http.post("/api/video/create", json=SPEECH | lacking), 400)["message"]


def test_null_among_the_items_of_a_list_is_no_absence(miraflow: View) -> None:
    body = PICTURE | {"referenceImageMediaIds": [None]}
    assert "referenceImageMediaIds" in only(miraflow.http.post("/api/image/edit", json=body), 400)["message"]


def test_null_as_text_of_a_form_is_text(miraflow: View) -> None:
    form: dict[str, Any] = PICTURE | {"seed": "null"}
    files = {"image": ("a.png", b"\x89PNG\r\n\x1a\n", "image/png")}
    assert "seed" in only(miraflow.http.post("/api/image/edit", data=form, files=files), 400)["message"]


@pytest.mark.parametrize("api", ["miraflow", "mirrago"])
def test_the_served_document_says_so(request: pytest.FixtureRequest, api: str) -> None:
    view: View = request.getfixturevalue(api)
    schemas = view.http.get("/openapi.json").json()["components"]["schemas"]
    name, field = {"miraflow": ("GenerateImage", "seed"), "mirrago": ("GenerateRequest", "username")}[api]
    assert "null" in schemas[name]["properties"][field]["type"]
