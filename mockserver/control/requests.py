"""Whole requests of a sandbox that was made to keep them, with what they were answered; bodies in Base64."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from mockserver.bounds import Pairs
from mockserver.control.problems import Problem
from mockserver.control.request import ControlRequest, JsonList
from mockserver.control.showing import show_time
from mockserver.printable import printable_json
from mockserver.redaction import Redaction
from mockserver.request_log import Bytes, RecordedRequest
from mockserver.sandbox import DEFAULT
from mockserver.turns import paced


async def read_requests(request: ControlRequest) -> Any:
    """Those behind `after`, oldest first. Secrets stay in them: only a sandbox made to keep them has any."""
    sandbox, api = request.sandbox(), request.query.get("api")
    log = sandbox.requests
    if log is None or not log.keeps:
        is_default = sandbox.name == DEFAULT
        remedy = "never does" if is_default else 'was not made to; make one with {"requests": true}'
        raise Problem(409, f"the sandbox {sandbox.name!r} keeps no requests: it {remedy}")
    found = [each for each in log.after(request.query.get("after", 0)) if api in (None, each.api)]
    before = printable_json({"dropped": log.dropped, "first": log.first}).removesuffix("}") + ',"requests":['
    shown = (show_request(each, sandbox.redaction) async for each in paced(found, 1))
    return JsonList(shown, before.encode(), b"]}")


def show_request(record: RecordedRequest, hidden: Redaction) -> dict[str, Any]:
    """A request as JSON; `shown_path` may stand in reports, all else has secrets in it."""
    record.read()
    answer = _body(record.answer, status=record.status, headers=_headers(record.answer_headers))
    return _body(
        record.body,
        n=record.n,
        at=show_time(record.at),
        api=record.api,
        operation=record.operation,
        method=record.method,
        path=record.path,
        shown_path=hidden.text(record.path),
        url=record.url,
        parameters=dict(record.parameters),
        headers=_headers(record.headers),
        fault=record.fault,
        over=record.is_over,
        response=answer if record.status else None,
    )


def _body(body: Bytes, **more: Any) -> dict[str, Any]:
    return {**more, "content": b64encode(body.content).decode(), "missing": body.missing}


def _headers(pairs: Pairs) -> list[list[str]]:
    return [[name.decode("latin-1"), value.decode("latin-1")] for name, value in pairs]
