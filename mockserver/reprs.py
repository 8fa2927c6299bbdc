"""What an object says of itself in a report: one line, that names it and asks nobody. No secret is given to it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from mockserver.errors import is_on_purpose
from mockserver.printable import one_line

__tracebackhide__ = is_on_purpose

MOST = 160
_WORD = re.compile(r"[A-Za-z_]{1,24}")


def brief(name: str, *parts: object) -> str:
    """`<Name part part>`, without parts that are empty."""
    text = " ".join(one_line(str(part)) for part in parts if part not in ("", None))
    return f"<{name} {text}>" if len(text) <= MOST else f"<{name} {text[: MOST - 1]}…>"


def origin(url: str) -> str:
    """Scheme, host and port: what follows, or stands before the host, may be a secret."""
    scheme, _, after = url.partition("://")
    authority = re.split(r"[/?#]", after, maxsplit=1)[0].rpartition("@")[2]
    try:
        parts = urlsplit(f"{scheme}://{authority}")
        host, port = parts.hostname, f":{parts.port}" if parts.port else ""
    except ValueError:
        return "?"
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}" if host else "?"


def value(content: object) -> str:
    """A number or a plain word as it is; of any other text, which may be a secret, that there is one."""
    is_plain = isinstance(content, bool | int | float) or content is None
    return repr(content) if is_plain or (isinstance(content, str) and _WORD.fullmatch(content)) else "…"
