"""Schedules: what happens to a client of one API in one run, as plain data. Made by chance, written as code, replayed.

An event is `{"api": …, "plan": {…}}` (what becomes of the next job) or `{"api": …, "fault": name, …}` (its parameters
and which requests it meets). A schedule is a list of events.
"""

from mockserver.schedules.events import Alphabet, is_revealing, that_cut
from mockserver.schedules.model import Event, Schedule, apply, check_schedule, written
from mockserver.schedules.shrinking import smallest

__all__ = [
    "Alphabet",
    "Event",
    "Schedule",
    "apply",
    "check_schedule",
    "is_revealing",
    "smallest",
    "that_cut",
    "written",
]
