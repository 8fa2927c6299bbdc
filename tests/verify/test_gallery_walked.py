"""Contracts of the gallery differ in nothing from themselves, with what their moves make gone."""

from __future__ import annotations

import pytest
from verify_kit import walk

from mockserver.loader import in_gallery, load_folder


@pytest.mark.parametrize("name", ["anthropic", "assemblyai", "bfl", "elevenlabs", "openai", "runway"])
def test_a_contract_of_the_gallery_differs_in_nothing_from_itself(name: str) -> None:
    own, found = load_folder(in_gallery(name))
    assert own is not None, found
    report = walk(own, own)
    assert not report.drifts, report.drifts
