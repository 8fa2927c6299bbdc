"""What users can name is named by a page: fixtures, options, marker keys, settings, commands, faults."""

from __future__ import annotations

import re
import sys

import click
import pytest
from docs_kit import DOCS, ROOT, blocks_of, pages, prose_of, text_of

from mockserver.cli import main
from mockserver.faults.catalogue import CATALOGUE
from mockserver.loader.folders import GALLERY
from mockserver.testing.options import KEYS
from mockserver.testing.wanted import OWN

GENERATED = DOCS / "reference"
BY_HAND = [page for page in pages() if GENERATED not in page.parents]
WRITTEN = "\n".join(text_of(page) for page in BY_HAND if page.is_relative_to(DOCS))
ALL = "\n".join(text_of(page) for page in pages())


def missing(names: list[str], text: str = WRITTEN) -> list[str]:
    return [name for name in names if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)]


def ours(config: pytest.Config) -> list[str]:
    source = (ROOT / "pytest_plugin/plugin.py").read_text(encoding="utf-8")
    return re.findall(r"^@pytest\.fixture[^\n]*\ndef ([a-z]\w*)\(", source, re.MULTILINE)


def test_every_fixture_is_explained_by_a_page(pytestconfig: pytest.Config) -> None:
    fixtures = ours(pytestconfig)
    assert {"vidgen", "sandbox", "intercept"} <= {*fixtures}
    assert missing(fixtures) == []


def test_every_key_of_the_marker_and_of_mock_is_explained_by_a_page() -> None:
    assert missing([f"{key}=" for key in (*KEYS, *OWN)], WRITTEN.replace("=", "= ")) == []


def test_every_setting_and_option_of_pytest_is_explained_by_a_page() -> None:
    source = (ROOT / "pytest_plugin/plugin.py").read_text(encoding="utf-8")
    names = re.findall(r'add(?:ini|option)\("(-{0,2}mockserver[\w-]+)"', source)
    assert len(names) >= 7
    assert missing(names) == []


def test_every_option_of_serve_is_explained_by_a_page() -> None:
    serve = main.get_command(click.Context(main), "serve")
    assert serve is not None
    options = [max(each.opts, key=len) for each in serve.params if "--help" not in each.opts]
    assert missing(options) == []


def test_every_command_and_option_is_named_by_a_page() -> None:
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        assert missing([f"mockserver {name}"]) == []
        options = [max(each.opts, key=len) for each in command.params if isinstance(each, click.Option)]
        assert missing(options, ALL) == []


def test_every_fault_is_named_by_a_page() -> None:
    assert missing([*CATALOGUE], ALL) == []


def test_the_readme_names_what_has_to_be_installed_for_its_python() -> None:
    readme = ROOT / "README.md"
    text = "\n".join(block.text for block in blocks_of(readme) if block.language == "python")
    imported = {*re.findall(r"^ *(?:import|from) (\w+)", text, re.MULTILINE)} - sys.stdlib_module_names
    named = {"mockserver", "pytest", *re.findall(r"`pip install (\w+)`", text_of(readme))}
    assert "mockserver" in imported
    assert imported - named == set()


def test_every_question_is_in_the_list_of_questions() -> None:
    listed = text_of(DOCS / "howto/index.md")
    questions = [
        question
        for page in sorted((DOCS / "howto").glob("*.md"))
        if page.name != "index.md"
        for question in re.findall(r"^## (.+)$", prose_of(page), re.MULTILINE)
    ]
    assert len(questions) >= 25
    assert [question for question in questions if f"- [{question}](" not in listed] == []


def test_every_api_of_the_gallery_is_named_by_a_page() -> None:
    names = [folder.name for folder in GALLERY.iterdir() if folder.is_dir()]
    assert missing([f"`{name}`" for name in names]) == []
    assert missing([f"`{name}`" for name in names], (ROOT / "contracts/README.md").read_text(encoding="utf-8")) == []
