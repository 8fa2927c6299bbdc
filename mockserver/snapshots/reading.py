"""JSON → what a sandbox is filled with, judged against the contracts before anything is made of it.

The shape was judged by the control API's own document. Whatever else is wrong raises RequestError with its pointer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.api_state import purposes_of
from mockserver.bounds import ACCOUNTS
from mockserver.clock import LAST, Clock
from mockserver.contract import Contract
from mockserver.operations.token import TOKENS
from mockserver.plan_overrides import refusal
from mockserver.rules import playable
from mockserver.snapshots.armed import ArmedRecord, armed_of
from mockserver.snapshots.endpoints import EndpointRecords, endpoints_of
from mockserver.snapshots.jobs import JobReader
from mockserver.snapshots.keys import keys_of
from mockserver.snapshots.places import SnapshotPlace
from mockserver.snapshots.taking import FORMAT, digest_of
from mockserver.snapshots.waiting import WaitingRecord, waiting_of
from mockserver.state.port import KeyName, KeyUse
from mockserver.store import AccountRecord, JobRecord
from mockserver.time_slices import paced
from mockserver.upload_store import Upload

CHANGED = "; the contract was another one when the snapshot was taken"


@dataclass(frozen=True, slots=True)
class Order:
    """A plan that waits for its jobs."""

    resource: str | None
    count: int
    wishes: Mapping[str, Any]


@dataclass(slots=True)
class Side:
    """What one API of a sandbox is filled with."""

    scenario: str
    quirks: Mapping[str, bool]
    accounts: Sequence[tuple[AccountRecord, float | None]]
    orders: Sequence[Order]
    faults: Sequence[ArmedRecord]
    windows: Sequence[tuple[str, str, float, float]]
    keys: Sequence[tuple[KeyName, KeyUse]]
    jobs: Mapping[str, JobRecord]
    uploads: Mapping[str, Upload]
    waiting: list[WaitingRecord]
    endpoints: EndpointRecords


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a sandbox is made with, and what it is filled with then."""

    settings: Mapping[str, Any]
    draws: Mapping[str, int]
    sides: Mapping[str, Side]


async def read(data: Mapping[str, Any], contracts: Sequence[Contract], pointer: str = "") -> Snapshot:
    """A snapshot for a server of these contracts; it stands at `pointer`. Lets others in. Raises RequestError."""
    check_format(data, pointer)
    root = SnapshotPlace(data, pointer)
    known = {contract.name: contract for contract in contracts}
    now = _moment(root["clock"]["epoch"])
    for purpose, place in root["draws"].items():
        SnapshotPlace(purpose, place.pointer).among(_purposes(contracts), "purpose of draws")
    sides = {name: _side(place, known, now) for name, place in root["apis"].items()}
    await _add_jobs(root, known, sides, now)
    for place in root["webhooks"].each():
        side = sides[place["api"].among(sides, "API in it")]
        side.waiting.append(
            waiting_of(place, known[place["api"].value], side.jobs, [each for each, _ in side.accounts])
        )
    clock = data["clock"]
    settings = {
        "seed": data["seed"],
        "secret": data["secret"].encode("ascii"),
        "clock": Clock(clock["mode"], rate=clock["rate"], step=clock["step"], start=now),
        "limits_on": data["limits"],
        "strict": data["strict"],
        **{name: data[name] for name in ("insecure_webhooks", "webhook_ca", "webhook_timeout")},
    }
    draws = {purpose: int(n) for purpose, n in data["draws"].items()}  # JSON knows 2.0 for a whole number, too
    return Snapshot(settings, draws, sides)


def check_format(data: Mapping[str, Any], pointer: str = "") -> None:
    """Raises RequestError for a snapshot of another format, whose shape is not known here."""
    if "format" in data and data["format"] != FORMAT:
        SnapshotPlace(data, pointer)["format"].refuse(
            f"it has the format {data['format']!r:.20}; this server reads {FORMAT}"
        )


def _purposes(contracts: Sequence[Contract]) -> set[str]:
    """Everything that numbers are drawn for in a sandbox."""
    jobs = {purpose for contract in contracts for pair in purposes_of(contract).values() for purpose in pair}
    return (
        jobs
        | {f"{what}.{contract.name}" for contract in contracts for what in ("account", "endpoint", "latency")}
        | {TOKENS}
    )


