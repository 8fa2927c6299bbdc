"""The links to results that answers tell are followed: each leads to bytes of the kind that the contract says."""

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


class LinkWalk:
    """Follows each link once."""

    def __init__(self, walker: Walker) -> None:
        self._walker = walker
        self._followed: set[tuple[str, str]] = set()

    def follow(self, operation: Operation, resource: Resource, body: Any) -> None:
        """Follow those that an answer tells."""
        makers = [o for o in self._walker.operations("create") if resource.name in o.resources]
        results = {name: result for o in makers for name, result in o.results.items()} | dict(resource.results)
        for at, value in every(operation):
            url = pointers.get(body, at)
            named = [fact.removeprefix("result.") for fact, _ in spoken(value) if fact.startswith("result.")]
            if not isinstance(url, str) or not url.startswith("http"):
                continue
            kinds = [EXTENSIONS.get(results[name].file.rpartition(".")[2], "") for name in named if name in results]
            if kinds and (operation.id, at) not in self._followed:
                self._followed.add((operation.id, at))
                self._try(operation, at, url, kinds)

    def _try(self, operation: Operation, at: str, url: str, kinds: Sequence[str]) -> None:
        """Bytes of any of the kinds that the value may lead to."""
        self._walker.report.requests += 1
        reply = fetch(url)
        families = list(dict.fromkeys(kind.partition("/")[0] for kind in kinds))
        if reply.status == 200 and reply.body and canonical(reply.media_type).partition("/")[0] in families:
            return
        where = next(e for several in operation.examples.values() for e in several if e.status < 300)
        got = f"{reply.status}, {reply.media_type or 'no media type'}, {len(reply.body)} bytes"
        sentence = f"the link at {at} does not lead to a {' or '.join(families)}: {got}"
        pointer = where.schema or where.pointer
        drift = Drift("broken_link", broken(self._walker.contract, pointer), operation.id, at, pointer, sentence)
        self._walker.report.add(drift)
