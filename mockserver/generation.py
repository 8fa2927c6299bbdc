"""What began between two resets of a sandbox, and ends with the second: requests, deliveries, moves of its clock.

So nothing that began before a reset or a close changes what exists after it. Knows asyncio's tasks, and nothing of
what they do.
"""

from __future__ import annotations

import asyncio
from types import TracebackType

from mockserver.errors import Overtaken as Overtaken


class Generation:
    """Tasks that end with it. `with generation:` counts the current task among them, and raises Overtaken at its end.

    What such a task does in its own `finally` must ask `is_over` before it changes anything of the sandbox.
    """

    __slots__ = ("_tasks", "why")

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[object]] = []
        self.why = ""

    @property
    def is_over(self) -> bool:
        return bool(self.why)

    def end(self, why: str) -> None:
        """End what is under way; `why` is a sentence for those who wait for it."""
        self.why = why
        for task in self._tasks:
            task.cancel()

    def __enter__(self) -> None:
        task = asyncio.current_task()
        assert task is not None, "only tasks last"
        self._tasks.append(task)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        task = asyncio.current_task()
        assert task is not None, "it was entered in this task"
        self._tasks.remove(task)
        if self.why and kind is asyncio.CancelledError and task.uncancel() == 0:  # else somebody else ends it, too
            raise Overtaken(self.why) from None
