"""Suggestions as text with diffs, and as plain data with JSON Patches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import unified_diff
from pathlib import Path
from typing import Any

from mockserver.verify.suggest import Suggestion
from mockserver.verify.suggest.draft import DraftChanges


def report_text(suggestions: Sequence[Suggestion], folder: Path) -> str:
    """Under every difference the patch, or why there is none."""
    return "\n".join(line for suggestion in suggestions for line in _lines(suggestion, folder))


def _lines(suggestion: Suggestion, folder: Path) -> list[str]:
    lines = [str(suggestion.drift)]
    if suggestion.settled:
        return [*lines, "    settled by the patch of another one"]
    if not suggestion.changes:
        choices = [f"    or: {_short(choice)}" for choice in suggestion.choices]
        return [*lines, f"    no patch: {suggestion.reason}", *choices]
    return [*lines, f"    patch: {_short(suggestion.changes)}", *diff(suggestion, folder).splitlines()]


def _short(changes: DraftChanges) -> str:
    several = [(file, change) for file, some in changes.items() for change in some if change.op != "test"]
    return ", ".join(f"{change.op} {file}#{change.source or change.path}" for file, change in several)


def diff(suggestion: Suggestion, folder: Path) -> str:
    """What it changes in the files, as `patch -p1` reads it in the current folder."""
    made: list[str] = []
    for name, before in suggestion.before.items():
        old, new = (before.splitlines(keepends=True), suggestion.after[name].splitlines(keepends=True))
        where = _place(folder / name)
        made += _with_ends(unified_diff(old, new, f"a/{where}", f"b/{where}"))
    return "".join(made)


def _place(path: Path) -> str:
    found, here = path.resolve(), Path.cwd()
    return found.relative_to(here).as_posix() if found.is_relative_to(here) else found.as_posix().lstrip("/")


def _with_ends(lines: Iterable[str]) -> Iterable[str]:
    return (line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def data(suggestion: Suggestion, folder: Path) -> dict[str, Any]:
    """The same for programs; a change that must follow others stands behind them."""
    drift = suggestion.drift
    return {
        "kind": drift.kind, "operation": drift.operation, "at": drift.at, "pointer": drift.pointer,
        "sentence": drift.sentence,
        "patches": _patches(suggestion.changes, folder),
        "choices": [_patches(choice, folder) for choice in suggestion.choices],
        "reason": suggestion.reason or None,
        "diff": diff(suggestion, folder) if suggestion.changes else None,
    }  # fmt: skip


def _patches(changes: DraftChanges, folder: Path) -> list[dict[str, Any]]:
    return [
        {"file": str(folder / name), "patch": [change.data() for change in several]}
        for name, several in changes.items()
        if several
    ]
