"""What a home on an engine tells of what happens there; see `watch_port`."""

from __future__ import annotations

from collections.abc import Sequence

from mockserver.signing import new_name
from mockserver.state.watch_port import Changes, ReadOn, Told
from mockserver.state.webhook_records import OwedWebhook
from mockserver.stores.redis.asking import ANYTIME, TOLD
from mockserver.stores.redis.codec import read
from mockserver.stores.redis.using import UsedSandbox
from mockserver.stores.redis.values import entry_of


class Changed(UsedSandbox):
    """A part of `RedisState`. Its watchers are named by their worker, which others ask."""

    _told: dict[str, ReadOn] | None = None

    async def changes(self, watcher: str) -> Changes:
        lines, (entries, jobs, webhooks) = await self.ask("changes", watcher, 0)
        self.touch()  # a sandbox that somebody looks at is not idle
        by_kind: dict[bytes, list[bytes]] = {b"entry": [], b"job": [], b"webhook": []}
        for line in lines:
            kind, _, words = line.partition(b"\1")
            by_kind[kind].append(words)
        return Changes(
            [*map(entry_of, by_kind[b"entry"])], [*dict.fromkeys(map(_job, by_kind[b"job"]))],
            _newest([read(OwedWebhook, line) for line in by_kind[b"webhook"]]), (entries, jobs, webhooks),
        )  # fmt: skip

    def watched(self, watcher: str) -> None:
        self.tell("changes", watcher, 1)

    def new_watcher(self) -> str:
        return f"{self.worker.name}.{new_name()}"

    def tell_on(self, watcher: str, read_on: ReadOn | None) -> None:
        self._told = {name: reader for name, reader in (self._told or {}).items() if name != watcher}
        if read_on is not None:
            self._told[watcher] = read_on

    async def told_here(self, watcher: str, after: int, waits: bool) -> Told | None:
        """The same for another worker that asks."""
        read_on = (self._told or {}).get(watcher)
        return None if read_on is None else await read_on(after, waits)

    async def told_elsewhere(self, watcher: str, after: int, waits: bool) -> Told | None:
        worker = watcher.partition(".")[0]
        _, answer = await self.worker.request(worker, self.base, TOLD, ANYTIME, (watcher, after, waits))
        return answer if answer is None else Told(*answer)


def _job(words: bytes) -> tuple[str, str]:
    api, _, job = words.decode().partition("\1")
    return api, job


def _newest(webhooks: Sequence[OwedWebhook]) -> Sequence[OwedWebhook]:
    """Each as it is by now."""
    return [*{(webhook.id, webhook.endpoint, webhook.target): webhook for webhook in webhooks}.values()]
