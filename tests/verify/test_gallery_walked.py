"""Contracts of the gallery differ in nothing from themselves, with what their moves make gone."""

from __future__ import annotations

import pytest
from verify_kit import walk

from mockserver import held_requests
from mockserver.loader import in_gallery, load_folder
from mockserver.loader.folders import GALLERY


@pytest.mark.parametrize("name", sorted(folder.name for folder in GALLERY.iterdir() if folder.is_dir()))
def test_a_contract_of_the_gallery_differs_in_nothing_from_itself(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_requests, "PATIENCE", 0.05)  # requests that wait for a job, under a clock that stands
    own, found = load_folder(in_gallery(name))
    assert own is not None, found
    report = walk(own, own)
    assert not report.drifts, report.drifts
