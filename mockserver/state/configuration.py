"""What control switches in a sandbox, as values. Knows no home, and no contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from mockserver.rules import USUAL
from mockserver.state.records import ArmedFault, ExpiredFault, OwnAnswer
from mockserver.store import AccountRecord

NOTHING: Mapping[str, Any] = {}


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


class ApiConfiguration(NamedTuple):
    """Of one API: its accounts, the sandbox's own one first, the quirks that were switched, and what is played.

    `faults` are those that are armed, oldest first, `lapsed` the last ones that came to nothing; so many were
    `numbered`. `own` are the last answers that tests gave themselves, used up or not. Once a fault took hold of a job
    (`holds_jobs`) every answer may show it.
    `endpoints` are those that tests registered, by id. `rotated` are the secrets of resources that are not their first
    ones, `replaced` those that were before, with when, by endpoint, resource or account. `edition`
    is that of the contract by which its jobs were kept last.
    """

    accounts: tuple[AccountRecord, ...] = ()
    quirks: Mapping[str, bool] = NOTHING
    scenario: str = USUAL
    faults: tuple[ArmedFault, ...] = ()
    lapsed: tuple[ExpiredFault, ...] = ()
    numbered: int = 0
    holds_jobs: bool = False
    endpoints: Mapping[str, Endpoint] = NOTHING
    rotated: Mapping[str, str] = NOTHING
    replaced: Mapping[str, tuple[tuple[str, float], ...]] = NOTHING
    edition: str = ""
    own: tuple[OwnAnswer, ...] = ()


class OwnedRoute(NamedTuple):
    """A path that a test answers itself, by a callable that the process has which knows it as `owner`.

    `api` is empty below the sandbox's own origin, `path` what stands behind the API's prefix.
    """

    id: str
    api: str
    method: str
    path: str
    owner: str


class Configuration(NamedTuple):
    """Of a whole sandbox. `rev` grows by one with each change: it is the key of all that is derived from the record.

    `generation` counts the resets: nothing that was begun before one changes what is there after it. `secret` is what
    links and tokens are signed with. `routes` are the paths that tests answer themselves, oldest first;
    so many were `numbered`.
    """

    limits_on: bool = True
    insecure_webhooks: bool = False
    webhook_ca: str | None = None
    strict: bool = False
    apis: Mapping[str, ApiConfiguration] = NOTHING
    rev: int = 1
    generation: int = 0
    secret: str = ""
    routes: tuple[OwnedRoute, ...] = ()
    numbered: int = 0

    def but(self, **changes: Any) -> Configuration:
        """The next revision."""
        return self._replace(rev=self.rev + 1, **changes)

    def with_api(self, name: str, **changes: Any) -> Configuration:
        """The next revision, with something else in one API."""
        return self.but(apis={**self.apis, name: self.apis[name]._replace(**changes)})


ConfigurationChange = Callable[[Configuration], Configuration]
"""Gives the next revision of what is there; it may be asked again where somebody else was faster."""

SWITCHES = ("limits_on", "insecure_webhooks", "webhook_ca", "strict")
"""What a sandbox can be made with."""
