"""Jobs of a snapshot, judged against what the contract lets a job be."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Set as AbstractSet
from functools import cached_property
from math import inf
from typing import Any

from mockserver.contract import Contract, Operation
from mockserver.draws import derived
from mockserver.faults import JobFault, Selector, attachment, check_use
from mockserver.kept import kept_uploads
from mockserver.lifecycle import Resource
from mockserver.loader.resources import curve, rises
from mockserver.media import blob
from mockserver.shelf import Upload
from mockserver.snapshots.armed import fault_at
from mockserver.snapshots.kept import KeptValues
from mockserver.snapshots.places import Place
from mockserver.store import Attachment, Handle, Job
from mockserver.timeline import Move, Plan, Step


class JobReader:
    """Reads the jobs of one API into `jobs`, oldest first, by their ids, and their bytes into `uploads`.

    Raises RequestError for what no job can be.
    """

    def __init__(self, contract: Contract, accounts: AbstractSet[str], now: float) -> None:
        self.jobs: dict[str, Job] = {}
        self.uploads: dict[str, Upload] = {}
        self._contract = contract
        self._accounts = {"", *accounts}
        self._now = now
        self._ids = set[str]()
        self._kept = KeptValues(contract)

    def read(self, place: Place) -> None:
        """One more job."""
        said = place.value
        resource = self._contract.resources[place["resource"].among(self._contract.resources, "resource")]
        place["account"].among(self._accounts, "account")
        operation = self._creator(place["operation"], resource)
        created = self._moment(place["created"], 0.0)
        fault = None if said["fault"] is None else self._attached(place["fault"], operation)
        job = Job(
            said["id"], resource.name, said["account"], created, operation=operation.id,
            plan=_plan(place["plan"], resource),
            moves=self._moves(place["moves"], resource, created),
            kept=self._kept.read(place["kept"], resource, operation),
            uploads=self._uploads(place["uploads"], resource),
            produced=_produced(place, self._contract, resource),
            credits_before=said["credits_before"],
            fault=fault,
        )  # fmt: skip
        self._note_ids(place, job)
        self.jobs[job.id] = job

    def _note_ids(self, place: Place, job: Job) -> None:
        for name in ("id", "produced"):
            identity = getattr(job, name)
            if identity in self._ids:
                place[name].refuse("another job has this id already")
            if identity is not None:
                self._ids.add(identity)

    def _creator(self, place: Place, resource: Resource) -> Operation:
        makers = {
            name: each
            for name, each in self._contract.operations.items()
            if each.verb == "create" and resource.name in each.resources
        }
        return makers[place.among(makers, f"operation that creates a {resource.name}, named")]

    def _moment(self, place: Place, least: float) -> float:
        if not least <= place.value <= self._now:
            place.refuse("its time is not between what was before it and the clock")
        return float(place.value)

    def _moves(self, place: Place, resource: Resource, created: float) -> tuple[Move, ...]:
        made: list[Move] = []
        for each in place.each():
            at = self._moment(each["at"], made[-1].at if made else created)
            made.append(Move(at, each["state"].among(resource.states, "state")))
        return tuple(made)

    def _uploads(self, place: Place, resource: Resource) -> dict[str, Handle] | None:
        known = self._parts[resource.name]
        made = {Place(part, at.pointer, at.hint).among(known, "part"): _upload(at) for part, at in place.items()}
        self.uploads.update({each.id: each for each in made.values() if not each.gone})
        return {part: each.handle for part, each in made.items()} or None

    @cached_property
    def _parts(self) -> dict[str, set[str]]:
        """The parts that jobs keep, by resource: shown ones, sources of results, and the body of a raw upload."""
        found = {name: {*kept_uploads(self._contract, name)} for name in self._contract.resources}
        for operation in self._contract.operations.values():
            for name in operation.resources:
                results = (*operation.results.values(), *self._contract.resources[name].results.values())
                found[name] |= {f"source.{source}" for result in results for source in result.sources}
                found[name] |= {"body"} if operation.verb == "upload" else set()
        return found

    def _attached(self, place: Place, operation: Operation) -> Attachment:
        fault = fault_at(place["fault"], JobFault)
        with place["fault"].judged():
            check_use(self._contract, fault, Selector(operation=operation.id))
        return attachment(fault, self._moment(place["since"], 0.0))


def _plan(place: Place, resource: Resource) -> Plan:
    said, steps = place.value, list[Step]()
    for each in place["steps"].each():
        state = resource.states[each["state"].among(resource.states, "state")]
        if state.phase is None or each.value["phase"] != state.phase:
            each["phase"].refuse(f"{state.name} has the phase {state.phase}")
        until = inf if each.value["until"] is None else float(each.value["until"])
        if until < (steps[-1].until if steps else 0.0):
            each["until"].refuse("it ends before the step before it")
        steps.append(Step(state.name, state.phase, until))
    log = resource.run.log if resource.run is not None else ()
    outcome = place["outcome"].among(resource.states, "state")
    shape = curve(said["curve"])
    if not rises(shape):
        place["curve"].refuse("its keyframes do not rise")
    more: Any = (said["error"], said["result_bytes"], said["retries"], log)
    return Plan(tuple(steps), outcome, resource.states[outcome].end, shape, *more)


def _produced(place: Place, contract: Contract, resource: Resource) -> str | None:
    """The id of what the job produces follows from its own."""
    made = resource.produces
    found = None if made is None else derived(contract.resources[made.resource].id, place.value["id"], made.resource)
    if place.value["produced"] != found:
        place["produced"].refuse("what the job produces has another id, which follows from its own")
    return found


def _upload(place: Place) -> Upload:
    said = place.value
    try:
        data = None if "base64" not in said else base64.b64decode(said["base64"], validate=True)
    except (binascii.Error, ValueError):
        place["base64"].refuse("this is no base64")
    facts = {name: said[name] for name in ("size", "checksum", "md5", "mismatch", "sha256") if name in said}
    content = blob(said["content_type"], data or b"")
    return Upload(said["content_type"], said["filename"], content, gone=data is None, **facts)
