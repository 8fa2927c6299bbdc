"""What few operations do around their verb: they look whether an idempotency key was used, or hold the answer back.

claim the key, or give its answer once more → decide and commit → save what was decided
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any, Protocol, TypeVar

from mockserver.answers import ResponseTemplate
from mockserver.app.incoming import ClientLeft, Incoming
from mockserver.app.request import IncomingRequest
from mockserver.app.waiting import waited
from mockserver.intake import Idempotency, Wait
from mockserver.operations import Breach, Call, KeyRefused, Refused
from mockserver.operations.keys import claim, replay, request_identity, save
from mockserver.state.port import Begin, Begun

T = TypeVar("T")


class ClientPresence(Protocol):
    """Who knows whether the client is there."""

    def while_present(self, work: Awaitable[T], *, ends: bool = False) -> Awaitable[T]: ...


class StepExchange(Protocol):
    """A request on its way, as an exchange has it."""

    call: Call
    extra: Mapping[str, Any]

    @property
    def request(self) -> IncomingRequest: ...
    @property
    def incoming(self) -> Incoming: ...
    @property
    def out(self) -> ClientPresence: ...
    def decide(self, begin: Begin, begun: Begun) -> Awaitable[ResponseTemplate | None]: ...
    def refused(self, error: Refused) -> ResponseTemplate: ...


async def in_steps(exchange: StepExchange, begin: Begin, begun: Begun) -> ResponseTemplate | None:
    """Answer a request to such an operation."""
    operation = exchange.request.operation
    rule = operation.idempotency
    replayed = None if rule is None else await _known(exchange, rule)
    if replayed is not None:
        return replayed
    try:
        answer = await exchange.decide(begin, begun)
    except Refused as refused:
        if exchange.call.key is None or isinstance(refused, Breach):
            raise
        answer = exchange.refused(refused)
        await _save(exchange, answer)
        return answer
    return answer if operation.wait is None or answer is None else await _waited(exchange, answer, operation.wait)


async def _waited(exchange: StepExchange, answer: ResponseTemplate, wait: Wait) -> ResponseTemplate:
    """The answer, once it has been held as long as the request wants; under a key it is kept then.

    A client that leaves before may ask again: under its key it is told what it would have been told at once.
    """
    call = exchange.call
    try:
        answer, seconds, hint = await exchange.out.while_present(waited(call, answer, wait))
    except ClientLeft:
        if call.key is not None:
            await _save(exchange, answer)
        raise
    if seconds:
        call.waited = seconds
        exchange.extra = {**exchange.extra, "waited": round(seconds, 6)}
    if hint:
        exchange.extra = {**exchange.extra, "hint": hint}
    if call.key is not None:
        await _save(exchange, answer)
    return answer


async def _known(exchange: StepExchange, rule: Idempotency) -> ResponseTemplate | None:
    """The answer that was given under the request's key; None without a key, and for a new one. Raises Refused."""
    request = exchange.request
    key = request.headers.get(rule.header.lower().encode("latin-1"))
    if not key:
        return None
    kind = request.headers.get(b"content-type", b"")
    text = b"" if b"json" in kind.lower() else exchange.incoming.text
    try:
        use = await claim(exchange.call, rule, key, request_identity(exchange.call, request.query, text))
    except KeyRefused as refused:
        exchange.extra = {**exchange.extra, "same_key": refused.n}
        raise
    if use is None or use.answer is None:
        return None
    exchange.extra = {**exchange.extra, "replayed": use.n}
    return await replay(exchange.call, rule, use.answer)


async def _save(exchange: StepExchange, answer: ResponseTemplate) -> None:
    call = exchange.call
    await call.api.state.commit(call.api.contract.name, call.entry, (save(call, answer),))
