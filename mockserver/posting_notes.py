"""What became of a posting: entered in the journal, and told to whoever watches the sandbox."""

from __future__ import annotations

from typing import Any

from mockserver.journal import noted
from mockserver.posting import Posting, PostingSandbox
from mockserver.webhooks.redacted import without_secrets


def changed(sandbox: PostingSandbox, posting: Posting) -> None:
    """Let whoever watches know; one for all endpoints of an account is no webhook yet."""
    if sandbox.observer is not None and not posting.is_for_account:
        sandbox.observer.webhook_changed(posting)


def note(sandbox: PostingSandbox, posting: Posting, now: float, sentence: str, **more: Any) -> None:
    """Enter it in the journal, under the request that caused it."""
    hidden = sandbox.redaction
    if "attempt" in more:
        more["attempt"] = without_secrets(more["attempt"], hidden)
    extra = {"request": posting.entry, "job": posting.job.id, **more}
    if posting.fault is not None:
        extra["fault"] = posting.fault.name
    changed(sandbox, posting)
    sandbox.state.enter(*noted(now, "webhook", posting.api.contract.name, hidden.text(sentence), **extra))
