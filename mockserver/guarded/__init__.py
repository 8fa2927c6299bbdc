"""A command that runs for as long as this process does, under a guardian that leaves nothing of it behind."""

from mockserver.guarded.command import Guarded, NotRun

__all__ = ["Guarded", "NotRun"]
