"""Webhook endpoints of the accounts of one API in a sandbox, and the secrets that sign for them. Delivers nothing.

An endpoint is a resource of the account that its contract calls one, or was registered by a test. Of secrets that were
replaced the last ones are known: while two overlap, webhooks carry a signature of each.
"""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from mockserver import signatures, signing
from mockserver.bounds import ENDPOINTS, ROTATED
from mockserver.draws import IDS, Form
from mockserver.errors import FullError
from mockserver.jobs import PlannedJob
from mockserver.lifecycle import Receives
from mockserver.state.port import PageOf
from mockserver.store import Account, Owner
from mockserver.subject import Subject
from mockserver.turns import paced
from mockserver.values import reader

if TYPE_CHECKING:
    from mockserver.api_state import SandboxApi

HIDDEN = 1_000
"""With so many secrets more it is looked through which are of nobody any more."""
REMEMBERED = 4
"""So many replaced secrets of one endpoint or account are known."""


class Endpoint(NamedTuple):
    """Where webhooks of an account go: to this URL, those of these `events`, all of them where it names none.

    Without a `secret` of its own what goes there is signed as the account signs.
    """

    id: str
    account: str
    url: str
    events: tuple[str, ...] | None
    secret: str

    def wants(self, event: str) -> bool:
        """Whether webhooks of an event go there."""
        return self.events is None or event in self.events


