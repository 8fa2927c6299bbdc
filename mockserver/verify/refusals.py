"""What an API refuses, asked one by one: strangers, unknown ids, broken requests, wrong methods, passed limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver import pointers
from mockserver.contract import Limit, Operation
from mockserver.live import Credentials, LiveReply, authorization, authorized, recognise
from mockserver.live.requests import Sample, plain, requests_of_examples
from mockserver.validation import Schemas
from mockserver.verify.drift import Drift, broken
from mockserver.verify.making import Making
from mockserver.verify.walker import Invalid, Walker

UNKNOWN = "mockserver-verify-unknown"  # an id, a key and a token that nobody issued
METHODS = ("PATCH", "PUT", "DELETE", "POST", "GET")
ACTIVE = 10
"""At most so many jobs are made active at once."""


class RefusalWalk:
    """Walks the refusals of every operation; a server that keeps its word creates nothing at these requests."""

    def __init__(self, walker: Walker, making: Making) -> None:
        self.walker = walker
        self.contract = walker.contract
        self._making = making
        self._schemas = Schemas(self.contract.document)

    def walk(self) -> None:
        """All but the limits."""
        for operation in filter(self.walker.wants, self.contract.operations.values()):
            self._strangers(operation)
            self._unknown(operation)
            self._missing(operation)
            self._broken(operation)
            self._queries(operation)
            if operation.verb == "token":
                self._clients(operation)
            if operation.verb == "create":
                self._active(operation)
        self._unrouted()

    def _asked(self, operation: Operation) -> Sample:
        return next(requests_of_examples(self.contract, operation, UNKNOWN), plain(operation, UNKNOWN))

    def _strangers(self, operation: Operation) -> None:
        """Nobody, then somebody unknown."""
        kind, asked = operation.security.kind, self._asked(operation)
        if kind == "signed":
            self.walker.due(operation, ["bad_signature"], self.walker.ask(asked, anybody=True))
        if operation.security.ways:
            if not operation.security.is_optional:
                self.walker.due(operation, ["missing_key"], self.walker.ask(asked, anybody=True))
            nobody = Credentials(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN)
            self.walker.due(operation, ["unknown_key"], self.walker.ask(asked, nobody))

    def _unknown(self, operation: Operation) -> None:
        """An id that leads nowhere."""
        if "not_found" in operation.examples and operation.verb in ("show", "move", "update", "content", "stream"):
            asked = self._making.looks.moving(operation, UNKNOWN)
            self.walker.due(operation, ["not_found"], self.walker.ask(asked))

    def _missing(self, operation: Operation) -> None:
        """A request that names what is not there."""
        for example in requests_of_examples(self.contract, operation):
            for reference in operation.references:
                places = example.places(reference)
                if places:
                    reply = self.walker.ask(example.having(places[0], reference.after + UNKNOWN))
                    self.walker.due(operation, [reference.missing], reply)

    def _broken(self, operation: Operation) -> None:
        """Another media type, then a body without each of the fields it must have."""
        if not operation.bodies or operation.security.kind == "signed":
            return
        if "unsupported_body" in operation.examples and all(body.media_type != "*/*" for body in operation.bodies):
            asked = plain(operation, UNKNOWN)
            headers = [*asked.headers, ("Content-Type", "application/x-unknown"), *self._identity(operation)]
            target = authorized(operation, self.walker.live.credentials, asked.target)
            reply = self.walker.send(operation, target, headers, b"?")
            pointer = operation.bodies[0].pointer.rpartition("/content/")[0] + "/content"
            invalid = Invalid(operation, "a body of an undeclared media type", pointer)
            self.walker.refused(invalid, ["unsupported_body"], reply)
        problems = list(dict.fromkeys(["bad_request", *operation.invalid.values(), *self._of_fields(operation)]))
        for asked, field in self._lacking(operation):
            pointer = asked.body.pointer if asked.body is not None else ""
            invalid = Invalid(operation, f"a request without {field!r}", pointer, field=field)
            self.walker.refused(invalid, problems, self.walker.ask(asked))

    def _of_fields(self, operation: Operation) -> list[str]:
        return ["unsupported_grant_type", "invalid_client"] if operation.verb == "token" else []

    def _identity(self, operation: Operation) -> list[tuple[str, str]]:
        return list(authorization(operation, self.walker.live.credentials).items())

    def _lacking(self, operation: Operation) -> Iterator[tuple[Sample, str]]:
        seen = set()
        for example in requests_of_examples(self.contract, operation, UNKNOWN):
            if example.body is None or not isinstance(example.values, dict):
                continue
            for name in example.values:
                without = example.having(pointers.join("", name), pointers.MISSING)
                key = (example.body.media_type, *sorted(without.values))
                if key not in seen and not self._is_valid(example.body.pointer, without):
                    seen.add(key)
                    yield without, name

    def _is_valid(self, pointer: str, asked: Sample) -> bool:
        return bool(self._schemas.at(pointer).is_valid(_with_text(asked.values)))

    def _queries(self, operation: Operation) -> None:
        """A query that breaks the schema of a parameter."""
        for parameter in (p for p in operation.parameters if p.where == "query"):
            schema, pointer = pointers.resolve(self.contract.document, parameter.schema, parameter.pointer)
            if schema.get("type") in ("integer", "number") or "enum" in schema:
                reply = self.walker.ask(plain(operation, UNKNOWN, **{parameter.name: UNKNOWN}))
                what = f"{parameter.name}={UNKNOWN}"
                invalid = Invalid(operation, what, pointer, parameter=parameter.pointer)
                self.walker.refused(invalid, ["bad_request"], reply)

    def _clients(self, operation: Operation) -> None:
        """A client nobody issued, and a grant nobody offers."""
        for example in requests_of_examples(self.contract, operation):
            for name, value, problem in (
                ("client_secret", UNKNOWN, "invalid_client"),
                ("grant_type", UNKNOWN, "unsupported_grant_type"),
            ):
                changed = example.having(f"/{name}", value)
                self.walker.due(operation, [problem], self.walker.ask(changed, anybody=True))

    def _active(self, operation: Operation) -> None:
        """One more job beside as many active ones as there may be."""
        for resource in (self.contract.resources[name] for name in operation.resources):
            exclusive = resource.exclusive
            if exclusive is not None and resource.initial in exclusive.states:
                asked, most = self._asked(operation), exclusive.most
                if most > ACTIVE:
                    self.walker.report.note(f"{operation.id}: {most} active jobs at once were not tried")
                    continue
                *_, identity = [self._making.create(asked, resource) for _ in range(most)]
                if identity is not None:
                    self.walker.due(operation, [exclusive.problem], self.walker.ask(asked))
                    self._making.looks.until_over(resource, identity)

    def _unrouted(self) -> None:
        """A path that does not exist, and a method that each path does not have."""
        operations = list(filter(self.walker.wants, self.contract.operations.values()))
        if not operations:
            return
        self.walker.unrouted("unknown_path", "an unknown path", "GET", f"/{UNKNOWN}")
        for path in dict.fromkeys(operation.path for operation in operations):
            known = {o.method for o in self.contract.operations.values() if o.path == path}
            method = next(m for m in METHODS if m not in known)
            target = plain(next(o for o in operations if o.path == path), UNKNOWN).target
            self.walker.unrouted("wrong_method", f"{method} {path}", method, target)

    def limits(self, most: int) -> None:
        """Pass every limit of at most so many requests; the narrowest first."""
        for limit in sorted(self.contract.limits, key=lambda limit: limit.limit):
            covered = [self.contract.operations[name] for name in sorted(limit.operations)]
            wanted = [o for o in covered if self.walker.wants(o)]
            if limit.limit > most:
                self.walker.report.note(f"the limit {limit.name} of {limit.limit} requests was not tried")
            elif wanted:
                self.walker.live.is_paced = False  # who waits for the window passes no limit
                self._pass(limit, min(wanted, key=lambda o: (o.verb == "create", bool(o.bodies), o.id)))

    def _pass(self, limit: Limit, operation: Operation) -> None:
        """Ask, harmlessly, until the limit refuses; one request more than the limit must be enough."""
        asked, before, reply = plain(operation, UNKNOWN), 0, None
        headers, target = self._identity(operation), authorized(operation, self.walker.live.credentials, asked.target)
        for _ in range(limit.limit + 1):
            self.walker.report.requests += 1
            reply = self.walker.live.ask(operation, operation.method, target, headers)
            if self._is_limited(operation, reply) or reply.status != (before or reply.status):
                self.walker.due(operation, ["rate_limited"], reply)
                return
            before = reply.status
        pointer = f"behavior.json#/limits/{self.contract.limits.index(limit)}"
        got = reply.status if reply is not None else 0
        sentence = f"{limit.limit + 1} requests within {limit.window:g} s passed the limit {limit.name}: still {got}"
        judgement = broken(self.contract, "")
        self.walker.report.add(Drift("no_limit", judgement, operation.id, "", pointer, sentence))

    def _is_limited(self, operation: Operation, reply: LiveReply) -> bool:
        """Whether an answer is the contract's for a passed limit."""
        return "rate_limited" in recognise(self.contract, operation, reply.status, reply.json)


def _with_text(value: Any) -> Any:
    """Files as the text that schemas take them for."""
    if isinstance(value, dict):
        return {name: _with_text(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_with_text(each) for each in value]
    return "file" if isinstance(value, bytes) else value
