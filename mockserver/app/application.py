"""The ASGI application. Vendors' traffic takes the short way through prepared tables; the rest goes to Starlette.

address → sandbox → exchange          (an API)
address → media                       (signed bytes)
address → control                     (its own table)
address → documents, pages            (Starlette)
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from mockserver.api_state import SandboxApi
from mockserver.app.capture import capture_unrouted
from mockserver.app.cors import METHODS, Cors
from mockserver.app.credentials import basic, claimed_sandbox, credential
from mockserver.app.fields import Headers, by_name
from mockserver.app.incoming import ClientLeft, Incoming
from mockserver.app.media import send_media
from mockserver.app.overtaken import send_overtaken
from mockserver.app.prompt import answer_at_once, ways
from mockserver.app.reading import Entrance
from mockserver.app.refusals import RefusalAnswer, refusal_of_wire
from mockserver.app.routes import Match, Routes, encoded_parts
from mockserver.app.sending import send_answer, send_empty, send_problem
from mockserver.app.settings import Settings
from mockserver.app.worded import way_of
from mockserver.clock import monotonic
from mockserver.contract import Contract, Operation
from mockserver.errors import RequestError, let_go
from mockserver.generation import Overtaken
from mockserver.operations import Refused
from mockserver.operations.token import credentials as token_credentials
from mockserver.outbox import Send as Deliver
from mockserver.ratelimit import Hit
from mockserver.ratelimit import headers as limit_headers
from mockserver.sandbox import Sandbox
from mockserver.sandboxes import Sandboxes
from mockserver.subject import Subject


class Api:
    """What is prepared of one contract, for all sandboxes."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.routes = Routes(contract.operations.values())
        self.entrance = Entrance(contract)
        self.ways = ways(contract)

    @cached_property
    def relaxed(self) -> Entrance:
        """How requests are read where webhooks may go to plain http."""
        return Entrance(self.contract, insecure=True)

    def entrance_of(self, sandbox: Sandbox) -> Entrance:
        """How requests are read in a sandbox."""
        return self.relaxed if sandbox.insecure_webhooks else self.entrance


