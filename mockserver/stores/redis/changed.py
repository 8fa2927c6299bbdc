"""What a home on an engine tells of what happens there; see `watch_port`."""

from __future__ import annotations

from collections.abc import Sequence

from mockserver.state.watch_port import Changes
from mockserver.state.webhook_records import OwedWebhook
from mockserver.stores.redis.codec import read
from mockserver.stores.redis.using import Using
from mockserver.stores.redis.values import entry_of


class Changed(Using):
    """A part of `RedisState`."""

    async def changes(self, watcher: str) -> Changes:
        noted, (entries, jobs, webhooks) = await self.ask("changes", watcher, 0)
        self.touch()  # a sandbox that somebody looks at is not idle
        found: dict[bytes, list[bytes]] = {b"entry": [], b"job": [], b"webhook": []}
        for each in noted:
            kind, _, words = each.partition(b"\1")
            found[kind].append(words)
        return Changes(
            [*map(entry_of, found[b"entry"])], [*dict.fromkeys(map(_job, found[b"job"]))],
            _newest([read(OwedWebhook, each) for each in found[b"webhook"]]), (entries, jobs, webhooks),
        )  # fmt: skip

    def watched(self, watcher: str) -> None:
        self.tell("changes", watcher, 1)


def _job(words: bytes) -> tuple[str, str]:
    api, _, job = words.decode().partition("\1")
    return api, job


def _newest(owed: Sequence[OwedWebhook]) -> Sequence[OwedWebhook]:
    """Each as it is by now."""
    return [*{(each.id, each.endpoint, each.target): each for each in owed}.values()]
