"""The shipped APIs are recorded by their clients, and become contracts that these clients cannot tell from them."""

from __future__ import annotations

from pathlib import Path

import pytest
from flows_kit import SHIPPED
from gallery_kit import GALLERY
from observed_kit import collapsed, contract_in, played_again, recorded_flow

from mockserver.check import check
from mockserver.errors import UsageError

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


@pytest.mark.slow
@pytest.mark.parametrize("api", SHIPPED)
def test_whatever_is_missing_of_a_recording_its_contract_is_sound(api: str, tmp_path: Path) -> None:
    archive, _ = recorded_flow(api, HOST, SHIPPED[api])
    entries = archive["log"]["entries"]
    parts = [entries[:n] for n in range(1, len(entries))]  # it was broken off
    parts += [[*entries[:n], *entries[n + 1 :]] for n in range(len(entries))]  # a call was taken out
    for n, part in enumerate(parts):
        try:
            folder = contract_in(tmp_path / str(n), {"log": {"entries": part}})
        except UsageError:
            assert not any(200 <= each["response"]["status"] < 300 for each in part)
        else:
            assert [str(finding) for finding in check(folder)] == []
