"""Addresses by which nobody gets to an engine, or as who may do little, and what those are told who ask there."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from engine_kit import Engine
from home_kit import patient

from mockserver.errors import StateError
from mockserver.stores.redis.address import Address
from mockserver.stores.redis.fitness import unfit
from mockserver.stores.redis.pipe import Pipe


def refusal(address: Address, *more: str) -> str:
    """What those are told who ask by it, all of them."""

    async def asked() -> str:
        pipe = Pipe(address, unfit, "ms1:test", lambda push: None)
        try:
            asking = asyncio.gather(pipe.ask("PING"), pipe.ask("TIME"), return_exceptions=True)
            answers = await asyncio.wait_for(asking, 60)
            said = {str(each) for each in answers if isinstance(each, StateError)}
            assert len(said) == 1, answers
            return said.pop()
        finally:
            pipe.close()

    with patient():
        return asyncio.run(asked())


@contextmanager
def user(engine: Engine, rights: str) -> Iterator[Address]:
    """An address by which one may do so much; nobody else is told of them."""
    engine.asked(f"ACL SETUSER app reset on >s3cret {rights}\r\n".encode())
    yield Address(path=str(engine.path), user="app", password="s3cret")
    engine.asked(b"ACL DELUSER app\r\n")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
