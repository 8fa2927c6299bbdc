"""Virtual time switched on and off: the patches of everything that tells time or waits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from mockserver.late_import import when_imported
from mockserver.virtual_time import asyncio_time, lock_time, other_tools, scope_time, wall_time
from mockserver.virtual_time.patches import Patches
from mockserver.virtual_time.sandbox_time import LIMIT, SandboxTime
from mockserver.virtual_time.virtual_clock import FastForward

__tracebackhide__ = True

_active: FastForward | None = None


def active() -> FastForward | None:
    """Virtual time, if it is on."""
    return _active


@contextmanager
def fast_forward(time: SandboxTime, limit: float = LIMIT) -> Iterator[FastForward]:
    """Let the code under test live in the sandbox's time; one at a time in a process.

    A sleep that would take the clock more than `limit` seconds past now raises ClockRanAway in the sleeper.
    Raises RuntimeError when it is on already, ClockError when another tool has replaced the time.
    """
    global _active
    if _active is not None:
        raise RuntimeError("fast_forward is on already: one sandbox's time at a time")
    other_tools.refuse_if_on()
    _active = forward = FastForward(time, limit)
    patches = Patches()
    try:
        with _patched(forward, patches):
            yield forward
    finally:
        _active = None
        patches.undo()
        forward.stop()


@contextmanager
def _patched(forward: FastForward, patches: Patches) -> Iterator[None]:
    late = {
        "uvloop": lambda module: asyncio_time.patch_loop(forward, patches, module.Loop),
        "trio": lambda module: scope_time.patch_trio(forward, patches, module),
        "anyio": lambda module: scope_time.patch_anyio(forward, patches, module),
        **other_tools.starts(patches),
    }
    with ExitStack() as stack:
        with patches.together():
            wall_time.patch(forward, patches)
            asyncio_time.patch(forward, patches)
            lock_time.patch(forward, patches)
            stack.enter_context(when_imported(late))
        yield
