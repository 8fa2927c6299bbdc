"""A sandbox's clock, moved from a test."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mockserver.clock import LONGEST_LEAP, ClockMode, check_leap, clock_settings
from mockserver.errors import ClockError, UsageError, is_on_purpose
from mockserver.event_loops import in_thread, is_running, running_loop
from mockserver.json_types import Json
from mockserver.reprs import brief
from mockserver.steering.connection import Control, ControlError

if TYPE_CHECKING:
    from mockserver.steering.records import Job

__tracebackhide__ = is_on_purpose
__unittest = True  # its reports leave frames of this file out

PATIENCE = 7 * 86_400.0


class SandboxClock:
    """Times are seconds since 1970 on the sandbox's clock. From a running event loop, await the methods with an `a`."""

    def __init__(self, control: Control, sandbox: str) -> None:
        self._control = control
        self._path = ("sandboxes", sandbox)
        self._last = ""

    def __repr__(self) -> str:
        return brief("SandboxClock", f"of {self._path[1]}:", self._last or "not asked yet")

    def now(self) -> float:
        """The sandbox's time."""
        return self._seen(self._control.get(*self._path, "clock"))

    def set(self, mode: ClockMode, *, rate: float | None = None, step: float | None = None) -> None:
        """Switch to `real` (wall time times `rate`), `manual` or `step` (`step` seconds a request); now stays now.

        Raises ClockError for what is no clock.
        """
        settings = {"mode": mode, "rate": rate, "step": step}
        body = clock_settings({name: value for name, value in settings.items() if value is not None})
        self._seen(self._control.request("PUT", *self._path, "clock", body=body))

    def advance(self, seconds: float) -> None:
        """Move on by `seconds`; returns when the webhooks due until then were delivered.

        Raises ControlError for a time that cannot be. In a running event loop, as in a notebook: ClockError, and the
        clock stays, where a webhook is to be delivered on the way (`await clock.aadvance(s)` there).
        """
        self._advance(seconds, "`await clock.aadvance(seconds)`" if is_running() else "")

    async def aadvance(self, seconds: float) -> None:
        """As `advance`; the loop goes on turning, so that a receiver in it can answer."""
        await in_thread(lambda: self._advance(seconds))

    def run_until(self, job: str, state: str, timeout: float = PATIENCE) -> Job:
        """Move on until the job is in that state; gives the job.

        Raises AssertionError when it ends otherwise, would stay as it is, or is not there in `timeout` seconds of
        the sandbox's time. In a running event loop: ClockError at the first webhook that is to be delivered.
        """
        return self._run_until(job, state, timeout, "`await clock.arun_until(job, state)`" if is_running() else "")

    async def arun_until(self, job: str, state: str, timeout: float = PATIENCE) -> Job:  # noqa: ASYNC109 - not real time
        """As `run_until`; the loop goes on turning."""
        return await in_thread(lambda: self._run_until(job, state, timeout))

    def job(self, identity: str) -> Job:
        """A job of the sandbox. Raises UsageError for an id it does not know."""
        from mockserver.steering.records import job_of

        for document in self._control.get(*self._path, "jobs"):
            if document["id"] == identity:
                return job_of(document)
        raise UsageError(f"the sandbox has no job {identity!r}")

    def _seen(self, reading: Json) -> float:
        """Its time as it was told, which is remembered for those who read a report."""
        self._last = f"{reading['mode']}, {reading['now']} when last asked"
        return float(reading["epoch"])

    def _advance(self, seconds: float, instead: str = "") -> None:
        """`instead` says what to call where a webhook is to be delivered on the way; without, it is delivered."""
        if isinstance(seconds, float) and not math.isfinite(seconds):  # JSON has no word for it
            check_leap(seconds)
        self._seen(self._moved("advance", {"seconds": seconds}, instead))

    def _run_until(self, identity: str, state: str, timeout: float, instead: str = "") -> Job:
        from mockserver.steering.records import job_of

        if not timeout >= 0:
            raise ClockError(f"a timeout is a number of seconds, 0 or more, not {timeout}")
        most = min(timeout, LONGEST_LEAP)
        try:
            return job_of(self._moved("run-until", {"job": identity, "state": state, "timeout": most}, instead))
        except ControlError as error:
            if error.problem.get("pointer") == "/job":
                raise UsageError(str(error)) from None
            if error.status == 409:
                raise AssertionError(str(error)) from None
            raise

    def _moved(self, how: str, body: Json, instead: str) -> Json:
        quietly = {"without_deliveries": True} if instead else {}
        try:
            reading: Json = self._control.request("POST", *self._path, "clock", how, body={**body, **quietly})
            return reading
        except ControlError as error:
            if not instead or error.problem.get("pointer") != "/without_deliveries":
                raise
        raise running_loop(instead)