class Endpoints:
    """Those of one API. `registered` are those of tests; `replaced` secrets by endpoint or account, with when."""

    def __init__(self, api: SandboxApi) -> None:
        self._api = api
        self.registered: dict[str, Endpoint] = {}
        self._hidden: dict[str, str] = {}
        """Secrets that are kept out of the journal, and the endpoint or resource whose each is; "": an account's."""
        self._most_hidden = HIDDEN
        self.rotated: dict[str, str] = {}
        """The secrets of resources that are not their first ones, by id."""
        self.replaced: dict[str, tuple[tuple[str, float], ...]] = {}

    def clear(self) -> None:
        """Forget all of it; an account keeps the secret that it has."""
        self.registered.clear()
        self.rotated.clear()
        self.replaced.clear()

    def register(self, account: str, url: str, events: Iterable[str] | None) -> Endpoint:
        """An endpoint of an account. Raises FullError."""
        if len(self.registered) >= ENDPOINTS:
            raise FullError(f"there are {ENDPOINTS} webhook endpoints already; remove one, or reset the sandbox")
        draws, name = self._api.sandbox.draws, self._api.contract.name
        identity = IDS[Form("we_", "base62")](draws.digest(f"endpoint.{name}"))
        made = Endpoint(identity, account, url, None if events is None else (*events,), self._new_secret())
        self.have(made)
        return made

    def have(self, endpoint: Endpoint) -> None:
        """Keep an endpoint."""
        self.registered[endpoint.id] = endpoint
        self.hide(endpoint.secret, endpoint.id)

    async def of_account(self, account: str, now: float) -> list[Endpoint]:
        """The endpoints of an account that are there at that time, those of tests first, then the newest."""
        found = [each for each in self.registered.values() if each.account == account]
        for resource in self._api.contract.resources.values():
            if resource.receives is not None:
                found += [each async for each in self._living((account, resource.name), resource.receives, now)]
        return found

    async def _living(self, owner: Owner, receives: Receives, now: float) -> AsyncIterator[Endpoint]:
        """The newest of an account's resources that are endpoints; those that are none any more do not count."""
        after, count = None, 0
        while True:
            page = PageOf(owner, after, ENDPOINTS)
            jobs, left = await self._api.state.page(self._api.contract.name, page)
            async for job in paced(jobs):
                for each in self._of_jobs([self._api.planned(job)], receives, now):
                    yield each
                    count += 1
                    if count == ENDPOINTS:
                        return
            if left is None:
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
        form = self._api.contract.resources[job.resource].secret
        if form is None:
            return None
        made = self.rotated.get(job.id)
        if made is None:
            digest = hmac.digest(self._api.sandbox.secret, f"secret\0{job.id}".encode(), "sha512")
            made = IDS[form](digest)
        self.hide(made, job.id)
        return made

    def hide(self, secret: str, owner: str = "") -> None:
        """Keep a secret out of the journal, as long as the endpoint or resource is there whose it is."""
        if secret not in self._hidden:
            if len(self._hidden) >= self._most_hidden:
                self._show_old()
            self._api.sandbox.redaction.know(secret)
            self._hidden[secret] = owner

    def _show_old(self) -> None:
        """Endpoints that were removed, and resources that made room for newer ones, have no secrets any more."""
        get, registered = self._api.store.get, self.registered
        gone = [secret for secret, of in self._hidden.items() if of and of not in registered and get(of) is None]
        for secret in gone:
            del self._hidden[secret]
        self._api.sandbox.redaction.forget(gone)
        self._most_hidden = 2 * len(self._hidden) + HIDDEN

    def valid(self, owner: str, secret: str, now: float, overlap: float) -> list[str]:
        """The secrets that sign for an endpoint or an account at that time, the newest first."""
        older = [each for each, until in self.replaced.get(owner, ()) if now < until + overlap]
        return [secret, *reversed(older)]

    async def rotate(self, owner: str, now: float) -> str | None:
        """Put a new secret in the place of that of an endpoint or account; None where there is none of that id."""
        if (account := self._api.account_of(owner)) is not None:
            new = self._new_secret()
            self._api.replace(account, replace(account, webhook_secret=new))
            return self._replaced(owner, account.webhook_secret, new, now)
        endpoint = await self.find(owner, now)
        if endpoint is None or not endpoint.secret:
            return None
        self._make_room(owner)
        if owner in self.registered:
            new = self._new_secret()
            self.registered[owner] = endpoint._replace(secret=new)
        else:
            new = self.rotated[owner] = self._new_secret(await self._form(owner))
        return self._replaced(owner, endpoint.secret, new, now)

    def _make_room(self, owner: str) -> None:
        """Forget what was replaced of those that are there no more. Raises FullError where all of them are."""
        if owner in self.replaced or len(self.replaced) < ROTATED:
            return
        accounts, get = {each.id for each in self._api.accounts.values()}, self._api.store.get
        for each in [*self.replaced]:
            if each not in accounts and each not in self.registered and get(each) is None:
                del self.replaced[each]
                self.rotated.pop(each, None)
        if len(self.replaced) >= ROTATED:
            raise FullError(f"the secrets of {ROTATED} endpoints were replaced already; reset the sandbox")

    async def _form(self, owner: str) -> Any:
        job = (await self._api.state.look_up(self._api.contract.name, (owner,)))[owner].job
        return None if job is None else self._api.contract.resources[job.resource].secret

    def _replaced(self, owner: str, old: str, new: str, now: float) -> str:
        self.hide(new, owner if owner in self.rotated or owner in self.registered else "")
        self.replaced[owner] = (*self.replaced.get(owner, ()), (old, now))[-REMEMBERED:]
        return new

    def _new_secret(self, form: Any = None) -> str:
        if form is not None:
            return signing.new_key(form if isinstance(form, Form) else Form(form=form))
        made = signing.new_secret()
        hooks = self._api.contract.webhooks.values()
        return signatures.in_base64(made) if signatures.wants_base64(each.sign for each in hooks) else made

    def jwks(self, account: Account | None, now: float) -> list[dict[str, Any]]:
        """The public keys of an account, or, where nobody is a caller, of all of them."""
        hooks = [each.sign for each in self._api.contract.webhooks.values()]
        signings = [each for each in hooks if each is not None and each.algorithm == "ed25519"]
        every = {each.id: each for each in self._api.accounts.values()}
        accounts = [account] if account is not None else [*every.values()][:ENDPOINTS]
        keys: dict[str, Any] = {}
        for each in accounts:
            for how in signings:
                for secret in self.valid(each.id, each.webhook_secret, now, how.overlap):
                    made = signatures.jwk(secret, how.key)
                    keys[made["kid"]] = made
        return [*keys.values()]


def _names(value: Any) -> tuple[str, ...] | None:
    """The names of events that a request gave; None where it gave no list."""
    return tuple(map(str, value)) if isinstance(value, list) else None
