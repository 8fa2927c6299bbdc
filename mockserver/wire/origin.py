"""A request's head as an origin server understands it: what proxies and old clients write, in its plain form.

Pure functions over bytes. Knows neither sockets nor uvicorn.
"""

from __future__ import annotations

import re

from mockserver.wire.head import AUTHORITY, METHODS, PATH, QUERY, bare_lf, body_length, fault_in_line, request_line
from mockserver.wire.refusal import Head, Refusal

absolute_line = re.compile(
    rb"(" + METHODS + rb") [Hh][Tt][Tt][Pp]([Ss]?)://(" + AUTHORITY + rb")(" + PATH + rb")?+(" + QUERY
    + rb") HTTP/1\.([01])\r\n"
).match  # fmt: skip
_METHOD_BEGINS = re.compile(rb"[A-Z-]{1,16}(?: |\Z)").match
_HOST = re.compile(rb"\r\nhost:[^\r\n]*", re.IGNORECASE)
_UPGRADE = re.compile(rb"\r\nupgrade:[^\r]*", re.IGNORECASE)
_EXPECT = re.compile(rb"\r\nexpect:[^\r]*", re.IGNORECASE)
_BLANKS = re.compile(rb"(?<![ \t])[ \t]++\r\n")
_TARGET = re.compile(rb"([!-~]{1,32}) (?:[A-Za-z]{1,8}://([^/?# \r\n]*))?(/[^ ?#\r\n]*)?").match
_FIELD = b"\r\n%s:[ \t]*([^\r\n]*)"


def judge_whole(head: bytes, *, is_secure: bool) -> tuple[bytes, int] | Refusal:
    """A head as the protocol beneath is to see it and the length of its body, as `judge` has it; or why not."""
    plain = _in_origin_form(head, is_secure=is_secure)
    if isinstance(plain, Refusal):
        return plain
    length = body_length(plain)
    return length if isinstance(length, Refusal) else (_tidy(plain), length)


def _in_origin_form(head: bytes, *, is_secure: bool) -> bytes | Refusal:
    """The head with a path for its target, where that is a whole URL (RFC 9112, 3.2.2): the URL's host wins."""
    line = absolute_line(head)
    if line is None:
        return head
    method, secure, host, path, query, minor = line.groups()
    if not host.partition(b":")[0]:
        return Refusal(400, "The target of the request is a URL without a host.")
    if secure and not is_secure:
        return Refusal(421, "The target is an https URL, but this connection is not encrypted: ask for an http URL.")
    if not path:
        path = b"*" if method == b"OPTIONS" and not query else b"/"
    named = b"\r\nHost: " + host
    rest = head[line.end() - 2 :]
    if _HOST.search(rest) is None and minor == b"0":
        rest = named + rest
    return b"%b %b%b HTTP/1.%b%b" % (method, path, query, minor, _HOST.sub(lambda _: named, rest))


def judge_part(part: bytes | bytearray, since: int) -> Refusal | None:
    """What is already wrong with a head that has not arrived whole; `since` is how much of it was judged before."""
    if since == 0 and _METHOD_BEGINS(part) is None:
        return Refusal(400, "This is not an HTTP request.")
    if bare_lf(part, max(since - 1, 0)) is not None:
        return Refusal(400, "A line ends in LF without CR.")
    first = part.find(b"\r\n", max(since - 1, 0))
    if first >= 0 and part.find(b"\r\n", 0, first) < 0 and request_line(part) is None and absolute_line(part) is None:
        return Refusal(400, fault_in_line(bytes(part[:first])))
    return None


def _tidy(head: bytes) -> bytes:
    """A lawful head without what a server may ignore and the libraries stumble on: the offer to speak another protocol,
    an expectation of a client too old to have one, and blanks behind values."""
    head = _UPGRADE.sub(b"", head)
    if head.endswith(b" HTTP/1.0", 0, head.find(b"\r\n")):
        head = _EXPECT.sub(b"", head)
    return trimmed(head, len(head))


def trimmed(request: bytes, end: int) -> bytes:
    """The request, whose head ends at `end`, without blanks behind the values of its head (RFC 9110, 5.5)."""
    if request.find(b" \r\n", 0, end) < 0 and request.find(b"\t\r\n", 0, end) < 0:
        return request
    return _BLANKS.sub(b"\r\n", request[:end]) + request[end:]


def made_out(head: bytes) -> Head:
    """What a head that may be broken says."""
    line = _TARGET(head)
    method, host, path = line.groups(b"") if line else (b"", b"", b"")
    if method == b"CONNECT":  # what it names is not on this server
        return Head(method)
    return Head(method, path or (b"/" if host else b""), host or _field(head, b"host"), _field(head, b"origin"))


def made_out_of(method: str, target: bytes, headers: list[tuple[bytes, bytes]]) -> Head:
    """The same of a head that was taken apart."""
    named = dict(headers)
    return Head(method.encode(), target, named.get(b"host", b""), named.get(b"origin", b""))


def _field(head: bytes, name: bytes) -> bytes:
    found = re.search(_FIELD % name, head, re.IGNORECASE)
    return found[1].strip() if found else b""
