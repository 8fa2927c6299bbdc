"""Certificates: from files, or made for the occasion. Knows nothing of HTTP."""

from __future__ import annotations

import os
import ssl
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from mockserver.errors import UsageError
from mockserver.files import check_file


@dataclass(frozen=True, slots=True)
class Tls:
    """What a server needs to speak TLS; `ca_pem` is the authority a client has to trust, empty when not ours."""

    context: ssl.SSLContext
    ca_pem: bytes = b""


def _server_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


def load_identity(context: ssl.SSLContext, pem: bytes) -> None:
    """Give a context a private key and its chain, which ssl reads from files only: one without a name, where it can be.

    So nobody else finds the key, and no signal leaves it behind.
    """
    if sys.platform == "linux":
        with os.fdopen(os.memfd_create("pem"), "wb", 0) as unnamed:
            unnamed.write(pem)
            context.load_cert_chain(f"/proc/self/fd/{unnamed.fileno()}")
        return
    with NamedTemporaryFile(suffix=".pem", delete=False) as file:
        file.write(pem)
    try:
        context.load_cert_chain(file.name)
    finally:
        os.unlink(file.name)


def tls_files(cert: str | Path, key: str | Path | None = None) -> Tls:
    """Certificate chain and private key from PEM files (`key` may stand in the same file). Raises UsageError."""
    context = _server_context()
    try:
        for file in (cert, key or cert):
            check_file(file)
        context.load_cert_chain(cert, key, password=_no_password)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise UsageError(f"The certificate {cert} and its key {key or cert} cannot be used: {error}") from error
    return Tls(context)


def _no_password() -> str:
    raise ValueError("the key is encrypted; store it without a password")


def self_signed(hosts: Iterable[str]) -> Tls:
    """A fresh authority and a certificate of it for these names and addresses. Raises UsageError without trustme."""
    try:
        import trustme
    except ImportError as error:
        raise UsageError(
            "A self-signed certificate needs the package trustme. Install it with `pip install 'mockserver-kit[tls]'`, "
            "or give a certificate of your own."
        ) from error
    authority = trustme.CA()
    context = _server_context()
    load_identity(context, authority.issue_cert(*hosts).private_key_and_cert_chain_pem.bytes())
    return Tls(context, authority.cert_pem.bytes())
