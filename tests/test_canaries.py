"""Secrets in every position of a request: none is found in the journal, in HAR, on the server's lines, in reports."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from api_kit import connect, receiving, sample
from click.testing import CliRunner

from mockserver import Running
from mockserver.cli import main

JSON = {"Content-Type": "application/json"}
CANARY = "canary-4f1d2c8b9a7e6f50"


@dataclass
class Served:
    """A `mockserver serve` of its own, a sandbox in it, and all secrets that were ever used."""

    url: str
    process: subprocess.Popen[str]
    sandbox: Any
    secrets: set[str]

    @property
    def control(self) -> str:
        return f"{self.url}/_mock/sandboxes/{self.sandbox['name']}"


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        settings = {"insecure_webhooks": True, "clock": {"mode": "manual"}, "limits": False}
        sandbox = httpx.post(f"{url}/_mock/sandboxes", json=settings, trust_env=False).json()
        secrets = {CANARY} | {
            value for api in sandbox["apis"].values() for name, value in api.items() if name not in ("url", "client_id")
        }
        yield Served(url, process, sandbox, secrets)
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def everything(served: Served) -> str:
    """Whatever the server tells after secrets were sent in every position: journal, HAR, reports, its own lines."""
    _vendors(served)
    _misplaced(served, served.sandbox["apis"]["vidgen"]["api_key"])
    _misplaced(served, CANARY)
    told = [_get(f"{served.control}/journal"), _get(f"{served.control}/journal?format=har")]
    told += [_get(f"{served.control}/{each}") for each in ("conduct", "coverage")]
    for more in ([], ["--json"]):
        told.append(CliRunner().invoke(main, ["report", served.url, "--sandbox", served.sandbox["name"], *more]).output)
    served.process.terminate()
    lines, _ = served.process.communicate(timeout=60)
    assert lines.count("vidgen getStatus 200 COMPLETED") == 1
    return "\n".join([*told, lines])


def _get(url: str) -> str:
    answer = httpx.get(url, trust_env=False)
    assert answer.status_code == 200, answer.text
    return answer.text


def _vendors(served: Served) -> None:
    """What every client does: keys, tokens, signed links, a webhook."""
    apis = served.sandbox["apis"]
    vidgen, mirrago, miraflow = apis["vidgen"], apis["mirrago"], apis["miraflow"]
    image, audio = ("a.jpg", sample("portrait.jpg"), "image/jpeg"), ("a.mp3", sample("voice.mp3"), "audio/mpeg")
    files = {"image": image, "audio": audio}
    with receiving() as receiver, connect(vidgen["url"], x_api_key=vidgen["api_key"], cookie=f"s={CANARY}") as http:
        hook = {"webhookUrl": f"{receiver.url}?token={CANARY}"}
        job = http.post("/api/jobs", files=files, data=hook).json()["jobId"]
        httpx.post(f"{served.control}/clock/advance", json={"seconds": 60}, trust_env=False)
        done = http.get(f"/api/status/{job}").json()
        http.get("/api/jobs")
        served.secrets |= {done[name].partition("signature=")[2] for name in ("outputVideo", "outputShareLink")}
        for name in ("outputVideo", "outputShareLink"):  # the latter is a page that links to the former
            assert httpx.get(done[name], trust_env=False).status_code == 200
        assert httpx.get(done["outputVideo"] + CANARY, trust_env=False).status_code == 403
        (got,) = receiver.got
        served.secrets.add(got.headers["x-webhook-signature"])
    _tokens(served, mirrago)
    with connect(miraflow["url"], x_api_key=miraflow["api_key"]) as http:
        announced = {"fileName": "file", "contentType": "image/png", "fileSize": 4}
        url = http.post("/api/media/initialize", json=announced).json()["uploadUrl"]
        served.secrets.add(url.partition("signature=")[2])
        httpx.put(url, content=b"1234", headers={"Content-Type": "image/png"}, trust_env=False)


def _tokens(served: Served, mirrago: Any) -> None:
    asked = {k: mirrago[k] for k in ("client_id", "client_secret")} | {"grant_type": "client_credentials"}
    with connect(mirrago["url"]) as http:
        token = http.post("/oauth/token", json=asked).json()["access_token"]
        served.secrets |= {token, token.split(".")[2]}
        assert http.post("/oauth/token", data=asked).status_code == 200
        http.post("/oauth/token", json={**asked, "client_secret": CANARY})
        pair = f"{asked['client_id']}:{asked['client_secret']}"
        served.secrets.add(base64.b64encode(pair.encode()).decode())
        basic = httpx.BasicAuth(asked["client_id"], asked["client_secret"])
        http.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=basic)
        urls = {"target_image_url": f"https://a.b/c.png?key={CANARY}", "garment_image_url": "https://a.b/d.png"}
        bearer = {"Authorization": f"Bearer {token}"}
        http.post("/v1/mirrago/generate-image", json={**urls, "username": token}, headers=bearer)
        body = {**urls, "username": token[:60], "api_key": CANARY}
        made = http.post("/v1/mirrago/generate-image", json=body, headers=bearer).json()["job_id"]
        http.get(f"/v1/mirrago/job/{made}", headers=bearer)
        http.get(f"/v1/mirrago/job/{made}", headers={"Authorization": f"Bearer {CANARY}"})


def _misplaced(served: Served, secret: str) -> None:
    """A secret where none belongs."""
    vidgen = served.sandbox["apis"]["vidgen"]
    with connect(vidgen["url"], x_api_key=vidgen["api_key"]) as http:
        for header in ("Authorization", "X-Auth", "Api-Key", "X-Strange", "Cookie", "X-API-Key", "Proxy-Authorization"):
            http.get("/api/jobs", headers={header: secret})
        for query in (f"api_key={secret}", f"token={secret}&limit=1", f"limit=1&secret={secret}"):
            http.get(f"/api/jobs?{query}")
        http.post("/api/jobs", data={"api_key": secret, "image": "none"})
        http.post("/api/jobs", json={"key": secret})
        http.get("/nix", params={"api_key": secret})
        http.post("/nix", json={"api_key": secret}, headers={"X-Strange": secret})
    _nested(served, secret)
    if secret != CANARY:  # what nobody issued can be told from an id by its name or its place only
        _issued(served, secret)


def _nested(served: Served, secret: str) -> None:
    """A secret under a secret's name within other values, in URLs, in escapes, in answers that repeat what was sent."""
    vidgen, miraflow = served.sandbox["apis"]["vidgen"], served.sandbox["apis"]["miraflow"]
    url = f"https://user:{secret}@example.com/hook"
    with connect(miraflow["url"], x_api_key=miraflow["api_key"], origin=url, referer=url, user_agent=url) as http:
        for value in ([secret], {"a": [{"b": secret}]}, [[{"c": {"d": secret}}]]):
            for name in ("password", "sig", "jwt", "session", "privateKey"):
                http.post("/api/image/generate", json={"prompt": "a", "name": "b", name: value})
                http.post("/api/image/generate", json={"prompt": 7, name: value})
        http.post("/api/image/generate", json={"prompt": json.dumps({"pwd": {"a": [secret]}}), "name": url})
        http.post("/api/image/generate", json={"prompt": "see " + quote(url, safe=""), "name": f"?a=b&hmac={secret}"})
        http.post("/api/image/generate", json={"prompt": "x" * 2000, "name": {"passphrase": secret}})
        http.get("/api/" + url)
        http.get("/api/" + quote(quote(f'{{"token": ["{secret}"]}}', safe=""), safe=""))
    with connect(vidgen["url"], x_api_key=vidgen["api_key"]) as http:
        parts = {
            "image": ("a.jpg", sample("portrait.jpg"), "image/jpeg"),
            "audio": ("a.mp3", sample("voice.mp3"), "audio/mpeg"),
        }
        for name in ("password[]", "a[secret]", "pass", "otp"):
            http.post("/api/jobs", files=parts, data={name: secret})
            http.post("/api/jobs", files={"image": parts["image"]}, data={name: secret, "webhookUrl": url})
            http.post("/api/jobs", data={name: [secret, secret], "webhookUrl": url})
            http.get("/api/jobs", params={name: [secret, "x"], "cursor": url})
        http.post("/api/jobs", files=parts, data={"webhookUrl": url})
        http.get(f"/api/status/{quote(url, safe='')}")


