"""The server's own refusals, as RFC 9457 problem documents. Vendors' refusals are examples of their contracts."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from mockserver.printable import printable_json

MEDIA_TYPE = "application/problem+json"


def problem_document(status: int, detail: str, **more: Any) -> dict[str, Any]:
    """A problem; `more` are members of its own."""
    return {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}


def problem(status: int, detail: str) -> bytes:
    """A problem document as bytes in which nothing stands raw that may not be printed."""
    return printable_json(problem_document(status, detail)).encode()
