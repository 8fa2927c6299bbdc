"""Webhook endpoints of the accounts of one API in a sandbox, and the secrets that sign for them. Delivers nothing.

An endpoint is a resource of the account that its contract calls one, or was registered by a test. Of secrets that were
replaced the last ones are known: while two overlap, webhooks carry a signature of each.
"""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from mockserver import signatures, signing
from mockserver.bounds import ENDPOINTS, ROTATED
from mockserver.contract import Contract
from mockserver.draws import IDS, IdForm
from mockserver.errors import FullError
from mockserver.jobs import PlannedJob
from mockserver.lifecycle import Receives
from mockserver.sandbox_view import SandboxView
from mockserver.state.configuration import ApiConfiguration, Configuration, ConfigurationChange, Endpoint
from mockserver.state.port import IssueSecret, PageOf, State
from mockserver.store import AccountRecord, JobRecord, LockOwner
from mockserver.subject import LinkMaker, Subject
from mockserver.time_slices import paced
from mockserver.values import reader

HIDDEN = 1_000
"""With so many secrets more it is looked through which are of nobody any more."""
LOOKED_UP = 500
"""So many resources are looked up at once."""
REMEMBERED = 4
"""So many replaced secrets of one endpoint or account are known."""


class EndpointApi(Protocol):
    """The API of a sandbox whose endpoints they are."""

    contract: Contract
    sandbox: SandboxView
    state: State
    accounts: dict[str, AccountRecord]

    @property
    def links(self) -> LinkMaker: ...
    def planned(self, record: JobRecord, /) -> PlannedJob: ...
    def account_of(self, identity: str) -> AccountRecord | None: ...
    async def drawn(self, purpose: str) -> bytes: ...


