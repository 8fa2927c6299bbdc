"""Delivery over TLS: who is trusted, what is verified, and handshakes that fail, are cut or hang."""

from __future__ import annotations

import asyncio
import ssl

import pytest
import trustme
from webhook_kit import BODY, OK, answering, hanging, receiving, resolve, send

pytestmark = pytest.mark.asyncio


def pem(authority: trustme.CA) -> str:
    return authority.cert_pem.bytes().decode()


def certified(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


async def test_a_receiver_certified_by_the_authority_given_is_trusted(authority: trustme.CA) -> None:
    async with receiving(answering(OK), certified(authority, "127.0.0.1")) as receiver:
        attempt = await send(f"https://127.0.0.1:{receiver.port}/", ca_pem=pem(authority))
    assert (attempt.outcome, attempt.response_body) == ("delivered", b"ok")
    assert receiver.bodies == [BODY]


async def test_of_ten_encrypted_megabytes_the_first_64_kib_are_read(authority: trustme.CA) -> None:
    handler = answering(b"HTTP/1.1 500 X\r\nContent-Length: 10000000\r\n\r\n", b"x" * 10_000_000)
    async with receiving(handler, certified(authority, "127.0.0.1")) as receiver:
        attempt = await send(f"https://127.0.0.1:{receiver.port}/", ca_pem=pem(authority))
    assert (attempt.outcome, attempt.response_body) == ("refused", b"x" * 65536)


async def test_the_host_of_the_url_is_indicated_and_verified(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    indicated: list[str | None] = []
    context = certified(authority, "hooks.test")
    context.sni_callback = lambda _socket, name, _context: indicated.append(name)
    resolve(monkeypatch, ["127.0.0.1"])
    async with receiving(answering(OK), context) as receiver:
        attempt = await send(f"https://hooks.test:{receiver.port}/", ca_pem=pem(authority))
    assert (attempt.outcome, indicated) == ("delivered", ["hooks.test"])


@pytest.mark.parametrize("names", [("localhost",), ("other.test",)])
async def test_a_certificate_of_another_name_is_a_tls_failure(authority: trustme.CA, names: tuple[str]) -> None:
    async with receiving(answering(OK), certified(authority, *names)) as receiver:
        attempt = await send(f"https://127.0.0.1:{receiver.port}/", ca_pem=pem(authority))
    assert (attempt.outcome, attempt.status, receiver.heads) == ("tls", None, [])
    assert "127.0.0.1" in attempt.sentence


async def test_an_authority_nobody_named_is_not_trusted(authority: trustme.CA) -> None:
    async with receiving(answering(OK), certified(authority, "127.0.0.1")) as receiver:
        url = f"https://127.0.0.1:{receiver.port}/"
        attempts = [await send(url), await send(url, ca_pem=pem(trustme.CA()))]
    assert [attempt.outcome for attempt in attempts] == ["tls", "tls"]
    assert receiver.heads == []


@pytest.mark.parametrize("ca_pem", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n", "\ud800"])
async def test_an_authority_that_is_no_pem_is_a_tls_failure(ca_pem: str) -> None:
    attempt = await send("https://127.0.0.1:1/", ca_pem=ca_pem)
    assert attempt.outcome == "tls"
    assert "not readable PEM" in attempt.sentence


async def test_https_to_a_plain_receiver_is_a_tls_failure() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with receiving(plain, takes=False) as receiver:
        assert (await send(f"https://127.0.0.1:{receiver.port}/")).outcome == "tls"


async def test_a_handshake_that_is_cut_is_a_tls_failure() -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.transport.abort()

    async with receiving(cut, takes=False) as receiver:
        assert (await send(f"https://127.0.0.1:{receiver.port}/")).outcome == "tls"


async def test_cancelling_a_handshake_cancels_it_and_hangs_up() -> None:
    reached, gone = asyncio.Event(), asyncio.Event()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        reached.set()
        await reader.read()
        gone.set()

    async with receiving(handler, takes=False) as receiver:
        task = asyncio.create_task(send(f"https://127.0.0.1:{receiver.port}/"))
        await reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await gone.wait()


async def test_a_handshake_that_hangs_is_a_timeout() -> None:
    async with receiving(hanging, takes=False) as receiver:
        assert (await send(f"https://127.0.0.1:{receiver.port}/", timeout=0.05)).outcome == "timeout"
