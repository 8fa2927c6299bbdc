"""The gallery's contracts are sound, and loaded when they are named alone."""

from __future__ import annotations

import pytest

from mockserver import start
from mockserver.app.trial import tried
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


def test_it_is_served_when_it_is_named_and_not_else() -> None:
    with start(apis=["fal"]) as running:
        assert "fal" in running.app.apis
        assert "replicate" not in running.app.apis
    with pytest.raises(ContractError, match="gallery"):
        start(apis=["nothing"]).stop()
