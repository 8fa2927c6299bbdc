"""A contract as changes would leave it: its files' texts, what they say, and what differs from it then.

Writes nothing. Knows no kind of difference.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mockserver import pointers
from mockserver.check import check_contract
from mockserver.contract import Contract
from mockserver.errors import Finding, UsageError
from mockserver.json_patch import PatchError, PatchOperation
from mockserver.loader import load_folder
from mockserver.loader.overlay import overlaid
from mockserver.loader.rewriting import rewritten
from mockserver.loader.source import BEHAVIOR, OPENAPI, OVERLAY
from mockserver.verify.compare import compare, seen_at, unlike
from mockserver.verify.drift import CheckedAnswer, Drift, DriftKey, holds
from mockserver.verify.suggest.overlaid import as_actions

DraftChanges = Mapping[str, Sequence[PatchOperation]]
"""Changes by the name of the file."""
_BINDING = re.compile(r"#(/(?:operations|resources)/[^/]+/bindings/.+)")


class Unsound(Exception):
    """Changes after which the contract would be none; the message says why."""


@dataclass(frozen=True, slots=True)
class SeenDrift:
    """A difference, with the values that were seen there and the answers that have it."""

    drift: Drift
    values: tuple[Any, ...]
    exchanges: tuple[CheckedAnswer, ...]


@dataclass(frozen=True, slots=True)
class PatchDraft:
    """`texts` by the name of the file, and the contract that they make; `exchanges` are the answers that came.

    `has_limits`: they tell of limits.
    """

    folder: Path
    texts: Mapping[str, str]
    contract: Contract
    exchanges: Sequence[CheckedAnswer]
    has_limits: bool = True

    @property
    def openapi(self) -> Any:
        """The document as its file has it, with what an overlay beside it makes of that."""
        document = json.loads(self.texts[OPENAPI])
        return overlaid(document, self.overlay, OVERLAY) if OVERLAY in self.texts else document

    @property
    def overlay(self) -> Any:
        """The overlay beside the document."""
        return json.loads(self.texts[OVERLAY])

    def having(self, changes: DraftChanges) -> tuple[PatchDraft, DraftChanges]:
        """The draft with changes, and these with those that they bring about. Raises Unsound, PatchError."""
        if OVERLAY in self.texts and OPENAPI in changes:
            actions = as_actions(self.openapi, self.overlay, changes[OPENAPI])
            changes = {**{name: change for name, change in changes.items() if name != OPENAPI}, OVERLAY: actions}
        made, findings = self._loaded(changes)
        more = _without_fields(findings)
        if more:
            changes = joined(changes, {BEHAVIOR: more})
            made, findings = self._loaded(changes)
        if made is None or findings:
            raise Unsound(f"the contract would not be sound then: {findings[0].place}: {findings[0].sentence}")
        return made, changes

    def _loaded(self, changes: DraftChanges) -> tuple[PatchDraft | None, list[Finding]]:
        texts = {name: rewritten(text, changes.get(name, ())) for name, text in self.texts.items()}
        contract, findings = load_folder(self.folder, further=check_contract, texts=encoded(texts))
        made = None if contract is None else replace(self, texts=texts, contract=contract)
        return made, findings

    def heard(self, operation: str) -> Iterator[tuple[int, Any]]:
        """Status and body of the answers of an operation."""
        return (
            (exchange.reply.status, exchange.reply.json)
            for exchange in self.exchanges
            if exchange.operation == operation
        )

    def differences(self) -> dict[DriftKey, SeenDrift]:
        """What answers that came have otherwise than the contract says."""
        found: dict[DriftKey, list[tuple[Drift, Any, CheckedAnswer]]] = {}
        for exchange in self.exchanges:
            for drift in self._of(exchange):
                found.setdefault(drift.key, []).append((drift, seen_at(drift, exchange.reply), exchange))
        return {key: _seen(several) for key, several in found.items()}

    def _of(self, exchange: CheckedAnswer) -> Iterator[Drift]:
        operation = self.contract.operations.get(exchange.operation)
        if exchange.shows_state and operation is not None:
            strange = unlike(self.contract, operation, exchange.names, exchange.reply)
            yield from () if strange is None else (strange,)
            return
        known = operation.examples if operation is not None else self.contract.unrouted
        expected = [example for name in exchange.names for example in known.get(name, ())]
        if expected:
            drifts = compare(self.contract, operation, exchange.where, expected, exchange.reply)
            yield from (d for d in drifts if self.has_limits or "ratelimit" not in d.at.lower())


def drafted(
    folder: Path, texts: Mapping[str, bytes], exchanges: Sequence[CheckedAnswer], *, has_limits: bool = True
) -> PatchDraft:
    """What the files say now. Raises UsageError where they cannot be changed place by place."""
    contract, findings = load_folder(folder, texts=texts)
    if contract is None:
        raise UsageError(f"{folder} holds no contract that can be read: {findings[0]}")
    try:
        decoded = {name: text.decode("utf-8") for name, text in texts.items()}
    except UnicodeDecodeError:
        decoded = {}
    if not decoded or any(text.startswith("\ufeff") for text in decoded.values()):
        raise UsageError(f"the files in {folder} are not UTF-8 without a byte order mark: no patch can be made")
    return PatchDraft(folder, decoded, contract, exchanges, has_limits)


def encoded(texts: Mapping[str, str]) -> dict[str, bytes]:
    """Texts as files hold them. Raises PatchError for what has no bytes."""
    try:
        return {name: text.encode("utf-8") for name, text in texts.items()}
    except UnicodeEncodeError:
        raise PatchError("half a character came, which no file can hold") from None


def joined(first: DraftChanges, second: DraftChanges) -> dict[str, list[PatchOperation]]:
    """Changes, and others behind them."""
    names = [*first, *(name for name in second if name not in first)]
    return {name: [*first.get(name, ()), *second.get(name, ())] for name in names}


def _without_fields(findings: Sequence[Finding]) -> list[PatchOperation]:
    """Bindings that have lost their field go with it; none, where something else is wrong, too."""
    places = [_BINDING.fullmatch(f.pointer) if f.file.endswith(BEHAVIOR) else None for f in findings]
    if None in places or not all("field" in finding.sentence for finding in findings):
        return []
    return [PatchOperation("remove", place[1]) for place in places if place is not None]


def _seen(several: Sequence[tuple[Drift, Any, CheckedAnswer]]) -> SeenDrift:
    values: list[Any] = []
    for _, value, _ in several:
        if value is not pointers.MISSING and not holds(values, value):
            values.append(value)
    return SeenDrift(several[0][0], tuple(values), tuple(exchange for *_, exchange in several))
