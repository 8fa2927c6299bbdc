"""What stands before the first boundary of a form: nothing that counts (RFC 2046, 5.1.1). Knows no parts."""

from __future__ import annotations

import re

_PADDING = 256  # blanks behind a boundary, which are no part of it


class Preamble:
    """Lets pass what begins with the first boundary; of what stands before it, only a possible beginning is held."""

    def __init__(self, boundary: str) -> None:
        mark = re.escape(b"--" + boundary.encode())
        end = rb"(--|[ \t]{0,%d}\r\n)" % _PADDING
        self._at_start = re.compile(mark + end).match
        self._later = re.compile(rb"\r\n" + mark + end).search
        self._mark = b"--" + boundary.encode()
        self._longest = len(self._mark) + _PADDING + 4
        self._is_start = True
        self._held = b""
        self.is_over = False

    def feed(self, data: bytes) -> bytes:
        """What of these bytes, and of those that were held, belongs to the form."""
        held = self._held + data
        found = (self._at_start(held) if self._is_start else None) or self._later(held)
        if found is None:
            if len(held) > self._longest:
                held, self._is_start = held[-self._longest :], False
            self._held = held
            return b""
        self.is_over, self._held = True, b""
        return self._mark + (b"--" if found[1] == b"--" else b"\r\n") + held[found.end() :]
