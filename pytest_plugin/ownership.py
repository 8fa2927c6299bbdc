"""Whether what is armed is a test's own: by the frames that arm it. Knows pytest's hooks, and no sandbox."""

from __future__ import annotations

from types import FrameType

from mockserver.testing.draws import draws

_SETS_UP = "pytest_fixture_setup"  # the hook that runs a fixture; its arguments have these names by its specification


def is_tests_own(frame: FrameType) -> bool:
    """Whether the code in `frame` runs for one test: in it or in a fixture of its own, and not with drawn values."""
    at: FrameType | None = frame
    while at is not None:
        if at.f_code.co_name == _SETS_UP and "fixturedef" in at.f_code.co_varnames:
            return getattr(at.f_locals.get("fixturedef"), "scope", "function") == "function"
        if draws(at):
            return False
        at = at.f_back
    return True
