"""One request to an operation, from its head to its answer: the one way of them all, in the fixed order of refusals.

begin → admit → read → decide and commit → respond → finish. The application has found the API, the route and the
sandbox. Who drives the way says how the answer goes out (`Output`), and whom to ask for its faults.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from math import inf
from typing import Any

from mockserver import pointers
from mockserver.answers import ResponseTemplate
from mockserver.api_state import SandboxApi
from mockserver.app.capture import capture
from mockserver.app.credentials import Identity, basic, check_signature, identify, proven
from mockserver.app.exchange_ports import Faults, Output, SentStatus
from mockserver.app.incoming import ClientLeft, Incoming
from mockserver.app.outcomes import own_lines, refusal, unable
from mockserver.app.reading import Entrance
from mockserver.app.request import IncomingRequest
from mockserver.app.steps import in_steps
from mockserver.app.streaming import streaming
from mockserver.clock import perf_counter
from mockserver.errors import EmptyFile, RequestError, StorageError, let_go
from mockserver.generation import Generation
from mockserver.journal import AnsweredFields, violation
from mockserver.negotiation import preferred
from mockserver.operations import Breach, Call, Refused, begin_of, matched, perform
from mockserver.ratelimit import tightest
from mockserver.rules import Match
from mockserver.state.port import Begin, Begun, Stale

NOTHING: Mapping[str, Any] = {}
NOT_SENT: SentStatus = (0, "")


class Exchange:
    """A request and what becomes of it. `extra` is what its entry in the journal says besides.

    `values` and the `rows` that match them are those of its `body`, where that was read before; `faults` are those it
    may meet, from the beginning or since its own words asked for one.
    """

    __slots__ = (
        "answered", "api", "body", "call", "client", "entrance", "extra", "faults", "identity", "incoming",
        "is_entered", "out", "request", "rows", "started", "values", "why",
    )  # fmt: skip
    call: Call
    identity: Identity

    def __init__(
        self, api: SandboxApi, entrance: Entrance, request: IncomingRequest, client: str, incoming: Incoming,
        out: Output,
    ) -> None:  # fmt: skip
        self.api, self.entrance, self.request, self.client = api, entrance, request, client
        self.incoming, self.out = incoming, out
        self.extra: Mapping[str, Any] = NOTHING
        self.faults: Faults | None = None
        self.values: Any = pointers.MISSING
        self.rows: Sequence[Match] | None = None
        self.answered: AnsweredFields | None = None
        self.body, self.why, self.is_entered = b"", "", False

    @property
    def has_begun(self) -> bool:
        """Whether it has its number; a reset that ends it before is older than it, wherever that was heard of first."""
        return hasattr(self, "call")

    async def run(self) -> None:
        """Answer the request and enter it in the journal."""
        self.started, api, request, faults = perf_counter(), self.api, self.request, self.faults
        generation, sent = api.sandbox.generation, NOT_SENT
        self.identity = account, until, problem = identify(api, request.operation, request.given)
        begin = begin_of(api, request.operation, self.client, "" if problem or account is None else account.id)
        if faults is None:
            begun = await api.state.begin(begin, request.named, -inf if problem else until, 0)
        else:  # one may act instead of the verb: then the request counts nowhere
            begun = await api.state.begin(Begin(begin.api, rev=begin.rev), "", inf, 0)
        if begun is None:
            raise Stale
        self.call = Call(api, request.operation, begun.now, request.values, begun.n)
        try:
            try:
                found = self._read(begin, begun) if faults is None else self._answer_faulty(faults, begin, begun)
                answer = found if type(found) is ResponseTemplate else await found
            except (Refused, RequestError, StorageError) as error:
                if self.incoming.has_left:
                    raise ClientLeft from None
                answer = self.refused(error)
            if self.call.files:  # first: who has the answer may look at once what was kept
                self._discard()
            if not self.incoming.done:
                await self.incoming.drain()
            sending = self._respond(answer)
            if sending is not None:
                sent = await sending or sent
        except StorageError as error:  # within the bytes of a result
            self.why = str(error)
        except ClientLeft as left:
            let_go(left)
            self.why = "the client left before its request was complete"
        finally:
            self._end(generation, sent)

    def _end(self, generation: Generation, sent: SentStatus) -> None:
        if not generation.why:
            if not self.is_entered:
                self._enter(*sent)
            self.api.state.finish(self.call.entry)
        if self.faults is not None:
            self.faults.end()
        if self.call.pause is not None:
            self.call.pause.close()
        if self.call.files:
            self._discard()

    def _discard(self) -> None:
        """Let the request's files go; the state has those that it keeps."""
        files = [each for uploads in self.call.files.values() for each in uploads if not each.gone]
        for each in files:
            each.discard()
        if files:
            self.api.state.tidy([each.id for each in files])

    async def _answer_faulty(self, faults: Faults, begin: Begin, begun: Begun) -> ResponseTemplate | None:
        if await faults.act_first():
            return None
        until = -inf if self.identity[2] else self.identity[1]
        again = await self.api.state.begin(begin, self.request.named, until, begun.n)
        assert again is not None, "it has begun already"
        found = self._read(begin, again)
        return found if type(found) is ResponseTemplate else await found

    def _read(self, begin: Begin, begun: Begun) -> ResponseTemplate | Awaitable[ResponseTemplate | None]:
        """Whether it may go on, and what it says; then the verb's turn: the answer, or what is waited for.

        Every stage refuses by raising Refused or RequestError.
        """
        self._admit(begin, begun)
        call, operation = self.call, self.request.operation
        if self.values is not pointers.MISSING:
            call.values, call.rows = self.values, self.rows
            self.incoming.text = self.body
        elif operation.bodies:
            return self._answer_body(begin, begun)
        else:
            self._read_parameters()
        if self.faults is not None or operation.has_steps:
            return self._perform(begin, begun)
        known = None if begun.job is None else call.recall(begun.job)
        return known or perform(call, begin, begun)

    def _admit(self, begin: Begin, begun: Begun) -> None:
        """Limits of the address, credentials, limits of the account. Raises Refused."""
        call, operation = self.call, self.request.operation
        hit = None
        if counts := begun.counts:
            call.hit = hit = tightest(self.api.limits_of[operation.id], counts)
            assert hit is not None, "something was counted"
            if hit.refused and len(counts) <= len(begin.by_address):
                raise Refused("rate_limited", f"the limit {hit.limit.name} was passed")
        if operation.security.kind == "signed":
            check_signature(self.api, self.request.path, self.request.query, call.now)
        call.account = proven(self.identity, call.now)
        if hit is not None and hit.refused:
            raise Refused("rate_limited", f"the limit {hit.limit.name} was passed")

    async def _answer_body(self, begin: Begin, begun: Begun) -> ResponseTemplate | None:
        """Read the body, then go on."""
        call, operation, sandbox = self.call, self.request.operation, self.api.sandbox
        kind = self.request.headers.get(b"content-type", b"").decode("latin-1")
        call.values, call.files = await self.entrance.values(
            operation, kind, self.incoming, self.api.off, strict=sandbox.strict
        )
        if call.files:
            self._note_mismatches()
        self._read_parameters()
        if operation.verb == "token":
            call.basic = basic(self.request.headers)
        answer = await self._perform(begin, begun)
        if self.incoming.has_left:  # what had arrived of an upload is kept
            raise ClientLeft
        return answer

    def _read_parameters(self) -> None:
        """Those in the query, in headers and in cookies."""
        read, request = self.entrance.parameters, self.request
        if request.operation.id in read.operations:
            self.call.query, self.call.sent = read.given(request.operation, request.query, request.headers)
        if offered := request.operation.offered:
            self.call.accepts = preferred(offered, request.headers.get(b"accept", b"").decode("latin-1"))

    def _perform(self, begin: Begin, begun: Begun) -> Awaitable[ResponseTemplate | None]:
        call, operation = self.call, self.request.operation
        if self.faults is None and operation.id in self.api.fault_triggers and any(row.fault for row in matched(call)):
            self.faults = self.out.faults(self)
        return in_steps(self, begin, begun) if operation.has_steps else self.decide(begin, begun)

    def decide(self, begin: Begin, begun: Begun) -> Awaitable[ResponseTemplate | None]:
        """Let the verb do its work, and the faults of its job theirs."""
        work = perform(self.call, begin, begun) if self.faults is None else self.faults.perform(begin, begun)
        return self.out.while_present(work, ends=True) if self.request.operation.gives_bytes else work

    def _note_mismatches(self) -> None:
        found = [(name, each) for name, uploads in self.call.files.items() for each in uploads if each.mismatch]
        if found:
            sentences = [f"{name} is said to be {each.content_type}, but {each.mismatch}" for name, each in found]
            self.extra = {**self.extra, "mismatches": [*map(self.api.sandbox.redaction.text, sentences)]}

    def refused(self, error: Refused | RequestError | StorageError) -> ResponseTemplate:
        """The answer to a request that a stage refused."""
        call = self.call
        if isinstance(error, StorageError):
            answer, self.why = unable(call, str(error))
            return answer
        problem, field = ("bad_request", error.pointer.lstrip("/")) if isinstance(error, RequestError) else (
            error.problem, error.field
        )  # fmt: skip
        answer, why = refusal(call, problem, error.why, field)
        self.why = f"{why}. {error.remedy}" if error.remedy else why
        if isinstance(error, Refused):
            call.headers = error.headers
        if isinstance(error, Breach):
            self.extra = {**self.extra, **violation("/" + field if field else "", self.why)}
        elif isinstance(error, RequestError):
            self.extra = {**self.extra, **violation(error.pointer, self.why)}
        if isinstance(error, EmptyFile):
            self.extra = {**self.extra, "empty_file": error.name}
        let_go(error)
        return answer

    def _respond(self, answer: ResponseTemplate | None) -> Awaitable[SentStatus | None] | None:
        """Send the answer; what is given back is waited for."""
        call = self.call
        if answer is not None and answer.variant:
            self.api.state.see(call.entry, self.api.contract.name, call.operation.id, {answer.variant: 1})
        if self.faults is not None:
            return self.faults.respond(answer)
        if answer is None:
            if call.blob is None:
                return streaming(self)
            kind = b"content-type: %s\r\n" % call.blob.content_type.encode()
            self.answered = (kind, b"", b"", call.blob.length)
            return self.out.blob(call)
        body, lines = call.body(answer), own_lines(call, answer)
        self.answered = (answer.head, lines, body, len(body))
        self._enter(answer.status, answer.name)  # first: who has the answer may look for its entry at once
        return self.out.answer(call, answer, body, lines)

    def _enter(self, status: int, example: str) -> None:
        """Enter the request in the journal."""
        self.is_entered = True
        fault = "" if self.faults is None else self.faults.told()
        extra = {**self.extra, "fault": fault} if fault else self.extra
        outcome = (status, example, self.why, extra or None, perf_counter() - self.started)
        entry, weight = capture(self.call, self.request, self.incoming, outcome, self.answered)
        if self.call.pause is not None:  # it came before
            entry = (entry[0], entry[1] - self.call.waited, *entry[2:])
        self.api.state.enter(entry, weight)
