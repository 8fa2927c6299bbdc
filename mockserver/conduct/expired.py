"""Links and tokens that were used past their time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mockserver.conduct.finding import ConductFinding, faults_of, finding, groups, seconds, verb_of
from mockserver.contract import Contract
from mockserver.journal import JournalEntry

TOLD_ONCE = 1
"""One 401 is how a client learns that its token has expired; the next with the same token is one too many."""


def used_expired_url(contract: Contract, entries: Sequence[JournalEntry]) -> Iterator[ConductFinding]:
    """A signed link after its time. One that a fault let die early is forgiven the first time."""
    for group in groups((e for e in entries if e.example == "expired_link"), lambda entry: entry.path):
        used = group[1:] if faults_of(group[0]) else group
        if used:
            yield finding(
                "used_expired_url",
                group,
                f"a link was used after it had expired, {len(group)} times"
                if len(group) > 1
                else "a link was used after it had expired",
                "Download at once, or ask the API for the job again: each answer signs a new link.",
                times=len(group),
            )


def reused_expired_token(contract: Contract, entries: Sequence[JournalEntry]) -> Iterator[ConductFinding]:
    """A token that was used again after a 401 had said that it has expired."""
    issued: JournalEntry | None = None
    refused: list[JournalEntry] = []
    for entry in entries:
        if verb_of(contract, entry) == "token" and 200 <= entry.status < 300:
            yield from _reused(contract, issued, refused)
            issued, refused = entry, []
        elif entry.example == "expired_key":
            refused.append(entry)
    yield from _reused(contract, issued, refused)


def _reused(
    contract: Contract, issued: JournalEntry | None, refused: Sequence[JournalEntry]
) -> Iterator[ConductFinding]:
    if len(refused) <= TOLD_ONCE:
        return
    evidence = [*([issued] if issued else []), *refused]
    expired = issued.at + contract.operations[issued.operation].expires if issued else refused[0].at
    yield finding(
        "reused_expired_token",
        evidence,
        f"an expired token was used {len(refused)} times, the last {seconds(refused[-1].at - expired)} after its end",
        "Fetch a new token shortly before expires_in is over; after a 401 fetch one and retry once.",
        times=len(refused),
        late=refused[-1].at - expired,
    )
