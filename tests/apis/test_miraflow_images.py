"""Miraflow: images generated, edited and inpainted."""

from __future__ import annotations

import io
from typing import Any

import pytest
from api_kit import START, View, connect, opened, png, sample
from miraflow_kit import PICTURE, begin, image_of, put, started, uploaded
from PIL import Image, ImageChops
from test_miraflow import get, refused

RATIOS = {"1:1": 1.0, "16:9": 16 / 9, "9:16": 9 / 16, "4:3": 4 / 3, "3:4": 3 / 4}


def generate(miraflow: View, **fields: Any) -> str:
    return started(miraflow.http.post("/api/image/generate", json=PICTURE | fields))


def edit(miraflow: View, **fields: Any) -> str:
    return started(miraflow.http.post("/api/image/edit", json=PICTURE | fields))


def test_an_image_starts_works_and_completes_with_all_its_fields(miraflow: View) -> None:
    miraflow.plan(queued=1, running=10, curve="linear")
    job = generate(miraflow)
    assert get(miraflow, f"/api/image/{job}") == {"result": "success", "status": "inference_started"}
    miraflow.advance(5.5)
    working = {"result": "success", "status": "inference_working", "progress": "45%"}
    assert get(miraflow, f"/api/image/{job}") == working
    miraflow.advance(5.5)
    done = get(miraflow, f"/api/image/{job}")
    assert done == {
        "result": "success",
        "status": "inference_complete",
        "id": job,
        "name": "Lighthouse",
        "prompt": "A lighthouse",
        "createdAt": START,
        "downloadUrl": done["downloadUrl"],
        "mediaId": done["mediaId"],
    }
    miraflow.side.quirk("bare_completed_image", True)
    bare = {name: done[name] for name in ("id", "name", "prompt", "createdAt", "downloadUrl", "mediaId")}
    assert get(miraflow, f"/api/image/{job}") == bare


def test_the_bare_form_is_off_unless_switched_on(miraflow: View) -> None:
    assert "bare_completed_image" in miraflow.side.off


def test_an_image_can_fail(miraflow: View) -> None:
    miraflow.plan(outcome="inference_failed")
    job = generate(miraflow)
    miraflow.advance(15)
    assert get(miraflow, f"/api/image/{job}") == {"result": "success", "status": "inference_failed"}


def test_an_image_is_no_video(miraflow: View) -> None:
    job = generate(miraflow)
    miraflow.advance(15)
    refused(miraflow.http.get(f"/api/video/{job}"), 404)
    refused(miraflow.http.get(f"/api/video/{job}/status"), 404)
    assert get(miraflow, "/api/videos") == {"videos": []}


@pytest.mark.parametrize("ratio", [*RATIOS, None])
def test_the_picture_has_the_asked_aspect_ratio(miraflow: View, ratio: str | None) -> None:
    picture = opened(image_of(miraflow, generate(miraflow, **({"aspectRatio": ratio} if ratio else {}))))
    assert picture.format == "PNG"
    assert abs(picture.width / picture.height - RATIOS[ratio or "1:1"]) < 0.01


def test_the_same_seed_gives_the_same_picture(miraflow: View) -> None:
    first, again = (image_of(miraflow, generate(miraflow, seed=12345)) for _ in range(2))
    assert first == again
    assert image_of(miraflow, generate(miraflow, seed=12346)) != first
    assert image_of(miraflow, generate(miraflow)) != image_of(miraflow, generate(miraflow))


@pytest.mark.parametrize("fields", [{"negativePrompt": "blurry"}, {"seed": 0}, {"seed": -1}, {"aspectRatio": "4:3"}])
def test_optional_parameters_are_taken(miraflow: View, fields: dict[str, Any]) -> None:
    generate(miraflow, **fields)


@pytest.mark.parametrize(
    "fields",
    [{"prompt": None}, {"name": None}, {"aspectRatio": "2:1"}, {"seed": 1.5}, {"seed": "x"}, {"negativePrompt": 1}],
)
@pytest.mark.parametrize("path", ["generate", "edit", "inpaint"])
def test_parameters_that_are_wrong_are_refused_and_named(miraflow: View, path: str, fields: dict[str, Any]) -> None:
    more = {"referenceImageMediaId": "x", "originalImageMediaId": "x", "maskImageMediaId": "x"}
    answer = miraflow.http.post(f"/api/image/{path}", json=PICTURE | more | fields)
    assert next(iter(fields)) in refused(answer, 400)


@pytest.mark.parametrize("missing", ["prompt", "name"])
@pytest.mark.parametrize("path", ["generate", "edit", "inpaint"])
def test_prompt_and_name_are_required(miraflow: View, path: str, missing: str) -> None:
    more = {"referenceImageMediaId": "x", "originalImageMediaId": "x", "maskImageMediaId": "x"}
    body = {name: value for name, value in (PICTURE | more).items() if name != missing}
    assert missing in refused(miraflow.http.post(f"/api/image/{path}", json=body), 400)


def test_an_edit_keeps_the_aspect_ratio_of_its_reference_unless_told_otherwise(miraflow: View) -> None:
    media = uploaded(miraflow.http, png(160, 90))
    picture = opened(image_of(miraflow, edit(miraflow, referenceImageMediaId=media)))
    assert picture.width / picture.height == pytest.approx(16 / 9, abs=0.02)
    square = opened(image_of(miraflow, edit(miraflow, referenceImageMediaId=media, aspectRatio="1:1")))
    assert square.width == square.height


