"""The gallery's contracts are sound, and loaded when they are named alone."""

from __future__ import annotations

import httpx
import pytest

from mockserver import start
from mockserver.app.trial_run import tried
from mockserver.check import check_contract
from mockserver.errors import ContractError
from mockserver.loader import in_gallery, load_folder
from mockserver.loader.folders import GALLERY

NAMES = sorted(path.name for path in GALLERY.iterdir() if path.is_dir())


@pytest.mark.parametrize("name", NAMES)
def test_a_contract_of_the_gallery_is_sound(name: str) -> None:
    contract, found = load_folder(in_gallery(name))
    assert contract is not None, found
    assert not [*check_contract(contract), *tried(contract)]


def test_bytes_without_a_content_type_are_bytes_and_no_json() -> None:
    with start(apis=["assemblyai"]) as running, httpx.Client(headers={"Authorization": "demo-key"}) as client:
        api = f"{running.url}/assemblyai/v2"
        assert client.post(f"{api}/upload", content=b"ID3").status_code == 200
        assert client.post(f"{api}/upload", content=iter([b"ID3", b"more"])).status_code == 200
        refused = client.post(f"{api}/transcript", content=b'{"audio_url": "https://x/a.mp3"}')
        assert (refused.status_code, refused.json()) == (400, {"error": "Invalid JSON"})


def test_it_is_served_when_it_is_named_and_not_else() -> None:
    with start(apis=["fal"]) as running:
        assert "fal" in running.app.apis
        assert "replicate" not in running.app.apis
    with pytest.raises(ContractError, match="gallery"):
        start(apis=["nothing"]).stop()
