"""What tests of snapshots share: jobs of every API in many states, and everything that can be read of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
from api_kit import png, sample

from mockserver.contract import Contract
from mockserver.steering import ApiHandle, SandboxHandle

IMAGE, VOICE = sample("portrait.png"), sample("voice.mp3")
AVATAR, SPEAKER = "cm2yaz9j10008l0qg9npyjgs3", "cm1lgilny0005m2lnvv3vgtgv"
PICTURES = {"target_image_url": "https://a.example/model.jpg", "garment_image_url": "https://a.example/shirt.png"}


def client(api: ApiHandle) -> httpx.Client:
    """A client with what opens the API."""
    headers = {"X-API-Key": api.api_key}
    if api.client_id:
        body = {"grant_type": "client_credentials", "client_id": api.client_id, "client_secret": api.client_secret}
        token = httpx.post(f"{api.url}/oauth/token", json=body).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=api.url, headers=headers, trust_env=False)


def vidgen(api: ApiHandle, http: httpx.Client, *, is_stuck: bool = False) -> None:
    files = {"image": ("a.png", IMAGE, "image/png"), "audio": ("a.mp3", VOICE, "audio/mpeg")}
    job = http.post("/api/jobs", files=files).json()["jobId"]
    assert http.post(f"/api/cancel/{job}").status_code == 200
    for plan in ({}, {"outcome": "FAILED", "error": "No face found"}):
        api.next_job(**plan)
        assert http.post("/api/jobs", files=files).status_code == 201
        api.clock.advance(30)  # one at a time
    if is_stuck:
        api.fault("stuck", times=1)
    api.next_job(curve={"steps": 3}, running=20)
    assert http.post("/api/jobs", files=files, data={"webhookUrl": "https://localhost:9/hook"}).status_code == 201


def miragic(api: ApiHandle, http: httpx.Client) -> None:
    fields = {"quality": "hd", "sequence": "auto", "fps": "30", "hand_style": "1"}
    for outcome in ("COMPLETED", "FAILED"):
        api.next_job(outcome=outcome)
        files = {"image": ("a.png", IMAGE, "image/png")}
        assert http.post("/api/v1/speed-painting/create", files=files, data=fields).status_code == 200
        api.clock.advance(15)  # one at a time


def miraflow(api: ApiHandle, http: httpx.Client) -> None:
    speech = {"avatarId": AVATAR, "name": "A video", "voiceId": SPEAKER, "text": "Hello"}
    assert http.post("/api/video/create", json=speech).status_code == 200
    data = png(40, 30)
    announced = {"fileName": "f.png", "contentType": "image/png", "fileSize": len(data)}
    for steps in range(3):
        media = http.post("/api/media/initialize", json=announced).json()
        if steps:
            assert httpx.put(media["uploadUrl"], content=data, headers={"Content-Type": "image/png"}).status_code == 200
        if steps == 2:
            http.post("/api/media/finalize", json={"mediaId": media["mediaId"]})
    picture = {"prompt": "A lighthouse", "name": "Lighthouse", "aspectRatio": "1:1"}
    assert http.post("/api/image/generate", json=picture).status_code == 200


def mirrago(api: ApiHandle, http: httpx.Client) -> None:
    for n in range(3):
        assert http.post("/v1/mirrago/generate-image", json={**PICTURES, "username": f"user-{n}"}).status_code == 200
        api.clock.advance(2)


WAYS = {"vidgen": vidgen, "miragic": miragic, "miraflow": miraflow, "mirrago": mirrago}


def prepared(api: ApiHandle) -> None:
    """Jobs in many states."""
    with client(api) as http:
        WAYS[api.name](api, http)


def answers(contract: Contract, sandbox: SandboxHandle) -> Iterator[tuple[str, int, dict[str, str], bytes]]:
    """What every GET of a contract answers now, for every job; results are downloaded. Names and signatures masked."""
    api = sandbox.api(contract.name)
    with client(api) as http:
        jobs = [job.id for job in reversed(api.jobs)] + [each["produced"] for each in produced(sandbox, api.name)]
        for operation in contract.operations.values():
            if operation.method != "GET":
                continue
            path = re.sub(r"\{\w+\}", "{}", operation.path)
            for url in [path.format(job) for job in jobs] if "{}" in path else [path]:
                answer = http.get(url)
                yield operation.id, answer.status_code, _headers(answer, sandbox), _masked(answer.content, sandbox)
                for link in dict.fromkeys(re.findall(rb'http://127[^"\s<>]+', answer.content)):
                    found = httpx.get(link.replace(b"\\/", b"/").decode(), trust_env=False)
                    yield "link", found.status_code, {}, _masked(found.content, sandbox)


def produced(sandbox: SandboxHandle, api: str) -> list[Any]:
    return [each for each in sandbox.snapshot()["jobs"] if each["api"] == api and each["produced"]]


def _masked(data: bytes, sandbox: SandboxHandle) -> bytes:
    data = data.replace(sandbox.name.encode(), b"NAME")
    return re.sub(rb"signature=[\w-]+", b"signature=", data)


def _headers(answer: httpx.Response, sandbox: SandboxHandle) -> dict[str, str]:
    kept = {name: value for name, value in answer.headers.items() if name not in ("location", "etag")}
    with suppress(KeyError):
        del kept["content-length"]  # of bodies with a name in them
    return kept
