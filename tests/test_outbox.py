"""How many postings an outbox keeps."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from running_kit import on_loop

from mockserver import Running, outbox
from mockserver.sandbox import Sandbox


def test_the_newest_postings_are_kept(
    running: Running, make_sandbox: Callable[..., Sandbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "POSTINGS_COUNT", 3)
    box = make_sandbox().outbox
    postings: list[Any] = [
        SimpleNamespace(
            n=n, target="", weight=0, job=SimpleNamespace(created=0.0, kept=None, plan=SimpleNamespace(seconds=3e9))
        )
        for n in range(10)
    ]

    async def post() -> None:
        for each in postings:
            box.post(each)

    on_loop(running, post())
    assert [*box.postings] == postings[-3:]
    assert box.dropped == 7
