"""Answers given in the application's stead, when a request never reaches it. Knows no API."""

from __future__ import annotations

import http
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from mockserver.header_types import RefusalAnswer

LOGGER = logging.getLogger("mockserver.wire")


class Head(NamedTuple):
    """As much of a request's head as could be made out; what could not is empty."""

    method: bytes = b""
    path: bytes = b""
    host: bytes = b""
    origin: bytes = b""


Refuse: TypeAlias = Callable[[bytes, bytes, bytes, int, str], RefusalAnswer]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request never reaches the application: the status to answer and a sentence for a person, which `is_plain`
    where no envelope of an API may hide it.
    """

    status: int
    why: str
    is_plain: bool = False


def refuse_in_plain_text(path: bytes, host: bytes, origin: bytes, status: int, why: str) -> RefusalAnswer:
    """The answer when nobody has an envelope of their own: the sentence as text/plain."""
    return status, [(b"content-type", b"text/plain; charset=utf-8")], why.encode() + b"\n"


def refusal_bytes(refuse: Refuse, refusal: Refusal, head: Head) -> bytes:
    """The whole answer as it goes over the wire, from the callback, or in plain text when the callback fails."""
    refuse = refuse_in_plain_text if refusal.is_plain else refuse
    try:
        answer = refuse(head.path, head.host, head.origin, refusal.status, refusal.why)
    except Exception:
        LOGGER.exception("The callback that writes refusals failed")
        answer = refuse_in_plain_text(head.path, head.host, head.origin, refusal.status, refusal.why)
    status, headers, body = answer
    ours = [(b"content-length", b"%d" % len(body)), (b"connection", b"close")]
    lines = [name + b": " + value + b"\r\n" for name, value in [*headers, *ours]]
    return b"".join([status_line(status), *lines, b"\r\n", b"" if head.method == b"HEAD" else body])


@lru_cache(maxsize=1024)
def status_line(status: int) -> bytes:
    """`HTTP/1.1 200 OK` and its line end."""
    try:
        phrase = http.HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    return f"HTTP/1.1 {status} {phrase}\r\n".encode("ascii")
