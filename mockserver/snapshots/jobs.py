"""Jobs of a snapshot, judged against what the contract lets a job be."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Set as AbstractSet
from functools import cached_property
from math import inf
from typing import Any

from mockserver.contract import Contract, Operation
from mockserver.draws import derived
from mockserver.faults import JobFault, Selector, attachment, check_use, job_fault
from mockserver.job_plans import offspring
from mockserver.jobs import PlannedJob
from mockserver.kept import kept_uploads
from mockserver.lifecycle import Resource
from mockserver.loader.resources import curve, rises
from mockserver.makers import media_type
from mockserver.media import blob
from mockserver.plan_overrides import check_weights, reweighed
from mockserver.planning import resting
from mockserver.snapshots.armed import fault_at
from mockserver.snapshots.kept import KeptValues
from mockserver.snapshots.places import SnapshotPlace
from mockserver.store import Attachment, Handle, JobRecord, Offspring
from mockserver.timeline import ItemPlan, Move, TimelinePlan, TimelineStep
from mockserver.upload_store import Upload
from mockserver.uploaded import PIECE

_PIECE = re.compile(re.escape(PIECE) + r"[0-9]{1,5}")


class JobReader:
    """Reads the jobs of one API into `jobs`, oldest first, by their ids, and their bytes into `uploads`.

    Raises RequestError for what no job can be.
    """

    def __init__(self, contract: Contract, accounts: AbstractSet[str], now: float) -> None:
        self.jobs: dict[str, JobRecord] = {}
        self.uploads: dict[str, Upload] = {}
        self._contract = contract
        self._accounts = {"", *accounts}
        self._now = now
        self._ids = set[str]()
        self._made: dict[str, dict[str, Handle] | None] = {}
        self._kept = KeptValues(contract)

    def read(self, place: SnapshotPlace) -> None:
        """One more job."""
        said = place.value
        resource = self._contract.resources[place["resource"].among(self._contract.resources, "resource")]
        place["account"].among(self._accounts, "account")
        operation = self._creator(place["operation"], resource)
        is_made = said["id"] in self._made
        created = _later(said["created"]) if is_made else self._moment(place["created"], 0.0)
        fault = None if said["fault"] is None else self._attached(place["fault"], operation)
        job = JobRecord(
            said["id"], resource.name, said["account"], created, operation=operation.id,
            plan=_plan(place["plan"], resource),
            moves=self._moves(place["moves"], resource, created),
            kept=self._kept.read(place["kept"], resource, operation),
            uploads=self._made[said["id"]] if is_made else self._uploads(place["uploads"], resource),
            offspring=_offspring(place, self._contract, resource),
            credits_before=said["credits_before"],
            fault=fault,
        )  # fmt: skip
        if fault is not None and job.plan is not None and not job.plan.steps:
            _check_unmoved(place["fault"], job, fault, resource)
        self._note_ids(place, job)
        self._note_made(job, resource)
        self.jobs[job.id] = job

    def _note_made(self, job: JobRecord, resource: Resource) -> None:
        """What the job brings forth follows it, with the bytes of its results."""
        for name, made in resource.makes.items():
            target = self._contract.resources[made.resource]
            result = resource.results.get(made.result)
            handle = (
                None if result is None else Handle(job.id, media_type(result.file), result.file, result=result.name)
            )
            self._made[derived(target.id, job.id, f"produces.{name}")] = None if handle is None else {made.part: handle}

    def _note_ids(self, place: SnapshotPlace, job: JobRecord) -> None:
        for name in ("id", "produced"):
            identity = getattr(job, name)
            if identity in self._ids:
                place[name].refuse("another job has this id already")
            if identity is not None:
                self._ids.add(identity)

    def _creator(self, place: SnapshotPlace, resource: Resource) -> Operation:
        resources = self._contract.resources
        names = {resource.name}.union(
            each.name for each in resources.values() if resource.name in {made.resource for made in each.makes.values()}
        )
        makers = {
            name: operation
            for name, operation in self._contract.operations.items()
            if operation.verb == "create" and names & set(operation.resources)
        }
        return makers[place.among(makers, f"operation that creates a {resource.name}, named")]

    def _moment(self, place: SnapshotPlace, least: float) -> float:
        if place.value is None or not least <= place.value <= self._now:
            place.refuse("its time is not between what was before it and the clock")
        return float(place.value)

    def _moves(self, place: SnapshotPlace, resource: Resource, created: float) -> tuple[Move, ...]:
        made: list[Move] = []
        for each in place.each():
            at = _later(each["at"].value)
            if at != created or made:  # what comes to its first state later is moved there at once
                at = self._moment(each["at"], made[-1].at if made else created)
            made.append(Move(at, each["state"].among(resource.states, "state")))
        return tuple(made)

    def _uploads(self, place: SnapshotPlace, resource: Resource) -> dict[str, Handle] | None:
        known = self._parts[resource.name]
        if resource.name in self._in_pieces:
            known = known | {part for part in place.value if _PIECE.fullmatch(part)}
        made = {
            SnapshotPlace(part, at.pointer, at.hint).among(known, "part"): _upload(at) for part, at in place.items()
        }
        self.uploads.update({each.id: each for each in made.values() if not each.gone})
        return {part: each.handle for part, each in made.items()} or None

    @cached_property
    def _in_pieces(self) -> set[str]:
        """The resources whose uploads come in pieces."""
        return {
            name for operation in self._contract.operations.values() if operation.pieces for name in operation.resources
        }

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

    def _attached(self, place: SnapshotPlace, operation: Operation) -> Attachment:
        fault = fault_at(place["fault"], JobFault)
        with place["fault"].judged():
            check_use(self._contract, fault, Selector(operation=operation.id))
        return attachment(fault, self._moment(place["since"], 0.0))


def _check_unmoved(place: SnapshotPlace, job: JobRecord, fault: Attachment, resource: Resource) -> None:
    """What takes hold of jobs that time moves cannot have taken hold of another one."""
    if not job_fault(fault).can_attach(PlannedJob(job, plan=job.plan), resource, fault.since):
        place.refuse("time does not move this job, and the fault takes hold of such alone")


def _later(moment: float | None) -> float:
    return inf if moment is None else float(moment)


def _plan(place: SnapshotPlace, resource: Resource) -> TimelinePlan:
    said, steps = place.value, list[TimelineStep]()
    for each in place["steps"].each():
        state = resource.states[each["state"].among(resource.states, "state")]
        if state.phase is None or each.value["phase"] != state.phase:
            each["phase"].refuse(f"{state.name} has the phase {state.phase}")
        until = inf if each.value["until"] is None else float(each.value["until"])
        if until < (steps[-1].until if steps else 0.0):
            each["until"].refuse("it ends before the step before it")
        steps.append(TimelineStep(state.name, state.phase, until))
    log = resource.run.log if resource.run is not None else ()
    outcome = place["outcome"].among(resource.states, "state")
    shape = curve(said["curve"])
    if not rises(shape):
        place["curve"].refuse("its keyframes do not rise")
    more: Any = (said["error"], said["result_bytes"], said["retries"], log)
    plan = TimelinePlan(tuple(steps), outcome, resource.states[outcome].end, shape, *more)
    plan = plan._replace(run_seconds=said.get("run_seconds"))
    plan = plan._replace(states=resource.states, delays=_delays(place, resource), items=_items(place, resource))
    if not said.get("rests"):
        return plan
    if not resource.rests:
        place["rests"].refuse(f"the run of a {resource.name} begins with it")
    return resting(resource, plan)


def _items(place: SnapshotPlace, resource: Resource) -> ItemPlan | None:
    if resource.items is None:
        return None
    said, seed = place.value.get("items"), place.value.get("item_seed")
    if said is not None:
        with place["items"].judged():
            check_weights(resource, said)
    return ItemPlan(resource.items if said is None else reweighed(resource.items, said), float(seed or 0))


def _delays(place: SnapshotPlace, resource: Resource) -> dict[str, float]:
    """After how many seconds the job leaves states by itself; the state that follows is the contract's."""
    leaving = {state.name for state in resource.states.values() if state.leaves}
    said = place["delays"] if "delays" in place.value else None
    if said is None:
        return {}
    for name in said.value:
        SnapshotPlace(name, f"{said.pointer}/{name}", said.hint).among(leaving, "state that is left by itself, named")
    return {name: inf if seconds is None else float(seconds) for name, seconds in said.value.items()}


def _offspring(place: SnapshotPlace, contract: Contract, resource: Resource) -> Offspring | None:
    """What the job produces; its id follows from the job's own."""
    found = offspring(contract, resource)
    if place.value["produced"] != (None if found is None else found.id_of(place.value["id"])):
        place["produced"].refuse("what the job produces has another id, which follows from its own")
    return found


def _upload(place: SnapshotPlace) -> Upload:
    said = place.value
    try:
        data = None if "base64" not in said else base64.b64decode(said["base64"], validate=True)
    except (binascii.Error, ValueError):
        place["base64"].refuse("this is no base64")
    facts = {name: said[name] for name in ("size", "checksum", "md5", "mismatch", "sha256") if name in said}
    content = blob(said["content_type"], data or b"")
    return Upload(said["content_type"], said["filename"], content, gone=data is None, **facts)
