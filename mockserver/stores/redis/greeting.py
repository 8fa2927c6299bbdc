"""What is said first on a connection: who comes, to which database, and whether engine and user are fit for a store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from mockserver.errors import StateError
from mockserver.stores.redis import rights
from mockserver.stores.redis.address import Address
from mockserver.stores.redis.fitness import TOO_OLD
from mockserver.stores.redis.line import EngineLine, PendingCall, Word
from mockserver.stores.redis.scripts import scripts


async def greet(line: EngineLine, address: Address, unfit: Callable[[Any, Any], str], channel: str) -> None:
    """Say who comes, choose the database, have the scripts known, and listen to a channel. Raises StateError.

    `unfit` says of how the engine greets, and of its memory, why it is no store. Without a channel nothing is asked for
    but to be let in: whoever looks after an engine may meet any, as a user that may do little.
    """
    secret = ("AUTH", address.user or "default", address.password) if address.password else ()
    asked: list[Sequence[Word]] = [("HELLO", "3", *secret)]
    if address.database:
        asked.append(("SELECT", address.database))
    if channel:
        asked += [("SCRIPT", "LOAD", each.text) for each in scripts().values()]
        asked += [("SUBSCRIBE", channel), ("INFO", "memory"), rights.probe()]
    hello, *others = await _answers(line, asked)
    if isinstance(hello, BaseException):
        raise StateError(f"the store at {address.shown} {TOO_OLD}") if "unknown command" in str(hello) else hello
    if channel:
        *others, memory, refused = others
        if why := unfit(hello, b"" if isinstance(memory, BaseException) else memory):
            raise StateError(f"the store at {address.shown} {why}")
        if isinstance(refused, list) and refused:
            raise StateError(f"the store at {address.shown} {rights.lacking(refused, address.user or 'default')}")
        others += [memory, refused]
    for each in others:
        if isinstance(each, BaseException):
            raise each


async def _answers(line: EngineLine, asked: Sequence[Sequence[Word]]) -> list[Any]:
    """What is answered to each, errors as such."""
    heard = [asyncio.get_running_loop().create_future() for _ in asked]
    line.send([PendingCall(words, future) for words, future in zip(asked, heard, strict=True)])
    return await asyncio.gather(*heard, return_exceptions=True)