def _moment(place: SnapshotPlace) -> float:
    if not 0 <= place.value <= LAST:
        place.refuse("a clock goes from 1970 to the year 9900")
    return float(place.value)


def _side(place: SnapshotPlace, known: Mapping[str, Contract], now: float) -> Side:
    name = place.pointer.rpartition("/")[2]
    contract = known.get(name)
    if contract is None:
        place.refuse(f"this server has no API {name!r:.80}; it has: {', '.join(known)}")
    place.hint = "" if place.value["digest"] == digest_of(contract) else CHANGED
    limits = {limit.name for limit in contract.limits} | {
        limit.name for scenario in contract.scenarios.values() for limit in scenario.limits or ()
    }
    for quirk, switched in place["quirks"].items():
        SnapshotPlace(quirk, switched.pointer, place.hint).among(contract.quirks, "quirk")
    accounts = _accounts(place["accounts"], contract)
    return Side(
        scenario=place["scenario"].among(playable(contract.scenarios), "scenario"),
        quirks=place.value["quirks"],
        accounts=accounts,
        orders=[_order(each, contract) for each in place["plans"].each()],
        faults=_faults(place["faults"], contract, now),
        windows=[_window(each, limits) for each in place["windows"].each()],
        keys=keys_of(place, contract, now),
        jobs={},
        uploads={},
        waiting=[],
        endpoints=endpoints_of(place, [account for account, _ in accounts]),
    )


def _accounts(place: SnapshotPlace, contract: Contract) -> list[tuple[AccountRecord, float | None]]:
    if not 1 <= len(place.value) <= ACCOUNTS:
        place.refuse(f"an API has from 1 to {ACCOUNTS} accounts")
    seen, made = set[str](), []
    for each in place.each():
        said = each.value
        for name in ("id", "api_key", "client_id"):
            key = f"id {said[name]}" if name == "id" else said[name]
            if key in seen:
                each[name].refuse("another account has it already")
            seen.add(key)
        secrets = (said["api_key"], said["client_id"], said["client_secret"], said["webhook_secret"])
        active, credits = said["state"] == "active", said["credits"]
        facts, full = contract.account_facts, contract.account_credits
        account = AccountRecord(contract.name, said["id"], *secrets, active, credits, facts, full)
        is_paid = credits is None and full is not None and said["purse"] is not None
        made.append((account, said["purse"] if is_paid else account.opening))
    return made


def _order(place: SnapshotPlace, contract: Contract) -> Order:
    said = place.value
    runners = {name: resource for name, resource in contract.resources.items() if resource.run is not None}
    if said["resource"] is not None:
        place["resource"].among(runners, "job")
    meant = [runners[said["resource"]]] if said["resource"] is not None else [*runners.values()]
    refused = [refusal(resource, said["wishes"]) for resource in meant]
    if None not in refused:
        place["wishes"].refuse(str(refused[0]) if refused else f"{contract.name} has no jobs")
    return Order(said["resource"], said["count"], said["wishes"])


def _faults(place: SnapshotPlace, contract: Contract, now: float) -> list[ArmedRecord]:
    found = dict[str, ArmedRecord]()
    for each in place.each():
        armed = armed_of(each, contract, now)
        if found.setdefault(armed.id, armed) is not armed:
            each["id"].refuse("another fault has this id already")
    return [*found.values()]


def _window(place: SnapshotPlace, limits: set[str]) -> tuple[str, str, float, float]:
    said = place.value
    return place["limit"].among(limits, "rate limit"), said["caller"], float(said["end"]), float(said["hits"])


async def _add_jobs(root: SnapshotPlace, known: Mapping[str, Contract], sides: Mapping[str, Side], now: float) -> None:
    readers = {
        name: JobReader(known[name], {each.id for each, _ in side.accounts}, now) for name, side in sides.items()
    }
    async for place in paced(root["jobs"].each()):
        readers[place["api"].among(readers, "API in it")].read(place)
    for name, reader in readers.items():
        sides[name].jobs, sides[name].uploads = reader.jobs, reader.uploads
