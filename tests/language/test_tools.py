"""Tools that read contracts: which example an answer is compared with, and what a crash is told as."""

from __future__ import annotations

from pathlib import Path

import pytest
from check_kit import behave, show, without, write
from language_kit import EXAMPLES, OPENAPI, SHOW, documents

from mockserver.fuzz.engine import crash
from mockserver.live import LiveReply
from mockserver.loader import load_folder
from mockserver.steering import Steering
from mockserver.testing.findings import Findings
from mockserver.testing.session import Session
from mockserver.validation import write_json
from mockserver.verify.compare import compare
from pytest_plugin.exploration.explorer import _alphabet as alphabet


def test_an_answer_is_held_against_the_example_that_it_is_and_not_one_that_looks_more_like_it(tmp_path: Path) -> None:
    """A failed job that shows most of what a finished one does, and not the picture."""
    changed = [
        show("/components/schemas/Job/required", ["id"]),
        show("/components/examples/Failed/value", {"id": "x", "status": "failed", "error": "x"}),
        behave("/quirks", {}), behave("/webhooks", {}),
        without(OPENAPI, f"{SHOW}/{EXAMPLES}/failed.loud-off"),
    ]  # fmt: skip
    contract, found = load_folder(write(tmp_path / "own", documents(*changed)))
    assert contract is not None, found
    operation = contract.operations["getJob"]
    finished = documents()[OPENAPI]["components"]["examples"]["Succeeded"]["value"]
    body = {**finished, "status": "failed", "error": "Broken"}
    del body["picture_url"]
    reply = LiveReply(200, {"content-type": "application/json"}, write_json(body))
    expected = [e for name in ("succeeded", "failed") for e in operation.examples[name]]
    left_out = [d for d in compare(contract, operation, "getJob", expected, reply) if d.kind == "missing_field"]
    assert not left_out


def test_a_crash_is_told_with_its_kind_and_its_places() -> None:
    with pytest.raises(KeyError) as caught:
        {}["x"]
    assert crash(caught.value).startswith("KeyError: 'x'\n    test_tools.py:")


def test_explore_knows_the_contracts_of_the_ini_file(tmp_path: Path) -> None:
    steering = Steering("http://127.0.0.1:9")
    session = Session(steering, Findings())
    session.contracts = [write(tmp_path / "own", documents())]
    assert alphabet(session, "own", False, ()).contract.name == "own"
    steering.close()
