"""Thousands of secrets, found in a text in one pass, however many they are. Knows no other secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator

_BEGINS = 16
"""So many first characters lead to a secret; a shorter one is no matter for this."""
_RUN = re.compile(r"(?<![a-z0-9_+/=-])[a-z0-9_+/=-]{16,}+")


class Issued:
    """Secrets in lower case, of the characters that keys are made of."""

    def __init__(self) -> None:
        self._by_begin: dict[str, list[str]] = {}

    def add(self, secret: str) -> bool:
        """Look for this one, too; False when it is not of the kind."""
        if not _RUN.fullmatch(secret):
            return False
        known = self._by_begin.setdefault(secret[:_BEGINS], [])
        if secret not in known:
            known.append(secret)
        return True

    def remove(self, secret: str) -> None:
        """Look for this one no more."""
        known = self._by_begin.get(secret[:_BEGINS], [])
        if secret in known:
            known.remove(secret)
        if not known:
            self._by_begin.pop(secret[:_BEGINS], None)

    def found(self, lower: str) -> Iterator[str]:
        """Those that stand in a text in lower case."""
        for run in _RUN.finditer(lower):
            for at in range(run.start(), run.end() - _BEGINS + 1):
                for secret in self._by_begin.get(lower[at : at + _BEGINS], ()):
                    if lower.startswith(secret, at):
                        yield secret
