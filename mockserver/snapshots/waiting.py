"""Webhooks of a snapshot that wait for their time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from urllib.parse import urlsplit

from mockserver.contract import Contract, Webhook
from mockserver.faults import WebhookFault
from mockserver.job_updates import event_in
from mockserver.snapshots.armed import fault_at
from mockserver.snapshots.places import SnapshotPlace
from mockserver.store import AccountRecord, JobRecord


@dataclass(frozen=True, slots=True)
class WaitingRecord:
    """One webhook of one job, and when its next attempt is due."""

    webhook: Webhook
    job: JobRecord
    account: AccountRecord | None
    url: str
    due: float
    tries: int
    fault: WebhookFault | None
    is_met: bool
    is_repeated: bool
    state: str | None = None
    entered: float | None = None
    endpoint: str = ""
    signed_at: float | None = None
    update: str = ""


def waiting_of(
    place: SnapshotPlace, contract: Contract, jobs: Mapping[str, JobRecord], accounts: Sequence[AccountRecord]
) -> WaitingRecord:
    """A webhook that waits. Raises RequestError for one that no job of the snapshot causes."""
    said = place.value
    webhook = contract.webhooks[place["webhook"].among(contract.webhooks, "webhook")]
    job = jobs.get(said["job"])
    if job is None or job.resource != webhook.resource:
        place["job"].refuse(f"no {webhook.resource} of the snapshot has this id")
    account = next((each for each in accounts if each.id == said["account"]), None)
    if account is None and said["account"] is not None:
        place["account"].refuse("no account of the snapshot has this id")
    endpoint, signed_at = said.get("endpoint") or "", said.get("signed_at")
    if not (webhook.is_for_account and not endpoint):  # it has yet to be addressed
        _check_target(place["url"])
    fault = None if said["fault"] is None else fault_at(place["fault"], WebhookFault)
    due, tries = inf if said["due"] is None else float(said["due"]), said["tries"]
    met, repeated, state, entered = (said.get(name) for name in ("met", "repeated", "state", "entered"))
    if state is not None:
        place["state"].among(contract.resources[job.resource].states, "state")
    update = said.get("update") or ""
    if update and event_in(str(update)) not in webhook.updates.names:
        place["update"].refuse(f"{webhook.name} tells of no such update")
    return WaitingRecord(
        webhook, job, account, said["url"], due, tries, fault, met, repeated, state, entered, endpoint, signed_at,
        str(update),
    )  # fmt: skip


def _check_target(place: SnapshotPlace) -> None:
    try:
        parts = urlsplit(place.value)
        is_url = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_url = False
    if not is_url or not place.value.isprintable():
        place.refuse("this is no URL that a webhook can be sent to")
