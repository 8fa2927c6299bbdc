"""The time of whatever reads what a client sends is linear in its length, in the worst shapes that can be thought of.

Ratios of CPU time at n, 4n and 16n bytes, never seconds. And, printed only, what a small JSON body takes.
"""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import re
import timeit
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from speed_kit import excess, excesses
from test_schemas import SCHEMAS

from mockserver.app import Mockserver
from mockserver.app.cors import Cors
from mockserver.app.credentials import basic
from mockserver.conduct import judge as judge_conduct
from mockserver.control.guard import Guard
from mockserver.control.request import ControlRequest
from mockserver.journal import Answered, Journal, JournalEntry
from mockserver.launch import contracts_in
from mockserver.media import accepted_type as judge_file
from mockserver.media import select
from mockserver.redaction import Redaction
from mockserver.secret_names import sensitive
from mockserver.signing import check_link, read_token, unverified_sandbox
from mockserver.validation import (
    FormReader,
    PartRule,
    Schemas,
    coerce_text,
    media_type,
    parse_json,
    parse_query,
    parse_urlencoded,
    write_json,
)
from mockserver.validation.codings import Decoder, coding_of
from mockserver.validation.preamble import Preamble
from mockserver.webhooks.targets import check_target
from mockserver.wire.chunks import Chunks
from mockserver.wire.head import body_length, plain_head
from mockserver.wire.origin import judge_part, judge_whole, made_out

KEY = "0123456789abcdef0123456789abcdef"
Read = Callable[[bytes], object]


def redaction() -> Redaction:
    made = Redaction()
    made.know(KEY, "demo-key")
    return made


def text(read: Callable[[str], object]) -> Read:
    return lambda data: read(data.decode("latin-1"))


def line(data: bytes) -> bytes:
    """What of it may stand in one line of a head."""
    return data.translate(None, b"\r\n\0")


def target(data: bytes) -> bytes:
    """What of it may stand in a target as it is."""
    return bytes(byte for byte in data if 0x21 <= byte <= 0x7E and byte not in b"#?%")


def asked(target: bytes) -> bytes:
    return b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n" % target


def headed(value: bytes, name: bytes = b"X") -> bytes:
    return b"GET / HTTP/1.1\r\nHost: a\r\n%b: %b\r\n\r\n" % (name, line(value))


def drip(feed: Callable[[bytes], object], data: bytes) -> None:
    for at in range(len(data)):
        feed(data[at : at + 1])


def dripped_head(data: bytes) -> None:
    part = b"GET /" + data
    for end in range(1, len(part)):
        judge_part(part[:end], end - 1)  # the copies are memory's pace: 16 kB in all take nothing


def form(data: bytes) -> None:
    read_form(b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + data + b"\r\n--b--\r\n")


def read_form(body: bytes, kind: str = "multipart/form-data; boundary=b") -> None:
    reader = FormReader(kind, rules={"f": PartRule(100)})
    reader.feed(body)
    reader.finish()


def disposition(data: bytes) -> None:
    read_form(b"--b\r\nContent-Disposition: form-data;" + line(data) + b"\r\n\r\n\r\n--b--\r\n")


def file_name(data: bytes) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="f"; filename="%b"\r\n\r\n\r\n--b--\r\n'
    read_form(head % line(data).replace(b'"', b'\\"'))


def ranged(name: str) -> Read:
    date = "Sun, 09 Sep 2001 01:46:40 GMT"
    return text(lambda value: select({"range": "bytes=0-1", name: value}, 10, '"a"', date))


def token(data: bytes) -> None:
    coded = base64.urlsafe_b64encode(data).decode()
    unverified_sandbox(f"a.{coded}.c")
    unverified_sandbox(data.decode("latin-1"))
    read_token(b"s", f"a.{coded}.c")


PATTERNS = Schemas(
    {
        "components": {"schemas": {
            "a": {"type": "string", "pattern": "^(([a-z])+.)+[A-Z]([a-z])+$"},
            "b": {"type": "string", "pattern": "(a|a)*$"},
            "c": {"type": "object", "patternProperties": {"^(a+)+$": {"type": "integer"}}, "maxProperties": 3},
        }}
    }
)  # fmt: skip


def patterns(data: bytes) -> None:
    value = data.decode("latin-1")
    for name in ("a", "b"):
        PATTERNS.at(f"/components/schemas/{name}").check(value)
    PATTERNS.at("/components/schemas/c").check({value: value})


