"""VidGen: jobs, their states and every documented refusal."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from api_kit import MEGABYTES_50, OCTETS, START, View, connect, only, sample
from vidgen_kit import AUDIO, IMAGE, JPEG, new_job, status, submit

CUID = re.compile(r"c[a-z0-9]{24}")


def test_health_asks_for_no_key(vidgen: View) -> None:
    with connect(vidgen.url) as nobody:
        answer = nobody.get("/api/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["date"] == "Sun, 09 Sep 2001 01:46:40 GMT"


def test_a_submitted_job_is_answered_201_with_its_id(vidgen: View) -> None:
    answer = submit(vidgen.http)
    assert answer.status_code == 201
    assert set(answer.json()) == {"message", "jobId"}
    assert answer.json()["message"] == "Job created"
    assert CUID.fullmatch(answer.json()["jobId"])


def pending(job: str) -> dict[str, Any]:
    return {
        "jobId": job,
        "status": "PENDING",
        "progress": None,
        "outputVideo": None,
        "outputShareLink": None,
        "errorMessage": None,
        "createdAt": START,
        "updatedAt": START,
    }


def test_a_job_goes_from_pending_through_processing_to_completed(vidgen: View) -> None:
    job = new_job(vidgen)
    assert status(vidgen, job) == pending(job)
    vidgen.advance(2)
    started = {"status": "PROCESSING", "progress": 0, "updatedAt": "2001-09-09T01:46:42.000Z"}
    assert status(vidgen, job) == pending(job) | started
    vidgen.advance(6.2)
    assert status(vidgen, job) == pending(job) | started | {"progress": 62}
    vidgen.advance(3.8)
    done = status(vidgen, job)
    assert done == pending(job) | {
        "status": "COMPLETED",
        "progress": 100,
        "updatedAt": "2001-09-09T01:46:52.000Z",
        "outputVideo": done["outputVideo"],
        "outputShareLink": done["outputShareLink"],
    }


def test_the_output_video_and_the_share_link_both_resolve(vidgen: View) -> None:
    job = new_job(vidgen)
    vidgen.advance(12)
    done = status(vidgen, job)
    film, page = httpx.get(done["outputVideo"]), httpx.get(done["outputShareLink"])
    assert (film.status_code, film.headers["content-type"]) == (200, "video/mp4")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert done["outputVideo"] in page.text.replace("&amp;", "&")


def test_a_failed_job_says_why(vidgen: View) -> None:
    job = new_job(vidgen, outcome="FAILED", error="The audio track is silent")
    vidgen.advance(12)
    assert status(vidgen, job) == pending(job) | {
        "status": "FAILED",
        "errorMessage": "The audio track is silent",
        "updatedAt": "2001-09-09T01:46:52.000Z",
    }


def test_a_failure_without_a_wish_has_a_message_too(vidgen: View) -> None:
    job = new_job(vidgen, outcome="FAILED")
    vidgen.advance(12)
    assert status(vidgen, job)["errorMessage"]


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "/api/jobs/{}"), ("POST", "/api/jobs/{}/cancel"), ("POST", "/api/cancel/{}")]
)
def test_a_job_can_be_cancelled_only_while_pending(vidgen: View, method: str, path: str) -> None:
    first = new_job(vidgen)
    vidgen.advance(1)
    answer = vidgen.http.request(method, path.format(first))
    assert (answer.status_code, answer.json()) == (200, {"success": True, "message": "Job cancelled successfully"})
    cancelled = pending(first) | {"status": "CANCELLED", "updatedAt": "2001-09-09T01:46:41.000Z"}
    assert status(vidgen, first) == cancelled
    assert set(only(vidgen.http.request(method, path.format(first)), 409)) == {"error"}
    second = new_job(vidgen)  # the lock is free again
    vidgen.advance(2)
    assert set(only(vidgen.http.request(method, path.format(second)), 409)) == {"error"}
    vidgen.advance(10)
    assert set(only(vidgen.http.request(method, path.format(second)), 409)) == {"error"}
    third = new_job(vidgen, outcome="FAILED")
    vidgen.advance(12)
    assert set(only(vidgen.http.request(method, path.format(third)), 409)) == {"error"}
    assert status(vidgen, first) == cancelled
    assert status(vidgen, second)["status"] == "COMPLETED"
    assert set(only(vidgen.http.request(method, path.format("nope")), 404)) == {"error"}


@pytest.mark.parametrize("seconds", [0, 2, 11.9])
def test_one_active_job_per_account(vidgen: View, seconds: float) -> None:
    new_job(vidgen)
    vidgen.advance(seconds)
    assert only(submit(vidgen.http), 409) == {"error": "You already have an active job"}
    vidgen.advance(12 - seconds)
    assert submit(vidgen.http).status_code == 201


def test_the_lock_is_the_accounts_and_not_the_apis(vidgen: View) -> None:
    new_job(vidgen)
    with connect(vidgen.url, x_api_key=vidgen.side.account().key) as other:
        assert submit(other).status_code == 201


def test_a_missing_and_an_unknown_key_are_refused_with_different_words(vidgen: View) -> None:
    with connect(vidgen.url) as nobody, connect(vidgen.url, x_api_key="sk-nobody") as stranger:
        missing, unknown = nobody.get("/api/jobs"), stranger.get("/api/jobs")
    assert only(missing, 401) == {"error": "Missing X-API-Key header"}
    assert only(unknown, 401) == {"error": "API key not recognized or has been deactivated"}


def test_a_deactivated_key_is_refused_like_an_unknown_one(vidgen: View) -> None:
    with connect(vidgen.url, x_api_key=vidgen.side.account(active=False).key) as former:
        assert only(former.get("/api/jobs"), 401) == {"error": "API key not recognized or has been deactivated"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/status/{}"),
        ("DELETE", "/api/jobs/{}"),
        ("POST", "/api/jobs/{}/cancel"),
        ("POST", "/api/cancel/{}"),
    ],
)
def test_another_accounts_job_is_not_found(vidgen: View, method: str, path: str) -> None:
    job = new_job(vidgen)
    with connect(vidgen.url, x_api_key=vidgen.side.account().key) as other:
        assert only(other.request(method, path.format(job)), 404) == {"error": "Job not found"}
    assert status(vidgen, job)["status"] == "PENDING"


@pytest.mark.parametrize("name", ["portrait.jpg", "portrait.png", "portrait.webp"])
def test_each_documented_kind_of_image_is_taken(vidgen: View, name: str) -> None:
    kind = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}[name.rsplit(".")[-1]]
    assert submit(vidgen.http, (name, sample(name), kind)).status_code == 201


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("voice.mp3", "audio/mpeg"),
        ("voice.mp3", "audio/mp3"),
        ("voice.wav", "audio/wav"),
        ("voice.wav", "audio/x-wav"),
        ("voice.wav", "audio/wave"),
        ("voice.m4a", "audio/mp4"),
        ("voice.m4a", "audio/x-m4a"),
        ("voice.ogg", "audio/ogg"),
        ("voice.ogg", "application/ogg"),
    ],
)
def test_each_documented_kind_of_audio_is_taken_under_all_its_names(vidgen: View, name: str, kind: str) -> None:
    assert submit(vidgen.http, audio=(name, sample(name), kind)).status_code == 201


@pytest.mark.parametrize("name", ["voice.mp3", "voice.wav", "voice.m4a", "voice.ogg", "voice"])
def test_octet_stream_is_judged_by_name_then_by_the_first_bytes(vidgen: View, name: str) -> None:
    data = sample(name if "." in name else "voice.mp3")
    image = ("portrait.webp", sample("portrait.webp"), OCTETS)  # as curl sends them
    assert submit(vidgen.http, image, (name, data, OCTETS)).status_code == 201


@pytest.mark.parametrize(
    ("image", "audio"),
    [
        (("a.gif", b"GIF89a" + bytes(20), "image/gif"), AUDIO),
        (("a.jpg", b"GIF89a" + bytes(20), OCTETS), AUDIO),
        (("a.txt", b"text", "text/plain"), AUDIO),
        (("a.bin", b"\0\1\2\3", OCTETS), AUDIO),
        (IMAGE, ("a.flac", b"fLaC" + bytes(20), "audio/flac")),
        (IMAGE, ("a.mp3", JPEG, OCTETS)),
        (AUDIO, IMAGE),
    ],
)
def test_files_of_other_kinds_are_refused(vidgen: View, image: Any, audio: Any) -> None:
    answer = submit(vidgen.http, image, audio)
    assert only(answer, 415) == {"error": "Uploaded file's MIME type isn't supported"}


def test_fifty_megabytes_are_taken_and_one_byte_more_is_not(vidgen: View) -> None:
    most = JPEG + bytes(MEGABYTES_50 - len(JPEG))
    assert submit(vidgen.http, ("a.jpg", most, "image/jpeg")).status_code == 201
    vidgen.advance(60)
    too_large = submit(vidgen.http, ("a.jpg", most + b"\0", "image/jpeg"))
    assert only(too_large, 413) == {"error": "Uploaded file exceeded 50 MB"}


@pytest.mark.parametrize(("image", "audio", "field"), [(None, AUDIO, "image"), (IMAGE, None, "audio")])
def test_a_missing_file_is_refused_and_named(vidgen: View, image: Any, audio: Any, field: str) -> None:
    error = only(submit(vidgen.http, image, audio), 400)
    assert set(error) == {"error"}
    assert field in error["error"]


def test_a_truncated_form_is_refused(vidgen: View) -> None:
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    body = b'--x\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n' + JPEG
    assert set(only(vidgen.http.post("/api/jobs", content=body, headers=kind), 400)) == {"error"}


@pytest.mark.parametrize("url", ["http://your.app/hook", "ftp://your.app/hook", "your.app/hook", "https://", " "])
def test_a_webhook_must_be_an_https_url(vidgen: View, url: str) -> None:
    error = only(submit(vidgen.http, webhookUrl=url), 400)
    assert set(error) == {"error"}
    assert "webhookUrl" in error["error"]


@pytest.mark.parametrize("relaxed", [False, True])
def test_an_empty_webhook_is_none(vidgen: View, relaxed: bool) -> None:
    vidgen.sandbox.insecure_webhooks = relaxed
    assert submit(vidgen.http, webhookUrl="").status_code == 201
    vidgen.advance(60)
    [job] = vidgen.http.get("/api/jobs").json()["jobs"]
    assert job["webhookUrl"] is None


@pytest.mark.parametrize(
    "request_",
    [
        {"json": {"image": "x", "audio": "y"}},
        {"json": []},
        {"content": b"{"},
        {"content": b""},
        {"data": {"image": "x", "audio": "y"}},
        {"content": JPEG, "headers": {"Content-Type": "image/jpeg"}},
        {"content": JPEG, "headers": {"Content-Type": "multipart/mixed; boundary=x"}},
        {"content": JPEG, "headers": {"Content-Type": b"\xff"}},
        {"files": {"nothing": (None, "")}},
    ],
    ids=["json", "list", "no-type", "empty", "urlencoded", "image", "mixed", "odd-type", "no-parts"],
)
def test_a_request_without_uploaded_files_lacks_a_field_whatever_its_type(vidgen: View, request_: Any) -> None:
    error = only(vidgen.http.post("/api/jobs", **request_), 400)
    assert set(error) == {"error"}
    assert "image" in error["error"]


def test_retries_and_the_webhook_appear_in_the_list(vidgen: View) -> None:
    vidgen.plan(retries=2)
    job = submit(vidgen.http, webhookUrl="https://your.app/hooks/vidgen").json()["jobId"]
    (item,) = vidgen.http.get("/api/jobs").json()["jobs"]
    assert item == {
        "id": job,
        "status": "PENDING",
        "outputVideo": None,
        "outputShareLink": None,
        "errorMessage": None,
        "retries": 2,
        "createdAt": START,
        "updatedAt": START,
        "webhookUrl": "https://your.app/hooks/vidgen",
    }


def test_an_unknown_path_and_a_wrong_method_are_refused_in_the_apis_own_form(vidgen: View) -> None:
    assert set(only(vidgen.http.get("/api/nothing"), 404)) == {"error"}
    wrong = vidgen.http.put("/api/jobs")
    assert set(only(wrong, 405)) == {"error"}
    assert wrong.headers["allow"] == "GET, HEAD, POST"


def test_an_image_named_mock_fail_fails(vidgen: View) -> None:
    job = submit(vidgen.http, ("mock:fail", JPEG, "image/jpeg")).json()["jobId"]
    vidgen.advance(30)
    assert status(vidgen, job)["status"] == "FAILED"


def test_head_answers_like_get_without_the_body(vidgen: View) -> None:
    job = new_job(vidgen)
    for path in ("/api/health", "/api/jobs", f"/api/status/{job}", "/api/status/nope"):
        head, whole = vidgen.http.head(path), vidgen.http.get(path)
        assert (head.status_code, head.content) == (whole.status_code, b"")
        assert head.headers["content-length"] == str(len(whole.content))


def test_a_refusal_reaches_a_client_that_is_still_sending(vidgen: View) -> None:
    with connect(vidgen.url) as nobody:
        large = ("a.jpg", JPEG + bytes(20_000_000), "image/jpeg")
        assert submit(nobody, large).status_code == 401
        assert nobody.post("/api/nothing", content=bytes(20_000_000)).status_code == 404
        assert submit(nobody).status_code == 401  # on the same connection
