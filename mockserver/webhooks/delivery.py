"""One attempt to deliver a webhook: a POST over HTTP/1.1 to a checked address, and what came of it.

Follows no redirect, reads no proxy from the environment, retries nothing.
Knows nothing of jobs or signatures.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import h11

from mockserver.errors import let_go
from mockserver.webhooks.attempt import AttemptHeaders, AttemptOutcome, DeliveryAttempt
from mockserver.webhooks.relaxed import REMEDY
from mockserver.webhooks.targets import Blocked, Target, check_target

BODY_LIMIT = 65536
_NO_ANSWER = "The receiver closed the connection without an answer."
_NO_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG")
_GRACE = 1.0
"""Seconds a receiver may take to say goodbye after its answer has arrived."""


async def deliver(
    target_url: str,
    headers: Sequence[tuple[str, str]],
    body: bytes,
    *,
    allowed_hosts: frozenset[str] = frozenset(),
    timeout: float,  # noqa: ASYNC109 - the limit is part of what is reported
    ca_pem: str | None = None,
    user_agent: str = "webhook-sender",
    cut: bool = False,
) -> DeliveryAttempt:
    """POST `body` to `target_url` once and report; raises nothing but CancelledError.

    `headers` are added to Host, User-Agent, Accept, Content-Length and Connection, which are ours. `timeout`
    covers everything from resolving to the last byte, in real seconds. `ca_pem` is trusted besides the
    system's own authorities. A 2xx whose head arrived in time is delivered, however its body ends.
    `cut` closes the connection inside the body.
    """
    exchange = _Exchange(target_url, body)
    try:
        async with asyncio.timeout(timeout):
            await _attempt(exchange, headers, allowed_hosts, ca_pem, user_agent, cut)
    except _Failed as failed:
        exchange.failed = _Failed(failed.outcome, failed.sentence)  # without the frames it passed
        let_go(failed)
    except TimeoutError:
        exchange.failed = _Failed("timeout", f"No complete answer within {timeout:g} s.")
    return exchange.report()


class _Failed(Exception):
    """A stage could not do its part."""

    def __init__(self, outcome: AttemptOutcome, sentence: str) -> None:
        self.outcome: AttemptOutcome = outcome
        self.sentence = sentence
        super().__init__(sentence)


@dataclass(slots=True)
class _Exchange:
    """What was sent and came back so far; outlives a stage that fails."""

    url: str
    body: bytes
    sent: AttemptHeaders = ()
    status: int | None = None
    headers: AttemptHeaders = ()
    answer: bytearray = field(default_factory=bytearray)
    complete: bool = False
    failed: _Failed = field(default_factory=lambda: _Failed("unreachable", _NO_ANSWER))

    def report(self) -> DeliveryAttempt:
        outcome, sentence = self._verdict()
        return DeliveryAttempt(
            url=self.url,
            outcome=outcome,
            sentence=sentence,
            request_headers=self.sent,
            request_body=self.body,
            status=self.status,
            response_headers=self.headers,
            response_body=bytes(self.answer),
        )

    def _verdict(self) -> tuple[AttemptOutcome, str]:
        if self.status is None:
            return self.failed.outcome, self.failed.sentence
        ending = "" if self.complete else f" Its body broke off. {self.failed.sentence}"
        if 200 <= self.status < 300:
            return "delivered", f"The receiver answered {self.status}.{ending}"
        redirect = " Redirects are not followed." if 300 <= self.status < 400 else ""
        return "refused", f"The receiver answered {self.status}, which is not 2xx.{redirect}{ending}"


async def _attempt(
    exchange: _Exchange,
    headers: Sequence[tuple[str, str]],
    allowed_hosts: frozenset[str],
    ca_pem: str | None,
    user_agent: str,
    cut: bool,
) -> None:
    target = await check_target(exchange.url, allowed_hosts)
    if isinstance(target, Blocked):
        raise _Failed("blocked", f"{target.why} {target.remedy}")
    trust = _trust(ca_pem) if target.secure else None
    fields = _fields(target, headers, exchange.body, user_agent)
    connection = h11.Connection(h11.CLIENT)
    message = _message(connection, target, fields, exchange.body)
    async with _connected(target, trust) as (reader, writer):
        exchange.sent = fields
        if cut:
            writer.write(message[: -(len(exchange.body) // 2 + 1)])
            await writer.drain()
            raise _Failed("unreachable", "The connection was cut inside the body.")
        writer.write(message)
        await _receive(connection, reader, exchange)
        exchange.complete = True
        if len(exchange.answer) < BODY_LIMIT:
            await _part(writer)


def _fields(target: Target, headers: Sequence[tuple[str, str]], body: bytes, user_agent: str) -> AttemptHeaders:
    return (
        ("Host", target.authority),
        ("User-Agent", user_agent),
        ("Accept", "*/*"),
        *headers,
        ("Content-Length", str(len(body))),
        ("Connection", "close"),
    )


def _message(connection: h11.Connection, target: Target, fields: AttemptHeaders, body: bytes) -> bytes:
    try:
        request = h11.Request(method="POST", target=target.resource, headers=list(fields))
        parts = [connection.send(event) for event in (request, h11.Data(data=body), h11.EndOfMessage())]
    except (h11.LocalProtocolError, UnicodeEncodeError) as error:
        raise _Failed("blocked", f"The request cannot be written as HTTP: {error}.") from error
    return b"".join(part for part in parts if part)


@lru_cache(maxsize=8)  # with its authorities one takes up to some megabytes
def _context(ca_pem: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca_pem is not None:
        context.load_verify_locations(cadata=ca_pem)
    # Versions of Python differ here; a test's own authority is often sloppy, or just one certificate.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.set_alpn_protocols(["http/1.1"])
    return context


def _trust(ca_pem: str | None) -> ssl.SSLContext:
    try:
        return _context(ca_pem)
    except (OSError, ValueError, TypeError) as error:
        raise _Failed("tls", f"The certificate authority to trust is not readable PEM: {error}.") from error


@contextlib.asynccontextmanager
async def _connected(
    target: Target, trust: ssl.SSLContext | None
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    sock = await _dial(target)
    reader, writer = await _open(sock, target.host, trust)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def _dial(target: Target) -> socket.socket:
    """Connect to the first of the checked addresses that answers; resolves nothing."""
    sentence = f"{target.host} does not resolve."
    for address in target.addresses:
        sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        sock.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(sock, (address, target.port))
            return sock
        except OSError as error:
            sock.close()
            sentence = f"No connection to {target.authority}: {error.strerror or error}."
        except BaseException:
            sock.close()
            raise
    raise _Failed("unreachable", sentence)


async def _open(
    sock: socket.socket, host: str, trust: ssl.SSLContext | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        if trust is None:
            return await asyncio.open_connection(sock=sock, limit=BODY_LIMIT)
        return await asyncio.open_connection(sock=sock, limit=BODY_LIMIT, ssl=trust, server_hostname=host)
    except (OSError, ValueError) as error:
        sock.close()
        raise _Failed("tls", f"No trusted TLS connection to {host}: {error}. {_remedy(error)}") from error
    except BaseException:
        sock.close()
        raise


def _remedy(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        where = '--webhook-ca FILE at the start, or PUT {"ca": PEM} to /_mock/sandboxes/NAME/webhooks'
        return f"Its certificate is trusted with {where} (in pytest: the marker's webhook_ca)."
    if isinstance(error, ssl.SSLError) and error.reason in _NO_TLS:
        return f"It does not speak TLS: give its URL as http. {REMEDY}."
    return ""


async def _receive(connection: h11.Connection, reader: asyncio.StreamReader, exchange: _Exchange) -> None:
    """Read the head of the answer and up to BODY_LIMIT bytes of its body into `exchange`."""
    try:
        while not _read(connection, exchange):
            data = await reader.read(BODY_LIMIT)
            if not data and exchange.status is None and not connection.trailing_data[0]:
                raise _Failed("unreachable", _NO_ANSWER)
            connection.receive_data(data)
    except h11.RemoteProtocolError as error:
        raise _Failed("unreachable", f"The receiver's answer is not complete HTTP/1.1: {error}.") from error
    except OSError as error:
        raise _Failed("unreachable", f"The connection broke: {error.strerror or error}.") from error


def _read(connection: h11.Connection, exchange: _Exchange) -> bool:
    """Take in what has arrived; True once the answer has ended, or enough of it is there."""
    while (event := connection.next_event()) is not h11.NEED_DATA:
        if isinstance(event, h11.Response):
            exchange.status = event.status_code
            exchange.headers = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in event.headers.raw_items())
        elif isinstance(event, h11.Data):
            exchange.answer += event.data[: BODY_LIMIT - len(exchange.answer)]
        elif not isinstance(event, h11.InformationalResponse):
            return True  # the end of the message, or of the connection
        if len(exchange.answer) >= BODY_LIMIT:
            return True
    return False


async def _part(writer: asyncio.StreamWriter) -> None:
    """Close in good order, so that the receiver sees no reset."""
    writer.close()
    with contextlib.suppress(OSError):
        async with asyncio.timeout(_GRACE):
            await writer.wait_closed()
