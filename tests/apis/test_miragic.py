"""Miragic: speed paintings, their states, files, quirks and refusals."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from api_kit import MEGABYTES_50, OCTETS, UNIX_START, View, connect, only, opened, sample, tracks

PAINTINGS = "/api/v1/speed-painting"
JPEG, MP3 = sample("portrait.jpg"), sample("voice.mp3")
IMAGE = ("portrait.jpg", JPEG, "image/jpeg")
FIELDS = {"quality": "hd", "sequence": "auto", "fps": "30", "hand_style": "1"}
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def submit(http: httpx.Client, image: Any = IMAGE, audio: Any = None, **fields: Any) -> httpx.Response:
    files = {name: part for name, part in (("image", image), ("audio_file", audio)) if part is not None}
    data = {k: v for k, v in {**FIELDS, **fields}.items() if v is not None}
    return http.post(f"{PAINTINGS}/create", files=files or {"nothing": b""}, data=data)


def new_job(miragic: View, **wishes: Any) -> str:
    miragic.plan(**{"running": 10, "curve": "linear", **wishes})
    answer = submit(miragic.http)
    assert answer.status_code == 200, answer.text
    job: str = answer.json()["data"]["jobId"]
    return job


def task(miragic: View, job: str) -> Any:
    answer = miragic.http.get(f"{PAINTINGS}/jobs/{job}")
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"success", "data"}
    assert answer.json()["success"] is True
    return answer.json()["data"]


def refusal(answer: httpx.Response, status: int, code: str) -> str:
    """The message of a refusal, after a look at the whole of it."""
    body = only(answer, status)
    assert body == {"success": False, "error": {"code": code, "message": body["error"]["message"]}}
    message: str = body["error"]["message"]
    return message


def test_a_created_task_is_answered_with_its_id_and_the_address_of_its_picture(miragic: View) -> None:
    answer = submit(miragic.http)
    assert answer.status_code == 200
    body = answer.json()
    assert body["message"]
    assert body == {
        "success": True,
        "message": body["message"],
        "data": {
            "jobId": body["data"]["jobId"],
            "status": "PENDING",
            "originalImageUrl": body["data"]["originalImageUrl"],
        },
    }
    assert UUID.fullmatch(body["data"]["jobId"])


def test_the_uploaded_picture_comes_back_from_its_url(miragic: View) -> None:
    created = submit(miragic.http, ("a b&ü.png", sample("portrait.png"), "image/png")).json()["data"]
    shown = task(miragic, created["jobId"])["originalImageUrl"]
    for url in (created["originalImageUrl"], shown):
        answer = httpx.get(url)
        assert (answer.status_code, answer.content) == (200, sample("portrait.png"))
        assert answer.headers["content-type"] == "image/png"


def pending(miragic: View, job: str) -> dict[str, Any]:
    shown = task(miragic, job)
    return {
        "id": job,
        "status": "PENDING",
        "progress": 0,
        "userId": miragic.mine.id,
        "originalImagePath": urlsplit(shown["originalImageUrl"]).path,
        "originalImageUrl": shown["originalImageUrl"],
        "externalVideoUrl": None,
        "resultImagePath": None,
        "download_signed_url": None,
        "createdAt": UNIX_START,
        "errorMessage": None,
    }


def test_a_task_is_pending_with_rising_progress_then_completed(miragic: View) -> None:
    job = new_job(miragic)
    first = pending(miragic, job)
    assert task(miragic, job) == first
    miragic.advance(4.5)
    assert task(miragic, job) == first | {"progress": 45}
    miragic.advance(5.499)
    assert task(miragic, job) == first | {"progress": 99}
    miragic.advance(0.001)
    done = task(miragic, job)
    urls = ("externalVideoUrl", "processedVideoUrl", "download_signed_url", "resultImagePath")
    assert done == first | {
        "status": "COMPLETED",
        "progress": 100,
        "creditsUsed": 1,
        "metadata": {"processingDurationMs": done["metadata"]["processingDurationMs"]},
        **{name: done[name] for name in urls},
    }
    assert all(done[name].startswith("http://") for name in urls)


def test_the_processing_duration_is_that_of_the_task(miragic: View) -> None:
    job = new_job(miragic, running=7.25)
    miragic.advance(60)
    assert task(miragic, job)["metadata"] == {"processingDurationMs": 7250}


def test_a_failed_task_says_why_and_has_no_progress(miragic: View) -> None:
    job = new_job(miragic, outcome="FAILED", error="Video rendering failed")
    first = pending(miragic, job)
    miragic.advance(10)
    failed = {"status": "FAILED", "progress": None, "errorMessage": "Video rendering failed"}
    assert task(miragic, job) == first | failed


def test_progress_never_falls_and_stays_below_100_until_the_end(miragic: View) -> None:
    job = submit(miragic.http).json()["data"]["jobId"]
    seen = []
    while (found := task(miragic, job))["status"] == "PENDING":
        seen.append(found["progress"])
        miragic.advance(0.25)
    assert seen == sorted(seen)
    assert seen[0] == 0
    assert 90 < seen[-1] <= 99
    assert 32 <= len(seen) <= 48  # 8 to 12 s


@pytest.mark.parametrize("audio", [None, ("voice.mp3", MP3, "audio/mpeg")])
def test_the_result_is_a_video_with_sound_whether_sound_was_sent_or_not(
    miragic: View, tmp_path: Path, audio: Any
) -> None:
    job = submit(miragic.http, audio=audio).json()["data"]["jobId"]
    miragic.advance(15)
    done = task(miragic, job)
    film = httpx.get(done["externalVideoUrl"])
    assert film.headers["content-type"] == "video/mp4"
    assert tracks(film.content, tmp_path) == {"video": "h264", "audio": "aac"}
    assert httpx.get(done["processedVideoUrl"]).content == film.content
    assert httpx.get(done["download_signed_url"]).content == film.content
    picture = httpx.get(done["resultImagePath"])
    assert picture.headers["content-type"] == "image/png"
    assert opened(picture.content).format == "PNG"


def test_the_download_url_expires_after_an_hour_and_a_fresh_look_signs_a_new_one(miragic: View) -> None:
    job = new_job(miragic)
    miragic.advance(10)
    done = task(miragic, job)
    miragic.advance(3599)
    assert httpx.head(done["download_signed_url"]).status_code == 200
    miragic.advance(1)
    assert httpx.head(done["download_signed_url"]).status_code == 403
    assert httpx.head(done["externalVideoUrl"]).status_code == 200
    assert httpx.head(task(miragic, job)["download_signed_url"]).status_code == 200


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("quality", ["hd", "sd"]),
        ("sequence", ["auto", "vertical"]),
        ("fps", ["30", "60"]),
        ("hand_style", ["0", "1", "2", "3", "4"]),
    ],
)
def test_every_documented_value_is_taken_and_others_are_refused(miragic: View, field: str, values: list[str]) -> None:
    for value in values:
        assert submit(miragic.http, **{field: value}).status_code == 200
    for value in ("", "4k", "5", "-1", "30.5", None):
        assert field in refusal(submit(miragic.http, **{field: value}), 400, "VALIDATION_ERROR")


def test_an_image_is_required(miragic: View) -> None:
    assert "image" in refusal(submit(miragic.http, image=None), 400, "VALIDATION_ERROR")


@pytest.mark.parametrize("name", ["portrait.jpg", "portrait.png", "portrait.webp"])
def test_octet_stream_is_judged_by_what_it_is(miragic: View, name: str) -> None:
    assert submit(miragic.http, (name, sample(name), OCTETS)).status_code == 200
    assert submit(miragic.http, ("picture", sample(name), OCTETS)).status_code == 200


@pytest.mark.parametrize("name", ["voice.mp3", "voice.wav", "voice.m4a", "voice.ogg"])
def test_every_kind_of_audio_is_taken(miragic: View, name: str) -> None:
    assert submit(miragic.http, audio=(name, sample(name), OCTETS)).status_code == 200


@pytest.mark.parametrize(
    ("image", "audio", "field"),
    [
        (("a.txt", b"text", "text/plain"), None, "image"),
        (("a.png", b"GIF89a" + bytes(20), OCTETS), None, "image"),
        (IMAGE, ("a.mp3", JPEG, "image/jpeg"), "audio_file"),
    ],
)
def test_files_of_other_kinds_are_refused_and_named(miragic: View, image: Any, audio: Any, field: str) -> None:
    assert field in refusal(submit(miragic.http, image, audio), 415, "UNSUPPORTED_FILE_TYPE")


def test_a_file_above_fifty_megabytes_is_refused_and_named(miragic: View) -> None:
    large = ("a.jpg", JPEG + bytes(MEGABYTES_50 + 1 - len(JPEG)), "image/jpeg")
    assert "image" in refusal(submit(miragic.http, large), 413, "FILE_TOO_LARGE")


def test_a_body_that_is_no_form_is_refused(miragic: View) -> None:
    refusal(miragic.http.post(f"{PAINTINGS}/create", json=FIELDS), 415, "UNSUPPORTED_MEDIA_TYPE")


def test_missing_unknown_and_deactivated_keys_are_refused(miragic: View) -> None:
    with connect(miragic.url) as nobody, connect(miragic.url, x_api_key="sk_live_x") as stranger:
        refusal(nobody.get(f"{PAINTINGS}/jobs/x"), 401, "MISSING_API_KEY")
        assert refusal(stranger.get(f"{PAINTINGS}/jobs/x"), 401, "INVALID_API_KEY") == "Invalid or expired API key"
    with connect(miragic.url, x_api_key=miragic.side.account(active=False).key) as former:
        refusal(former.get(f"{PAINTINGS}/jobs/x"), 401, "INVALID_API_KEY")


def test_an_unknown_task_and_another_accounts_task_are_not_found(miragic: View) -> None:
    job = new_job(miragic)
    refusal(miragic.http.get(f"{PAINTINGS}/jobs/nope"), 404, "JOB_NOT_FOUND")
    with connect(miragic.url, x_api_key=miragic.side.account().key) as other:
        refusal(other.get(f"{PAINTINGS}/jobs/{job}"), 404, "JOB_NOT_FOUND")


def test_credits_are_endless_unless_the_account_has_a_number(miragic: View) -> None:
    with connect(miragic.url, x_api_key=miragic.side.account(credits=1).key) as poor:
        assert submit(poor).status_code == 200
        refusal(submit(poor), 402, "INSUFFICIENT_CREDITS")
    assert all(submit(miragic.http).status_code == 200 for _ in range(3))


def test_sixty_requests_a_minute_per_key(miragic: View) -> None:
    for _ in range(60):
        assert miragic.http.get(f"{PAINTINGS}/jobs/x").status_code == 404
    miragic.advance(59.9)
    refusal(miragic.http.get(f"{PAINTINGS}/jobs/x"), 429, "RATE_LIMIT_EXCEEDED")
    with connect(miragic.url, x_api_key=miragic.side.account().key) as other:
        assert other.get(f"{PAINTINGS}/jobs/x").status_code == 404
    miragic.advance(0.1)
    assert miragic.http.get(f"{PAINTINGS}/jobs/x").status_code == 404


def test_refusals_come_in_the_fixed_order(miragic: View) -> None:
    text = {"content": b"x", "headers": {"Content-Type": "text/plain"}}
    large = ("a.jpg", JPEG + bytes(MEGABYTES_50), "image/jpeg")
    with connect(miragic.url, x_api_key=miragic.side.account(credits=0).key) as http, connect(miragic.url) as nobody:
        assert nobody.post(f"{PAINTINGS}/creat", **text).status_code == 404
        assert nobody.put(f"{PAINTINGS}/create", **text).status_code == 405
        assert nobody.post(f"{PAINTINGS}/create", **text).status_code == 401
        assert http.post(f"{PAINTINGS}/create", **text).status_code == 415
        assert submit(http, large, ("a.txt", b"text", "text/plain"), fps="1").status_code == 415
        assert submit(http, large, fps="1").status_code == 413
        assert submit(http, fps="1").status_code == 400
        assert submit(http).status_code == 402
        for _ in range(55):
            assert http.get(f"{PAINTINGS}/jobs/x").status_code == 404
        assert http.post(f"{PAINTINGS}/create", **text).status_code == 429


def test_unknown_paths_and_wrong_methods_are_refused_in_the_apis_own_form(miragic: View) -> None:
    refusal(miragic.http.get("/api/v1/nothing"), 404, "NOT_FOUND")
    wrong = miragic.http.delete(f"{PAINTINGS}/create")
    refusal(wrong, 405, "METHOD_NOT_ALLOWED")
    assert wrong.headers["allow"] == "POST"


def test_there_is_no_cancel_and_no_list(miragic: View) -> None:
    job = new_job(miragic)
    assert miragic.http.delete(f"{PAINTINGS}/jobs/{job}").status_code == 405
    assert miragic.http.get(f"{PAINTINGS}/jobs").status_code == 404


def test_a_large_upload_comes_back_byte_for_byte_with_ranges(miragic: View) -> None:
    data = JPEG + bytes(range(256)) * 12_000  # too large to stay in memory
    url = submit(miragic.http, ("a.jpg", data, "image/jpeg")).json()["data"]["originalImageUrl"]
    whole, part = httpx.get(url), httpx.get(url, headers={"Range": "bytes=2000000-2000009"})
    assert whole.content == data
    assert (part.status_code, part.content) == (206, data[2_000_000:2_000_010])
    assert httpx.get(url.replace("signature=", "signature=x")).status_code == 403
