"""Who may control this server: not a page in a browser, and beyond loopback no one without the token.

Pure: what a request says of itself in, a problem or nothing out. Knows no route and no sandbox.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Mapping
from typing import Any

from mockserver.control.problems import Problem
from mockserver.header_types import RawHeaders
from mockserver.loopback import is_address, is_loopback, plain_host
from mockserver.validation import media_type

READS = frozenset({"GET", "HEAD", "OPTIONS"})
_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[^:@/\[\]]*)(?::\d{1,5})?")
_OWN_SITE = ("same-origin", "none")


class Guard:
    """What a control request must look like.

    `hosts` are names and addresses by which this server may be reached beside those of loopback, with any port;
    `token`, when given, is what every request must carry as `Authorization: Bearer`.
    """

    def __init__(self, hosts: Iterable[str] = (), token: str | None = None) -> None:
        self.hosts = frozenset(host_of(host) for host in hosts) - {""}
        self.token = token

    def check(self, scope: Mapping[str, Any], *, is_page: bool = False) -> None:
        """Raises Problem for a request, as ASGI describes it, that must not control this server.

        A page that holds no secret is shown without the token: a browser cannot send one before it has the page.
        """
        server, client = scope.get("server"), scope.get("client")
        refused = self.refusal(
            scope["method"], scope["headers"], server=server[0] if server else "", client=client[0] if client else ""
        )
        if refused is not None and not (is_page and refused.status == 401):
            raise refused

    def refusal(self, method: str, headers: RawHeaders, *, server: str = "", client: str = "") -> Problem | None:
        """Why a request is refused: 403 for its Host, client or origin, 401 for its token, 415 for its media type.

        `server` and `client` are the two ends of its connection, as far as they are known.
        """
        refused = (
            self._host(_all(headers, b"host"), server)
            or self._token(_all(headers, b"authorization"))
            or self._client(client)
        )
        if refused is not None or method in READS:
            return refused
        return _origin(headers) or _content_type(method, headers) or _coding(headers)

    def _host(self, hosts: list[str], server: str) -> Problem | None:
        if len(hosts) == 1 and self.knows(hosts[0], server):
            return None
        name = repr(hosts[0][:100]) if hosts else "missing"
        return Problem(403, f"the Host {name} is not one this server goes by; --allow-host adds it")

    def knows(self, authority: str, server: str = "") -> bool:
        """Whether this server goes by a Host: loopback, one that was allowed, or the name of a transport in process.

        A server at the end of a socket has an address; one that has a name (TestClient's) is asked without a network.
        """
        host = host_of(authority)
        is_in_process = bool(host) and not is_address(server) and plain_host(host) == plain_host(server)
        return host in self.hosts or is_loopback(host) or is_in_process

    def _token(self, values: list[str]) -> Problem | None:
        if self.token is None:
            return None
        scheme, _, token = values[0].partition(" ") if len(values) == 1 else ("", "", "")
        right = hmac.compare_digest(token.strip().encode(), self.token.encode())
        if right and scheme.lower() == "bearer":
            return None
        why = (
            "this server wants its control token: set MOCKSERVER_CONTROL_TOKEN for pytest and commands, or send "
            "Authorization: Bearer TOKEN (in a browser /_mock/ and /_mock/docs take it)"
        )
        return Problem(401, why, headers=((b"www-authenticate", b"Bearer"),))

    def _client(self, client: str) -> Problem | None:
        """`mockserver serve` does not listen to other machines without a token; other servers may."""
        if self.token is not None or not is_address(client) or is_loopback(client):
            return None
        return Problem(403, "without a control token only clients on this machine may control this server")


def host_of(authority: str) -> str:
    """The host of `host:port` or `[address]:port`, lower case; empty when it is neither."""
    bare = authority.strip().lower()
    if bare.count(":") > 1 and not bare.startswith("["):
        bare = f"[{bare}]"  # an IPv6 address as the command line takes it
    match = _AUTHORITY.fullmatch(bare)
    return match[1] if match else ""


def _origin(headers: RawHeaders) -> Problem | None:
    """A browser says where a request comes from; other clients say nothing."""
    sites = _all(headers, b"sec-fetch-site")
    host = "".join(_all(headers, b"host")).strip().lower()
    origins = _all(headers, b"origin")
    foreign = [site for site in sites if site.strip().lower() not in _OWN_SITE]
    foreign += [origin for origin in origins if origin.strip().lower() not in (f"http://{host}", f"https://{host}")]
    if not foreign:
        return None
    return Problem(403, "a page of another origin must not control this server")


def _content_type(method: str, headers: RawHeaders) -> Problem | None:
    types = [media_type(value)[0] for value in _all(headers, b"content-type")]
    if types == ["application/json"]:
        return None
    lengths = _all(headers, b"content-length")
    has_body = any(length.strip() != "0" for length in lengths) or bool(_all(headers, b"transfer-encoding"))
    if method == "DELETE" and not has_body:
        return None
    names = ", ".join(types) or "nothing"
    return Problem(415, f"a write must carry Content-Type: application/json, with or without a body, not {names[:100]}")


def _coding(headers: RawHeaders) -> Problem | None:
    coded = [value for value in _all(headers, b"content-encoding") if value.strip().lower() not in ("", "identity")]
    if not coded:
        return None
    why = f"a write must be sent as it is, not with Content-Encoding: {coded[0][:100]}"
    return Problem(415, why, headers=((b"accept-encoding", b"identity"),))


def _all(headers: RawHeaders, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in headers if key.lower() == name]
