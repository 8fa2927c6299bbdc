"""Certificates that a request to the control API brings: checked, and kept once for all who trust the same."""

from __future__ import annotations

from mockserver.errors import RequestError, UsageError
from mockserver.sandboxes import Sandboxes
from mockserver.webhooks.trust import certificates


def authority(sandboxes: Sandboxes, pem: str, pointer: str) -> str:
    """The certificates that stand at `pointer` of a body. Raises RequestError, and FullError where there is no room."""
    try:
        checked = certificates(pem, pointer.rpartition("/")[2])
    except UsageError as error:
        raise RequestError(pointer, str(error)) from None
    return sandboxes.authority(checked)
