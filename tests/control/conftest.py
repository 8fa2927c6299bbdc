"""A server of a module's own, steered over its control API, and a sandbox of each test's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from control_kit import Steered, steered


@pytest.fixture(scope="module")
def control() -> Iterator[Steered]:
    with steered() as made:
        yield made


@pytest.fixture
def sandbox(control: Steered) -> str:
    """The path of a sandbox of the test's own."""
    return control.sandbox()
