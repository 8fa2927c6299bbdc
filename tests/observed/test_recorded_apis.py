"""The shipped APIs are recorded by their clients, and become contracts that these clients cannot tell from them."""

from __future__ import annotations

from pathlib import Path

import pytest
from flows_kit import SHIPPED
from gallery_kit import GALLERY
from observed_kit import collapsed, contract_in, played_again, recorded_flow

from mockserver.check import check

HOST = "api.acme.example"


@pytest.mark.parametrize("api", SHIPPED)
def test_a_client_cannot_tell_the_contract_of_its_recording_from_the_api(api: str, tmp_path: Path) -> None:
    archive, seen = recorded_flow(api, HOST, SHIPPED[api])
    folder = contract_in(tmp_path, archive)
    assert [str(finding) for finding in check(folder)] == []
    assert collapsed(played_again(folder, HOST, SHIPPED[api])) == collapsed(seen)


@pytest.mark.slow
@pytest.mark.parametrize("api", GALLERY)
def test_neither_can_one_of_the_gallery(api: str, tmp_path: Path) -> None:
    host, flow = GALLERY[api]
    archive, seen = recorded_flow(api, host, flow, apis=[api])
    folder = contract_in(tmp_path, archive)
    assert [str(finding) for finding in check(folder)] == []
    assert collapsed(played_again(folder, host, flow)) == collapsed(seen)
