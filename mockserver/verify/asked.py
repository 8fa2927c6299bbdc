"""A request that was sent, as one line for people: method, target and body, without secrets. Sends nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple

from mockserver.live import Credentials
from mockserver.redaction import Redaction, beginning
from mockserver.validation.pairs import FORM

_MOST = 300


def shown_request(
    method: str, target: str, headers: Sequence[tuple[str, str]], body: bytes, credentials: Credentials
) -> str:
    """`POST /v1/jobs?wait=1 {"prompt": …}`: of a body its first 300 bytes where it is JSON or a form, else its size."""
    hiding = Redaction()
    hiding.know(*(each for each in astuple(credentials) if each))
    path, _, query = target.partition("?")
    shown = f"{method} {hiding.text(path)}" + (f"?{hiding.query(query.encode())}" if query else "")
    kind = next((value for name, value in headers if name.lower() == "content-type"), "")
    if not body:
        return shown
    if "json" not in kind and kind != FORM:
        return f"{shown} with {len(body)} bytes of {kind.partition(';')[0] or 'no media type'}"
    text = beginning(hiding.body, body, _MOST).decode("utf-8", "replace")
    return f"{shown} {text}{'…' if len(body) > _MOST else ''}"
