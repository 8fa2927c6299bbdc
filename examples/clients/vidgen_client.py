"""A client of VidGen that survives what a real service does: late, lost, refused and broken answers."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import httpx

TRANSIENT = {429, 500, 502, 503, 504}


class JobFailed(Exception):
    """The job ended without a video; the message is the vendor's."""


@dataclass(frozen=True)
class Video:
    job: str
    url: str


def _pause(attempt: int, answer: httpx.Response | None) -> float:
    """Seconds until the next try: what the vendor asks for, else 1, 2, 4, … up to 30."""
    asked = answer.headers.get("Retry-After", "") if answer is not None else ""
    return float(asked) if asked.isdigit() else min(30.0, 2.0**attempt)


def _video(job: str, status: Any) -> Video | None:
    """The video of a job that is done; None while it runs."""
    if status["status"] in ("FAILED", "CANCELLED"):
        raise JobFailed(status["errorMessage"] or status["status"])
    return Video(job, status["outputVideo"]) if status["status"] == "COMPLETED" else None


class VidGen:
    """`submit`, then `wait`. Raises JobFailed, TimeoutError and httpx's own errors."""

    def __init__(self, api_key: str, base_url: str) -> None:
        self._http = httpx.Client(base_url=base_url, headers={"X-API-Key": api_key}, timeout=10)

    def submit(self, image: bytes, audio: bytes, webhook_url: str | None = None) -> str:
        """The new job's id. An answer that is lost is no reason to pay twice: the job may be there already."""
        files = {"image": ("image.png", image, "image/png"), "audio": ("audio.mp3", audio, "audio/mpeg")}
        before = self._newest()
        try:
            answer = self._http.post("/api/jobs", files=files, data={"webhookUrl": webhook_url} if webhook_url else {})
        except httpx.TransportError:
            if (job := self._newest()) is None or job == before:
                raise
            return job
        job_id: str = answer.raise_for_status().json()["jobId"]
        return job_id

    def wait(self, job: str, patience: float = 1200) -> Video:
        """Ask until the video is there, ever more rarely."""
        deadline, attempt = time.monotonic() + patience, 0
        while time.monotonic() < deadline:
            video, pause = self._look(job, attempt)
            if video is not None:
                return video
            time.sleep(pause)
            attempt += 1
        raise TimeoutError(f"job {job} was not done in {patience:g} s")

    def download(self, video: Video) -> bytes:
        """The film's bytes."""
        return self._http.get(video.url).raise_for_status().content

    def close(self) -> None:
        self._http.close()

    def _look(self, job: str, attempt: int) -> tuple[Video | None, float]:
        try:
            answer = self._http.get(f"/api/status/{job}")
            if answer.status_code in TRANSIENT:
                return None, _pause(attempt, answer)
            return _video(job, answer.raise_for_status().json()), _pause(attempt, None)
        except (httpx.TransportError, ValueError):  # a broken answer says nothing about the job
            return None, _pause(attempt, None)

    def _newest(self) -> str | None:
        jobs = self._http.get("/api/jobs", params={"limit": 1}).raise_for_status().json()["jobs"]
        return jobs[0]["id"] if jobs else None


class AsyncVidGen:
    """The same for asyncio, in short."""

    def __init__(self, api_key: str, base_url: str) -> None:
        self._http = httpx.AsyncClient(base_url=base_url, headers={"X-API-Key": api_key}, timeout=10)

    async def submit(self, image: bytes, audio: bytes) -> str:
        files = {"image": ("image.png", image, "image/png"), "audio": ("audio.mp3", audio, "audio/mpeg")}
        answer = await self._http.post("/api/jobs", files=files)
        job: str = answer.raise_for_status().json()["jobId"]
        return job

    async def wait(self, job: str, patience: float = 1200) -> Video:
        async with asyncio.timeout(patience):
            for attempt in range(1_000_000):
                answer = await self._http.get(f"/api/status/{job}")
                if answer.status_code not in TRANSIENT and (video := _video(job, answer.raise_for_status().json())):
                    return video
                await asyncio.sleep(_pause(attempt, answer))
        raise AssertionError("a time-out always comes first")

    async def aclose(self) -> None:
        await self._http.aclose()
