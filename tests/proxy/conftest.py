"""One server with a proxy before it, for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from proxy_kit import HOST

from mockserver import intercepting
from mockserver.proxy import Environment


@pytest.fixture(scope="module")
def environment() -> Iterator[Environment]:
    with intercepting(hosts={HOST: "vidgen"}) as made:
        yield made
