"""The links to results that answers tell: each is followed once, to bytes of a kind that it may lead to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mockserver import pointers
from mockserver.bindings import every
from mockserver.check.existence import spoken
from mockserver.contract import Operation
from mockserver.lifecycle import Resource
from mockserver.live import fetch
from mockserver.media.sniff import EXTENSIONS, canonical
from mockserver.verify.drift import Drift, broken
from mockserver.verify.walker import Walker


class ResultLinks:
    """Those of a walk."""

    def __init__(self, walker: Walker) -> None:
        self.walker = walker
        self._followed: set[tuple[str, str]] = set()

    def follow(self, operation: Operation, resource: Resource, body: Any) -> None:
        """Follow the links to results that an answer tells."""
        for at, value in every(operation):
            url = pointers.get(body, at)
            named = [fact.removeprefix("result.") for fact, _ in spoken(value) if fact.startswith("result.")]
            if not isinstance(url, str) or not url.startswith("http"):
                continue
            results = {n: r for o in self._makers(resource) for n, r in o.results.items()} | dict(resource.results)
            kinds = [EXTENSIONS.get(results[name].file.rpartition(".")[2], "") for name in named if name in results]
            if kinds and (operation.id, at) not in self._followed:
                self._followed.add((operation.id, at))
                self._result(operation, at, url, kinds)

    def _makers(self, resource: Resource) -> list[Operation]:
        return [o for o in self.walker.operations("create") if resource.name in o.resources]

    def _result(self, operation: Operation, at: str, url: str, kinds: Sequence[str]) -> None:
        """Bytes of any of the kinds that the value may lead to."""
        self.walker.report.requests += 1
        reply = fetch(url)
        families = list(dict.fromkeys(kind.partition("/")[0] for kind in kinds))
        if reply.status == 200 and reply.body and canonical(reply.media_type).partition("/")[0] in families:
            return
        where = next(e for several in operation.examples.values() for e in several if e.status < 300)
        got = f"{reply.status}, {reply.media_type or 'no media type'}, {len(reply.body)} bytes"
        sentence = f"the link at {at} does not lead to a {' or '.join(families)}: {got}"
        pointer = where.schema or where.pointer
        drift = Drift("broken_link", broken(self.walker.contract, pointer), operation.id, at, pointer, sentence)
        self.walker.report.add(drift)
