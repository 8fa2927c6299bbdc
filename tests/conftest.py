"""One server for a test run, one sandbox with a manual clock per test."""

from __future__ import annotations

import atexit
import gc
import os
import ssl
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme
from api_kit import MakeSandbox, Receiver, receiving
from hypothesis import HealthCheck, settings
from running_kit import on_loop
from state_kit import Slow, SlowIndex
from steered_kit import steer_elsewhere
from tier_kit import LATER_FILES, LATER_TIERS, SCALED, TIERS, UNTRACED, is_left_out, rank, scaled

from mockserver import Running, start
from mockserver import sandbox as sandbox_module
from mockserver import sandboxes as sandboxes_module
from mockserver.clock import Clock
from mockserver.loader import SCHEMA, SHIPPED, contract_folders, texts_of
from mockserver.loader.folders import GALLERY
from mockserver.loader.sound import digest_of, remember
from mockserver.sandbox import Sandbox

if "PYTEST_XDIST_WORKER" not in os.environ:
    # What is remembered between runs of a user is none of these tests' business. The shipped contracts are sound as
    # far as tests of other things are concerned; `test_sound.py` and `test_gallery.py` look through them.
    remembered = tempfile.TemporaryDirectory(prefix="mockserver-tests-")
    atexit.register(remembered.cleanup)
    os.environ["MOCKSERVER_CACHE_DIR"] = remembered.name
    for folder in (*contract_folders(SHIPPED), *contract_folders(GALLERY)):
        remember(digest_of(folder.name, (SHIPPED / SCHEMA).read_bytes(), texts_of(folder)))

# How long an example takes depends on what else the machine does; what it finds must not.
settings.register_profile(
    "steady",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    max_examples=scaled("examples of a property", test=25, ci=100, full=500),
)
settings.load_profile("steady")

if (HOME := os.environ.get("MOCKSERVER_HOME", "")) == "slow":  # see tests/state/test_homes.py
    sandbox_module.port_to = Slow
    sandboxes_module.port_to_index = SlowIndex
elif HOME:  # see tests/state/test_rooms_elsewhere.py, and test_rooms_by_turns.py
    from turns_kit import take_turns  # asks for what the extra `redis` brings

    take_turns(HOME, pytest.MonkeyPatch(), by_two="MOCKSERVER_TURNS" in os.environ)
    steer_elsewhere(pytest.MonkeyPatch())

TESTS = Path(__file__).parent

gc.disable()  # nothing that is made while tests are collected is garbage


def pytest_collection_finish() -> None:
    """What was collected stays: a search for garbage, and some tests ask for one, must not walk it each time."""
    gc.enable()
    gc.freeze()


@pytest.fixture(scope="module")
def new_garbage() -> None:
    """For modules whose tests look for garbage: what is there before them is not walked each time."""
    gc.collect()
    gc.freeze()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Files of the other part of a tier are not read: each worker would take longer for that than for most tests."""
    if collection_path.suffix != ".py" or not collection_path.is_relative_to(TESTS):
        return None
    name = collection_path.relative_to(TESTS).as_posix()
    return True if is_left_out(name, config.getoption("markexpr")) else None


@pytest.hookimpl(tryfirst=True)  # before what is slow is left out
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("MOCKSERVER_TIER") == "test":  # who asks for a file by its name gets it
        for item in (each for each in items if _file(each) in LATER_FILES):
            item.add_marker("slow")
    for item in (each for each in items if each.nodeid.removeprefix("tests/").startswith(UNTRACED)):
        item.add_marker("untraced")
    items.sort(key=lambda item: rank(_file(item)))


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0].removeprefix("tests/")


# --- what is left to a later tier is told at the end, by whoever prints the summary

LEFT: Counter[tuple[str, str]] = Counter()  # (command that runs it, test function) → how many of its items
LATER = {"slow": "ci", "long": "full", "soak": "full"}


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    for item in items:
        found = [LATER[mark.name] for mark in item.iter_markers() if mark.name in LATER]
        tiers = [tier for tier in LATER_TIERS if tier in found]
        if tiers:
            LEFT[
                TIERS[tiers[-1]],
                f"tests/{file}" if (file := _file(item)) in LATER_FILES else item.nodeid.partition("[")[0],
            ] += 1


def pytest_sessionfinish(session: pytest.Session) -> None:
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["left"] = [[*key, count] for key, count in LEFT.items()]
        output["scaled"] = SCALED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Workers collect the same; what one of them tells holds for all."""
    output: dict[str, Any] = getattr(node, "workeroutput", {})
    LEFT.update({(command, name): count for command, name, count in output.get("left", ()) if not LEFT[command, name]})
    SCALED.extend(line for line in output.get("scaled", ()) if line not in SCALED)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What this run has left out, by the command that runs it."""
    if not LEFT and not SCALED:
        return
    terminalreporter.section("left to a later tier")
    for (command, name), count in sorted(LEFT.items()):
        terminalreporter.line(f"{command}: {name}" + (f" ({count} items)" if count > 1 else ""))
    for line in sorted(SCALED):
        terminalreporter.line(line)


@pytest.fixture(scope="session")
def running() -> Iterator[Running]:
    """A real server on a free loopback port."""
    with start() as server:
        yield server


@pytest.fixture
def make_sandbox(running: Running) -> Iterator[MakeSandbox]:
    """Makes sandboxes (manual clock unless told otherwise) and closes them afterwards."""
    made: list[Sandbox] = []

    def make(**options: Any) -> Sandbox:
        options.setdefault("clock", Clock("manual"))
        made.append(running.app.sandboxes.create(**options))
        return made[-1]

    yield make
    for sandbox in made:
        on_loop(running, _close(running, sandbox.name))


async def _close(running: Running, name: str) -> None:
    if running.app.sandboxes.get(name) is not None:
        await running.app.sandboxes.shut(name)


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Signs certificates of receivers; nobody trusts it who was not told of it."""
    return trustme.CA()


@pytest.fixture
def secure_receiver(authority: trustme.CA) -> Iterator[Receiver]:
    """Takes webhooks over TLS as `localhost`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with receiving(tls=context) as made:
        yield made


@pytest.fixture
def sandbox(make_sandbox: MakeSandbox) -> Sandbox:
    """A world of the test's own."""
    return make_sandbox()


@pytest.fixture
def advance(running: Running) -> Callable[[Sandbox, float], None]:
    """Moves a sandbox's clock, webhooks included."""
    return lambda sandbox, seconds: on_loop(running, sandbox.advance(seconds))


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Callable[[str], httpx.Client]]:
    """Real HTTP clients of an API in the test's sandbox, with a key where the API takes one."""
    clients: list[httpx.Client] = []

    def connect(api: str) -> httpx.Client:
        account = next(iter(sandbox.apis[api].accounts.values()))
        clients.append(httpx.Client(base_url=sandbox.url(api), headers={"X-API-Key": account.key}, trust_env=False))
        return clients[-1]

    yield connect
    for each in clients:
        each.close()
