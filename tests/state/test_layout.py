"""What servers of one store have in common: a change of it is a change for those who have a store."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from engine_kit import Engine, found
from home_kit import Home, with_homes

from mockserver.errors import UsageError
from mockserver.state.webhook_records import OwedWebhook
from mockserver.stores import redis
from mockserver.stores.redis import index as index_module
from mockserver.stores.redis import layout as layout_module
from mockserver.stores.redis.calls import LAYOUT
from mockserver.stores.redis.layout import WRITTEN, layout, shapes

ENGINES = found()
KNOWN = ("ms1", "6315d3de17b62790")


def test_what_is_written_in_a_store_changes_on_purpose() -> None:
    """A store that was filled before is refused from now on: write down the new digest, and say so in CHANGELOG."""
    assert (LAYOUT, layout()) == KNOWN


def test_a_field_more_or_of_another_kind_is_another_layout() -> None:
    class One(NamedTuple):
        a: int
        b: tuple[str, ...] = ()

    class Other(NamedTuple):
        a: int | None
        b: tuple[str, ...] = ()

    assert shapes([One]) == {"One": ["a: int", "b: tuple[str, Ellipsis]"]}
    assert shapes([Other])["Other"] == ["a: int|NoneType", "b: tuple[str, Ellipsis]"]
    assert {"JobRecord", "DeliveryAttempt", "Handle"} <= shapes([OwedWebhook]).keys(), "what it holds, too"


def test_every_record_that_is_read_is_part_of_it() -> None:
    texts = [each.read_text("utf-8") for each in Path(redis.__file__).parent.glob("*.py")]
    read = {each for text in texts for each in re.findall(r"\bread(?:er)?\(([A-Z]\w+)", text)}
    assert {"JobRecord", "KeptRequest"} <= read
    assert read - {"EFFECTS", "ANSWERS"} <= {each.__name__ for each in WRITTEN}


def test_remarks_in_scripts_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    known = layout_module.scripts()
    more = {name: each._replace(text=f"-- a remark\n\n{each.text}") for name, each in known.items()}
    monkeypatch.setattr(layout_module, "scripts", lambda: more)
    assert layout.__wrapped__() == layout()
    more["look"] = more["look"]._replace(text="return 1")
    assert layout.__wrapped__() != layout()


@pytest.mark.parametrize("name", ENGINES)
def test_another_version_is_refused_and_other_contracts_are_told_apart(
    name: str, engine_of: Callable[[str], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(home: Home, other: Home) -> None:
        other.index._is_fit = False
        monkeypatch.setattr(index_module, "layout", lambda: "another")
        with pytest.raises(UsageError, match="sandboxes of another version of mockserver; run the same one"):
            await other.index.idle(1)
        monkeypatch.undo()
        other.index._fingerprint = "others"
        with pytest.raises(UsageError, match="sandboxes of other contracts"):
            await other.index.idle(1)
        await home.asked("SET", "ms1:{/%2Findex}:contracts", "of a version that did not say which it is")
        with pytest.raises(UsageError, match="sandboxes of another version"):
            await other.index.idle(1)

    with_homes(engine_of(name), work, 2)
    engine_of(name).asked(b"FLUSHALL\r\n")


@pytest.mark.parametrize("name", ENGINES)
def test_a_store_that_is_emptied_while_it_is_looked_at_is_taken_as_an_empty_one(
    name: str, engine_of: Callable[[str], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(home: Home) -> None:
        ask = home.worker.pipe.ask

        async def asked(*words: Any) -> Any:
            answer = await ask(*words)
            engine.asked(b"FLUSHALL\r\n")
            return answer

        monkeypatch.setattr(home.worker.pipe, "ask", asked)
        home.index._is_fit = False
        assert await home.index.idle(1) == []

    engine = engine_of(name)
    with_homes(engine, work)
