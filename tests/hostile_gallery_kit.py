"""Hostile requests to any operation of any contract, put together from the contract itself."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.contract import Contract, Operation
from mockserver.live import DEMO, authorization
from mockserver.live.credentials import authorized
from mockserver.live.requests import plain, requests_of_examples

LONG = b"a" * 30_000
TEXTS = {
    "cut short": b'{"a": "',
    "no text": b'{"a": "\xff\xfe"}',
    "half a character": b'{"a": "\\ud800"}',
    "no number": b'{"a": NaN}',
    "beyond counting": b'{"a": 1e999, "b": ' + b"9" * 5000 + b"}",
    "arrays without end": b"[" * 100_000,
    "deep": b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "twice": b'{"a": 1, "a": 2}',
    "no object": b"[1]",
    "nothing": b"null",
    "an empty body": b"",
    "many fields": b"{" + b",".join(b'"f%d": 1' % n for n in range(5000)) + b"}",
    "another type in each field": b'{"input": 7, "prompt": [], "model": {}, "file": [[]], "requests": "x"}',
}
FORMS = {
    "a form of garbage": b"%%%&=&==&[]=1&a[=2&a]=3",
    "members without end": b"a" + b"[b]" * 500 + b"=1",
    "a thousand members": b"&".join(b"metadata[k%d]=v" % n for n in range(1000)),
    "not UTF-8": b"a=%ff%fe&b=%00",
}
PARTS = {
    "no boundary": b"x",
    "cut in a head": b'--x\r\ncontent-disposition: form-data; name="fi',
    "cut in a file": b'--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nab',
    "a head without end": b"--x\r\n" + b"a: b\r\n" * 5000,
    "a thousand parts": b"".join(
        b'--x\r\ncontent-disposition: form-data; name="p%d"\r\n\r\n1\r\n' % n for n in range(1000)
    )
    + b"--x--\r\n",
}
QUERIES = (b"a=%ff&limit=NaN", b"limit=-1&limit=x", b"after=%00&cursor=%0a%1b", b"&".join([b"q=1"] * 2000), b"%%%&[]=1")
IDS = (b"%00", b"%ff%fe", b"..%2f..%2fetc", b"%", LONG, b"a%0d%0ab", "\u202e".encode())
HEADERS = (
    b"Authorization: \xff\xfe",
    b"Authorization: Bearer " + LONG,
    b"X-API-Key: " + LONG,
    b"Cookie: " + b"a=b; " * 5000,
    b"Idempotency-Key: " + LONG,
    b"Accept: " + b"a/b," * 5000,
    b"Range: bytes=" + b"9" * 5000 + b"-",
    b"Last-Event-ID: \x80" + b"9" * 5000,
    b"Content-Range: bytes 5-1/9",
    b"Prefer: wait=" + b"9" * 5000,
)


def hostile(contract: Contract, operation: Operation, identity: str) -> Iterator[tuple[str, bytes]]:
    """Every (what it is, request) for an operation about a resource of this id."""
    usual = next(requests_of_examples(contract, operation, identity), plain(operation, identity))
    kind, body = usual.encoded()
    typed = [b"Content-Type: " + kind.encode()] if kind else []
    target = usual.target.encode()
    for name, data in (TEXTS | FORMS | PARTS).items():
        yield name, sent(contract, operation, target, *_kinds(operation, name), body=data)
    for query in QUERIES:
        asked = target.partition(b"?")[0] + b"?" + query
        yield f"query {query[:20]!r}", sent(contract, operation, asked, *typed, body=body)
    for each in IDS if identity and identity.encode() in target else ():
        asked = target.replace(identity.encode(), each)
        yield f"id {each[:20]!r}", sent(contract, operation, asked, *typed, body=body)
    for line in HEADERS:
        yield f"header {line[:30]!r}", sent(contract, operation, target, line, *typed, body=body)
    for method in (b"BREW", b"PROPFIND", b"TRACE"):
        yield method.decode(), sent(contract, operation, target, *typed, body=body, method=method)


def _kinds(operation: Operation, name: str) -> list[bytes]:
    """The Content-Type that a hostile body is sent as: one that the operation takes, where there is one of its kind."""
    wanted = "multipart/" if name in PARTS else "application/x-www-form" if name in FORMS else "json"
    taken = next((b.media_type for b in operation.bodies if wanted in b.media_type), None)
    usual = {"multipart/": "multipart/form-data", "json": "application/json"}.get(wanted, f"{wanted}-urlencoded")
    return [f"Content-Type: {taken or usual}".encode() + (b"; boundary=x" if name in PARTS else b"")]


def sent(
    contract: Contract, operation: Operation, target: bytes, *lines: bytes, body: bytes = b"", method: bytes = b""
) -> bytes:
    """A request with the demo account's credentials, unless a line says others."""
    named = {line.partition(b":")[0].lower() for line in lines}
    known = [f"{n}: {v}".encode() for n, v in authorization(operation, DEMO).items() if n.lower().encode() not in named]
    path = authorized(operation, DEMO, f"/{contract.name}{target.decode('latin-1')}").encode("latin-1")
    head = [(method or operation.method.encode()) + b" " + path + b" HTTP/1.1", b"Host: a", b"Connection: close"]
    return b"\r\n".join([*head, *known, b"Content-Length: %d" % len(body), *lines, b"", b""]) + body
