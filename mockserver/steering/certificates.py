"""Certificates as a test gives them: as PEM, or as the path of a file of it. The server judges them."""

from __future__ import annotations

from pathlib import Path

from mockserver.errors import UsageError, is_on_purpose
from mockserver.files import bytes_of

__tracebackhide__ = is_on_purpose


def pem_of(ca: str | Path | None) -> str | None:
    """The PEM. Raises UsageError for a file that cannot be read."""
    if not isinstance(ca, Path):
        return ca
    try:
        return bytes_of(ca).decode("ascii", "ignore")
    except OSError as error:
        raise UsageError(f"webhook_ca cannot be read: {error}") from None
