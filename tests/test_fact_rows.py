"""A fact is one row: what reads it, what it is, whether it stays while its job does. The schema knows its name."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from mockserver.facts import FACTS, FAMILIES, row_of
from mockserver.lifecycle import Value
from mockserver.subject import Subject
from mockserver.values import reader, writer

SCHEMA = Path(__file__).parent.parent / "contracts" / "behavior.schema.json"
ONE_OF_EACH = {name: f"{name}.body" for name in FAMILIES} | {"request": "request./prompt"}


def pattern() -> re.Pattern[str]:
    return re.compile(json.loads(SCHEMA.read_text())["$defs"]["fact"]["pattern"])


@pytest.mark.parametrize("fact", [*FACTS, *ONE_OF_EACH.values()])
def test_a_contract_may_name_every_fact_of_the_table(fact: str) -> None:
    assert pattern().fullmatch(fact), "add it to `pattern` of $defs/fact in contracts/behavior.schema.json"


@pytest.mark.parametrize("fact", ["prompt", "page.sum", "results.video", "idx", "limit.", "request.prompt"])
def test_a_contract_may_name_no_other(fact: str) -> None:
    assert not pattern().fullmatch(fact)


@pytest.mark.parametrize("fact", [*FACTS, *ONE_OF_EACH.values()])
def test_a_fact_that_is_absent_is_read_as_nothing(fact: str) -> None:
    assert reader(Value(fact))(Subject(0.0)) in (None, 0)


@pytest.mark.parametrize(
    ("fact", "shown", "value", "written"),
    [
        ("created", "2026-05-07T12:34:56.000Z", 0.0, b'"1970-01-01T00:00:00.000Z"'),
        ("created", 1, 1.5, b"1"),
        ("progress", "45%", 7, b'"7%"'),
        ("progress", 45, 7, b"7"),
        ("retries", 0, 2, b"2"),
        ("duration", 1.5, 2.0, b"2"),
        ("cost", "1", 3, b'"3"'),
        ("credits_before", 100, 99.0, b"99"),
        ("page.more", True, False, b"false"),
        ("request./prompt", "a", {"b": 1}, b'{"b":1}'),
        ("id", "x", "y", b'"y"'),
    ],
)
def test_a_fact_is_written_as_kind_and_example_say(fact: str, shown: object, value: object, written: bytes) -> None:
    assert writer(Value(fact), shown)(value) == written


def test_a_fact_that_nobody_knows_has_no_row() -> None:
    with pytest.raises(KeyError):
        row_of("nothing.of.it")
