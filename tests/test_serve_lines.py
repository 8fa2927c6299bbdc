"""The line that `mockserver serve` prints for a request: nothing that a client wrote steers the terminal."""

from __future__ import annotations

import pytest
from wire_kit import ask

from mockserver import Running
from mockserver.cli.serve import print_entry
from mockserver.sandbox import Sandbox


@pytest.mark.parametrize("raw", ["%1b%5b2J", "%07", "%00", "%c2%9b1m", "%e2%80%ae", "%e2%80%a8", "%0a%0d", "%ff"])
def test_what_a_path_holds_is_printed_in_escapes(
    running: Running, sandbox: Sandbox, raw: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = f"/@{sandbox.name}/vidgen/{raw}"
    ask(running.thread, f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
    entry = sandbox.journal.last()
    assert entry is not None
    print_entry(entry)
    line = capsys.readouterr().out
    assert line.endswith("\n")
    assert line[:-1].isprintable()
