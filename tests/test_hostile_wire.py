"""Requests no lawful client sends: each gets a 4xx of ours, on both stacks, and leaves no log line."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from wire_kit import STACKS, Echo, ask, dial, read_to_end, read_until, status_of

from mockserver.wire import Limits, ThreadServer, connection, origin, serve_in_thread

HOST = b"Host: a\r\n"
CHUNKED = b"POST /body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
CLOSE = b"GET /after HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


def get(target: bytes) -> bytes:
    return b"GET " + target + b" HTTP/1.1\r\nHost: a\r\n\r\n"


def headed(*lines: bytes, method: bytes = b"POST", version: bytes = b"1.1") -> bytes:
    return method + b" /x HTTP/" + version + b"\r\n" + b"".join(line + b"\r\n" for line in lines) + b"\r\n"


HEADS = {
    "absolute form of https over plain http": get(b"https://a/x"),
    "absolute form of another protocol": get(b"ftp://a/x"),
    "absolute form without a host": get(b"http:///x"),
    "absolute form with a port alone": get(b"http://:80/x"),
    "absolute form with a user": get(b"http://u:p@a/x"),
    "absolute form with a fragment": get(b"http://a/x#y"),
    "absolute form with a broken escape": get(b"http://a/x%4"),
    "absolute form with a port of letters": get(b"http://a:b/x"),
    "absolute form without Host": b"GET http://a/x HTTP/1.1\r\n\r\n",
    "absolute form with two Hosts": b"GET http://a/x HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
    "authority form": b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n",
    "connect to a path": b"CONNECT /x HTTP/1.1\r\nHost: a\r\n\r\n",
    "an asterisk with another method": b"GET * HTTP/1.1\r\nHost: a\r\n\r\n",
    "an asterisk with a query": b"OPTIONS *?x HTTP/1.1\r\nHost: a\r\n\r\n",
    "a Host with a blank": headed(b"Host: a b", method=b"GET"),
    "a Host with a path": headed(b"Host: a/x", method=b"GET"),
    "a Host with a user": headed(b"Host: u@a", method=b"GET"),
    "a Host with two ports": headed(b"Host: a:1:2", method=b"GET"),
    "a Host with a port of letters": headed(b"Host: a:b", method=b"GET"),
    "a Host in two": headed(b"Host: a, b", method=b"GET"),
    "a Host beyond ASCII": headed(b"Host: \xfc", method=b"GET"),
    "a Host of half an address": headed(b"Host: [::1", method=b"GET"),
    "no slash": get(b"x"),
    "empty target": b"GET  HTTP/1.1\r\nHost: a\r\n\r\n",
    "fragment": get(b"/x#y"),
    "fragment in the query": get(b"/x?a#y"),
    "half an escape": get(b"/x%4"),
    "escape of letters beyond f": get(b"/x%zz"),
    "bare percent": get(b"/100%"),
    "control character in the path": get(b"/x\x01y"),
    "tab in the path": get(b"/x\ty"),
    "NUL in the path": get(b"/x\x00y"),
    "delete in the query": get(b"/x?\x7f"),
    "blank in the path": get(b"/x y"),
    "raw UTF-8 in the path": get("/ü".encode()),
    "raw Latin-1 in the query": get(b"/x?\xfc"),
    "no Host": headed(b"A: b", method=b"GET"),
    "no header at all": b"GET /x HTTP/1.1\r\n\r\n",
    "two Hosts": headed(b"Host: a", b"Host: a", method=b"GET"),
    "two different Hosts": headed(b"Host: a", b"hOST: b", method=b"GET"),
    "two Hosts in HTTP/1.0": headed(b"Host: a", b"Host: b", method=b"GET", version=b"1.0"),
    "HTTP/0.9": b"GET /x\r\n\r\n",
    "HTTP/0.9, one line": b"GET /x\r\n",
    "HTTP/2.0": headed(b"Host: a", method=b"GET", version=b"2.0"),
    "HTTP/1.2": headed(b"Host: a", method=b"GET", version=b"1.2"),
    "HTTP/1": headed(b"Host: a", method=b"GET", version=b"1"),
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "another protocol": b"GET /x RTSP/1.0\r\nHost: a\r\n\r\n",
    "a TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "an SSH banner": b"SSH-2.0-OpenSSH_9.6\r\n",
    "binary rubbish": bytes(range(256)),
    "lower-case method": b"get /x HTTP/1.1\r\nHost: a\r\n\r\n",
    "unknown method": b"BREW /x HTTP/1.1\r\nHost: a\r\n\r\n",
    "method with a colon": b"GE:T /x HTTP/1.1\r\nHost: a\r\n\r\n",
    "bare LF throughout": b"GET /x HTTP/1.1\nHost: a\n\n",
    "bare LF after the request line": b"GET /x HTTP/1.1\nHost: a\r\n\r\n",
    "bare LF between headers": b"GET /x HTTP/1.1\r\nHost: a\nA: b\r\n\r\n",
    "bare LF ends the head": b"GET /x HTTP/1.1\r\nHost: a\r\n\n",
    "bare CR in a header": headed(b"Host: a", b"A: b\rC: d"),
    "bare CR after the request line": b"GET /x HTTP/1.1\rHost: a\r\n\r\n",
    "folded header": headed(b"Host: a", b"A: b", b" c"),
    "folded by a tab": headed(b"Host: a", b"A: b", b"\tc"),
    "fold before the first header": headed(b" Host: a"),
    "blank before a colon": headed(b"Host : a"),
    "blank before the colon of a length": headed(b"Host: a", b"Content-Length : 3"),
    "no colon": headed(b"Host: a", b"nonsense"),
    "no name": headed(b"Host: a", b": b"),
    "name in brackets": headed(b"Host: a", b"A[0]: b"),
    "NUL in a header": headed(b"Host: a", b"A: b\x00c"),
    "escape character in a header": headed(b"Host: a", b"A: \x1b[2J"),
    "length and chunks": headed(b"Host: a", b"Content-Length: 3", b"Transfer-Encoding: chunked") + b"0\r\n\r\n",
    "chunks and length": headed(b"Host: a", b"Transfer-Encoding: chunked", b"Content-Length: 3") + b"abc",
    "the same length twice": headed(b"Host: a", b"Content-Length: 3", b"Content-Length: 3") + b"abc",
    "two lengths": headed(b"Host: a", b"Content-Length: 3", b"Content-Length: 4") + b"abcd",
    "lengths in a list": headed(b"Host: a", b"Content-Length: 3, 3") + b"abc",
    "negative length": headed(b"Host: a", b"Content-Length: -1"),
    "signed length": headed(b"Host: a", b"Content-Length: +3") + b"abc",
    "length in hex": headed(b"Host: a", b"Content-Length: 0x3") + b"abc",
    "empty length": headed(b"Host: a", b"Content-Length:"),
    "length in other digits": headed(b"Host: a", "Content-Length: ٣".encode()) + b"abc",
    "length of a digit too many": headed(b"Host: a", b"Content-Length: " + b"9" * 19),
    "length beyond all": headed(b"Host: a", b"Content-Length: " + b"9" * 30),
    "unknown coding": headed(b"Host: a", b"Transfer-Encoding: gzip"),
    "coding before chunks": headed(b"Host: a", b"Transfer-Encoding: gzip, chunked") + b"0\r\n\r\n",
    "chunked twice": headed(b"Host: a", b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked") + b"0\r\n\r\n",
    "chunked with a tail": headed(b"Host: a", b"Transfer-Encoding: chunked;x") + b"0\r\n\r\n",
    "identity": headed(b"Host: a", b"Transfer-Encoding: identity"),
    "vertical tab before chunked": headed(b"Host: a", b"Transfer-Encoding: \x0bchunked") + b"0\r\n\r\n",
    "chunks in HTTP/1.0": headed(b"Host: a", b"Transfer-Encoding: chunked", version=b"1.0") + b"0\r\n\r\n",
    "head beyond its limit": headed(b"Host: a", b"A: " + b"b" * 70_000),
    "many headers beyond the limit": headed(b"Host: a", *[b"A: b"] * 20_000),
    "endless request line": b"GET /" + b"a" * 70_000,
    "endless header": b"GET / HTTP/1.1\r\nHost: a\r\nA: " + b"b" * 70_000,
}
BODIES = {
    "size is no number": CHUNKED + b"zz\r\nabc\r\n0\r\n\r\n",
    "size is negative": CHUNKED + b"-3\r\nabc\r\n0\r\n\r\n",
    "size has 0x": CHUNKED + b"0x3\r\nabc\r\n0\r\n\r\n",
    "size is empty": CHUNKED + b"\r\nabc\r\n0\r\n\r\n",
    "size beyond all": CHUNKED + b"f" * 20 + b"\r\nabc",
    "size before a blank": CHUNKED + b"3 \r\nabc\r\n0\r\n\r\n",
    "size before a bare LF": CHUNKED + b"3\nabc\r\n0\r\n\r\n",
    "chunk longer than said": CHUNKED + b"3\r\nabcd\r\n0\r\n\r\n",
    "chunk ends in a bare LF": CHUNKED + b"3\r\nabc\n0\r\n\r\n",
    "endless extension": CHUNKED + b"3;" + b"a" * 100_000,
    "an extension that is not closed": CHUNKED + b'3;a="b\r\nabc\r\n0\r\n\r\n',
    "an extension without a name": CHUNKED + b"3;=b\r\nabc\r\n0\r\n\r\n",
    "text behind an extension": CHUNKED + b'3;a="b"c\r\nabc\r\n0\r\n\r\n',
    "control character in an extension": CHUNKED + b"3;a\x01\r\nabc\r\n0\r\n\r\n",
    "trailer without a colon": CHUNKED + b"0\r\nnonsense\r\n\r\n",
    "trailer with a bare LF": CHUNKED + b"0\r\nA: b\n\r\n",
    "endless trailer": CHUNKED + b"0\r\nA: " + b"b" * 100_000,
}


@pytest.fixture(scope="module", params=STACKS, ids="-".join)
def served(request: pytest.FixtureRequest) -> Iterator[tuple[ThreadServer, Echo]]:
    http, loop = request.param
    app = Echo()
    with serve_in_thread(app, http=http, loop=loop) as server:
        yield server, app


def heads_seen(app: Echo) -> int:
    """How many requests reached the application, but for those whose body is refused, which may do so late."""
    return sum(path != "/body" for _, path, _ in app.seen)


@pytest.mark.parametrize("sent", HEADS.values(), ids=HEADS.keys())
def test_a_hostile_head_is_refused_before_the_application_sees_it(
    served: tuple[ThreadServer, Echo], sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    server, app = served
    before = heads_seen(app)
    got = ask(server, sent)
    assert status_of(got) in (400, 421, 431)
    assert heads_seen(app) == before
    assert not caplog.records


@pytest.mark.parametrize("sent", HEADS.values(), ids=HEADS.keys())
def test_a_hostile_head_sent_byte_by_byte_is_refused_too(served: tuple[ThreadServer, Echo], sent: bytes) -> None:
    server, app = served
    before = heads_seen(app)
    cuts = range(min(len(sent), 120))
    got = ask(server, *[sent[at : at + 1] for at in cuts], sent[len(cuts) :])
    assert status_of(got) in (400, 421, 431)
    assert heads_seen(app) == before


@pytest.mark.parametrize("sent", BODIES.values(), ids=BODIES.keys())
def test_a_hostile_body_is_refused_without_a_log_line(
    served: tuple[ThreadServer, Echo], sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    server, _ = served
    assert status_of(ask(server, sent)) == 400
    assert not caplog.records


@pytest.mark.parametrize("sent", [*HEADS.values(), *BODIES.values()], ids=[*HEADS.keys(), *BODIES.keys()])
def test_what_follows_a_hostile_request_is_never_served(served: tuple[ThreadServer, Echo], sent: bytes) -> None:
    server, app = served
    got = ask(server, sent + get(b"/smuggled"))
    assert got.count(b"HTTP/1.1 ") == 1
    assert "/smuggled" not in [path for _, path, _ in app.seen]


@pytest.mark.parametrize("sent", HEADS.values(), ids=HEADS.keys())
def test_a_hostile_head_after_a_good_one_gets_the_second_answer(served: tuple[ThreadServer, Echo], sent: bytes) -> None:
    server, _ = served
    first, *rest = ask(server, get(b"/first") + sent).split(b"HTTP/1.1 ")[1:]
    assert first.startswith(b"200")
    assert [answer[:3] for answer in rest] in ([b"400"], [b"421"], [b"431"])


LAWFUL = {
    "empty lines before the request": (b"\r\n\r\n" + get(b"/x"), b"/x 0"),
    "an escape": (get(b"/%41%2f%C3%BC"), "/A/ü 0".encode()),
    "odd but printable": (get(b"/a\"<>\\^`{|}~;=@'()?q=%00&%"), b"/a\"<>\\^`{|}~;=@'() 0"),
    "two slashes": (get(b"//evil.test/x"), b"//evil.test/x 0"),
    "two questions": (get(b"/x?a?b"), b"/x 0"),
    "HTTP/1.0 without Host": (b"GET /x HTTP/1.0\r\n\r\n", b"/x 0"),
    "empty Host": (headed(b"Host:"), b"/x 0"),
    "an offer to upgrade": (headed(b"Host: a", b"Connection: Upgrade", b"Upgrade: h2c"), b"/x 0"),
    "a WebSocket": (headed(b"Host: a", b"Upgrade: websocket", b"Connection: upgrade", method=b"GET"), b"/x 0"),
    "a counted body": (headed(b"Host: a", b"content-length:  3 ") + b"abc", b"/x 3"),
    "chunks": (CHUNKED + b"3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n", b"/body 13"),
    "quoted extensions": (
        CHUNKED + b'3 ; x = "a;\\"\xfc" ;y\t;z=1\r\nabc\r\n0;e\r\n\r\n',
        b"/body 3",
    ),
    "chunks with a trailer": (CHUNKED + b"1\r\na\r\n00\r\nAuthorization: x\r\n\r\n", b"/body 1"),
    "Latin-1 in a header": (headed(b"Host: a", b"A: \xfc"), b"/x 0"),
    "an empty header": (headed(b"Host: a", b"A:"), b"/x 0"),
    "encoded control characters": (get(b"/x%00%0d%0A%7fy"), b"/x\x00\r\n\x7fy 0"),
    "absolute form": (get(b"http://b/x"), b"/x 0"),
    "absolute form in capitals": (get(b"HTTP://B:80/x?y"), b"/x 0"),
    "absolute form of an address": (get(b"http://[::1]:8000/x"), b"/x 0"),
    "absolute form without a path": (get(b"http://b"), b"/ 0"),
    "absolute form of a query": (get(b"http://b?c"), b"/ 0"),
    "absolute form with a body": (b"POST http://b/x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", b"/x 3"),
    "absolute form in HTTP/1.0": (b"GET http://b/x HTTP/1.0\r\n\r\n", b"/x 0"),
    "an asterisk": (b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", b"* 0"),
    "options of a whole server": (b"OPTIONS http://b HTTP/1.1\r\nHost: a\r\n\r\n", b"* 0"),
    "a Host that is an address": (headed(b"Host: [fe80::1%25a]:80", method=b"GET"), b"/x 0"),
    "a Host with odd marks": (headed(b"Host: a_b-c.%41!", method=b"GET"), b"/x 0"),
    "a Host with an empty port": (headed(b"Host: a:", method=b"GET"), b"/x 0"),
}


@pytest.mark.parametrize(("sent", "expected"), LAWFUL.values(), ids=LAWFUL.keys())
def test_odd_but_lawful_requests_are_served_alike(
    served: tuple[ThreadServer, Echo], sent: bytes, expected: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    server, _ = served
    for pieces in ([sent + CLOSE], [sent[at : at + 1] for at in range(len(sent))] + [CLOSE]):
        got = ask(server, *pieces)
        assert got.partition(b"\r\n\r\n")[2].startswith(expected)
        assert status_of(got) == 200
    assert not caplog.records


def test_a_trailer_does_not_reach_the_application(served: tuple[ThreadServer, Echo]) -> None:
    server, app = served
    ask(server, LAWFUL["chunks with a trailer"][0] + CLOSE)
    assert all(name != b"authorization" for _, _, headers in app.seen for name, _ in headers)


BLANKS = [b"A:b", b"A: b ", b"A:\t b\t", b"A: \t b \t\t ", b"A:b" + b" " * 30_000]


@pytest.mark.parametrize("line", BLANKS, ids=["none", "behind", "a tab", "both", "many"])
@pytest.mark.parametrize("more", [(), (b"Transfer-Encoding: chunked ",), (b"Content-Length: 0\t",)])
def test_blanks_around_a_value_are_no_part_of_it(
    served: tuple[ThreadServer, Echo], line: bytes, more: tuple[bytes, ...]
) -> None:
    server, app = served
    sent = headed(b"Host:  a \t", line, b"C: d e ", *more) + (b"0\r\n\r\n" if b"chunked " in b"".join(more) else b"")
    for pieces in ([sent, CLOSE], [sent[:30], sent[30:], CLOSE]):
        assert status_of(ask(server, *pieces)) == 200
        seen = dict(next(headers for _, path, headers in reversed(app.seen) if path == "/x"))
        assert (seen[b"host"], seen[b"a"], seen[b"c"]) == (b"a", b"b", b"d e")


@pytest.mark.parametrize("hosts", [(b"Host: evil.test",), (b"A: b", b"hOST:evil.test", b"C: d"), (b"Host:",)])
def test_the_host_of_a_target_that_is_a_url_wins(served: tuple[ThreadServer, Echo], hosts: tuple[bytes, ...]) -> None:
    server, app = served
    lines = b"".join(line + b"\r\n" for line in hosts)
    assert status_of(ask(server, b"GET http://b:81/x HTTP/1.1\r\n" + lines + b"\r\n", CLOSE)) == 200
    headers = app.seen[-2][2]
    assert [value for name, value in headers if name == b"host"] == [b"b:81"]


def test_http_1_0_hears_no_100_continue_and_is_hung_up_on(served: tuple[ThreadServer, Echo]) -> None:
    expecting = headed(b"Host: a", b"Expect: 100-continue", b"Content-Length: 3", version=b"1.0")
    with dial(served[0]) as sock:
        sock.sendall(expecting + b"abc")
        assert read_to_end(sock).startswith(b"HTTP/1.1 200 ")


def test_http_1_1_hears_100_continue_before_its_body_is_read(served: tuple[ThreadServer, Echo]) -> None:
    with dial(served[0]) as sock:
        sock.sendall(headed(b"Host: a", b"Expect: 100-Continue \t", b"Content-Length: 3", b"Connection: Close"))
        assert read_until(sock, b"\r\n\r\n").startswith(b"HTTP/1.1 100 ")
        sock.sendall(b"abc")
        assert read_to_end(sock).endswith(b"/x 3")


@pytest.mark.parametrize("token", [b"close", b"CLOSE", b"x, Close", b"close, keep-alive", b"close\r\nConnection: x"])
def test_a_connection_is_closed_for_whoever_asks_in_any_letters(
    served: tuple[ThreadServer, Echo], token: bytes
) -> None:
    got = ask(served[0], headed(b"Host: a", b"Connection: " + token, method=b"GET"))
    assert status_of(got) == 200


def test_pipelined_requests_are_answered_in_order_one_at_a_time(served: tuple[ThreadServer, Echo]) -> None:
    server, _ = served
    many = b"".join(get(b"/%d" % n) for n in range(200)) + CLOSE
    bodies = [answer.partition(b"\r\n\r\n")[2] for answer in ask(server, many).split(b"HTTP/1.1 ")[1:]]
    assert bodies == [*[b"/%d 0" % n for n in range(200)], b"/after 0"]


def envelope(
    path: bytes, host: bytes, origin: bytes, status: int, why: str
) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    if path == b"/fails":
        raise RuntimeError("on purpose")
    said = path + b" of " + host + origin
    return status + 22, [(b"x-why", why.encode()), (b"content-type", b"a/b")], said


@pytest.fixture(params=STACKS, ids="-".join)
def with_envelope(request: pytest.FixtureRequest) -> Iterator[ThreadServer]:
    http, loop = request.param
    with serve_in_thread(Echo(), http=http, loop=loop, limits=Limits(refuse=envelope)) as server:
        yield server


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (get(b"/x%0?q"), b"/x%0 of a"),
        (get(b"http://b/y#"), b"/y of b"),
        (headed(b"Host: a", b"Origin: c\t", b"D"), b"/x of ac"),
        (CHUNKED.replace(b"Host", b"Origin: c\r\nHost") + b"zz", b"/body of ac"),
        (headed(b"Host: a", b"Content-Length: x"), b"/x of a"),
        (CHUNKED + b"zz", b"/body of a"),
        (b"\x00", b" of "),
    ],
)
def test_a_refusal_has_the_envelope_of_the_callback(with_envelope: ThreadServer, sent: bytes, expected: bytes) -> None:
    head, _, body = ask(with_envelope, sent).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 422 ")
    assert head.count(b"x-why: ") == head.count(b"connection: close") == 1
    assert b"content-length: %d" % len(body) in head
    assert body == expected


def test_an_envelope_may_have_a_status_without_a_name(with_envelope: ThreadServer) -> None:
    assert ask(with_envelope, HEADS["endless header"]).startswith(b"HTTP/1.1 453 \r\nx-why: ")


def test_a_refused_client_that_never_stops_sending_is_cut_off(
    served: tuple[ThreadServer, Echo], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "DRAIN_BYTES", 1_000_000)
    with dial(served[0]) as sock, pytest.raises(ConnectionError):
        sock.sendall(b"\x00" * 100_000_000)


def test_what_only_the_protocol_beneath_refuses_is_refused_as_all_else(
    served: tuple[ThreadServer, Echo], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(origin, "body_length", lambda head: 0)
    got = ask(served[0], headed(b"Host: a", b"Content-Length: x"))
    assert got.startswith(b"HTTP/1.1 400 ")
    assert got.endswith(b"Invalid HTTP request received.\n")


def test_a_refusal_of_head_has_no_body(with_envelope: ThreadServer) -> None:
    head, _, body = ask(with_envelope, b"HEAD /x# HTTP/1.1\r\nHost: a\r\n\r\n").partition(b"\r\n\r\n")
    assert b"content-length: 7" in head
    assert body == b""


def test_a_callback_that_fails_costs_only_its_envelope(
    with_envelope: ThreadServer, caplog: pytest.LogCaptureFixture
) -> None:
    assert ask(with_envelope, get(b"/fails#")).startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert [record.message for record in caplog.records] == ["The callback that writes refusals failed"]
