"""The walk of `verify` reads streams, too; a fuzzed server holds no request back."""

from __future__ import annotations

from pathlib import Path

import pytest
from check_kit import Mutation, write
from flow_kit import streaming, waiting_create
from language_kit import NAME, documents
from verify_kit import walk

from mockserver.clock import Clock
from mockserver.contract import Contract
from mockserver.fuzz.server import own_server
from mockserver.loader import load_folder


def contract(folder: Path, *mutations: Mutation) -> Contract:
    made, found = load_folder(write(folder / NAME, documents(*mutations)))
    assert made is not None, found
    return made


@pytest.mark.parametrize("media", ["text/event-stream", "application/jsonl"])
def test_a_contract_with_a_stream_differs_in_nothing_from_itself(media: str, tmp_path: Path) -> None:
    own = contract(tmp_path, streaming(media))
    report = walk(own, own)
    assert not report.drifts, report.drifts
    assert any(operation == "streamJob" for operation, _ in report.answered)


def test_a_stream_of_another_type_is_named(tmp_path: Path) -> None:
    judge, server = contract(tmp_path / "a", streaming()), contract(tmp_path / "b", streaming("application/jsonl"))
    assert [each.kind for each in walk(server, judge).drifts.values() if "streamJob" in str(each)] == [
        "other_media_type"
    ]


def test_a_fuzzed_server_lets_nothing_wait(tmp_path: Path) -> None:
    own = contract(tmp_path, waiting_create())
    assert own_server(own, Clock("step", step=1.0)).sandboxes.default.moments.is_over
