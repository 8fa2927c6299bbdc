"""Whether an engine is one that can keep a state, by what it says of itself when one connects. Asks nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

OLDEST = 7
"""The first version of Redis whose scripts do what ours need; Valkey begins with its successor."""
EVICTS = re.compile(rb"maxmemory_policy:(allkeys|volatile)-")
TOO_OLD = f"is older than Redis {OLDEST}: take a later one, or Valkey"


def unfit(hello: Mapping[bytes, Any], memory: bytes | str) -> str:
    """Why an engine is no store that greets so (HELLO) and tells this of its memory (INFO); "" where it is one."""
    if int(hello[b"version"].split(b".")[0]) < OLDEST:
        return TOO_OLD
    if hello[b"mode"] != b"standalone":
        return f"is one of a {hello[b'mode'].decode()}: a store is one engine that keeps all by itself"
    if hello[b"role"] != b"master":
        return "is a replica, which takes nothing: name the primary, or wait until this one is"
    if EVICTS.search(memory if isinstance(memory, bytes) else memory.encode()):
        return "throws away what it was given when it is full: set its maxmemory-policy to noeviction"
    return ""
