"""Reading sockets that have no transport yet, not a byte further than is asked for; and refusing on them."""

from __future__ import annotations

import asyncio
import socket

from mockserver.bounds import PROXY_REFUSED
from mockserver.printable import one_line
from mockserver.wire.refusal import Head, Refusal, refusal_bytes, refuse_in_plain_text

END = b"\r\n\r\n"
DRAIN_SECONDS = 5.0


class Ended(Exception):
    """The client left before it had asked for anything."""


class TooLong(Exception):
    """A head does not end within its bound."""


async def readable(sock: socket.socket) -> None:
    """Return when there is something to read, or the client has left."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(sock, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(sock)


async def peeked(sock: socket.socket, most: int) -> bytes:
    """What is there, left where it is. Raises Ended and OSError."""
    while True:
        await readable(sock)
        try:
            found = sock.recv(most, socket.MSG_PEEK)
        except BlockingIOError:
            continue
        if not found:
            raise Ended
        return found


async def first_byte(sock: socket.socket) -> int:
    """The first byte that is to be read, left where it is. Raises Ended and OSError."""
    return (await peeked(sock, 1))[0]


async def head_of(sock: socket.socket, most: int) -> bytes:
    """Everything up to the empty line. Raises Ended, TooLong and OSError."""
    head = bytearray()
    while len(head) < most:
        piece = await peeked(sock, most - len(head))
        seen = len(head)
        end = (head + piece).find(END, max(seen - 3, 0))
        head += sock.recv(len(piece) if end < 0 else end + len(END) - seen)
        if end >= 0:
            return bytes(head)
    raise TooLong


async def refuse(sock: socket.socket, status: int, why: str) -> None:
    """Answer with a sentence, throw away what the client still sends, for a while, and close."""
    loop = asyncio.get_running_loop()
    answer = refusal_bytes(refuse_in_plain_text, Refusal(status, why), Head())
    # Many clients show nothing of an answer to CONNECT but its reason.
    answer = b"HTTP/1.1 %d %b\r\n" % (status, one_line(why).encode("ascii", "replace")) + answer.split(b"\r\n", 1)[1]
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            await loop.sock_sendall(sock, answer)
            sock.shutdown(socket.SHUT_WR)
            left = PROXY_REFUSED
            while left > 0 and (data := await loop.sock_recv(sock, 64 * 1024)):
                left -= len(data)
    finally:
        sock.close()
