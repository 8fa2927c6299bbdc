"""Whether code runs with values that were drawn for it: what it arms then need not take effect. Reads frames alone."""

from __future__ import annotations

from types import FrameType

from mockserver.errors import is_on_purpose

__tracebackhide__ = is_on_purpose

_DRAWS = ("hypothesis.", "pytest_plugin.exploration")


def draws(frame: FrameType) -> bool:
    """Whether a frame is one of those that draw values and call a test with them."""
    return str(frame.f_globals.get("__name__", "")).startswith(_DRAWS)


def is_meant(frame: FrameType) -> bool:
    """Whether the code in `frame` was called with values that somebody wrote down."""
    at: FrameType | None = frame
    while at is not None and not draws(at):
        at = at.f_back
    return at is None
