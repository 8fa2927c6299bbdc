"""How well a client behaved: a sandbox's journal → findings, each with its evidence. Pure functions over entries.

polling     how often a job is looked at, and for how long
retrying    what a client does after it was refused, or heard nothing
resending   what a client sends once more: what was taken already, or a file that it has read to its end
expired     links and tokens that were used past their time

Times are the sandbox's; how long a client waited is judged by its clock.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from mockserver.conduct.expired import reused_expired_token, used_expired_url
from mockserver.conduct.finding import ConductFinding
from mockserver.conduct.polling import never_gave_up, no_backoff_of_polls, polled_after_end, polled_too_fast
from mockserver.conduct.resending import resent_consumed_file, resubmitted, reused_idempotency_key
from mockserver.conduct.retrying import hammered_after_409, ignored_retry_after, no_backoff_of_errors
from mockserver.contract import Contract
from mockserver.journal import JournalEntry

ConductRule = Callable[[Contract, Sequence[JournalEntry]], Iterator[ConductFinding]]

_RULES: tuple[tuple[str, ConductRule], ...] = (
    ("polled_too_fast", polled_too_fast),
    ("no_backoff", no_backoff_of_polls),
    ("no_backoff", no_backoff_of_errors),
    ("ignored_retry_after", ignored_retry_after),
    ("polled_after_end", polled_after_end),
    ("never_gave_up", never_gave_up),
    ("resubmitted", resubmitted),
    ("reused_idempotency_key", reused_idempotency_key),
    ("resent_consumed_file", resent_consumed_file),
    ("used_expired_url", used_expired_url),
    ("reused_expired_token", reused_expired_token),
    ("hammered_after_409", hammered_after_409),
)
RULES = tuple(dict.fromkeys(name for name, _ in _RULES))


def judge(entries: Iterable[JournalEntry], contracts: Mapping[str, Contract]) -> list[ConductFinding]:
    """All findings, in the order of their first entries. Entries of APIs without a contract are passed over."""
    by_api: dict[str, list[JournalEntry]] = {}
    for entry in sorted(entries, key=lambda e: e.n):
        if entry.kind in ("request", "media") and entry.api in contracts:
            by_api.setdefault(entry.api, []).append(entry)
    found = [f for api, each in by_api.items() for _, rule in _RULES for f in rule(contracts[api], each)]
    return sorted(found, key=lambda f: f.entries[0])


__all__ = ["RULES", "ConductFinding", "judge"]
