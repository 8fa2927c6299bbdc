"""The two protocol classes handed to uvicorn, and the choice between them. Knows where uvicorn keeps them."""

from __future__ import annotations

import functools
import importlib.util
from typing import TYPE_CHECKING, Literal

from mockserver.errors import UsageError
from mockserver.wire.guard import GuardedProtocol
from mockserver.wire.prompt import write_whole

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterable


@functools.cache
def _guarded_h11() -> type[asyncio.Protocol]:
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class GuardedH11(GuardedProtocol, H11Protocol):
        """h11 under our limits: pure Python, slower, runs everywhere."""

    return GuardedH11


@functools.cache
def _guarded_httptools() -> type[asyncio.Protocol]:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

    class GuardedHttpTools(GuardedProtocol, HttpToolsProtocol):
        """httptools under our limits."""

        def _answered(self) -> None:
            # What the method beneath does, without a timer handle per answer; its pipeline is always empty here.
            self.server_state.total_requests += 1
            if not self.transport.is_closing():
                self.flow.resume_reading()

        def answer(self, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> bool:
            return write_whole(self.cycle, status, headers, body)

    return GuardedHttpTools


def protocol_class(http: Literal["auto", "httptools", "h11"]) -> type[asyncio.Protocol]:
    """The class for uvicorn's `http=`; `auto` takes httptools where it is installed. Raises UsageError."""
    if http == "h11":
        return _guarded_h11()
    if importlib.util.find_spec("httptools") is not None:
        return _guarded_httptools()
    if http == "auto":
        return _guarded_h11()
    raise UsageError("httptools is not installed. Install it with `pip install httptools`, or choose http='h11'.")
