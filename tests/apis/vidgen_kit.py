"""Requests to VidGen that its tests share."""

from __future__ import annotations

from typing import Any

import httpx
from api_kit import View, sample

JPEG, MP3 = sample("portrait.jpg"), sample("voice.mp3")
IMAGE = ("portrait.jpg", JPEG, "image/jpeg")
AUDIO = ("voice.mp3", MP3, "audio/mpeg")


def submit(http: httpx.Client, image: Any = IMAGE, audio: Any = AUDIO, **fields: str) -> httpx.Response:
    files = {name: part for name, part in (("image", image), ("audio", audio)) if part is not None}
    return http.post("/api/jobs", files=files, data=fields)


def new_job(vidgen: View, **wishes: Any) -> str:
    vidgen.plan(**{"queued": 2, "running": 10, "curve": "linear", **wishes})
    answer = submit(vidgen.http)
    assert answer.status_code == 201, answer.text
    job: str = answer.json()["jobId"]
    return job


def status(vidgen: View, job: str) -> Any:
    answer = vidgen.http.get(f"/api/status/{job}")
    assert answer.status_code == 200, answer.text
    return answer.json()
