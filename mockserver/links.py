"""The URLs a sandbox gives out: of results, of uploaded parts, of signed operations. Knows no HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Protocol
from urllib.parse import quote, urlencode

from mockserver.clock import Clock
from mockserver.contract import Contract
from mockserver.jobs import PlannedJob
from mockserver.lifecycle import UPLOAD, Result
from mockserver.produced import has_lines, made_id
from mockserver.signing import sign_link
from mockserver.state.port import State
from mockserver.store import AccountRecord, Handle, JobRecord
from mockserver.text_results import ResultApi, written_size

_UNSAFE = re.compile(r"[^\w.-]")
_LONGEST_NAME = 100
_MAKERS = 4096
"""So many jobs are remembered that have brought forth others."""
_SIZES = 1024
"""The sizes of so many results are remembered."""


class LinkBase(Protocol):
    """The sandbox whose URLs they are."""

    name: str
    secret: bytes
    clock: Clock

    @property
    def base_url(self) -> str: ...
    def url(self, api: str) -> str: ...


class SigningKeys(Protocol):
    """What webhooks of an API are signed with."""

    def secret_of(self, job: PlannedJob) -> str | None: ...
    def jwks(self, account: AccountRecord | None, now: float) -> list[dict[str, Any]]: ...
    def public_key(self, account: AccountRecord) -> str | None: ...


class LinkApi(ResultApi, Protocol):
    """The API of a sandbox whose URLs they are."""

    @property
    def sandbox(self) -> LinkBase: ...
    @property
    def state(self) -> State: ...
    @property
    def endpoints(self) -> SigningKeys: ...
    def planned(self, record: JobRecord, /) -> PlannedJob: ...
    def result_of(self, job: PlannedJob, name: str) -> Result | None: ...


class SandboxLinks:
    """Makes the links of one API of one sandbox; see `facts.Links`."""

    __slots__ = ("_api", "_makers", "_root", "_sizes")

    def __init__(self, api: LinkApi) -> None:
        self._api = api
        self._sizes: dict[tuple[str, int, str], int | None] = {}
        self._makers: dict[str, JobRecord | None] = {}
        self._root = f"/_media/@{api.sandbox.name}/{api.contract.name}/"

    def result(self, job: PlannedJob, name: str, full: bool, now: float) -> str | None:
        """A result's URL; expiring when the contract says so."""
        result = self._api.result_of(job, name)
        if result is None or (job.fault is not None and not job.fault.url):
            return None
        path = f"{self._root}{job.id}/{name}/{result.file}"
        return self._signed(path, result.expires, now) if full else path

    def upload(self, job: PlannedJob, part: str, full: bool, now: float) -> str | None:
        """The URL of an uploaded part's bytes."""
        upload = (job.uploads or {}).get(part)
        if upload is None:
            return None
        path = f"{self._root}{job.id}/{UPLOAD}{part}/{quote(_file_name(upload.filename) or part, safe='')}"
        return self._signed(path, None, now) if full else path

    def operation(self, job: PlannedJob, operation: str, now: float) -> str | None:
        """The URL of an operation on a resource, signed where it is; None when a parameter of its path is not known."""
        target, values = self._api.contract.operations[operation], job.kept or {}
        path = target.path
        for index, name in enumerate(target.names):
            value = job.id if index == target.id_index else values.get(f"path.{name}")
            if value is None:
                return None
            path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
        path = f"/@{self._api.sandbox.name}/{self._api.contract.name}{path}"
        query = urlencode({target.id_in_query: target.id_after + job.id}) if target.id_in_query else ""
        if target.security.kind == "signed":
            return self._signed(path, target.security.expires, now) + (f"&{query}" if query else "")
        return f"{self._api.sandbox.base_url}{path}" + (f"?{query}" if query else "")

    def produced(self, job: PlannedJob, name: str, now: float) -> str | None:
        """The id of what a job brings forth under a name."""
        api, product = self._api, self._api.contract.resources[job.resource].makes[name]
        is_there = has_lines(job, api.result_of(job, product.result), now)
        return made_id(api.contract, job, name) if is_there else None

    def page(self, operation: str, query: Sequence[tuple[str, str]], path: Sequence[str] = ()) -> str:
        """The URL of a list with these parameters of its query and its path."""
        target = self._api.contract.operations[operation]
        where = target.path
        for name, value in zip(target.names, path, strict=False):
            where = where.replace(f"{{{name}}}", quote(value, safe=""))
        return f"{self._api.sandbox.url(self._api.contract.name)}{where}{f'?{urlencode(query)}' if query else ''}"

    async def look(self, jobs: Iterable[PlannedJob]) -> None:
        """See how the jobs stand that have brought forth what these have: `size` goes by them."""
        uploads = chain.from_iterable((job.uploads or {}).values() for job in jobs)
        if not (ids := tuple({upload.id: None for upload in uploads if upload.result})):
            return
        for name, records in (await self._api.state.look_up(self._api.contract.name, ids)).items():
            self._makers.pop(name, None)
            self._makers[name] = records.job
        while len(self._makers) > _MAKERS:
            del self._makers[next(iter(self._makers))]

    def size(self, handle: Handle) -> int | None:
        """How many bytes the result of a job has that another one has brought forth; see `look`."""
        record = self._makers.get(handle.id)
        result = None if record is None else self._api.result_of(self._api.planned(record), handle.result)
        if record is None or result is None:
            return None
        key, now, job = (record.id, record.rev, result.name), self._api.sandbox.clock.now(), self._api.planned(record)
        if key in self._sizes:
            return self._sizes[key]
        size = written_size(self._api, job, result, now)
        if job.status(now).ended is not None:  # from then on it stays as it is
            if len(self._sizes) >= _SIZES:
                self._sizes.clear()
            self._sizes[key] = size
        return size

    def secret(self, job: PlannedJob) -> str | None:
        """What webhooks to a resource are signed with."""
        return self._api.endpoints.secret_of(job)

    def keys(self, account: AccountRecord | None, now: float) -> list[dict[str, Any]]:
        """The public keys of an account, as JSON Web Keys."""
        return self._api.endpoints.jwks(account, now)

    def public_key(self, account: AccountRecord) -> str | None:
        """The public key of an account, as Standard Webhooks writes it; None where nothing is signed so."""
        return self._api.endpoints.public_key(account)

    def _signed(self, path: str, expires: int | None, now: float) -> str:
        until = None if expires is None else int(now) + expires
        return f"{self._api.sandbox.base_url}{path}?{sign_link(self._api.sandbox.secret, path, until)}"


def _file_name(name_there: str) -> str:
    """A file's name that every client sends as it got it: some decode signs that a URL may hold, all resolve dots."""
    stem, dot, extension = _UNSAFE.sub("_", name_there.replace("\\", "/").rpartition("/")[2]).strip(".").rpartition(".")
    name = stem[:_LONGEST_NAME] + dot + extension[:_LONGEST_NAME] if dot else extension[:_LONGEST_NAME]
    return name if name.strip("_") else ""


def result_of(contract: Contract, job: PlannedJob, name: str) -> Result | None:
    """What a job's result is: its create operation may say otherwise than its resource."""
    operation = contract.operations.get(job.operation)
    if operation is not None and name in operation.results:
        return operation.results[name]
    return contract.resources[job.resource].results.get(name)
