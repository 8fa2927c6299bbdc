"""`mockserver report`: what it prints of conduct and coverage, its exit codes, and what it says when nobody answers."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

import httpx
import pytest
from click.testing import CliRunner, Result

from mockserver import Running, start
from mockserver.cli import main
from mockserver.cli.report import below
from mockserver.live.reply import read_reply
from mockserver.sandbox import Sandbox
from mockserver.shares import summed

Client = Callable[[str], httpx.Client]


def report(*arguments: str, **environment: str) -> Result:
    return CliRunner(env={"COLUMNS": "160", **environment}).invoke(main, ["report", *arguments])


@pytest.fixture
def polled(running: Running, sandbox: Sandbox, client: Client) -> tuple[str, ...]:
    """The arguments for a sandbox in which a client polled in a tight loop."""
    for _ in range(5):
        client("vidgen").get("/api/status/nix")
    return (running.url, "--sandbox", sandbox.name)


def test_findings_and_unseen_answers_are_shown_as_tables(polled: tuple[str, ...]) -> None:
    result = report(*polled)
    assert result.exit_code == 0, result.output
    assert "polled_too_fast" in result.output
    assert "a job was looked at 5 times in 0 s." in result.output
    assert "Wait at least 1 s" in result.output
    assert "1 … 5 (5)" in result.output
    assert "vidgen: 50 % seen of what its calls can meet (1 of 2); 1 of 7 operations called" in result.output
    assert "told apart: account 0 of 3, fault 0 of 1" in result.output
    assert "Never called: " in result.output


@pytest.mark.parametrize("environment", [{"FORCE_COLOR": "1"}, {"GITHUB_ACTIONS": "true"}, {"TTY_COMPATIBLE": "1"}])
def test_colours_are_for_terminals_alone(polled: tuple[str, ...], environment: dict[str, str]) -> None:
    assert "\x1b" not in report(*polled, **environment).output


def test_a_client_that_behaves_is_told_so(running: Running, sandbox: Sandbox, client: Client) -> None:
    client("vidgen").get("/api/health")
    client("vidgen").get("/nix")
    output = report(running.url, "--sandbox", sandbox.name).output
    assert "nothing to say against the client" in output
    assert "(1 of 2); 1 of 7 operations called" in output
    assert "stray_request 1 of 5" in output


def test_json_holds_everything(polled: tuple[str, ...]) -> None:
    found = json.loads(report(*polled, "--json").output)
    ((name, findings),) = found["conduct"].items()
    assert name == polled[2]
    assert [each["rule"] for each in findings] == ["polled_too_fast"]
    vidgen = found["coverage"]["vidgen"]
    assert (vidgen["seen"], vidgen["total"], len(vidgen["unseen"])) == (1, 2, 1)
    assert vidgen["apart"]["fault"] == {"seen": 0, "total": 1}
    assert found["coverage"]["mirrago"]["seen"] == 0


@pytest.mark.parametrize(("percent", "code"), [("50", 0), ("50.1", 1), ("100", 1)])
def test_too_little_coverage_ends_with_1(polled: tuple[str, ...], percent: str, code: int) -> None:
    result = report(*polled, "--fail-under", percent)
    assert result.exit_code == code
    assert ("is below" in result.output) == bool(code)


def test_apis_that_were_never_called_do_not_count_unless_none_was() -> None:
    used, silent = {"percent": 50, "total": 4}, {"percent": 100, "total": 0}
    assert below({"a": used, "b": silent}, 50) == []
    assert below({"a": used, "b": {"percent": 20, "total": 5}}, 50) == ["b: the coverage of 20 % is below 50 %"]
    assert below({"b": silent}, 1) == ["no operation was called: the coverage is below 1 %"]
    assert summed([])["percent"] == 100


@pytest.mark.parametrize(("need", "total"), [("account", 5), ("fault", 3), ("operation", 34)])
def test_what_is_told_apart_can_be_counted_too(polled: tuple[str, ...], need: str, total: int) -> None:
    vidgen = json.loads(report(*polled, "--count", need, "--json").output)["coverage"]["vidgen"]
    assert vidgen["total"] == total
    assert need not in vidgen["apart"]


@pytest.mark.parametrize(("mode", "code", "rules"), [("fail", 1, 1), ("warn", 0, 1), ("off", 0, 0)])
def test_conduct_fails_the_command_where_that_is_wanted(
    polled: tuple[str, ...], mode: str, code: int, rules: int
) -> None:
    result = report(*polled, "--conduct", mode)
    assert result.exit_code == code
    assert result.output.count("polled_too_fast") == rules


def test_the_report_on_the_whole_server_counts_all_sandboxes() -> None:
    with start() as server:
        server.app.sandboxes.create("one")
        httpx.get(f"{server.url}/vidgen/api/health", trust_env=False).raise_for_status()
        found = json.loads(report(server.url + "/", "--json").output)
    assert list(found["conduct"]) == ["default", "one"]
    assert found["coverage"]["vidgen"]["seen"] == 1


@pytest.fixture
def guarded() -> Iterator[Running]:
    with start(control_token="the-token") as server:
        yield server


def test_the_control_token_is_sent(guarded: Running) -> None:
    assert report(guarded.url, "--control-token", "the-token").exit_code == 0
    assert report(guarded.url, MOCKSERVER_CONTROL_TOKEN="the-token").exit_code == 0
    refused = report(guarded.url)
    assert refused.exit_code == 2
    assert "answered 401" in refused.output


def test_what_cannot_be_read_is_said_in_one_line(running: Running) -> None:
    assert "there is no sandbox named 'nix'" in report(running.url, "--sandbox", "nix").output
    assert f"/vidgen is no server's own address: ask {running.url}" in report(f"{running.url}/vidgen").output
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    unreachable = report(f"http://127.0.0.1:{port}")
    assert unreachable.exit_code == 2
    assert "cannot be read" in unreachable.output
    assert report("127.0.0.1:8000").exit_code == 2


@contextmanager
def answering(sent: bytes) -> Iterator[str]:
    """The URL of a server that answers every request with these bytes, whatever they are."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):  # the listener is closed
                while True:
                    client, _ = listening.accept()
                    with client, suppress(OSError):
                        client.recv(65_536)
                        client.sendall(sent)
                        client.shutdown(socket.SHUT_WR)
                        client.recv(1)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)


