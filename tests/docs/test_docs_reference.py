"""Pages that are made from the code are as it is now, and messages that pages explain are messages of the code."""

from __future__ import annotations

import ast
import json
import re
import runpy
from collections.abc import Iterator
from functools import cache
from typing import Any

from docs_kit import DOCS, ROOT, text_of

from mockserver.loader.alternatives import listed, words_of

SCHEMA = json.loads((ROOT / "contracts/behavior.schema.json").read_text(encoding="utf-8"))


def test_the_reference_is_as_it_is_made() -> None:
    made = runpy.run_path(str(DOCS / "generate.py"))["pages"]()
    assert {page.stem for page in (DOCS / "reference").glob("*.md")} == {*made}
    for name, text in made.items():
        stale = text_of(DOCS / "reference" / f"{name}.md") != text
        assert not stale, f"docs/reference/{name}.md is not what the code says: python docs/generate.py"


def test_the_words_of_a_contract_are_as_they_are_made() -> None:
    made = runpy.run_path(str(DOCS / "generate.py"))["language"]()
    assert text_of(ROOT / "contracts/REFERENCE.md") == made, "it is not what the code says: python docs/generate.py"


def test_every_word_of_a_contract_has_a_description() -> None:
    words = [(f"{at}/{word}", node) for at, each in _schemas() for word, node in _words(each)]
    assert len(words) > 250
    assert [at for at, node in words if not node.get("description")] == []


def test_every_word_of_a_contract_stands_in_a_table_of_its_page() -> None:
    rows = [each for each in text_of(ROOT / "contracts/REFERENCE.md").splitlines() if each.startswith("| ")]
    told = {each.split("`")[1].rpartition(".")[2] for each in rows if "`" in each}
    assert {word for _, each in _schemas() for word, _ in _words(each)} - told == {"$schema"} - told


def test_every_word_of_a_closed_list_is_explained() -> None:
    lists = [(at, each) for at, each in _schemas() if "enum" in each or len(listed(_pattern(each))) > 4]
    assert len(lists) > 15
    silent = {at: lacking for at, each in lists if (lacking := {*_listed(each)} - {*each.get("x-words", ())})}
    assert silent == {}, "say in `x-words` there, in contracts/behavior.schema.json, what each of them is"


def _pattern(schema: dict[str, Any]) -> str:
    """The pattern of a schema; none of an object that has a field of that name."""
    return schema["pattern"] if isinstance(schema.get("pattern"), str) else ""


def _schemas(node: Any = SCHEMA, at: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of the schema that is one itself, with its place."""
    if isinstance(node, dict):
        yield at, node
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, each in members:
        if name not in ("x-words", "examples", "if", "else"):
            yield from _schemas(each, f"{at}/{name}")


def _words(schema: dict[str, Any]) -> list[tuple[str, Any]]:
    """The words that an object may have; `true` and constants are told of elsewhere."""
    found = schema.get("properties")
    members = found.items() if isinstance(found, dict) and isinstance(schema.get("type", "object"), str) else ()
    return [(word, node) for word, node in members if isinstance(node, dict)]


def _listed(schema: dict[str, Any]) -> list[str]:
    return words_of({key: each for key, each in schema.items() if key in ("enum", "pattern")}, SCHEMA)


def test_messages_that_are_explained_are_those_of_the_code() -> None:
    headings = re.findall(r"^### (.+)$", text_of(DOCS / "troubleshooting.md"), re.MULTILINE)
    assert len(headings) >= 30
    for heading in headings:
        for part in re.split(r"\s*…\s*", heading):
            assert len(part) < 6 or is_said(part.strip(" ,")), heading


def is_said(text: str) -> bool:
    """Whether the code says it, in one piece or in two."""
    blanks = [n for n, letter in enumerate(text) if letter == " " and 12 < n < len(text) - 12]
    return text in messages() or any(text[:n] in messages() and text[n:] in messages() for n in blanks)


@cache
def messages() -> str:
    """All texts of the source; what an f-string puts in is a …"""
    files = [*(ROOT / "mockserver").rglob("*.py"), *(ROOT / "pytest_plugin").rglob("*.py")]
    return "\n".join(text for file in files for text in _texts(ast.parse(file.read_text(encoding="utf-8"))))


def _texts(tree: ast.AST) -> list[str]:
    found = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    joined = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    return found + ["".join(_part(each) for each in node.values) for node in joined]


def _part(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else "…"
