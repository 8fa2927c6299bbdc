"""What stands before the first boundary of a form: nothing that counts (RFC 2046, 5.1.1). Knows no parts."""

from __future__ import annotations

import re

_PADDING = 256  # blanks behind a boundary, which are no part of it
_END = re.compile(rb"(--|[ \t]{0,%d}\r\n)" % _PADDING)


class Preamble:
    """Lets pass what begins with the first boundary; of what stands before it, only a possible beginning is held."""

    def __init__(self, boundary: str) -> None:
        self._mark = b"--" + boundary.encode()
        self._line = b"\r\n" + self._mark
        self._longest = len(self._mark) + _PADDING + 4
        self._is_start = True
        self._held = b""
        self.is_over = False

    def feed(self, data: bytes) -> bytes:
        """What of these bytes, and of those that were held, belongs to the form."""
        held = self._held + data
        found = self._end_in(held)
        if found is None:
            if len(held) > self._longest:
                held, self._is_start = held[-self._longest :], False
            self._held = held
            return b""
        self.is_over, self._held = True, b""
        return self._mark + (b"--" if found[1] == b"--" else b"\r\n") + held[found.end() :]

    def _end_in(self, held: bytes) -> re.Match[bytes] | None:
        """What ends the first boundary. A pattern of its own for each boundary would cost more than the whole form."""
        if self._is_start and held.startswith(self._mark):
            found = _END.match(held, len(self._mark))
            if found is not None:
                return found
        at = held.find(self._line)
        while at >= 0:
            found = _END.match(held, at + len(self._line))
            if found is not None:
                return found
            at = held.find(self._line, at + 1)
        return None
