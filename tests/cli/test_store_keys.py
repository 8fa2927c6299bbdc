"""A store at an engine where others have keys whose names begin as ours do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest
from cli_kit import call
from engine_kit import Engine, found, running_engine

from mockserver.errors import UsageError
from mockserver.stores.redis import RedisStore

PROGRAMS = found()
OURS = ["ms1:{/default}", "ms1:{a%3A/b%20c}:jobs:api", "ms1:{workers}:beats", "ms1:{workers}:opening:ms1:{/default}"]
OTHERS = ["ms1", "ms1:cache", "ms1:{user}:open", "ms1:{a/b}x", "ms1:{/%2Findex}", "ms2:{/default}", "x:ms1:{/default}"]
CONTRACTS = "ms1:{/%2Findex}:contracts"


@pytest.fixture(scope="module", params=sorted(PROGRAMS))
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with running_engine(PROGRAMS[request.param]) as made:
        yield made


def test_what_others_keep_under_like_names_is_neither_counted_nor_removed(engine: Engine) -> None:
    engine.asked(b"ZADD ms1:{/%2Findex}:open 1 default\r\n")
    for name in (*OURS, *OTHERS):
        engine.asked(b"SET %b 1\r\n" % name.encode())
    engine.asked(b"DEL ms1:{workers}:beats ms1:{/%2Findex}\r\n")
    others = len(OTHERS) - 1
    told = json.loads(call("store", "stats", engine.url, "--format", "json").output)
    assert (told["sandboxes"], told["keys"], told["all_keys"]) == (1, len(OURS), len(OURS) + others)
    assert json.loads(call("store", "purge", engine.url, "--format", "json").output) == {"removed": len(OURS)}
    assert engine.asked(b"DBSIZE\r\n") == b":%d\r\n" % others
    engine.emptied()


def test_a_mark_of_another_program_is_told_as_another_version(engine: Engine) -> None:
    engine.asked(b"*3\r\n$3\r\nSET\r\n$%d\r\n%b\r\n$5\r\n\xff\xfe ab\r\n" % (len(CONTRACTS), CONTRACTS.encode()))

    async def asked() -> None:
        store = RedisStore(engine.url)
        try:
            await store.index(None).find("default")
        finally:
            await store.close()

    with pytest.raises(UsageError, match="sandboxes of another version"):
        asyncio.run(asked())
    engine.emptied()
