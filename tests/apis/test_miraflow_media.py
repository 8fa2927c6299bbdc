"""Miraflow: initialize, put, finalize."""

from __future__ import annotations

from hashlib import md5
from typing import Any

import httpx
import pytest
from api_kit import View, connect, png, sample
from miraflow_kit import PICTURE, SPEECH, begin, bucket_refused, finalize, put, started, uploaded
from test_miraflow import refused

BODY = png(20, 20)


@pytest.mark.parametrize("missing", ["fileName", "contentType", "fileSize"])
def test_every_field_of_initialize_is_required(miraflow: View, missing: str) -> None:
    body = {"fileName": "a.png", "contentType": "image/png", "fileSize": 3}
    del body[missing]
    assert missing in refused(miraflow.http.post("/api/media/initialize", json=body), 400)


@pytest.mark.parametrize("wrong", [{"fileSize": "3"}, {"fileSize": -1}, {"fileSize": 1.5}, {"contentType": 1}])
def test_fields_of_initialize_of_another_type_are_refused(miraflow: View, wrong: dict[str, Any]) -> None:
    body = {"fileName": "a.png", "contentType": "image/png", "fileSize": 3} | wrong
    assert next(iter(wrong)) in refused(miraflow.http.post("/api/media/initialize", json=body), 400)


def test_the_upload_url_is_absolute_needs_no_key_and_takes_the_bytes_once_finalized(miraflow: View) -> None:
    media, url = begin(miraflow.http, BODY, "image/png")
    assert url.startswith(miraflow.url)
    assert put(url, BODY, "image/png").status_code == 200
    answer = finalize(miraflow.http, media)
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    started(miraflow.http.post("/api/image/edit", json=PICTURE | {"referenceImageMediaId": media}))


def test_the_put_is_answered_as_a_bucket_does_without_a_body_and_with_the_etag_of_the_bytes(miraflow: View) -> None:
    for data in (BODY, bytes(reversed(BODY))):
        _, url = begin(miraflow.http, data, "image/png")
        answer = put(url, data, "image/png")
        assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "0")
        assert "content-type" not in answer.headers
        assert answer.headers["etag"] == f'"{md5(data, usedforsecurity=False).hexdigest()}"'


def test_the_refusals_of_the_put_have_the_codes_of_a_bucket(miraflow: View) -> None:
    _, url = begin(miraflow.http, BODY, "image/png")
    assert bucket_refused(put(url[:-1], BODY, "image/png"), 403) == "SignatureDoesNotMatch"
    assert bucket_refused(put(url, BODY[:-1], "image/png"), 400) == "IncompleteBody"
    assert put(url, BODY, "image/png").status_code == 200
    miraflow.advance(3600)
    late = put(url, BODY, "image/png")
    assert bucket_refused(late, 403) == "AccessDenied"
    assert "Request has expired" in late.text


def test_bytes_may_be_replaced_before_finalize_and_not_after(miraflow: View) -> None:
    other = bytes(reversed(BODY))
    media, url = begin(miraflow.http, BODY, "image/png")
    assert put(url, other, "image/png").status_code == 200
    assert put(url, BODY, "image/png").status_code == 200
    assert finalize(miraflow.http, media).status_code == 200
    assert finalize(miraflow.http, media).json() == {"success": True}
    bucket_refused(put(url, BODY, "image/png"), 409)


def test_finalize_before_the_bytes_arrived_is_refused(miraflow: View) -> None:
    media, _ = begin(miraflow.http, BODY, "image/png")
    refused(finalize(miraflow.http, media), 400)


def test_finalizing_unknown_media_or_anothers_is_not_found(miraflow: View) -> None:
    media, url = begin(miraflow.http, BODY, "image/png")
    put(url, BODY, "image/png")
    refused(finalize(miraflow.http, "nope"), 404)
    with connect(miraflow.url, x_api_key=miraflow.side.account().key) as other:
        refused(finalize(other, media), 404)
    job = started(miraflow.http.post("/api/video/create", json=SPEECH))
    refused(finalize(miraflow.http, job), 404)  # a job is no medium
    assert "mediaId" in refused(miraflow.http.post("/api/media/finalize", json={}), 400)


