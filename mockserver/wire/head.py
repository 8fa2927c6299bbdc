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
ESCAPE = rb"%(?![01]|7[Ff])[0-9A-Fa-f]{2}"  # of anything but a control character
PATH = rb"/" + SAFE + rb"(?:" + ESCAPE + SAFE + rb")*+"
QUERY = rb"(?:\?[\x21\x22\x24-\x7e]*+)?+"
LINE = rb"(?:" + METHODS + rb") " + PATH + QUERY + rb" HTTP/1\."
VALUE = rb":[^\x00-\x08\x0a-\x1f\x7f]*+\r\n"
FIELD = TOKEN + rb"++" + VALUE
HOST, LENGTH, CODING, UPGRADE = (
    rb"[Hh][Oo][Ss][Tt]",
    rb"[Cc][Oo][Nn][Tt][Ee][Nn][Tt]-[Ll][Ee][Nn][Gg][Tt][Hh]",
    rb"[Tt][Rr][Aa][Nn][Ss][Ff][Ee][Rr]-[Ee][Nn][Cc][Oo][Dd][Ii][Nn][Gg]",
    rb"[Uu][Pp][Gg][Rr][Aa][Dd][Ee]",
)
OTHERS = rb"(?:(?!(?:" + b"|".join((HOST, LENGTH, CODING, UPGRADE)) + rb"):)" + FIELD + rb")*+"

COUNT = LENGTH + rb":[ \t]*+([0-9]{1,18}+)[ \t]*+\r\n" + OTHERS

# A whole lawful head of the common kind: HTTP/1.1, one Host, and before or after it at most one Content-Length (its
# digits are the last group that matched). One match is the whole hot path. Possessive repeats only: a hostile head
# costs no more than its length.
plain_head = re.compile(
    LINE + rb"1\r\n" + OTHERS
    + rb"(?:" + HOST + VALUE + OTHERS + rb"(?:" + COUNT + rb")?+|" + COUNT + HOST + VALUE + OTHERS + rb")\r\n"
).match  # fmt: skip
_REQUEST_LINE = re.compile(LINE + rb"[01]\r\n").match
_FIELDS = re.compile(rb"(?:" + FIELD + rb")*+\r\n").fullmatch
_METHOD_BEGINS = re.compile(rb"[A-Z-]{1,16}(?: |\Z)").match
_BARE_LF = re.compile(rb"(?<!\r)\n").search
_HOST = re.compile(rb"\r\nhost:([^\r]*)").findall
_LENGTH = re.compile(rb"\r\ncontent-length:([^\r]*)").findall
_CODING = re.compile(rb"\r\ntransfer-encoding:([^\r]*)").findall
_UPGRADE = re.compile(rb"\r\nupgrade:[^\r]*", re.IGNORECASE)


def judge(head: bytes) -> int | Refusal:
    """The length of the body that follows a whole head (`CHUNKED` when chunks tell it), or why it is refused."""
    start = _REQUEST_LINE(head)
    if start is None:
        return Refusal(400, _fault_in_line(head[: head.find(b"\r\n")]))
    if _FIELDS(head, start.end()) is None:
        return Refusal(400, _fault_in_fields(head[start.end() :]))
    low = head.lower()
    hosts = len(_HOST(low))
    version_1_0 = head.startswith(b"0\r\n", start.end() - 3)
    if hosts > 1 or (hosts == 0 and not version_1_0):
        return Refusal(400, "There is more than one Host header." if hosts else "The Host header is missing.")
    return _framing(_LENGTH(low), _CODING(low), version_1_0)


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


def judge_part(part: bytes | bytearray, since: int) -> Refusal | None:
    """What is already wrong with a head that has not arrived whole; `since` is how much of it was judged before."""
    if since == 0 and _METHOD_BEGINS(part) is None:
        return Refusal(400, "This is not an HTTP request.")
    if _BARE_LF(part, max(since - 1, 0)) is not None:
        return Refusal(400, "A line ends in LF without CR.")
    first = part.find(b"\r\n", max(since - 1, 0)) if part.find(b"\r\n", 0, since) < 0 else -1
    if first >= 0 and _REQUEST_LINE(part) is None:
        return Refusal(400, _fault_in_line(bytes(part[:first])))
    return None


def without_upgrade(head: bytes) -> bytes:
    """The head without its offer to speak another protocol, which a server may ignore and the libraries stumble on."""
    return _UPGRADE.sub(b"", head)


def address(head: bytes) -> tuple[bytes, bytes]:
    """Path and host of a head that may be broken, each empty when it cannot be made out."""
    target = re.match(rb"[!-~]{1,32} (?:[a-z]+://[^/ ]*)?(/[^ ?#\r\n]*)", head)
    host = re.search(rb"\r?\nhost:[ \t]*([^\r\n]*)", head, re.IGNORECASE)
    return target[1] if target else b"", host[1].strip() if host else b""


def rebuilt(method: str, target: bytes, headers: list[tuple[bytes, bytes]]) -> bytes:
    """As much of a head that was taken apart as `address` reads."""
    host = next((value for name, value in headers if name == b"host"), b"")
    return b"%s %s\r\nhost: %s" % (method.encode(), target, host)


def _fault_in_line(line: bytes) -> str:
    method, _, rest = line.partition(b" ")
    target, _, version = rest.rpartition(b" ")
    if b"\n" in line or b"\r" in line:
        return "A line ends in LF without CR, or CR without LF."
    if not re.fullmatch(rb"HTTP/1\.[01]", version):
        return "The request line does not end in HTTP/1.1."
    if not re.fullmatch(METHODS, method):
        return "The method is not one this server knows."
    return _fault_in_target(target)


def _fault_in_target(target: bytes) -> str:
    if not target.startswith(b"/"):
        return "The target of the request must be a path, beginning with a slash."
    if re.search(rb"[^\x21-\x7e]", target):
        return "The target holds a blank, a control character or a byte beyond ASCII that is not percent-encoded."
    if b"#" in target:
        return "The target holds a fragment."
    return "The path holds a broken percent-encoding, or one of a control character."


def _fault_in_fields(fields: bytes) -> str:
    if _BARE_LF(fields):
        return "A header line ends in LF without CR."
    if re.search(rb"(?:\A|\r\n)[ \t]", fields):
        return "A header is folded over two lines."
    if re.search(rb"(?:\A|\r\n)[^:\r\n]*[ \t]:", fields):
        return "There is a blank before the colon of a header."
    if re.search(rb"[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f]|\r(?!\n)", fields):
        return "A header holds a control character."
    return "A header line has no name, or no colon."
