"""Answers of a snapshot that are kept under idempotency keys, judged against the contract."""

from __future__ import annotations

from mockserver.contract import Contract
from mockserver.snapshots.places import SnapshotPlace
from mockserver.state.port import KeyName, KeyUse, SavedAnswer


def keys_of(side: SnapshotPlace, contract: Contract, now: float) -> list[tuple[KeyName, KeyUse]]:
    """The keys of one API, oldest first; none in a snapshot of a time without them. Raises RequestError."""
    if "keys" not in side.value:
        return []
    accounts = {"", *(each["id"] for each in side.value["accounts"])}
    keyed = [o.id for o in contract.operations.values() if o.idempotency is not None]
    return [_key(place, accounts, keyed, now) for place in side["keys"].each()]


def _key(place: SnapshotPlace, accounts: set[str], keyed: list[str], now: float) -> tuple[KeyName, KeyUse]:
    said, answer = place.value, place.value["answer"]
    account = place["account"].among(accounts, "account")
    operation = place["operation"].among(keyed, "operation with idempotency keys named")
    if not 0 <= said["at"] <= now:
        place["at"].refuse("it was used later than the clock says")
    try:
        body = answer["body"].encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        place["answer"]["body"].refuse("this is no text of bytes")
    headers = tuple((name, value) for name, value in answer["headers"])
    saved = SavedAnswer(answer["status"], answer["example"], answer["media_type"], headers, body, answer["job"])
    return KeyName(account, operation, said["key"]), KeyUse(said["request"], float(said["at"]), 0, saved)
