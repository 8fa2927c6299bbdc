"""After a test's call: did its requests keep the contract, and did the client behave?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.printable import one_line
from pytest_plugin.marker import MODES, Mode, Wishes

if TYPE_CHECKING:
    from mockserver.steering import SandboxHandle, Violation
    from pytest_plugin.watch import Watched


class MockserverWarning(pytest.PytestWarning):
    """What would fail a test, were its mode not `warn`."""


def check_modes(config: pytest.Config) -> None:
    """Raises UsageError for an ini value that is no mode."""
    for name in ("mockserver_contract_violations", "mockserver_conduct"):
        if config.getini(name) not in MODES:
            raise pytest.UsageError(f"{name} is one of {', '.join(MODES)}, not {config.getini(name)!r}")


def judge(item: pytest.Item, sandbox: SandboxHandle | None, watch: Iterable[Watched], wishes: Wishes) -> None:
    """Fails the test or warns, as markers, ini file and contexts say.

    `sandbox` is the fixtures', `watch` has those that the test made itself; of these, conduct is not judged.
    """
    mode = wishes.contract_violations or _mode(item, "mockserver_contract_violations")
    own = [sandbox.violations.by_mode(mode)] if sandbox is not None else []
    _judge_contract(item, [*own, *(each.by_mode(mode) for each in watch)])
    if sandbox is not None:
        _judge_conduct(item, sandbox, wishes.conduct or _mode(item, "mockserver_conduct"))


def _mode(item: pytest.Item, name: str) -> Mode:
    mode: Mode = item.config.getini(name)
    return mode


def _judge_contract(item: pytest.Item, found: Sequence[Mapping[Mode, Sequence[Violation]]]) -> None:
    warned, failed = ([each for many in found for each in many[mode]] for mode in ("warn", "fail"))
    if warned:
        item.warn(MockserverWarning(told(warned)))
    if failed:
        remedy = (
            "Meant to be so? `with api.violations.off():` around the call, or "
            '@pytest.mark.mockserver(contract_violations="off").'
        )
        pytest.fail(f"{told(failed)}\n{remedy}", pytrace=False)


def told(violations: Sequence[Violation]) -> str:
    """Violations as a message: operation, pointer and sentence of each."""
    many = "A request broke" if len(violations) == 1 else f"{len(violations)} requests broke"
    return "\n".join([f"{many} the contract:", *(f"  {each}" for each in violations)])


def _judge_conduct(item: pytest.Item, sandbox: SandboxHandle, mode: Mode) -> None:
    findings: Sequence[Any] = sandbox.conduct if mode != "off" else ()
    if not findings:
        return
    message = "\n".join(
        ["The client behaved badly:", *(one_line(f"  {f.api} {f.rule}: {f.sentence}") for f in findings)]
    )
    if mode == "fail":
        pytest.fail(message, pytrace=False)
    item.warn(MockserverWarning(message))
