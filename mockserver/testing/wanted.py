"""What `mock(…)` is asked for: the options of a sandbox, the tools beside it, and which server. Starts nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import EllipsisType
from typing import TYPE_CHECKING, Any, TypedDict

from mockserver.errors import UsageError, is_on_purpose
from mockserver.suggestions import hint
from mockserver.testing import options
from mockserver.testing.options import KEYS, JudgementMode, Options

if TYPE_CHECKING:
    from mockserver.json_types import Json

__tracebackhide__ = is_on_purpose

Choice = tuple[tuple[Path, ...], str, str | None]  # folders of contracts, or the URL of a server and its token
_SWITCHES = ("fast_forward", "inbox")
_TEXTS = ("url", "token", "argument")


class MockOptions(TypedDict, total=False):
    """What `mock` takes by name: the keys of `@pytest.mark.mockserver(…)`, and its own."""

    scenario: str | Mapping[str, str]
    seed: int | str
    clock: str | Json
    quirks: Mapping[str, bool | Mapping[str, bool]]
    hosts: Mapping[str, str | EllipsisType]
    schedule: Sequence[Json]
    limits: bool
    insecure_webhooks: bool
    webhook_ca: str | Path
    strict: bool
    contract_violations: JudgementMode
    conduct: JudgementMode
    unused: JudgementMode
    snapshot: Json | Path
    intercept: bool | Mapping[str, str | EllipsisType]
    fast_forward: bool
    inbox: bool
    contracts: str | Path | Iterable[str | Path]
    url: str
    token: str
    argument: str


OWN = ("intercept", *_SWITCHES, "contracts", *_TEXTS)


@dataclass(frozen=True, slots=True)
class UseOptions:
    """What a use shall have: a server, an API of it (None for all), options of the sandbox, tools.

    `argument` is the parameter that a decorated function takes the handle by.
    """

    choice: Choice
    api: str | None
    options: Options
    intercept: bool
    fast_forward: bool
    inbox: bool
    argument: str


def mock_options(api: str | None, *given: Mapping[str, Any]) -> UseOptions:
    """As `MockOptions` of several places say, the later one first. Raises UsageError for what cannot be."""
    for each in given:
        _check(api, each)
    own = {key: value for each in given for key, value in each.items() if key in OWN}
    calls = own.get("intercept")
    hosts = {"hosts": calls} if isinstance(calls, Mapping) else {}
    layers = [*({key: value for key, value in each.items() if key in KEYS} for each in given), hosts]
    found = options.merged(layers)
    return UseOptions(
        choice=(_folders(own.get("contracts", ())), str(own.get("url", "")), _token(own)),
        api=api,
        options=found,
        intercept=bool(found.hosts) if calls is None else calls is not False,
        fast_forward=own.get("fast_forward", False),
        inbox=own.get("inbox", False),
        argument=own.get("argument") or api or "sandbox",
    )


def _check(api: str | None, given: Mapping[str, Any]) -> None:
    unknown = [key for key in given if key not in (*KEYS, *OWN)]
    if unknown:
        raise UsageError(f"mock has no {', '.join(map(repr, unknown))}; {hint(unknown[0], (*OWN, *KEYS))}")
    if not isinstance(api, str | None):
        raise UsageError(f'mock takes the name of an API, or nothing: `@mock()`, `@mock("name")`, not {api!r}')
    options.check(given)
    for key in _SWITCHES:
        if not isinstance(given.get(key, True), bool):
            raise UsageError(f"{key} is True or False, not {given[key]!r}")
    for key in _TEXTS:
        if not isinstance(given.get(key, ""), str):
            raise UsageError(f"{key} is text, not {given[key]!r}")
    if not given.get("argument", "a").isidentifier():
        raise UsageError(f"argument is the name of a parameter, not {given['argument']!r}")
    if not isinstance(given.get("intercept", True), bool | Mapping):
        raise UsageError(f"intercept is True, False or hosts as `hosts` has them, not {given['intercept']!r}")
    if given.get("url") and given.get("contracts"):
        raise UsageError("contracts are those of a server of one's own; the one at `url` has its own already")


def _folders(given: str | Path | Iterable[str | Path]) -> tuple[Path, ...]:
    return tuple(Path(each) for each in ([given] if isinstance(given, str | Path) else given))


def _token(own: Mapping[str, Any]) -> str | None:
    if not own.get("url"):
        return None
    return own.get("token") or os.environ.get("MOCKSERVER_CONTROL_TOKEN") or os.environ.get("MOCKSERVER_TOKEN") or None