STRANGE = [
    b"[" * 200_000, b'[{"n": 1}]', b"{}", b"[1]", b'[{"name": 5}]', b"\x1b]0;x\x07", b"9" * 10_000,
    b'[{"name": "\\ud800"}]',
]  # fmt: skip


@pytest.mark.parametrize("body", STRANGE, ids=range(len(STRANGE)))
@pytest.mark.parametrize("arguments", [["report"], ["verify", "vidgen", "--url"]], ids=["report", "verify"])
def test_a_server_that_answers_nonsense_is_told_in_one_line(arguments: list[str], body: bytes) -> None:
    answer = b"HTTP/1.1 400 Bad\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(body), body)
    for sent in (answer, answer.replace(b"400 Bad", b"200 OK"), body):
        with answering(sent) as url:
            result = CliRunner().invoke(main, [*arguments, url])
        assert isinstance(result.exception, SystemExit)
        assert result.exit_code in ((1, 2) if arguments[0] == "verify" else (2,))
        assert "\x1b" not in result.output


def test_an_answer_that_is_too_long_or_too_slow_is_given_up() -> None:
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"5\r\nabcde\r\n" * 100
    with answering(chunks) as url:
        asked = urlsplit(url)
        for most, seconds, why in ((400, 60.0, "goes on after 400 bytes"), (4000, -1.0, "takes too long")):
            connection = HTTPConnection(asked.hostname or "", asked.port)
            connection.request("GET", "/")
            with pytest.raises(HTTPException, match=why):
                read_reply(connection.getresponse(), most, seconds)
            connection.close()
