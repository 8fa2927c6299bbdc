"""Who looks after a store and names a place where there is none is told so in one sentence, with the remedy."""

from __future__ import annotations

import asyncio
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import repeat
from pathlib import Path
from socket import SHUT_RDWR, create_server, socket
from typing import Any, cast

import pytest
from cli_kit import call
from connecting_kit import free_port, refusal, user
from engine_kit import Engine, found, running_engine
from home_kit import patient
from until_kit import until

from mockserver.stores.redis.address import address_of
from mockserver.stores.redis.care import look
from mockserver.stores.redis.fitness import NO_ENGINE
from mockserver.stores.redis.rights import RIGHTS

ENGINES = found()
ACTIONS = ("stats", "purge")
NO_ENGINES = {
    "a server of HTTP": b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
    "one that says something else": b"SSH-2.0-OpenSSH_9.6\r\n",
    "one whose lengths are none": b"$-5\r\n*3\r\n",
    "one that greets nobody": b"+OK\r\n" * 200,
    "one that greets by other words": b"%1\r\n+a\r\n+b\r\n",
}


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    with patient():
        yield


def told(action: str, url: str) -> str:
    """The one sentence that a command ends with; `serve` says the same."""
    answer = call("store", action, url)
    lines = answer.output.splitlines()
    assert (answer.exit_code, len(lines)) == (2, 1), answer.output
    assert lines[0].startswith("Error: ")
    return lines[0].removeprefix("Error: ")


@contextmanager
def saying(words: bytes) -> Iterator[str]:
    """A port where whoever comes hears these words, and nothing more."""

    def answer() -> None:
        with suppress(OSError):  # it was shut
            while True:
                attend(listening.accept()[0], words)

    with create_server(("127.0.0.1", 0)) as listening:
        answering = threading.Thread(target=answer)
        answering.start()
        try:
            yield f"redis://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            listening.shutdown(SHUT_RDWR)
            answering.join()


def attend(came: socket, words: bytes) -> None:
    with came, suppress(OSError):
        came.recv(1)
        came.sendall(words)
        came.settimeout(10)
        while came.recv(65536):
            pass


@pytest.mark.parametrize("name", ENGINES)
def test_a_node_of_a_cluster_is_refused_whatever_is_asked(name: str) -> None:
    with running_engine(ENGINES[name], "--cluster-enabled", "yes", "--cluster-port", str(free_port())) as engine:
        for url in (engine.url, f"{engine.url}?db=3"):
            for action in ACTIONS:
                assert told(action, url) == (
                    f"the store at {engine.path} is one of a cluster: a store is one engine that keeps all by itself; "
                    "name one whose `cluster-enabled` is no"
                )


@pytest.mark.parametrize("name", ENGINES)
def test_a_sentinel_is_refused_whatever_is_asked(name: str, tmp_path: Path) -> None:
    port, settings = free_port(), tmp_path / "sentinel.conf"
    settings.write_text(f"port {port}\ndir {tmp_path}\nsentinel monitor m 127.0.0.1 1 1\n")
    url = f"redis://127.0.0.1:{port}"
    sentinel = subprocess.Popen([ENGINES[name], str(settings), "--sentinel"], stdout=subprocess.DEVNULL)
    try:
        until(lambda: "is not there" not in call("store", "stats", url).output)
        for action in ACTIONS:
            assert told(action, url).endswith("keeps all by itself; name the primary that it watches")
        assert refusal(address_of(url)).endswith("keeps all by itself; name the primary that it watches")
    finally:
        sentinel.terminate()
        sentinel.wait()


@pytest.mark.parametrize("name", ENGINES)
def test_a_database_that_is_not_there_is_named(name: str, engine_of: Callable[[str], Engine]) -> None:
    engine = engine_of(name)
    url, wanted = f"{engine.url}?db=99", f"the store at {engine.path} has no database 99: most engines have 0 to 15; "
    assert {told(action, url) for action in ACTIONS} == {f"{wanted}its setting `databases` says how many"}
    assert refusal(address_of(url)).startswith(wanted)


