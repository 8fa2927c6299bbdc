"""Which parts of a URL are secrets by their form alone: random ones, and no ids that are random by custom."""

from __future__ import annotations

import pytest

from mockserver.redaction.drawn import is_drawn

UUID = "6f1b8e5e-5f06-4f0e-8b63-3b3c8b9a1c11"


@pytest.mark.parametrize("text", ["a8Kd0fQz7LmX2vBn5TyW", "9f86d081884c7d659a2feaa0c55ad015"])
def test_what_is_long_and_random_is_a_secret(text: str) -> None:
    assert is_drawn(text)


@pytest.mark.parametrize("text", [UUID, f"job_{UUID}", f"{UUID.upper()}.mp4", f"{UUID}-a8Kd0f"])
def test_a_uuid_is_an_id_whatever_stands_around_it(text: str) -> None:
    assert not is_drawn(text)
