"""Secrets and what is signed with them: keys, names, media links, access tokens. Webhooks are signed elsewhere.

The one module that may use `secrets`. It knows no clock, no sandbox and no vendor: expiries and timestamps
come in as arguments, in Unix seconds of whatever clock the caller keeps.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, Literal

from mockserver.draws import IdForm

LinkVerdict = Literal["ok", "expired", "bad"]

SANDBOX_CLAIM: Final = "sandbox"
"""The claim of an access token that names its sandbox."""

_NAME_ALPHABET: Final = "abcdefghijkmnpqrstuvwxyz23456789"
# The last character of 32 bytes in base64url carries two unused bits: only zeros are canonical, so that
# no changed character of a token goes unnoticed.
_TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")
_LONGEST_TOKEN: Final = 4096
_TIMELESS: Final[Any] = {  # PyJWT would compare with the wall clock
    f"verify_{claim}": False for claim in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")
}


def new_secret() -> str:
    """Return a fresh signing secret: 64 hex digits, which are at once text, URL-safe and valid base64."""
    return secrets.token_hex(32)


def new_key(form: IdForm | None = None) -> str:
    """Return a fresh API key or client id: 32 hex digits, or as a form says."""
    return secrets.token_hex(16) if form is None else form.made(secrets.token_bytes(64))


def new_name() -> str:
    """Return a fresh sandbox name like `s-7f3k2q9a`: lower case, URL-safe, without look-alikes."""
    return "s-" + "".join(secrets.choice(_NAME_ALPHABET) for _ in range(8))


# Links -----------------------------------------------------------------------------------------------------


def sign_link(secret: bytes, path: str, expires: int | None) -> str:
    """Return the query string that opens `path` until `expires` (Unix seconds; None: for ever)."""
    if expires is None:
        return "signature=" + _link_signature(secret, path, b"").decode()
    expiry = b"%d" % expires
    return f"expires={expires}&signature={_link_signature(secret, path, expiry).decode()}"


def check_link(secret: bytes, path: str, query: bytes, now: float) -> LinkVerdict:
    """Judge a signed link in constant time; never raises.

    Keys other than `expires` and `signature` are ignored; either of them given twice is bad. A link is
    expired from the second it names on, and only a genuine one is ever called expired.
    """
    expires = signature = None
    for part in query.split(b"&"):
        key, _, value = part.partition(b"=")
        if key == b"signature":
            if signature is not None:
                return "bad"
            signature = value
        elif key == b"expires":
            if expires is not None:
                return "bad"
            expires = value
    # The raw text of the expiry is what was signed: "+5", "05" or an empty one never match.
    if signature is None or expires == b"":
        return "bad"
    if not hmac.compare_digest(signature, _link_signature(secret, path, expires or b"")):
        return "bad"
    return "ok" if expires is None or now < int(expires) else "expired"


def _link_signature(secret: bytes, path: str, expiry: bytes) -> bytes:
    # The expiry stands first: it holds no line break, so that no other pair of the two gives these bytes.
    message = expiry + b"\n" + path.encode("utf-8", "surrogatepass")
    return base64.urlsafe_b64encode(hmac.digest(secret, message, "sha256"))[:43]


# Access tokens ---------------------------------------------------------------------------------------------


def issue_token(secret: bytes, claims: Mapping[str, Any]) -> str:
    """Return a JWT (HS256) of `claims`, which must be JSON values; put the sandbox under SANDBOX_CLAIM."""
    import jwt  # slow to import, and needed only by APIs with tokens

    return jwt.encode(dict(claims), _token_key(secret), algorithm="HS256")


def read_token(secret: bytes, token: str) -> dict[str, Any] | None:
    """Return the claims of a token that `issue_token` made with this secret, else None; never raises.

    No claim is compared with any clock: whether `exp` has passed is for the caller to say.
    """
    claims = _claims(secret, token) if len(token) <= _LONGEST_TOKEN else None
    return None if claims is None else dict(claims)


# Remembered, because a client sends one token with every poll; sound, because no clock has a say in it.
@lru_cache(maxsize=1024)
def _claims(secret: bytes, token: str) -> dict[str, Any] | None:
    import jwt

    if not _TOKEN.fullmatch(token):
        return None
    try:
        return jwt.decode(token, _token_key(secret), algorithms=["HS256"], options=_TIMELESS)
    except (jwt.PyJWTError, ValueError, RecursionError):
        return None


def unverified_sandbox(token: str) -> str | None:
    """Return the sandbox a token claims to belong to, unproven, or None; cheap, never raises."""
    parts = token.split(".", 3)
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=="))
    except (ValueError, RecursionError):
        return None
    name = claims.get(SANDBOX_CLAIM) if isinstance(claims, dict) else None
    return name if isinstance(name, str) else None


def _token_key(secret: bytes) -> str:
    # A key of its own: a link's signature is never a token's, and its length is right for any secret.
    return hmac.digest(secret, b"access token", "sha256").hex()
