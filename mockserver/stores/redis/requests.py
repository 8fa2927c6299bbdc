"""What a home on an engine does with whole requests; see `request_port`."""

from __future__ import annotations

from mockserver.bounds import STORED_BODY
from mockserver.request_log import KeptRequest
from mockserver.state.request_port import RequestPage
from mockserver.stores.redis.calls import Calls
from mockserver.stores.redis.codec import read, written


class RequestCalls(Calls):
    """A part of `RedisState`."""

    def keep_request(self, request: KeptRequest) -> None:
        request = _cut(request)
        self.tell("keep", request.id, request.part, request.weight, request.api, _word(request))

    async def requests(self, after: int, most: int, api: str) -> RequestPage:
        lines, first, newest, dropped = await self.ask("requests", after, most, api)
        records = [_read(line.split(b"\1", 3)[3])._replace(n=n) for n, line in lines]
        return RequestPage(records, first, newest, dropped)


def _word(request: KeptRequest) -> bytes:
    """A request as it is kept: how long its bodies are, these as they are, and its record without them."""
    body, answer = request.body, request.answer
    record = written(request._replace(body=b"", answer=b""))
    return b"%d %d %b%b%b" % (len(body), len(answer), body, answer, record.encode())


def _read(word: bytes) -> KeptRequest:
    """The request that was a word."""
    body, answer, content = word.split(b" ", 2)
    begins, ends = int(body), int(body) + int(answer)
    return read(KeptRequest, content[ends:])._replace(body=content[:begins], answer=content[begins:ends])


def _cut(request: KeptRequest) -> KeptRequest:
    """The same with no more of its bodies than an engine takes without keeping everybody waiting."""
    body, answer = request.body, request.answer
    if len(body) <= STORED_BODY and len(answer) <= STORED_BODY:
        return request
    return request._replace(
        body=body[:STORED_BODY], missing=request.missing + len(body[STORED_BODY:]),
        answer=answer[:STORED_BODY], answer_missing=request.answer_missing + len(answer[STORED_BODY:]),
    )  # fmt: skip
