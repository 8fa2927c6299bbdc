"""An edited contract is taken up while the server runs: what watches its files, and what puts it in the place of the
other. A broken one changes nothing.

Jobs stay where the new contract has their resource and states, and go on as they were planned. What it has no place
for is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from mockserver.api_state import SandboxApi
from mockserver.app.api import Api
from mockserver.app.application import Mockserver
from mockserver.app.options import wrong_with
from mockserver.bounds import JOBS_COUNT
from mockserver.contract import Contract
from mockserver.contract_cache import forget_contracts
from mockserver.errors import Closed, Finding, UsageError
from mockserver.faults import ActiveFault, check_use
from mockserver.jobs import PlannedJob
from mockserver.loader import load_folder
from mockserver.loader.source import BEHAVIOR, OPENAPI, OVERLAY
from mockserver.refunds import adopted, refund_of
from mockserver.rules import USUAL, playable
from mockserver.sandbox import Sandbox
from mockserver.state.port import Drop, Effect, PutJob, Refund, WantedRecords
from mockserver.store import JobRecord
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
        contract, mistakes = await asyncio.to_thread(load_folder, folder, trust=True, further=wrong_with)
        if contract is None or mistakes:
            return Edited(name, mistakes=mistakes)
        edition = await asyncio.to_thread(_edition, folder)
        return Edited(name, lost=await take_up(self._server, replace(contract, edition=edition)))


def _stamp(folder: Path) -> Stamp:
    """What tells whether the files of a contract are others than before."""
    stats = []
    for name in (OPENAPI, BEHAVIOR, OVERLAY):
        try:
            stat = (folder / name).stat()
            stats.append((stat.st_mtime_ns, stat.st_size))
        except OSError:
            stats.append((0, -1))
    return tuple(stats)


def _edition(folder: Path) -> str:
    """What is the same for the same files of a contract."""
    texts = [path.read_bytes() if (path := folder / name).exists() else b"" for name in (OPENAPI, BEHAVIOR, OVERLAY)]
    return sha256(b"".join(b"%d:%b" % (len(text), text) for text in texts)).hexdigest()


async def take_up(server: Mockserver, contract: Contract) -> list[str]:
    """Put a contract in the place of the one of its name, in every sandbox that is open here.

    Gives what it has no place for. Other processes do the same with theirs: the first one says what becomes of jobs.
    """
    server.replace(Api(contract))
    lost: list[str] = []
    for sandbox in server.sandboxes.open():
        with suppress(Closed):
            lost += await _replaced(sandbox, contract)
    forget_contracts(0)  # what was worked out of the one of before would be held for hundreds of calls
    return lost


async def _replaced(sandbox: Sandbox, contract: Contract) -> list[str]:
    await sandbox.refresh()
    before, lost = sandbox.apis[contract.name], list[str]()
    now, dropped = (await sandbox.read_clock()).now, None
    is_first = await _switched(sandbox, contract, _configured(before, contract, lost))
    after = SandboxApi(contract, sandbox)
    after.tokens = before.tokens
    while is_first and (dropped := await _kept(before, after, now)) is None:
        pass  # a job was made or changed meanwhile
    sandbox.apis[contract.name] = after
    after.faults.go_on(before.faults)
    if is_first:
        await sandbox.change(after.scenario_played(after.scenario, now))
    await _go_on(sandbox, before, after)
    if not is_first:
        return []
    if dropped:
        lost.append(f"{dropped} jobs whose resource or state is not there any more")
    return [f"{sandbox.name}: {loss}" for loss in lost]


async def _switched(sandbox: Sandbox, contract: Contract, configured: Mapping[str, Any]) -> bool:
    """Switch to what the contract has a place for; False where another process has taken up the same before."""
    while True:
        configuration = await sandbox.state.configuration()
        if contract.edition and configuration.apis[contract.name].edition == contract.edition:
            sandbox.see(configuration)
            return False
        changed = configuration.with_api(contract.name, **configured, edition=contract.edition)
        if await sandbox.state.configure(changed):
            sandbox.see(changed)
            return True


async def _kept(before: SandboxApi, after: SandboxApi, now: float) -> int | None:
    """Keep the jobs that have a place, as they were planned; gives how many have none. None where others were faster.

    What is given back of them from now on is what the new contract says.
    """
    name = after.contract.name
    await before.state.look(name, "", WantedRecords())  # what was due is given back as it was to be
    jobs = [before.planned(each) for each in await before.state.newest(name, JOBS_COUNT)][::-1]
    fitting = [each for each in jobs if _has_place(after.contract, each)]
    living = [each.record.but(plan=each.plan, overrides=None) for each in fitting]
    dropped = {each.id: each.record.rev for each in jobs if not _has_place(after.contract, each)}
    effects: list[Effect] = [PutJob(job, job.rev - 1) for job in living]
    effects += [each for job in living for each in after.endpoints.issuing(job)]
    effects += _refunds(before, after, living, now)
    if dropped:
        effects.append(Drop(dropped))
    if effects and not await before.state.commit(name, 0, effects):
        return None
    if any(job.fault is not None for job in living):
        await before.faults.hold()
    return len(dropped)


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
    configuration, scenario = before.sandbox.configuration.apis[contract.name], before.scenario
    quirks = {quirk: on for quirk, on in configuration.quirks.items() if quirk in contract.quirks}
    lost += [f"the quirk {quirk}" for quirk in configuration.quirks if quirk not in quirks]
    if scenario not in playable(contract.scenarios):
        lost.append(f"the scenario {scenario}")
        scenario = USUAL
    accounts = tuple(replace(account, facts=contract.account_facts) for account in configuration.accounts)
    standing = [armed for armed in before.faults.armed.values() if not armed.scenario]
    fits = [armed for armed in standing if not armed.fault.in_catalogue or _can_meet(contract, armed)]
    lost += [f"the fault {armed.name} ({armed.id})" for armed in standing if armed not in fits]
    faults = tuple(armed.record for armed in fits)
    switched = {
        "accounts": accounts,
        "quirks": quirks,
        "scenario": scenario,
        "faults": faults,
        "own": configuration.own,
    }
    return {**switched, "holds_jobs": False}


def _can_meet(contract: Contract, armed: ActiveFault) -> bool:
    try:
        check_use(contract, armed.fault, armed.selector)
    except UsageError:
        return False
    return True


def _refunds(before: SandboxApi, after: SandboxApi, jobs: Sequence[JobRecord], now: float) -> Iterator[Refund]:
    """What the new contract gives back of these jobs; where it says nothing, nothing that the other one did."""
    for job in jobs:
        resource, account = after.contract.resources[job.resource], after.account_of(job.account)
        if resource.refunds:
            yield adopted(refund_of(resource, after.planned(job), account, now), now)
        elif before.contract.resources[job.resource].refunds:
            yield Refund(job.id, job.account)


async def _go_on(sandbox: Sandbox, before: SandboxApi, after: SandboxApi) -> None:
    """Webhooks go out, and receivers are told more, as the new contract has it; what it has not goes on as it was."""
    postings = [*(each for _, each in sandbox.outbox.waiting()), *sandbox.outbox.postings]
    ids = [*{each.job.id: None for each in postings if each.api is before}]
    records = await after.state.look_up(after.contract.name, ids) if ids else {}
    for posting in postings:
        if posting.api is before and (webhook := after.contract.webhooks.get(posting.webhook.name)) is not None:
            job = records[posting.job.id].job
            if job is not None:
                posting.api, posting.webhook, posting.job = after, webhook, after.planned(job)
