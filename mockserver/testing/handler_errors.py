"""What a test's own handlers raised, on the server's side, as a report has it."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from mockserver.errors import is_on_purpose
from mockserver.printable import printable

if TYPE_CHECKING:
    from mockserver.steering import SandboxHandle

__tracebackhide__ = is_on_purpose

_OWN = ("mockserver", "asyncio", "threading")


def take_errors(sandboxes: Iterable[SandboxHandle]) -> str:
    """What handlers raised in these sandboxes, once; empty when none did."""
    sandboxes = list(sandboxes)
    errors = [error for sandbox in sandboxes for error in sandbox.handler_errors]
    for sandbox in sandboxes:
        sandbox.handler_errors.clear()
    return _told(errors) if errors else ""


def _told(errors: Sequence[BaseException]) -> str:
    """The errors with their tracebacks, each from the first line of the test's own on."""
    many = "A handler" if len(errors) == 1 else f"{len(errors)} handlers"
    shown = ["".join(traceback.format_exception(type(e), e, _own_part(e.__traceback__))).rstrip() for e in errors]
    return printable("\n\n".join([f"{many} of the test raised, and the client was answered 500:", *shown]))


def _own_part(lines: TracebackType | None) -> TracebackType | None:
    while lines is not None and lines.tb_frame.f_globals.get("__name__", "").partition(".")[0] in _OWN:
        lines = lines.tb_next
    return lines
