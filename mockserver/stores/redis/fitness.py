"""Whether an engine is one that can keep a state, by what it says of itself when one connects. Asks nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

OLDEST = 7
"""The first version of Redis whose scripts do what ours need; Valkey begins with its successor."""
EVICTS = re.compile(rb"maxmemory_policy:(allkeys|volatile)-")
TOO_OLD = f"is older than Redis {OLDEST}: take a later one, or Valkey"
NO_HELLO = f"{TOO_OLD}; or its settings take HELLO away (`rename-command`): let it have the name"
REPLICA = "is a replica, which takes nothing: name the primary, or wait until this one is"
NO_DATABASE = "has no database {}: most engines have 0 to 15; its setting `databases` says how many"
NO_ENGINE = "speaks another language than Redis: is it the port of another program?"
OF_MANY = "is one of a {}: a store is one engine that keeps all by itself; {}"
INSTEAD = {b"sentinel": "name the primary that it watches", b"cluster": "name one whose `cluster-enabled` is no"}


def is_engine(hello: Any) -> bool:
    """Whether somebody who greets so is an engine."""
    words = [hello.get(each) for each in (b"version", b"mode")] if isinstance(hello, Mapping) else [None]
    return all(isinstance(each, bytes) for each in words)


def is_of_many(hello: Mapping[bytes, Any]) -> str:
    """Why nothing is to be looked for at an engine that greets so: it is one of several; "" where it is not."""
    mode: bytes = hello[b"mode"]
    if mode == b"standalone":
        return ""
    return OF_MANY.format(mode.decode("utf-8", "replace"), INSTEAD.get(mode, "name another one"))


def is_replica(hello: Mapping[bytes, Any]) -> bool:
    """Whether what is written there is refused."""
    return bool(hello.get(b"role", b"master") != b"master")


def unfit(hello: Mapping[bytes, Any], memory: bytes | str) -> str:
    """Why an engine is no store that greets so (HELLO) and tells this of its memory (INFO); "" where it is one."""
    version = re.match(rb"\d+", hello[b"version"])
    if version is None or int(version[0]) < OLDEST:
        return TOO_OLD
    if why := is_of_many(hello):
        return why
    if is_replica(hello):
        return REPLICA
    if EVICTS.search(memory if isinstance(memory, bytes) else memory.encode()):
        return "throws away what it was given when it is full: set its maxmemory-policy to noeviction"
    return ""
