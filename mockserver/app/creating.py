"""`create`: the server as an application for any ASGI server, for mounting and for test clients."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockserver.app.application import Mockserver
from mockserver.app.options import (
    Folders,
    clock_of,
    contracts_in,
    control_hosts,
    known_seed,
    known_token,
    known_url,
    origins,
    trusted,
    webhook_hosts,
)
from mockserver.app.settings import Settings

if TYPE_CHECKING:
    from starlette.applications import Starlette


def create(
    contracts: Folders = (),
    *,
    seed: int | str = 0,
    clock: str | Mapping[str, Any] = "real",
    public_url: str | None = None,
    allow_hosts: Collection[str] | str = (),
    webhook_allow: Collection[str] = (),
    insecure_webhooks: bool = False,
    webhook_ca: str | Path | None = None,
    control_token: str | None = None,
    cors: Collection[str] | bool = True,
    strict: bool = False,
) -> Starlette:
    """All APIs as a Starlette application; `contracts` are folders of further ones. Raises ContractError, UsageError.

    Absolute URLs begin with `public_url`, else with the URL at which a request found the application. The control API
    answers to loopback, to the name of a test client, and to `allow_hosts`; to clients on other machines only with a
    `control_token`. The other options are those of `mockserver.start`. Faults that break connections cannot be armed.
    """
    settings = Settings(
        seed=known_seed(seed), clock=clock_of(clock), public_url=known_url(public_url),
        allow_hosts=control_hosts(allow_hosts),
        webhook_allow=webhook_hosts(webhook_allow), insecure_webhooks=insecure_webhooks, webhook_ca=trusted(webhook_ca),
        control_token=known_token(control_token), cors=origins(cors, ""), strict=strict,
    )  # fmt: skip
    return Mockserver(contracts_in(contracts), settings, has_wire=False).site
