"""What tests of vendors' SDKs share: suites of tests that use the plugin with contracts of the gallery, and drivers."""

from __future__ import annotations

import os

import pytest
from plugin_kit import INI, QUIET, plugin_options

from mockserver import start

FINE = frozenset({"passed", "warnings"})

DRIVERS = '''
import asyncio
import inspect
import operator
import time

import pytest


class Sync:
    """One way to drive either client: `ask("files.create", …)` gives what the method gives in the end."""

    def __init__(self, key, **options):
        self.client = CLIENTS[0](api_key=key, **options)

    def __call__(self, name, /, *args, **words):
        return operator.attrgetter(name)(self.client)(*args, **words)

    def each(self, name, /, *args, **words):
        return list(self(name, *args, **words))

    def bytes(self, name, /, *args, **words):
        return b"".join(self.each(name, *args, **words))

    def sleep(self, seconds):
        time.sleep(seconds)

    def close(self):
        transport(self.client).close()


class Async(Sync):
    def __init__(self, key, **options):
        self.loop = asyncio.new_event_loop()
        self.client = CLIENTS[1](api_key=key, **options)

    def __call__(self, name, /, *args, **words):
        found = super().__call__(name, *args, **words)
        return self.run(found) if inspect.isawaitable(found) else found

    def run(self, awaitable):
        async def waited():
            return await awaitable

        return self.loop.run_until_complete(waited())

    def each(self, name, /, *args, **words):
        async def gathered():
            return [each async for each in operator.attrgetter(name)(self.client)(*args, **words)]

        return self.run(gathered())

    def sleep(self, seconds):
        self.run(asyncio.sleep(seconds))

    def close(self):
        closed = transport(self.client)
        self.run(closed.aclose() if hasattr(closed, "aclose") else closed.close())
        self.loop.close()


@pytest.fixture
def api(sandbox, intercept, fast_forward):
    return sandbox.api(API)


@pytest.fixture(params=[Sync, Async])
def connect(api, request):
    """Makes a client; all are closed afterwards."""
    made = []

    def make(key=None, **options):
        made.append(request.param(key or api.api_key, **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def ask(connect):
    return connect()
'''
"""Of an SDK with a sync and an async client. The suite behind it names its `API` and its `CLIENTS`, and says by what
`transport` a client is closed.
"""


def run_suite(
    pytester: pytest.Pytester, apis: str, body: str = "", *, least: int = 1, fine: frozenset[str] = FINE, **modules: str
) -> None:
    """Run tests that use the plugin with these APIs; at least so many pass, and none does anything else.

    Where servers have their state elsewhere, one of them is what they ask.
    """
    pytester.makeini(f"{INI}mockserver_apis = {apis}\n")
    pytester.makepyfile(*([body] if body else []), **modules)
    options = (*QUIET, *plugin_options(), "-q")
    if "MOCKSERVER_HOME" in os.environ:
        with start(apis=apis.split()) as elsewhere:
            result = pytester.runpytest_subprocess(*options, f"--mockserver-url={elsewhere.url}")
    else:
        result = pytester.runpytest_subprocess(*options)
    counts = result.parseoutcomes()
    assert counts.get("passed", 0) >= least, result.stdout.str()
    assert counts.keys() <= fine, result.stdout.str()