ENTRANCES: dict[str, Read] = {
    "redaction of bodies": lambda data: redaction().body(data),
    "redaction of answers": lambda data: redaction().answer(data),
    "redaction of links": lambda data: redaction().links(data),
    "redaction of text": text(lambda value: redaction().text(value)),
    "redaction of queries": lambda data: redaction().query(data),
    "redaction of JSON values": lambda data: redaction().body(json.dumps({"a": data.decode("latin-1")}).encode()),
    "redaction of headers": lambda data: redaction().headers([(b"origin", data), (b"content-type", data)]),
    "names of secrets": text(sensitive),
    "JSON": parse_json,
    "JSON strings": lambda data: parse_json(json.dumps([data.decode("latin-1")]).encode()),
    "queries": parse_query,
    "forms of URLs": parse_urlencoded,
    "media types": text(media_type),
    "codings": lambda data: (coding_of(data), list(Decoder("gzip").feed(gzip.compress(data)))),
    "preambles": lambda data: Preamble("b").feed(data),
    "origins": lambda data: Cors(("https://a.example",), ()).lines(data),
    "boundaries": text(lambda value: read_form(b"--b--", f"multipart/form-data; {value}")),
    "forms": form,
    "forms from their first byte": read_form,
    "headers of parts": lambda data: read_form(b"--b\r\n" + data),
    "forms that drip": lambda data: drip(FormReader("multipart/form-data; boundary=b", rules={}).feed, data),
    "dispositions": disposition,
    "file names": file_name,
    "numbers": text(lambda value: coerce_text("a", value, frozenset({"number", "integer", "boolean", "object"}))),
    "patterns of contracts": patterns,
    "kinds of files": lambda data: judge_file(line(data).decode("latin-1"), data.decode("latin-1"), data, ["image/*"]),
    "Range": ranged("range"),
    "If-None-Match": ranged("if-none-match"),
    "If-Match": ranged("if-match"),
    "If-Modified-Since": ranged("if-modified-since"),
    "If-Range": ranged("if-range"),
    "request lines": lambda data: body_length(b"GET /" + line(data) + b" HTTP/1.1\r\nHost: a\r\n\r\n"),
    "plain heads": lambda data: plain_head(headed(data)),
    "values of headers": lambda data: body_length(headed(data)),
    "fields of heads": lambda data: body_length(b"GET / HTTP/1.1\r\nHost: a\r\n" + data + b"\r\n\r\n"),
    "upgrades": lambda data: judge_whole(headed(data, b"Upgrade"), is_secure=False),
    "whole URLs": lambda data: judge_whole(asked(b"http://" + line(data)), is_secure=False),
    "addresses": lambda data: made_out(data) and made_out(headed(data, b"Host")),
    "heads that drip": dripped_head,
    "chunks": lambda data: Chunks(1 << 20).feed(b"1" + data),
    "chunks that drip": lambda data: drip(Chunks(8192).feed, data),
    "trailers": lambda data: Chunks(1 << 20).feed(b"0\r\n" + data),
    "Basic": lambda data: (basic({b"authorization": b"Basic " + data}), basic({b"authorization": data})),
    "tokens": token,
    "signed links": lambda data: check_link(b"s", data.decode("latin-1"), data, 0),
    "targets of webhooks": text(lambda value: asyncio.run(check_target(f"http://127.0.0.1/{value}"))),
    "hosts of webhooks": text(lambda value: asyncio.run(check_target(f"http://{value}/"))),
    "Host and Origin of the control API": lambda data: Guard(token="a").refusal(
        "POST", [(b"host", b"localhost"), (b"authorization", b"Bearer a"), (b"origin", data), (b"content-type", data)]
    ),
    "hosts of the control API": lambda data: Guard().refusal("GET", [(b"host", data)]),
    "Accept": text(lambda value: ControlRequest(None, accept=value).accepts("a/b")),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("read", ENTRANCES.values(), ids=ENTRANCES)
def test_every_entrance_takes_time_in_proportion_to_what_it_reads(read: Read) -> None:
    assert list(excesses(read)) == []


class Server:
    """A server that is asked without sockets, on a loop of the test's own."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.app = Mockserver(contracts_in())

    def ask(
        self, method: str, path: bytes, query: bytes = b"", body: bytes = b"", headers: dict[str, bytes] | None = None
    ) -> int:
        """The status of an answer. A path is given as the client writes it, but for bytes that it may not hold."""
        given = {"host": b"localhost", "x-api-key": b"demo-key", **(headers or {})}
        if body:
            given["content-length"] = b"%d" % len(body)
        raw = quote_from_bytes(path, safe="".join(map(chr, range(0x21, 0x7F)))).encode().replace(b"?", b"%3F")
        scope = {
            "type": "http", "method": method, "path": path.decode("latin-1"), "raw_path": raw, "query_string": query,
            "headers": [(name.encode(), line(value)) for name, value in given.items()], "client": ("127.0.0.1", 1),
            "scheme": "http", "server": ("127.0.0.1", 1), "http_version": "1.1", "root_path": "", "extensions": {},
        }  # fmt: skip
        statuses: list[int] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": body}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        self.loop.run_until_complete(self.app(scope, receive, send))
        return statuses[0]

    def short(self, path: bytes, value: bytes, body: bytes) -> bytes | None:
        """The answer of the short way."""
        fields = b"host: localhost\r\nx-api-key: demo-key\r\ncontent-type: application/json\r\nuser-agent: %b\r\n"
        head = b"POST %b HTTP/1.1\r\n" % path + fields % line(value) + b"content-length: %d\r\n\r\n" % len(body)
        return self.app.at_once(head + body, len(head), "127.0.0.1")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    loop = asyncio.new_event_loop()
    yield Server(loop)
    loop.close()


JSON = {"content-type": b"application/json"}
IMAGE = b"/miraflow/api/image/generate"
Ask = Callable[[Server, bytes], object]


def picture(data: bytes) -> bytes:
    return json.dumps({"prompt": data.decode("latin-1")[:3000], "name": data.decode("latin-1")}).encode()


def multipart(data: bytes) -> bytes:
    head = b'--b\r\nContent-Disposition: form-data; name="%b"; filename="%b"\r\n\r\n'
    named = line(data).replace(b'"', b"%22")
    return head % (b"image", named) + data + b"\r\n" + head % (named, b"a") + b"\r\n--b--\r\n"


WAYS: dict[str, Ask] = {
    "paths": lambda s, data: s.ask("GET", b"/vidgen/" + data),
    "paths of nothing": lambda s, data: s.ask("GET", b"/" + data),
    "ids": lambda s, data: s.ask("GET", b"/vidgen/api/status/" + data),
    "media": lambda s, data: s.ask("GET", b"/_media/@default/vidgen/" + data, data),
    "media of links": lambda s, data: s.ask("GET", b"/_media/@default/vidgen/a/b/c", b"signature=" + data),
    "sandboxes": lambda s, data: s.ask("GET", b"/@" + data + b"/vidgen/api/jobs"),
    "queries": lambda s, data: s.ask("GET", b"/vidgen/api/jobs", data),
    "methods": lambda s, data: s.ask(data.decode("latin-1"), b"/vidgen/api/jobs"),
    "keys": lambda s, data: s.ask("GET", b"/vidgen/api/jobs", headers={"x-api-key": data}),
    "bearers": lambda s, data: s.ask("GET", b"/mirrago/v1/mirrago/job/a", headers={"authorization": b"Bearer " + data}),
    "headers": lambda s, data: s.ask("GET", b"/vidgen/api/jobs", headers={"origin": data, "x-a": data, "cookie": data}),
    "JSON": lambda s, data: s.ask("POST", IMAGE, body=data, headers=JSON),
    "values": lambda s, data: s.ask("POST", IMAGE, body=picture(data), headers=JSON),
    "types": lambda s, data: s.ask("POST", IMAGE, body=b"{}", headers={"content-type": data}),
    "forms of URLs": lambda s, data: s.ask(
        "POST", b"/mirrago/oauth/token", body=data, headers={"content-type": b"application/x-www-form-urlencoded"}
    ),
    "forms": lambda s, data: s.ask(
        "POST", b"/vidgen/api/jobs", body=multipart(data), headers={"content-type": b"multipart/form-data; boundary=b"}
    ),
    "control bodies": lambda s, data: s.ask("POST", b"/_mock/sandboxes", body=data, headers=JSON),
    "control values": lambda s, data: s.ask(
        "POST", b"/_mock/sandboxes/default/faults", body=json.dumps({"fault": data.decode("latin-1")}).encode(),
        headers=JSON,
    ),
    "control paths": lambda s, data: s.ask("GET", b"/_mock/" + data),
    "control queries": lambda s, data: s.ask("GET", b"/_mock/sandboxes/default/webhooks", b"job=" + data),
    "pages": lambda s, data: s.ask("GET", b"/_mock/ui/" + data, data),
    "heads on the short way": lambda s, data: s.short(b"/vidgen/api/status/a", data, b""),
    "paths on the short way": lambda s, data: s.short(b"/vidgen/" + target(data), b"", b""),
    "bodies on the short way": lambda s, data: s.short(IMAGE, b"", data),
    "values on the short way": lambda s, data: s.short(IMAGE, b"", picture(data)),
    "wire refusals": lambda s, data: s.app.refuse(b"/vidgen/" + data, data, 400, "no"),
}  # fmt: skip


@pytest.mark.parametrize("ask", WAYS.values(), ids=WAYS)
def test_a_server_takes_time_in_proportion_to_what_it_is_sent(server: Server, ask: Ask) -> None:
    assert list(excesses(lambda data: ask(server, data))) == []


def fields(n: int) -> bytes:
    return json.dumps({f"field{i}": i for i in range(n)}).encode()


def many_parts(n: int) -> bytes:
    return b"".join(b'--b\r\nContent-Disposition: form-data; name="a%d"\r\n\r\n1\r\n' % i for i in range(n)) + b"--b--"


MANY: dict[str, tuple[Ask, Callable[[int], bytes]]] = {
    "fields": (lambda s, data: s.ask("POST", IMAGE, body=data, headers=JSON), fields),
    "fields of the control API": (lambda s, data: s.ask("POST", b"/_mock/sandboxes", body=data, headers=JSON), fields),
    "parts": (
        lambda s, data: s.ask("POST", b"/vidgen/api/jobs", body=data, headers={
            "content-type": b"multipart/form-data; boundary=b"}), many_parts),
    "parameters": (
        lambda s, data: s.ask("GET", b"/vidgen/api/jobs", data), lambda n: b"&".join(b"a%d=1" % i for i in range(n))),
    "headers": (
        lambda s, data: s.ask("GET", b"/vidgen/api/jobs", headers=dict.fromkeys(data.decode().split(), b"1")),
        lambda n: b" ".join(b"x-%d" % i for i in range(n))),
}  # fmt: skip


@pytest.mark.parametrize(("ask", "make"), MANY.values(), ids=MANY)
def test_many_different_names_take_time_in_proportion(server: Server, ask: Ask, make: Callable[[int], bytes]) -> None:
    assert excess(lambda data: ask(server, data), lambda size: make(size // 10)) == ""


def test_conduct_is_judged_in_time_in_proportion_to_the_journal() -> None:
    contracts = {contract.name: contract for contract in contracts_in()}

    def refused(n: int) -> Journal:
        journal, answered = Journal(), Answered(b"retry-after: 9\r\n", b"", b"", 0)
        for i in range(n):
            entry = JournalEntry(
                i, float(i), "request", "vidgen", "getStatus", "GET", "/", 429, "rate_limited", account=f"a{i}"
            )
            journal.add(entry._replace(answered=answered), 100)
        return journal

    assert excess(lambda journal: judge_conduct(journal, contracts), lambda size: refused(size // 2)) == ""


def test_the_patterns_of_old_would_be_found() -> None:
    cubic = re.compile(rb"([?&;]|^)([^=&?\s]*(?:key|token)[^=&?\s]*)=([^&\s]*)")
    quadratic = re.compile(rb"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_.-]*")
    slow = re.compile(rb"([^:\r\n]+):[ \t]*([^\r\n]*?)[ \t]*\r\n")
    assert excess(lambda data: cubic.sub(b"", data), lambda size: b";key" * (size // 20))
    assert excess(lambda data: quadratic.sub(b"", data), lambda size: b"eyJ" * (size // 3))
    assert excess(slow.findall, lambda size: b"a: b" + b" " * size + b"c\r\n")


def test_reading_and_checking_a_small_body_is_timed(capsys: pytest.CaptureFixture[str]) -> None:
    body = write_json(
        {"image": "cat.png", "quality": "hd", "limit": 20, "fps": 30, "hook": "https://x.y/z"}
        | {"note": None, "kind": "job", "tags": [{"name": "a"}]}
    )
    check = SCHEMAS.at("/components/schemas/Job").check
    assert check(parse_json(body)) is None
    seconds = min(timeit.repeat(lambda: check(parse_json(body)), number=2000, repeat=3)) / 2000
    with capsys.disabled():
        print(f"\nparse_json and check of 8 fields, {len(body)} bytes: {seconds * 1e6:.1f} µs")
