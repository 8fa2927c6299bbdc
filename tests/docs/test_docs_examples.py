"""Every code block of the documentation runs, or says why not."""

from __future__ import annotations

import configparser
import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from docs_kit import ROOT, Block, blocks_of, pages, slug

from mockserver import start
from mockserver.cli import main

URL = "http://127.0.0.1:8000"
INI = """[pytest]
filterwarnings =
    error
    ignore::ResourceWarning
asyncio_default_fixture_loop_scope = function
addopts = -p no:schemathesis -p no:randomly -p no:cacheprovider -p no:xdist
"""
PLAY = """import runpy, sys
import pytest

@pytest.mark.parametrize("name", {names})
def test_script(name, monkeypatch):
    monkeypatch.setattr(sys, "argv", [name])
    monkeypatch.syspath_prepend({folder!r})
    try:
        runpy.run_path({folder!r} + "/" + name, run_name="__main__")
    except SystemExit as end:
        assert not end.code
"""
KNOWN = {"python", "sh", "js", "json", "toml", "ini", "yaml", "text", "{toctree}", "jsonc"}


def all_blocks() -> list[Block]:
    return [block for page in pages() for block in blocks_of(page)]


def to_run(page: Path, language: str) -> list[Block]:
    """The blocks of a page that are run here."""
    found = [block for block in blocks_of(page) if block.language == language and _has(block.said.get("needs", ""))]
    return [block for block in found if not {"not run", "parsed"} & {*block.said}]


def _has(module: str) -> bool:
    return not module or importlib.util.find_spec(module) is not None


def test_every_block_names_a_language_that_is_tried_here() -> None:
    wrong = [f"{block.place} {block.language!r}" for block in all_blocks() if block.language not in KNOWN]
    assert wrong == []


def test_a_block_that_does_not_run_says_why() -> None:
    for block in all_blocks():
        if "not run" in block.said or "parsed" in block.said:
            why = block.said.get("not run", block.said.get("parsed", ""))
            assert len(why.split()) >= 3, block.place
        assert block.language != "jsonc" or "not run" in block.said, block.place


# --- Python: one run of pytest for all pages, a module for each; its lines are the page's lines


def test_python_blocks_pass(tmp_path: Path) -> None:
    written = [name for page in pages() for name in write(page, tmp_path / slug(page))]
    assert written
    (tmp_path / "pytest.ini").write_text(INI)
    env = {k: v for k, v in os.environ.items() if k != "PYTEST_ADDOPTS" and not k.startswith("MOCKSERVER_")}
    command = [sys.executable, "-m", "pytest", "-q", "-rfEs", "--tb=short", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def write(page: Path, folder: Path) -> list[str]:
    """The page's Python as files in a folder of its own; their names."""
    blocks = to_run(page, "python")
    if not blocks:
        return []
    folder.mkdir()
    module, scripts = "", []
    for block in blocks:
        if "file" in block.said:
            (folder / block.said["file"]).write_text(block.text)
        elif "script" in block.said:
            scripts.append(f"script_{block.line}.py")
            (folder / scripts[-1]).write_text("\n" * (block.line - 1) + block.text)
        else:
            module += "\n" * (block.line - 1 - module.count("\n")) + block.text
    if module:
        (folder / f"test_{slug(page)}.py").write_text(module)
    if scripts:
        (folder / f"test_scripts_of_{slug(page)}.py").write_text(PLAY.format(names=scripts, folder=str(folder)))
    return [each.name for each in folder.iterdir()]


@pytest.mark.slow
def test_the_first_client_of_the_tutorial_fails_on_the_bad_day_alone(tmp_path: Path) -> None:
    page = next(page for page in pages() if page.name == "tutorial.md")
    write(page, tmp_path / "first")
    first = next(block for block in blocks_of(page) if block.language == "python")
    (tmp_path / "first" / "video.py").write_text(first.text)
    (tmp_path / "pytest.ini").write_text(INI)
    command = [sys.executable, "-m", "pytest", "-q", "--tb=no", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "3 failed, 3 passed" in done.stdout
    assert done.stdout.count("FAILED first/test_bad_day.py") == 3


def test_the_test_of_an_api_of_ones_own_passes_beside_a_new_one(tmp_path: Path) -> None:
    page = next(page for page in pages() if page.name == "own-contract.md")
    test = next(block for block in blocks_of(page) if "sandbox.api" in block.text)
    (tmp_path / "test_acme.py").write_text(test.text)
    (tmp_path / "pytest.ini").write_text(INI + "mockserver_contracts = acme\n")
    for words in (["mockserver", "new", "acme"], ["pytest", "-q"]):
        done = subprocess.run([sys.executable, "-m", *words], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


# --- Shell and JavaScript: against a server that runs


PLAYED = ROOT / "contracts/README.md"
"""The tutorial whose blocks tests/language plays, for they build on each other."""


def with_language(language: str) -> list[Path]:
    return [page for page in pages() if page != PLAYED and to_run(page, language)]


@pytest.fixture
def served() -> Iterator[str]:
    with start(insecure_webhooks=True, clock="x60") as server:
        yield server.url


@pytest.mark.parametrize("page", with_language("sh"), ids=slug)
def test_shell_blocks_of_a_page_succeed_one_after_the_other(page: Path, served: str, tmp_path: Path) -> None:
    script = "".join(block.text for block in to_run(page, "sh")).replace(URL, served)
    script = script.replace("sleep 1;", "sleep 0.1;")
    _succeeds(["bash", "-euo", "pipefail", "-c", script], tmp_path)


@pytest.mark.parametrize("page", with_language("js"), ids=slug)
def test_javascript_blocks_of_a_page_succeed(page: Path, served: str, tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is missing")
    for block in to_run(page, "js"):
        name = block.said.get("file", f"block_{block.line}.mjs")
        (tmp_path / name).write_text(block.text.replace(URL, served))
        if "file" not in block.said or ".test." in name:
            _succeeds([node, *(["--test"] if ".test." in name else []), name], tmp_path)


def _succeeds(command: list[str], folder: Path) -> None:
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"


# --- What is only parsed


def test_commands_that_are_not_run_have_options_that_exist() -> None:
    for block in all_blocks():
        if block.language == "sh":
            for line in block.text.replace("\\\n", " ").splitlines():
                if line.lstrip().startswith(("mockserver ", "MOCKSERVER_")):
                    _parses(line, block.place)


def _parses(line: str, place: str) -> None:
    words = shlex.split(line, comments=True)
    words = words[next(n for n, word in enumerate(words) if word == "mockserver") + 1 :]
    words = words[: next((n for n, word in enumerate(words) if word in ("&", "|", ">", "&&", "||", "--")), None)]
    command = main.get_command(click.Context(main), words[0]) if words and not words[0].startswith("-") else main
    assert command is not None, f"{place}: there is no command {words[0]!r}"
    known = {option for each in command.params for option in (*each.opts, *each.secondary_opts)} | {"--help", "-h"}
    said = [word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)]
    assert [word for word in said if word not in known] == [], f"{place}: {line}"


def test_data_blocks_can_be_read() -> None:
    for block in all_blocks():
        if block.language in ("json", "toml", "ini", "yaml") and "not run" not in block.said:
            _read(block)


def _read(block: Block) -> None:
    if block.language == "json":
        json.loads(block.text)
    elif block.language == "toml":
        tomllib.loads(block.text)
    elif block.language == "ini":
        configparser.ConfigParser().read_string(block.text)
    else:
        pytest.importorskip("yaml").safe_load(block.text)
