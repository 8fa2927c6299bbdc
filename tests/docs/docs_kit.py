"""The pages of the documentation: which there are, their links and headings, and their code blocks.

A comment before a block says what is special about it:

`<!-- not run: why -->`    it is only shown
`<!-- parsed: why -->`     its `mockserver …` commands are parsed, and not run
`<!-- file: video.py -->`  it is this file, which later blocks of the page may import
`<!-- script -->`          it is a program of its own, not a part of the page's test module
`<!-- needs: flask -->`    it is left out where this module cannot be imported
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DOCS = ROOT / "docs"
_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>[\w{}-]*)[^\n]*\n(?P<text>.*?)^(?P=indent)```$", re.DOTALL | re.MULTILINE
)
_SAID = re.compile(r"<!-- *(not run|parsed|file|script|needs)(?:: *(.*?))? *-->\s*\Z", re.DOTALL)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A code block: where it stands, its language, its text, and what the comments before it say."""

    page: Path
    line: int
    language: str
    text: str
    said: dict[str, str]

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def pages() -> list[Path]:
    """All that a stranger reads: of the site, and beside it."""
    beside = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "contracts").glob("*.md"))]
    return [*sorted(DOCS.rglob("*.md")), *beside]


def slug(page: Path) -> str:
    return re.sub(r"\W+", "_", str(page.relative_to(ROOT).with_suffix("")).lower())


@cache
def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


@cache
def blocks_of(page: Path) -> tuple[Block, ...]:
    return tuple(_blocks(page))


def _blocks(page: Path) -> Iterator[Block]:
    text, end = text_of(page), 0
    for fence in _FENCE.finditer(text):
        before, line = text[end : fence.start()], text.count("\n", 0, fence.start("text")) + 1
        said: dict[str, str] = {}
        while found := _SAID.search(before):
            said[found[1]] = " ".join((found[2] or "").split())
            before = before[: found.start()]
        indent = fence["indent"]
        code = "".join(each.removeprefix(indent) for each in fence["text"].splitlines(keepends=True))
        yield Block(page, line, fence["language"], code, said)
        end = fence.end()


def prose_of(page: Path) -> str:
    """A page without its code blocks."""
    return _FENCE.sub("", text_of(page))


def links_of(page: Path) -> list[str]:
    return _LINK.findall(re.sub(r"`[^`\n]*`", "", prose_of(page)))


@cache
def anchors_of(page: Path) -> frozenset[str]:
    """What a link may name behind `#`: the headings, as GitHub and MyST make anchors of them."""
    headings = re.findall(r"^#{1,6} +(.+?) *$", prose_of(page), re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", each.replace("`", "").lower()).replace(" ", "-") for each in headings)
