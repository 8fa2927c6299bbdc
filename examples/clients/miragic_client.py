"""A client of Miragic's speed painting, with requests; and with aiohttp. The base URL is a constant, as often."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import aiohttp
import requests

BASE = "https://backend.miragic.ai/api/v1/speed-painting"
FORM = {"quality": "hd", "sequence": "auto", "fps": "30", "hand_style": "1"}


class PaintingFailed(Exception):
    """No painting comes of it; the message is the vendor's."""


def _done(data: Any) -> str | None:
    """The painting's URL; None while it is painted."""
    if data["status"] == "FAILED":
        raise PaintingFailed(data["errorMessage"])
    return str(data["externalVideoUrl"]) if data["status"] == "COMPLETED" else None


def paint(key: str, image: bytes, patience: float = 600) -> str:
    """The URL of a film in which a hand draws the image. Raises PaintingFailed, TimeoutError, requests' errors."""
    with requests.Session() as http:
        http.headers["X-API-Key"] = key
        files = {"image": ("image.png", image, "image/png")}
        created = http.post(f"{BASE}/create", data=FORM, files=files, timeout=30)
        created.raise_for_status()
        job = created.json()["data"]["jobId"]
        deadline, pause = time.monotonic() + patience, 1.0
        while time.monotonic() < deadline:
            answer = http.get(f"{BASE}/jobs/{job}", timeout=10)
            if answer.ok and (url := _done(answer.json()["data"])):
                return url
            time.sleep(pause)
            pause = min(20.0, pause * 1.5)
    raise TimeoutError(f"no painting in {patience:g} s")


async def apaint(key: str, image: bytes, patience: float = 600) -> str:
    """The same for asyncio."""
    form = aiohttp.FormData(FORM)
    form.add_field("image", image, filename="image.png", content_type="image/png")
    limits = aiohttp.ClientTimeout(total=30)
    async with asyncio.timeout(patience), aiohttp.ClientSession(headers={"X-API-Key": key}, timeout=limits) as http:
        async with http.post(f"{BASE}/create", data=form, raise_for_status=True) as created:
            job = (await created.json())["data"]["jobId"]
        pause = 1.0
        while True:
            async with http.get(f"{BASE}/jobs/{job}") as answer:
                if answer.ok and (url := _done((await answer.json())["data"])):
                    return url
            await asyncio.sleep(pause)
            pause = min(20.0, pause * 1.5)
