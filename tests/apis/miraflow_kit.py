"""Requests to Miraflow that its tests share."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import httpx
from api_kit import View, png

AVATAR, VOICE = "cm2yaz9j10008l0qg9npyjgs3", "cm1lgilny0005m2lnvv3vgtgv"
SPEECH = {"avatarId": AVATAR, "name": "My new video", "voiceId": VOICE, "text": "Hello"}
PICTURE = {"prompt": "A lighthouse", "name": "Lighthouse"}


def started(answer: httpx.Response) -> str:
    """The id of a job that was accepted."""
    assert answer.status_code == 200, answer.text
    job: str = answer.json()["jobId"]
    assert answer.json() == {"result": "success", "jobId": job}
    return job


def begin(http: httpx.Client, data: bytes, kind: str) -> tuple[str, str]:
    """Initialize an upload: its media id and where to put the bytes."""
    announced = {"fileName": "file", "contentType": kind, "fileSize": len(data)}
    answer = http.post("/api/media/initialize", json=announced)
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"mediaId", "uploadUrl"}
    return answer.json()["mediaId"], answer.json()["uploadUrl"]


def put(url: str, data: bytes, kind: str) -> httpx.Response:
    """Put bytes to an upload URL, without a key."""
    return httpx.put(url, content=data, headers={"Content-Type": kind})


def bucket_refused(answer: httpx.Response, status: int) -> str:
    """The code of a bucket's refusal, an XML document."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/xml"), answer.text
    root = ElementTree.fromstring(answer.content)
    assert (root.tag, [each.tag for each in root][:2]) == ("Error", ["Code", "Message"])
    code = root.findtext("Code")
    assert code
    return code


def finalize(http: httpx.Client, media: str) -> httpx.Response:
    return http.post("/api/media/finalize", json={"mediaId": media})


def uploaded(http: httpx.Client, data: bytes = b"", kind: str = "image/png") -> str:
    """A finished upload."""
    data = data or png(160, 90)
    media, url = begin(http, data, kind)
    assert put(url, data, kind).status_code == 200
    assert finalize(http, media).json() == {"success": True}
    return media


def image_of(miraflow: View, job: str) -> bytes:
    """The bytes of a finished image."""
    miraflow.advance(15)
    done: Any = miraflow.http.get(f"/api/image/{job}").json()
    answer = httpx.get(done["downloadUrl"])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    return answer.content
