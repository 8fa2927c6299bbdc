"""A client as it is often written first. Its tests show what becomes of it."""

from __future__ import annotations

import time

import requests

BASE = "https://backend.miragic.ai/api/v1/speed-painting"


def submit(key: str, image: bytes, fps: str = "30") -> str:
    form = {"quality": "hd", "sequence": "auto", "fps": fps, "hand_style": "1"}
    files = {"image": ("image.png", image, "image/png")}
    while True:
        try:
            answer = requests.post(f"{BASE}/create", data=form, files=files, headers={"X-API-Key": key})
            return str(answer.json()["data"]["jobId"])
        except requests.ConnectionError:
            continue  # try again: what can go wrong?


def wait(key: str, job: str) -> str:
    while True:
        data = requests.get(f"{BASE}/jobs/{job}", headers={"X-API-Key": key}).json()["data"]
        if data["status"] == "COMPLETED":
            return str(data["externalVideoUrl"])
        time.sleep(1)
