"""Links between pages lead somewhere, and every page is found from the first one; Sphinx, if installed, finds more."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from docs_kit import DOCS, ROOT, anchors_of, links_of, pages, slug, text_of


@pytest.mark.parametrize("page", pages(), ids=slug)
def test_links_of_a_page_lead_to_what_is_there(page: Path) -> None:
    for link in links_of(page):
        if "://" in link or link.startswith("mailto:"):
            continue
        path, _, anchor = link.partition("#")
        target = Path(os.path.normpath(page.parent / path)) if path else page
        assert target.exists(), f"{page.relative_to(ROOT)}: {link}"
        assert target.is_relative_to(ROOT)
        assert not anchor or anchor in anchors_of(target), f"{page.relative_to(ROOT)}: {link}"


def test_every_page_of_the_site_is_in_the_index() -> None:
    listed = text_of(DOCS / "index.md")
    for page in sorted(DOCS.rglob("*.md")):
        name = str(page.relative_to(DOCS).with_suffix(""))
        assert page.name == "index.md" or f"\n{name}\n" in listed, name


@pytest.fixture
def page() -> Callable[[str | None], list[str]]:
    """The links of the package's page, where the repository has that address."""
    pytest.importorskip("hatchling")
    made = runpy.run_path(str(ROOT / "hatch_build.py"))["page"]
    return lambda source: re.findall(r"\[[^\]]*\]\(([^)]+)\)", made(text_of(ROOT / "README.md"), source, "1.2.3"))


def test_links_of_the_packages_page_lead_to_files_of_the_repository(page: Callable[[str | None], list[str]]) -> None:
    source = "https://git.example/us/mockserver-kit"
    links = page(source)
    assert len(links) > 10
    for link in links:
        assert link.startswith(f"{source}/blob/v1.2.3/"), link
        assert (ROOT / link.removeprefix(f"{source}/blob/v1.2.3/").partition("#")[0]).exists(), link


def test_where_the_repository_has_no_address_the_packages_page_has_no_link_that_leads_nowhere(
    page: Callable[[str | None], list[str]],
) -> None:
    assert [link for link in page(None) if "://" not in link] == []


def test_the_package_has_that_page() -> None:
    pytest.importorskip("hatchling")
    told = subprocess.run(
        [sys.executable, "-m", "hatchling", "metadata"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    text = json.loads(told.stdout)["readme"]["text"]
    assert text.startswith("# mockserver-kit")
    assert "](docs/" not in text


@pytest.mark.slow
def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    if any(importlib.util.find_spec(each) is None for each in ("sphinx", "myst_parser", "furo")):
        pytest.skip("the group docs is not installed: make docs")
    build = [sys.executable, "-m", "sphinx", "-n", "-W", "--keep-going", "-q", "-c", str(DOCS), str(ROOT)]
    done = subprocess.run([*build, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "docs/index.html").exists()
