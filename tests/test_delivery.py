"""One delivery attempt against real receivers on loopback: good, slow, broken and hostile ones."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import socket

import pytest
from webhook_kit import BODY, OK, answering, attempt_at, hanging, receiving, resolve, send

from mockserver.signatures import Signing, signed

pytestmark = pytest.mark.asyncio


async def test_a_2xx_is_delivered_and_the_attempt_tells_all() -> None:
    async with receiving(answering(OK)) as receiver:
        url = f"http://127.0.0.1:{receiver.port}/in?a=b"
        attempt = await send(url, headers=[("Content-Type", "application/json"), ("X-Sign", "1")], user_agent="kit")
    assert (attempt.outcome, attempt.status, attempt.url) == ("delivered", 200, url)
    assert attempt.response_headers == (("Content-Length", "2"), ("X-Echo", "a"))
    assert (attempt.request_body, attempt.response_body) == (BODY, b"ok")
    assert attempt.sentence == "The receiver answered 200."
    assert attempt.request_headers == (
        ("Host", f"127.0.0.1:{receiver.port}"),
        ("User-Agent", "kit"),
        ("Accept", "*/*"),
        ("Content-Type", "application/json"),
        ("X-Sign", "1"),
        ("Content-Length", str(len(BODY))),
        ("Connection", "close"),
    )


async def test_what_arrives_is_what_the_attempt_says_was_sent() -> None:
    async with receiving(answering(OK)) as receiver:
        attempt = await send(f"http://127.0.0.1:{receiver.port}/in?a=b", headers=[("X-Sign", "1")])
    lines = [f"{name}: {value}" for name, value in attempt.request_headers]
    assert receiver.heads == ["\r\n".join(["POST /in?a=b HTTP/1.1", *lines, "", ""]).encode()]
    assert receiver.bodies == [BODY]


async def test_a_receiver_can_verify_the_signature_over_the_bytes_it_got() -> None:
    signature = signed(Signing("hmac-sha256"), "demo-webhook-secret", BODY)
    async with receiving(answering(OK)) as receiver:
        url = f"http://127.0.0.1:{receiver.port}/"
        await send(url, headers=[("X-Webhook-Signature", signature)])
    expected = hmac.new(b"demo-webhook-secret", receiver.bodies[0], hashlib.sha256).hexdigest()
    assert f"\r\nX-Webhook-Signature: {expected}\r\n".encode() in receiver.heads[0]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\nok until the end",
    ],
)
async def test_every_form_of_a_2xx_is_delivered(answer: bytes) -> None:
    assert (await attempt_at(answering(answer))).outcome == "delivered"


@pytest.mark.parametrize("status", [300, 400, 404, 410, 500, 503])
async def test_any_other_status_is_refused(status: int) -> None:
    attempt = await attempt_at(answering(b"HTTP/1.1 %d X\r\nContent-Length: 4\r\n\r\nbusy" % status))
    assert (attempt.outcome, attempt.status, attempt.response_body) == ("refused", status, b"busy")
    assert str(status) in attempt.sentence


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_refused_and_not_followed(status: int) -> None:
    async with receiving(answering(OK)) as elsewhere:
        answer = f"HTTP/1.1 {status} X\r\nLocation: http://127.0.0.1:{elsewhere.port}/\r\nContent-Length: 0\r\n\r\n"
        attempt = await attempt_at(answering(answer.encode()))
    assert (attempt.outcome, attempt.status) == ("refused", status)
    assert "Redirects are not followed." in attempt.sentence
    assert elsewhere.heads == []


async def test_proxies_from_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert (await attempt_at(answering(OK))).outcome == "delivered"


async def test_a_receiver_that_hangs_is_a_timeout() -> None:
    attempt = await attempt_at(hanging, timeout=0.05)
    assert (attempt.outcome, attempt.status) == ("timeout", None)
    assert attempt.sentence == "No complete answer within 0.05 s."
    assert attempt.request_headers


async def test_half_a_head_is_a_timeout() -> None:
    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-")
        await reader.read()

    assert (await attempt_at(half, timeout=0.05)).outcome == "timeout"


async def test_an_endless_stream_of_interim_answers_is_a_timeout() -> None:
    async def interim(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not writer.is_closing():
            writer.write(b"HTTP/1.1 102 Processing\r\n\r\n")
            await writer.drain()
            await asyncio.sleep(0)

    assert (await attempt_at(interim, timeout=0.05)).outcome == "timeout"


async def test_a_2xx_counts_even_if_its_body_hangs_or_breaks_off() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf"

    async def stuck(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        await reader.read()

    for handler, timeout, why in ((stuck, 0.05, "No complete answer"), (answering(head), 30, "not complete HTTP")):
        attempt = await attempt_at(handler, timeout=timeout)
        assert (attempt.outcome, attempt.status, attempt.response_body) == ("delivered", 200, b"half")
        assert f"Its body broke off. {'The receiver' if timeout == 30 else why}" in attempt.sentence


async def test_a_refusal_stays_one_if_its_body_breaks_off() -> None:
    attempt = await attempt_at(answering(b"HTTP/1.1 500 X\r\nContent-Length: 99\r\n\r\nhalf"))
    assert (attempt.outcome, attempt.status) == ("refused", 500)


async def test_a_receiver_that_closes_without_an_answer_is_unreachable() -> None:
    attempt = await attempt_at(answering())
    assert (attempt.outcome, attempt.status) == ("unreachable", None)
    assert attempt.sentence == "The receiver closed the connection without an answer."


async def test_a_reset_is_unreachable() -> None:
    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        writer.transport.abort()

    attempt = await attempt_at(reset)
    assert attempt.outcome == "unreachable"
    assert "The connection broke" in attempt.sentence


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"\x16\x03\x01\x00\xff" * 40,
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nBad Header\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Le",
    ],
)
async def test_an_answer_that_is_no_http_is_unreachable(answer: bytes) -> None:
    attempt = await attempt_at(answering(answer))
    assert (attempt.outcome, attempt.status) == ("unreachable", None)
    assert "not complete HTTP/1.1" in attempt.sentence


async def test_of_ten_megabytes_the_first_64_kib_are_read() -> None:
    size = 10_000_000
    attempt = await attempt_at(answering(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size, b"x" * size))
    assert (attempt.outcome, attempt.response_body) == ("delivered", b"x" * 65536)


async def test_a_large_body_arrives_whole() -> None:
    body = bytes(range(256)) * 8192
    async with receiving(answering(OK)) as receiver:
        attempt = await send(f"http://127.0.0.1:{receiver.port}/", body=body)
    assert attempt.outcome == "delivered"
    assert receiver.bodies == [body]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


async def test_a_closed_port_is_unreachable_and_nothing_was_sent() -> None:
    attempt = await send(f"http://127.0.0.1:{free_port()}/")
    assert (attempt.outcome, attempt.request_headers) == ("unreachable", ())
    assert attempt.sentence.startswith("No connection to 127.0.0.1:")


async def test_a_foreign_host_is_blocked_with_the_remedy() -> None:
    attempt = await send("http://192.0.2.1/hook")
    assert (attempt.outcome, attempt.status, attempt.request_headers) == ("blocked", None, ())
    assert "--webhook-allow 192.0.2.1" in attempt.sentence


@pytest.mark.parametrize("headers", [[("X-A", "b\r\nX-C: d")], [("X A", "b")], [("X-A", "ü")], [("Host", "other")]])
async def test_a_header_that_cannot_be_sent_is_blocked(headers: list[tuple[str, str]]) -> None:
    attempt = await send("http://127.0.0.1:1/", headers=headers)
    assert attempt.outcome == "blocked"
    assert "cannot be written" in attempt.sentence


async def test_the_checked_address_is_dialed_without_asking_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving(answering(OK)) as receiver:
        resolve(monkeypatch, ["127.0.0.1"], ["192.0.2.1"])
        attempt = await send(f"http://hooks.test:{receiver.port}/")
    assert attempt.outcome == "delivered"
    assert ("Host", f"hooks.test:{receiver.port}") in attempt.request_headers


async def test_the_next_address_is_tried_if_one_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving(answering(OK)) as receiver:
        resolve(monkeypatch, ["::1", "127.0.0.2", "127.0.0.1"])
        assert (await send(f"http://hooks.test:{receiver.port}/")).outcome == "delivered"


async def test_an_allowed_host_that_does_not_resolve_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve(monkeypatch)
    attempt = await send("http://hooks.test/", allowed_hosts=frozenset({"hooks.test"}))
    assert (attempt.outcome, attempt.sentence) == ("unreachable", "hooks.test does not resolve.")


async def test_a_resolver_that_hangs_is_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    async def getaddrinfo(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)
    assert (await send("http://hooks.test/", timeout=0.01)).outcome == "timeout"


@pytest.mark.parametrize("stage", ["connect", "answer"])
async def test_cancelling_a_delivery_cancels_it_and_hangs_up(stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    reached, gone = asyncio.Event(), asyncio.Event()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.set()
        with contextlib.suppress(OSError):
            await reader.read()
        gone.set()

    async def stuck(*_: object) -> None:
        reached.set()
        await asyncio.Event().wait()

    if stage == "connect":
        monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", stuck)
        gone.set()
    async with receiving(handler) as receiver:
        task = asyncio.create_task(send(f"http://127.0.0.1:{receiver.port}/"))
        await reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await gone.wait()


async def test_an_answer_before_the_request_was_read_counts() -> None:
    async def early(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(OK)
        writer.close()

    async with receiving(early, takes=False) as receiver:
        assert (await send(f"http://127.0.0.1:{receiver.port}/")).outcome == "delivered"


async def test_a_receiver_that_never_says_goodbye_is_left_after_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.webhooks.delivery._GRACE", 0)
    async with receiving(answering(OK)) as receiver:
        attempt = await send(f"http://127.0.0.1:{receiver.port}/")
    assert (attempt.outcome, attempt.sentence) == ("delivered", "The receiver answered 200.")
