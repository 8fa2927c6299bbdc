"""Pages as text: every value that goes in is escaped here. Knows no HTTP but the policy that its pages ask for."""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mockserver.printable import printable, printable_json

STYLE = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
CLOSED = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

POLICY = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:; {CLOSED}"
"""For pages of text: one known style sheet and nothing else."""

UI_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    f"img-src 'self' data: blob:; media-src 'self' blob:; font-src data:; connect-src 'self'; {CLOSED}"
)
"""For Swagger UI: its own files and requests to this server."""

NOBODY: Mapping[str, Any] = {"keys": {}, "tokens": {}, "client": {}}
"""Credentials of a page that gives none."""
INSTALL = "pip install 'mockserver-kit[ui]'"


def escape(text: str) -> str:
    """Text as it may stand in a page."""
    return html.escape(printable(text))


def _page(title: str, head: str, body: str) -> str:
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{escape(title)}</title>\n<link rel="icon" href="data:,">\n{head}\n</head>\n'
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def _text_page(title: str, body: str) -> str:
    return _page(title, f"<style>{STYLE}</style>", body)


def home(rows: Sequence[Mapping[str, Any]], root: str = "", *, has_live_page: bool = False) -> str:
    """The page of `/`: the table, then a command to try for each API. Its links begin with `root`."""
    lines, root = "\n".join(_line(row, root) for row in rows), escape(root)
    tries = "\n".join(f"<h2>Try {escape(row['title'])}</h2>\n<pre>{escape(row['curl'])}</pre>" for row in rows)
    live = f'<p><a href="{root}/_mock/">Watch what happens</a>.</p>\n' if has_live_page else ""
    head = "<tr><th>API</th><th>Where it answers</th><th>Demo credentials</th><th>Documents</th></tr>"
    body = (
        f"<h1>Mock server</h1>\n<p>It stands in for these APIs.</p>\n{live}"
        f'<div class="scroll"><table>\n{head}\n{lines}\n</table></div>\n'
        f"<p>Files named in the commands stand for files of yours.</p>\n{tries}\n"
        f'<h2>Control</h2>\n<p>Sandboxes, clocks, plans and records: <a href="{root}/_mock/docs">docs</a>, '
        f'<a href="{root}/_mock/openapi.json">openapi.json</a>.</p>'
    )
    return _text_page("Mock server", body)


def _line(row: Mapping[str, Any], root: str) -> str:
    credentials = "<br>".join(f"{escape(k)} <code>{escape(v)}</code>" for k, v in row["credentials"].items())
    place = escape(f"{root}/{row['name']}")
    links = f'<a href="{place}/docs">docs</a>, <a href="{place}/openapi.json">openapi.json</a>'
    where = f"<code>{escape(row['url'])}</code>"
    return f"<tr><td>{escape(row['title'])}</td><td>{where}</td><td>{credentials}</td><td>{links}</td></tr>"


def install_page(title: str) -> str:
    """What the docs say without Swagger UI."""
    body = (
        f"<h1>{escape(title)}</h1>\n<p>This page needs Swagger UI, which is not installed.</p>\n"
        f"<pre>{escape(INSTALL)}</pre>\n"
        '<p>Until then: <a href="openapi.json">openapi.json</a>.</p>'
    )
    return _text_page(title, body)


def docs_page(title: str, data: str, root: str = "", credentials: Mapping[str, Any] = NOBODY) -> str:
    """Swagger UI over a document's data and credentials, which stand in the page. Its own files lie under `root`."""
    ui = escape(f"{root}/_mock/ui")
    head = "\n".join(f'<link rel="stylesheet" href="{ui}/{name}">' for name in ("swagger-ui.css", "dark.css"))
    body = (
        f'<div id="swagger-ui"></div>\n{data}\n{_data("credentials", credentials)}\n'
        f'<script src="{ui}/swagger-ui-bundle.js"></script>\n<script src="{ui}/show.js"></script>'
    )
    return _page(title, head, body)


def as_data(document: Mapping[str, Any]) -> str:
    """A document as a page of documentation holds it."""
    return _data("document", document)


def _data(name: str, value: Any) -> str:
    text = printable_json(value).replace("<", "\\u003c")
    return f'<script type="application/json" id="{name}">{text}</script>'
