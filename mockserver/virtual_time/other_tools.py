"""Other tools that replace the time (freezegun, time-machine): beside virtual time, one sentence instead of two clocks.

Either of them, on top of virtual time or beneath it, would put back its own idea of the real functions at its end, and
the code under test would live by two clocks. Used without `fast_forward` they do no harm: the server has real time.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from mockserver.errors import ClockError
from mockserver.virtual_time.patches import Patches
from mockserver.wire.patched import patching

__tracebackhide__ = True


def refusal(tool: str) -> ClockError:
    """What is raised where both are wanted at once."""
    return ClockError(
        f"{tool} and fast_forward cannot both replace the time: in fast_forward it is the sandbox's, which "
        f"`clock.advance(seconds)` moves. Leave {tool} out of this test, or fast_forward."
    )


def refuse_if_on() -> None:
    """Raises ClockError when one of them has replaced the time, or another tool the threads."""
    freezegun, time_machine = sys.modules.get("freezegun.api"), sys.modules.get("time_machine")
    if getattr(freezegun, "freeze_factories", None):
        raise refusal("freezegun")
    travelling = getattr(getattr(time_machine, "escape_hatch", None), "is_travelling", None)
    if travelling is not None and travelling():
        raise refusal("time-machine")
    tool = patching()
    if tool:
        raise ClockError(
            f"{tool} has replaced threads and sleeps in this Python, and fast_forward would wait for them for ever: "
            "move the sandbox's time with `clock.advance(seconds)`, or run these tests without it"
        )


def starts(patches: Patches) -> Mapping[str, Callable[[ModuleType], None]]:
    """By module: what makes the start of such a tool raise ClockError, now or once the module is imported."""

    def refuse(name: str, tool: str) -> Callable[[ModuleType], None]:
        def start(*_: Any, **__: Any) -> Any:
            raise refusal(tool)

        return lambda module: patches.attribute(getattr(module, name), "start", start)

    return {"freezegun.api": refuse("_freeze_time", "freezegun"), "time_machine": refuse("travel", "time-machine")}
