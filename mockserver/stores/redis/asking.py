"""What one worker asks another one, and what that answers, as text. Knows no engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mockserver import errors
from mockserver.state.records import Post
from mockserver.state.webhook_records import OwedWebhook, WebhookPage
from mockserver.store import Attachment
from mockserver.stores.redis.codec import reader, written

TOLD = "told"
"""A call that whoever has its watcher answers, not who delivers webhooks."""
GO_ON = "go on"
"""A call that whoever holds requests answers: those whose moment has come have gone on."""
ANYTIME = -1
"""In whatever generation."""
PLAIN: Any = None
WORDS: dict[str, tuple[Any, ...]] = {
    "webhooks": (PLAIN, PLAIN),
    "waiting_webhooks": (),
    "next_webhook": (),
    "owe": (OwedWebhook,),
    "walk": (PLAIN, PLAIN, PLAIN),
    "settle_webhooks": (),
    "send_early": (Post, PLAIN, Attachment),
    "send_once": (OwedWebhook,),
    "resend": (PLAIN,),
}
"""What each call is given."""
ANSWERS: dict[str, Any] = {
    "webhooks": WebhookPage,
    "waiting_webhooks": Sequence[OwedWebhook],
    "send_once": OwedWebhook,
    "resend": Sequence[OwedWebhook],
}
"""What it gives, where that is a record."""
ERRORS = {each.__name__: each for each in (errors.Overtaken, errors.ClockError, errors.DeliveryDue, errors.UsageError)}


def plain(value: Any) -> str:
    """An answer as text."""
    return written(value)


def words_of(call: str, data: Sequence[Any]) -> list[Any]:
    """What a call is given, of what was read."""
    return [word if kind is PLAIN else reader(kind)(word) for kind, word in zip(WORDS[call], data, strict=True)]


def answer_of(call: str, data: Any) -> Any:
    """What a call gives, of what was read."""
    return data if data is None or call not in ANSWERS else reader(ANSWERS[call])(data)


def error_words(error: Exception) -> list[str]:
    """An error as what it is and what it says."""
    kind = next((name for name, each in ERRORS.items() if type(error) is each), "StateError")
    return [kind, str(error) if isinstance(error, errors.MockserverError) else f"{type(error).__name__}: {error}"]


def error_of(kind: str, why: str) -> Exception:
    """The error that was words."""
    return ERRORS.get(kind, errors.StateError)(why)
