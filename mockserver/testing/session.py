"""The server of a test run, and the sandboxes of its tests. Knows no test runner and none of its settings."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from mockserver.errors import UsageError, is_on_purpose
from mockserver.steering import ControlError, SandboxHandle, Steering, Unreachable
from mockserver.steering.certificates import pem_of
from mockserver.suggestions import guesses
from mockserver.testing.findings import Findings
from mockserver.testing.options import Options
from mockserver.testing.standstill import MOST, standstill_of
from mockserver.testing.watch import Watch, WatchedSteering, last_look

if TYPE_CHECKING:
    from mockserver.intercept import BeforeSend, Intercept
    from mockserver.launch import Running
    from mockserver.steering import Silence
    from mockserver.virtual_time import SandboxTime

__tracebackhide__ = is_on_purpose

WEBHOOK_SECONDS = 2.0
OnRequest = Callable[[str, str, str, float | None], object]
"""Told of a request: client, method, URL, time-out."""
AskDelay = Callable[[str, str, float | None, bool], "Silence | None"]
"""Asked of a request: method, URL, time-out, whether time is virtual."""


class Session:
    """A server in a thread, or one that runs already. `findings` outlive it, `shown` is what tests see of it."""

    def __init__(self, steering: Steering, findings: Findings, running: Running | None = None) -> None:
        self.steering = steering
        self.findings = findings
        self.running = running
        self.watch = Watch()
        self.shown = WatchedSteering(steering, self.watch)
        self.contracts: Sequence[Path] = ()
        self._open: list[SandboxHandle] = []
        self._closed: list[tuple[str, str]] = []

    @classmethod
    def begin(
        cls,
        contracts: Iterable[Path] = (),
        findings: Findings | None = None,
        *,
        url: str = "",
        token: str | None = None,
    ) -> Session:
        """Start a server with these folders of contracts, or use the one at `url`, whose control token is `token`.

        Raises ContractError, UsageError and Unreachable.
        """
        folders, findings = list(contracts), findings or Findings()
        made = cls._connected(url, token, findings) if url else cls._started(folders, findings)
        made.contracts = folders
        return made

    @classmethod
    def _connected(cls, url: str, token: str | None, findings: Findings) -> Session:
        steering = Steering(url, token)
        try:
            steering.control.get("health")
        except ControlError as error:
            steering.close()
            if error.status != 404:
                raise
            why = f"no mockserver control API answers at {url}: name the server alone, as in http://127.0.0.1:8000"
            raise UsageError(why) from None
        return cls(steering, findings)

    @classmethod
    def _started(cls, contracts: Sequence[Path], findings: Findings) -> Session:
        with _looking_at_new_objects_alone():
            from mockserver.launch import start

            running = start(contracts)
        return cls(running.steering, findings, running)

    def open(self, owner: str, seed: str, options: Options, webhook_ca: str | None = None) -> SandboxHandle:
        """A sandbox as a test wants it; `webhook_ca` is trusted beside the test's own. Raises UsageError."""
        made = self.steering.sandbox(
            seed=seed if options.snapshot is None else options.seed,
            snapshot=options.snapshot,
            clock=options.clock,
            limits=options.limits,
            insecure_webhooks=options.insecure_webhooks,
            owner=owner[:500],
            webhook_ca=_both(webhook_ca, options.webhook_ca),
            webhook_timeout=WEBHOOK_SECONDS,
            strict=options.strict,
            requests=True,
        )
        try:
            _furnish(made, options)
        except BaseException:
            made.close()
            raise
        made.armed.counts = self.watch.counts
        made.before_close = lambda: last_look(made)
        self._open.append(made)
        return made

    def shut(self, sandbox: SandboxHandle, owner: str) -> None:
        """Close a sandbox, and keep what the summary at the end needs."""
        if self.running is None:  # others use that server too, so that only its single sandboxes can be asked
            with suppress(ControlError):  # the test may have closed it
                self.findings.add_coverage(sandbox.coverage)
        self._open.remove(sandbox)
        sandbox.before_close = None  # it was judged
        sandbox.close()
        self._closed.append((sandbox.name, owner))

    def standstills(self) -> list[str]:
        """Of the running test's sandboxes, those whose clients ask while their clocks stand, in a sentence each."""
        own = [standstill_of(each, limit=MOST) for each in tuple(self._open)]
        return [str(each) for each in (*own, *(each.standstill(MOST) for each in self.watch)) if each is not None]

    @contextmanager
    def intercepting(
        self, sandbox: SandboxHandle, hosts: Mapping[str, Any], on_request: OnRequest | None = None
    ) -> Iterator[Intercept]:
        """Calls to the vendors' hosts, and to `hosts` (host → API), go to the sandbox; those to `...` go through.

        `on_request` is told of each request to this machine before it is sent, and may raise. Raises UsageError for an
        API that there is not.
        """
        from mockserver.intercept import intercept

        vendors = {host: sandbox.api(api).url + before for host, (api, before) in self._hosts().items()}
        routes = vendors | {host: sandbox.api(api).url for host, api in hosts.items() if api is not ...}
        through = [host for host, api in hosts.items() if api is ...]
        before_send = _before_send(_foresight(self.running, sandbox), on_request)
        with intercept(routes, through, before_send=before_send, time=self.time_of(sandbox)) as interception:
            yield interception

    def _hosts(self) -> dict[str, tuple[str, str]]:
        """The vendors' own hosts, the API that each belongs to, and what stands before the paths there."""
        from mockserver import launch

        if self.running is None:
            served = launch.contracts_in(self.contracts)
        else:
            served = [each.contract for each in self.running.app.apis.values()]
        return {host: (each.name, before) for each in served for host, before in each.hosts.items()}

    def time_of(self, sandbox: SandboxHandle) -> SandboxTime:
        """A sandbox's time: read directly from a server in this process, else over its control API."""
        from mockserver.testing.times import RemoteTime, ThreadTime

        return RemoteTime(sandbox) if self.running is None else ThreadTime(sandbox, self.running)

    def end(self) -> None:
        """Note who came late, and stop the server if it is ours."""
        if self.running is None:
            for name, owner in self._closed:
                self.findings.add_late(owner, _late(self.steering, name))
        else:
            with suppress(Unreachable):  # a test may have stopped it
                self.findings.add_coverage(self.steering.coverage)
            for each in self.running.app.sandboxes.late:
                self.findings.add_late(each.owner, [f"{each.method} {_told(each.path)}"])
        self.stop()

    def stop(self) -> None:
        """Hang up, and stop the server if it is ours."""
        self.steering.close()
        if self.running is not None:
            self.running.stop()

    @property
    def is_up(self) -> bool:
        """Whether a server of its own still runs; of one elsewhere, only a request can tell."""
        return self.running is None or self.running.thread.is_running


