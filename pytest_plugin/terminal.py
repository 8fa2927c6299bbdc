"""Lines for whoever watches a run, past pytest's capture. Knows nothing of what they say."""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext, suppress
from typing import Any, TextIO


class Terminal:
    """The error output of the run, also while pytest captures what tests print. Make it in pytest's own thread."""

    def __init__(self, capture: Any) -> None:
        with nullcontext() if capture is None else capture.global_and_fixture_disabled():
            self._stream: TextIO | None = sys.stderr
            self._file: int | None = None
            with suppress(OSError, ValueError, AttributeError):  # in memory, closed or none at all
                self._file = os.dup(sys.stderr.fileno())

    def line(self, text: str) -> None:
        """Print a line of its own."""
        with suppress(OSError, ValueError):  # nobody reads it
            if self._file is not None:
                os.write(self._file, f"\n{text}\n".encode("utf-8", "backslashreplace"))
            elif self._stream is not None:
                self._stream.write(f"\n{text}\n")
                self._stream.flush()

    def close(self) -> None:
        """Nothing is printed any more."""
        self._stream = None
        if self._file is not None:
            os.close(self._file)
            self._file = None
