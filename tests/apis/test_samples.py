"""The vendors' own samples and the flows of public clients, word for word."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import httpx
import pytest
from api_kit import Receiver, View, sample
from miraflow_kit import put

JPEG, PNG, MP3 = sample("portrait.jpg"), sample("portrait.png"), sample("voice.mp3")


def ok(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


def test_a_public_miragic_client_labels_every_file_alike_and_finds_its_video(miragic: View) -> None:
    paintings = "/api/v1/speed-painting"
    files = {"image": ("slide.png", PNG, "image/png"), "audio_file": ("voice.mp3", MP3, "audio/mpeg")}
    data = {"fps": "30", "quality": "hd", "sequence": "auto", "hand_style": "1"}
    for given in (files, {"image": files["image"]}):
        body = ok(miragic.http.post(f"{paintings}/create", data=data, files=given))
        assert body.get("success")
        job = body["data"]["jobId"]
        seen = {"status": ""}
        for _ in range(120):
            miragic.advance(10)
            seen = ok(miragic.http.get(f"{paintings}/jobs/{job}"))["data"]
            if seen["status"] == "COMPLETED":
                break
        url = seen.get("processedVideoUrl") or seen.get("externalVideoUrl")
        assert url
        assert httpx.get(url).content[4:8] == b"ftyp"
        assert seen["creditsUsed"] == 1
        assert seen["metadata"]["processingDurationMs"] > 0  # type: ignore[index]


SPEECH = {
    "avatarId": "cm2yaz9j10008l0qg9npyjgs3",
    "name": "My new video",
    "voiceId": "cm1lgilny0005m2lnvv3vgtgv",
    "text": "This is the text of the script to be generated in the specified voice.",
    "im2vid_full": True,
}
SKILL_SPEECH = SPEECH | {"name": "My video", "voiceId": "1", "text": "Script text here."}
PICTURE = {
    "prompt": "A photorealistic portrait of an adult person with natural lighting",
    "name": "My generated image",
    "aspectRatio": "1:1",
    "negativePrompt": "blurry, low quality, distorted",
    "seed": 12345,
}
EDIT = {
    "prompt": "Turn this photo into a professional business headshot",
    "name": "My image editing job",
    "aspectRatio": "1:1",
    "negativePrompt": "blurry, low quality",
    "seed": 12345,
}
INPAINT = EDIT | {"prompt": "Change to blue", "name": "My inpainting job"}


@pytest.mark.parametrize("speech", [SPEECH, SKILL_SPEECH], ids=["documentation", "skill"])
def test_miraflows_sample_makes_a_video(miraflow: View, speech: dict[str, Any]) -> None:
    first, again = (ok(miraflow.http.post("/api/video/create", json=speech))["jobId"] for _ in range(2))
    assert first != again
    miraflow.advance(15)
    assert ok(miraflow.http.get(f"/api/video/{first}/status"))["status"] == "inference_complete"
    video = ok(miraflow.http.get(f"/api/video/{first}"))
    assert video["sourceAvatarId"] == speech["avatarId"]
    for answer in (httpx.get(video["downloadUrl"]), miraflow.http.get(f"/api/video/{first}/download")):
        assert (answer.status_code, answer.headers["content-type"]) == (200, "video/mp4")


def uploaded(miraflow: View, name: str, data: bytes, kind: str) -> str:
    """The upload of the documentation's three steps."""
    announced = {"fileName": name, "contentType": kind, "fileSize": len(data)}
    ticket = ok(miraflow.http.post("/api/media/initialize", json=announced))
    assert put(ticket["uploadUrl"], data, kind).status_code == 200
    assert ok(miraflow.http.post("/api/media/finalize", json={"mediaId": ticket["mediaId"]})) == {"success": True}
    media: str = ticket["mediaId"]
    return media


def test_miraflows_samples_make_pictures(miraflow: View) -> None:
    media = uploaded(miraflow, "my-image.png", PNG, "image/png")
    bodies = {
        "generate": PICTURE,
        "edit": EDIT | {"referenceImageMediaId": media},
        "inpaint": INPAINT | {"originalImageMediaId": media, "maskImageMediaId": media},
    }
    for path, body in bodies.items():
        job = ok(miraflow.http.post(f"/api/image/{path}", json=body))["jobId"]
        miraflow.advance(15)
        done = ok(miraflow.http.get(f"/api/image/{job}"))
        assert (done["status"], done["name"]) == ("inference_complete", body["name"])
        assert httpx.get(done["downloadUrl"]).headers["content-type"] == "image/png"


def test_the_skills_upload_speaks_in_a_form_by_its_media_id(miraflow: View) -> None:
    media = uploaded(miraflow, "voice.mp3", MP3, "audio/mpeg")
    fields = {"avatarId": (None, SPEECH["avatarId"]), "name": (None, "My video"), "mediaId": (None, media)}
    job = ok(miraflow.http.post("/api/video/create", files=fields))["jobId"]
    miraflow.advance(15)
    assert ok(miraflow.http.get(f"/api/video/{job}/status"))["status"] == "inference_complete"


def test_vidgens_quick_start_makes_a_video_and_its_receiver_finds_the_signature_right(
    vidgen: View, receiver: Receiver
) -> None:
    vidgen.sandbox.insecure_webhooks = True
    # curl -F sends what it does not know as octet-stream
    files = {
        "image": ("portrait.jpg", JPEG, "image/jpeg"),
        "audio": ("voiceover.mp3", MP3, "application/octet-stream"),
        "webhookUrl": (None, receiver.url),
    }
    created = ok(vidgen.http.post("/api/jobs", files=files), 201)
    assert created == {"message": "Job created", "jobId": created["jobId"]}
    vidgen.advance(15)
    status = ok(vidgen.http.get(f"/api/status/{created['jobId']}"))
    assert status["status"] == "COMPLETED"
    [got] = receiver.got
    expected = hmac.new(vidgen.mine.webhook_secret.encode(), got.body, hashlib.sha256).hexdigest()
    assert got.headers["x-webhook-signature"] == expected
    assert got.json == status


def test_mirragos_samples_make_pictures(mirrago: View) -> None:
    model, shirt = "https://cdn.yourbrand.com/models/model.jpg", "https://cdn.yourbrand.com/garments/shirt.png"
    callback = "https://optional.yourapp.com/webhook"
    with_files = {"target_image": model, "garment_image": shirt, "callback_url": callback, "backgroud": False}
    with_urls = {"target_image_url": model, "garment_image_url": shirt, "backgroud": False}
    balance = []
    for body in (with_files, with_urls):
        created = ok(mirrago.http.post("/v1/mirrago/generate-image", json=body))
        balance.append(created["credits_before"])
        mirrago.advance(15)
        job = ok(mirrago.http.get(f"/v1/mirrago/job/{created['job_id']}"))
        assert (job["status"], job["cloth_id"]) == ("completedc", created["cloth_id"])
        assert httpx.get(job["result_url"]).headers["content-type"] == "image/png"
    assert balance == [100, 99]


def test_mirragos_table_of_fields_sent_to_the_letter_makes_a_picture(mirrago: View) -> None:
    files = {
        "target_image": ("model.jpg", JPEG, "image/jpeg"),
        "garment_image": ("shirt.png", PNG, "image/png"),
        "target_image_url": ("model.jpg", JPEG, "image/jpeg"),
        "garment_image_url": ("shirt.png", PNG, "image/png"),
    }
    data = {"background": "white", "username": "anna"}
    assert ok(mirrago.http.post("/v1/mirrago/generate-image", files=files, data=data))["username"] == "anna"
