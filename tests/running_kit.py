"""A running server's own loop, for tests that reach into it."""

from __future__ import annotations

import asyncio
from typing import Any

from mockserver import Running


def on_loop(running: Running, coroutine: Any) -> Any:
    """Run a coroutine on the server's own loop and wait for it."""
    return asyncio.run_coroutine_threadsafe(coroutine, running.thread.loop).result(60)
