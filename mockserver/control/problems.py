"""The control API's refusals, as RFC 9457 problem documents."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mockserver.errors import Overtaken, StateError
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


@contextmanager
def telling_what_is_away() -> Iterator[None]:
    """For what asks for the state: handlers, and answers that are written piece by piece. Raises Problem.

    What is away is out of reach for now, or was reset or closed meanwhile, perhaps by another process.
    """
    try:
        yield
    except StateError as error:
        raise Problem(503, str(error), headers=((b"retry-after", b"1"),)) from None
    except Overtaken as error:
        raise Problem(410, str(error)) from None
