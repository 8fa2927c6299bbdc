"""Reads request heads strictly, before any HTTP library sees them, so that every library refuses alike.

Pure functions over bytes. Knows neither sockets nor uvicorn.
"""

from __future__ import annotations

import re

from mockserver.wire.refusal import Refusal

END = b"\r\n\r\n"
CHUNKED = -1  # the length of a body whose chunks tell where it ends

# Every method both libraries parse; the commonest first, since they are tried in this order.
METHODS = (
    b"GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|TRACE|QUERY|COPY|LOCK|MKCOL|MOVE|PROPFIND|PROPPATCH|SEARCH|UNLOCK|BIND|"
    b"REBIND|UNBIND|ACL|REPORT|MKACTIVITY|CHECKOUT|MERGE|M-SEARCH|NOTIFY|SUBSCRIBE|UNSUBSCRIBE|PURGE|MKCALENDAR|"
    b"LINK|UNLINK"
)
TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]"
SAFE = rb"[\x21\x22\x24\x26-\x3e\x40-\x7e]*+"  # printable, but neither # nor % nor ?
ESCAPE = rb"%[0-9A-Fa-f]{2}"
PATH = rb"/" + SAFE + rb"(?:" + ESCAPE + SAFE + rb")*+"
QUERY = rb"(?:\?[\x21\x22\x24-\x7e]*+)?+"
LINE = rb"(?:" + METHODS + rb") " + PATH + QUERY + rb" HTTP/1\."
FIELD = TOKEN + rb"++:[^\x00-\x08\x0a-\x1f\x7f]*+\r\n"
AUTHORITY = rb"(?:[A-Za-z0-9._~!$&'()*+,;=%-]++|\[[0-9A-Za-z:.%_~-]++\])?+(?::[0-9]*+)?+"
HOST, LENGTH, CODING, UPGRADE = (
    rb"[Hh][Oo][Ss][Tt]",
    rb"[Cc][Oo][Nn][Tt][Ee][Nn][Tt]-[Ll][Ee][Nn][Gg][Tt][Hh]",
    rb"[Tt][Rr][Aa][Nn][Ss][Ff][Ee][Rr]-[Ee][Nn][Cc][Oo][Dd][Ii][Nn][Gg]",
    rb"[Uu][Pp][Gg][Rr][Aa][Dd][Ee]",
)
OTHERS = rb"(?:(?!(?:" + b"|".join((HOST, LENGTH, CODING, UPGRADE)) + rb"):)" + FIELD + rb")*+"

COUNTED = LENGTH + rb":[ \t]*+([0-9]{1,18}+)[ \t]*+\r\n" + OTHERS
HOSTED = HOST + rb":[ \t]*+" + AUTHORITY + rb"[ \t]*+\r\n" + OTHERS

# A whole lawful head of the common kind: HTTP/1.1, one Host, and before or after it at most one Content-Length (its
# digits are the last group that matched). One match is the whole hot path. Possessive repeats only: a hostile head
# costs no more than its length.
plain_head = re.compile(
    LINE + rb"1\r\n" + OTHERS + rb"(?:" + HOSTED + rb"(?:" + COUNTED + rb")?+|" + COUNTED + HOSTED + rb")\r\n"
).match
request_line = re.compile(rb"(?:" + LINE + rb"|OPTIONS \* HTTP/1\.)[01]\r\n").match
_FIELDS = re.compile(rb"(?:" + FIELD + rb")*+\r\n").fullmatch
bare_lf = re.compile(rb"(?<!\r)\n").search
_HOST = re.compile(rb"\r\nhost:([^\r]*)").findall
_LENGTH = re.compile(rb"\r\ncontent-length:([^\r]*)").findall
_CODING = re.compile(rb"\r\ntransfer-encoding:([^\r]*)").findall
_AUTHORITY = re.compile(rb"[ \t]*+" + AUTHORITY + rb"[ \t]*+").fullmatch


def body_length(head: bytes) -> int | Refusal:
    """The length of the body that follows a whole head (`CHUNKED` when chunks tell it), or why it is refused."""
    start = request_line(head)
    if start is None:
        return Refusal(400, fault_in_line(head[: head.find(b"\r\n")]))
    if _FIELDS(head, start.end()) is None:
        return Refusal(400, _fault_in_fields(head[start.end() :]))
    low = head.lower()
    version_1_0 = head.startswith(b"0\r\n", start.end() - 3)
    fault = _fault_in_host(_HOST(low), version_1_0)
    return Refusal(400, fault) if fault else _framing(_LENGTH(low), _CODING(low), version_1_0)


def _fault_in_host(hosts: list[bytes], version_1_0: bool) -> str:
    if len(hosts) > 1:
        return "There is more than one Host header."
    if not hosts:
        return "" if version_1_0 else "The Host header is missing."
    return "" if _AUTHORITY(hosts[0]) else "The Host header is no host with a port or without."


def _framing(lengths: list[bytes], codings: list[bytes], version_1_0: bool) -> int | Refusal:
    if codings:
        if lengths:
            return Refusal(400, "Content-Length and Transfer-Encoding exclude each other.")
        if version_1_0:
            return Refusal(400, "HTTP/1.0 has no Transfer-Encoding.")
        if [coding.strip(b" \t") for coding in codings] != [b"chunked"]:
            return Refusal(400, "The only Transfer-Encoding understood is chunked, once.")
        return CHUNKED
    if not lengths:
        return 0
    if len(lengths) > 1:
        return Refusal(400, "There is more than one Content-Length header.")
    length = lengths[0].strip(b" \t")
    if not length.isdigit() or len(length) > 18:
        return Refusal(400, "Content-Length is not a number of bytes.")
    return int(length)


def fault_in_line(line: bytes) -> str:
    method, _, rest = line.partition(b" ")
    target, _, version = rest.rpartition(b" ")
    if b"\n" in line or b"\r" in line:
        return "A line ends in LF without CR, or CR without LF."
    if not re.fullmatch(rb"HTTP/1\.[01]", version):
        return "The request line does not end in HTTP/1.1."
    if method == b"CONNECT":
        return "CONNECT asks for a tunnel, and this server is no proxy: give the client this server's own http URL."
    if not re.fullmatch(METHODS, method):
        return "The method is not one this server knows."
    return _fault_in_target(target)


def _fault_in_target(target: bytes) -> str:
    if re.match(rb"(?i)https?://[^/?]*@", target):
        return "The target is a URL with a user or password in it; credentials belong into headers."
    if not re.match(rb"(?i)(?:https?:/)?/", target):
        return "The target of the request must be a path, beginning with a slash, or an http URL."
    if re.search(rb"[^\x21-\x7e]", target):
        return "The target holds a blank, a control character or a byte beyond ASCII that is not percent-encoded."
    if b"#" in target:
        return "The target holds a fragment."
    return "The path holds a broken percent-encoding."


def _fault_in_fields(fields: bytes) -> str:
    if bare_lf(fields):
        return "A header line ends in LF without CR."
    if re.search(rb"(?:\A|\r\n)[ \t]", fields):
        return "A header is folded over two lines."
    if re.search(rb"(?:\A|\r\n)[^:\r\n]*[ \t]:", fields):
        return "There is a blank before the colon of a header."
    if re.search(rb"[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f]|\r(?!\n)", fields):
        return "A header holds a control character."
    return "A header line has no name, or no colon."
