"""What contracts/HOWTO.md shows can be written so: put into a new contract, it is sound and answers so."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from asking_kit import Asker, is_asked
from check_kit import Documents, Mutation, put
from inbox_kit import Inbox
from language_kit import serving
from tutorial_kit import BLOCK, HOWTO, headings, new_one


def changed(text: str) -> Mutation:
    """A new contract with the blocks of a heading put where they say."""

    def change(documents: Documents) -> None:
        documents.clear()
        documents.update(new_one())
        for language, where, block in BLOCK.findall(text):
            if language == "json":
                file, _, pointer = where.strip().partition(" ")
                put(documents[file], pointer, json.loads(block))

    return change


@pytest.mark.parametrize(("title", "text"), headings(HOWTO), ids=[title for title, _ in headings(HOWTO)])
def test_what_the_page_shows_is_sound_and_answers_so(title: str, text: str, tmp_path: Path) -> None:
    asked = [block for language, _, block in BLOCK.findall(text) if language == "text" and is_asked(block)]
    with Inbox() as inbox, serving(tmp_path, changed(text), insecure_webhooks=True) as served:
        asker = Asker(served, inbox)
        for block in asked:
            asker.play(block)


def test_every_heading_that_shows_something_asks_for_it() -> None:
    silent = [title for title, text in headings(HOWTO) if not any(is_asked(each[2]) for each in BLOCK.findall(text))]
    assert silent == []
    assert len(headings(HOWTO)) > 45


def test_every_heading_is_in_the_list_at_the_top() -> None:
    listed = HOWTO.read_text(encoding="utf-8").partition("\n## ")[0]
    slugs = [re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title, _ in headings(HOWTO)]
    assert [each for each in slugs if f"(#{each})" not in listed] == []
