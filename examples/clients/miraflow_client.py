"""A client of Miraflow: pictures from words, sync and async, with httpx."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx

BASE = "https://miraflow.ai"
ENDS = {"inference_failed", "inference_error"}


class InferenceFailed(Exception):
    """No picture comes of it."""


def _request(prompt: str, seed: int | None) -> dict[str, Any]:
    return {"prompt": prompt, "name": prompt[:40], **({} if seed is None else {"seed": seed})}


def _done(answer: httpx.Response) -> str | None:
    """The picture's URL; None while it is made."""
    told = answer.raise_for_status().json()
    if told["status"] in ENDS:
        raise InferenceFailed(told["status"])
    return str(told["downloadUrl"]) if told["status"] == "inference_complete" else None


def picture(key: str, prompt: str, seed: int | None = None, patience: float = 300) -> bytes:
    """A picture of what the prompt says. Raises InferenceFailed, TimeoutError and httpx's errors."""
    with httpx.Client(base_url=BASE, headers={"x-api-key": key}, timeout=10) as http:
        created = http.post("/api/image/generate", json=_request(prompt, seed)).raise_for_status()
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if url := _done(http.get(f"/api/image/{created.json()['jobId']}")):
                return http.get(url).raise_for_status().content
            time.sleep(2)
    raise TimeoutError(f"no picture in {patience:g} s")


async def apicture(key: str, prompt: str, seed: int | None = None, patience: float = 300) -> bytes:
    """The same for asyncio."""
    headers = {"x-api-key": key}
    async with asyncio.timeout(patience), httpx.AsyncClient(base_url=BASE, headers=headers, timeout=10) as http:
        created = (await http.post("/api/image/generate", json=_request(prompt, seed))).raise_for_status()
        while True:
            if url := _done(await http.get(f"/api/image/{created.json()['jobId']}")):
                return (await http.get(url)).raise_for_status().content
            await asyncio.sleep(2)
