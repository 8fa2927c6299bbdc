"""Answers that are ready together go out together, each once, in order, and before anything else on its connection."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

import pytest
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState
from wire_kit import STACKS, Echo, dial, read_to_end

from mockserver.wire import Limits, guard, serve_in_thread
from mockserver.wire.connection import DRAIN_SECONDS
from mockserver.wire.head import plain_head
from mockserver.wire.settings import WireSettings
from mockserver.wire.write_batch import FULL, WriteBatch

GET = b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n"


class Transport(asyncio.Transport):
    """Remembers what was written."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.is_closed, self.is_read = False, True

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

    def is_closing(self) -> bool:
        return self.is_closed

    def close(self) -> None:
        self.is_closed = True

    abort = close

    def resume_reading(self) -> None:
        self.is_read = True

    def pause_reading(self) -> None:
        self.is_read = False

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None: ...


class Counting:
    """An application that answers at once, or later, and counts."""

    def __init__(self, is_late: bool = False) -> None:
        self.count = 0
        self.is_late = is_late
        self.waiting: list[Callable[[bytes | None], None]] = []
        self.asked: list[tuple[bytes, bytes]] = []

    def at_once(self, request: bytes, end: int, client: str, later: Callable[[bytes | None], None]) -> bytes:
        self.asked.append((request[:end], request[end:]))
        self.count += 1
        self.waiting += [later] * self.is_late
        return b"" if self.is_late else b"%d" % self.count

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("nothing goes the long way here")


Made = tuple[Any, Transport]


def in_loop(test: Callable[[Callable[[], Made]], None], application: Counting | None = None) -> None:
    """Run a test in a loop that turns once more, with a maker of connections of one server."""

    async def run() -> None:
        settings = WireSettings(application or Counting(), limits=Limits(), http="h11", loop="asyncio")
        settings.load()
        state = ServerState()
        settings.room = 100

        def connection() -> Made:
            protocol, transport = settings.http_protocol_class(settings, state, {}), Transport()  # type: ignore
            protocol.connection_made(transport)
            return protocol, transport

        test(connection)
        await asyncio.sleep(0)

    asyncio.run(run())


def test_what_is_ready_in_one_turn_of_the_loop_goes_out_at_its_end() -> None:
    made: list[Made] = []

    def test(connection: Callable[[], Made]) -> None:
        made.extend(connection() for _ in range(FULL - 1))
        for protocol, transport in made:
            protocol.data_received(GET)
            assert transport.written == []

    in_loop(test)
    assert [transport.written for _, transport in made] == [[b"%d" % n] for n in range(1, FULL)]


class Named:
    """Says when it is flushed."""

    def __init__(self, name: str, written: list[str]) -> None:
        self.name, self.written = name, written

    def flush(self) -> None:
        self.written.append(self.name)


def test_who_has_an_answer_twice_in_a_row_is_not_kept_waiting_unless_others_wait() -> None:
    written: list[str] = []
    one, other = Named("one", written), Named("other", written)

    async def run() -> None:
        batch = WriteBatch(asyncio.get_running_loop())
        for who, now in ((one, []), (one, ["one"]), (one, ["one"]), (other, []), (other, ["other"]), (one, [])):
            batch.add(who)
            assert written == now, "a first answer waits for the end of the turn"
            await asyncio.sleep(0)
            written.clear()
        for who in (other, one, one):
            batch.add(who)
            assert written == [], "in the order in which they were ready"
        await asyncio.sleep(0)
        assert written == ["other", "one", "one"]

    asyncio.run(run())


def test_a_full_batch_is_written_without_waiting() -> None:
    def test(connection: Callable[[], Made]) -> None:
        made = [connection() for _ in range(FULL + 1)]
        for protocol, _ in made:
            protocol.data_received(GET)
        assert [bool(transport.written) for _, transport in made] == [True] * FULL + [False]

    in_loop(test)


def test_a_second_request_finds_the_first_answer_written() -> None:
    def test(connection: Callable[[], Made]) -> None:
        protocol, transport = connection()
        protocol.data_received(GET)
        protocol.data_received(b"nonsense\r\n\r\n")
        assert transport.written[0] == b"1"
        assert transport.written[1].startswith(b"HTTP/1.1 400 ")

    in_loop(test)


HEAD = b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n"


def test_a_head_that_comes_again_is_read_once_and_each_time_with_the_body_behind_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    application, read = Counting(), list[bytes]()

    def reading(data: bytes) -> Any:
        read.append(data)
        return plain_head(data)

    monkeypatch.setattr(guard, "plain_head", reading)

    def test(connection: Callable[[], Made]) -> None:
        protocol, _ = connection()
        for body in (b"one.", b"two.", b"\r\n\r\n"):
            protocol.data_received(HEAD + body)

    in_loop(test, application)
    assert application.asked == [(HEAD, b"one."), (HEAD, b"two."), (HEAD, b"\r\n\r\n")]
    assert read == [HEAD + b"one."]


