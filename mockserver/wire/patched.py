"""Whether gevent or eventlet has replaced sockets and threads in this Python. Imports neither.

A server's event loop blocks its thread in the kernel. Where threads are greenlets, that stops all of them: everybody
would wait for ever, without a word.
"""

from __future__ import annotations

import sys

from mockserver.errors import UsageError


def patching() -> str:
    """`gevent` or `eventlet` where it has replaced threads or sockets; else nothing."""
    gevent, eventlet = sys.modules.get("gevent.monkey"), sys.modules.get("eventlet.patcher")
    if gevent is not None and any(map(gevent.is_module_patched, ("threading", "socket", "select"))):
        return "gevent"
    if eventlet is not None and any(map(eventlet.is_monkey_patched, ("thread", "socket", "select"))):
        return "eventlet"
    return ""


def refuse_if_patched() -> None:
    """Raises UsageError where no server can run."""
    tool = patching()
    if tool:
        raise UsageError(
            f"{tool} has replaced sockets and threads in this Python, and no server can run in it: run `mockserver "
            "serve` in a process without it, and name its URL: `pytest --mockserver-url URL`, `Steering(URL)`"
        )
