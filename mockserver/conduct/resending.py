"""What a client sends once more: what was taken already, or a file that it has read to its end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mockserver.conduct.finding import ConductFinding, faults_of, finding, groups, same_caller, verb_of
from mockserver.contract import Contract
from mockserver.journal import JournalEntry


def resubmitted(contract: Contract, entries: Sequence[JournalEntry]) -> Iterator[ConductFinding]:
    """A job that was made, the answer lost, and the same body sent again by the same account, under no key of its."""
    creates = [entry for entry in entries if entry.sent and entry.sent.digest and verb_of(contract, entry) == "create"]
    for group in groups(creates, lambda entry: (entry.operation, entry.account, entry.sent and entry.sent.digest)):
        lost = next((entry for entry in group if entry.job and answer_lost(entry)), None)
        again = [entry for entry in group if lost is not None and entry.n > lost.n and not _has_known_key(entry)]
        if lost is not None and again:
            made = {entry.job for entry in (lost, *again) if entry.job}
            yield finding(
                "resubmitted",
                [lost, *again],
                f"the answer to a job that was made was lost, and the same body was sent {_times(len(again))} again",
                "Before sending it again look whether the job is there; each job is paid for.",
                jobs=len(made),
                times=len(again),
            )


def _has_known_key(entry: JournalEntry) -> bool:
    """Whether a request had an idempotency key that was used before: then nothing is made twice."""
    return bool({"replayed", "same_key"} & set(entry.extra or ()))


def reused_idempotency_key(contract: Contract, entries: Sequence[JournalEntry]) -> Iterator[ConductFinding]:
    """A key that was used again for a request that says something else: the server does nothing of it."""
    by_number = {entry.n: entry for entry in entries}
    for entry in entries:
        operation = contract.operations.get(entry.operation)
        if operation is None or operation.idempotency is None or entry.example != operation.idempotency.mismatch:
            continue
        first = by_number.get((entry.extra or {}).get("same_key", 0))
        yield finding(
            "reused_idempotency_key",
            [entry] if first is None else [first, entry],
            "an idempotency key was used again, and the request said something else than the first one",
            "Make a key for each thing that is to be done, and send it again only with the very same request.",
        )


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def answer_lost(entry: JournalEntry) -> bool:
    """Whether the client cannot have read the answer, because of what was done to it or because it left."""
    return entry.status == 0 or any(kind.loses_answer for kind in faults_of(entry))


def resent_consumed_file(contract: Contract, entries: Sequence[JournalEntry]) -> Iterator[ConductFinding]:
    """Files of 0 bytes behind a request that failed: a retry sends an open file from where the try before left it."""
    sent = [entry for entry in entries if verb_of(contract, entry) in ("create", "upload")]
    for group in groups(sent, lambda entry: (entry.operation, entry.path)):
        for before, again in _resent(contract, group):
            yield finding(
                "resent_consumed_file",
                [before, *again],
                f"a request that had failed was sent again with a file of 0 bytes, {_times(len(again))}",
                "Open the file anew for each try, or go back to its beginning (seek(0)): the try before has read it.",
                times=len(again),
            )


def _resent(contract: Contract, entries: Sequence[JournalEntry]) -> Iterator[tuple[JournalEntry, list[JournalEntry]]]:
    """Each request that failed, with those behind it whose file was empty."""
    before: JournalEntry | None = None
    again: list[JournalEntry] = []
    for entry in entries:
        if before is not None and _is_empty(contract, entry) and same_caller(before, entry):
            again.append(entry)
            continue
        if before is not None and again:
            yield before, again
        before, again = entry if _is_unsuccessful(entry) else None, []
    if before is not None and again:
        yield before, again


def _is_empty(contract: Contract, entry: JournalEntry) -> bool:
    if "empty_file" in (entry.extra or {}):
        return True
    operation = contract.operations.get(entry.operation)
    if operation is None or operation.pieces is not None:
        return False  # to say no bytes is to ask how many are there
    is_taken = operation.verb == "upload" and 200 <= entry.status < 300
    return is_taken and entry.sent is not None and entry.sent.size == 0


def _is_unsuccessful(entry: JournalEntry) -> bool:
    return entry.status == 0 or entry.status >= 400 or bool(faults_of(entry))
