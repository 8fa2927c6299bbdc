"""A contract tried out: it is served to itself, and each credential, id, link and URL that it hands out is used.

What the words of a contract promise and no client could use shows here, and only here. Sends nothing anywhere: the
application is called in this process, on a clock that stands still. Knows no command line.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode, urlsplit

from mockserver import pointers
from mockserver.app.application import Mockserver
from mockserver.app.settings import Settings
from mockserver.app.trial_reply import TrialReply, said_by, texts_in, words
from mockserver.clock import Clock
from mockserver.contract import Contract, Operation
from mockserver.intake import Presented
from mockserver.jobs import PlannedJob
from mockserver.live import DEMO, Credentials, authorization, authorized, token_request
from mockserver.live.requests import Sample, plain, requests_of_examples
from mockserver.loader.source import BEHAVIOR, OPENAPI, Source
from mockserver.mounting import AT_ONCE
from mockserver.outbox import SendDelivery
from mockserver.store import JobRecord
from mockserver.webhooks import DeliveryAttempt

HeaderTexts = list[tuple[str, str]]
STRANGERS = frozenset(("missing_key", "unknown_key", "deactivated_key", "expired_key"))
_MOST, _NEWEST = 20, 100
"""So many URLs of an answer are followed, so many jobs looked through."""
TrialWalk = Callable[["Trial"], Awaitable[None]]
"""A part of a trial that begins in a sandbox without jobs."""


class _Silent(Mockserver):
    """A server whose webhooks go nowhere."""

    def _deliverer(self) -> SendDelivery:
        async def send(*said: Any, cut: bool = False) -> DeliveryAttempt:
            return DeliveryAttempt(str(said[0]), "delivered", "It was only tried.", status=200)

        return send


class Trial:
    """A contract that is tried: its server, its sandbox, and what is asked of it."""

    def __init__(self, contract: Contract, source: Source) -> None:
        self.contract, self.source = contract, source
        self.app = _Silent([contract], Settings(clock=Clock("manual")))
        self.sandbox = self.app.sandboxes.default
        self.sandbox.limits_on = False
        self.sandbox.moments.end()  # the clock stands: nothing that is waited for would come
        self.side = self.sandbox.apis[contract.name]
        self.known: Credentials = DEMO

    async def walk(self, walks: Iterable[TrialWalk]) -> None:
        """Every operation by every credential, the life of a job of every operation that creates one, then these."""
        await self._token()
        for operation in self.contract.operations.values():
            await self._credentials(operation)
        for operation in self.of("create"):
            self.renew()
            await self._life(operation)
        for walk in walks:
            self.renew()
            await walk(self)

    def renew(self) -> None:
        """The sandbox as it was at the beginning, without limits."""
        self.sandbox.reset()
        self.sandbox.limits_on = False

    def without_faults(self) -> None:
        """No fault is armed any more."""
        self.sandbox.change_here(lambda configuration: configuration.with_api(self.contract.name, faults=()))

    def of(self, *verbs: str) -> Iterator[Operation]:
        """The operations of these verbs."""
        return (o for o in self.contract.operations.values() if o.verb in verbs)

    # --- asking

    async def _send(
        self, operation: str, method: str, target: str, headers: HeaderTexts, body: bytes = b""
    ) -> TrialReply:
        path, _, query = target.partition("?")
        scope: dict[str, Any] = {
            "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": query.encode(),
            "headers": [(n.lower().encode(), v.encode("latin-1")) for n, v in headers], "client": ("127.0.0.1", 1),
            AT_ONCE: True,
        }  # fmt: skip
        scope["headers"] += [(b"content-length", b"%d" % len(body))] if body else []
        messages: list[Any] = []
        arriving = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Any:
            if not arriving:
                await asyncio.Event().wait()  # the client stays
            return arriving.pop()

        async def send(message: Any) -> None:
            messages.append(message)

        try:
            await self.app(scope, receive, send)
        except Exception as error:
            self.say(OPENAPI, self._at(operation), f"{method} {path} breaks: {type(error).__name__}: {error}.")
            return TrialReply(500, {}, b"")
        entry = self.sandbox.journal.last()
        headers_by_name = {n.decode(): v.decode("latin-1") for n, v in messages[0]["headers"]}
        whole = b"".join(message.get("body", b"") for message in messages[1:])
        return TrialReply(
            messages[0]["status"], headers_by_name, whole, entry.example if entry else "", entry.why if entry else ""
        )

    async def ask(self, request: Sample, credentials: Credentials | None = None, *extra: tuple[str, str]) -> TrialReply:
        """Send a request with its credentials and these headers."""
        kind, body = request.encoded()
        credentials = credentials or self.known
        headers = [*request.headers, *authorization(request.operation, credentials).items(), *extra]
        headers += [("Content-Type", kind)] if kind else []
        target = authorized(request.operation, credentials, f"/{self.contract.name}{request.target}")
        return await self._send(request.operation.id, request.operation.method, target, headers, body)

    async def put(self, url: str, request: Sample, data: bytes | None = None) -> TrialReply:
        """Send an upload, or a piece of one, to the URL that clients are given where that is signed."""
        request = request if data is None else replace(request, values=data)
        if request.operation.security.kind != "signed":
            return await self.ask(request)
        parts, (kind, body) = urlsplit(url), request.encoded()
        query = "&".join(part for part in (parts.query, urlencode(request.query)) if part)
        headers = [*request.headers, *authorization(request.operation, self.known).items()]
        headers += [("Content-Type", kind)] if kind else []
        return await self._send(request.operation.id, request.operation.method, f"{parts.path}?{query}", headers, body)

    async def _token(self) -> None:
        request = token_request(self.contract, DEMO)
        if request is not None:
            issuer, body, kind = request
            target = f"/{self.contract.name}{issuer.path}"
            answer = await self._send(issuer.id, issuer.method, target, [("Content-Type", kind)], body)
            token = _found_fact(issuer, answer.json, "token")
            self.known = Credentials(DEMO.api_key, DEMO.client_id, DEMO.client_secret, token)

    def _at(self, operation: str) -> str:
        found = self.contract.operations.get(operation)
        return found.pointer if found is not None else ""

    def say(
        self, file: str, at: str, sentence: str, remedy: str = "Fix the contract until a client can use it."
    ) -> None:
        self.source.say(file, at, sentence, remedy)

    # --- credentials

    async def _credentials(self, operation: Operation) -> None:
        for way in operation.security.ways:
            request = next(requests_of_examples(self.contract, operation), plain(operation, "nobody"))
            only = _only(request, way)
            if way.kind == "token" and self.known.token is None:
                sentence = f"{operation.id} wants a token, and no answer of the token's operation tells one."
                self.say(OPENAPI, f"{operation.pointer}/security", sentence, 'Bind the fact "token" in its answer.')
            elif (answer := await self.ask(only)).example in STRANGERS:
                sentence = f"{operation.id} does not know its own credential ({answer.why})."
                self.say(OPENAPI, f"{operation.pointer}/security", sentence)

    # --- a job's life

    async def _life(self, operation: Operation) -> None:
        for example in requests_of_examples(self.contract, operation):
            answer = await self.ask(example)
            job = await self.newest(operation)
            if job is None:
                self._refused(operation, example, answer)
                continue
            await self._ids(operation, job, answer)
            await self._links(operation, answer)
            await self._urls(operation, answer)
            self.sandbox.clock.move_to(job.created + job.plan.seconds)
            await self.at_end(job)
            return

    async def newest(self, operation: Operation) -> PlannedJob | None:
        """The job that an operation created last, if it was the last to create one."""
        found = next((job for job in await self.jobs() if self._is_own(job)), None)
        return self.side.planned(found) if found and found.operation == operation.id else None

    async def jobs(self) -> Sequence[JobRecord]:
        """The newest jobs, and what they bring forth."""
        return await self.side.state.newest(self.contract.name, _NEWEST)

    def _is_own(self, job: JobRecord) -> bool:
        """Whether a request created it, and no other job brought it forth."""
        own = self.contract.operations[job.operation].resources[0]
        return job.resource == own and job.created <= self.sandbox.clock.now()

    def _refused(self, operation: Operation, request: Sample, answer: TrialReply) -> None:
        """An example of a request that is invalid by the contract's own word; one that names others may be refused."""
        if answer.example in ("bad_request", "unsupported_body", "too_large") and request.body is not None:
            sentence = f"the example of a request of {operation.id} is refused: {answer.why}."
            self.say(OPENAPI, request.body.pointer.removesuffix("/schema"), sentence, "Fix the example or the schema.")

    async def _ids(self, operation: Operation, job: PlannedJob, answer: TrialReply) -> None:
        """The id that is handed out is the one that other operations take."""
        takers = [
            o for o in self.of("show", "move", "update", "content", "upload", "stream") if job.resource in o.resources
        ]
        if not takers or _says_all(operation):
            return
        texts = [*texts_in(answer.json), *answer.headers.values()]
        if any(job.id in words(text) for text in texts):
            return
        near = next((text for text in texts if job.id in text), None)
        telling = f"tells {near[:80]!r}" if near else "does not tell the job's id"
        sentence = f"{operation.id} {telling}, and {takers[0].id} takes {job.id!r}."
        at = pointers.join("/operations", operation.id, "bindings")
        remedy = 'Bind the fact "id"; what goes before it belongs to the resource: "id": {"prefix": "…"}.'
        self.say(BEHAVIOR, at, sentence, remedy)

    async def _links(self, operation: Operation, answer: TrialReply) -> None:
        """The links of the answer, as OpenAPI writes them, lead to the job."""
        at = f"{operation.pointer}/responses/{answer.status}"
        node, where = self.source.resolve(pointers.get(self.contract.document, at), at)
        for name, link in node.get("links", {}).items() if isinstance(node, dict) else ():
            said, place = self.source.resolve(link, pointers.join(f"{where}/links", name))
            target = self.contract.operations.get(said.get("operationId", ""))
            if target is None or target.method != "GET":
                continue
            values = {n.rpartition(".")[2]: said_by(v, answer) for n, v in said.get("parameters", {}).items()}
            texts = {parameter: value for parameter, value in values.items() if isinstance(value, str)}
            path, query = ([p.name for p in target.parameters if p.where == where] for where in ("path", "query"))
            if not texts.keys() >= {*path}:
                continue
            request = Sample(target, {n: texts[n] for n in path}, {n: texts[n] for n in query if n in texts})
            reply = await self.ask(request)
            if reply.example == "not_found" or reply.status >= 500:
                self.say(OPENAPI, place, f"the link {name} leads to no job: {reply.why}.", "Fix its expression.")

    async def at_end(self, job: PlannedJob) -> None:
        """What shows the job at its end, and what that leads to."""
        for show in self.of("show"):
            if job.resource not in show.resources or not show.names_in_url or show.shared:
                continue
            answer = await self.ask(plain(show, job.id))
            if answer.status < 300:
                await self._urls(show, answer)
                await self._links(show, answer)
        rests = job.status(self.sandbox.clock.now()).ended is None  # it would be read for ever
        for stream in () if rests else self.of("stream"):
            if job.resource in stream.resources and stream.id_index is not None and not stream.shared:
                await self._events(stream, job)

    async def _events(self, stream: Operation, job: PlannedJob) -> None:
        """Who reads a stream from the beginning is told of something, and at its end of what became of the job."""
        path = {n: job.id if i == stream.id_index else "x" for i, n in enumerate(stream.names)}
        answer = await self.ask(Sample(stream, path, {}), None, ("Last-Event-ID", "0"))
        end = job.outcome
        if answer.status < 300 and answer.example != end:
            sentence = f"{stream.id} ends without a word of {end!r}: its client cannot know what became of the job."
            self.say(OPENAPI, f"{stream.pointer}/responses", sentence, f"Add an example named {end!r}.")

    async def _urls(self, operation: Operation, answer: TrialReply) -> None:
        """The URLs of this server that an answer tells lead somewhere."""
        texts = [*texts_in(answer.json), *answer.headers.values()]
        for url in [text for text in texts if text.startswith(f"{self.sandbox.base_url}/")][:_MOST]:
            parts = urlsplit(url)
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            headers: HeaderTexts = [*authorization(operation, self.known).items()]
            reply = await self._send(operation.id, "GET", target, headers)
            if reply.status in (404, 410) and reply.example in ("not_found", "unknown_path", ""):
                sentence = f"{operation.id} tells {url[:120]!r}, and nothing is there ({reply.why or reply.status})."
                self.say(BEHAVIOR, pointers.join("/operations", operation.id, "bindings"), sentence)


def _says_all(operation: Operation) -> bool:
    """Whether the answer to a creation says all that becomes of its job: nobody need ask for it again."""
    return operation.holds and (operation.wait is None or not operation.wait.place)


def _only(request: Sample, way: Presented) -> Sample:
    """The request of an operation that knows its caller by this way alone."""
    security = replace(request.operation.security, ways=(way,))
    return replace(request, operation=replace(request.operation, security=security))


def _found_fact(operation: Operation, body: Any, fact: str) -> str | None:
    for at, value in operation.bindings.items():
        told = pointers.get(body, at) if value.fact == fact else None
        if isinstance(told, str):
            return told
    return None
