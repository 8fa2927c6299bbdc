"""After a test's call: what its client did is a failure or a warning of pytest's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mockserver.suggestions import guess
from mockserver.testing.judgement import judge as judged
from mockserver.testing.options import MODES, Options

if TYPE_CHECKING:
    from mockserver.steering import SandboxHandle
    from mockserver.testing.watch import Watched


class MockserverWarning(pytest.PytestWarning):
    """What would fail a test, were its mode not `warn`."""


def check_modes(config: pytest.Config) -> None:
    """Raises UsageError for an ini value that is no mode."""
    for name in ("mockserver_contract_violations", "mockserver_conduct"):
        if config.getini(name) not in MODES:
            near = guess(config.getini(name), MODES)
            raise pytest.UsageError(f"{name} is one of {', '.join(MODES)}, not {config.getini(name)!r}{near}")


def judge(item: pytest.Item, sandbox: SandboxHandle | None, watch: Iterable[Watched], options: Options) -> None:
    """Fails the test or warns, as markers, ini file and contexts say; `sandbox` is the fixtures'."""
    for each in judged(sandbox, watch, _with_ini(options, item.config), "@pytest.mark.mockserver"):
        if each.mode == "fail":
            pytest.fail(str(each.failure), pytrace=False)
        item.warn(MockserverWarning(str(each.failure)))


def _with_ini(options: Options, config: pytest.Config) -> Options:
    return replace(
        options,
        contract_violations=options.contract_violations or config.getini("mockserver_contract_violations"),
        conduct=options.conduct or config.getini("mockserver_conduct"),
    )
