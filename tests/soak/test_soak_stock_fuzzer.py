"""The stock command line of Schemathesis on every document: what is left is named in contracts/README.md."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from stock_kit import failures, serving

from mockserver import start
from mockserver.launch import Running

pytestmark = pytest.mark.soak

KEYS = {"vidgen": "X-API-Key: demo-key", "miragic": "X-API-Key: demo-key", "miraflow": "x-api-key: demo-key"}
CLIENT = {"client_id": "demo-client", "client_secret": "demo-secret", "grant_type": "client_credentials"}
DEPENDS = {
    "miraflow": {
        "POST /api/media/finalize": ["The file has not been uploaded yet"],
        "POST /api/image/edit": ["Media has not been finalized"],
        "POST /api/image/inpaint": ["The mask must have the same size as the original image", "Media has not been"],
        "POST /api/video/create": ["Media has not been finalized"],
        "Stateful tests": ["Invalid component: positive test case"],
        "PUT /api/media/upload/{mediaId}": ["No supported serializers for media types", "Failed Health Check"],
    },
    "mirrago": {
        "POST /v1/mirrago/generate-image": ["violates `required` at /anyOf/"],
        "Stateful tests": ["violates `required` at /anyOf/", "(was string, became null)"],
    },
    "_mock": {
        "POST /_mock/sandboxes": ["webhook_ca must hold certificates in PEM"],
        "PUT /_mock/sandboxes/{name}/webhooks": ["ca must hold certificates in PEM"],
        "POST /_mock/sandboxes/{name}/plans": ["the keyframes of the curve do not rise"],
        "POST /_mock/sandboxes/{name}/webhooks/test": ["names no host that can be read"],
        "*": ["the sandbox 'initialized' was closed"],
        "POST /_mock/sandboxes/{name}/answers": ["no contract says what JSON a download may be"],
    },
}
"""What a schema cannot say: (document, operation or *) → words of the refusals that depend on something else."""


BEARER = "Authorization: Bearer demo-key"
OF_LISTS, OF_KEYS = "leads to nothing in this list", "Keys for idempotent requests can only be used with the same"
IN_PROGRESS = "Cannot delete a message batch that is in progress"
TWO_WAYS = "Expected 401 or 403, got `"  # it takes one credential away, and the other one opens
GALLERY = {
    "anthropic": ("x-api-key: demo-key", [OF_LISTS, "Message batch has already ended", IN_PROGRESS, TWO_WAYS]),
    "assemblyai": ("Authorization: demo-key", [OF_LISTS, "Transcripts must have a status of"]),
    "bfl": ("x-key: demo-key", []),
    "elevenlabs": ("xi-api-key: demo-key", ["is no token of a page"]),
    "fal": ("Authorization: Key demo-key", []),
    "luma": (BEARER, ["Generation not found", "Prompt is required"]),
    "openai": (BEARER, [OF_LISTS]),
    "replicate": (BEARER, []),
    "runway": (BEARER, ["The upload was not found"]),
    "stripe": (BEARER, [OF_LISTS, OF_KEYS, "Payouts can only be canceled while", "This payout can not be reversed"]),
}
"""The credentials of an API of the gallery, and the words of its refusals that depend on something else."""


def unnamed(document: str, found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    named = DEPENDS.get(document, {})
    everywhere = named.get("*", ())
    return [
        (name, text) for name, text in found if not any(word in text for word in (*named.get(name, ()), *everywhere))
    ]


def run(server: Running, document: str, folder: Path, *options: str, patience: float = 540) -> list[tuple[str, str]]:
    found = failures(
        f"{server.url}/{document}/openapi.json", folder, "--max-examples", "10", *options, patience=patience
    )
    left = unnamed(document, found)
    print(f"\n{document}: {len(found)} failures, {len(left)} of them not named")
    for name, text in left:
        print(name, text.partition("Reproduce with")[0])
    return left


@pytest.mark.parametrize("api", KEYS)
def test_what_is_left_of_an_api_depends_on_other_resources(api: str, tmp_path: Path) -> None:
    with serving() as server:
        assert run(server, api, tmp_path, "-H", KEYS[api]) == []


@pytest.mark.parametrize("api", GALLERY)
def test_what_is_left_of_an_api_of_the_gallery_depends_on_other_requests(api: str, tmp_path: Path) -> None:
    credentials, named = GALLERY[api]
    narrow = ("--max-examples", "1", "--phases", "examples,coverage", "--request-timeout", "30")
    with start(apis=[api], clock="x600") as server:  # what a request waits for comes soon
        httpx.put(f"{server.url}/_mock/sandboxes/default/limits", json={"on": False}).raise_for_status()
        found = failures(f"{server.url}/{api}/openapi.json", tmp_path, "-H", credentials, *narrow)
    left = [(name, text) for name, text in found if not any(word in text for word in named)]
    print(f"\n{api}: {len(found)} failures, {len(left)} of them not named")
    for name, text in left:
        print(name, text.partition("Reproduce with")[0])
    assert left == []


def test_what_is_left_of_an_api_whose_limit_is_a_500_depends_on_other_resources(tmp_path: Path) -> None:
    with serving() as server:
        httpx.put(f"{server.url}/_mock/sandboxes/default/limits", json={"on": False}).raise_for_status()
        token = httpx.post(f"{server.url}/mirrago/oauth/token", json=CLIENT).json()["access_token"]
        assert run(server, "mirrago", tmp_path, "-H", f"Authorization: Bearer {token}") == []


@pytest.mark.timeout(1900)
def test_what_is_left_of_the_control_api_depends_on_what_a_text_holds(tmp_path: Path) -> None:
    """Each kind of fault has a schema of its own: the coverage phase alone sends 27,000 requests."""
    with serving() as server:
        assert run(server, "_mock", tmp_path, "--phases", "examples,coverage,fuzzing", patience=1800) == []
