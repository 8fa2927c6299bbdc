"""Two servers over one state."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from workers_kit import Workers, two_workers


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Workers]:
    """The first one keeps the state of what both have from the beginning."""
    with two_workers(monkeypatch) as made:
        yield made
