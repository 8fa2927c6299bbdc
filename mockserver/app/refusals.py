"""The answer to a request that the wire refuses: in the form of the API that its path or host names, else our own."""

from __future__ import annotations

from mockserver.answers import ResponseTemplate, prepare
from mockserver.app.cors import Lines, with_lines
from mockserver.clock import date_header
from mockserver.contract import Contract
from mockserver.header_types import RefusalAnswer
from mockserver.problems import MEDIA_TYPE, problem
from mockserver.sandbox import Sandbox
from mockserver.subject import Subject

MISDIRECTED = 421  # what the vendor, who is reached by https, never answers
UNROUTED_STATUS = {400: "malformed_request", 404: "unknown_path", 405: "wrong_method", 431: "headers_too_large"}


def refusal_of_wire(
    sandbox: Sandbox, contract: Contract | None, status: int, why: str, cors_lines: Lines
) -> RefusalAnswer:
    """Status, headers and body; `cors_lines` are the headers for the page that asked."""
    now = sandbox.clock.now()
    if contract is None or status == MISDIRECTED:
        own = [(b"content-type", MEDIA_TYPE.encode()), date_header(int(now)), *cors_lines]
        return status, own, problem(status, why)
    name = UNROUTED_STATUS.get(status, "malformed_request")
    sandbox.state.see(0, contract.name, "", {name: 1})
    answer: ResponseTemplate = prepare(contract, contract.off)[""][name]
    answered = answer.status if name != "malformed_request" else (status if status < 500 else 400)
    headers = [(b"content-type", answer.media_type), date_header(int(now)), *answer.headers]
    return answered, with_lines(headers, cors_lines), answer.body(Subject(now, why=why))
