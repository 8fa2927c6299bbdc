"""Whole requests of a sandbox that was made to keep them, with what they were answered; bodies in Base64."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_to_bytes

from mockserver.control.problems import Problem
from mockserver.control.request import ControlRequest, JsonList
from mockserver.control.serialize import show_time
from mockserver.header_types import RawHeaders
from mockserver.printable import printable_json
from mockserver.redaction import Redaction
from mockserver.request_log import KeptRequest
from mockserver.state.index_port import DEFAULT
from mockserver.state.pages import REQUEST_PAGE, all_requests

SLICE = 48 << 10
"""Of a body: a multiple of three, or Base64 would have an end within."""

LOOKED_AT = 64 << 10
"""Of a body at either end, for secrets: fields of a form stand before and behind its files."""


async def read_requests(request: ControlRequest) -> Any:
    """Those behind `after`, oldest first. Secrets stay in them: only a sandbox made to keep them has any."""
    sandbox, api = request.sandbox(), request.query.get("api", "")
    if not sandbox.keeps_requests:
        is_default = sandbox.name == DEFAULT
        remedy = (
            "never does"
            if is_default
            else 'was not made to; make one with sandbox(requests=True), or {"requests": true}'
        )
        raise Problem(409, f"the sandbox {sandbox.name!r} keeps no requests: it {remedy}")
    page = await sandbox.state.requests(request.query.get("after", 0), REQUEST_PAGE, api)
    before = printable_json({"dropped": page.dropped, "first": page.first}).removesuffix("}") + ',"requests":['
    items = (write_request(record, sandbox.redaction) async for record in all_requests(sandbox.state, page, api))
    return JsonList(items, before.encode(), b"]}")


def show_request(record: KeptRequest, hidden: Redaction) -> dict[str, Any]:
    """A request as JSON; `shown_path` may stand in reports, all else has secrets in it."""
    record = record.read()
    document = _without_contents(record, hidden)
    if document["response"] is not None:
        document["response"]["content"] = b64encode(record.answer).decode()
    return {**document, "content": b64encode(record.body).decode()}


def write_request(record: KeptRequest, hidden: Redaction) -> Iterator[bytes]:
    """The text of the same, in pieces: bodies may be long."""
    record = record.read()
    document = _without_contents(record, hidden)
    answer, contents = document.pop("response"), (record.body, record.answer)
    yield from _with_content(document, contents[0])
    if answer is None:
        yield b',"response":null}'
    else:
        yield b',"response":'
        yield from _with_content(answer, contents[1])
        yield b"}}"


def _with_content(document: dict[str, Any], content: bytes) -> Iterator[bytes]:
    """An object with one more field; its brace is not closed."""
    yield printable_json(document).removesuffix("}").encode() + b',"content":"'
    yield from (b64encode(content[at : at + SLICE]) for at in range(0, len(content), SLICE))
    yield b'"'


def _without_contents(record: KeptRequest, hidden: Redaction) -> dict[str, Any]:
    answer = {
        "status": record.status,
        "headers": _headers(record.answer_headers),
        "missing": record.answer_missing,
    }
    return {
        "n": record.n,
        "at": show_time(record.at),
        "api": record.api,
        "operation": record.operation,
        "method": record.method,
        "path": record.path,
        "shown_path": hidden.text(record.path),
        "secrets": _secrets(record, hidden),
        "url": record.url,
        "parameters": dict(record.parameters),
        "headers": _headers(record.headers),
        "fault": record.fault,
        "over": record.is_over,
        "missing": record.missing,
        "response": answer if record.status else None,
    }


def _secrets(record: KeptRequest, hidden: Redaction) -> list[str]:
    """Those issued in the sandbox that stand in a request or its answer, so that no report shows them."""
    url = record.url.encode("latin-1", "replace")
    parts = [url, unquote_to_bytes(url.replace(b"+", b" "))]
    parts += [value for _, value in (*record.headers, *record.answer_headers)]
    for content in (record.body, record.answer):
        parts += [content[:LOOKED_AT], content[LOOKED_AT:][-LOOKED_AT:]]
    secrets = hidden.issued(b"\n".join(parts))
    return sorted(secret.encode("latin-1").decode("utf-8", "replace") for secret in secrets)


def _headers(pairs: RawHeaders) -> list[list[str]]:
    return [[name.decode("latin-1"), value.decode("latin-1")] for name, value in pairs]
