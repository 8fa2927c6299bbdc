"""Where webhooks arrive in a test: a receiver on this machine, and an inbox for each test. Knows no sandbox."""

from mockserver.inbox.inbox import Received, WebhookInbox, is_signed
from mockserver.inbox.receiver import Receiver

__all__ = ["Received", "Receiver", "WebhookInbox", "is_signed"]