def test_several_references_may_be_given(miraflow: View) -> None:
    several = [uploaded(miraflow.http, png(30, 60)), uploaded(miraflow.http, sample("portrait.jpg"), "image/jpeg")]
    picture = opened(image_of(miraflow, edit(miraflow, referenceImageMediaIds=several)))
    assert picture.height == pytest.approx(2 * picture.width, abs=2)


@pytest.mark.parametrize("part", ["image", "referenceImage"])
@pytest.mark.parametrize("count", [1, 2])
def test_references_may_be_files(miraflow: View, part: str, count: int) -> None:
    files = [(part, ("a.png", png(90, 160), "image/png"))] * count
    job = started(miraflow.http.post("/api/image/edit", data=PICTURE | {"seed": "7"}, files=files))
    picture = opened(image_of(miraflow, job))
    assert picture.width < picture.height


def test_a_finished_images_medium_is_the_reference_of_the_next_edit(miraflow: View) -> None:
    first = generate(miraflow, aspectRatio="9:16")
    miraflow.advance(15)
    media = get(miraflow, f"/api/image/{first}")["mediaId"]
    picture = opened(image_of(miraflow, edit(miraflow, referenceImageMediaId=media)))
    assert picture.width / picture.height == pytest.approx(9 / 16, abs=0.02)


@pytest.mark.parametrize("media", ["never", "uploaded only", "unknown", "another's", "audio"])
def test_media_must_be_known_finalized_ones_own_and_pictures(miraflow: View, media: str) -> None:
    body = png(20, 20)
    if media == "audio":
        named, expected = uploaded(miraflow.http, sample("voice.mp3"), "audio/mpeg"), 400
    elif media == "another's":
        with connect(miraflow.url, x_api_key=miraflow.side.account().key) as other:
            named, expected = uploaded(other), 404
    elif media == "unknown":
        named, expected = "cm42ab3ou0008aggajj0jy5e1", 404
    else:
        named, url = begin(miraflow.http, body, "image/png")
        expected = 400
        if media == "uploaded only":
            assert put(url, body, "image/png").status_code == 200
    good = uploaded(miraflow.http)
    for path, fields in (
        ("edit", {"referenceImageMediaId": named}),
        ("edit", {"referenceImageMediaIds": [good, named]}),
        ("inpaint", {"originalImageMediaId": named, "maskImageMediaId": good}),
        ("inpaint", {"originalImageMediaId": good, "maskImageMediaId": named}),
    ):
        refused(miraflow.http.post(f"/api/image/{path}", json=PICTURE | fields), expected)


def mask(width: int, height: int) -> bytes:
    """The left half is kept, the right half replaced."""
    image = Image.new("RGB", (width, height), "black")
    image.paste("white", (width // 2, 0, width, height))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("as_files", [False, True])
def test_inpainting_keeps_what_is_under_black_and_replaces_what_is_under_white(miraflow: View, as_files: bool) -> None:
    original = png(80, 60, "red")
    if as_files:
        files = {"originalImage": ("o.png", original, "image/png"), "maskImage": ("m.png", mask(80, 60), "image/png")}
        job = started(miraflow.http.post("/api/image/inpaint", data=PICTURE, files=files))
    else:
        named = {
            "originalImageMediaId": uploaded(miraflow.http, original),
            "maskImageMediaId": uploaded(miraflow.http, mask(80, 60)),
        }
        job = started(miraflow.http.post("/api/image/inpaint", json=PICTURE | named))
    picture = opened(image_of(miraflow, job)).convert("RGB")
    assert picture.size == (80, 60)
    changed = ImageChops.difference(picture, opened(original).convert("RGB")).getbbox()
    assert changed is not None
    assert changed[0] >= 40
    assert picture.crop((0, 0, 40, 60)).getcolors() == [(2400, (255, 0, 0))]


@pytest.mark.parametrize("as_files", [False, True])
def test_a_mask_of_another_size_is_refused(miraflow: View, as_files: bool) -> None:
    original, wrong = png(80, 60), mask(60, 80)
    if as_files:
        files = {"originalImage": ("o.png", original, "image/png"), "maskImage": ("m.png", wrong, "image/png")}
        answer = miraflow.http.post("/api/image/inpaint", data=PICTURE, files=files)
    else:
        named = {
            "originalImageMediaId": uploaded(miraflow.http, original),
            "maskImageMediaId": uploaded(miraflow.http, wrong),
        }
        answer = miraflow.http.post("/api/image/inpaint", json=PICTURE | named)
    refused(answer, 400)


@pytest.mark.parametrize("left_out", ["originalImage", "maskImage"])
def test_inpainting_needs_both_pictures(miraflow: View, left_out: str) -> None:
    files = {name: ("a.png", png(8, 8), "image/png") for name in ("originalImage", "maskImage") if name != left_out}
    assert left_out in refused(miraflow.http.post("/api/image/inpaint", data=PICTURE, files=files), 400)
    named = {f"{name}MediaId": "x" for name in ("originalImage", "maskImage") if name != left_out}
    assert left_out in refused(miraflow.http.post("/api/image/inpaint", json=PICTURE | named), 400)


def test_pictures_of_another_kind_are_refused(miraflow: View) -> None:
    files = {"image": ("a.png", sample("voice.mp3"), "audio/mpeg")}
    refused(miraflow.http.post("/api/image/edit", data=PICTURE, files=files), 400)


def test_a_body_of_another_kind_is_refused(miraflow: View) -> None:
    refused(miraflow.http.post("/api/image/generate", data=PICTURE), 415)
    refused(miraflow.http.post("/api/image/edit", content="x", headers={"Content-Type": "text/plain"}), 415)