@pytest.mark.parametrize("more", [b"five.", b"GET /"])
def test_another_head_and_a_body_that_is_not_whole_yet_are_read_anew(more: bytes) -> None:
    application = Counting()

    def test(connection: Callable[[], Made]) -> None:
        protocol, _ = connection()
        protocol.data_received(HEAD + b"one.")
        protocol.data_received(GET)
        assert application.asked[1] == (GET, b"")
        protocol.data_received(HEAD.replace(b": 4", b": 5") + more)
        protocol.data_received(HEAD + b"thr")
        assert len(application.asked) == 3

    in_loop(test, application)
    assert application.asked[2] == (HEAD.replace(b": 4", b": 5"), more)


@pytest.mark.parametrize("end", ["shutdown", "expire", "eof_received"])
def test_an_answer_is_written_before_the_connection_ends(end: str) -> None:
    made: list[Made] = []

    def test(connection: Callable[[], Made]) -> None:
        made.append(connection())
        protocol, transport = made[0]
        protocol.data_received(GET)
        getattr(protocol, end)()
        assert transport.written == [b"1"]

    in_loop(test)
    assert made[0][1].written == [b"1"]


def test_nothing_is_written_to_a_connection_that_is_gone() -> None:
    made: list[Made] = []

    def test(connection: Callable[[], Made]) -> None:
        made.extend([connection(), connection()])
        for protocol, _ in made:
            protocol.data_received(GET)
        made[0][1].is_closed = True
        made[1][0].connection_lost(None)

    in_loop(test)
    assert [transport.written for _, transport in made] == [[], []]


def test_who_is_flushed_may_add_itself_again() -> None:
    class Twice:
        flushed = 0

        def flush(self) -> None:
            self.flushed += 1
            if self.flushed < FULL:
                batch.add(self)

    async def run() -> None:
        batch.add(pending)
        for _ in range(FULL):
            await asyncio.sleep(0)

    loop = asyncio.new_event_loop()
    batch, pending = WriteBatch(loop), Twice()
    loop.run_until_complete(asyncio.wait_for(run(), 10))
    loop.close()
    assert pending.flushed == FULL


@pytest.mark.parametrize(
    ("lines", "length"),
    [
        (b"Host: a\r\n", None),
        (b"Host: a\r\nContent-Length: 5\r\n", b"5"),
        (b"Content-Length: 5\r\nX: y\r\nHost: a\r\nZ: y\r\n", b"5"),
        (b"X: y\r\ncontent-length:5\r\nhost:a\r\n", b"5"),
    ],
)
def test_a_plain_head_has_host_and_length_in_either_order(lines: bytes, length: bytes | None) -> None:
    found = plain_head(b"POST /x HTTP/1.1\r\n" + lines + b"\r\n")
    assert found is not None
    assert (found[found.lastindex] if found.lastindex else None) == length


@pytest.mark.parametrize(
    "lines",
    [
        b"Content-Length: 5\r\n",
        b"Content-Length: 5\r\nHost: a\r\nContent-Length: 5\r\n",
        b"Content-Length: 5\r\nContent-Length: 5\r\nHost: a\r\n",
        b"Content-Length: 5\r\nHost: a\r\nHost: a\r\n",
        b"Host: a\r\nContent-Length: 5\r\nHost: a\r\n",
        b"Content-Length: 5\r\nHost: a\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: five\r\nHost: a\r\n",
    ],
)
def test_a_head_that_says_it_twice_or_not_is_not_plain(lines: bytes) -> None:
    assert plain_head(b"POST /x HTTP/1.1\r\n" + lines + b"\r\n") is None


def test_what_comes_while_an_answer_is_waited_for_is_held_until_it_is_there() -> None:
    late = Counting(is_late=True)

    def test(connection: Callable[[], Made]) -> None:
        protocol, transport = connection()
        protocol.data_received(GET)
        protocol.data_received(GET[:9])
        protocol.data_received(GET[9:])
        assert (late.count, transport.written) == (1, [])
        late.waiting[0](b"one")
        assert (late.count, transport.written) == (2, [b"one"])
        late.waiting[1](b"two")
        protocol.data_received(GET)
        assert (late.count, transport.written) == (3, [b"one", b"two"])
        assert not transport.is_closed

    in_loop(test, late)


