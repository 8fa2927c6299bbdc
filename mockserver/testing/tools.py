"""The tools of a test beside its sandbox, each for as long as it is wanted: an inbox, virtual time."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mockserver.errors import UsageError, is_on_purpose
from mockserver.loopback import leads_here
from mockserver.steering.connection import ControlError, Unreachable, if_known

if TYPE_CHECKING:
    from mockserver.inbox import Receiver, WebhookInbox
    from mockserver.steering import SandboxHandle
    from mockserver.testing.session import Session
    from mockserver.virtual_time import FastForward

__tracebackhide__ = is_on_purpose


def new_receiver() -> Receiver:
    """Servers for inboxes. Raises UsageError where what they need is not installed."""
    try:
        from mockserver.inbox import Receiver

        return Receiver()
    except ImportError:
        why = "an inbox for webhooks needs the package trustme: pip install 'mockserver-kit[tls]'"
        raise UsageError(why) from None


@contextmanager
def inbox_of(sandbox: SandboxHandle, receiver: Receiver) -> Iterator[WebhookInbox]:
    """Where the webhooks of a sandbox arrive, signed by any of its accounts."""

    def secrets() -> list[str]:
        return [account.webhook_secret for account in sandbox.accounts if account.webhook_secret]

    def is_genuine(headers: Mapping[str, str], body: bytes) -> bool:
        content = b64encode(body).decode()
        with suppress(ControlError, Unreachable):
            told = if_known(lambda: sandbox.tell("POST", "webhooks", "verify", headers={**headers}, content=content))
            return bool(told and told["verified"])
        return False

    hint = inbox_hint(sandbox._control.url)
    sandbox.tools.inbox = receiver.open(sandbox.name, secrets, is_genuine, hint)
    try:
        yield sandbox.tools.inbox
    finally:
        receiver.shut(sandbox.name)


def inbox_hint(server: str) -> str:
    """What to do where no webhook of a server (its URL) arrives; empty for one of this machine."""
    if leads_here(server):
        return ""
    host = urlsplit(server).hostname
    return (
        f"webhook_inbox listens on 127.0.0.1, where the server at {host} reaches it on this machine alone: run this "
        "test without --mockserver-url, or look at `webhooks`, which hold what was to be sent"
    )


@contextmanager
def time_of(sandbox: SandboxHandle, session: Session, *, is_intercepted: bool) -> Iterator[FastForward]:
    """The code under test lives in the sandbox's time.

    Time must stand while a client's bytes are on their way: its calls are seen, though none is led elsewhere.
    """
    from mockserver.intercept import intercept
    from mockserver.virtual_time import fast_forward

    seen = nullcontext() if is_intercepted else intercept({}, allow=["*"])
    with fast_forward(session.time_of(sandbox)) as forward, seen:
        sandbox.tools.fast_forward = forward
        try:
            yield forward
        finally:
            sandbox.tools.fast_forward = None
