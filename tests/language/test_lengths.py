"""Contracts are short, and stay so: the shipped ones in one fixed formatter, and what `mockserver new` writes."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mockserver.cli.new import TEMPLATE, write
from mockserver.loader import SCHEMA, SHIPPED, contract_folders

BENCH = Path(__file__).parents[2] / "bench" / "lines.py"
BEFORE = {"behavior.json": 2557, "openapi.json": 7976}
"""The lines that the four contracts had while each wrote its scenarios, trigger values and refusals itself."""


@pytest.fixture(scope="module")
def total() -> dict[str, int]:
    """The lines of the four, by file."""
    spec = importlib.util.spec_from_file_location("lines", BENCH)
    assert spec is not None
    assert spec.loader is not None
    bench: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bench)
    return {name: sum(bench.lines(folder / name) for folder in contract_folders(SHIPPED)) for name in BEFORE}


def test_the_four_say_their_behavior_in_less_than_half_of_the_lines_of_before(total: dict[str, int]) -> None:
    assert total["behavior.json"] * 2 < BEFORE["behavior.json"]


def test_both_files_of_the_four_have_less_than_three_quarters_of_them(total: dict[str, int]) -> None:
    assert sum(total.values()) * 4 < sum(BEFORE.values()) * 3


def test_what_a_new_contract_says_is_under_120_lines() -> None:
    texts = [path.read_text() for path in sorted(TEMPLATE.glob("*.json"))]
    assert sum(text.count("\n") for text in texts) < 120
    assert max(len(line) for text in texts for line in text.splitlines()) <= 130


def test_an_editor_finds_the_schema_of_a_new_contract_beside_it(tmp_path: Path) -> None:
    write(tmp_path / "acme", "acme")
    behavior = json.loads((tmp_path / "acme" / "behavior.json").read_text())
    beside = tmp_path / "acme" / behavior["$schema"]
    assert beside.read_bytes() == (SHIPPED / SCHEMA).read_bytes()
    jsonschema.Draft202012Validator(json.loads(beside.read_text())).validate(behavior)


@pytest.mark.parametrize(
    "folder", [*contract_folders(SHIPPED), *contract_folders(SHIPPED / "gallery")], ids=lambda p: p.name
)
def test_an_editor_finds_the_schema_of_a_shipped_contract(folder: Path) -> None:
    said = json.loads((folder / "behavior.json").read_text()).get("$schema", "")
    assert (folder / said).resolve() == SHIPPED / SCHEMA


def test_the_schema_is_one_of_json_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads((SHIPPED / SCHEMA).read_text()))


def undescribed(schema: Any, root: Any, at: str = "") -> list[str]:
    """The words of a schema of which neither it nor what it refers to says anything; conditions name some once more."""
    if isinstance(schema, list):
        return [each for index, one in enumerate(schema) for each in undescribed(one, root, f"{at}/{index}")]
    if not isinstance(schema, dict):
        return []
    words = schema.get("properties", {})
    found = [f"{at}/{word}" for word, said in words.items() if isinstance(said, dict) and not is_described(said, root)]
    inner = {
        key: said for key, said in schema.items() if key not in ("properties", "if", "else", "not", "examples", "enum")
    }
    inner |= {f"properties/{word}": said for word, said in words.items()}
    return found + [each for key, said in inner.items() for each in undescribed(said, root, f"{at}/{key}")]


def is_described(said: Any, root: Any) -> bool:
    return "description" in said or ("$ref" in said and is_described(root["$defs"][said["$ref"][8:]], root))


def test_the_schema_tells_editors_what_each_word_is() -> None:
    schema = json.loads((SHIPPED / SCHEMA).read_text())
    assert undescribed(schema, schema) == []
