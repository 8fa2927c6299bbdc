"""Hooks and fixtures. pytest imports this at every start, so that everything heavy is imported inside a fixture.

Public fixtures rest on private ones: a test suite may have a fixture `sandbox` of its own, and breaks nothing.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.errors import UsageError
from mockserver.testing.findings import Findings
from pytest_plugin import marker

if TYPE_CHECKING:
    from mockserver.inbox import Receiver, WebhookInbox
    from mockserver.intercept import Intercept
    from mockserver.steering import SandboxHandle, Steering
    from mockserver.testing.options import Options
    from mockserver.testing.patience import Patience
    from mockserver.testing.session import Session
    from mockserver.testing.watch import Watch
    from mockserver.virtual_time import FastForward
    from pytest_plugin.apis import Miraflow, Miragic, Mirrago, Vidgen

FINDINGS = pytest.StashKey[Findings]()
SANDBOX: pytest.StashKey[tuple[SandboxHandle, Options]] = pytest.StashKey()
WATCH: pytest.StashKey[Watch] = pytest.StashKey()
PATIENCE: pytest.StashKey[Patience] = pytest.StashKey()
MISTAKE = pytest.StashKey[str]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("mockserver", "mock server")
    group.addoption("--mockserver-url", metavar="URL", help="use the server that runs there, with the same tests")
    group.addoption("--mockserver-seed", metavar="SEED", help="vary all tests' seeds; the same again replays them")
    parser.addini("mockserver_apis", "APIs of the gallery to serve beside the shipped ones", "args", [])
    parser.addini("mockserver_contracts", "folders of contracts to serve beside the shipped ones", "paths", [])
    parser.addini("mockserver_token", "control token for --mockserver-url (env MOCKSERVER_CONTROL_TOKEN)", default="")
    parser.addini("mockserver_contract_violations", "a request breaks a contract: fail, warn or off", default="fail")
    parser.addini("mockserver_conduct", "the client behaves badly: fail, warn or off", default="off")
    parser.addini("mockserver_unused", "what a test armed takes no effect: fail, warn or off", default="fail")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", marker.HELP)
    config.stash[FINDINGS] = Findings()
    if config.getoption("xmlpath", None) and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Junit(config), "mockserver-junit")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        try:
            if item.get_closest_marker("mockserver") is not None:
                marker.options_of(item)
        except pytest.UsageError as error:
            if not hasattr(config, "workerinput"):
                raise
            item.stash[MISTAKE] = str(error)  # xdist's controller would say INTERNALERROR, and no word of this


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if MISTAKE in item.stash:
        pytest.fail(item.stash[MISTAKE], pytrace=False)
    patience = item.config.stash.get(PATIENCE, None)
    if patience is not None:
        patience.begin(item.nodeid)


# Fixtures --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def _mockserver_session(pytestconfig: pytest.Config) -> Iterator[Session]:
    from mockserver.launch import in_gallery
    from mockserver.testing.proxies import bypassed
    from mockserver.testing.session import Session
    from pytest_plugin.judgement import check_modes
    from pytest_plugin.ownership import is_tests_own
    from pytest_plugin.plainly import plainly
    from pytest_plugin.waiting import watching

    check_modes(pytestconfig)
    gallery = pytestconfig.getini("mockserver_apis")
    contracts = [Path(path) for path in pytestconfig.getini("mockserver_contracts")]
    url = pytestconfig.getoption("mockserver_url") or ""
    token = _control_token(pytestconfig)
    with plainly():
        contracts = [*map(in_gallery, gallery), *contracts]
        session = Session.begin(contracts, pytestconfig.stash[FINDINGS], url=url, token=token)
    pytestconfig.stash[WATCH], session.watch.counts = session.watch, is_tests_own
    with bypassed(session.steering.url), watching(pytestconfig, session) as pytestconfig.stash[PATIENCE]:
        yield session
    session.end()


def _control_token(config: pytest.Config) -> str | None:
    """The environment's, MOCKSERVER_TOKEN being its former name, else the ini file's."""
    named = (os.environ.get(name) for name in ("MOCKSERVER_CONTROL_TOKEN", "MOCKSERVER_TOKEN"))
    return next(filter(None, named), None) or str(config.getini("mockserver_token")) or None


@pytest.fixture(scope="session")
def _mockserver_receiver() -> Iterator[Receiver]:
    from mockserver.testing.tools import new_receiver
    from pytest_plugin.plainly import plainly

    with plainly():
        receiver = new_receiver()
    yield receiver
    receiver.end()


@pytest.fixture
def _mockserver_sandbox(request: pytest.FixtureRequest, _mockserver_session: Session) -> Iterator[SandboxHandle]:
    from mockserver.testing.proxies import bypassed
    from pytest_plugin.plainly import plainly

    item = request.node
    options, owner = marker.options_of(item), item.nodeid
    varied = request.config.getoption("mockserver_seed")
    seed = options.seed if options.seed is not None else (f"{varied}:{owner}" if varied else owner)
    authority = None
    if "webhook_inbox" in request.fixturenames:
        authority = request.getfixturevalue("_mockserver_receiver").ca_pem
    with plainly():
        sandbox = _mockserver_session.open(owner, str(seed)[-200:], options, authority)
    item.stash[SANDBOX] = sandbox, options
    with bypassed(sandbox.api(sandbox.names[0]).url):  # a fixture of this test may have named a proxy
        yield sandbox
    del item.stash[SANDBOX]
    _mockserver_session.shut(sandbox, owner)


@pytest.fixture(scope="session")
def mockserver(_mockserver_session: Session) -> Steering:
    """The server of this run: `.url`, `.sandbox(seed=…)`, `.default`; steering it is `mockserver.steering.Steering`."""
    return _mockserver_session.shown


@pytest.fixture
def sandbox(_mockserver_sandbox: SandboxHandle) -> SandboxHandle:
    """A world of this test's own: fresh credentials, and a clock that stands in 2001 until it is advanced."""
    return _mockserver_sandbox


