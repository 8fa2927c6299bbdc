"""A client of VidGen as people write it on the first afternoon. It works, until something happens.

`tests/exploration` shows what: it pays twice, waits for ever, falls over a gateway's page and over a missing field,
and stores half a film.
"""

from __future__ import annotations

import io
import json
import shutil
import time
import urllib.error
import urllib.request
from typing import Any

BOUNDARY = "naive-client"


def make_video(url: str, key: str, image: bytes, audio: bytes) -> bytes:
    """Submit, poll, download."""
    job = _ask("POST", f"{url}/api/jobs", key, _form(image=image, audio=audio))["jobId"]
    while True:
        status = _ask("GET", f"{url}/api/status/{job}", key)
        print(f"{status['progress']} % of {status['jobId']}, share it as {status['outputShareLink']}")
        if status["status"] == "COMPLETED":
            break
        if status["status"] in ("FAILED", "CANCELLED"):
            raise RuntimeError(status["errorMessage"])
        time.sleep(2)
    film = io.BytesIO()
    with urllib.request.urlopen(status["outputVideo"]) as answer:
        shutil.copyfileobj(answer, film)
    return film.getvalue()


def _ask(method: str, url: str, key: str, form: bytes | None = None) -> Any:
    headers = {"X-API-Key": key}
    if form is not None:
        headers["Content-Type"] = f"multipart/form-data; boundary={BOUNDARY}"
    for _ in range(3):
        try:
            with urllib.request.urlopen(urllib.request.Request(url, form, headers, method=method)) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise RuntimeError(json.load(error)["error"]) from None
        except OSError:
            time.sleep(1)  # the network; it will be better in a moment
    raise RuntimeError("the network is down")


def _form(**parts: bytes) -> bytes:
    lines = []
    for name, data in parts.items():
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n\r\n'
        lines.append(head.encode() + data + b"\r\n")
    return b"".join(lines) + f"--{BOUNDARY}--\r\n".encode()
