"""What contracts/README.md shows can be written so: its blocks, put where they say, make a sound contract."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from check_kit import put, write
from language_kit import documents

from mockserver.check import check

PAGE = Path(__file__).parents[2] / "contracts" / "README.md"
BLOCK = re.compile(r"```json (\S+\.json) (\S*)\n(.*?)```", re.S)


def headings() -> list[tuple[str, list[tuple[str, str, str]]]]:
    """The headings of the page that have blocks to try: (file, pointer, text)."""
    parts = re.split(r"^#{2,4} (.*)$", PAGE.read_text(), flags=re.M)
    pairs = zip(parts[1::2], parts[2::2], strict=True)
    return [(title, BLOCK.findall(text)) for title, text in pairs if BLOCK.search(text)]


@pytest.mark.parametrize(("title", "blocks"), headings(), ids=[title for title, _ in headings()])
def test_what_the_page_shows_makes_a_sound_contract(
    title: str, blocks: list[tuple[str, str, str]], tmp_path: Path
) -> None:
    made = documents()
    for file, pointer, text in blocks:
        put(made[file], pointer, json.loads(text))
    assert not check(write(tmp_path / "own", made)), "\n".join(map(str, check(tmp_path / "own")))
