"""How Sphinx builds the site: `make docs`. Its root is the repository, so that a link is the same here and there."""

from __future__ import annotations

from typing import Any

from pygments.lexers.javascript import JavascriptLexer

project = "mockserver-kit"
author = "the authors of mockserver-kit"
project_copyright = author
extensions = ["myst_parser"]
root_doc = "docs/index"
include_patterns = ["docs/**", "contracts/*.md", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"]
exclude_patterns = [".*", "build", "dist", "tests", "examples", "mockserver", "pytest_plugin", "bench"]

myst_heading_anchors = 4
suppress_warnings = ["myst.header"]  # a changelog repeats Added, Changed, Fixed
html_theme = "furo"
html_title = "mockserver-kit"
html_extra_path = ["first"]
html_copy_source = False
html_show_sphinx = False


def setup(app: Any) -> None:
    """JSON with comments is coloured as the JavaScript that it nearly is."""
    app.add_lexer("jsonc", JavascriptLexer)