@pytest.mark.parametrize("name", ENGINES)
def test_a_replica_is_looked_at_and_not_purged(name: str) -> None:
    with running_engine(ENGINES[name]) as engine:
        engine.asked(b"SET ms1:{/default} 1\r\n")
        engine.asked(b"REPLICAOF 127.0.0.1 1\r\n")
        assert "It is no store: it is a replica" in call("store", "stats", engine.url).output
        assert told("purge", engine.url).endswith(
            "is a replica, which takes nothing: name the primary, or wait until this one is"
        )


@pytest.mark.parametrize("name", ENGINES)
def test_one_that_throws_away_is_told_of_and_can_be_purged(name: str) -> None:
    with running_engine(ENGINES[name], "--maxmemory-policy", "allkeys-lru") as engine:
        engine.asked(b"SET ms1:{/default} 1\r\n")
        assert "set its maxmemory-policy to noeviction" in call("store", "stats", engine.url).output
        assert "1 key is gone" in call("store", "purge", engine.url).output


@pytest.mark.parametrize("name", ENGINES)
def test_a_user_who_may_too_little_is_told_what_gives_it(name: str, engine_of: Callable[[str], Engine]) -> None:
    engine = engine_of(name)
    url = engine.url.replace("unix://", "unix://app:s3cret@")
    with user(engine, "+@all -scan"):
        assert told("stats", url).endswith(f"; say there: ACL SETUSER app {RIGHTS}")
        assert told("purge", url).endswith(f"; say there: ACL SETUSER app {RIGHTS}")
    with user(engine, RIGHTS):
        assert "0 keys are gone" in call("store", "purge", url).output
        assert "0 processes serve" in call("store", "stats", url).output


@pytest.mark.parametrize("action", ACTIONS)
def test_where_nobody_is_it_is_said_how_to_get_there(action: str, tmp_path: Path) -> None:
    nowhere, port = tmp_path / "none.sock", free_port()
    assert told(action, f"unix://{nowhere}").endswith(
        ": start the engine, or name the socket (`unixsocket`) at which it listens"
    )
    for scheme in ("redis", "rediss"):
        sentence = told(action, f"{scheme}://127.0.0.1:{port}")
        assert sentence.endswith(": start the engine, or name the port at which it listens")
    missing = told(action, f"rediss://127.0.0.1:{port}?ca={nowhere}")
    assert missing.startswith(f"the files of the store's encryption ({nowhere}) cannot be used")


@pytest.mark.parametrize("who", NO_ENGINES)
def test_what_is_no_engine_is_told_of_as_such(who: str) -> None:
    with saying(NO_ENGINES[who]) as url:
        where = url.removeprefix("redis://")
        assert {told(action, url) for action in ACTIONS} == {f"the store at {where} {NO_ENGINE}"}
    with saying(NO_ENGINES[who]) as url:
        assert refusal(address_of(url)).endswith(NO_ENGINE)


def test_one_that_lets_nobody_in_is_told_in_its_own_words() -> None:
    with saying(b"-ERR max number of clients reached\r\n") as url:
        assert {told(action, url) for action in ACTIONS} == {"the store refuses: ERR max number of clients reached"}
        assert refusal(address_of(url)) == "the store refuses: ERR max number of clients reached"


def test_a_space_that_an_engine_names_twice_while_it_makes_room_counts_once() -> None:
    answers = {
        "SCAN": iter([[b"7", [b"ms1:{/%2Findex}:open"]], [b"0", [b"ms1:{/%2Findex}:open"]]]),
        "ZCARD": repeat(3), "HELLO": repeat({b"version": b"7.2.0", b"mode": b"standalone"}), "INFO": repeat(b""),
        "DBSIZE": repeat(1), "TIME": repeat([b"9", b"0"]), "ZRANGE": repeat([]), "SMEMBERS": repeat([]),
    }  # fmt: skip

    class Twice:
        async def ask(self, *words: Any) -> Any:
            return next(answers[words[0]])

    assert asyncio.run(look(cast(Any, Twice()))).sandboxes == 3
