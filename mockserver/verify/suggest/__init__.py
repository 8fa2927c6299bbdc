"""For each difference that a walk found the patch of the contract, or the reason why there is none.

A patch is suggested after it was tried: the contract is sound with it, the answers that came differ from it no more in
that, and in nothing new. Writes no file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mockserver import pointers
from mockserver.json_patch import PatchError
from mockserver.verify.drift import Drift, DriftKey, Report, holds
from mockserver.verify.suggest.draft import DraftChanges, PatchDraft, SeenDrift, Unsound, drafted, joined
from mockserver.verify.suggest.responses import NoWay, strange_statuses
from mockserver.verify.suggest.ways import PatchWay, ways

_ROUNDS = 20
"""So many further changes one may bring about."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What to change because of a difference, by file; nothing, with the reason, or because a `choice` is to be made.

    `before` and `after` are the texts of the files: each suggestion goes on where the one before it ends. `settled`:
    another one makes this difference go away, too.
    """

    drift: Drift
    changes: DraftChanges = field(default_factory=dict)
    reason: str = ""
    choices: tuple[DraftChanges, ...] = ()
    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)
    settled: bool = False

    @property
    def is_left(self) -> bool:
        """Whether the difference stays."""
        return not (self.changes or self.settled)


@dataclass(frozen=True, slots=True)
class Suggestions:
    """All of a report; `draft` has those that can be applied."""

    original: PatchDraft
    several: tuple[Suggestion, ...]
    draft: PatchDraft


def suggested(report: Report, folder: Path, texts: Mapping[str, bytes], *, has_limits: bool = True) -> Suggestions:
    """Suggestions for all that a walk found, against what the files of a contract held when it began."""
    original = drafted(folder, texts, report.exchanges, has_limits=has_limits)
    return _Work(original).through(_all(report, original))


def _all(report: Report, draft: PatchDraft) -> Iterator[SeenDrift]:
    """Every difference, those that the report leaves out behind others last; each with all values of its place."""
    known = draft.differences()
    values: dict[tuple[str, ...], list[object]] = {}
    for key, several in report.seen.items():
        there = values.setdefault(_place(report.drifts[key]), [])
        there += [each for each in several if not holds(there, each)]
    for key, drift in report.drifts.items():
        exchanges = known[key].exchanges if key in known else ()
        yield SeenDrift(drift, tuple(values[_place(drift)]), exchanges)
    yield from (seen for key, seen in known.items() if key not in report.drifts)


def _place(drift: Drift) -> tuple[str, ...]:
    """What differences have in common that one change settles."""
    names_field = drift.kind in ("unknown_field", "missing_field")
    return (drift.kind, drift.pointer, pointers.split(drift.at)[-1] if names_field else "")


class _Work:
    """One draft after the other."""

    def __init__(self, original: PatchDraft) -> None:
        self._original = original
        self._draft = original
        self._known = original.differences()
        self._now = self._known
        self._elsewhere = {
            id(exchange)
            for seen in self._known.values()
            if seen.drift.kind == "other_status"
            for exchange in seen.exchanges
        }

    def through(self, every: Iterator[SeenDrift]) -> Suggestions:
        """All of them, one after the other."""
        several = tuple(self._one(seen) for seen in every)
        return Suggestions(self._original, several, self._draft)

    def _one(self, seen: SeenDrift) -> Suggestion:
        key = seen.drift.key
        if key in self._known and key not in self._now:
            return Suggestion(seen.drift, settled=True)
        try:
            tried = [self._tried(way, key) for way in ways(self._draft, seen)]
        except (NoWay, PatchError) as error:
            return Suggestion(seen.drift, reason=str(error))
        good = [each for each in tried if not isinstance(each, str)]
        if len(good) > 1:
            reason = f"ambiguous: {len(good)} places could be changed"
            return Suggestion(seen.drift, reason=reason, choices=tuple(changes for _, changes in good))
        return self._taken(seen.drift, *good[0]) if good else Suggestion(seen.drift, reason=str(tried[0]))

    def _taken(self, drift: Drift, draft: PatchDraft, changes: DraftChanges) -> Suggestion:
        before, self._draft = self._draft, draft
        self._now = draft.differences()
        return Suggestion(drift, changes, before=before.texts, after=draft.texts)

    def _tried(self, way: PatchWay, key: DriftKey) -> tuple[PatchDraft, DraftChanges] | str:
        """The draft with one of the changes of a way; why not, where none does."""
        reasons = []
        for changes in way:
            try:
                return self._settled(*self._draft.having(changes), key)
            except (NoWay, PatchError, Unsound) as error:
                reasons.append(str(error))
        return reasons[0]

    def _settled(self, draft: PatchDraft, changes: DraftChanges, key: DriftKey) -> tuple[PatchDraft, DraftChanges]:
        """The draft with what its changes bring about. Raises NoWay where that does not end."""
        for _ in range(_ROUNDS):
            now = draft.differences()
            new = [seen for each, seen in now.items() if each not in self._known and not self._was_there(draft, seen)]
            if key in now and _is_there(draft, now[key]):
                raise NoWay("no change of that place alone makes it go away")
            if not new:
                return draft, changes
            draft, changes = _further(draft, changes, new[0])
        raise NoWay("each change brings about another one")

    def _was_there(self, draft: PatchDraft, seen: SeenDrift) -> bool:
        """Whether answers of another case are those that came before, which are told of at another place now."""
        known = all(id(exchange) in self._elsewhere for exchange in seen.exchanges)
        return known and not _is_there(draft, seen)


def _is_there(draft: PatchDraft, seen: SeenDrift) -> bool:
    """Whether a difference is one still; that an answer of another case came may be because of it."""
    return seen.drift.kind != "other_status" or bool(strange_statuses(draft, seen))


def _further(draft: PatchDraft, changes: DraftChanges, seen: SeenDrift) -> tuple[PatchDraft, DraftChanges]:
    found = ways(draft, seen)
    if len(found) > 1:
        raise NoWay(f"ambiguous: then {seen.drift.operation} would differ otherwise: {seen.drift.sentence}")
    failed: Exception = NoWay("nothing was tried")
    for more in found[0]:
        try:
            made, more = draft.having(more)
        except (PatchError, Unsound) as error:
            failed = error
        else:
            return made, joined(changes, more)
    raise failed
