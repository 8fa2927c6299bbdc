"""The trial of a contract takes as long as it has webhooks: four times as many take about four times the calls."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from check_kit import BEHAVIOR, OPENAPI, Documents, Mutation, write
from language_kit import NAME, documents

from mockserver.app.trial import Trial
from mockserver.app.trial_webhooks import webhooks
from mockserver.loader import load_folder
from mockserver.loader.source import Source

URL = {"type": "string", "format": "uri"}
BODY = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Job"}}}}


def told(number: int, is_one_place: bool) -> Mutation:
    """So many webhooks, which go to one place of the request, or each to its own."""

    def change(made: Documents) -> None:
        openapi, behavior = made[OPENAPI], made[BEHAVIOR]
        names = [f"told{n}" for n in range(number)]
        places = dict.fromkeys(names, "callback") if is_one_place else {name: name for name in names}
        openapi["components"]["schemas"]["JobRequest"]["properties"] |= dict.fromkeys(places.values(), URL)
        openapi["webhooks"] = {name: {"post": {"requestBody": BODY}} for name in names}
        said = {"resource": "job", "states": ["succeeded"], "like": "getJob"}
        behavior["webhooks"] = {name: {**said, "target": f"/{place}"} for name, place in places.items()}

    return change


def calls(folder: Path, number: int, is_one_place: bool) -> int:
    """How many functions are called while webhooks are tried: the same on every machine."""
    contract, found = load_folder(write(folder / str(number) / NAME, documents(told(number, is_one_place))))
    assert contract is not None, found
    source, count = Source(contract.name, contract.document, {}), 0

    def counted(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        count += event == "call"

    async def walk() -> None:
        trial = Trial(contract, source)
        before = sys.getprofile()
        sys.setprofile(counted)
        try:
            await webhooks(trial)
        finally:
            sys.setprofile(before)

    asyncio.run(walk())
    assert not source.findings, source.findings
    return count


@pytest.mark.parametrize("is_one_place", [True, False], ids=["one place", "a place each"])
def test_four_times_as_many_webhooks_take_about_four_times_as_long(is_one_place: bool, tmp_path: Path) -> None:
    calls(tmp_path / "first", 5, is_one_place)  # what is imported late is there
    few, many = (calls(tmp_path, number, is_one_place) for number in (20, 80))
    assert many < 5 * few, (few, many)  # the square would be 16
