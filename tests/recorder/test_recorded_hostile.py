"""Whatever an upstream does, the recorder goes on, its client hears of it, and what is kept stays within its bounds."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
import struct
import zlib
from collections.abc import Callable

import pytest
from proxy_kit import secured, tunneled
from recorder_kit import (
    GOOD,
    HOST,
    RawUpstream,
    answering,
    asking,
    entries,
    got,
    recorded,
    recorded_at,
    text_of,
    upstream,
)

from mockserver.bounds import RECORDED_BODY, RECORDED_HEAD
from mockserver.errors import UsageError
from mockserver.recorder import Recording, channel, copies, exchange, forwarder, recording


def _bomb() -> bytes:
    packed = zlib.compressobj(9, wbits=31)
    return b"".join([*(packed.compress(bytes(1 << 20)) for _ in range(200)), packed.flush()])


WHOLE = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
HOSTILE: dict[str, bytes] = {
    "closes at once": b"",
    "speaks no HTTP": b"SSH-2.0-OpenSSH_9.6\r\n" * 10,
    "ends within its head": b"HTTP/1.1 200 OK\r\nContent-Ty",
    "has a huge head": WHOLE + b"A: " + b"b" * (2 * RECORDED_HEAD) + b"\r\n\r\n",
    "has a million headers": WHOLE + b"A: b\r\n" * RECORDED_HEAD,
    "has interim answers without end": b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000 + GOOD,
    "has a status beyond HTTP's": b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n",
    "switches protocols": b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    "has two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
}
BROKEN: dict[str, bytes] = {
    "ends within its body": WHOLE + b'Content-Length: 100\r\n\r\n{"a":',
    "ends within its chunks": WHOLE + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhe",
    "has chunks that are none": WHOLE + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nXYZ\r\n",
}
HELD: dict[str, bytes] = {
    "unfolds to far more than it sends": WHOLE + b"Content-Encoding: gzip\r\n\r\n" + _bomb(),
    "says it is gzip and is not": WHOLE + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
    "uses a coding that nobody asked for": WHOLE + b"Content-Encoding: br\r\nContent-Length: 5\r\n\r\nhello",
    "sends much": WHOLE + b"\r\n" + b"[" + b"1," * (2 * RECORDED_BODY) + b"1]",
    "nests deeply": WHOLE + b"\r\n" + b"[" * 100_000 + b"]" * 100_000,
    "has a number without end": WHOLE + b"\r\n" + b"1" * 100_000,
}


def _is_served(found: Recording) -> bool:
    return b"the good one" in got(found, asking("/good"))


def _handler(hostile: bytes) -> Callable[[socket.socket, bytes], None]:
    def handle(sock: socket.socket, head: bytes) -> None:
        answer = answering(b'"the good one"', "Content-Type: application/json").answer
        with contextlib.suppress(OSError):
            sock.sendall(answer if head.startswith(b"GET /good") else hostile)

    return handle


@pytest.mark.parametrize("how", HOSTILE)
def test_an_upstream_without_a_lawful_answer_is_a_502_that_says_so(how: str) -> None:
    with recorded(_handler(HOSTILE[how])) as found:
        answer = got(found, asking())
        assert answer.startswith(b"HTTP/1.1 502 "), answer[:200]
        assert b"mockserver record could not reach the upstream: https://api.vendor.example: " in answer
        assert _is_served(found)
    bad, good = entries(found)
    assert (bad["response"]["status"], good["response"]["status"]) == (0, 200)
    assert bad["response"]["_error"].startswith(f"https://{HOST}: ")


@pytest.mark.parametrize("how", BROKEN)
def test_an_answer_that_breaks_off_breaks_off_for_the_client(how: str) -> None:
    with recorded(_handler(BROKEN[how])) as found:
        answer = got(found, asking())
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert not answer.endswith(b"0\r\n\r\n")
        assert _is_served(found)
    assert "no whole answer" in entries(found)[0]["response"]["_error"]


@pytest.mark.parametrize("how", HELD)
def test_the_client_gets_all_of_it_and_the_beginning_is_kept(how: str) -> None:
    _, _, body = HELD[how].partition(b"\r\n\r\n")
    with recorded(_handler(HELD[how])) as found:
        answer = got(found, asking())
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert body[-20:] in answer
        assert _is_served(found)
    entry = entries(found)[0]
    assert len(text_of(entry)) <= 2 * RECORDED_BODY
    assert "_error" not in entry["response"]


def test_an_endless_answer_is_handed_on_for_as_long_as_the_client_stays() -> None:
    def handle(sock: socket.socket, head: bytes) -> None:
        if head.startswith(b"GET /good"):
            answering(b'"the good one"')(sock, head)
            return
        sock.sendall(WHOLE + b"\r\n")
        while True:
            sock.sendall(b"[1]," * 16384)

    with recorded(handle) as found:
        with tunneled(found, HOST) as raw, secured(found, raw, host=HOST) as tls:
            tls.sendall(asking("/endless"))
            read = 0
            while read < 4 * RECORDED_BODY:
                read += len(tls.recv(65536))
            assert _is_served(found)  # beside it
        assert _is_served(found)
    endless = next(each for each in entries(found) if each["request"]["url"].endswith("/endless"))
    assert "before the answer did" in endless["response"]["_error"]
    assert len(text_of(endless)) <= RECORDED_BODY


def test_an_upstream_that_never_answers_holds_nobody_else_up_and_ends_with_the_client() -> None:
    def handle(sock: socket.socket, head: bytes) -> None:
        if head.startswith(b"GET /good"):
            answering(b'"the good one"')(sock, head)
            return
        with contextlib.suppress(OSError):
            sock.recv(1)  # until the recorder leaves

    with recorded(handle) as found:
        with contextlib.ExitStack() as stack:
            for _ in range(10):
                raw = stack.enter_context(tunneled(found, HOST))
                stack.enter_context(secured(found, raw, host=HOST)).sendall(asking("/silent"))
            assert _is_served(found)
        assert _is_served(found)
    assert sum(each["response"]["status"] == 0 for each in entries(found)) == 10


def test_an_upstream_that_is_silent_for_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "SILENCE_SECONDS", 0.05)
    with recorded(lambda sock, head: _ignore(sock)) as found:
        assert b"it was silent for 0.05 seconds" in got(found, asking())


def _ignore(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.recv(1)


def test_a_certificate_that_nobody_vouches_for_is_not_recorded() -> None:
    with recorded(_handler(GOOD), ca_pem=None) as found:
        answer = got(found, asking())
    assert answer.startswith(b"HTTP/1.1 502 ")
    assert b"certificate verify failed" in answer
    assert b"; --upstream-ca FILE names whom to trust besides" in answer


def test_a_certificate_of_another_host_is_not_recorded() -> None:
    with upstream(_handler(GOOD), host="other.example") as made, _at(made) as found:
        answer = got(found, asking())
    assert b"502" in answer.split(b"\r\n")[0]
    assert b"certificate verify failed" in answer


def test_an_upstream_that_speaks_no_tls_or_is_not_there_is_a_502() -> None:
    with upstream(_handler(GOOD), is_tls=False) as made, _at(made) as found:
        assert got(found, asking()).startswith(b"HTTP/1.1 502 ")
        made.close()
        assert b"it cannot be connected with" in got(found, asking())
    assert [each["response"]["status"] for each in entries(found)] == [0, 0]


def test_an_upstream_that_answers_without_tls_is_told_how_to_be_asked() -> None:
    def answer(sock: socket.socket, _: bytes) -> None:
        sock.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        sock.recv(1)

    with upstream(answer, is_tls=False) as made, _at(made) as found:
        assert f"; if it speaks no TLS there: --upstream http://{HOST}".encode() in got(found, asking())


def _at(made: RawUpstream) -> contextlib.AbstractContextManager[Recording]:
    return recorded_at(made.port)


def test_an_upstream_that_answers_before_it_has_read_all_is_heard() -> None:
    early = answering(b"big", status="413 Too Large").answer
    with (
        recorded(lambda sock, _: sock.sendall(early)) as found,
        tunneled(found, HOST) as raw,
        secured(found, raw, host=HOST) as tls,
    ):
        tls.sendall(asking("/", "Content-Length: 100000000", method="POST") + b"x" * 65536)
        assert tls.recv(65536).startswith(b"HTTP/1.1 413 ")


async def _read_after_a_reset(sent: bytes) -> bytes:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made = await channel.Channel.connect(*listening.getsockname())
        accepted, _ = listening.accept()
        accepted.sendall(sent)
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        accepted.close()  # with a reset
        with pytest.raises(OSError, match=r"reset|pipe"):
            await made.write(b"the rest of a request")
        read = await made.read()
        made.close()
        return read


def test_what_arrived_is_read_where_nothing_can_be_sent_any_more() -> None:
    assert asyncio.run(_read_after_a_reset(b"HTTP/1.1 413 Too Large\r\n")) == b"HTTP/1.1 413 Too Large\r\n"


def test_the_next_address_of_a_name_is_tried_where_one_takes_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    async def found() -> bytes:
        with socket.create_server(("127.0.0.1", 0)) as listening, socket.create_server(("127.0.0.1", 0)) as other:
            closed, other_port = listening.getsockname(), other.getsockname()
            listening.close()
            loop = asyncio.get_running_loop()
            known = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", each) for each in (closed, other_port)]

            async def resolved(*_: object, **__: object) -> list[object]:
                return [*known]

            monkeypatch.setattr(loop, "getaddrinfo", resolved)
            made = await channel.Channel.connect("two.example", 1)
            accepted, _ = other.accept()
            with accepted:
                accepted.sendall(b"met")
                read = await made.read()
            made.close()
            return read

    assert asyncio.run(found()) == b"met"


def test_what_is_kept_of_everything_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.recorder.tape.RECORDED_COUNT", 3)
    with recorded(_handler(GOOD)) as found:
        for _ in range(5):
            assert got(found, asking()).startswith(b"HTTP/1.1 200 ")
    assert (len(found.tape), found.tape.left_out) == (3, 2)


def test_bodies_under_way_share_their_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forwarder, "Room", lambda: copies.Room(10))
    body = b'{"a": "0123456789"}'
    with recorded(answering(body, "Content-Type: application/json")) as found:
        assert got(found, asking()).endswith(body)
    assert entries(found)[0]["response"]["content"]["comment"] == "the beginning is kept of 19 bytes"


def test_gzip_is_kept_as_what_it_unfolds_to() -> None:
    packed = gzip.compress(b'{"status": "queued"}')
    with recorded(answering(packed, "Content-Type: application/json", "Content-Encoding: gzip")) as found:
        assert got(found, asking("/", "Accept-Encoding: br, gzip")).endswith(packed)
    assert text_of(entries(found)[0]) == '{"status": "queued"}'


@pytest.mark.parametrize(
    ("urls", "more", "words"),
    [
        ([], {}, "name what is recorded"),
        (["ftp://a.example"], {}, "no URL of a host"),
        (["api.vendor.com"], {}, "no URL of a host"),
        (["https://a.example/v1"], {}, "more than a host"),
        (["https://user:pass@a.example"], {}, "more than a host"),
        (["https://localhost:8443"], {}, "--connect-to"),
        (["https://a.example:99999"], {}, "Port out of range"),
        (["https://a.example", "https://a.example:8443"], {}, "https://a.example and .*https://a.example:8443 are one"),
        (["http://a.example", "https://a.example"], {}, "are one host"),
        (["https://a.example"], {"connect_to": ["b.example=127.0.0.1:1"]}, "no --upstream"),
        (["https://a.example"], {"connect_to": ["a.example=127.0.0.1"]}, "HOST=ADDRESS:PORT"),
        (["https://a.example"], {"ca_pem": "no certificate"}, "cannot be read"),
    ],
)
def test_what_cannot_be_recorded_is_said_before_anything_runs(
    urls: list[str], more: dict[str, object], words: str
) -> None:
    with pytest.raises(UsageError, match=words), recording(urls, **more):  # type: ignore[arg-type]
        pass
