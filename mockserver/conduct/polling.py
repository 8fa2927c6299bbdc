"""How often a job is looked at, and for how long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from mockserver.conduct.finding import ConductFinding, finding, groups, operation_of, pauses, seconds, verb_of
from mockserver.contract import Contract
from mockserver.journal import JournalEntry

POLL_SECONDS = 1.0
"""The shortest pause between two looks where the vendor names none: all four vendors' limits allow about that."""
TOLERANCE = 0.1
"""A pause may be a tenth shorter than told: timers and networks are not exact."""
BURST = 3
"""So many short pauses in a row make a loop without a pause; fewer may be a test that looks twice."""
STEADY = 6
"""So many pauses must be seen before it can be said that they do not grow."""
GROWTH = 1.5
"""The last third of the pauses must be longer than the first by this factor to count as backing off."""
LEISURELY = 10.0
"""Whoever waits ten times as long as asked between two looks need not back off any further."""
AFTER_END = 2
"""So many looks at a job that has ended are fair: one for a fresh link, one that was under way."""


def least_pause(contract: Contract) -> float:
    """The seconds that should pass between two looks at a job."""
    return contract.advice.poll_seconds or POLL_SECONDS


def looks(contract: Contract, entries: Sequence[JournalEntry]) -> list[list[JournalEntry]]:
    """Looks at one job by one operation and account, together."""
    shown = [entry for entry in entries if entry.job and verb_of(contract, entry) == "show"]
    return groups(shown, lambda entry: (entry.account, entry.operation, entry.job))


def ended(contract: Contract, entry: JournalEntry) -> bool:
    """Whether the answer showed a job in a final state."""
    operation = operation_of(contract, entry)
    state = entry.example.rsplit(".", 1)[-1]
    states = [contract.resources[name].states.get(state) for name in operation.resources] if operation else []
    return any(each is not None and each.end is not None for each in states)


def _until_end(contract: Contract, polls: Sequence[JournalEntry]) -> Sequence[JournalEntry]:
    """The looks up to the first that showed the end."""
    index = next((i for i, entry in enumerate(polls) if ended(contract, entry)), len(polls))
    return polls[: index + 1]


def advised(contract: Contract, about: bool = True) -> str:
    """The vendor's own words, to be put behind a sentence, if they are about this."""
    return f' (the vendor: "{contract.advice.says}")' if about and contract.advice.says else ""


def polled_too_fast(contract: Contract, entries: Sequence[JournalEntry]) -> Iterator[ConductFinding]:
    """Looks in a row, each sooner after the one before than the vendor asks for."""
    least, words = least_pause(contract), advised(contract, contract.advice.poll_seconds is not None)
    for polls in looks(contract, entries):
        evidence = _longest_burst(_until_end(contract, polls), least * (1 - TOLERANCE))
        between = pauses(evidence)
        if len(between) >= BURST:
            yield finding(
                "polled_too_fast",
                evidence,
                f"a job was looked at {len(evidence)} times in {seconds(evidence[-1].at - evidence[0].at)}",
                f"Wait at least {seconds(least)} between two polls{words}.",
                polls=len(evidence),
                shortest=min(between),
                median=median(between),
                least=least,
            )


def _longest_burst(polls: Sequence[JournalEntry], least: float) -> Sequence[JournalEntry]:
    """The longest run of entries that follow each other within less than `least` seconds."""
    best = start = 0
    length = 1
    for index, pause in enumerate(pauses(polls), 1):
        if pause >= least:
            start = index
        elif index - start + 1 > length:
            best, length = start, index - start + 1
    return polls[best : best + length]


def grows(between: Sequence[float], least: float) -> bool:
    """Whether pauses grow, or are so long that they need not."""
    third = max(1, len(between) // 3)
    first, last = median(between[:third]), median(between[-third:])
    return last >= first * GROWTH > 0 or min(between) >= least * LEISURELY


def no_backoff_of_polls(contract: Contract, entries: Sequence[JournalEntry]) -> Iterator[ConductFinding]:
    """Polling at a steady pace, where the vendor asks for growing pauses."""
    if "polls" not in contract.advice.backoff:
        return
    for polls in looks(contract, entries):
        evidence = _until_end(contract, polls)
        between = pauses(evidence)
        if len(between) >= STEADY and not grows(between, least_pause(contract)):
            yield finding(
                "no_backoff",
                evidence,
                f"a job was looked at {len(evidence)} times at a steady pace of {seconds(median(between))}",
                f"Let the pauses between polls grow, say by half each time{advised(contract)}.",
                polls=len(evidence),
                first=between[0],
                last=between[-1],
            )


def polled_after_end(contract: Contract, entries: Sequence[JournalEntry]) -> Iterator[ConductFinding]:
    """Looks at a job after a look that showed its end."""
    for polls in looks(contract, entries):
        end = _until_end(contract, polls)[-1]
        later = [entry for entry in polls if entry.n > end.n]
        if ended(contract, end) and len(later) > AFTER_END:
            state = end.example.rsplit(".", 1)[-1]
            yield finding(
                "polled_after_end",
                [end, *later],
                f"a job was looked at {len(later)} more times after it was seen to be {state}",
                f"Stop polling at the final states; {state} is one.",
                polls=len(later),
            )


def never_gave_up(contract: Contract, entries: Sequence[JournalEntry]) -> Iterator[ConductFinding]:
    """Looks at a job for longer than the vendor tells clients to wait."""
    most = contract.advice.give_up_seconds
    if most is None:
        return
    for polls in looks(contract, entries):
        late = [entry for entry in _until_end(contract, polls) if entry.at - polls[0].at > most * (1 + TOLERANCE)]
        if late:
            waited = late[-1].at - polls[0].at
            yield finding(
                "never_gave_up",
                [polls[0], *late],
                f"a job was still looked at {seconds(waited)} after the first look",
                f"Give up after {seconds(most)} and tell the user{advised(contract)}.",
                waited=waited,
                most=most,
            )
