"""Who calls: decided by the file of the calling frame, remembered per file.

| kind      | files                                              | lives in        |
|-----------|----------------------------------------------------|-----------------|
| CODE      | everything else: the tests and the code under test | virtual time    |
| LIBRARY   | other packages in site-packages                    | virtual time, but its event loop timers are real |
| TRANSPORT | HTTP clients and event loops in site-packages      | as LIBRARY, but a real monotonic clock           |
| REAL      | standard library, this project, its server, pytest | real time       |

Handlers by which a test answers requests itself live in real time: the clock stands while they do.

A transport guards real sockets with the monotonic clock, so that one stays real; its sleeps (back-off, Retry-After)
and its wall clock (cookies, dates in headers) are the sandbox's, or they would not agree with the server.
"""

from __future__ import annotations

import enum
import os
import queue
import sys
import sysconfig
import threading
from concurrent.futures import thread as pool_thread
from types import FrameType

from mockserver.stack import OWN_FOLDERS

__tracebackhide__ = True

_LOOPS = {"aiohappyeyeballs", "anyio", "async_timeout", "sniffio", "trio"}
_CLIENTS = {"aiohttp", "h2", "httpcore", "httpcore2", "httpx", "httpx2", "requests", "urllib3", "websockets"}
_SERVER = {"h11", "httptools", "mockserver", "pytest_plugin", "starlette", "uvicorn", "uvloop"}
_PYTEST = {"_pytest", "coverage", "execnet", "hypothesis", "pluggy", "pytest", "schemathesis", "xdist"}
HANDLER = "mockserver-handler"  # what threads are called in which a test's own handlers answer requests


class Caller(enum.Enum):
    """The kind of a file that asks for the time."""

    CODE = enum.auto()
    LIBRARY = enum.auto()
    TRANSPORT = enum.auto()
    REAL = enum.auto()


CODE_ONLY = frozenset({Caller.CODE})
WITH_LIBRARIES = CODE_ONLY | {Caller.LIBRARY}
WITH_TRANSPORTS = WITH_LIBRARIES | {Caller.TRANSPORT}


def _folder(path: str) -> str:
    return os.path.join(os.path.dirname(os.path.abspath(path)), "")


_STANDARD = tuple({_folder(os.__file__), os.path.join(sysconfig.get_paths()["stdlib"], "")})
# A thread starts, or waits for work, in these files: what they call directly was handed to them by somebody else.
CARRIERS = frozenset({threading.__file__, queue.__file__, pool_thread.__file__})
LOCKS = os.path.join(os.path.dirname(__file__), "lock_time.py")
"""Where the stand-ins are through which a thread waits in such a file."""
# The standard library asks the time here in the name of whoever calls: a date for a header, the end of a cookie.
_SPOKESMEN = frozenset(
    os.path.join(os.path.dirname(os.__file__), *path)
    for path in (("email", "utils.py"), ("http", "cookiejar.py"), ("http", "cookies.py"), ("urllib", "request.py"))
)
_known: dict[str, Caller] = {}


def kind_of_file(file: str) -> Caller:
    """The kind of a source file, by its path."""
    kind = _known.get(file)
    if kind is None:
        kind = _known[file] = _classify(file)
    return kind


def _classify(file: str) -> Caller:
    if file.startswith((*OWN_FOLDERS, "<frozen ")):
        return Caller.REAL
    parts = file.replace("\\", "/").split("/")
    for site in ("site-packages", "dist-packages"):
        if site in parts[:-1]:
            return _classify_package(parts[parts.index(site) + 1].removesuffix(".py"))
    return Caller.REAL if file.startswith(_STANDARD) else Caller.CODE


def _classify_package(package: str) -> Caller:
    if package in _SERVER | _PYTEST or package.startswith("pytest_"):
        return Caller.REAL
    return Caller.TRANSPORT if package in _LOOPS | _CLIENTS else Caller.LIBRARY


def kind_of(frame: FrameType) -> Caller:
    """The kind of the code that runs in `frame`; generated code counts as the module it was generated for."""
    file = frame.f_code.co_filename
    if file.startswith("<") and not file.startswith("<frozen "):
        file = frame.f_globals.get("__file__") or file
    return kind_of_file(file)


def _answers() -> bool:
    """Whether a test's own handler runs in this thread: the clock stands until its request is answered."""
    return threading.current_thread().name == HANDLER


def caller() -> Caller:
    """The kind of whoever called the function that asks, if need be through one that asks for others."""
    if _answers():
        return Caller.REAL
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename in _SPOKESMEN:
        frame = frame.f_back
    return kind_of(frame or sys._getframe(2))


def sleeper(spawner: str | None = None) -> Caller:
    """As `caller`, but a sleep handed over as the whole work of a thread, a pool or (called from a file in the folder
    `spawner`) a task belongs to the code under test."""
    if _answers():
        return Caller.REAL
    frame = sys._getframe(2)
    file = frame.f_code.co_filename
    is_carried = file in CARRIERS or (spawner is not None and file.startswith(spawner))
    return Caller.CODE if is_carried else kind_of(frame)


def place(depth: int = 2) -> str:
    """`file:line` of the innermost code under test, or of the direct caller when there is none on the stack."""
    direct = frame = sys._getframe(depth)
    while frame is not None and kind_of(frame) is not Caller.CODE:
        frame = frame.f_back  # type: ignore[assignment]
    found = frame or direct
    return f"{found.f_code.co_filename}:{found.f_lineno}"
