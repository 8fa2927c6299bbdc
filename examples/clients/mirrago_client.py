"""A client of Mirrago's virtual try-on: tokens renewed in time, sync and async, with httpx."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Generator
from typing import Any

import httpx

BASE = "https://api.mirrago.com"
DONE = {"completed", "completedc"}  # the vendor's slip of the pen, and what it will be one day


class TryOnFailed(Exception):
    """No picture comes of it; the message is the vendor's."""


class Token(httpx.Auth):
    """Fetches a token, renews it a minute before its end, and once more when it is refused all the same."""

    requires_response_body = True

    def __init__(self, client_id: str, client_secret: str) -> None:
        self._who = {"client_id": client_id, "client_secret": client_secret, "grant_type": "client_credentials"}
        self._token, self._until = "", 0.0

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if time.monotonic() >= self._until:
            yield from self._renew()
        request.headers["Authorization"] = f"Bearer {self._token}"
        answer = yield request
        if answer.status_code == 401:
            yield from self._renew()
            request.headers["Authorization"] = f"Bearer {self._token}"
            yield request

    def _renew(self) -> Generator[httpx.Request, httpx.Response, None]:
        answer = yield httpx.Request("POST", f"{BASE}/oauth/token", json=self._who)
        told = answer.raise_for_status().json()
        self._token, self._until = told["access_token"], time.monotonic() + told["expires_in"] - 60


def _done(answer: httpx.Response) -> str | None:
    """The picture's URL; None while it is made, and when the vendor says 500 for "too many requests"."""
    if answer.status_code in (429, 500):
        return None
    told: Any = answer.raise_for_status().json()
    if told["status"] == "failed":
        raise TryOnFailed(told["error_msg"].get("error", ""))
    return str(told["result_url"]) if told["status"] in DONE else None


def try_on(auth: Token, person: str, garment: str, patience: float = 30) -> str:
    """The URL of a picture of the person in the garment. Raises TryOnFailed, TimeoutError and httpx's errors."""
    images = {"target_image_url": person, "garment_image_url": garment}
    with httpx.Client(base_url=BASE, auth=auth, timeout=10) as http:
        created = http.post("/v1/mirrago/generate-image", json=images).raise_for_status()
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if url := _done(http.get(f"/v1/mirrago/job/{created.json()['job_id']}")):
                return url
            time.sleep(1)
    raise TimeoutError(f"no picture in {patience:g} s")


async def atry_on(auth: Token, person: str, garment: str, patience: float = 30) -> str:
    """The same for asyncio."""
    images = {"target_image_url": person, "garment_image_url": garment}
    async with asyncio.timeout(patience), httpx.AsyncClient(base_url=BASE, auth=auth, timeout=10) as http:
        created = (await http.post("/v1/mirrago/generate-image", json=images)).raise_for_status()
        while True:
            if url := _done(await http.get(f"/v1/mirrago/job/{created.json()['job_id']}")):
                return url
            await asyncio.sleep(1)
