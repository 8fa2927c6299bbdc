"""Whom clients of a run trust: an authority whose key never leaves this process, beside those that they trusted before.

Knows certificates, and no client.
"""

from __future__ import annotations

import re
import ssl
import warnings
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mockserver.errors import UsageError
from mockserver.wire import load_identity

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

NAMED = (
    "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "AWS_CA_BUNDLE", "GIT_SSL_CAINFO",
)  # fmt: skip
"""Variables by which a user may have named further authorities: those stay trusted."""
SYSTEM = (
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)  # fmt: skip
PASSWORD = "changeit"  # Java's own; a store of public certificates has nothing to hide
_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----")
MISSING = "Hosts are mocked over TLS with the package trustme. Install it with `pip install 'mockserver-kit[tls]'`."


class Authority:
    """Of certificates for these hosts; `pem` is whom a client has to trust for them. Raises UsageError."""

    def __init__(self, hosts: Collection[str]) -> None:
        try:
            import trustme
        except ImportError as error:
            raise UsageError(MISSING) from error
        authority = trustme.CA(organization_name="mockserver", organization_unit_name="for one run")
        self.pem: bytes = authority.cert_pem.bytes()
        try:
            identity = authority.issue_cert(*hosts or ["localhost"], organization_name="mockserver")
        except ValueError as error:  # idna's errors are
            raise UsageError(
                f"{', '.join(hosts)}: no certificate can be made for one of these hosts: {error}"
            ) from None
        self._identity = identity.private_key_and_cert_chain_pem.bytes()

    def context(self, on_name: Callable[[str], None] | None = None) -> ssl.SSLContext:
        """What serves the hosts over TLS; `on_name` is told which one a client asks for."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        if on_name is not None:
            context.sni_callback = lambda _socket, name, _context: on_name(name or "")
        load_identity(context, self._identity)
        return context


def roots(environ: Mapping[str, str]) -> bytes:
    """Whom clients trust without us, as PEM: what variables name, and the system's authorities."""
    system = [ssl.get_default_verify_paths().openssl_cafile, *SYSTEM]
    found = next((pem for file in system if (pem := pem_in(file))), b"") or _of_the_platform()
    named = dict.fromkeys(environ[name] for name in NAMED if environ.get(name))
    return b"\n".join(dict.fromkeys([found, *(pem_in(file) for file in named)]))


def pem_in(file: str) -> bytes:
    """The certificates in a file; empty where there are none."""
    try:
        pem = Path(file).read_bytes()
    except (OSError, ValueError):
        return b""
    return pem if b"BEGIN CERTIFICATE" in pem else b""


def _of_the_platform() -> bytes:
    context = ssl.create_default_context()
    return "\n".join(map(ssl.DER_cert_to_PEM_cert, context.get_ca_certs(binary_form=True))).encode()


def java_store(pem: bytes) -> bytes:
    """Certificates as a trust store of Java (PKCS 12); what cannot be read is left out."""
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

    with warnings.catch_warnings(action="ignore"):  # of old authorities that the system trusts
        named = [
            pkcs12.PKCS12Certificate(certificate, b"%d" % n)
            for n, text in enumerate(dict.fromkeys(_CERTIFICATE.findall(pem)))
            if (certificate := _certificate(text)) is not None
        ]
    return pkcs12.serialize_java_truststore(named, BestAvailableEncryption(PASSWORD.encode()))


def _certificate(pem: bytes) -> Certificate | None:
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificate(pem)
    except ValueError:
        return None
