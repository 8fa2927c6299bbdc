"""The load of a contract grows as its operations do: four times as many take about four times the calls."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from mockserver.check import check_contract
from mockserver.loader import load_folder

BENCH = Path(__file__).parents[2] / "bench" / "contract_load.py"


def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("contract_load", BENCH)
    assert spec is not None and spec.loader is not None  # noqa: PT018 - for the type checker
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def calls(folder: Path, operations: int) -> int:
    """How many functions are called while a contract is loaded and checked: the same on every machine."""
    folder = folder / str(operations) / "many"
    folder.mkdir(parents=True)
    for name, document in zip(("openapi.json", "behavior.json"), bench().documents(operations), strict=True):
        (folder / name).write_text(json.dumps(document))
    load_folder(folder, further=check_contract)  # what is imported late is there
    number = 0

    def count(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal number
        number += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        contract, found = load_folder(folder, further=check_contract)
    finally:
        sys.setprofile(before)
    assert contract is not None, found
    assert not found, found
    return number


def test_four_times_as_many_operations_take_four_times_as_long(tmp_path: Path) -> None:
    few, many = calls(tmp_path, 20), calls(tmp_path, 80)
    assert many < 4.8 * few  # the square would be 16
