"""Tests that take long while their sandboxes' clocks stand are told so: on the terminal at once, and in the summary."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mockserver.printable import one_line
from mockserver.testing.patience import Patience
from mockserver.testing.session import Session
from pytest_plugin.terminal import Terminal


@contextmanager
def watching(config: pytest.Config, session: Session) -> Iterator[Patience]:
    """Look after the tests of a run."""
    terminal = Terminal(config.pluginmanager.getplugin("capturemanager"))

    def tell(test: str, sentence: str) -> None:
        session.findings.add_stood(test, sentence)
        terminal.line(one_line(f"mockserver: {test}: {sentence}"))

    patience = Patience(session.standstills, tell)
    patience.begin(os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0])  # its setup has begun already
    patience.watch()
    try:
        yield patience
    finally:
        patience.end()
        terminal.close()
