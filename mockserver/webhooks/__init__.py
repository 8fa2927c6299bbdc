"""Webhooks on their way out: which targets may be dialed, one attempt, and when to try again.

Signatures are in `mockserver.signing`; who decides that a webhook is owed is elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.webhooks.attempt import AttemptHeaders, AttemptOutcome, DeliveryAttempt
from mockserver.webhooks.schedule import DueQueue, RetryPolicy, next_attempt

if TYPE_CHECKING:
    from mockserver.webhooks.delivery import deliver
    from mockserver.webhooks.targets import Blocked, Target, check_target, unreadable

__all__ = [
    "AttemptHeaders",
    "AttemptOutcome",
    "Blocked",
    "DeliveryAttempt",
    "DueQueue",
    "RetryPolicy",
    "Target",
    "check_target",
    "deliver",
    "next_attempt",
    "unreadable",
]


def __getattr__(name: str) -> Any:
    """The sender speaks through h11 and ssl: imported with the first webhook that goes out."""
    if name == "deliver":
        from mockserver.webhooks.delivery import deliver

        return deliver
    if name in ("Blocked", "Target", "check_target", "unreadable"):
        from mockserver.webhooks import targets

        return getattr(targets, name)
    raise AttributeError(name)
