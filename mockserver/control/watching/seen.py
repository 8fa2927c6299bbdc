"""What a stream has told of a sandbox last, to be compared with how it is now. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver.api_state import SandboxApi
from mockserver.control.faults import show_fault
from mockserver.control.showing import show_activity, show_clock
from mockserver.control.watching.watch import MOST
from mockserver.faults import Armed
from mockserver.sandbox import Sandbox
from mockserver.state.journal_port import Activity

Told = tuple[str, dict[str, Any]]
Faults = dict[str, tuple[SandboxApi, Armed, tuple[Any, ...]]]


class Seen:
    """The state of a sandbox that nobody tells of when it changes."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._clock = sandbox.clock.setting
        self._settings = _settings(sandbox)
        self._activity = show_activity(sandbox, Activity())
        self._faults = _faults(sandbox)

    def changes(self, activity: Activity) -> Iterator[Told]:
        """What has changed since it was asked last; `activity` is what goes on by now."""
        sandbox = self._sandbox
        before, self._clock = self._clock, sandbox.clock.setting
        if self._clock != before:
            yield "clock", show_clock(sandbox.clock.reading())
        held, self._settings = self._settings, _settings(sandbox)
        if self._settings != held:
            yield "settings", show_settings(sandbox)
        known, self._faults = self._faults, _faults(sandbox)
        if self._faults != known:
            yield "faults", _changed(known, self._faults)
        busy, self._activity = self._activity, show_activity(sandbox, activity)
        if self._activity != busy:
            yield "activity", self._activity


def show_settings(sandbox: Sandbox) -> dict[str, Any]:
    """What can be switched, and how much was made or ordered."""
    limits_on, strict, insecure, *_ = _settings(sandbox)
    apis = {name: _side(api) for name, api in sandbox.apis.items()}
    return {"limits": limits_on, "strict": strict, "insecure_webhooks": insecure, "apis": apis}


def _side(api: SandboxApi) -> dict[str, Any]:
    scenario, off, accounts, plans, answers, endpoints = _numbers(api)
    return {
        "scenario": scenario,
        "quirks": {name: name not in off for name in api.contract.quirks},
        "accounts": accounts,
        "plans": plans,
        "answers": answers,
        "endpoints": endpoints,
    }


def _settings(sandbox: Sandbox) -> tuple[Any, ...]:
    sides = (_numbers(api) for api in sandbox.apis.values())
    return (sandbox.limits_on, sandbox.strict, sandbox.insecure_webhooks, sandbox.webhook_ca, *sides)


def _numbers(api: SandboxApi) -> tuple[Any, ...]:
    plans = sum([order.left for order in api.orders])
    answers = sum([not each.fault.in_catalogue for each in api.faults.armed.values()])
    return api.scenario, api.off, len(api.accounts) // 2, plans, answers, len(api.endpoints.registered)


def _faults(sandbox: Sandbox) -> Faults:
    return {
        armed.id: (api, armed, (armed.seen, armed.applied, armed.left))
        for api in sandbox.apis.values()
        if api.faults.armed
        for armed in api.faults.armed.values()
        if armed.fault.in_catalogue
    }


def _changed(before: Faults, now: Faults) -> dict[str, Any]:
    """The faults that are new, took effect or are gone."""
    found = [(each, True) for name, each in now.items() if before.get(name) != each]
    found += [(each, False) for name, each in before.items() if name not in now]
    shown = [{**show_fault(api, armed, armed.uses), "armed": stands} for (api, armed, _), stands in found[:MOST]]
    return {"faults": shown, "left_out": len(found) - len(shown)}
