"""Certificates that deliveries trust besides the system's: PEM in, checked. Knows no sandbox and no connection."""

from __future__ import annotations

from pathlib import Path

from mockserver.errors import UsageError


def certificates(pem: str) -> str:
    """The same PEM. Raises UsageError when there is no certificate in it that can be read."""
    import ssl

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=pem)
    except (OSError, ValueError, TypeError) as error:
        raise UsageError(f"webhook_ca must hold certificates in PEM: {error}", field="webhook_ca") from None
    return pem


def certificates_in(file: str | Path) -> str:
    """The PEM of a file. Raises UsageError when it cannot be read, or holds no certificate."""
    try:
        return certificates(Path(file).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"webhook_ca cannot be read: {error}", field="webhook_ca") from None
    except UsageError as error:
        raise UsageError(f"{file}: {error}", field="webhook_ca") from None
