"""What may stand beside a sandbox in a test: where its webhooks arrive, and virtual time. Others put it there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.errors import UsageError, is_on_purpose

if TYPE_CHECKING:
    from mockserver.inbox import WebhookInbox
    from mockserver.virtual_time import FastForward

__tracebackhide__ = is_on_purpose


class Tools:
    """The tools of one sandbox, which its handle and those of its APIs share."""

    def __init__(self) -> None:
        self.inbox: WebhookInbox | None = None
        self.fast_forward: FastForward | None = None


class WithTools:
    """A handle that shows the tools beside its sandbox."""

    tools: Tools

    @property
    def inbox(self) -> WebhookInbox:
        """Where the sandbox's webhooks arrive. Raises UsageError where none was asked for."""
        if self.tools.inbox is None:
            raise UsageError("no inbox was asked for: it comes with `mock(inbox=True)`, in pytest with webhook_inbox")
        return self.tools.inbox

    @property
    def fast_forward(self) -> FastForward:
        """The sandbox's time, in which the code under test lives. Raises UsageError where it does not."""
        if self.tools.fast_forward is None:
            where = "`mock(fast_forward=True)` and, in pytest, the fixture fast_forward"
            raise UsageError(f"the code under test lives in real time; {where} let it live in the sandbox's")
        return self.tools.fast_forward
