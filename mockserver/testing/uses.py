"""One use of `mock`: a sandbox and what was wanted beside it, from the opening to the judgement."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType

from mockserver.errors import MockserverError, UsageError, is_on_purpose
from mockserver.stack import outside
from mockserver.steering import ApiHandle, SandboxHandle
from mockserver.testing.judgement import Judgement, MockserverWarning, judge
from mockserver.testing.report import report_text
from mockserver.testing.servers import Servers, servers
from mockserver.testing.session import Session
from mockserver.testing.tools import inbox_of, time_of
from mockserver.testing.wanted import UseOptions
from mockserver.testing.watch import Watch

__tracebackhide__ = is_on_purpose

MOST_LINES = 20  # of the journal, in a note of an error
__unittest = True  # its reports leave frames of this file out
_HERE = str(Path(__file__).parent)


class Use:
    """A sandbox while it is in use; a context manager. `seed` is taken where the options name none.

    Begin and end it in the thread of the code under test. A forked child leaves the sandbox to its parent.
    """

    sandbox: SandboxHandle

    def __init__(self, wanted: UseOptions, owner: str, seed: str) -> None:
        self.wanted = wanted
        self._owner = owner
        self._seed = str(seed if wanted.options.seed is None else wanted.options.seed)[-200:]
        self._process = os.getpid()
        self._kept, self._patches = ExitStack(), ExitStack()

    @property
    def handle(self) -> SandboxHandle | ApiHandle:
        """What the user gets: the sandbox, or its side of the one API that was named."""
        return self.sandbox if self.wanted.api is None else self.sandbox.api(self.wanted.api)

    def begin(self) -> None:
        """Make the sandbox, on a server that is started if need be. Raises MockserverError."""
        shared = servers()
        session = shared.session(self.wanted.choice)
        with ExitStack() as stack:
            self._open(stack, shared, session)
            self._patch(shared, session)
            self._kept = stack.pop_all()

    def _open(self, stack: ExitStack, shared: Servers, session: Session) -> None:
        receiver = shared.receiver() if self.wanted.inbox else None
        authority = receiver.ca_pem if receiver is not None else None
        self.sandbox = session.open(self._owner, self._seed, self.wanted.options, authority)
        stack.callback(self._close)
        _ = self.handle  # raises for an API that the server has not
        stack.enter_context(shared.bypassed(session.steering.url))
        if receiver is not None:
            stack.enter_context(inbox_of(self.sandbox, receiver))

    def _close(self) -> None:
        self.sandbox.before_close = None  # it was judged
        self.sandbox.close()

    def _patch(self, shared: Servers, session: Session) -> None:
        wanted = self.wanted
        if not (wanted.intercept or wanted.fast_forward):
            return
        with ExitStack() as stack:
            stack.enter_context(_alone(shared))
            if wanted.intercept:
                stack.enter_context(session.intercepting(self.sandbox, wanted.options.hosts))
            if wanted.fast_forward:
                stack.enter_context(time_of(self.sandbox, session, is_intercepted=wanted.intercept))
            self._patches = shared.patches = stack.pop_all()

    def judge(self, error: BaseException | None = None) -> None:
        """Raise what the client did wrong, or note it on an error on its way; the journal is a note of either."""
        __tracebackhide__ = True
        if not self._is_own:
            return
        try:
            found = list(judge(self.sandbox, Watch(), self.wanted.options, "mock"))
        except MockserverError:  # a server that is gone has nothing to tell
            if error is None:
                raise
            return
        failure = _pronounced(found, error)
        if failure is not None:
            failure.add_note(report_text(self.sandbox, most=MOST_LINES))
            if failure is not error:
                raise failure

    def judged(self) -> Judged:
        """What happens inside is judged at its end; then the sandbox lives on."""
        return Judged(self)

    def end(self, error: BaseException | None = None) -> None:
        """Put everything back, and close the sandbox; what goes wrong with that takes nothing from an `error`."""
        self._patches.close()
        try:
            if self._is_own:
                self._kept.close()
        except MockserverError:
            if error is None:
                raise

    @property
    def _is_own(self) -> bool:
        return os.getpid() == self._process

    def __enter__(self) -> SandboxHandle | ApiHandle:
        self.begin()
        return self.handle

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        __tracebackhide__ = True
        self._patches.close()
        try:
            self.judge(error)
        except BaseException as raised:
            error = raised
            raise
        finally:
            self.end(error)


class Judged:
    """A part of a use that is judged. Raises ContractViolated, ArmedInVain and BadConduct."""

    def __init__(self, use: Use) -> None:
        self._use = use

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        __tracebackhide__ = True
        self._use.judge(error)


def _pronounced(found: Sequence[Judgement], error: BaseException | None) -> BaseException | None:
    """Warn of what is to be warned of; the error that is to be raised, with all others as its notes."""
    for each in found:
        if each.mode == "warn":
            warnings.warn(MockserverWarning(str(each.failure)), stacklevel=outside(_HERE)[1])
        elif error is None:
            error = each.failure
        else:
            error.add_note(str(each.failure))
    return error


@contextmanager
def _alone(shared: Servers) -> Iterator[None]:
    if not shared.patching.acquire(blocking=False):
        raise UsageError(
            "intercept and fast_forward hold for the whole process, and another `mock` has one of them: let one `mock` "
            "have both; its sandbox serves all APIs"
        )
    try:
        yield
    finally:
        shared.patching.release()
