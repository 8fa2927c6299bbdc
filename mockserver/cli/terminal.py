"""Where the command line writes: every word of every command goes out here, made printable. Knows no command."""

from __future__ import annotations

import queue
import select
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import click

from mockserver.printable import harmless, one_line, printable

WAITING = 1000  # lines that may wait for a reader
LAST_SECONDS = 0.5  # for what still waits when the command ends, or is to be read before it goes on


def tell(text: str, *, err: bool = False, is_command: bool = False) -> None:
    """Print a text and a line feed, to standard error if `err`; GitHub Actions shall obey it if it `is_command`."""
    click.echo(printable(text) if is_command else harmless(text), err=err)


def is_terminal() -> bool:
    """Whether a person watches: colours, and how far a command has come, are for nobody else."""
    return bool(getattr(sys.stdout, "isatty", lambda: False)())


def tell_progress(text: str) -> None:
    """Say how far a command has come, to a person who watches."""
    if is_terminal():
        tell(text, err=True)


def tell_table(title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows below heads, as wide as the terminal is."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title)
    for head in heads:
        table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*(Text(one_line(cell)) for cell in row))
    Console(highlight=False, emoji=False, markup=False, force_terminal=is_terminal() or None).print(table)


@contextmanager
def telling(left_out: Callable[[int], str]) -> Iterator[LinePrinter]:
    """As `tell`, for a server: a pipe that nobody reads holds nothing up, and one that was closed is no error.

    `left_out` says how many lines the reader missed.
    """
    lines = LinePrinter(getattr(sys.stdout, "buffer", None), getattr(sys.stdout, "encoding", None) or "utf-8", left_out)
    try:
        yield lines
    finally:
        lines.close()


Tell = Callable[[str], None]


class LinePrinter:
    """Texts on their way out, written by a thread of its own; what is too much for the reader is dropped."""

    def __init__(self, buffer: Any, encoding: str, left_out: Callable[[int], str]) -> None:
        self._out: Any = getattr(buffer, "raw", buffer)  # unbuffered: a lock on a buffer would stop Python's own end
        self._encoding = encoding
        self._left_out = left_out
        self._waiting: queue.Queue[str | threading.Event | None] = queue.Queue(WAITING)
        self._dropped = 0
        self._thread = threading.Thread(target=self._write, name="mockserver:lines", daemon=True)
        self._thread.start()

    def __call__(self, text: str) -> None:
        """Print a text and a line feed, soon."""
        try:
            self._waiting.put_nowait(text)
        except queue.Full:
            self._dropped += 1

    def wait(self) -> None:
        """Return when all that was told is printed, or is not read in time."""
        printed = threading.Event()
        with suppress(queue.Full):
            self._waiting.put_nowait(printed)
            printed.wait(LAST_SECONDS)

    def close(self) -> None:
        with suppress(queue.Full):
            self._waiting.put_nowait(None)
            self._thread.join(LAST_SECONDS)

    def _write(self) -> None:
        with suppress(OSError, ValueError):  # nobody is there to read
            while (text := self._waiting.get()) is not None:
                if isinstance(text, threading.Event):
                    text.set()
                    continue
                self._print(text)
                dropped, self._dropped = self._dropped, 0
                if dropped:
                    self._print(self._left_out(dropped))

    def _print(self, text: str) -> None:
        remaining = memoryview(f"{printable(text)}\n".encode(self._encoding, "backslashreplace"))
        while remaining and self._out is not None:
            count = self._out.write(remaining)
            if count is None:  # whoever started the server lets writes to the pipe not block
                select.select([], [self._out], [])
            remaining = remaining[count or 0 :]


def complaint(text: str) -> click.ClickException:
    """What a command raises when it cannot go on, for a reason that others had a say in."""
    return click.ClickException(harmless(text))
