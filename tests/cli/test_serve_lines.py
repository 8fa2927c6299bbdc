"""What `mockserver serve` prints: nothing that a client wrote steers the terminal, no reader holds the server up."""

from __future__ import annotations

import io
import itertools
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from serve_kit import ROOT, serving
from wire_kit import PATIENCE, ask

from mockserver import Running
from mockserver.cli import supervised, terminal
from mockserver.cli.log import LOGS, line_of
from mockserver.cli.terminal import WAITING, telling
from mockserver.sandbox import Sandbox


@pytest.mark.parametrize("raw", ["%1b%5b2J", "%07", "%00", "%c2%9b1m", "%e2%80%ae", "%e2%80%a8", "%0a%0d", "%ff"])
def test_what_a_path_holds_is_printed_in_escapes(running: Running, sandbox: Sandbox, raw: str) -> None:
    path = f"/@{sandbox.name}/vidgen/{raw}"
    ask(running.thread, f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
    entry = sandbox.journal.last()
    assert entry is not None
    assert line_of(entry).isprintable()


class Pipe(io.RawIOBase):
    """Takes a few bytes at a time; holds whoever writes until it is opened."""

    def __init__(self, *, is_open: bool = True) -> None:
        self.opened = threading.Event()
        self.complained = threading.Event()
        self.got = b""
        if is_open:
            self.opened.set()

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self.opened.wait(PATIENCE)
        self.got += bytes(data[:7])
        if b"in time)\n" in self.got:
            self.complained.set()
        return min(len(data), 7)

    def stand_in(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BufferedWriter(self), encoding="ascii"))


def test_lines_are_whole_in_order_and_in_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = Pipe()
    pipe.stand_in(monkeypatch)
    with telling(LOGS["text"].left_out) as tell:
        for text in ("http://127.0.0.1:8000", "a\x1b[2J", "кадр"):
            tell(text)
    first, second, third, rest = pipe.got.decode("ascii").split("\n")
    assert (first, rest) == ("http://127.0.0.1:8000", "")
    assert second.isprintable()
    assert third == r"\u043a\u0430\u0434\u0440"


def test_a_reader_that_is_slow_is_told_how_much_it_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = Pipe(is_open=False)
    pipe.stand_in(monkeypatch)
    with telling(LOGS["text"].left_out) as tell:
        for number in range(WAITING + 100):
            tell(str(number))
        pipe.opened.set()
        assert pipe.complained.wait(PATIENCE)
    told = next(line for line in pipe.got.decode().split("\n") if "left out" in line)
    assert int(told.strip("(").split()[0]) in (99, 100)


class Supervising:
    """In the place of workers: what was printed when they are let go."""

    def __init__(self, _plan: object, _sock: object, _tell: object, announce: Callable[[Any], None]) -> None:
        self._announce = announce

    async def run(self) -> int:
        self._announce({"lines": ["http://127.0.0.1:8000", *("a line of the table",) * 50]})
        Supervising.printed = Supervising.pipe.got
        return 0

    pipe: Pipe
    printed = b""


def test_the_url_is_printed_before_workers_print_what_they_were_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    Supervising.pipe = Pipe()
    Supervising.pipe.stand_in(monkeypatch)
    monkeypatch.setattr(supervised, "Supervisor", Supervising)
    with socket.socket() as sock, telling(LOGS["text"].left_out) as tell:
        assert supervised.supervise(sock, 2, "redis://127.0.0.1", tell, str) == 0
    assert Supervising.printed.startswith(b"http://127.0.0.1:8000\n")
    assert Supervising.printed.endswith(b"2 workers share their state at the store 127.0.0.1:6379\n")


def test_a_reader_that_takes_nothing_holds_the_start_up_no_longer_than_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "LAST_SECONDS", 0.01)
    pipe = Pipe(is_open=False)
    pipe.stand_in(monkeypatch)
    with telling(LOGS["text"].left_out) as tell:
        tell("http://127.0.0.1:8000")
        tell.wait()
        assert pipe.got == b""
        pipe.opened.set()


def test_a_pipe_that_nobody_reads_holds_no_request_and_no_end_up() -> None:
    path = b"/vidgen/" + b"x" * 70
    request = b"GET " + path + b" HTTP/1.1\r\nHost: a\r\n\r\n"
    with serving() as served, served.dial() as connection:
        for _ in range(15):  # 100 lines of 100 bytes each time: twice what a pipe holds
            connection.sendall(request * 100)
            got = b""
            while got.count(b"HTTP/1.1 404") < 100 or not got.endswith(b"}"):
                got += connection.recv(1 << 20)
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(PATIENCE) == 0


def test_a_pipe_that_was_closed_spoils_no_request() -> None:
    with serving() as served:
        assert served.process.stdout is not None
        served.process.stdout.close()
        for _ in range(3):
            with served.dial() as connection:
                connection.sendall(b"GET /vidgen/x HTTP/1.1\r\nHost: a\r\n\r\n")
                assert connection.recv(1 << 16).startswith(b"HTTP/1.1 404")
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(PATIENCE) == 0


def lines_of(*words: str) -> list[str]:
    """What a server prints at its start, and what comes with the first request."""
    with serving(*words) as served, served.dial() as connection:
        connection.sendall(b"GET /vidgen/x HTTP/1.1\r\nHost: a\r\n\r\n")
        assert served.process.stdout is not None
        return [*itertools.takewhile(lambda line: "/vidgen/x" not in line, served.process.stdout)]


def test_a_server_that_other_machines_reach_says_that_its_links_do_not_lead_them_there() -> None:
    everywhere = ("--host", "0.0.0.0", "--control-token", "choose-one")
    [told] = [line for line in lines_of(*everywhere) if "--public-url" in line]
    assert re.match(
        r"  links in answers begin with http://127\.0\.0\.1:\d+, which is no address for other machines: ", told
    )
    for more in ([*everywhere, "--public-url", "http://mock.example"], []):
        assert "--public-url" not in "".join(lines_of(*more))


def test_a_server_without_standard_descriptors_serves() -> None:
    """As daemons are started: uvloop ends the process when a socket of its has the number 0, 1 or 2."""
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    code = (
        "import os; [os.close(n) for n in (0, 1, 2)]; from mockserver import start;"
        f"server = start(); os.write({writing}, server.url.encode()); server.stop(); os.write({writing}, b' ended')"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", code], env=environment, pass_fds=[writing]) as process:
        os.close(writing)
        with open(reading, "rb") as told:
            assert told.read().endswith(b" ended")
        assert process.wait(PATIENCE) == 0
