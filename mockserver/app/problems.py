"""The server's own refusals, as RFC 9457 problem documents. Vendors' refusals are examples of their contracts."""

from __future__ import annotations

from http import HTTPStatus

from mockserver.printable import printable_json


def problem(status: int, detail: str) -> bytes:
    """A problem document."""
    shown = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return printable_json(shown).encode()
