"""How webhooks are signed: a closed table of algorithms and encodings, and the named schemes, which are rows of it.

Knows neither facts nor webhooks: what is signed comes in as bytes, the secret as text. Ed25519 is of the package
`cryptography`, which is asked for by the first contract that signs so.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from importlib.util import find_spec
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from mockserver.lifecycle import Value

PREFIX: Final = "whsec_"
PUBLIC_PREFIX: Final = "whpk_"
MISSING: Final = "signing by ed25519 needs the package cryptography: pip install 'mockserver-kit[ed25519]'"


class Signing(NamedTuple):
    """How a webhook is signed: `over` is what, `key` whether a secret is the key as text or in base64.

    The signatures of all keys valid now, each behind the text `each`, are joined by `between`; a key is valid for
    `overlap` seconds after another one took its place. `secret` is what signs in the place of the account's secret;
    where it is absent, nothing is signed.
    """

    algorithm: str
    encoding: str = "hex"
    over: Value = Value("webhook.body")
    key: str = "text"
    each: str = ""
    between: str = ","
    overlap: float = 0.0
    secret: Value | None = None


_SENT = Value("webhook.sent", form="unix")
_STANDARD = Value(parts=(Value("webhook.id"), ".", _SENT, ".", Value("webhook.body")))
SCHEMES: Final[Mapping[str, Signing | None]] = MappingProxyType({
    "hmac-sha256-hex": Signing("hmac-sha256"),
    "standard-webhooks": Signing("hmac-sha256", "base64", _STANDARD, "base64", "v1,", " "),
    "standard-webhooks-v1a": Signing("ed25519", "base64", _STANDARD, "base64", "v1a,", " "),
    "none": None,
})  # fmt: skip
"""The ways to sign that have a name."""

_PRESCRIBED = {
    "webhook-id": Value("webhook.id"), "webhook-timestamp": _SENT, "webhook-signature": Value("webhook.signature"),
}  # fmt: skip
HEADERS: Final[Mapping[str, Mapping[str, Value]]] = MappingProxyType({
    "standard-webhooks": _PRESCRIBED, "standard-webhooks-v1a": _PRESCRIBED,
})  # fmt: skip
"""The headers that a named scheme prescribes."""


def _hmac(name: str) -> Callable[[bytes, bytes], bytes]:
    return lambda key, message: hmac.digest(key, message, name)


def _hash(name: str) -> Callable[[bytes, bytes], bytes]:
    """Without a key: the secret is in the message, or nowhere."""
    return lambda _, message: hashlib.new(name, message, usedforsecurity=False).digest()


def _ed25519(key: bytes, message: bytes) -> bytes:
    signature: bytes = _private(key).sign(message)
    return signature


ALGORITHMS: Final[Mapping[str, Callable[[bytes, bytes], bytes]]] = MappingProxyType({
    "hmac-sha1": _hmac("sha1"), "hmac-sha256": _hmac("sha256"), "hmac-sha512": _hmac("sha512"),
    "sha1": _hash("sha1"), "sha256": _hash("sha256"), "ed25519": _ed25519,
})  # fmt: skip
ENCODINGS: Final[Mapping[str, Callable[[bytes], str]]] = MappingProxyType({
    "hex": bytes.hex,
    "base64": lambda digest: base64.b64encode(digest).decode(),
    "base64url": lambda digest: base64.urlsafe_b64encode(digest).decode().rstrip("="),
})  # fmt: skip


def signed(signing: Signing, secret: str, message: bytes) -> str:
    """The signature of a message by one secret, encoded."""
    key = key_of(secret) if signing.key == "base64" else secret.encode()
    return ENCODINGS[signing.encoding](ALGORITHMS[signing.algorithm](key, message))


def signature_text(signing: Signing, signatures: Iterable[str]) -> str:
    """What a webhook carries: the signature of each key that is valid."""
    return signing.between.join([signing.each + signature for signature in signatures])


def is_right(signing: Signing, carried: str, secrets: Sequence[str], message: Callable[[str], bytes]) -> bool:
    """Whether one of the signatures that a webhook carries is right; `message` is what was signed with a secret."""
    parts = carried.split(signing.between) if signing.between else [carried]
    signatures = [part.removeprefix(signing.each).encode() for part in parts if part.startswith(signing.each)]
    right = [signed(signing, secret, message(secret)).encode() for secret in secrets]
    return any(hmac.compare_digest(a, b) for a in signatures for b in right)


# Keys ------------------------------------------------------------------------------------------------------


def key_of(secret: str) -> bytes:
    """The key of a secret in base64, after an optional `whsec_`; what is no base64 is itself the key."""
    text = secret.removeprefix(PREFIX).rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        return secret.encode()


def in_base64(secret: str) -> str:
    """The same secret in the form that Standard Webhooks gives it: `whsec_` and the key in base64."""
    return PREFIX + base64.b64encode(key_of(secret)).decode()


def wants_base64(signings: Iterable[Signing | None]) -> bool:
    """Whether all that is signed takes its keys in base64, which gives secrets a form of their own."""
    return {signing.key for signing in signings if signing is not None} == {"base64"}


def has_ed25519() -> bool:
    """Whether the package is there that signs by ed25519."""
    return find_spec("cryptography") is not None


@lru_cache(maxsize=64)
def _private(key: bytes) -> Any:
    """The private key that a secret stands for."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"ed25519\0" + key).digest())


def _public(secret: str, form: str) -> bytes:
    key: bytes = _private(key_of(secret) if form == "base64" else secret.encode()).public_key().public_bytes_raw()
    return key


def public_key(secret: str, form: str = "text") -> str:
    """The public key by which what a secret signs is verified, as Standard Webhooks writes it: `whpk_…`."""
    return PUBLIC_PREFIX + base64.b64encode(_public(secret, form)).decode()


def jwk(secret: str, form: str = "text") -> dict[str, str]:
    """The public key by which what a secret signs is verified, as a JSON Web Key (RFC 8037)."""
    x = base64.urlsafe_b64encode(_public(secret, form)).decode().rstrip("=")
    thumbprint = hashlib.sha256(f'{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}'.encode()).digest()
    return {
        "kty": "OKP", "crv": "Ed25519", "x": x, "use": "sig", "alg": "EdDSA",
        "kid": base64.urlsafe_b64encode(thumbprint).decode().rstrip("="),
    }  # fmt: skip
