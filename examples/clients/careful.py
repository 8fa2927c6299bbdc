"""A client of VidGen that takes care: of money, of time, of what servers and gateways answer, of whole files.

Submitting is tried once: an answer that was lost may have been a job that is paid for. Polling waits as the server
asks, backs off, and ends.
"""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from email.utils import parsedate_to_datetime
from typing import Any

BOUNDARY = "careful-client"
STATES = ("PENDING", "PROCESSING", "COMPLETED", "FAILED", "CANCELLED")
LONGEST_WAIT = 300.0


class VideoError(Exception):
    """No video came of it; the message says why, and names the job where there is one."""


class NoAnswer(VideoError):
    """An answer did not come, or not whole, or not as it was promised; `wait` are the seconds the server asks for."""

    def __init__(self, why: str, wait: float = 0.0, *, final: bool = False) -> None:
        super().__init__(why)
        self.wait = wait
        self.final = final


def make_video(url: str, key: str, image: bytes, audio: bytes, patience: float = 600.0) -> bytes:
    """Submit, poll, download: the bytes of a whole video. Raises VideoError, after about `patience` seconds at most."""
    end = time.monotonic() + patience
    status = _poll(url, key, _submit(url, key, image, audio), end)
    return _download(str(status.get("outputVideo") or ""), end)


def _submit(url: str, key: str, image: bytes, audio: bytes) -> str:
    try:
        told = _ask("POST", f"{url}/api/jobs", key, _form(image=image, audio=audio))
    except NoAnswer as error:
        raise VideoError(f"the job may or may not have been created, look before you submit again: {error}") from error
    job = told.get("jobId")
    if not isinstance(job, str) or not job:
        raise VideoError(f"a job was created, but its id was not told: {told!r:.200}")
    return job


def _poll(url: str, key: str, job: str, end: float) -> dict[str, Any]:
    pause = 2.0
    while True:
        wait = pause
        try:
            status = _ask("GET", f"{url}/api/status/{job}", key)
            if status.get("status") == "COMPLETED" and isinstance(status.get("outputVideo"), str):
                return status
            if status.get("status") in ("FAILED", "CANCELLED"):
                raise VideoError(f"job {job} ended as {status['status']}: {status.get('errorMessage') or 'no reason'}")
        except NoAnswer as error:
            if error.final:
                raise
            wait = max(pause, error.wait)
        _wait(wait, end, f"job {job} is not done")
        pause = min(pause * 1.5, 15.0)


def _download(url: str, end: float) -> bytes:
    pause = 2.0
    while True:
        try:
            film, kind = _get(urllib.request.Request(url))
            if not kind.startswith("video/") or not _is_whole(film):
                raise NoAnswer(f"{url} is no whole video: {kind}, {len(film)} bytes")
            return film
        except ValueError as error:
            raise VideoError(f"the video has no URL that can be read: {url!r}") from error
        except NoAnswer as error:
            if error.final:
                raise
            wait = max(pause, error.wait)
        _wait(wait, end, "the video does not come whole")
        pause = min(pause * 2, 60.0)


def _is_whole(film: bytes) -> bool:
    """Whether the boxes of an MP4 file fill it exactly."""
    at = 0
    while at + 8 <= len(film):
        size = int.from_bytes(film[at : at + 4], "big")
        if size < 8 or (at == 0 and film[4:8] != b"ftyp"):
            return False
        at += size
    return at == len(film) > 0


def _wait(seconds: float, end: float, why: str) -> None:
    if seconds > LONGEST_WAIT or time.monotonic() + seconds > end:
        raise VideoError(f"{why}; gave up waiting")
    time.sleep(seconds)


def _ask(method: str, url: str, key: str, form: bytes | None = None) -> dict[str, Any]:
    headers = {"X-API-Key": key, "Accept": "application/json", "Accept-Encoding": "identity"}
    if form is not None:
        headers["Content-Type"] = f"multipart/form-data; boundary={BOUNDARY}"
    body, _ = _get(urllib.request.Request(url, form, headers, method=method))
    try:
        told = json.loads(body)
    except ValueError:
        raise NoAnswer(f"{url} did not answer in JSON: {body[:80]!r}") from None
    if not isinstance(told, dict):
        raise NoAnswer(f"{url} answered {body[:80]!r}")
    return told


def _get(request: urllib.request.Request) -> tuple[bytes, str]:
    """Body and media type of a whole answer of 2xx."""
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read(), answer.headers.get_content_type()
    except urllib.error.HTTPError as error:
        with error:
            wait = _retry_after(error.headers.get("Retry-After"))
            final = error.code in (400, 401, 402, 403, 413, 415)
            raise NoAnswer(f"{request.full_url} answered {error.code}", wait, final=final) from None
    except (OSError, http.client.HTTPException) as error:
        raise NoAnswer(f"{request.full_url}: {type(error).__name__}: {error}") from error


def _retry_after(text: str | None) -> float:
    """Seconds, from either form of the header; 0 when there is none that can be read."""
    if text is None:
        return 0.0
    try:
        return max(0.0, float(text) if text.isdigit() else parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError):
        return 0.0


def _form(**parts: bytes) -> bytes:
    lines = []
    for name, data in parts.items():
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n\r\n'
        lines.append(head.encode() + data + b"\r\n")
    return b"".join(lines) + f"--{BOUNDARY}--\r\n".encode()