class Endpoints:
    """Those of one API. Those of tests, and secrets that are not the first ones, are part of what control switched."""

    def __init__(self, api: EndpointApi) -> None:
        self._api = api
        self._known = ApiConfiguration()
        self._hidden: dict[str, str] = {}
        """Secrets that are kept out of the journal, and the endpoint or resource whose each is; "": an account's."""
        self._most_hidden = HIDDEN
        self.is_crowded = False
        """Whether it is time to look which secrets are of nobody any more."""
        self.issues = any(resource.secret is not None for resource in api.contract.resources.values())

    @property
    def registered(self) -> Mapping[str, Endpoint]:
        """Those of tests, by id."""
        return self._known.endpoints

    @property
    def replaced(self) -> Mapping[str, tuple[tuple[str, float], ...]]:
        """Secrets that were replaced, with when, by endpoint, resource or account."""
        return self._known.replaced

    def see(self, configured: ApiConfiguration) -> None:
        """Control has switched something: secrets that are new are kept out of the journal."""
        before, self._known = self._known, configured
        if before.endpoints is not configured.endpoints:
            for endpoint in configured.endpoints.values():
                self.hide(endpoint.secret, endpoint.id)
        if before.rotated is not configured.rotated:
            for owner, secret in configured.rotated.items():
                self.hide(secret, owner)
        if before.replaced is not configured.replaced:
            for owner, several in configured.replaced.items():
                for secret, _ in several:
                    self.hide(secret, owner if owner in configured.rotated or owner in configured.endpoints else "")

    async def register(self, account: str, url: str, events: Iterable[str] | None) -> Endpoint:
        """An endpoint of an account. Raises FullError."""
        seed = await self._api.drawn(f"endpoint.{self._api.contract.name}")
        identity = IDS[IdForm("we_", "base62")](seed)
        endpoint = Endpoint(identity, account, url, None if events is None else (*events,), self._new_secret())
        await self._api.sandbox.change(self._registering(endpoint))
        return endpoint

    def _registering(self, endpoint: Endpoint) -> ConfigurationChange:
        name = self._api.contract.name

        def change(before: Configuration) -> Configuration:
            endpoints = before.apis[name].endpoints
            if len(endpoints) >= ENDPOINTS:
                raise FullError(f"there are {ENDPOINTS} webhook endpoints already; remove one, or reset the sandbox")
            return before.with_api(name, endpoints={**endpoints, endpoint.id: endpoint})

        return change

    async def remove(self, identity: str) -> bool:
        """Whether a test had registered an endpoint of that id; it is there no more."""
        name = self._api.contract.name
        if identity not in self.registered:
            return False

        def change(before: Configuration) -> Configuration:
            endpoints = {key: endpoint for key, endpoint in before.apis[name].endpoints.items() if key != identity}
            return before.with_api(name, endpoints=endpoints)

        await self._api.sandbox.change(change)
        return True

    async def of_account(self, account: str, now: float) -> list[Endpoint]:
        """The endpoints of an account that are there at that time, those of tests first, then the newest."""
        endpoints = [endpoint for endpoint in self.registered.values() if endpoint.account == account]
        for resource in self._api.contract.resources.values():
            if resource.receives is not None:
                endpoints += [e async for e in self._living((account, resource.name), resource.receives, now)]
        return endpoints

    async def _living(self, owner: LockOwner, receives: Receives, now: float) -> AsyncIterator[Endpoint]:
        """The newest of an account's resources that are endpoints; those that are none any more do not count."""
        after, count = None, 0
        while True:
            page = PageOf(owner, after, ENDPOINTS)
            jobs, following = await self._api.state.page(self._api.contract.name, page)
            async for job in paced(jobs):
                for endpoint in self._of_jobs([self._api.planned(job)], receives, now):
                    yield endpoint
                    count += 1
                    if count == ENDPOINTS:
                        return
            if following is None:
                return
            after = jobs[-1].id

    async def find(self, identity: str, now: float) -> Endpoint | None:
        """The endpoint of an id, if it is there at that time."""
        if identity in self.registered:
            return self.registered[identity]
        name = self._api.contract.name
        job = (await self._api.state.look_up(name, (identity,)))[identity].job
        receives = None if job is None else self._api.contract.resources[job.resource].receives
        if job is None or receives is None:
            return None
        return next(self._of_jobs([self._api.planned(job)], receives, now), None)

    def _of_jobs(self, jobs: Iterable[PlannedJob], receives: Receives, now: float) -> Iterator[Endpoint]:
        for job in jobs:
            status = job.status(now)
            subject = Subject(now, job=job, status=status, links=self._api.links)
            url = reader(receives.url)(subject)
            if status.state in receives.states and isinstance(url, str) and url:
                events = None if receives.events is None else _names(reader(receives.events)(subject))
                is_all = events is None or receives.all in events
                yield Endpoint(job.id, job.account, url, None if is_all else events, self.secret_of(job) or "")

    # --- secrets

    def secret_of(self, job: PlannedJob) -> str | None:
        """The secret of a resource; None where it has none."""
        secret = self._known.rotated.get(job.id) or self._first(self._api.sandbox.secret, job.id, job.resource)
        if secret is not None:
            self.hide(secret, job.id)
        return secret

    def _first(self, secret: bytes, job: str, resource: str) -> str | None:
        """The secret that a resource has until it is replaced: it follows from the sandbox's."""
        form = self._api.contract.resources[resource].secret
        return None if form is None else IDS[form](hmac.digest(secret, f"secret\0{job}".encode(), "sha512"))

    def issuing(self, job: JobRecord) -> tuple[IssueSecret, ...]:
        """What lets every process hide the secret of a resource that is kept; nothing for one that has none."""
        return (IssueSecret(job.id, job.resource),) if self._api.contract.resources[job.resource].secret else ()

    def hide_issued(self, secret: bytes, issued: Iterable[tuple[str, str]]) -> None:
        """Keep secrets out of the journal that other processes may have shown: of these ids, each with its resource."""
        for job, resource in issued:
            self.hide(self._first(secret, job, resource) or "", job)

    def hide(self, secret: str, owner: str = "") -> None:
        """Keep a secret out of the journal, as long as the endpoint or resource is there whose it is."""
        if secret not in self._hidden:
            self._api.sandbox.redaction.know(secret)
            self._hidden[secret] = owner
            self.is_crowded = len(self._hidden) >= self._most_hidden

    async def show_old(self) -> None:
        """Endpoints that were removed, and resources that made room for newer ones, have no secrets any more."""
        self._most_hidden = 2 * len(self._hidden) + HIDDEN  # nobody else looks meanwhile
        self.is_crowded = False
        owners = await self._absent([of for of in self._hidden.values() if of and of not in self.registered])
        obsolete = [secret for secret, of in self._hidden.items() if of in owners and of not in self.registered]
        for secret in obsolete:
            del self._hidden[secret]
        self._api.sandbox.redaction.forget(obsolete)
        self._most_hidden = 2 * len(self._hidden) + HIDDEN

    async def _absent(self, identities: Sequence[str]) -> frozenset[str]:
        """Those of these ids that no resource has any more."""
        name, absent = self._api.contract.name, set[str]()
        async for first in paced(range(0, len(identities), LOOKED_UP)):
            by_id = await self._api.state.look_up(name, identities[first : first + LOOKED_UP])
            absent |= {identity for identity, records in by_id.items() if records.job is None}
        return frozenset(absent)

    def valid(self, owner: str, secret: str, now: float, overlap: float) -> list[str]:
        """The secrets that sign for an endpoint or an account at that time, the newest first."""
        older = [each for each, until in self.replaced.get(owner, ()) if now < until + overlap]
        return [secret, *reversed(older)]

    async def rotate(self, owner: str, now: float) -> str | None:
        """Put a new secret in the place of that of an endpoint or account; None where there is none of that id."""
        account = self._api.account_of(owner)
        endpoint = await self.find(owner, now) if account is None else None
        old = account.webhook_secret if account is not None else "" if endpoint is None else endpoint.secret
        if not old:
            return None
        obsolete = frozenset[str]() if account is not None else await self._gone(owner)
        form = None if account is not None or owner in self.registered else await self._form(owner)
        new = self._new_secret(form)
        await self._api.sandbox.change(self._rotating(owner, (old, now), new, obsolete))
        return new

    def _rotating(self, owner: str, old: tuple[str, float], new: str, obsolete: frozenset[str]) -> ConfigurationChange:
        name = self._api.contract.name

        def change(before: Configuration) -> Configuration:
            own = before.apis[name]
            replaced = {each: several for each, several in own.replaced.items() if each not in obsolete}
            replaced[owner] = (*replaced.get(owner, ()), old)[-REMEMBERED:]
            accounts = tuple(replace(a, webhook_secret=new) if a.id == owner else a for a in own.accounts)
            endpoints, rotated = own.endpoints, {each: s for each, s in own.rotated.items() if each not in obsolete}
            if owner in endpoints:
                endpoints = {**endpoints, owner: endpoints[owner]._replace(secret=new)}
            elif not any(account.id == owner for account in accounts):
                rotated[owner] = new
            return before.with_api(name, accounts=accounts, endpoints=endpoints, rotated=rotated, replaced=replaced)

        return change

    async def _gone(self, owner: str) -> frozenset[str]:
        """Whose secrets make room, as they are there no more. Raises FullError where all of them are."""
        replaced, registered = self.replaced, self.registered
        if owner in replaced or len(replaced) < ROTATED:
            return frozenset()
        accounts = {account.id for account in self._api.accounts.values()}
        obsolete = await self._absent([each for each in replaced if each not in accounts and each not in registered])
        if len(replaced) - len(obsolete) >= ROTATED:
            raise FullError(f"the secrets of {ROTATED} endpoints were replaced already; reset the sandbox")
        return obsolete

    async def _form(self, owner: str) -> Any:
        job = (await self._api.state.look_up(self._api.contract.name, (owner,)))[owner].job
        return None if job is None else self._api.contract.resources[job.resource].secret

    def _new_secret(self, form: Any = None) -> str:
        if form is not None:
            return signing.new_key(form if isinstance(form, IdForm) else IdForm(form=form))
        secret = signing.new_secret()
        hooks = self._api.contract.webhooks.values()
        return signatures.in_base64(secret) if signatures.wants_base64(hook.sign for hook in hooks) else secret

    def jwks(self, account: AccountRecord | None, now: float) -> list[dict[str, Any]]:
        """The public keys of an account, or, where nobody is a caller, of all of them."""
        hooks = [webhook.sign for webhook in self._api.contract.webhooks.values()]
        signings = [hook for hook in hooks if hook is not None and hook.algorithm == "ed25519"]
        every = {each.id: each for each in self._api.accounts.values()}
        accounts = [account] if account is not None else [*every.values()][:ENDPOINTS]
        keys: dict[str, Any] = {}
        for each in accounts:
            for how in signings:
                for secret in self.valid(each.id, each.webhook_secret, now, how.overlap):
                    key = signatures.jwk(secret, how.key)
                    keys[key["kid"]] = key
        return [*keys.values()]

    def public_key(self, account: AccountRecord) -> str | None:
        """The public key of an account, as Standard Webhooks writes it; None where nothing is signed by one."""
        return public_key_of(self._api.contract, account)


def public_key_of(contract: Contract, account: AccountRecord) -> str | None:
    """The same of an account by itself."""
    signings = (webhook.sign for webhook in contract.webhooks.values())
    how = next((each for each in signings if each is not None and each.algorithm == "ed25519"), None)
    return None if how is None else signatures.public_key(account.webhook_secret, how.key)


def _names(value: Any) -> tuple[str, ...] | None:
    """The names of events that a request gave; None where it gave no list."""
    return tuple(map(str, value)) if isinstance(value, list) else None
