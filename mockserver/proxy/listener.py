"""The proxy: takes connections of clients in the loop of a server, and decides by the host that each asks for.

A mocked host is served by the server itself, on the client's own connection, so that faults of the wire reach it; one
that is let through gets a blind tunnel, as does this machine; any other is refused. Knows no API.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Collection, Coroutine, Mapping

from mockserver.bounds import PROXY_CONNECTIONS, PROXY_HEAD
from mockserver.intercept.routes import HostRefused, Routes, is_local
from mockserver.loopback import plain_host
from mockserver.proxy.authority import Authority
from mockserver.proxy.head import ProxyTarget, proxy_request
from mockserver.proxy.peek import Ended, TooLong, first_byte, head_of, refuse
from mockserver.proxy.traffic import Traffic, count
from mockserver.proxy.tunnel import accepted, dialed, join
from mockserver.wire import ThreadServer, bind

HEAD_SECONDS = 10.0
ServeSocket = Callable[[socket.socket], Coroutine[None, None, None]]
TLS_RECORD = 0x16
BREATH_SECONDS = 0.1  # where no descriptor is left to accept with


class Listener:
    """Two sockets on loopback: `port` for clients that know proxies, `tls_port` for those that are led here by force.

    `authority` is that of the mocked hosts; `passthrough` are hosts, or `*.name`, that are let through; `refusal` says
    why another one is not.
    """

    def __init__(
        self, server: ThreadServer, hosts: Mapping[str, str], passthrough: Collection[str], authority: Authority,
        traffic: Traffic, refusal: Callable[[str], str] | None = None,
    ) -> None:  # fmt: skip
        self._refusal = refusal or refusal_of
        self._server = server
        self._routes = Routes(hosts, passthrough)
        self._tls = authority.context()
        self._forced_tls = authority.context(lambda name: count(traffic.met, plain_host(name)))
        self._traffic = traffic
        self._sockets = bind(), bind()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port, self.tls_port = (int(sock.getsockname()[1]) for sock in self._sockets)

    def start(self) -> None:
        """Return when it listens."""
        asyncio.run_coroutine_threadsafe(self._start(), self._server.loop).result()

    def stop(self) -> None:
        """Stop listening, and end what is let through; what is mocked ends with the server."""
        stopped = self._stop()
        try:
            asyncio.run_coroutine_threadsafe(stopped, self._server.loop).result()
        except RuntimeError:  # the server was stopped before, and its loop is closed
            stopped.close()
        for sock in self._sockets:
            sock.close()

    async def _start(self) -> None:
        for sock, serve in zip(self._sockets, (self._serve, self._serve_forced), strict=True):
            sock.listen(PROXY_CONNECTIONS)
            self._spawn(self._accept(sock, serve))

    async def _stop(self) -> None:
        for task in [*self._tasks]:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self, listening: socket.socket, serve: ServeSocket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                sock, _ = await loop.sock_accept(listening)
            except OSError:
                await asyncio.sleep(BREATH_SECONDS)
                continue
            if len(self._tasks) > PROXY_CONNECTIONS:
                sock.close()
                continue
            sock.setblocking(False)
            self._spawn(_closing(sock, serve(sock)))

    # --- one connection

    async def _serve(self, sock: socket.socket) -> None:
        async with asyncio.timeout(HEAD_SECONDS):
            try:
                head = await head_of(sock, PROXY_HEAD)
            except TooLong:
                await refuse(sock, 431, f"The head of the request exceeds {PROXY_HEAD} bytes.")
                return
        asked = proxy_request(head)
        if asked is None:
            await refuse(sock, 400, "This is the proxy of mockserver, and not a request to one.")
            return
        await self._lead(sock, asked)

    async def _serve_forced(self, sock: socket.socket) -> None:
        """A client whose connection was led here while it meant to begin TLS with a host, or plain HTTP."""
        async with asyncio.timeout(HEAD_SECONDS):
            is_tls = await first_byte(sock) == TLS_RECORD
        if is_tls:
            await self._adopt(sock, "", self._forced_tls)
        else:
            await self._serve(sock)

    async def _lead(self, sock: socket.socket, asked: ProxyTarget) -> None:
        try:
            target = self._routes.find(asked.host)
        except HostRefused:
            count(self._traffic.refused, f"{plain_host(asked.host)}:{asked.port}")
            await refuse(sock, 502, self._refusal(asked.host))
            return
        if target is not None:
            count(self._traffic.met, plain_host(asked.host))
            await self._mock(sock, asked)
        elif asked.scheme:
            await self._let_through(sock, asked)
        else:
            await refuse(sock, 400, "This is the proxy of mockserver: a request to it names its host.")

    async def _mock(self, sock: socket.socket, asked: ProxyTarget) -> None:
        tls = None
        if asked.scheme == "connect":
            await asyncio.get_running_loop().sock_sendall(sock, ESTABLISHED)
            async with asyncio.timeout(HEAD_SECONDS):
                tls = self._tls if await first_byte(sock) == TLS_RECORD else None
        await self._adopt(sock, asked.host, tls, asked.head)

    async def _adopt(self, sock: socket.socket, host: str, tls: ssl.SSLContext | None, first: bytes = b"") -> None:
        try:
            await self._server.adopt(sock, tls, first)
        except ssl.SSLError as error:
            if "ALERT" in (error.reason or ""):  # else it broke off for another reason
                self._traffic.distrust(host, error.reason)

    async def _let_through(self, sock: socket.socket, asked: ProxyTarget) -> None:
        if not is_local(asked.host):
            count(self._traffic.passed, plain_host(asked.host))
        try:
            tls = ssl.create_default_context() if asked.scheme == "https" else None
            there = await dialed(asked.host.strip("[]"), asked.port, tls)
        except (OSError, TimeoutError) as error:
            await refuse(sock, 502, f"{asked.host}:{asked.port} is let through, and cannot be reached: {error}")
            return
        here = await accepted(sock)
        if asked.head:
            there[1].write(asked.head)
        else:
            here[1].write(ESTABLISHED)
        await join(here, there)


ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


def refusal_of(host: str) -> str:
    """Why a host is not reached, and what to do about it."""
    return (
        f"mockserver refused a call to {host!r}: it is no host of a contract. To let it through: --passthrough {host}; "
        f"to mock it: --api or --contracts, or --map {host}=API for an API that is served already."
    )


async def _closing(sock: socket.socket, work: Coroutine[None, None, None]) -> None:
    """Do the work of one connection; whatever a client does ends it alone."""
    try:
        await work
    except (OSError, TimeoutError, Ended):
        sock.close()
    except BaseException:
        sock.close()
        raise
