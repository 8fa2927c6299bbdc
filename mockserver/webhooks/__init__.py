"""Webhooks on their way out: which targets may be dialed, one attempt, and when to try again.

Signatures are in `mockserver.signing`; who decides that a webhook is owed is elsewhere.
"""

from mockserver.webhooks.attempt import Attempt, Headers, Outcome
from mockserver.webhooks.delivery import deliver
from mockserver.webhooks.schedule import DueQueue, RetryPolicy, next_attempt
from mockserver.webhooks.targets import Blocked, Target, check_target

__all__ = [
    "Attempt",
    "Blocked",
    "DueQueue",
    "Headers",
    "Outcome",
    "RetryPolicy",
    "Target",
    "check_target",
    "deliver",
    "next_attempt",
]
