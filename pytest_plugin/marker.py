"""`@pytest.mark.mockserver(…)`: what a test wants of its sandbox. Markers of module, class and test are merged."""

from __future__ import annotations

import pytest

from mockserver.errors import UsageError
from mockserver.testing import options
from mockserver.testing.options import KEYS, Options

HELP = f"mockserver({', '.join(KEYS)}): what this test wants of its sandbox; merged key by key, the closest marker wins"


def options_of(item: pytest.Item) -> Options:
    """The merged markers of a test. Raises UsageError for what no marker can say."""
    marks = list(reversed(list(item.iter_markers("mockserver"))))
    for mark in marks:
        _check(item, mark)
    return options.merged(mark.kwargs for mark in marks)


def _check(item: pytest.Item, mark: pytest.Mark) -> None:
    wrong = "takes keywords only; it knows: " + ", ".join(KEYS) if mark.args else options.unknown(mark.kwargs)
    if wrong:
        raise pytest.UsageError(f"{item.nodeid}: @pytest.mark.mockserver {wrong}")
    try:
        options.check(mark.kwargs)
    except UsageError as error:
        raise pytest.UsageError(f"{item.nodeid}: {error}") from None
