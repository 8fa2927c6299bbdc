"""The short way of an answer that needs no waiting: run at once, without a task, and sent by one write.

uvicorn gives every request a task and writes head and body apart; for an answer that is ready that is half its
price. Knows where uvicorn's httptools protocol keeps its state; a test pins the names.
"""

from __future__ import annotations

import asyncio
import http
from collections.abc import Callable, Coroutine, Generator, Iterable
from functools import lru_cache
from types import coroutine
from typing import Any

Done = Callable[[], None]


@lru_cache(maxsize=1024)
def status_line(status: int) -> bytes:
    """`HTTP/1.1 200 OK` and its line end."""
    try:
        phrase = http.HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    return f"HTTP/1.1 {status} {phrase}\r\n".encode("ascii")


def write_whole(cycle: Any, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> bool:
    """Send an answer by one write. False, and nothing sent, where it has to go the long way.

    The headers are the caller's word: lower-case names, `content-length` among them, no line breaks.
    """
    if cycle.disconnected or cycle.response_started or cycle.flow.write_paused:
        return False
    lines = [name + b": " + value + b"\r\n" for name, value in headers]
    end = b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n"
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    cycle.transport.write(b"".join((status_line(status), *lines, end, body)))
    cycle.message_event.set()
    if not cycle.keep_alive:
        cycle.transport.close()
    cycle.on_response()
    return True


def run_at_once(answering: Coroutine[Any, Any, None], done: Done) -> Coroutine[Any, Any, None] | None:
    """Run a coroutine up to where it has to wait. None when it ended; else what a task is to go on with.

    Until then no task is the current one: whoever needs one (`asyncio.timeout`) must not be run so.
    """
    try:
        waits_for = answering.send(None)
    except StopIteration:
        done()
        return None
    return _go_on(answering, waits_for, done)


async def _go_on(answering: Coroutine[Any, Any, None], waits_for: Any, done: Done) -> None:
    try:
        await _rest_of(answering, waits_for)
    finally:
        done()


@coroutine
def _rest_of(answering: Coroutine[Any, Any, None], waits_for: Any) -> Generator[Any, Any, None]:
    """What `await answering` would do, had it not begun already."""
    while True:
        try:
            yield waits_for
        except BaseException as error:
            step: Callable[[], Any] = lambda error=error: answering.throw(error)  # noqa: E731
        else:
            step = lambda: answering.send(None)  # noqa: E731
        try:
            waits_for = step()
        except StopIteration:
            return


def is_task_needed(app: Any, scope: Any) -> bool:
    """Whether an application wants a task for this request; those that do not say always get one."""
    says = getattr(app, "needs_task", None)
    return says is None or bool(says(scope))


def create_task(loop: asyncio.AbstractEventLoop, rest: Coroutine[Any, Any, None], tasks: set[Any]) -> None:
    """Go on in a task that the server knows of."""
    task = loop.create_task(rest)
    tasks.add(task)
    task.add_done_callback(tasks.discard)
