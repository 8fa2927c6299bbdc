"""Where a request leads: the API by prefix or `Host`, the sandbox by path, credential or token. Answers nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mockserver.app.api import Api
from mockserver.app.credentials import claimed_sandbox
from mockserver.contract import Contract, Operation
from mockserver.sandbox import Sandbox
from mockserver.sandboxes import Sandboxes
from mockserver.state.index_port import ClosedSandbox

DOWNLOADS = "/_media/"
"""What the paths of results begin with, at every host."""


class Addresses:
    """The APIs of a server by their names, and its sandboxes; `further` are hosts beside those of the contracts."""

    def __init__(
        self, contracts: Sequence[Contract], sandboxes: Sandboxes, further: Mapping[str, str] | None = None
    ) -> None:
        self._further = further or {}
        self.apis = {contract.name: Api(contract) for contract in contracts}
        self.sandboxes = sandboxes
        self.hosts, self._before = self._by_host()

    def _by_host(self) -> tuple[dict[bytes, Api], dict[bytes, str]]:
        """The API of each host, and what stands before the paths of those that share paths with others."""
        own = {host.encode(): api for api in self.apis.values() for host in api.contract.hosts}
        further = {host.encode(): self.apis[name] for host, name in self._further.items()}
        hosts = [item for api in self.apis.values() for item in api.contract.hosts.items()]
        before = {host.encode(): path for host, path in hosts if path and host not in self._further}
        return own | further, before

    def replace(self, api: Api) -> None:
        """Requests lead to this API from now on, and no more to the one of its name."""
        self.apis[api.contract.name] = api
        self.hosts, self._before = self._by_host()

    def address(self, path: str, headers: Mapping[bytes, bytes]) -> tuple[str | None, str, Api | None]:
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
        api = self.hosts.get(host)
        if api is not None and path.startswith(DOWNLOADS) and api.routes.match(path) is None:
            return name, path, None  # where links lead that were given at this host
        return name, self._before.get(host, "") + path, api

    def sandbox_of(
        self, api: Api, operation: Operation | None, name: str | None, credential: str | None
    ) -> Sandbox | None:
        """The sandbox that a path names, else that a credential leads to, as far as it is known here; see `find`.

        A token that claims one nobody made is refused as unknown in the default one.
        """
        if name is not None:
            return self.sandboxes.get(name)
        issuer = self.sandboxes.issuer(api.contract.name, credential)
        if issuer is not None:
            return issuer
        if operation is None or credential is None:
            return self.sandboxes.default
        claimed = self.sandboxes.issued_in(api.contract.name, credential) or claimed_sandbox(operation, credential)
        sandbox = None if claimed is None else self.sandboxes.get(claimed)
        if sandbox is None and self.sandboxes.is_nowhere(claimed):
            return self.sandboxes.default
        return sandbox

    async def find(
        self, api: Api, operation: Operation | None, name: str | None, credential: str | None
    ) -> Sandbox | ClosedSandbox | None:
        """The same, wherever it is known; None for one that a path names and nobody made."""
        if name is not None:
            return await self.sandboxes.find(name)
        if operation is not None and credential is not None:
            issued = await self.sandboxes.by_credential(api.contract.name, credential)
            claimed = issued or claimed_sandbox(operation, credential)
            sandbox = None if claimed is None else await self.sandboxes.find(claimed)
            if sandbox is not None:
                return sandbox
        return self.sandboxes.default
