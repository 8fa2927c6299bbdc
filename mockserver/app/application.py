"""The server behind the Starlette application. Vendors' traffic goes through prepared tables, past Starlette's router.

address → sandbox → exchange          (an API)
address → media                       (signed bytes)
address → site                        (control API, documents, pages: Starlette)
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mockserver.app.addresses import DOWNLOADS, Addresses
from mockserver.app.api import Api
from mockserver.app.asgi import answer
from mockserver.app.cors import METHODS, Cors
from mockserver.app.credentials import credential, token_client
from mockserver.app.delivering import deliverer
from mockserver.app.fast_path import ShortWay
from mockserver.app.fields import FieldDict, by_name
from mockserver.app.incoming import Incoming
from mockserver.app.media import send_media
from mockserver.app.overtaken import ENDED, send_overtaken
from mockserver.app.previewed_delays import foreseen
from mockserver.app.recording import recorded
from mockserver.app.refusals import refusal_of_wire
from mockserver.app.routes import RouteMatch, encoded_parts
from mockserver.app.sending import send_empty, send_problem
from mockserver.app.settings import Settings
from mockserver.app.unrouted import is_beside, is_own, send_beside, send_unrouted
from mockserver.contract import Contract, Operation
from mockserver.control import Guard, Operations
from mockserver.control.measured import Everywhere, LoadSource, alone
from mockserver.control.metrics import Meter
from mockserver.errors import Closed, StateError
from mockserver.expected_silence import Silence
from mockserver.header_types import RefusalAnswer
from mockserver.journal import EntryFields, entry_of
from mockserver.mounting import answering_at, base_of_vendor, scope_below, wire_of
from mockserver.outbox import SendDelivery as Deliver
from mockserver.sandbox import Sandbox
from mockserver.sandboxes import Sandboxes
from mockserver.state.index_port import ClosedSandbox
from mockserver.state.store_port import Store

if TYPE_CHECKING:
    from mockserver.app.site import Application


class Mockserver:
    """One server: contracts, sandboxes, and the ASGI application that answers for them.

    `has_wire` says that it runs behind the server of this package, whose connections faults can break. `store` is where
    its state is, if not in this process.
    """

    def __init__(
        self, contracts: Sequence[Contract], settings: Settings | None = None, *, has_wire: bool = True,
        store: Store | None = None,
    ) -> None:  # fmt: skip
        self.settings = settings or Settings()
        self.has_wire = has_wire
        self.load: LoadSource | None = None
        self.store = store
        if store is not None:
            store.entered = self._entered
        contracts = [*contracts]  # one list for all who know them, in which an edited one takes another's place
        options = self.settings
        self.sandboxes = Sandboxes(
            contracts, self._deliverer(), seed=options.seed, clock=options.clock, strict=options.strict, store=store,
            insecure_webhooks=options.insecure_webhooks, webhook_ca=options.webhook_ca,
        )  # fmt: skip
        self.meter = Meter(self.sandboxes, lambda: self.load, store)
        self.everywhere: Everywhere = alone
        self.cors = Cors(options.cors, contracts)
        self.addresses = Addresses(contracts, self.sandboxes, options.hosts)
        self.apis = self.addresses.apis
        self.short_way = ShortWay(self.addresses, self.after)
        self.at_once = self.short_way.answer  # the wire asks for it once per connection
        self._set_base(options.public_url or "http://127.0.0.1:8000")

    def replace(self, api: Api) -> None:
        """Requests come to this API from now on, and no more to the one of its name."""
        name, contracts = api.contract.name, self.sandboxes.contracts
        contracts[:] = [api.contract if contract.name == name else contract for contract in contracts]
        self.addresses.replace(api)
        self.cors = Cors(self.settings.cors, contracts)
        self.short_way.forget()

    def _deliverer(self) -> Deliver:
        return deliverer(self.settings.webhook_allow)

    def stopped(self) -> None:
        """The server stops: what waits there for something else is to wait no longer."""
        self.sandboxes.stopped()

    def measured(self, load: LoadSource) -> None:
        """The server in front begins to listen; this says how busy it is."""
        self.load = load

    def listening(self, url: str) -> None:
        """The server listens at this URL: absolute URLs begin with it, unless a public URL was set."""
        self._set_base(self.settings.public_url or url)

    def base_for(self, url: str | None) -> str:
        """What absolute URLs begin with for a request that found the server at `url`; empty: as for all others."""
        if url is None or self.settings.public_url is not None:
            return ""
        is_vendors = (urlsplit(url).hostname or "").encode() in self.addresses.hosts  # where every path is the vendor's
        return f"{self.base_url}{urlsplit(url).path}" if is_vendors else url

    def _set_base(self, url: str) -> None:
        self.base_url = self.sandboxes.server_url = url.rstrip("/")
        for sandbox in self.sandboxes.open():
            sandbox.server_url = self.base_url

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._other(scope, receive, send)
            return
        try:
            if base := base_of_vendor(scope, self.addresses.hosts):
                with answering_at(base):
                    await self._http(scope, receive, send)
            else:
                await self._http(scope, receive, send)
        except StateError as away:
            incoming = Incoming(receive, by_name(scope["headers"]))
            await send_overtaken(scope, incoming, send, away, self.sandboxes.default.clock.now())

    async def _http(self, scope: Any, receive: Any, send: Any) -> None:
        if not self.sandboxes.is_joined:
            await self.sandboxes.join()
        outer, scope = scope, scope_below(scope) if scope.get("root_path") else scope
        path: str = scope["path"]
        raw: bytes = scope.get("raw_path") or b""
        headers = by_name(scope["headers"])
        name, api_path, api = self.addresses.address(path, headers)
        if path == "*":
            await send_empty(send, self.sandboxes.default.clock.now(), [(b"allow", METHODS + b", OPTIONS")])
        elif api is not None and not api.is_document(scope["method"], api_path):
            if b"origin" in headers:
                scope, send = self.cors.told(scope, send, headers)
            parts = encoded_parts(raw, name, path, api_path) if b"%" in raw else None
            await self._api(api, name, api_path, parts, scope, headers, receive, send)
        elif api is None and path.startswith(DOWNLOADS):
            await self._media(scope, headers, receive, send)
        elif api is None and name is not None and (beside := await self.sandboxes.known(name)) and is_beside(beside):
            await send_beside(beside, api_path, scope, receive, send, lambda *asgi: self.site.rest(outer, *asgi[1:]))
        else:
            if api is not None and b"origin" in headers:
                _, send = self.cors.told(scope, send, headers)
            await self.site.rest(outer, receive, send)

    def owns(self, scope: Any) -> bool:
        """Whether a request is for an API or a medium, and not for what `site` answers."""
        scope = scope_below(scope) if scope.get("root_path") else scope
        name, api_path, api = self.addresses.address(scope["path"], by_name(scope["headers"]))
        if api is not None:
            return not api.is_document(scope["method"], api_path)
        path: str = scope["path"]
        if name is not None:
            return is_own(self.sandboxes.get(name), scope, api_path)
        return path == "*" or path.startswith(DOWNLOADS)

    async def _media(self, scope: Any, headers: FieldDict, receive: Any, send: Any) -> None:
        scope, send = self.cors.told(scope, send, headers)
        incoming = Incoming(receive, headers)
        if await self._preflight(scope, headers, incoming, send):
            return
        sandbox = await send_media(self.sandboxes, scope, headers, incoming, send)
        if sandbox is not None:
            self.after(sandbox)

    async def _preflight(self, scope: Any, headers: FieldDict, incoming: Incoming, send: Any) -> bool:
        """Whether a browser asked, before it sends a page's request, whether it may; such a question is no request."""
        lines = self.cors.preflight(headers) if scope["method"] == "OPTIONS" else None
        if lines is None:
            return False
        await incoming.drain()
        await send_empty(send, self.sandboxes.default.clock.now(), lines)
        return True

    async def _api(
        self, api: Api, name: str | None, path: str, parts: list[str] | None, scope: Any, headers: FieldDict,
        receive: Any, send: Any,
    ) -> None:  # fmt: skip
        incoming = Incoming(receive, headers, wire_of(scope))
        match: RouteMatch | None = api.routes.match(path) if parts is None else api.routes.match_parts(parts)
        operation = None if match is None else match[0].methods.get(scope["method"])
        is_asked = match is not None and operation is None and b"origin" in headers
        if is_asked and await self._preflight(scope, headers, incoming, send):
            return
        secret = None if operation is None else credential(operation, headers, scope["query_string"])
        lead = secret
        if operation is not None and operation.verb == "token" and name is None and secret is None:
            lead = await token_client(api.entrance, operation, headers, incoming)
        sandbox = self.addresses.sandbox_of(api, operation, name, lead)
        while sandbox := sandbox or await self._found(api, operation, name, lead, scope, incoming, send):
            recording = send
            try:
                if match is None or operation is None:
                    await send_unrouted(self.cors, sandbox.apis[api.contract.name], path, match, scope, incoming, send)
                else:
                    recording = recorded(sandbox, api.contract.name, operation.id, path, scope, incoming, send)
                    await answer(api, sandbox, operation, match[1], scope, headers, incoming, recording, secret)
            except Closed:  # by another process: ask where it leads now
                sandbox = None
                continue
            except ENDED as overtaken:
                await send_overtaken(scope, incoming, recording, overtaken, sandbox.clock.now())
                return
            self.after(sandbox)
            return

    async def _found(
        self, api: Api, operation: Operation | None, name: str | None, leads: str | None, scope: Any,
        incoming: Incoming, send: Any,
    ) -> Sandbox | None:  # fmt: skip
        """The sandbox to which a request leads, wherever it is known; None for none, and it is answered so."""
        sandbox = await self.addresses.find(api, operation, name, leads)
        if isinstance(sandbox, Sandbox):
            return sandbox
        await self._no_sandbox(name or "", sandbox, scope, incoming, send)
        return None

    def after(self, sandbox: Sandbox) -> None:
        """A request was answered: a stepping clock may have moved, and somebody may be watching."""
        if sandbox.clock.mode == "step":
            sandbox.outbox.wake()
        if self.settings.on_entry is not None and (entry := sandbox.journal.last()) is not None:
            self.settings.on_entry(sandbox.name, entry)

    def _entered(self, name: str, fields: EntryFields) -> None:
        """An entry of this process went to the store."""
        entry = entry_of(fields)
        self.sandboxes.journals.tally.entered(entry.kind, entry.api, entry.operation, entry.status, entry.extra)
        if self.settings.on_entry is not None and entry.kind != "webhook":
            self.settings.on_entry(name, entry)

    async def _no_sandbox(self, name: str, closed: Any, scope: Any, incoming: Incoming, send: Any) -> None:
        await incoming.drain()
        now = self.sandboxes.default.clock.now()
        if not isinstance(closed, ClosedSandbox):
            await send_problem(send, 404, f"there is no sandbox named {name!r}", now)
            return
        name, owner = closed
        path = self.sandboxes.default.redaction.text(scope["path"])
        await self.sandboxes.came_late(name, owner, scope["method"], path)
        why = f"the sandbox {name!r} was closed" + (f"; it belonged to {owner}" if owner else "")
        await send_problem(send, 410, why, now)

    def refuse(self, path: bytes, host: bytes, origin: bytes, status: int, why: str) -> RefusalAnswer:
        """The answer to a request that the wire refuses; what of it could not be made out is empty."""
        _, _, api = self.addresses.address(path.partition(b"?")[0].decode("latin-1"), {b"host": host})
        cors_lines = self.cors.lines(origin) if origin and (api or path.startswith(b"/_media/")) else ()
        contract = None if api is None else api.contract
        return refusal_of_wire(self.sandboxes.default, contract, status, why, cors_lines)

    @cached_property
    def guard(self) -> Guard:
        """Who may use the control API."""
        own = {urlsplit(url).hostname or "" for url in (self.base_url, self.settings.public_url or "")}
        return Guard({*self.settings.allow_hosts, *own}, self.settings.control_token)

    @cached_property
    def operations(self) -> Operations:
        """The control API."""
        further = {
            "foreseeSilence": foreseen(self.foresee),
            "checkHealth": self.meter.health,
            "readMetrics": self.meter.metrics(lambda: self.everywhere),
        }
        return Operations(self.sandboxes, further, secured=self.guard.token is not None, has_wire=self.has_wire)

    async def foresee(self, method: str, path: str, patience: float | None, virtual: bool) -> Silence | None:
        """The silence a request would meet; see `foresight`."""
        from mockserver.app.delay_preview import foresee

        return await foresee(self.addresses, method, path, patience, virtual=virtual)

    @cached_property
    def site(self) -> Application:
        """The server as a Starlette application."""
        from mockserver.app.site import Application  # slow to import, and a job's polling needs none

        return Application(self)

    async def _other(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while True:
                message = await receive()
                if message["type"] == "lifespan.shutdown":
                    self.sandboxes.end()
                    await self.sandboxes.index.leave()
                await send({"type": f"{message['type']}.complete"})
                if message["type"] == "lifespan.shutdown":
                    return
