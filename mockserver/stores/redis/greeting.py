"""What is said first on a connection: who comes, to which database, and whether engine and user are fit for a store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from mockserver.errors import StateError
from mockserver.stores.redis import rights
from mockserver.stores.redis.address import Address
from mockserver.stores.redis.fitness import NO_DATABASE, NO_ENGINE, NO_HELLO, is_engine, is_of_many
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
    hello, *others = await _answers(line, asked, address)
    if why := _why_not(hello, others[-2:], address, unfit) if channel else is_of_many(hello):
        raise StateError(f"the store at {address.shown} {why}")
    for words, answer in zip(asked[1:], others, strict=True):
        if isinstance(answer, BaseException):
            no_database = words[0] == "SELECT" and "out of range" in str(answer)
            why = f"the store at {address.shown} {NO_DATABASE.format(address.database)}"
            raise StateError(why) if no_database else answer


def _why_not(hello: Any, others: Sequence[Any], address: Address, unfit: Callable[[Any, Any], str]) -> str:
    """Why it is no store, by how it greets, by its memory, and by what it refuses to this user; "" where it is one."""
    memory, refused = others
    if why := unfit(hello, b"" if isinstance(memory, BaseException) else memory):
        return why
    return rights.lacking(refused, address.user or "default") if isinstance(refused, list) and refused else ""


async def _answers(line: EngineLine, asked: Sequence[Sequence[Word]], address: Address) -> Sequence[Any]:
    """How the engine greets, and what it answers besides, errors as such. Raises StateError where it lets nobody in."""
    heard = [asyncio.get_running_loop().create_future() for _ in asked]
    line.send([PendingCall(words, future) for words, future in zip(asked, heard, strict=True)])
    try:
        hello = await heard[0]
        if not is_engine(hello):
            raise StateError(f"the store at {address.shown} {NO_ENGINE}")
        return hello, *await asyncio.gather(*heard[1:], return_exceptions=True)
    except StateError as error:
        if rights.RENAMED in str(error):
            raise StateError(f"the store at {address.shown} {NO_HELLO}") from None
        raise
    finally:  # nobody waits for what may still come
        for each in heard:
            each.cancel()