class Mockserver:
    """One server: contracts, sandboxes, and the ASGI application that answers for them."""

    def __init__(self, contracts: Sequence[Contract], settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.apis = {contract.name: Api(contract) for contract in contracts}
        self._hosts = {host.encode(): api for api in self.apis.values() for host in api.contract.hosts}
        told = self.settings
        self.sandboxes = Sandboxes(
            contracts, self._deliverer(), seed=told.seed, clock=told.clock,
            insecure_webhooks=told.insecure_webhooks, webhook_ca=told.webhook_ca, strict=told.strict,
        )  # fmt: skip
        self.cors = Cors(told.cors, contracts)
        self._set_base(told.public_url or "http://127.0.0.1:8000")

    def _deliverer(self) -> Deliver:
        allowed = self.settings.webhook_allow

        async def send(
            url: str, headers: list[tuple[str, str]], body: bytes, seconds: float, ca: str | None, *, cut: bool = False
        ) -> Any:
            from mockserver.webhooks import deliver

            return await deliver(url, headers, body, allowed_hosts=allowed, timeout=seconds, ca_pem=ca, cut=cut)

        return send

    def listening(self, url: str) -> None:
        """The server listens at this URL: absolute URLs begin with it, unless a public URL was set."""
        self._set_base(self.settings.public_url or url)

    def _set_base(self, url: str) -> None:
        self.base_url = self.sandboxes.base_url = url.rstrip("/")
        for sandbox in self.sandboxes.open():
            sandbox.base_url = self.base_url

    def at_once(self, request: bytes, end: int, client: str) -> bytes | None:
        """The whole answer to a request whose head ends at `end`; None: it has to go the long way. See `prompt`."""
        return answer_at_once(self, request, end, client)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._other(scope, receive, send)
            return
        path: str = scope["path"]
        raw: bytes = scope.get("raw_path") or b""
        headers = by_name(scope["headers"])
        name, rest, api = self.address(path, headers)
        if path == "*":
            await send_empty(send, self.sandboxes.default.clock.now(), [(b"allow", METHODS + b", OPTIONS")])
        elif api is not None:
            if b"origin" in headers:
                scope, send = self.cors.told(scope, send, headers)
            parts = encoded_parts(raw, name, path, rest) if b"%" in raw else None
            await self._api(api, name, rest, parts, scope, headers, receive, send)
        elif path.startswith("/_media/"):
            await self._media(scope, headers, receive, send)
        elif path.startswith("/_mock/"):
            await self._control(scope, receive, send)
        else:
            await self._starlette(scope, receive, send)

    async def _media(self, scope: Any, headers: Headers, receive: Any, send: Any) -> None:
        scope, send = self.cors.told(scope, send, headers)
        incoming = Incoming(receive, headers)
        if await self._preflight(scope, headers, incoming, send):
            return
        sandbox = await send_media(self.sandboxes, scope, headers, incoming, send)
        if sandbox is not None:
            self.after(sandbox)

    async def _preflight(self, scope: Any, headers: Headers, incoming: Incoming, send: Any) -> bool:
        """Whether a browser asked, before it sends a page's request, whether it may; such a question is no request."""
        said = self.cors.preflight(headers) if scope["method"] == "OPTIONS" else None
        if said is None:
            return False
        await incoming.drain()
        await send_empty(send, self.sandboxes.default.clock.now(), said)
        return True

    def address(self, path: str, headers: Headers) -> tuple[str | None, str, Api | None]:
        """The sandbox a path names, the vendor's own path, and the API; by prefix, else by Host."""
        name = None
        if path.startswith("/@"):
            end = path.find("/", 2)
            name, path = (path[2:], "") if end < 0 else (path[2:end], path[end:])
        end = path.find("/", 1)
        api = self.apis.get(path[1:] if end < 0 else path[1:end])
        if api is not None:
            return name, "" if end < 0 else path[end:], api
        host = headers.get(b"host", b"").partition(b":")[0].lower().removesuffix(b".")  # of a name from the root
        return name, path, self._hosts.get(host)

    async def _api(
        self, api: Api, name: str | None, rest: str, parts: list[str] | None, scope: Any, headers: Headers,
        receive: Any, send: Any,
    ) -> None:  # fmt: skip
        incoming = Incoming(receive, headers)
        match: Match | None = api.routes.match(rest) if parts is None else api.routes.match_parts(parts)
        operation = None if match is None else match[0].methods.get(scope["method"])
        is_asked = match is not None and operation is None and b"origin" in headers
        if is_asked and await self._preflight(scope, headers, incoming, send):
            return
        given = None if operation is None else credential(operation, headers, scope["query_string"])
        prefixed = name is not None
        if operation is not None and not prefixed:
            if given is not None:
                name = self.claimed(api, operation, given)
            elif operation.verb == "token":
                name = await self._client_sandbox(api, operation, headers, incoming)
        sandbox = self.sandboxes.default if name is None else self.named(name, prefixed)
        if sandbox is None:
            await self._no_sandbox(name or "", scope, incoming, send)
        elif match is None or operation is None:
            await self._unrouted(api, sandbox, rest, match, scope, receive, incoming, send)
        else:
            sandbox.used = monotonic()
            side = sandbox.apis[api.contract.name]
            way = way_of(side, operation.id)
            exchange = way(side, api.entrance_of(sandbox), operation, match[1], scope, headers, incoming, send, given)
            try:
                with sandbox.generation:
                    await exchange.run()
            except Overtaken as overtaken:
                await send_overtaken(scope, incoming, send, str(overtaken), sandbox.clock.now())
                return
            self.after(sandbox)

    def claimed(self, api: Api, operation: Operation, given: str) -> str | None:
        """The name of the sandbox that a credential leads to."""
        return self.sandboxes.by_credential(api.contract.name, given) or claimed_sandbox(operation, given)

    def named(self, name: str, prefixed: bool) -> Sandbox | None:
        """The sandbox of a name. A token that claims one nobody made is refused as unknown in the default one."""
        found = self.sandboxes.get(name)
        if found is None and not prefixed and self.sandboxes.owner_of_closed(name) is None:
            return self.sandboxes.default
        return found

    def after(self, sandbox: Sandbox) -> None:
        """A request was answered: a stepping clock may have moved, and somebody may be watching."""
        if sandbox.clock.mode == "step":
            sandbox.outbox.wake()
        if self.settings.on_entry is not None and (entry := sandbox.journal.last()) is not None:
            self.settings.on_entry(entry)

    async def _client_sandbox(self, api: Api, operation: Operation, headers: Headers, incoming: Incoming) -> str | None:
        """The sandbox in which the client was issued that asks for a token; the body stays readable."""
        kind = headers.get(b"content-type", b"").decode("latin-1")
        client = basic(headers)
        try:
            values, _ = await api.entrance.values(operation, kind, await incoming.peek(), frozenset())
            client = token_credentials(values, client)
        except (RequestError, Refused, ClientLeft) as error:
            let_go(error)
        return None if client is None else self.sandboxes.by_credential(api.contract.name, client[0])

    async def _no_sandbox(self, name: str, scope: Any, incoming: Incoming, send: Any) -> None:
        await incoming.drain()
        owner = self.sandboxes.owner_of_closed(name)
        now = self.sandboxes.default.clock.now()
        if owner is None:
            await send_problem(send, 404, f"there is no sandbox named {name!r}", now)
            return
        path = self.sandboxes.default.redaction.text(scope["path"])
        self.sandboxes.came_late(name, owner, scope["method"], path)
        why = f"the sandbox {name!r} was closed" + (f"; it belonged to {owner}" if owner else "")
        await send_problem(send, 410, why, now)

    async def _unrouted(
        self, api: Api, sandbox: Sandbox, rest: str, match: Match | None, scope: Any, receive: Any,
        incoming: Incoming, send: Any,
    ) -> None:  # fmt: skip
        """The contract's document and page; else 404 or 405 in the API's own form."""
        method, path = scope["method"], scope["path"]
        if match is None and rest in ("/openapi.json", "/docs") and method in ("GET", "HEAD"):
            await self._starlette(scope, receive, send)
            return
        await incoming.drain()
        sandbox.clock.tick()
        now, side = sandbox.clock.now(), sandbox.apis[api.contract.name]
        refused = "unknown_path" if match is None else "wrong_method"
        # What is cut off must not hide the half of a secret from redaction.
        shown, asked = sandbox.redaction.text(path)[:200], "GET" if method == "HEAD" else method[:20]
        why = f"there is no {shown}" if match is None else f"{asked} is not allowed here" + self.cors.remedy(scope)
        extra = [] if match is None else [(b"allow", match[0].allow)]
        hit = _counted(side, rest, scope.get("client"), now)
        if hit is not None:
            refused = "rate_limited" if hit.refused else refused
            extra += limit_headers(api.contract.limit_headers, hit, now)
        answer = side.table[""][refused]
        body = answer.body(Subject(now, why=why))
        sandbox.journal.add(*capture_unrouted(sandbox, api.contract.name, scope, incoming, answer, why, body))
        await send_answer(scope, send, answer, body, now, extra)
        self.after(sandbox)

    def refuse(self, path: bytes, host: bytes, origin: bytes, status: int, why: str) -> RefusalAnswer:
        """The answer to a request that the wire refuses; what of it could not be made out is empty."""
        _, _, api = self.address(path.partition(b"?")[0].decode("latin-1"), {b"host": host})
        more = self.cors.lines(origin) if origin and (api or path.startswith(b"/_media/")) else ()
        contract = None if api is None else api.contract
        return refusal_of_wire(self.sandboxes.default, contract, status, why, more)

    @cached_property
    def _control(self) -> Any:
        from mockserver.app.controlled import controlled

        return controlled(self, lambda *asgi: self._starlette(*asgi))

    @cached_property
    def _starlette(self) -> Any:
        from mockserver.app.rest import rest  # Starlette is slow to import, and a job's polling needs none

        return rest(self)

    async def _other(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while True:
                message = await receive()
                await send({"type": f"{message['type']}.complete"})
                if message["type"] == "lifespan.shutdown":
                    self.sandboxes.end()
                    return


def _counted(side: SandboxApi, path: str, client: Any, now: float) -> Hit | None:
    """What a request that no operation answers does to the limits that count it; None when there are none."""
    limits = side.limits_under(path)
    return side.limiter.hit(limits, client[0] if client else "", now) if limits else None
