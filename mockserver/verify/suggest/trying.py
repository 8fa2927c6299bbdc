"""Suggestions together: the contract with all of them is tried, and what makes it unsound is left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from mockserver.app.trial_run import tried
from mockserver.check import check_contract
from mockserver.contract import Contract
from mockserver.errors import Finding
from mockserver.json_patch import PatchError
from mockserver.loader import load_folder
from mockserver.loader.rewriting import rewritten
from mockserver.verify.suggest import Suggestion, Suggestions
from mockserver.verify.suggest.draft import encoded

PatchedTexts = Mapping[str, str]


def sound(suggestions: Suggestions) -> tuple[tuple[Suggestion, ...], PatchedTexts]:
    """The suggestions, and the files with those that leave the contract sound; the others say why they do not."""
    original = suggestions.original
    if suggestions.draft is original or not _mistakes(original.folder, suggestions.draft.texts):
        return suggestions.several, suggestions.draft.texts
    texts, several = original.texts, []
    for each in suggestions.several:
        after, reason = _one_more(original.folder, texts, each)
        kept = replace(each, before=texts, after=after)
        several.append(replace(each, changes={}, reason=reason) if reason else kept)
        texts = after
    return tuple(_settled(suggestions, several, texts)), texts


def _settled(suggestions: Suggestions, several: Iterable[Suggestion], texts: PatchedTexts) -> Iterator[Suggestion]:
    """What a patch was to settle that is left out is not settled."""
    original = suggestions.original
    contract, _ = load_folder(original.folder, texts=encoded(texts))
    now = replace(original, contract=contract or original.contract).differences()
    for each in several:
        is_there = each.settled and each.drift.key in now
        yield replace(each, settled=False, reason="the patch that would settle it is left out") if is_there else each


def _one_more(folder: Path, texts: PatchedTexts, suggestion: Suggestion) -> tuple[PatchedTexts, str]:
    """The texts with one suggestion more, or as they were and why."""
    if not suggestion.changes:
        return texts, suggestion.reason
    try:
        after = {name: rewritten(text, suggestion.changes.get(name, ())) for name, text in texts.items()}
    except PatchError:
        return texts, "it goes on from a patch that is left out"
    found = _mistakes(folder, after)
    reason = f"the contract would not be sound then: {found[0].place}: {found[0].sentence}" if found else ""
    return (texts, reason) if reason else (after, "")


def _mistakes(folder: Path, texts: PatchedTexts) -> list[Finding]:
    """What `mockserver check` would find."""
    return load_folder(folder, further=_further, texts=encoded(texts))[1]


def _further(contract: Contract) -> list[Finding]:
    return check_contract(contract) or tried(contract)
