"""Certificates that a request to the control API brings: checked, and kept once for all who trust the same."""

from __future__ import annotations

from mockserver.bounds import AUTHORITIES
from mockserver.errors import FullError, RequestError, UsageError
from mockserver.sandboxes import Sandboxes
from mockserver.webhooks.trust import certificates


def authority(sandboxes: Sandboxes, pem: str, pointer: str) -> str:
    """The certificates that stand at `pointer` of a body. Raises RequestError, and FullError where there is no room."""
    try:
        checked = certificates(pem, pointer.rpartition("/")[2])
    except UsageError as error:
        raise RequestError(pointer, str(error)) from None
    return _shared(sandboxes, checked)


def _shared(sandboxes: Sandboxes, pem: str) -> str:
    """The very text that other sandboxes of this process trust, where they trust the same."""
    texts = [text.configuration.webhook_ca for text in sandboxes.open()]
    trusted = {text: text for text in texts if text is not None}
    if pem not in trusted and sum(map(len, trusted)) + len(pem) > AUTHORITIES:
        raise FullError(f"the sandboxes trust {AUTHORITIES} bytes of certificates already; close some")
    return trusted.get(pem, pem)
