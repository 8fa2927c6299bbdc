"""Pages that are made from the code are as it is now, and messages that pages explain are messages of the code."""

from __future__ import annotations

import ast
import re
import runpy
from functools import cache

from docs_kit import DOCS, ROOT, text_of


def test_the_reference_is_as_it_is_made() -> None:
    made = runpy.run_path(str(DOCS / "generate.py"))["pages"]()
    assert {page.stem for page in (DOCS / "reference").glob("*.md")} == {*made}
    for name, text in made.items():
        stale = text_of(DOCS / "reference" / f"{name}.md") != text
        assert not stale, f"docs/reference/{name}.md is not what the code says: python docs/generate.py"


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
