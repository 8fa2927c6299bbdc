"""A sandbox as a JSON value, and one made of it: accounts, jobs with their plans and moves, clock, faults, settings.

taking      sandbox → JSON; what is too large, or is no state, is left out and named
records     jobs, plans, accounts, faults and webhooks that wait ↔ JSON
reading     JSON → what a sandbox is filled with, judged against the contracts; whatever is wrong has its pointer
restoring   a sandbox is filled

The journal, deliveries that were made, conduct and coverage are no state: they begin anew.
"""

from mockserver.snapshots.reading import Snapshot, check_format, read
from mockserver.snapshots.restoring import restore
from mockserver.snapshots.taking import FORMAT, TakenSnapshot, take

__all__ = ["FORMAT", "Snapshot", "TakenSnapshot", "check_format", "read", "restore", "take"]
