"""Webhook endpoints of the accounts of one API in a sandbox, and the secrets that sign for them. Delivers nothing.

An endpoint is a resource of the account that its contract calls one, or was registered by a test. Of secrets that were
replaced the last ones are known: while two overlap, webhooks carry a signature of each.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from mockserver import signatures, signing
from mockserver.bounds import ENDPOINTS
from mockserver.draws import IDS, Form
from mockserver.errors import FullError
from mockserver.jobs import PlannedJob
from mockserver.lifecycle import Receives
from mockserver.state.port import PageOf
from mockserver.store import Account
from mockserver.subject import Subject
from mockserver.values import reader

if TYPE_CHECKING:
    from mockserver.api_state import SandboxApi

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
        self._hidden: set[str] = set()
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
        self.hide(endpoint.secret)
        self.registered[endpoint.id] = endpoint

    async def of_account(self, account: str, now: float) -> list[Endpoint]:
        """The endpoints of an account that are there at that time, those of tests first, then the newest."""
        found = [each for each in self.registered.values() if each.account == account]
        for resource in self._api.contract.resources.values():
            if resource.receives is not None:
                page = PageOf((account, resource.name), None, ENDPOINTS)
                jobs, _ = await self._api.state.page(self._api.contract.name, page)
                found += self._of_jobs(map(self._api.planned, jobs), resource.receives, now)
        return found

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
        self.hide(made)
        return made

    def hide(self, secret: str) -> None:
        """Keep a secret out of the journal."""
        if secret not in self._hidden:
            self._api.sandbox.redaction.know(secret)
            self._hidden.add(secret)

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
        if owner in self.registered:
            new = self._new_secret()
            self.registered[owner] = endpoint._replace(secret=new)
        else:
            new = self.rotated[owner] = self._new_secret(await self._form(owner))
        return self._replaced(owner, endpoint.secret, new, now)

    async def _form(self, owner: str) -> Any:
        job = (await self._api.state.look_up(self._api.contract.name, (owner,)))[owner].job
        return None if job is None else self._api.contract.resources[job.resource].secret

    def _replaced(self, owner: str, old: str, new: str, now: float) -> str:
        self.hide(new)
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
