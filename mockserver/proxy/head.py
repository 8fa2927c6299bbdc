"""What a client asks of a proxy: the head of a request → where it is meant for, and the head that is sent there.

Pure functions over bytes. Knows no host.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_CONNECT = re.compile(rb"CONNECT ([!-~]{1,512}) HTTP/1\.[01]\r\n").match
_ABSOLUTE = re.compile(
    rb"([A-Z-]{1,32}) (https?)://([!-.0-~]{1,512}?)((?:[/?][!-~]*)?) HTTP/1\.([01])\r\n", re.IGNORECASE
).match
_ORIGIN = re.compile(rb"[A-Z-]{1,32} [/*][!-~]* HTTP/1\.[01]\r\n").match
_HOST = re.compile(rb"\r\nhost:[ \t]*([^\r\n]*?)[ \t]*(?=\r\n)", re.IGNORECASE)
_HOPS = re.compile(rb"\r\n(?:host|connection|keep-alive|proxy-[!-9;-~]*):[^\r\n]*", re.IGNORECASE)
_AUTHORITY = re.compile(r"(?:[^@]*@)?(\[[0-9A-Fa-f:.%]+\]|[^:@\[\]]+)(?::([0-9]{0,5}))?")
PORTS = {"http": 80, "https": 443, "connect": 443, "": 80}


class ProxyTarget(NamedTuple):
    """`scheme` is `connect` where a tunnel is asked for, and empty where the client takes us for the host itself;
    `head` is what the host is to be sent, nothing for a tunnel.
    """

    scheme: str
    host: str
    port: int
    head: bytes = b""


def proxy_request(head: bytes) -> ProxyTarget | None:
    """What a whole head asks for; None for what is no request to a proxy."""
    if line := _CONNECT(head):
        return _made("connect", line[1])
    if line := _ABSOLUTE(head):
        method, scheme, authority, target, minor = line.groups()
        return _made(
            scheme.decode().lower(), authority, _rewritten(head[line.end() - 2 :], method, authority, target, minor)
        )
    named = _HOST.search(head)
    return _made("", named[1], head) if _ORIGIN(head) and named else None


def _made(scheme: str, authority: bytes, head: bytes = b"") -> ProxyTarget | None:
    found = _AUTHORITY.fullmatch(authority.decode("ascii", "replace"))
    port = int(found[2] or PORTS[scheme]) if found else 0
    return ProxyTarget(scheme, found[1], port, head) if found and 0 < port < 65536 else None


def _rewritten(fields: bytes, method: bytes, authority: bytes, target: bytes, minor: bytes) -> bytes:
    """The head in origin form; the last of its connection, as the next request to a proxy may be for another host."""
    path = target if target.startswith(b"/") else b"/" + target
    line = b"%b %b HTTP/1.%b\r\nHost: %b" % (method, path, minor, authority.rpartition(b"@")[2])
    return line + _HOPS.sub(b"", fields)[:-2] + b"Connection: close\r\n\r\n"
