"""The control API's refusals, as RFC 9457 problem documents."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

MEDIA_TYPE = "application/problem+json"
Headers = tuple[tuple[bytes, bytes], ...]


class Problem(Exception):
    """A refusal: status and sentence; `pointer` to the place in the body, `more` members of the document."""

    def __init__(
        self, status: int, detail: str, *, pointer: str | None = None, headers: Headers = (), **more: Any
    ) -> None:
        self.status, self.detail, self.pointer = status, detail, pointer
        self.headers, self.more = headers, more
        super().__init__(detail)

    def document(self) -> dict[str, Any]:
        """The problem as JSON."""
        found: dict[str, Any] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        if self.pointer is not None:
            found["pointer"] = self.pointer
        return found | self.more
