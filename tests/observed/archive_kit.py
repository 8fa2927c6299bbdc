"""Archives put together by hand: a few calls, seconds apart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

START = 1_000_000_000.0
HOST = "api.acme.example"
Headers = Mapping[str, str]


def call(
    at: float, method: str, path: str, status: int, answer: Any = None, *, body: Any = None,
    headers: Headers | None = None, answered: Headers | None = None, media: str = "application/json", host: str = HOST,
) -> dict[str, Any]:  # fmt: skip
    """An entry of HAR, `at` seconds after the beginning; `answer` and `body` are JSON, a text where `media` is none."""
    text = "" if answer is None else answer if isinstance(answer, str) and "json" not in media else json.dumps(answer)
    sent = _pairs({"authorization": "Bearer x", **(headers or {})})
    request: dict[str, Any] = {"method": method, "url": f"https://{host}{path}", "headers": sent}
    if body is not None:
        request["postData"] = {"mimeType": "application/json", "text": json.dumps(body)}
    return {
        "startedDateTime": datetime.fromtimestamp(START + at, UTC).isoformat(),
        "time": 0,
        "request": request,
        "response": {
            "status": status, "headers": _pairs(answered or {}),
            "content": {"size": len(text), "mimeType": media if text else "", "text": text},
        },
    }  # fmt: skip


def _pairs(headers: Headers) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers.items()]


def archive(*entries: Any) -> dict[str, Any]:
    return {"log": {"version": "1.2", "creator": {"name": "x", "version": "1"}, "entries": [*entries]}}


def job(status: str, number: str = "job_1a2b3c4d5e6f", **more: Any) -> dict[str, Any]:
    return {"id": number, "status": status, **more}
