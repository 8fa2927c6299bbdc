"""To which engines a process connects, what it says of the others, and that whoever waits hears it."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
import trustme
from away_kit import until
from connecting_kit import free_port, refusal, user
from engine_kit import Engine, found, running_engine
from home_kit import Home, patient, with_homes

from mockserver.errors import StateError, UsageError
from mockserver.stores.redis import pipe
from mockserver.stores.redis.address import Address, address_of
from mockserver.stores.redis.fitness import unfit
from mockserver.stores.redis.greeting import greet
from mockserver.stores.redis.line import LIMIT, EngineLine, PendingCall
from mockserver.stores.redis.pipe import Pipe
from mockserver.stores.redis.rights import RIGHTS
from mockserver.stores.redis.secured import context_of

ENGINES = found()
DATABASE = 3


def test_whatever_stops_a_connection_all_who_wait_hear_it() -> None:
    assert "a..b:6379 is not there: " in refusal(Address(host="a..b"))


def test_one_that_encrypts_nothing_is_told_of_as_such() -> None:
    def refused(plain: socket.socket) -> None:
        with plain.accept()[0] as came:
            came.recv(1)
            came.sendall(b"-ERR unknown command\r\n")

    with socket.create_server(("127.0.0.1", 0)) as plain:
        answering = threading.Thread(target=refused, args=(plain,))
        answering.start()
        told = refusal(Address(host="127.0.0.1", port=plain.getsockname()[1], secure=True))
        answering.join()
    assert "is not there, or encrypts nothing: " in told


@pytest.mark.parametrize("name", ENGINES)
def test_the_rights_that_are_documented_are_enough(name: str, engine_of: Callable[[str], Engine]) -> None:
    async def work(home: Home, other: Home) -> None:
        begun = await home.begin()
        await home.state.newest("api", 1)
        await home.state.changes("watcher")
        home.state.finish(begun.n)
        other.worker.tell_anew(home.state.base)
        assert await home.index.close("world")
        assert not await home.worker.is_gone(other.worker.name), "it listens"
        await home.worker.sweep("nobody", home.state.base)

    engine = engine_of(name)
    assert RIGHTS in Path("docs/howto/cluster.md").read_text("utf-8")
    with user(engine, RIGHTS) as address:
        with_homes(f"unix://app:s3cret@{address.path}", work, 2)
    engine.asked(b"FLUSHALL\r\n")


@pytest.mark.parametrize("name", ENGINES)
def test_a_primary_that_becomes_a_replica_is_left_and_taken_again(name: str) -> None:
    async def work(home: Home) -> None:
        await home.begin()
        engine.asked(b"REPLICAOF 127.0.0.1 1\r\n")
        with pytest.raises(StateError, match=r"is a replica( by now)?, which takes nothing"):
            await home.begin()
        with pytest.raises(StateError, match="is a replica, which takes nothing: name the primary"):
            await home.state.newest("api", 1)  # a replica would answer: with what it had
        engine.asked(b"REPLICAOF NO ONE\r\n")
        await home.begin()

    with running_engine(ENGINES[name]) as engine:
        with_homes(engine, work)


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_of_a_cluster_is_no_store(name: str) -> None:
    with running_engine(ENGINES[name], "--cluster-enabled", "yes", "--cluster-port", str(free_port())) as engine:
        assert "is one of a cluster: a store is one engine" in refusal(Address(path=str(engine.path)))


def test_an_old_engine_is_no_store() -> None:
    hello = {b"version": b"7.0.15", b"mode": b"standalone", b"role": b"master"}
    assert unfit(hello, b"maxmemory_policy:noeviction") == ""
    assert "is older than Redis 7" in unfit({**hello, b"version": b"6.2.14"}, b"")
    assert "is one of a sentinel" in unfit({**hello, b"mode": b"sentinel"}, b"")


@pytest.mark.parametrize("refused", [b"-ERR unknown command 'HELLO'", b"-ERR unknown command `HELLO`, with args"])
def test_one_that_greets_nobody_is_an_old_one(refused: bytes, tmp_path: Path) -> None:
    class Old(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = transport

        def data_received(self, data: bytes) -> None:
            assert isinstance(self.transport, asyncio.WriteTransport)
            self.transport.write((refused + b"\r\n") * sum(line.startswith(b"*") for line in data.split(b"\r\n")))

    async def asked() -> str:
        path = str(tmp_path / "old")
        async with await asyncio.get_running_loop().create_unix_server(Old, path):
            pipe = Pipe(Address(path=path), unfit, "ms1:test", lambda push: None)
            try:
                await pipe.ask("PING")
            except StateError as error:
                return str(error)
            finally:
                pipe.close()
        return ""

    with patient():
        assert "is older than Redis 7" in asyncio.run(asked())


@pytest.mark.skipif("redis" not in ENGINES, reason="the engine of a package of Python cannot encrypt")
def test_an_encrypted_connection_shows_a_certificate_and_looks_at_the_other(tmp_path: Path) -> None:
    ours, theirs, wrong = trustme.CA(), trustme.CA(), trustme.CA()
    files = {each: str(tmp_path / each) for each in ("ca", "wrong", "cert", "key", "own", "client")}
    ours.cert_pem.write_to_path(files["ca"])
    wrong.cert_pem.write_to_path(files["wrong"])
    theirs.cert_pem.write_to_path(files["client"])
    ours.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(files["own"])
    client = theirs.issue_cert("client")
    client.cert_chain_pems[0].write_to_path(files["cert"])
    client.private_key_pem.write_to_path(files["key"])
    with listening(files) as port:
        place = f"rediss://localhost:{port}/{DATABASE}"
        whole = f"{place}?ca={files['ca']}&cert={files['cert']}&key={files['key']}"
        assert context_of(address_of(whole)) is context_of(address_of(whole)), "it is made once"

        async def work(home: Home) -> None:
            await home.begin()

        with_homes(whole, work)
        untrusted = refusal(address_of(f"{place}?ca={files['wrong']}"))
        assert "has a certificate that is not trusted: " in untrusted
        assert untrusted.endswith(": ?ca=FILE names who signs it")
        by_address = refusal(address_of(whole.replace("localhost", "127.0.0.1")))
        assert "certificate is not valid for '127.0.0.1'" in by_address
        assert by_address.endswith(": name the host as its certificate does")
        shows_none = refusal(address_of(f"{place}?ca={files['ca']}"))
        assert shows_none.endswith("was lost: it may want a certificate of this client (?cert=FILE&key=FILE)")
        plain = refusal(Address(host="localhost", port=port))
        assert plain.endswith("was lost: is its port encrypted? rediss:// leads to one that is")


@pytest.mark.parametrize("name", ENGINES)
def test_a_port_that_is_not_encrypted_is_told_to_who_waits_for_encryption(name: str) -> None:
    async def asked() -> str:
        pipe = Pipe(address_of(f"rediss://127.0.0.1:{port}"), unfit, "ms1:test", lambda push: None)
        with pytest.raises(StateError) as told:
            await pipe.ask("PING")
        pipe.close()
        return str(told.value)

    port = free_port()
    with running_engine(ENGINES[name], "--port", str(port)):
        told = asyncio.run(asked())
        assert told.endswith("is its port encrypted? redis:// leads to one that is not")


@pytest.mark.parametrize("name", ENGINES)
def test_who_has_no_password_or_a_wrong_one_is_told_how_to_write_it(name: str) -> None:
    with running_engine(ENGINES[name]) as engine:
        engine.asked(b"ACL SETUSER default resetpass >s3cret\r\n")
        path = str(engine.path)
        assert "the store wants a password: write redis://:PASSWORD@HOST" in refusal(Address(path=path))
        assert "unix://:PASSWORD@/PATH" in refusal(Address(path=path))
        wrong = refusal(Address(path=path, password="other"))
        assert "the store does not take this user and password: write" in wrong
        assert "@, /, #, %, [ and ] are written as %40" in wrong


@contextmanager
def listening(files: dict[str, str]) -> Iterator[int]:
    """An engine that is encrypted, and where."""
    port = free_port()
    words = {
        "tls-port": str(port), "tls-cert-file": files["own"], "tls-key-file": files["own"],
        "tls-ca-cert-file": files["client"], "tls-auth-clients": "yes",
    }  # fmt: skip
    with running_engine(ENGINES["redis"], *[each for name, word in words.items() for each in (f"--{name}", word)]):
        yield port


def test_files_that_cannot_be_used_are_named_before_anything_is_asked(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.touch()
    for each in (tmp_path / "nowhere.pem", empty):
        with pytest.raises(UsageError, match=f"the files of the store's encryption .{each}. cannot be used"):
            context_of(address_of(f"rediss://localhost?ca={each}"))


class Still:
    """A clock of a loop that stands."""

    def __init__(self) -> None:
        self.now, self.due = 0.0, list[tuple[float, Callable[[], None]]]()

    def time(self) -> float:
        return self.now

    def call_later(self, seconds: float, work: Callable[[], None]) -> asyncio.TimerHandle:
        self.due.append((self.now + seconds, work))
        return Mock()

    def go(self, to: float) -> None:
        self.now = to
        due, self.due = self.due, [each for each in self.due if each[0] > to]
        for at, work in due:
            if at <= to:
                work()


def test_an_engine_whose_long_answer_is_on_its_way_is_there_and_one_that_stops_within_it_is_not() -> None:
    lost = list[str]()

    async def asked() -> None:
        made, still = EngineLine("there", lambda push: None, lost.append), Still()
        made._loop = still  # type: ignore[assignment]
        made.connection_made(Mock())
        answer = asyncio.get_running_loop().create_future()
        made.send([PendingCall(("GET", "a"), answer)])
        for share in (0.8, 1.6, 2.4):
            still.go(share * LIMIT)
            made.data_received(b"$99\r\nhalf" if share < 1 else b"more")
        assert not lost
        still.go(3.3 * LIMIT)
        assert not lost
        still.go(3.5 * LIMIT)
        with pytest.raises(StateError, match="did not answer within"):
            await answer

    asyncio.run(asked())
    assert lost == [f"did not answer within {LIMIT:g} s"]


@pytest.mark.parametrize("name", ENGINES)
def test_who_leaves_while_it_is_let_in_is_gone(
    name: str, engine_of: Callable[[str], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An engine that it had told to whom to listen would tell everybody that it is there."""
    lines = list[EngineLine]()

    async def greeted(line: EngineLine, *more: Any) -> None:
        await greet(line, *more)
        lines.append(line)
        await asyncio.Event().wait()

    async def leave() -> None:
        made = Pipe(address_of(engine_of(name).url), unfit, "ms1:to:me", lambda push: None)
        asked = made.ask("PING")
        await until(lambda: lines)
        made.close()
        with pytest.raises(StateError, match="was left"):
            await asked
        await until(lambda: lines[0]._transport is None)

    monkeypatch.setattr(pipe, "greet", greeted)
    with patient():
        asyncio.run(leave())