@pytest.mark.parametrize(
    ("data", "kind"),
    [(BODY + b"\0", "image/png"), (BODY[:-1], "image/png"), (BODY, "image/jpeg"), (BODY, "audio/mpeg")],
)
def test_bytes_other_than_announced_are_refused_at_the_put(miraflow: View, data: bytes, kind: str) -> None:
    media, url = begin(miraflow.http, BODY, "image/png")
    bucket_refused(put(url, data, kind), 400)
    refused(finalize(miraflow.http, media), 400)
    assert put(url, BODY, "image/png").status_code == 200


def test_a_type_announced_under_one_name_may_come_under_another(miraflow: View) -> None:
    data = sample("voice.wav")
    _, url = begin(miraflow.http, data, "audio/wav")
    assert put(url, data, "audio/x-wav").status_code == 200


def test_the_upload_url_expires(miraflow: View) -> None:
    _, url = begin(miraflow.http, BODY, "image/png")
    miraflow.advance(3599)
    assert put(url, BODY, "image/png").status_code == 200
    miraflow.advance(1)
    bucket_refused(put(url, BODY, "image/png"), 403)


def test_an_upload_url_with_one_character_changed_is_refused(miraflow: View) -> None:
    media, url = begin(miraflow.http, BODY, "image/png")
    for wrong in (
        url[:-1] + ("A" if url[-1] != "A" else "B"),
        url.partition("?")[0],
        url.replace("expires=1", "expires=2"),
    ):
        bucket_refused(put(wrong, BODY, "image/png"), 403)
    elsewhere, _ = begin(miraflow.http, BODY, "image/png")
    bucket_refused(put(url.replace(media, elsewhere), BODY, "image/png"), 403)


def test_the_signature_goes_before_the_type_and_the_type_before_the_rest(miraflow: View) -> None:
    media, url = begin(miraflow.http, BODY, "image/png")
    base = url.partition("?")[0]
    assert put(base, b"x", "text/plain").status_code == 403
    assert httpx.post(url, content=b"x").status_code == 405
    assert put(url, b"x", "text/plain").status_code == 415
    assert put(url, b"x", "image/png").status_code == 400
    uploaded_again = put(url, BODY, "image/png")
    assert uploaded_again.status_code == 200
    finalize(miraflow.http, media)
    assert put(url, BODY, "image/png").status_code == 409


def test_refusals_come_in_the_fixed_order(miraflow: View) -> None:
    text: Any = {"content": b"x", "headers": {"Content-Type": "text/plain"}}
    miraflow.credit(0)
    http = miraflow.http
    with connect(miraflow.url) as nobody:
        assert nobody.post("/api/images", **text).status_code == 404
        assert nobody.put("/api/image/edit", **text).status_code == 405
        assert nobody.post("/api/image/edit", **text).status_code == 401
    assert http.post("/api/image/edit", **text).status_code == 415
    large = b'{"prompt": "' + b"x" * (2 << 20)
    assert http.post("/api/image/edit", content=large, headers={"Content-Type": "application/json"}).status_code == 413
    assert http.post("/api/image/edit", json={"referenceImageMediaId": "nope"}).status_code == 400
    assert http.post("/api/image/edit", json=PICTURE | {"referenceImageMediaId": "nope"}).status_code == 404
    medium = uploaded(http)
    assert http.post("/api/image/edit", json=PICTURE | {"referenceImageMediaId": medium}).status_code == 400


def test_the_medium_of_a_finished_image_is_its_accounts_own_and_no_job(miraflow: View) -> None:
    miraflow.plan(queued=1, running=1)
    job = started(miraflow.http.post("/api/image/generate", json=PICTURE))
    miraflow.advance(2)
    media = miraflow.http.get(f"/api/image/{job}").json()["mediaId"]
    body = PICTURE | {"referenceImageMediaId": media}
    assert miraflow.http.post("/api/image/edit", json=body).status_code == 200
    with connect(miraflow.url, x_api_key=miraflow.side.account().key) as other:
        refused(other.post("/api/image/edit", json=body), 404)
    refused(miraflow.http.get(f"/api/image/{media}"), 404)


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "image/gif"])
def test_kinds_of_files_that_nothing_takes_are_refused_at_the_latest_at_the_put(miraflow: View, kind: str) -> None:
    announced = {"fileName": "a", "contentType": kind, "fileSize": 1}
    answer = miraflow.http.post("/api/media/initialize", json=announced)
    if answer.status_code == 200:
        bucket_refused(put(answer.json()["uploadUrl"], b"x", kind), 415)
    else:
        refused(answer, 400)
