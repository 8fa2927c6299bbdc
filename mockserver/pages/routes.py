"""The routes of the pages. GET and HEAD only; every page carries a policy that lets nothing in from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockserver.contract import Contract
from mockserver.contract_cache import Held, once_per_contract
from mockserver.control import Guard, Operations
from mockserver.control.problems import Problem
from mockserver.control.request import no_sandbox
from mockserver.mounting import root_of
from mockserver.pages.addressed import addressed
from mockserver.pages.html import NOBODY, POLICY, UI_POLICY, as_data, docs_page, home, install_page
from mockserver.pages.live_page import LivePage, PageMode
from mockserver.pages.openapi30 import in_3_0
from mockserver.pages.table import table
from mockserver.pages.try_it_out import authorized, tryable
from mockserver.sandbox import Sandbox
from mockserver.state.index_port import DEFAULT
from mockserver.validation import write_json

_KINDS = {".js": "text/javascript", ".css": "text/css", ".png": "image/png"}
PLACES = 16
"""So many places are remembered at which documents were read last."""
_OWN = {file.name: file for file in (Path(__file__).parent / name for name in ("show.js", "dark.css"))}


def page_routes(operations: Operations, guard: Guard, mode: PageMode = "on") -> list[Route]:
    """Routes for `/`, the documents and docs of every API (with a sandbox or by the vendor's host), and Swagger UI."""
    live = LivePage(guard, mode)
    pages = Pages(operations, guard, live)
    routes = [Route("/", pages.home), Route("/_mock/docs", pages.control), Route("/_mock/ui/{file}", pages.ui)]
    routes += live.routes()
    for contract in ("", *(f"/{contract.name}" for contract in operations.sandboxes.contracts)):
        for prefix in (contract, "/@{sandbox}" + contract):
            routes += [Route(f"{prefix}/openapi.json", pages.document), Route(f"{prefix}/docs", pages.docs)]
    return routes


class Pages:
    """The endpoints; no more is waited for than where a sandbox is."""

    def __init__(self, operations: Operations, guard: Guard, live: LivePage) -> None:
        self._operations, self._live = operations, live
        self._sandboxes = operations.sandboxes
        self._guard = guard
        self._control = lru_cache(maxsize=4)(self._write_control)  # it takes seconds, and no sandbox changes it

    @property
    def _contracts(self) -> Mapping[str, Contract]:
        return {contract.name: contract for contract in self._sandboxes.contracts}

    async def home(self, request: Request) -> Response:
        """The table of APIs: a page for browsers, JSON for programs."""
        rows, vary = table(self._sandboxes), {"vary": "Accept"}
        if "text/html" in request.headers.get("accept", ""):
            return _html(home(rows, root_of(request.scope), has_live_page=self._live.is_there), POLICY, vary)
        control = f"{self._sandboxes.base_url}/_mock/openapi.json"
        return _json({"apis": rows, "control": control}, vary)

    async def document(self, request: Request) -> Response:
        """A contract's document, with this server's addresses."""
        contract, path, sandbox = await self._asked(request)
        return _written(_document(contract, self._sandboxes.base_url + path, sandbox.insecure_webhooks))

    async def docs(self, request: Request) -> Response:
        """The same for people. Its server is a path, so that it can be tried under any name of this server."""
        (contract, path, sandbox), root = await self._asked(request), root_of(request.scope)
        data = _docs_data(contract, root + path, sandbox.insecure_webhooks) if ui_folder() is not None else ""
        return _html(*_docs(contract.title, data, root, self._credentials(request, sandbox, contract)))

    def _credentials(self, request: Request, sandbox: Sandbox, contract: Contract) -> Mapping[str, Any]:
        """The published ones of the default sandbox; those of others for whoever may control them."""
        if sandbox.name != DEFAULT and not self._may_control(request):
            return NOBODY
        return authorized(sandbox.apis[contract.name], contract.document)

    def _may_control(self, request: Request) -> bool:
        try:
            self._guard.check(request.scope)
        except Problem:
            return False
        return True

    async def _asked(self, request: Request) -> tuple[Contract, str, Sandbox]:
        """The contract that path or Host names, the path where it answers, and in which sandbox.

        Raises HTTPException and Problem.
        """
        contract = self._contracts.get(request.scope["path"].split("/")[-2]) or self._by_host(request)
        name = request.path_params.get("sandbox")
        if contract is None:
            raise HTTPException(404)
        found = await self._sandboxes.find(name or DEFAULT, anew=True)
        if not isinstance(found, Sandbox):
            raise await no_sandbox(self._sandboxes, name or "", found)
        return contract, f"/{contract.name}" if name is None else f"/@{name}/{contract.name}", found

    def _by_host(self, request: Request) -> Contract | None:
        host = request.headers.get("host", "").partition(":")[0].lower()
        return next((c for c in self._contracts.values() if host in c.hosts), None)

    async def control(self, request: Request) -> Response:
        """Swagger UI over the control API, which takes the control token; to see it, none is needed."""
        self._guard.check(request.scope, is_page=True)
        text, policy = self._control(root_of(request.scope), Held.all(self._sandboxes.contracts))
        return _html(text, policy)

    def _write_control(self, root: str, contracts: tuple[Held, ...]) -> tuple[str, str]:
        document = self._operations.served(root)
        title = document["info"]["title"]
        return _docs(title, as_data(in_3_0(tryable(document))) if ui_folder() is not None else "", root)

    async def ui(self, request: Request) -> Response:
        """A file of Swagger UI, or of the few that start and colour it."""
        name, folder = request.path_params["file"], ui_folder()
        if name in _OWN:
            return _file(_OWN[name])
        if folder is None or not re.fullmatch(r"[a-z0-9-]+\.(js|css|png)", name) or not (folder / name).is_file():
            raise HTTPException(404)
        return _file(folder / name)


@lru_cache(maxsize=1)
def ui_folder() -> Path | None:
    """Where the files of Swagger UI lie; None without the extra `ui`."""
    try:
        return Path(str(import_module("swagger_ui_bundle").swagger_ui_path))
    except ImportError:
        return None


@once_per_contract(PLACES)
def _document(contract: Contract, url: str, is_insecure: bool) -> bytes:
    """A contract's document as it is served at a place."""
    return write_json(addressed(contract, url, insecure=is_insecure))


@once_per_contract(PLACES)
def _docs_data(contract: Contract, path: str, is_insecure: bool) -> str:
    """The same as the page shows it."""
    return as_data(in_3_0(tryable(addressed(contract, path, insecure=is_insecure))))


def _docs(title: str, data: str, root: str, credentials: Mapping[str, Any] = NOBODY) -> tuple[str, str]:
    """The page and its policy; without data one that says how to have it."""
    return (docs_page(title, data, root, credentials), UI_POLICY) if data else (install_page(title), POLICY)


def _html(text: str, policy: str, more: Mapping[str, str] | None = None) -> Response:
    headers = {"content-security-policy": policy, "referrer-policy": "no-referrer", **_PLAIN, **(more or {})}
    return Response(text, media_type="text/html", headers=headers)


def _json(value: Any, more: Mapping[str, str] | None = None) -> Response:
    return _written(write_json(value), more)


def _written(text: bytes, more: Mapping[str, str] | None = None) -> Response:
    return Response(text, media_type="application/json", headers={**_PLAIN, **(more or {})})


def _file(path: Path) -> Response:
    return Response(path.read_bytes(), media_type=_KINDS[path.suffix], headers={"x-content-type-options": "nosniff"})


_PLAIN = {"x-content-type-options": "nosniff", "cache-control": "no-cache"}
