"""What happens in the life of a job, event by event, as a pure function of the job and a time. Knows no answer.

Events are states that it enters, lines that it writes into its log, and progress. They are numbered from the beginning
of its life, the same whoever asks: who has read some of them can ask for those behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import inf
from operator import itemgetter
from typing import NamedTuple

from mockserver.jobs import PlannedJob
from mockserver.log_lines import LogLine, lines
from mockserver.milestones import going, moment_of
from mockserver.timeline import entries

LOG, PROGRESS = "log", "progress"


class JobEvent(NamedTuple):
    """`name` is that of a state, `log` or `progress`; `is_last` is the one with which a life ends."""

    n: int
    at: float
    name: str
    line: LogLine | None = None
    is_last: bool = False

    @property
    def is_state(self) -> bool:
        """Whether a state was entered."""
        return self.line is None and self.name != PROGRESS


def marks(job: PlannedJob, every: int) -> list[float]:
    """The moments at which something may happen: progress is told of after so many percent (0: not at all)."""
    percents = {*(range(every, 100, every) if every else ()), *(at for at, _ in job.plan.log if at < 100)}
    moments = {moment_of(*job.run, max(int(percent), 1)) for percent in percents}
    moments.update(at for at, _ in _entered(job))
    return sorted({job.created, *job.moments(job.created), *(at for at in moments if job.created <= at < inf)})


def _entered(job: PlannedJob) -> list[tuple[float, str]]:
    """Which states the job enters when; several of them at one moment in their order."""
    states = [*entries(job.plan, job.created, job.moves)]
    states += [(move.at, move.state) for move in job.moves if (move.at, move.state) not in states]
    return sorted(states, key=itemgetter(0))


def events(job: PlannedJob, every: int, moments: Iterable[float], until: float) -> Iterator[JobEvent]:
    """What has happened until a time at these moments, in order; nothing comes behind the end of a job."""
    life, entered, n = _Life(job, every), _entered(job) if job.fault is None else [], 0
    for at in moments:
        if at > until:
            return
        for name, line, is_last in life.at(at, [state for moment, state in entered if moment == at]):
            n += 1
            yield JobEvent(n, at, name, line, is_last)
            if is_last:
                return


Happened = tuple[str, LogLine | None, bool]


class _Life:
    """What has been told of a job's life so far."""

    def __init__(self, job: PlannedJob, every: int) -> None:
        self._job, self._every = job, every
        self._state, self._lines, self._told = "", 0, 0

    def at(self, moment: float, entered: list[str]) -> list[Happened]:
        """What happens at a moment, at which these states are entered; an end comes last, another state first."""
        status = self._job.status(moment)
        states = [*self._states([*entered, status.state])]
        besides = [*self._written(status.progress, moment), *self._progress(status.progress)]
        if status.ended is None or not states:
            return [*((state, None, False) for state in states), *besides]
        before = [(state, None, False) for state in states[:-1]]
        return [*before, *besides, (states[-1], None, True)]

    def _states(self, states: list[str]) -> Iterator[str]:
        for state in states:
            if state != self._state:
                self._state = state
                yield state

    def _written(self, progress: int, moment: float) -> Iterator[Happened]:
        job = self._job
        run = going(job.plan, job.created, tuple(move for move in job.moves if move.at <= moment))
        log = lines(*run, progress, moment)
        yield from ((LOG, line, False) for line in log[self._lines :])
        self._lines = max(self._lines, len(log))

    def _progress(self, progress: int) -> Iterator[Happened]:
        if self._every and progress < 100 and self._told < progress // self._every:
            self._told = progress // self._every
            yield PROGRESS, None, False
