"""Webhook endpoints of a snapshot, and the secrets that were replaced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mockserver import webhooks
from mockserver.snapshots.places import SnapshotPlace
from mockserver.state.configuration import ConfigurationChange, Endpoint
from mockserver.store import AccountRecord


@dataclass(frozen=True, slots=True)
class EndpointRecords:
    """Those that tests registered, and by owner the secrets that took the place of the first, and those replaced."""

    registered: Mapping[str, Endpoint] = field(default_factory=dict)
    rotated: Mapping[str, str] = field(default_factory=dict)
    replaced: Mapping[str, tuple[tuple[str, float], ...]] = field(default_factory=dict)

    def put(self, api: str) -> ConfigurationChange:
        """Have these, and no others."""
        own = {"endpoints": self.registered, "rotated": self.rotated, "replaced": self.replaced}
        return lambda known: known.with_api(api, **own)


def endpoints_of(place: SnapshotPlace, accounts: Sequence[AccountRecord]) -> EndpointRecords:
    """What the side of an API says of them; a snapshot of an earlier version says nothing. Raises RequestError."""
    said = place.value.get("endpoints")
    if said is None:
        return EndpointRecords()
    registered = {}
    for each in place["endpoints"]["registered"].each():
        endpoint = _endpoint(each, accounts)
        if endpoint.id in registered:
            each["id"].refuse("another endpoint has it already")
        registered[endpoint.id] = endpoint
    replaced = {
        owner: tuple((secret, float(at)) for secret, at in several) for owner, several in said["replaced"].items()
    }
    return EndpointRecords(registered, said["rotated"], replaced)


def _endpoint(place: SnapshotPlace, accounts: Sequence[AccountRecord]) -> Endpoint:
    said = place.value
    place["account"].among([account.id for account in accounts], "account")
    if why := webhooks.unreadable(said["url"]):
        place["url"].refuse(f"no webhook can be sent there: {why}")
    events = None if said["events"] is None else tuple(said["events"])
    return Endpoint(said["id"], said["account"], said["url"], events, said["secret"])
