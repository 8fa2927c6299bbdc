"""Unmodified programs in many languages reach a real upstream by way of the recorder, which keeps what they ask."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from proxy_kit import Tool, output_of
from recorder_kit import HOST, entries, recorded_at, tls_of
from serve_kit import ROOT
from until_kit import until

from mockserver import start
from mockserver.recorder import Recording
from mockserver.wire import Tls

CALLS, NODE = ROOT / "tests/proxy", ROOT / "tests/files/node"
URL = f"https://{HOST}/api/health"


@pytest.fixture
def found() -> Iterator[Recording]:
    """A recording before VidGen's contract at a host of its own."""
    with start(hosts={HOST: "vidgen"}, tls=Tls(tls_of(HOST))) as running, recorded_at(running.port) as recording:
        yield recording


def kept(found: Recording, number: int = 1) -> list[tuple[str, int, str]]:
    """URL, status and text of each call that was recorded, once there are so many: clients may end before that."""
    until(lambda: len(found.tape) >= number)
    return [
        (each["request"]["url"], each["response"]["status"], each["response"]["content"]["text"])
        for each in entries(found)
    ]


ANSWERED = (URL, 200, '{"status": "ok"}')


def test_clients_of_node_are_recorded(found: Recording) -> None:
    said = json.loads(output_of(found, Tool("node", "nodejs").path, CALLS / "node_calls.mjs", NODE, URL))[URL]
    assert {*said.values()} == {200}
    assert kept(found, len(said)) == [ANSWERED] * len(said)


@pytest.mark.parametrize("words", [("curl", "-sSf"), ("wget", "-nv", "-O", "-")], ids=["curl", "wget"])
def test_a_program_of_the_command_line_is_recorded(found: Recording, words: tuple[str, ...]) -> None:
    assert json.loads(output_of(found, Tool(words[0], words[0]).path, *words[1:], URL)) == {"status": "ok"}
    assert kept(found) == [ANSWERED]


@pytest.mark.slow
def test_both_clients_of_java_are_recorded(found: Recording) -> None:
    said = output_of(found, Tool("java", "default-jdk-headless").path, CALLS / "Calls.java", URL)
    assert [line.split(" ", 2)[2] for line in said.splitlines()] == ["200", "200"]
    assert kept(found, 2) == [ANSWERED] * 2


@pytest.mark.slow
def test_ruby_is_recorded(found: Recording) -> None:
    script = "require 'net/http'; puts Net::HTTP.get_response(URI(ARGV[0])).code"
    assert output_of(found, Tool("ruby", "ruby").path, "-e", script, URL) == "200\n"
    assert kept(found) == [ANSWERED]


@pytest.mark.slow
def test_go_is_recorded(found: Recording, tmp_path: Path) -> None:
    go = {**found, "GOCACHE": str(tmp_path / "cache"), "GOTOOLCHAIN": "local", "GO111MODULE": "off"}
    assert output_of(go, Tool("go", "golang-go").path, "run", CALLS / "calls.go", URL) == f"{URL} 200\n"
    assert kept(found) == [ANSWERED]