@contextmanager
def _looking_at_new_objects_alone() -> Iterator[None]:
    """A start makes so many objects that all would be searched for garbage: those of pytest, which take long, too."""
    if gc.get_freeze_count():  # somebody else has put objects aside, and wants them left there
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _before_send(foresee: AskDelay, on_request: OnRequest | None) -> BeforeSend:
    from mockserver.intercept import Outcome
    from mockserver.virtual_time import active

    def before_send(client: str, method: str, url: str, timeout: float | None) -> Outcome | None:
        if on_request is not None:
            on_request(client, method, url, timeout)
        found = foresee(method, url, timeout, active() is not None)
        return None if found is None else Outcome(found.seconds, found.is_done)

    return before_send


def _foresight(running: Running | None, sandbox: SandboxHandle) -> AskDelay:
    """How the silence that a request would meet is asked for: in this process, else over the control API."""
    if running is None:
        return _remote_foresight(sandbox)
    return lambda method, url, patience, virtual: (
        running.foresee(method, url, patience, virtual=virtual) if url.startswith(running.url) else None
    )


def _remote_foresight(sandbox: SandboxHandle) -> AskDelay:
    bases = {sandbox.api(name).url: name for name in sandbox.names}

    def foresee(method: str, url: str, patience: float | None, virtual: bool) -> Silence | None:
        base = next((base for base in bases if url.startswith(f"{base}/")), None)
        if base is None:
            return None
        path = unquote(urlsplit(url[len(base) :]).path)
        return sandbox.foresee(method, f"/{bases[base]}{path}", patience, virtual=virtual)

    return foresee


def _late(steering: Steering, name: str) -> list[str]:
    try:
        steering.control.get("sandboxes", name)
    except ControlError as error:
        return [f"{each['method']} {_told(each['path'])}" for each in error.problem.get("late", ())]
    return []


def _told(path: str) -> str:
    """A path without the sandbox's name, which says nothing to a reader."""
    return "/" + path.split("/", 2)[2] if path.startswith("/@") and path.count("/") > 1 else path


def _both(inbox: str | None, wished: str | Path | None) -> str | None:
    """The inbox's own authority and those that a marker names."""
    found = [pem for pem in (inbox, pem_of(wished)) if pem is not None]
    return "\n".join(found) if found else None


def _furnish(sandbox: SandboxHandle, options: Options) -> None:
    if options.scenario is not None:
        _play(sandbox, options.scenario)
    for name, on in options.quirks.items():
        _switch(sandbox, name, on)
    if options.schedule is not None:
        from mockserver.schedules import apply

        apply(options.schedule, sandbox)


def _play(sandbox: SandboxHandle, scenario: str | Mapping[str, str]) -> None:
    if isinstance(scenario, Mapping):
        for api, name in scenario.items():
            sandbox.api(api).scenario(name)
        return
    _for_those_who_know(sandbox, lambda api: api.scenario(scenario))


def _switch(sandbox: SandboxHandle, name: str, on: Any) -> None:
    if isinstance(on, Mapping):
        for quirk, value in on.items():
            sandbox.api(name).quirk(quirk, value)
        return
    _for_those_who_know(sandbox, lambda api: api.quirk(name, on))


def _for_those_who_know(sandbox: SandboxHandle, order: Any) -> None:
    """Give an order to every API; raises a refusal when none obeys: one that knows what was meant, if there is one."""
    refusals: list[ControlError] = []
    for name in sandbox.names:
        try:
            order(sandbox.api(name))
        except ControlError as error:
            refusals.append(error)
    if len(refusals) == len(sandbox.names):
        raise next((refusal for refusal in refusals if guesses(refusal)), refusals[-1])