def test_who_sends_much_while_an_answer_is_waited_for_is_read_again_once_it_is_there() -> None:
    late = Counting(is_late=True)
    larger = b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (2 * guard.HELD_BYTES)

    def test(connection: Callable[[], Made]) -> None:
        protocol, transport = connection()
        protocol.data_received(GET)
        protocol.data_received(larger + bytes(guard.HELD_BYTES))
        assert not transport.is_read
        late.waiting[0](b"one")
        assert (transport.is_read, transport.written) == (True, [b"one"])

    in_loop(test, late)


def test_who_reads_nothing_is_not_answered_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    application, beneath = Counting(), list[bytes]()
    monkeypatch.setattr(H11Protocol, "data_received", lambda protocol, data: beneath.append(data))

    def test(connection: Callable[[], Made]) -> None:
        protocol, _ = connection()
        protocol.data_received(GET)
        protocol.pause_writing()
        protocol.data_received(GET)
        assert beneath == [GET], "by the long way, which waits until there is room"

    in_loop(test, application)
    assert application.count == 1


def test_an_answer_that_comes_late_is_the_last_of_a_server_that_stops_and_nobody_s_on_a_lost_connection() -> None:
    late = Counting(is_late=True)

    def test(connection: Callable[[], Made]) -> None:
        made = [connection() for _ in range(3)]
        for protocol, _ in made:
            protocol.data_received(GET)
        made[0][0].shutdown()
        assert not made[0][1].is_closed
        made[1][1].is_closed = True
        made[1][0].connection_lost(None)
        for later, answer in zip(late.waiting, (b"one", b"two", b""), strict=True):
            later(answer)
        assert [transport.written for _, transport in made] == [[b"one\r\nconnection: close\r\n"], [], []]
        assert [transport.is_closed for _, transport in made] == [True, True, True]

    in_loop(test, late)


def test_an_answer_that_comes_late_reaches_a_client_that_stopped_sending() -> None:
    late = Counting(is_late=True)

    def test(connection: Callable[[], Made]) -> None:
        protocol, transport = connection()
        protocol.data_received(GET)
        assert protocol.eof_received() is True
        assert not transport.is_closed
        late.waiting[0](b"one")
        assert (transport.written, transport.is_closed) == ([b"one\r\nconnection: close\r\n"], True)

    in_loop(test, late)


# --- what was to be answered at once, and goes the long way after all


class Undecided(Echo):
    """An application that finds out later that it cannot answer at once."""

    def at_once(self, request: bytes, end: int, client: str, later: Callable[[bytes | None], None]) -> bytes:
        asyncio.get_running_loop().call_soon(later, None)
        return b""


@pytest.mark.parametrize(("http", "loop"), STACKS)
def test_what_cannot_be_answered_at_once_after_all_is_answered_the_long_way_each_in_its_turn(
    http: Any, loop: Any
) -> None:
    app = Undecided()
    post = b"POST /b HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\nhi"
    last = b"GET /c HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
    with serve_in_thread(app, http=http, loop=loop) as server, dial(server) as sock:
        for request, answered in ((post, b"/b 2"), (GET, b"/x 0"), (post + GET, b"/b 2/x 0")):
            sock.sendall(request)
            got = b""
            while len(bodies := re.findall(rb"\r\n\r\n(/\w \d)", got)) < answered.count(b"/"):
                got += sock.recv(65536)
            assert b"".join(bodies) == answered
        sock.sendall(last)
        assert read_to_end(sock).endswith(b"/c 0")
    assert [path for _, path, _ in app.seen] == ["/b", "/x", "/b", "/x", "/c"]


def test_what_goes_the_long_way_after_all_is_the_last_of_a_client_that_stopped_sending() -> None:
    late = Counting(is_late=True)

    def test(connection: Callable[[], Made]) -> None:
        protocol, transport = connection()
        protocol.data_received(GET)
        assert protocol.eof_received() is True
        late.waiting[0](None)
        assert (protocol.cycle.keep_alive, transport.is_closed) == (False, False)

    in_loop(test, late)


# --- who was refused


def test_who_sends_on_although_it_was_refused_has_so_long_and_no_longer() -> None:
    def test(connection: Callable[[], Made]) -> None:
        protocol, transport = connection()
        protocol.data_received(b"nonsense\r\n\r\n")
        assert transport.written[0].startswith(b"HTTP/1.1 400 ")
        wheel, last = protocol._wheel, protocol._wheel.turn + protocol._wheel.turns(DRAIN_SECONDS)
        while wheel.turn < last:
            assert wheel.turn < protocol.due <= last
            wheel.turn += 1
            protocol.data_received(b"more")
        assert protocol.due == last

    in_loop(test)
