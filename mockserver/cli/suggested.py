"""`verify --suggest` and `--apply`: from a report to patches of the contract's files. Asks no server."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mockserver.app.options import folders_of
from mockserver.cli.fuzz import known_api
from mockserver.loader import texts_of
from mockserver.verify import Report
from mockserver.verify.suggest import Suggestion, suggested
from mockserver.verify.suggest.draft import encoded
from mockserver.verify.suggest.report import data, report_text
from mockserver.verify.suggest.trying import sound
from mockserver.verify.suggest.writing import check_writable, write


class Suggested:
    """What the files of a contract held before the server was asked, and what they would hold then."""

    def __init__(self, api: str, folders: Sequence[Path], *, applies: bool) -> None:
        self._folder = known_api(api, folders_of(folders))
        self._before = texts_of(self._folder)
        self._several: tuple[Suggestion, ...] = ()
        self._after = self._before
        if applies:
            check_writable(self._folder, self._before)

    def of(self, report: Report) -> None:
        """Take up a report."""
        self._several, texts = sound(suggested(report, self._folder, self._before))
        self._after = encoded(texts)

    def applied(self) -> list[str]:
        """Write the files; which are others now, and what is left, as text.

        Raises UsageError where somebody else wrote them meanwhile.
        """
        lines = [f"{path} is changed" for path in write(self._folder, self._before, self._after)]
        remaining = self.left()
        if not self._several:
            return lines
        lines += [
            f"left to do by hand: {suggestion.drift.operation}: {suggestion.drift.sentence}: {suggestion.reason}"
            for suggestion in remaining
        ]
        return [*lines, f"{self._folder.name}: of what differs, {len(remaining) or 'nothing'} is left"]

    def told(self) -> list[str]:
        """As text."""
        return [report_text(self._several, self._folder)] if self._several else []

    def data(self) -> list[dict[str, Any]]:
        """For programs."""
        return [data(suggestion, self._folder) for suggestion in self._several]

    def left(self) -> list[Suggestion]:
        """What differs still when it is written."""
        return [suggestion for suggestion in self._several if suggestion.is_left]
