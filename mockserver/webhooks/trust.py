"""Certificates that deliveries trust besides the system's: PEM in, checked. Knows no sandbox and no connection."""

from __future__ import annotations

import ssl
from pathlib import Path

from mockserver.errors import UsageError
from mockserver.files import bytes_of

MISTAKE = "must hold certificates in PEM, that is between -----BEGIN and -----END CERTIFICATE-----"


def certificates(pem: str, name: str = "webhook_ca") -> str:
    """The same PEM, in ASCII. Raises UsageError by this name when there is no certificate in it that can be read."""
    ascii_pem = pem.encode("ascii", "ignore").decode("ascii")  # bundles have names in comments; ssl refuses others
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=ascii_pem)
    except (OSError, ValueError):
        raise UsageError(f"{name} {MISTAKE}; there is none that can be read", field=name) from None
    return ascii_pem


def certificates_in(file: str | Path) -> str:
    """The PEM of a file. Raises UsageError when it cannot be read, or holds no certificate."""
    try:
        return certificates(bytes_of(file).decode("ascii", "ignore"))
    except OSError as error:
        raise UsageError(f"webhook_ca cannot be read: {error}", field="webhook_ca") from None
    except UsageError as error:
        raise UsageError(f"{file}: {error}", field="webhook_ca") from None
