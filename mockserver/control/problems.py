"""The control API's refusals, as RFC 9457 problem documents."""

from __future__ import annotations

from typing import Any

from mockserver.header_types import RawHeaders
from mockserver.problems import MEDIA_TYPE, problem_document

__all__ = ["MEDIA_TYPE", "Problem"]


class Problem(Exception):
    """A refusal: status and sentence; `pointer` to the place in the body, `more` members of the document."""

    def __init__(
        self, status: int, detail: str, *, pointer: str | None = None, headers: RawHeaders = (), **more: Any
    ) -> None:
        self.status, self.detail, self.pointer = status, detail, pointer
        self.headers, self.more = headers, more
        super().__init__(detail)

    def document(self) -> dict[str, Any]:
        """The problem as JSON."""
        pointer = {} if self.pointer is None else {"pointer": self.pointer}
        return problem_document(self.status, self.detail, **pointer, **self.more)
