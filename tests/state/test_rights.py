"""A user of the engine who may do too little is told so at the start: what is missing, and what gives it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from connecting_kit import refusal, user
from engine_kit import Engine, found, running_engine
from home_kit import Home, patient, with_homes

from mockserver.errors import StateError
from mockserver.stores import redis
from mockserver.stores.redis.address import Address
from mockserver.stores.redis.rights import RIGHTS, needed

ENGINES = found()
ROWS = {
    "no keys": ("&ms1:* +@all", "touch the keys ms1:*"),
    "other keys": ("~theirs:* &ms1:* +@all", "touch the keys ms1:*"),
    "no channels": ("~ms1:* +@all", "use the channels ms1:*"),
    "neither": ("+@all", "touch the keys ms1:*, nor use the channels ms1:*"),
    "no publish": ("~ms1:* &ms1:* +@all -publish", "run PUBLISH"),
    "no command of a script": ("~ms1:* &ms1:* +@all -hvals -srandmember", "run HVALS, SRANDMEMBER"),
    "no scripts by name": ("~ms1:* &ms1:* +@all -evalsha", "run EVALSHA"),
    "reads alone": ("~ms1:* &ms1:* +@all -@write", "run DECRBY, DEL, EXPIRE, HDEL, HINCRBY and 16 more commands"),
    "a word of another": ("~ms1:* &ms1:* +@all -exists -time", "run EXISTS, TIME"),
}
"""What a user has, and what it is told that it may not."""


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("name", ENGINES)
def test_what_is_missing_is_named_with_the_line_that_gives_it(
    name: str, row: str, engine_of: Callable[[str], Engine]
) -> None:
    rights, what = ROWS[row]
    with user(engine_of(name), rights) as address:
        told = refusal(address)
        assert told == (
            f"the store at {address.path} lets its user do too little: app may not {what}; say there: "
            f"ACL SETUSER app {RIGHTS}"
        )


@pytest.mark.parametrize("refused", ["eval", "script|load", "subscribe", "info"])
@pytest.mark.parametrize("name", ENGINES)
def test_what_is_needed_to_look_is_told_too(name: str, refused: str, engine_of: Callable[[str], Engine]) -> None:
    with user(engine_of(name), f"{RIGHTS} -{refused}") as address:
        told = refusal(address)
        assert told.startswith("the store lets its user do too little (NOPERM")
        assert told.endswith(f"; say there: ACL SETUSER app {RIGHTS}")


@pytest.mark.parametrize("name", ENGINES)
def test_the_line_that_is_told_gives_what_is_needed(name: str, engine_of: Callable[[str], Engine]) -> None:
    async def work(home: Home) -> None:
        await home.begin()

    engine = engine_of(name)
    with user(engine, "+@all") as address, patient():
        told = refusal(address)
        engine.asked(f"{told.partition('say there: ')[2]}\r\n".encode())
        with_homes(f"unix://app:s3cret@{address.path}", work)
    engine.asked(b"FLUSHALL\r\n")


@pytest.mark.parametrize("name", ENGINES)
def test_who_loses_a_right_later_is_told_so_by_whatever_needs_it(name: str, engine_of: Callable[[str], Engine]) -> None:
    async def work(home: Home) -> None:
        await home.begin()
        engine.asked(b"ACL SETUSER app -hget\r\n")
        with pytest.raises(StateError) as told:
            await home.begin()
        assert str(told.value).startswith("the store lets its user do too little (ERR ")
        assert str(told.value).endswith(f"; say there: ACL SETUSER app {RIGHTS}")
        engine.asked(f"ACL SETUSER app {RIGHTS}\r\n".encode())

    engine = engine_of(name)
    with user(engine, RIGHTS) as address:
        with_homes(f"unix://app:s3cret@{address.path}", work)
    engine.asked(b"FLUSHALL\r\n")


def test_whatever_a_process_asks_is_looked_at() -> None:
    folder = Path(redis.__file__).parent
    texts = [each.read_text("utf-8") for each in folder.glob("*.py") if each.stem not in ("care", "greeting")]
    asked = {word for text in texts for word in re.findall(r'\b(?:ask|tell)\(\s*b?"([A-Z]+)"', text)}
    assert len(asked) > 15
    assert asked - {"EVAL"} <= {*needed()}, "the probe itself is an EVAL"
    lua = [each.read_text("utf-8") for each in folder.glob("lua/**/*.lua")]
    called = {word for text in lua for word in re.findall(r"\b(?:call|pcall)\(\s*(.)", text)}
    assert called == {"'"}, "a command that is no word at the place where it is called is not seen"


RENAMED = "its settings take commands away (`rename-command`); let these have their names"


@pytest.mark.parametrize("command", ["UNLINK", "PUBLISH", "EVALSHA", "EVAL", "SUBSCRIBE", "INFO", "SCRIPT"])
@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_without_a_command_is_told_which_it_is(name: str, command: str) -> None:
    with running_engine(ENGINES[name], "--rename-command", command, "") as engine:
        told = refusal(Address(path=str(engine.path)))
        assert told.replace(f" at {engine.path}", "") == f"the store does not know {command}: {RENAMED}"


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_that_greets_nobody_may_have_been_told_not_to(name: str) -> None:
    with running_engine(ENGINES[name], "--rename-command", "HELLO", "") as engine:
        assert "or its settings take HELLO away (`rename-command`)" in refusal(Address(path=str(engine.path)))
