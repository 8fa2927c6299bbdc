"""What clients of APIs of the gallery do, at the vendors' own hosts."""

from __future__ import annotations

import json

from observed_kit import Client

BEARER = {"authorization": "Bearer demo-key"}
LINE = {"custom_id": "one", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "a", "messages": []}}


def luma(client: Client) -> None:
    wanted = {"model": "ray-2", "prompt": "A cliff", "resolution": "540p"}
    base = "/dream-machine/v1"
    client.ask("GET", f"{base}/credits", headers=BEARER)
    made = client.ask("POST", f"{base}/generations/video", headers=BEARER, json=wanted).json()["id"]
    done = client.poll(f"{base}/generations/{made}", "state", pause=3, headers=BEARER)
    client.ask("GET", done["assets"]["video"])
    client.ask("GET", f"{base}/generations?limit=10&offset=0", headers=BEARER)
    client.ask("DELETE", f"{base}/generations/{made}", headers=BEARER)
    client.ask("GET", f"{base}/generations/{made}", headers=BEARER)
    client.ask("GET", f"{base}/credits")


def runway(client: Client) -> None:
    key = {**BEARER, "x-runway-version": "2024-11-06"}
    wanted = {"model": "gen4_image", "promptText": "A lighthouse at dusk", "ratio": "1920:1080"}
    task = client.ask("POST", "/v1/text_to_image", headers=key, json=wanted).json()["id"]
    done = client.poll(f"/v1/tasks/{task}", "status", pause=5, headers=key)
    client.ask("GET", done["output"][0])
    other = client.ask("POST", "/v1/text_to_image", headers=key, json=wanted).json()["id"]
    client.ask("DELETE", f"/v1/tasks/{other}", headers=key)
    client.ask("GET", f"/v1/tasks/{task}")
    client.ask("POST", "/v1/text_to_image", headers=key, json={"model": "gen4_image"})


def replicate(client: Client) -> None:
    wanted = {"input": {"prompt": "A lighthouse"}, "version": "a" * 64}
    made = client.ask("POST", "/v1/predictions", headers=BEARER, json=wanted).json()["id"]
    client.poll(f"/v1/predictions/{made}", "status", headers=BEARER)
    other = client.ask("POST", "/v1/predictions", headers=BEARER, json=wanted).json()["id"]
    client.ask("POST", f"/v1/predictions/{other}/cancel", headers=BEARER)
    client.ask("GET", f"/v1/predictions/{other}", headers=BEARER)
    client.ask("GET", "/v1/predictions/nobody", headers=BEARER)
    client.ask("GET", "/v1/predictions/nobody")


def bfl(client: Client) -> None:
    key = {"x-key": "demo-key"}
    made = client.ask("POST", "/v1/flux-pro-1.1", headers=key, json={"prompt": "A lighthouse"}).json()["id"]
    done = client.poll(f"/v1/get_result?id={made}", "status", headers=key)
    client.ask("GET", done["result"]["sample"])
    client.ask("GET", "/v1/credits", headers=key)


def assemblyai(client: Client) -> None:
    key = {"authorization": "demo-key"}
    said = {"audio_url": "https://cdn.acme.example/voice.mp3"}
    made = client.ask("POST", "/v2/transcript", headers=key, json=said).json()["id"]
    client.poll(f"/v2/transcript/{made}", "status", pause=3, headers=key)
    client.ask("GET", f"/v2/transcript/{made}/sentences", headers=key)
    client.ask("DELETE", f"/v2/transcript/{made}", headers=key)
    client.ask("GET", "/v2/transcript/nobody", headers=key)


def fal(client: Client) -> None:
    key = {"authorization": "Key demo-key"}
    made = client.ask("POST", "/fal-ai/flux/dev", headers=key, json={"prompt": "A lighthouse"}).json()["request_id"]
    client.poll(f"/fal-ai/flux/requests/{made}/status", "status", headers=key)
    client.ask("GET", f"/fal-ai/flux/requests/{made}", headers=key)
    client.ask("GET", f"/fal-ai/flux/requests/{made}/status")


def elevenlabs(client: Client) -> None:
    key = {"xi-api-key": "demo-key"}
    form = {"source_url": (None, "https://acme.com/video.mp4"), "target_lang": (None, "es"), "name": (None, "A film")}
    made = client.ask("POST", "/v1/dubbing", headers=key, files=form).json()["dubbing_id"]
    client.poll(f"/v1/dubbing/{made}", "status", pause=5, headers=key)
    client.ask("GET", f"/v1/dubbing/{made}/audio/es", headers=key)
    client.ask("DELETE", f"/v1/dubbing/{made}", headers=key)
    client.ask("GET", f"/v1/dubbing/{made}", headers=key)


def openai(client: Client) -> None:
    file = {"file": ("batch.jsonl", json.dumps(LINE).encode(), "application/jsonl"), "purpose": (None, "batch")}
    given = client.ask("POST", "/v1/files", headers=BEARER, files=file).json()["id"]
    wanted = {"input_file_id": given, "endpoint": "/v1/chat/completions", "completion_window": "24h"}
    made = client.ask("POST", "/v1/batches", headers=BEARER, json=wanted).json()["id"]
    client.poll(f"/v1/batches/{made}", "status", pause=20, headers=BEARER)
    client.ask("GET", f"/v1/files/{given}", headers=BEARER)
    client.ask("GET", "/v1/batches", headers=BEARER)


def anthropic(client: Client) -> None:
    key = {"x-api-key": "demo-key", "anthropic-version": "2023-06-01"}
    asked = {"model": "claude-sonnet-4-5", "max_tokens": 10, "messages": [{"role": "user", "content": "Hello"}]}
    wanted = {"requests": [{"custom_id": "one", "params": asked}]}
    made = client.ask("POST", "/v1/messages/batches", headers=key, json=wanted).json()["id"]
    client.poll(f"/v1/messages/batches/{made}", "processing_status", pause=20, headers=key)
    client.ask("GET", "/v1/messages/batches/nobody", headers=key)


def stripe(client: Client) -> None:
    wanted = {"amount": "1100", "currency": "usd", "metadata[order]": "6735"}
    made = client.ask("POST", "/v1/payouts", headers=BEARER, data=wanted).json()["id"]
    other = client.ask("POST", "/v1/payouts", headers=BEARER, data=wanted).json()["id"]
    client.ask("POST", f"/v1/payouts/{other}/cancel", headers=BEARER)
    client.ask("GET", f"/v1/payouts/{other}", headers=BEARER)
    client.poll(f"/v1/payouts/{made}", "status", pause=5, headers=BEARER)
    client.ask("GET", "/v1/payouts?limit=2", headers=BEARER)
    client.ask("GET", "/v1/payouts/nobody", headers=BEARER)
    client.ask("GET", f"/v1/payouts/{made}")


GALLERY = {
    "luma": ("api.lumalabs.ai", luma), "runway": ("api.dev.runwayml.com", runway),
    "replicate": ("api.replicate.com", replicate), "bfl": ("api.bfl.ai", bfl),
    "assemblyai": ("api.assemblyai.com", assemblyai), "fal": ("queue.fal.run", fal),
    "elevenlabs": ("api.elevenlabs.io", elevenlabs), "openai": ("api.openai.com", openai),
    "anthropic": ("api.anthropic.com", anthropic), "stripe": ("api.stripe.com", stripe),
}  # fmt: skip
"""By the name in the gallery: host and flow."""
