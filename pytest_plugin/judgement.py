"""After a test's call: what its client did is a failure or a warning of pytest's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mockserver.suggestions import guess
from mockserver.testing.judgement import ArmedInVain, unused_in
from mockserver.testing.judgement import judge as judged
from mockserver.testing.options import MODES, Options
from pytest_plugin.marker import options_of

if TYPE_CHECKING:
    from mockserver.steering import SandboxHandle
    from mockserver.testing.watch import Watch

JUDGED = pytest.StashKey[bool]()
"""Whether a test ended well, so that it was judged."""


class MockserverWarning(pytest.PytestWarning):
    """What would fail a test, were its mode not `warn`."""


def check_modes(config: pytest.Config) -> None:
    """Raises UsageError for an ini value that is no mode."""
    for name in ("mockserver_contract_violations", "mockserver_conduct", "mockserver_unused"):
        if config.getini(name) not in MODES:
            near = guess(config.getini(name), MODES)
            raise pytest.UsageError(f"{name} is one of {', '.join(MODES)}, not {config.getini(name)!r}{near}")


def judge(item: pytest.Item, sandbox: SandboxHandle | None, watch: Watch, options: Options) -> None:
    """Fails the test or warns, as markers, ini file and contexts say; `sandbox` is the fixtures'."""
    item.stash[JUDGED] = True
    failures = []
    for each in judged(sandbox, watch, _with_ini(options, item.config), "@pytest.mark.mockserver"):
        if each.mode == "fail":
            failures.append(str(each.failure))
        else:
            item.warn(MockserverWarning(str(each.failure)))
    if failures:
        pytest.fail("\n\n".join(failures), pytrace=False)


def armed_in_vain(item: pytest.Item, sandbox: SandboxHandle | None, watch: Watch) -> str:
    """What a test that failed before it was judged has armed, and took no effect; empty where there is none."""
    was_judged = item.stash.get(JUDGED, False)
    item.stash[JUDGED] = False  # the same item may run again
    if was_judged or _with_ini(options_of(item), item.config).unused == "off":
        return ""
    found = unused_in(sandbox, watch)
    return str(ArmedInVain(found)) if found else ""


def _with_ini(options: Options, config: pytest.Config) -> Options:
    return replace(
        options,
        contract_violations=options.contract_violations or config.getini("mockserver_contract_violations"),
        conduct=options.conduct or config.getini("mockserver_conduct"),
        unused=options.unused or config.getini("mockserver_unused"),
    )
