"""The ways through a contract, derived from its verbs: create, poll, results, moves, uploads, lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import cycle, islice
from typing import Any

from mockserver import pointers
from mockserver.bindings import every
from mockserver.contract import Operation
from mockserver.intake import Reference
from mockserver.lifecycle import Resource
from mockserver.live import fetch, token_request
from mockserver.live.files import files
from mockserver.live.pieces import bringing
from mockserver.live.requests import Asked, plain, sendable, shown
from mockserver.media.sniff import sniff
from mockserver.verify.links import Links
from mockserver.verify.walker import Walker

Follower = Callable[[Resource, str], None]


class Journeys:
    """Walks the life of every resource. `interval` are the seconds between polls, `longest` those a job may take."""

    def __init__(self, walker: Walker, interval: float, longest: float) -> None:
        self.walker = walker
        self.contract = walker.contract
        self._interval, self._longest = interval, longest
        self._made: Any = None
        self._links = Links(walker)
        self._perhaps_gone: set[str] = set()
        self._paths: dict[str, Mapping[str, str]] = {}  # of the request that created each

    def walk(self) -> None:
        """Everything that answers without a job, then every way to create one."""
        for operation in self.walker.operations("answer", "list"):
            if self.walker.wants(operation):
                asked = next(shown(self.contract, operation), plain(operation))
                self.walker.due(operation, ["ok"], self.walker.ask(asked))
        self._token()
        for operation in self.walker.operations("create"):
            for name in operation.resources:
                self._lives(operation, self.contract.resources[name])

    def _token(self) -> None:
        """Ask for a token once more, as the client that is asked with."""
        asked = token_request(self.contract, self.walker.live.credentials)
        if asked is not None and self.walker.wants(asked[0]):
            issuer, body, kind = asked
            reply = self.walker.send(issuer, issuer.path, [("Content-Type", kind)], body)
            self.walker.due(issuer, ["ok"], reply)

    def _lives(self, operation: Operation, resource: Resource) -> None:
        """Every example of a request is sent; the first job is followed to its end, the next ones are moved."""
        followers = self._followers(operation, resource)
        for index, asked in enumerate(self._sendable(operation, len(followers))):
            if index >= len(followers) and not self.walker.wants(operation):
                break
            identity = self.create(asked, resource)
            if identity is not None:
                (followers[index] if index < len(followers) else self.until_over)(resource, identity)
        if next(sendable(self.contract, operation), None) is None:
            self.walker.report.note(f"{operation.id} has no example of a request, so that none was sent")

    def _followers(self, operation: Operation, resource: Resource) -> list[Follower]:
        """What is done with the jobs created: one is followed to its end, one for each move is moved at once."""
        if not self._touches(operation, resource):
            return []
        moves = [o for o in self.walker.operations("move") if resource.name in o.resources and resource.run]
        return [self._follow, *(partial(self._move, each) for each in moves if self.walker.wants(each))]

    def _touches(self, operation: Operation, resource: Resource) -> bool:
        others = (o for o in self.contract.operations.values() if resource.name in o.resources)
        return any(self.walker.wants(o) for o in others if o.verb != "create" or o is operation)

    def _sendable(self, operation: Operation, least: int) -> Iterator[Asked]:
        """The examples of requests, again and again until there were enough."""
        several = list(sendable(self.contract, operation))
        for asked in islice(cycle(several), max(least, len(several))):
            ready = self._with_references(asked)
            if ready is not None:
                yield ready

    def create(self, asked: Asked, resource: Resource) -> str | None:
        """Create a resource; its id, or None when none was created."""
        names = self.names(asked.operation, resource, None if asked.operation.holds else resource.initial)
        if not self.walker.accepted(asked, names, reply := self.walker.ask(asked)):
            return None
        identity = self.id_in(asked.operation, reply.json)
        if identity is None:
            self.walker.report.note(f"no id was found in the answer of {asked.operation.id}")
        else:
            self._paths[identity] = asked.path
        self._made = reply.json
        return identity

    def id_in(self, operation: Operation, body: Any) -> str | None:
        """The id that an answer tells."""
        places = (at for at, value in every(operation) if value.fact == "id" and not value.salt and at[:1] == "/")
        found = (pointers.get(body, at) for at in places)
        return next((str(each) for each in found if isinstance(each, str | int)), None)

    def _with_references(self, asked: Asked) -> Asked | None:
        """The request with ids of resources that were made for it; None when one could not be made."""
        for reference in (r for r in asked.operation.references if r.listed and r.at.startswith("path.")):
            asked = asked.having(reference.at, min(reference.listed))
        for reference in (r for r in asked.operation.references if r.resource):
            for at in asked.places(reference):
                identity = self.made(reference)
                if identity is None:
                    return None
                asked = asked.having(at, reference.after + identity)
        return asked

    def made(self, reference: Reference) -> str | None:
        """A resource in a state that a reference wants, made by its own operations."""
        resource = self.contract.resources[reference.resource]
        maker = next((o for o in self.walker.operations("create") if resource.name in o.resources), None)
        asked = next(sendable(self.contract, maker), None) if maker is not None else None
        if asked is None:
            return None
        data = next((files()[kind] for kind in reference.accept if kind in files()), b"")
        identity = self.create(self._announcing(asked, resource, data), resource)
        if identity is None:
            return None
        if resource.run is not None and not resource.rests and resource.initial not in reference.states:
            self.until_over(resource, identity)
            return identity
        for step in self._way(resource, reference.states):
            self._put(step, identity, data)
        return identity

    def _announcing(self, asked: Asked, resource: Resource, data: bytes) -> Asked:
        """The request that announces these bytes, where the upload is announced."""
        said = {"bytes": len(data), "type": sniff(data)}
        for upload in (o for o in self.walker.operations("upload") if resource.name in o.resources):
            for what, at in upload.announced.items():
                if at.startswith("header.") or (data and pointers.get(asked.values, at) is not pointers.MISSING):
                    asked = asked.having(at, said[what])
        return asked

    def _way(self, resource: Resource, states: frozenset[str]) -> list[Operation]:
        """The uploads and moves that lead a resource to one of these states."""
        steps = [o for o in self.walker.operations("upload", "move") if resource.name in o.resources]
        steps.sort(key=lambda o: (o.verb != "upload", not states.isdisjoint(o.targets)))
        return [] if resource.initial in states else steps

    def _put(self, operation: Operation, identity: str, data: bytes) -> None:
        """One upload or move, on the way to a state."""
        if operation.verb == "move":
            self.walker.ask(self.moving(operation, identity))
            return
        link = self._link(operation)
        if link is not None:
            fetch(link, operation.method, [("Content-Type", sniff(data) or "application/octet-stream")], data)

    def _link(self, operation: Operation) -> str | None:
        """The signed URL that the last create told; None when it told none."""
        makers = (o for o in self.walker.operations("create") if set(o.resources) & set(operation.resources))
        places = (at for m in makers for at, v in every(m) if v.fact in (f"link.{operation.id}", f"url.{operation.id}"))
        told = (pointers.get(self._made, at) for at in places)
        return next((each for each in told if isinstance(each, str)), None)

    def moving(self, operation: Operation, identity: str) -> Asked:
        """A request that names a resource, in its path, its query or its body."""
        if operation.id_at is None or operation.id_at[:1] != "/":
            several = shown(self.contract, operation, identity) if operation.verb == "update" else iter(())
            asked, made = next(several, plain(operation, identity)), self._paths.get(identity, {})
            shared = {place.partition(".")[2] for _, place in operation.shared}
            return replace(asked, path={**asked.path, **{name: made[name] for name in shared & made.keys()}})
        asked = next(shown(self.contract, operation))
        return asked.having(operation.id_at, identity)

    def names(self, operation: Operation, resource: Resource, state: str | None = None) -> list[str]:
        """The examples by which an operation may answer for a resource, whatever its state unless one is known."""
        states = [*resource.states, *(view.example for view in resource.views)] if state is None else [state]
        prefix = f"{resource.name}." if len(operation.resources) > 1 else ""
        several = (*(f"{prefix}{state}" for state in states), *(["part_mismatch"] if operation.joins else []))
        return [name for name in several if name in operation.examples]  # no walk uploads parts that could be joined

    def _look(self, resource: Resource, identity: str) -> str | None:
        """Ask every show operation once; the state they tell."""
        states: list[str | None] = [None]
        for operation in (o for o in self.walker.operations("show", "update") if resource.name in o.resources):
            reply = self.walker.ask(self.moving(operation, identity))
            gone = ["not_found"] if identity in self._perhaps_gone else []
            state = self.walker.state(operation, [*self.names(operation, resource), *gone], reply)
            if state in gone:
                return None
            states.append(state and state.rpartition(".")[2])
            if state is not None and reply.status < 300:
                self._links.follow(operation, resource, reply.json)
        return next((s for s in states[1:] if s), None)

    def _follow(self, resource: Resource, identity: str) -> None:
        """Look until the job is over, then at everything that its end brings."""
        if resource.run is None or resource.rests:
            self._steps(resource, identity)
            return
        self.until_over(resource, identity)
        for operation in self.walker.operations("content"):
            if resource.name in operation.resources:
                self._content(operation, resource, identity)
        for operation in (o for o in self.walker.operations("stream") if resource.name in o.resources):
            told = [name for name, several in operation.examples.items() if several[0].status < 300]
            self.walker.due(operation, told, self.walker.ask(self.moving(operation, identity)))
        for operation in (o for o in self.walker.operations("list") if resource.name in o.resources):
            self.walker.due(operation, ["ok"], self.walker.ask(plain(operation)))
        self._moves(resource, identity)

    def until_over(self, resource: Resource, identity: str) -> None:
        """Look at a job until it has ended."""
        if resource.run is None or (resource.rests and self._look(resource, identity) == resource.initial):
            return
        waited = 0.0
        while waited <= self._longest:
            state = self._look(resource, identity)
            if state is None or getattr(resource.states.get(state), "end", None):
                return  # what shows no state is drift already
            self.walker.watch(f"{resource.name} {identity}: {state} after {waited:g} s of at most {self._longest:g}")
            self.walker.live.sleep(self._interval)
            waited += self._interval
        self.walker.report.note(f"a {resource.name} did not end within {self._longest:g} seconds")

    def _content(self, operation: Operation, resource: Resource, identity: str) -> None:
        reply = self.walker.ask(self.moving(operation, identity))
        if reply.status == 200 and reply.body:
            self.walker.report.answered[(operation.id, "bytes")] += 1
        else:
            self.walker.due(operation, self.names(operation, resource), reply)

    def _move(self, operation: Operation, resource: Resource, identity: str) -> None:
        """Move a resource by one operation, then by all: those find it where the first has led."""
        reply = self.walker.ask(self.moving(operation, identity))
        self.walker.due(operation, self.names(operation, resource), reply)
        self._note_target(operation, resource, identity)
        state = self._moves(resource, identity, self._moved_to(operation, resource, None, reply.status))
        if state not in resource.gone:
            self.until_over(resource, identity)

    def _moves(self, resource: Resource, identity: str, state: str | None = None) -> str | None:
        """Try every move of a resource, in a state that is known or not; the state that they led to."""
        for operation in self.walker.operations("move"):
            if resource.name in operation.resources and state not in resource.gone:
                reply = self.walker.ask(self.moving(operation, identity))
                gone = ["not_found"] if identity in self._perhaps_gone else []
                self.walker.due(operation, [*self.names(operation, resource, state), *gone], reply)
                self._note_target(operation, resource, identity)
                state = self._moved_to(operation, resource, state, reply.status)
        return state

    def _note_target(self, operation: Operation, resource: Resource, identity: str) -> None:
        """A move that leads somewhere else from each state may have led where nothing is found any more."""
        if not isinstance(operation.to, str) and set(operation.to.values()) & set(resource.gone):
            self._perhaps_gone.add(identity)

    def _moved_to(self, operation: Operation, resource: Resource, state: str | None, status: int) -> str | None:
        """Where a move has led from a state; None where that is not known, or not for long."""
        state = (operation.leads(state or "") if 200 <= status < 300 else "") or state
        return None if state is None or resource.states[state].then or state in resource.timed else state

    def _steps(self, resource: Resource, identity: str) -> None:
        """A resource that changes by moves alone: each step is tried too early, then in order, then once more."""
        if self._moves(resource, identity, resource.initial) in resource.gone:
            return
        state = resource.initial
        for operation in self.walker.operations("upload"):
            if resource.name in operation.resources and self._upload(operation, resource, state):
                state = operation.leads(state) or state
        self._moves(resource, identity, state)
        self._moves(resource, identity)
        self._look(resource, identity)

    def _upload(self, operation: Operation, resource: Resource, state: str) -> bool:
        """Put the bytes that were announced; whether they were taken."""
        link = self._link(operation)
        are_parts = operation.pieces is not None and operation.pieces.style == "parts"
        for asked in shown(self.contract, operation) if link is not None and not are_parts else ():
            if isinstance(asked.values, bytes) and self._announced(operation, asked):
                kind, body = asked.encoded()
                headers = [("Content-Type", kind or ""), *bringing(asked, 0, len(body), len(body)).headers]
                self.walker.report.requests += 1
                reply = fetch(link or "", operation.method, headers, body)
                return self.walker.accepted(asked, self.names(operation, resource, state), reply)
        self.walker.report.note(f"{operation.id}: no link to it, no example of the announced bytes, or it takes parts")
        return False

    def _announced(self, operation: Operation, asked: Asked) -> bool:
        """Whether these are the bytes that the first example of a create announces."""
        for maker in (o for o in self.walker.operations("create") if set(o.resources) & set(operation.resources)):
            said = next((asked.values for asked in sendable(self.contract, maker)), None)
            wanted = {"bytes": len(asked.values), "type": asked.body.media_type if asked.body else ""}
            told = ((at, what) for what, at in operation.announced.items() if at[:1] in ("/", ""))
            return all(pointers.get(said, at) == wanted[what] for at, what in told)
        return True
