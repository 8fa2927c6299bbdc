"""What a stream has told of a sandbox last, to be compared with how it is now. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver.api_state import SandboxApi
from mockserver.control.faults import show_fault
from mockserver.control.serialize import show_activity, show_clock
from mockserver.faults import ActiveFault
from mockserver.sandbox import Sandbox
from mockserver.state.journal_port import Activity
from mockserver.state.noted_changes import MOST
from mockserver.state.records import FaultUses

SeenEvent = tuple[str, dict[str, Any]]
ArmedFaults = dict[str, tuple[SandboxApi, ActiveFault, FaultUses]]


class ComparedState:
    """The state of a sandbox that nobody tells of when it changes."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._plans = {name: sum([order.left for order in api.orders]) for name, api in sandbox.apis.items()}
        self._uses: dict[str, FaultUses] = {}
        self._clock = sandbox.clock.setting
        self._settings = self._set()
        self._activity = show_activity(sandbox, Activity())
        self._faults = self._armed()

    async def look(self) -> None:
        """See what was ordered and what became of faults, wherever that is kept."""
        for name, api in self._sandbox.apis.items():
            self._plans[name] = sum([order.left for order in await api.state.orders(name)])
            before = {name: armed for name, (side, armed, _) in self._faults.items() if side is api}
            standing = [*{**before, **api.faults.armed}.values()]  # of one that is used up, how it came to that
            for armed, uses in zip(standing, await api.faults.uses(standing) if standing else (), strict=True):
                self._uses[armed.id] = _counted(uses)

    def changes(self, activity: Activity) -> Iterator[SeenEvent]:
        """What has changed since it was asked last; `activity` is what goes on by now."""
        sandbox = self._sandbox
        before, self._clock = self._clock, sandbox.clock.setting
        if self._clock != before:
            yield "clock", show_clock(sandbox.clock.reading())
        settings, self._settings = self._settings, self._set()
        if self._settings != settings:
            yield "settings", self._shown_settings()
        faults, self._faults = self._faults, self._armed()
        if self._faults != faults:
            yield "faults", self._told_of(faults)
        busy, self._activity = self._activity, show_activity(sandbox, activity)
        if self._activity != busy:
            yield "activity", self._activity

    def _set(self) -> tuple[Any, ...]:
        """What is switched, and how much was made or ordered."""
        sandbox = self._sandbox
        sides = (_numbers(api, self._plans[name]) for name, api in sandbox.apis.items())
        return (sandbox.limits_on, sandbox.strict, sandbox.insecure_webhooks, sandbox.webhook_ca, *sides)

    def _shown_settings(self) -> dict[str, Any]:
        limits_on, strict, insecure, *_ = self._settings
        apis = {name: _side(api, self._plans[name]) for name, api in self._sandbox.apis.items()}
        return {"limits": limits_on, "strict": strict, "insecure_webhooks": insecure, "apis": apis}

    def _armed(self) -> ArmedFaults:
        return {
            armed.id: (api, armed, self._uses.get(armed.id) or _counted(armed.uses))
            for api in self._sandbox.apis.values()
            if api.faults.armed
            for armed in api.faults.armed.values()
            if armed.fault.in_catalogue
        }

    def _told_of(self, before: ArmedFaults) -> dict[str, Any]:
        """The faults that are new, took effect or are gone."""
        changed = [(fault, True) for name, fault in self._faults.items() if before.get(name) != fault]
        gone = {name: row for name, row in before.items() if name not in self._faults}
        changed += [((api, armed, self._uses.pop(name, uses)), False) for name, (api, armed, uses) in gone.items()]
        documents = [{**show_fault(api, armed, uses), "armed": stands} for (api, armed, uses), stands in changed[:MOST]]
        return {"faults": documents, "left_out": len(changed) - len(documents)}


def _counted(uses: FaultUses) -> FaultUses:
    """What is shown of it."""
    return FaultUses(uses.seen, uses.applied)


def _side(api: SandboxApi, plans: int) -> dict[str, Any]:
    scenario, off, accounts, plans, answers, endpoints = _numbers(api, plans)
    return {
        "scenario": scenario,
        "quirks": {name: name not in off for name in api.contract.quirks},
        "accounts": accounts,
        "plans": plans,
        "answers": answers,
        "endpoints": endpoints,
    }


def _numbers(api: SandboxApi, plans: int) -> tuple[Any, ...]:
    answers = sum([not armed.fault.in_catalogue for armed in api.faults.armed.values()])
    return api.scenario, api.off, len(api.accounts) // 2, plans, answers, len(api.endpoints.registered)