@pytest.fixture
def miragic(_mockserver_sandbox: SandboxHandle) -> Miragic:
    """Miragic in this test's sandbox: speed painting from an image."""
    return _mockserver_sandbox.api("miragic")


@pytest.fixture
def miraflow(_mockserver_sandbox: SandboxHandle) -> Miraflow:
    """Miraflow in this test's sandbox: avatar videos, images, media."""
    return _mockserver_sandbox.api("miraflow")


@pytest.fixture
def vidgen(_mockserver_sandbox: SandboxHandle) -> Vidgen:
    """VidGen in this test's sandbox: a video from image and audio, with webhooks."""
    return _mockserver_sandbox.api("vidgen")


@pytest.fixture
def mirrago(_mockserver_sandbox: SandboxHandle) -> Mirrago:
    """Mirrago in this test's sandbox: virtual try-on behind OAuth."""
    return _mockserver_sandbox.api("mirrago")


@pytest.fixture
def webhook_inbox(_mockserver_sandbox: SandboxHandle, _mockserver_receiver: Receiver) -> Iterator[WebhookInbox]:
    """A receiver of webhooks: `.url` (https, trusted by the sandbox), `.http_url`, `.wait(n)`, `.received`."""
    from mockserver.testing.tools import inbox_of

    with inbox_of(_mockserver_sandbox, _mockserver_receiver) as inbox:
        yield inbox


@pytest.fixture
def fast_forward(
    request: pytest.FixtureRequest, _mockserver_sandbox: SandboxHandle, _mockserver_session: Session
) -> Iterator[FastForward]:
    """The code under test lives in the sandbox's time: sleeps, time-outs and clocks. `.elapsed` are its seconds."""
    from mockserver.testing.tools import time_of

    is_intercepted = "intercept" in request.fixturenames
    with time_of(_mockserver_sandbox, _mockserver_session, is_intercepted=is_intercepted) as forward:
        yield forward


@pytest.fixture
def intercept(
    request: pytest.FixtureRequest, _mockserver_sandbox: SandboxHandle, _mockserver_session: Session
) -> Iterator[Intercept]:
    """Calls to the vendors' own hosts reach the sandbox, and nothing else leaves this machine; more hosts by marker."""
    from pytest_plugin.plainly import plainly

    with ExitStack() as stack:
        with plainly():
            calls = _mockserver_session.intercepting(_mockserver_sandbox, marker.options_of(request.node).hosts)
            interception = stack.enter_context(calls)
        yield interception


# Judgement and reports -------------------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    try:
        result = yield
    finally:
        if PATIENCE in item.config.stash:
            item.config.stash[PATIENCE].check(is_last=True)
    found, watch = item.stash.get(SANDBOX, None), item.config.stash.get(WATCH, None)
    if watch is not None and (found is not None or watch):
        from pytest_plugin.judgement import judge

        sandbox, options = found if found is not None else (None, marker.options_of(item))
        judge(item, sandbox, watch, options)
    return result


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    found, watch = item.stash.get(SANDBOX, None), item.config.stash.get(WATCH, None)
    # Of a UsageError, which is the test's own mistake, the message says all.
    failed = call.excinfo is not None and not call.excinfo.errisinstance((pytest.skip.Exception, UsageError))
    if failed and watch is not None and (found is not None or watch):
        from pytest_plugin.reporting import attach

        attach(item, call.when, None if found is None else found[0], watch)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, Any, Any]:
    try:
        return (yield)
    finally:
        if PATIENCE in item.config.stash:
            item.config.stash[PATIENCE].begin("")
            item.config.stash[WATCH].settle()


class _Junit:
    """Registered where a JUnit file is written: in the only process, or in xdist's controller."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            from pytest_plugin.reporting import write_junit

            write_junit(self._config, report)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker of xdist has ended: what it found is added to ours."""
    told = getattr(node, "workeroutput", {}).get("mockserver")
    if told is not None:
        node.config.stash[FINDINGS].add(told)


def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["mockserver"] = session.config.stash[FINDINGS].told()


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    findings = config.stash[FINDINGS]
    if findings.late or findings.answers or findings.stood:
        from pytest_plugin.reporting import summarize

        summarize(terminalreporter, findings)
