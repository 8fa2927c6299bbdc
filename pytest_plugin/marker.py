"""`@pytest.mark.mockserver(…)`: what a test wants of its sandbox. Markers of module, class and test are merged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args

import pytest

Mode = Literal["fail", "warn", "off"]
MODES: tuple[str, ...] = get_args(Mode)
HELP = (
    "mockserver(scenario, seed, clock, quirks, hosts, schedule, limits, insecure_webhooks, webhook_ca, strict, "
    "contract_violations, conduct): what this test wants of its sandbox; merged key by key, the closest marker wins"
)


@dataclass(frozen=True, slots=True)
class Wishes:
    """Everything a marker can say.

    `scenario`: a name, for every API that has it, or one by API. `seed`: default is the test's own id. `clock`:
    `manual`, `real`, `x60`, `step:5`. `quirks`: name → on, or API → {name → on}. `hosts`: outside host → API, or
    `...` to let calls through. `schedule`: events as `explore` prints them. `limits`: False for no rate limits.
    `insecure_webhooks`: True lets webhooks go to plain http. `webhook_ca`: PEM that they trust, or a Path to it.
    `strict`: refuse files that are not what they are said to be. `contract_violations` and `conduct`: fail, warn, off.
    """

    scenario: str | Mapping[str, str] | None = None
    seed: int | str | None = None
    clock: str | Mapping[str, Any] = "manual"
    quirks: Mapping[str, Any] = field(default_factory=dict)
    hosts: Mapping[str, Any] = field(default_factory=dict)
    schedule: Any = None
    limits: bool | None = None
    insecure_webhooks: bool | None = None
    webhook_ca: str | Path | None = None
    strict: bool | None = None
    contract_violations: Mode | None = None
    conduct: Mode | None = None


KEYS = tuple(f.name for f in fields(Wishes))


def wishes_of(item: pytest.Item) -> Wishes:
    """The merged markers of a test. Raises UsageError for what no marker can say."""
    merged: dict[str, Any] = {}
    for mark in reversed(list(item.iter_markers("mockserver"))):
        _check(item, mark)
        for key, value in mark.kwargs.items():
            inner = key in ("quirks", "hosts") and isinstance(merged.get(key), dict)
            merged[key] = {**merged[key], **value} if inner else value
    return Wishes(**merged)


def _check(item: pytest.Item, mark: pytest.Mark) -> None:
    unknown = [repr(key) for key in mark.kwargs if key not in KEYS]
    if mark.args or unknown:
        what = "takes keywords only" if mark.args else f"has no {', '.join(unknown)}"
        raise pytest.UsageError(f"{item.nodeid}: @pytest.mark.mockserver {what}; it knows: {', '.join(KEYS)}")
    for key in ("contract_violations", "conduct"):
        if mark.kwargs.get(key, "off") not in MODES:
            raise pytest.UsageError(f"{item.nodeid}: {key} is one of {', '.join(MODES)}, not {mark.kwargs[key]!r}")
    for key in ("limits", "insecure_webhooks", "strict"):
        if not isinstance(mark.kwargs.get(key, True), bool):
            raise pytest.UsageError(f"{item.nodeid}: {key} is True or False, not {mark.kwargs[key]!r}")
    if not isinstance(mark.kwargs.get("webhook_ca", ""), str | Path):
        raise pytest.UsageError(f"{item.nodeid}: webhook_ca is PEM or a Path to it, not {mark.kwargs['webhook_ca']!r}")
    for key in ("quirks", "hosts"):
        if not isinstance(mark.kwargs.get(key, {}), Mapping):
            raise pytest.UsageError(f"{item.nodeid}: {key} is a mapping, not {mark.kwargs[key]!r}")
