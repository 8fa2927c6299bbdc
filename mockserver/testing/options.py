"""What a test may want of its sandbox. Knows where it was written as little as who asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args

from mockserver.errors import UsageError, is_on_purpose
from mockserver.suggestions import guess, hint

__tracebackhide__ = is_on_purpose

JudgementMode = Literal["fail", "warn", "off"]
MODES: tuple[str, ...] = get_args(JudgementMode)
_BY_MODE = ("contract_violations", "conduct", "unused")
_SWITCHES = ("limits", "insecure_webhooks", "strict")
_MAPPINGS = ("quirks", "hosts")


@dataclass(frozen=True, slots=True)
class Options:
    """Everything a test can say of its sandbox.

    `scenario`: a name, for every API that has it, or one by API. `seed`: default is the test's own id. `clock`:
    `manual`, `real`, `x60`, `step:5`. `quirks`: name → on, or API → {name → on}. `hosts`: outside host → API, or
    `...` to let calls through. `schedule`: events as `explore` prints them. `limits`: False for no rate limits.
    `insecure_webhooks`: True lets webhooks go to plain http. `webhook_ca`: PEM that they trust, or a Path to it.
    `strict`: refuse files that are not what they are said to be. `contract_violations`, `conduct` and `unused` (what
    the test armed took no effect): fail, warn, off. `snapshot`: the state to begin with, its clock and seed too where
    none is named.
    """

    scenario: str | Mapping[str, str] | None = None
    seed: int | str | None = None
    clock: str | Mapping[str, Any] | None = None
    quirks: Mapping[str, Any] = field(default_factory=dict)
    hosts: Mapping[str, Any] = field(default_factory=dict)
    schedule: Any = None
    limits: bool | None = None
    insecure_webhooks: bool | None = None
    webhook_ca: str | Path | None = None
    strict: bool | None = None
    contract_violations: JudgementMode | None = None
    conduct: JudgementMode | None = None
    unused: JudgementMode | None = None
    snapshot: Mapping[str, Any] | Path | None = None


KEYS = tuple(f.name for f in fields(Options))


def merged(given: Iterable[Mapping[str, Any]]) -> Options:
    """Options of several places, key by key; a later place wins, and adds to the mappings of an earlier one."""
    found: dict[str, Any] = {}
    for each in given:
        for key, value in each.items():
            inner = key in _MAPPINGS and isinstance(found.get(key), Mapping)
            found[key] = {**found[key], **value} if inner else value
    return Options(**found)


def unknown(given: Iterable[str]) -> str:
    """What is said of keys that no test can set; empty if there is none."""
    names = [key for key in given if key not in KEYS]
    return f"has no {', '.join(map(repr, names))}; {hint(names[0], KEYS)}" if names else ""


def check(given: Mapping[str, Any]) -> None:
    """Raises UsageError for a value that its key cannot have."""
    for key in _BY_MODE:
        if given.get(key, "off") not in MODES:
            near = guess(given[key], MODES)
            raise UsageError(f"{key} is one of {', '.join(MODES)}, not {given[key]!r}{near}")
    for key in _SWITCHES:
        if not isinstance(given.get(key, True), bool):
            raise UsageError(f"{key} is True or False, not {given[key]!r}")
    if not isinstance(given.get("snapshot", {}), Mapping | Path):
        raise UsageError(
            f"snapshot is what `sandbox.snapshot()` gave, or the Path of a file, not {given['snapshot']!r}"
        )
    if not isinstance(given.get("webhook_ca", ""), str | Path):
        raise UsageError(f"webhook_ca is PEM or a Path to it, not {given['webhook_ca']!r}")
    for key in _MAPPINGS:
        if not isinstance(given.get(key, {}), Mapping):
            raise UsageError(f"{key} is a mapping, not {given[key]!r}")
