"""The page on which people watch a server: its files, as they lie in `live/`, and what they may do. Knows no sandbox.

Everything on it goes through the control API, so it holds no secret and is shown to whoever may reach this server.
"""

from __future__ import annotations

import gzip
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Literal, get_args

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from mockserver.control import Guard
from mockserver.mounting import root_of
from mockserver.pages.html import CLOSED

PageMode = Literal["on", "read-only", "off"]
MODES = get_args(PageMode)
FOLDER = Path(__file__).parent / "live"
INDEX = "index.html"
SAID = '<meta name="page-mode" content="on">'
"""What stands in the page; the server's own mode takes its place."""
KINDS = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    f"media-src 'self' blob:; font-src 'self'; connect-src 'self'; {CLOSED}"
)
"""Its own files and requests to this server; no script and no style within the page."""
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-cache",
}


class LivePage:
    """Its endpoints; `mode` says whether there is one, and whether it offers changes."""

    def __init__(self, guard: Guard, mode: PageMode) -> None:
        self._guard, self._mode, self._folder = guard, mode, FOLDER
        self._files = _files(FOLDER)

    @property
    def is_there(self) -> bool:
        """Whether it is shown."""
        return self._mode != "off" and (self._folder / INDEX).is_file()

    def routes(self) -> list[Route]:
        """Those of the page and of its files."""
        return [
            Route("/_mock", self.bare),
            Route("/_mock/", self.index),
            Route("/_mock/live/{file:path}", self.file),
        ]

    async def bare(self, request: Request) -> Response:
        """Links of the page are relative: it has one address."""
        return RedirectResponse(f"{root_of(request.scope)}/_mock/" if self.is_there else _docs(request))

    async def index(self, request: Request) -> Response:
        """The page; without one, whoever opens the root of the control API is led to its documentation."""
        if not self.is_there:
            return RedirectResponse(_docs(request))
        self._guard.check(request.scope, is_page=True)
        text = (self._folder / INDEX).read_text(encoding="utf-8")
        said = SAID.replace('"on"', f'"{self._mode}"')
        return _answer(request, text.replace(SAID, said).encode(), KINDS[".html"])

    async def file(self, request: Request) -> Response:
        """One of its files; no other lies there that could be named."""
        found = self._files.get(request.path_params["file"])
        if found is None or not self.is_there:
            raise HTTPException(404)
        self._guard.check(request.scope, is_page=True)
        return _answer(request, found.read_bytes(), KINDS[found.suffix])


def _files(folder: Path) -> dict[str, Path]:
    """By name those that are served by it, found once; the page itself has its own address."""
    names = {each.relative_to(folder).as_posix(): each for each in folder.rglob("*") if each.suffix in KINDS}
    return {name: each for name, each in names.items() if each.is_file() and name != INDEX}


def _docs(request: Request) -> str:
    return f"{root_of(request.scope)}/_mock/docs"


def _answer(request: Request, content: bytes, kind: str) -> Response:
    """The bytes, for browsers in short, unless the client has these very ones."""
    coded = {"content-encoding": "gzip"} if "gzip" in _codings(request) else {}
    tag = f'"{sha256(content).hexdigest()[:32]}{"-gzip" if coded else ""}"'
    headers = {**HEADERS, "etag": tag, "vary": "accept-encoding"}
    named = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
    if tag in named or "*" in named:
        return Response(None, 304, headers)
    return Response(_zipped(content) if coded else content, media_type=kind, headers={**headers, **coded})


def _codings(request: Request) -> set[str]:
    """What a client takes without weighing it: who weighs gets the bytes as they are."""
    return {each.strip().lower() for each in request.headers.get("accept-encoding", "").split(",")}


@lru_cache(maxsize=64)
def _zipped(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)
