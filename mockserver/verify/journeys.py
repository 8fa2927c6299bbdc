"""The ways through a contract, derived from its verbs: create, poll, results, moves, uploads, lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle, islice

from mockserver.contract import Operation
from mockserver.lifecycle import Resource
from mockserver.live import token_request
from mockserver.live.requests import Sample, plain, requests_of_examples, sendable
from mockserver.verify.making import Making

Follower = Callable[[Resource, str], None]


class Journeys:
    """Walks the life of every resource that `making` makes."""

    def __init__(self, making: Making) -> None:
        self.making = making
        self.looks = making.looks
        self.walker = making.walker
        self.contract = making.contract

    def walk(self) -> None:
        """Everything that answers without a job, then every way to create one."""
        for operation in self.walker.operations("answer", "list"):
            if self.walker.wants(operation):
                asked = next(requests_of_examples(self.contract, operation), plain(operation))
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
            identity = self.making.create(asked, resource)
            if identity is not None:
                (followers[index] if index < len(followers) else self.looks.until_over)(resource, identity)
        if next(sendable(self.contract, operation), None) is None:
            self.walker.report.note(f"{operation.id} has no example of a request, so that none was sent")

    def _followers(self, operation: Operation, resource: Resource) -> list[Follower]:
        """What is done with the jobs created: one is followed to its end, one for each move is moved at once."""
        if not self._touches(operation, resource):
            return []
        moves = [o for o in self.walker.operations("move") if resource.name in o.resources and resource.run]
        return [self._follow, *(partial(self._move, move) for move in moves if self.walker.wants(move))]

    def _touches(self, operation: Operation, resource: Resource) -> bool:
        others = (o for o in self.contract.operations.values() if resource.name in o.resources)
        return any(self.walker.wants(o) for o in others if o.verb != "create" or o is operation)

    def _sendable(self, operation: Operation, least: int) -> Iterator[Sample]:
        """The examples of requests, again and again until there were enough."""
        several = list(sendable(self.contract, operation))
        for asked in islice(cycle(several), max(least, len(several))):
            ready = self.making.with_references(asked)
            if ready is not None:
                yield ready

    def _follow(self, resource: Resource, identity: str) -> None:
        """Look until the job is over, then at everything that its end brings."""
        if resource.run is None or resource.rests:
            self._steps(resource, identity)
            return
        self.looks.until_over(resource, identity)
        for operation in self.walker.operations("content"):
            if resource.name in operation.resources:
                self._content(operation, resource, identity)
        for operation in (o for o in self.walker.operations("stream") if resource.name in o.resources):
            told = [name for name, several in operation.examples.items() if several[0].status < 300]
            self.walker.due(operation, told, self.walker.ask(self.looks.moving(operation, identity)))
        for operation in (o for o in self.walker.operations("list") if resource.name in o.resources):
            self.walker.due(operation, ["ok"], self.walker.ask(plain(operation)))
        self._moves(resource, identity)

    def _content(self, operation: Operation, resource: Resource, identity: str) -> None:
        reply = self.walker.ask(self.looks.moving(operation, identity))
        if reply.status == 200 and reply.body:
            self.walker.report.answered[(operation.id, "bytes")] += 1
        else:
            self.walker.due(operation, self.looks.names(operation, resource), reply)

    def _move(self, operation: Operation, resource: Resource, identity: str) -> None:
        """Move a resource by one operation, then by all: those find it where the first has led."""
        reply = self.walker.ask(self.looks.moving(operation, identity))
        self.walker.due(operation, self.looks.names(operation, resource), reply)
        self._note_target(operation, resource, identity)
        state = self._moves(resource, identity, self._moved_to(operation, resource, None, reply.status))
        if state not in resource.gone:
            self.looks.until_over(resource, identity)

    def _moves(self, resource: Resource, identity: str, state: str | None = None) -> str | None:
        """Try every move of a resource, in a state that is known or not; the state that they led to."""
        for operation in self.walker.operations("move"):
            if resource.name in operation.resources and state not in resource.gone:
                reply = self.walker.ask(self.looks.moving(operation, identity))
                gone = ["not_found"] if identity in self.looks.perhaps_gone else []
                self.walker.due(operation, [*self.looks.names(operation, resource, state), *gone], reply)
                self._note_target(operation, resource, identity)
                state = self._moved_to(operation, resource, state, reply.status)
        return state

    def _note_target(self, operation: Operation, resource: Resource, identity: str) -> None:
        """A move that leads somewhere else from each state may have led where nothing is found any more."""
        if not isinstance(operation.to, str) and set(operation.to.values()) & set(resource.gone):
            self.looks.perhaps_gone.add(identity)

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
            if resource.name in operation.resources and self.making.upload(operation, resource, state):
                state = operation.leads(state) or state
        self._moves(resource, identity, state)
        self._moves(resource, identity)
        self.looks.look(resource, identity)