def _issued(served: Served, secret: str) -> None:
    """A key that the server knows hides itself in positions where any text may stand."""
    vidgen, miraflow = served.sandbox["apis"]["vidgen"], served.sandbox["apis"]["miraflow"]
    with connect(vidgen["url"], x_api_key=vidgen["api_key"], user_agent=f"me/{secret}") as http:
        for path in (
            f"/api/status/{secret}",
            f"/api/{secret}",
            f"/{secret}",
            f"/api/jobs?status={secret}&limit={secret}",
        ):
            http.get(path)
        http.delete(f"/api/jobs/{secret}")
        http.request(secret, "/api/jobs")
        httpx.get(f"{served.url}/_media/@{served.sandbox['name']}/vidgen/{secret}/video/v.mp4", trust_env=False)
    with connect(miraflow["url"], x_api_key=miraflow["api_key"]) as http:
        http.post("/api/image/generate", json={"prompt": f"my key is {secret}", "name": secret})
        escaped = "".join(f"\\u{ord(each):04x}" for each in secret)
        body = f'{{"prompt": "{escaped}", "name": "a"}}'.encode()
        http.post("/api/image/generate", content=body, headers={"Content-Type": "application/json"})
        http.post("/api/image/generate", json={"prompt": 7, "name": {secret: secret}})
        http.post("/api/image/edit", json={"prompt": "a", "name": "b", "referenceImageMediaId": secret})


def test_no_secret_is_kept_or_told(served: Served, everything: str) -> None:
    assert len(served.secrets) >= 12
    escapes = re.findall(r"\\u[0-9a-f]{4}", everything)
    read = everything + "".join(json.loads(f'"{each}"') for each in escapes)
    found = [secret for secret in served.secrets if secret in read]
    assert not found, [everything[max(0, everything.find(secret) - 300) :][:400] for secret in found]


def test_what_was_told_says_that_it_was_redacted(everything: str) -> None:
    assert everything.count("[redacted]") > 50
    assert "signature=[redacted]" in everything
    assert json.dumps(["x-api-key", "[redacted]"], separators=(",", ":")) in everything.replace(", ", ",")


def test_late_requests_and_long_paths_are_told_without_secrets(running: Running, make_sandbox: Any) -> None:
    sandbox, late = make_sandbox(), make_sandbox()
    key = next(iter(sandbox.apis["vidgen"].accounts.values())).key
    path = f"/nowhere/{'a' * 150}/token={CANARY}/{key}"
    late_url = late.url("vidgen")
    assert httpx.delete(f"{running.url}/_mock/sandboxes/{late.name}", trust_env=False, headers=JSON).status_code == 204
    answers = [httpx.get(url + path, trust_env=False) for url in (sandbox.url("vidgen"), late_url)]
    assert [answer.status_code for answer in answers] == [404, 410]
    told = _get(f"{running.url}/_mock/sandboxes/{sandbox.name}/journal")
    told += httpx.get(f"{running.url}/_mock/sandboxes/{late.name}", trust_env=False).text
    assert told.count("/nowhere/") >= 2
    assert CANARY not in told
    assert key[:16] not in told.replace(late.name, "")
