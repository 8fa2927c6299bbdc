"""Looks at what was created, until it is over: by every operation that shows it, along the links that answers tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mockserver.contract import Operation
from mockserver.lifecycle import Resource
from mockserver.live.requests import Sample, plain, requests_of_examples
from mockserver.verify.links import LinkWalk
from mockserver.verify.walker import Walker


class Looks:
    """`interval` are the seconds between two looks, `longest` those that a job may take.

    `paths` are the parameters of the request that created each, `perhaps_gone` what may not be found any more.
    """

    def __init__(self, walker: Walker, interval: float, longest: float) -> None:
        self.walker = walker
        self.contract = walker.contract
        self.paths: dict[str, Mapping[str, str]] = {}
        self.perhaps_gone: set[str] = set()
        self._interval, self._longest = interval, longest
        self._links = LinkWalk(walker)

    def moving(self, operation: Operation, identity: str) -> Sample:
        """A request that names a resource, in its path, its query or its body."""
        if operation.id_at is None or operation.id_at[:1] != "/":
            several = (
                requests_of_examples(self.contract, operation, identity) if operation.verb == "update" else iter(())
            )
            asked, made = next(several, plain(operation, identity)), self.paths.get(identity, {})
            shared = {place.partition(".")[2] for _, place in operation.shared}
            return replace(asked, path={**asked.path, **{name: made[name] for name in shared & made.keys()}})
        asked = next(requests_of_examples(self.contract, operation))
        return asked.having(operation.id_at, identity)

    def names(self, operation: Operation, resource: Resource, state: str | None = None) -> list[str]:
        """The examples by which an operation may answer for a resource, whatever its state unless one is known."""
        states = [*resource.states, *(view.example for view in resource.views)] if state is None else [state]
        prefix = f"{resource.name}." if len(operation.resources) > 1 else ""
        several = (*(f"{prefix}{state}" for state in states), *(["part_mismatch"] if operation.joins else []))
        return [name for name in several if name in operation.examples]  # no walk uploads parts that could be joined

    def look(self, resource: Resource, identity: str) -> str | None:
        """Ask every show operation once; the state they tell."""
        states: list[str | None] = [None]
        for operation in (o for o in self.walker.operations("show", "update") if resource.name in o.resources):
            reply = self.walker.ask(self.moving(operation, identity))
            gone = ["not_found"] if identity in self.perhaps_gone else []
            state = self.walker.state(operation, [*self.names(operation, resource), *gone], reply)
            if state in gone:
                return None
            states.append(state and state.rpartition(".")[2])
            if state is not None and reply.status < 300:
                self._links.follow(operation, resource, reply.json)
        return next((s for s in states[1:] if s), None)

    def until_over(self, resource: Resource, identity: str) -> None:
        """Look at a job until it has ended."""
        if resource.run is None or (resource.rests and self.look(resource, identity) == resource.initial):
            return
        waited = 0.0
        while waited <= self._longest:
            state = self.look(resource, identity)
            if state is None or getattr(resource.states.get(state), "end", None):
                return  # what shows no state is drift already
            self.walker.watch(f"{resource.name} {identity}: {state} after {waited:g} s of at most {self._longest:g}")
            self.walker.live.sleep(self._interval)
            waited += self._interval
        self.walker.report.note(f"a {resource.name} did not end within {self._longest:g} seconds")
