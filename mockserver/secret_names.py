"""Which names hold secrets: of fields, parameters, parts of forms and headers. Knows no text around them."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote

# Anywhere in a name. `author` and `authority` are no credentials; `authorisation` is.
_STEMS = re.compile(
    r"(?i)secret|token|passw|passphrase|passcode|passkey|pincode|signature|credential|cookie|hmac|jwt|pwd|csrf|xsrf|auth(?!or(?!i[sz]))"
    r"|(?:api|access|private|secret|sign|signing|encryption|shared|master|session|account)[-_. ]?key"
    r"|sess(?:ion)?[-_. ]?id"
)
# As a word of a name: `sig_v4`, `userPass`, but neither `design` nor `passenger`.
_WORDS = frozenset({"sig", "pass", "session", "sess", "cred", "creds", "bearer", "otp", "totp", "pin", "pw"})
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_LONGEST_REMEMBERED = 64


def sensitive(name: str) -> bool:
    """Whether a field, parameter or header of this name holds a secret; escapes of URLs in it are read."""
    return _remembered(name) if len(name) <= _LONGEST_REMEMBERED else _sensitive(name)


def _sensitive(name: str) -> bool:
    if "%" in name:
        name = unquote(unquote(name))
    if _STEMS.search(name):
        return True
    words = [word.lower() for word in _WORD.findall(name)]
    return bool(words) and (words[-1] in ("key", "keys") or not _WORDS.isdisjoint(words))


_remembered = lru_cache(maxsize=1024)(_sensitive)
