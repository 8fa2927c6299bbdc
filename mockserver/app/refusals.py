"""The answer to a request that the wire refuses: in the form of the API that its path or host names, else our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.answers import Answer, Subject, prepare
from mockserver.app.cors import with_lines
from mockserver.app.problems import problem
from mockserver.clock import date_header

if TYPE_CHECKING:
    from mockserver.app.application import Mockserver

RefusalAnswer = tuple[int, list[tuple[bytes, bytes]], bytes]
MISDIRECTED = 421  # what the vendor, who is reached by https, never answers
UNROUTED_STATUS = {400: "malformed_request", 404: "unknown_path", 405: "wrong_method", 431: "headers_too_large"}


def refusal_of_wire(
    server: Mockserver, path: bytes, host: bytes, origin: bytes, status: int, why: str
) -> RefusalAnswer:
    """Status, headers and body. What of the request could not be made out is empty."""
    decoded = path.partition(b"?")[0].decode("latin-1")
    _, _, api = server.address(decoded, {b"host": host})
    now = server.sandboxes.default.clock.now()
    more = server.cors.lines(origin) if origin and (api or path.startswith(b"/_media/")) else ()
    if api is None or status == MISDIRECTED:
        own = [(b"content-type", b"application/problem+json"), date_header(int(now)), *more]
        return status, own, problem(status, why)
    name = UNROUTED_STATUS.get(status, "malformed_request")
    server.sandboxes.default.journal.count(api.contract.name, "", name)
    answer: Answer = prepare(api.contract, api.contract.off)[""][name]
    shown = answer.status if name != "malformed_request" else (status if status < 500 else 400)
    headers = [(b"content-type", answer.media_type), date_header(int(now)), *answer.headers]
    return shown, with_lines(headers, more), answer.body(Subject(now, why=why))
