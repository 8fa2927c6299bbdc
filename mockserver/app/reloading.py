"""An edited contract is taken up while the server runs: what watches its files, and what puts it in the place of the
other. A broken one changes nothing.

Jobs stay where the new contract has their resource and states, and go on as they were planned. What it has no place
for is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mockserver.api_state import SandboxApi
from mockserver.app.api import Api
from mockserver.app.application import Mockserver
from mockserver.app.options import wrong_with
from mockserver.contract import Contract
from mockserver.errors import Finding, UsageError
from mockserver.faults import Armed, check_use
from mockserver.jobs import PlannedJob
from mockserver.loader import load_folder
from mockserver.loader.source import BEHAVIOR, OPENAPI, OVERLAY
from mockserver.refunds import adopted, refund_of
from mockserver.rules import USUAL, playable
from mockserver.sandbox import Sandbox
from mockserver.state.port import Refund
from mockserver.store import Job, MemoryStore
from mockserver.timeline import entries

SECONDS = 0.25
"""How often the files are looked at; what is edited is read once it has not changed for as long."""
Stamp = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Edited:
    """What became of an edited contract: it was taken up, or it has mistakes and the one of before stays."""

    api: str
    lost: Sequence[str] = ()
    mistakes: Sequence[Finding] = ()


class Reload:
    """Watches the folders of contracts, by name; `tell` is told of each that was edited."""

    def __init__(self, server: Mockserver, folders: Mapping[str, Path], tell: Callable[[Edited], None]) -> None:
        self._server, self._folders, self._tell = server, folders, tell
        self._known = {name: _stamp(folder) for name, folder in folders.items()}
        self._seen: dict[str, Stamp] = {}

    async def run(self) -> None:
        """Look at the files as long as the server runs."""
        while True:
            await asyncio.sleep(SECONDS)
            await self.look()

    async def look(self) -> None:
        """Take up what was edited and has not changed since it was looked at last."""
        for name, folder in self._folders.items():
            stamp = _stamp(folder)
            if stamp == self._known[name]:
                self._seen.pop(name, None)
            elif self._seen.get(name) != stamp:
                self._seen[name] = stamp
            else:
                self._known[name] = stamp
                self._tell(await self._take_up(name, folder))

    async def _take_up(self, name: str, folder: Path) -> Edited:
        contract, found = await asyncio.to_thread(load_folder, folder, trust=True, further=wrong_with)
        if contract is None or found:
            return Edited(name, mistakes=found)
        return Edited(name, lost=take_up(self._server, contract))


def _stamp(folder: Path) -> Stamp:
    """What tells whether the files of a contract are others than before."""
    found = []
    for name in (OPENAPI, BEHAVIOR, OVERLAY):
        try:
            stat = (folder / name).stat()
            found.append((stat.st_mtime_ns, stat.st_size))
        except OSError:
            found.append((0, -1))
    return tuple(found)


def take_up(server: Mockserver, contract: Contract) -> list[str]:
    """Put a contract in the place of the one of its name, in every sandbox; gives what it has no place for."""
    server.replace(Api(contract))
    return [said for sandbox in server.sandboxes.open() for said in _replaced(sandbox, contract)]


def _replaced(sandbox: Sandbox, contract: Contract) -> list[str]:
    before = sandbox.apis[contract.name]
    now = sandbox.clock.now()
    before.part.refunds.settle(before.part.credits, before.store, now)
    jobs = [before.planned(each) for each in before.store.newest(before.store.number)][::-1]
    living = [each for each in jobs if _has_place(contract, each)]
    kept = [each.record._replace(plan=each.plan, overrides=None) for each in living]
    lost: list[str] = []
    configured = _configured(before, contract, lost)
    configured["holds_jobs"] = any(each.fault is not None for each in kept)
    sandbox.change_here(lambda known: known.with_api(contract.name, **configured))
    after = SandboxApi(contract, sandbox)
    after.tokens = before.tokens
    after.given = before.given
    _keep(after, kept, now)
    sandbox.apis[contract.name] = after
    after.faults.go_on(before.faults)
    sandbox.change_here(after.scenario_played(after.scenario, now))
    _go_on(sandbox, before, after)
    if len(kept) < len(jobs):
        lost.append(f"{len(jobs) - len(kept)} jobs whose resource or state is not there any more")
    return [f"{sandbox.name}: {each}" for each in lost]


def _has_place(contract: Contract, job: PlannedJob) -> bool:
    """Whether a job may live on: its resource is there, and every state that it was in or will come to."""
    resource = contract.resources.get(job.resource)
    states = {
        job.plan.outcome,
        job.outcome,
        *(step.state for step in job.plan.steps),
        *(move.state for move in job.moves),
    }
    states |= {state for _, state in entries(job.plan, job.created, job.moves)}
    return resource is not None and states - {""} <= resource.states.keys()


def _configured(before: SandboxApi, contract: Contract, lost: list[str]) -> dict[str, Any]:
    """Accounts, quirks, scenario and faults as they were, where the contract still has them."""
    known, scenario = before.sandbox.configuration.apis[contract.name], before.scenario
    quirks = {quirk: on for quirk, on in known.quirks.items() if quirk in contract.quirks}
    lost += [f"the quirk {quirk}" for quirk in known.quirks if quirk not in quirks]
    if scenario not in playable(contract.scenarios):
        lost.append(f"the scenario {scenario}")
        scenario = USUAL
    accounts = tuple(replace(each, facts=contract.account_facts) for each in known.accounts)
    standing = [each for each in before.faults.armed.values() if not each.scenario]
    fits = [each for each in standing if not each.fault.in_catalogue or _can_meet(contract, each)]
    lost += [f"the fault {each.name} ({each.id})" for each in standing if each not in fits]
    faults = tuple(each.record for each in fits)
    return {"accounts": accounts, "quirks": quirks, "scenario": scenario, "faults": faults}


def _can_meet(contract: Contract, armed: Armed) -> bool:
    try:
        check_use(contract, armed.fault, armed.selector)
    except UsageError:
        return False
    return True


def _keep(api: SandboxApi, jobs: Sequence[Job], now: float) -> None:
    """Those jobs alone, in their order; who occupies its owner goes on to do so."""
    store, before = MemoryStore(), api.part.store
    for job in jobs:
        store.put(job)
    for owner, held in before.busy.items():
        if left := {job: until for job, until in held.items() if store.get(job) is not None}:
            store.busy[owner] = left
    api.part.store = store
    api.part.refunds.replace(_refunds(api, jobs, now), store)


def _refunds(api: SandboxApi, jobs: Sequence[Job], now: float) -> Iterator[Refund]:
    """What the new contract gives back of these jobs, from now on."""
    for job in jobs:
        resource = api.contract.resources[job.resource]
        if resource.refunds:
            yield adopted(refund_of(resource, api.planned(job), api.account_of(job.account), now), now)


def _go_on(sandbox: Sandbox, before: SandboxApi, after: SandboxApi) -> None:
    """Webhooks go out, and receivers are told more, as the new contract has it; what it has not goes on as it was."""
    for posting in (*(each for _, each in sandbox.outbox.waiting()), *sandbox.outbox.postings):
        webhook, job = after.contract.webhooks.get(posting.webhook.name), after.store.get(posting.job.id)
        if posting.api is before and webhook is not None and job is not None:
            posting.api, posting.webhook, posting.job = after, webhook, after.planned(job)
