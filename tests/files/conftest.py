"""Clients of an API in a sandbox of the test's own, without rate limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from entrances_kit import Visitor

from mockserver import Running
from mockserver.sandbox import Sandbox

MakeSandbox = Callable[..., Sandbox]


@pytest.fixture
def visit(running: Running, make_sandbox: MakeSandbox) -> Iterator[Callable[..., Visitor]]:
    """Makes clients, with a bearer token where the API issues them."""
    made: list[Visitor] = []

    def visit(api: str, **options: Any) -> Visitor:
        sandbox = make_sandbox(limits_on=False, **options)
        side = sandbox.apis[api]
        account = next(iter(side.accounts.values()))
        http = httpx.Client(base_url=sandbox.url(api), headers={"X-API-Key": account.key}, trust_env=False, timeout=60)
        made.append(Visitor(side, http, running))
        for operation in side.contract.operations.values():
            if operation.verb == "token":
                asked = {"client_id": account.client_id, "client_secret": account.client_secret}
                token = made[-1].ask("POST", operation.path, json={**asked, "grant_type": "client_credentials"}).json()
                http.headers["Authorization"] = f"Bearer {token['access_token']}"
        return made[-1]

    yield visit
    for each in made:
        each.http.close()
