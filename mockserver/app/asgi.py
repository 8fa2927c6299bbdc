"""An exchange over ASGI: its request as the scope has it, its answer as messages. Decides nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from mockserver.answers import ResponseTemplate
from mockserver.api_state import SandboxApi
from mockserver.app.api import Api
from mockserver.app.cors import with_lines
from mockserver.app.exchange import Exchange
from mockserver.app.exchange_ports import Faults, SentStatus
from mockserver.app.fields import FieldDict
from mockserver.app.incoming import Incoming
from mockserver.app.presence import presence, while_present
from mockserver.app.reading import Entrance
from mockserver.app.request import IncomingRequest
from mockserver.app.sending import SendMessage, bytes_reply, send_answer, send_reply
from mockserver.app.streams import Feed, send_feed
from mockserver.contract import Operation
from mockserver.errors import Overtaken
from mockserver.faults import Reply
from mockserver.operations import Call, named_in_head
from mockserver.ratelimit import pairs
from mockserver.sandbox import Sandbox
from mockserver.state.port import Stale

T = TypeVar("T")


async def answer(
    api: Api, sandbox: Sandbox, operation: Operation, path: Sequence[str], scope: Any, headers: FieldDict,
    incoming: Incoming, send: SendMessage, given: str | None,
) -> None:  # fmt: skip
    """Answer a request to an operation, by what control has switched when it begins. Raises Overtaken."""
    while True:
        side, entrance = sandbox.apis[api.contract.name], api.entrance_of(sandbox)
        exchange = exchange_of(side, entrance, operation, path, scope, headers, incoming, send, given)
        try:
            with sandbox.generation:
                await exchange.run()
            return
        except Stale:  # it belongs to none that may be over
            await sandbox.refresh()
        except Overtaken:
            if exchange.has_begun:
                raise
            await sandbox.refresh()


def exchange_of(
    api: SandboxApi, entrance: Entrance, operation: Operation, path: Sequence[str], scope: Any, headers: FieldDict,
    incoming: Incoming, send: SendMessage, given: str | None,
) -> Exchange:  # fmt: skip
    """The exchange of a request to an operation, with those faults in mind that may meet it."""
    pairs, client = tuple(scope["headers"]), scope.get("client") or ("",)
    request = IncomingRequest(
        operation, path, scope["method"], scope["path"], scope["query_string"], headers, pairs, pairs, given,
        named_in_head(operation, path),
    )  # fmt: skip
    out = AsgiOut(scope, headers, incoming, send)
    exchange = Exchange(api, entrance, request, client[0], incoming, out)
    if operation.id in api.faults.watched:
        exchange.faults = out.faults(exchange)
    return exchange


class AsgiOut:
    """Where the answer to one request goes; it reads on how the client is connected."""

    def __init__(self, scope: Any, headers: FieldDict, incoming: Incoming, send: SendMessage) -> None:
        self.scope, self.headers, self.incoming, self.send = scope, headers, incoming, send

    def faults(self, exchange: Exchange) -> Faults:
        from mockserver.app.faulted import Faulted  # faults are imported where the first one is armed

        return Faulted(exchange, self.scope, self.send)

    def answer(self, call: Call, answer: ResponseTemplate, body: bytes, lines: bytes) -> Awaitable[None]:
        return send_answer(self.scope, self.send, answer, body, call.now, pairs(lines) if lines else ())

    async def blob(self, call: Call) -> SentStatus:
        assert call.blob is not None, "it is asked for these bytes"
        made = call.status.updated if call.status else call.now
        reply = bytes_reply(self.scope["method"], self.headers, call.blob, made, call.now)
        await send_reply(self.scope, self.incoming, self.send, reply)
        return reply.status, reply.name

    async def feed(self, feed: Feed, reply: Reply) -> None:
        if "cors" in self.scope:
            reply = replace(reply, headers=(*with_lines(reply.headers, self.scope["cors"]),))
        if not reply.is_live:
            await send_reply(self.scope, self.incoming, self.send, reply)
            return
        async with presence(self.scope, self.incoming) as client:
            await send_feed(feed, reply, self.send, client)

    def while_present(self, work: Awaitable[T], *, ends: bool = False) -> Awaitable[T]:
        return while_present(self.scope, self.incoming, work, ends=ends)
