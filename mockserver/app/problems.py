"""The server's own refusals, as RFC 9457 problem documents. Vendors' refusals are examples of their contracts."""

from __future__ import annotations

from http import HTTPStatus

from mockserver.validation import write_json


def problem(status: int, detail: str) -> bytes:
    """A problem document."""
    return write_json({"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail})
