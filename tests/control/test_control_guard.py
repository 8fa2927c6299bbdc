"""Who may steer: the guard as a function, and against what a page in somebody's browser can send."""

from __future__ import annotations

import pytest
from control_kit import OWN, Steered, refused, steered, told

from mockserver.app import Settings
from mockserver.control import Guard, Problem

HOST = ("host", "127.0.0.1:8000")
JSON = ("content-type", "application/json")


def raw(*headers: tuple[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in headers]


def status(found: Problem | None) -> int | None:
    return None if found is None else found.status


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("localhost", True), ("LOCALHOST:99", True), ("127.0.0.1", True), ("127.9.9.9:1", True), ("[::1]:8000", True),
        ("[::ffff:127.0.0.1]", True), ("mock.test:80", True), ("10.0.0.7", True), ("[fe80::1]:3", True),
        ("evil.example", False), ("localhost.evil.example", False), ("127.0.0.1.evil.example", False),
        ("evil.example:8000", False), ("evil@localhost", False), ("localhost/", False), ("localhost:8000:1", False),
        ("10.0.0.8", False), ("[::2]", False), ("0.0.0.0", False), ("", False), (":8000", False), ("[]", False),
    ],
)  # fmt: skip
def test_only_loopback_and_allowed_hosts_are_known(host: str, known: bool) -> None:
    guard = Guard(["mock.test", "10.0.0.7:8000", "fe80::1", ""])
    assert guard.knows(host) is known
    assert status(guard.refusal("GET", raw(("host", host)))) == (None if known else 403)


@pytest.mark.parametrize("headers", [[], [HOST, HOST], [HOST, ("Host", "evil.example")]])
def test_a_request_without_exactly_one_host_is_refused(headers: list[tuple[str, str]]) -> None:
    assert status(Guard().refusal("GET", raw(*headers))) == 403


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([JSON], None),
        ([("content-type", "application/json; charset=utf-8")], None),
        ([("Content-Type", "APPLICATION/JSON")], None),
        ([], 415),
        ([("content-type", "text/plain")], 415),
        ([("content-type", "text/plain; application/json")], 415),
        ([("content-type", "text/plain, application/json")], 415),
        ([("content-type", "application/x-www-form-urlencoded")], 415),
        ([("content-type", "multipart/form-data; boundary=application/json")], 415),
        ([("content-type", "application/jsonp")], 415),
        ([JSON, ("content-type", "text/plain")], 415),
        ([JSON, ("content-encoding", "gzip")], 415),
        ([JSON, ("content-encoding", "Identity")], None),
        ([JSON, ("sec-fetch-site", "same-origin")], None),
        ([JSON, ("sec-fetch-site", "none")], None),
        ([JSON, ("sec-fetch-site", "same-site")], 403),
        ([JSON, ("sec-fetch-site", "cross-site")], 403),
        ([JSON, ("sec-fetch-site", "")], 403),
        ([JSON, ("sec-fetch-site", "none"), ("sec-fetch-site", "cross-site")], 403),
        ([JSON, ("origin", "http://127.0.0.1:8000")], None),
        ([JSON, ("origin", "HTTP://127.0.0.1:8000")], None),
        ([JSON, ("origin", "http://127.0.0.1:3000")], 403),
        ([JSON, ("origin", "http://localhost:8000")], 403),
        ([JSON, ("origin", "http://evil.example")], 403),
        ([JSON, ("origin", "null")], 403),
        ([JSON, ("origin", "")], 403),
        ([JSON, ("origin", "http://127.0.0.1:8000.evil.example")], 403),
        ([JSON, ("origin", "http://127.0.0.1:8000"), ("sec-fetch-site", "cross-site")], 403),
    ],
)
def test_a_write_must_be_json_and_of_the_same_origin(headers: list[tuple[str, str]], expected: int | None) -> None:
    assert status(Guard().refusal("POST", raw(HOST, *headers))) == expected
    assert status(Guard().refusal("PUT", raw(HOST, *headers))) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([], None),
        ([("content-length", "0")], None),
        ([("content-length", "2")], 415),
        ([("transfer-encoding", "chunked")], 415),
        ([("content-length", "2"), JSON], None),
        ([("content-type", "text/plain")], None),
        ([("origin", "http://evil.example")], 403),
    ],
)
def test_a_delete_without_a_body_needs_no_media_type(headers: list[tuple[str, str]], expected: int | None) -> None:
    assert status(Guard().refusal("DELETE", raw(HOST, *headers))) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["Bearer s3cret"], None), (["bearer  s3cret "], None), ([], 401), (["Bearer"], 401), (["Bearer s3cre"], 401),
        (["Bearer s3cret2"], 401), (["Basic s3cret"], 401), (["s3cret"], 401), (["Bearer s3cret", "Bearer x"], 401),
        (["Bearer \xe9"], 401),
    ],
)  # fmt: skip
def test_with_a_token_every_request_must_carry_it(values: list[str], expected: int | None) -> None:
    headers = raw(HOST, *(("authorization", value) for value in values))
    found = Guard(token="s3cret").refusal("GET", headers)
    assert status(found) == expected
    assert found is None or (b"www-authenticate", b"Bearer") in found.headers


# --- against the whole server


FORM = {"content-type": "application/x-www-form-urlencoded"}
CROSS = {"origin": "http://evil.example", "sec-fetch-site": "cross-site"}
ATTACKS = [
    pytest.param("POST", "/_mock/sandboxes", {**FORM, **CROSS}, b"name=evil", 403, id="cross-site form"),
    pytest.param("POST", "/_mock/sandboxes", FORM, b'{"name":"evil"}', 415, id="form of an old browser"),
    pytest.param("POST", "/_mock/sandboxes", {"content-type": "text/plain"}, b'{"name":"evil"}', 415, id="text/plain"),
    pytest.param("POST", "/_mock/sandboxes", {}, b"", 415, id="beacon without a type"),
    pytest.param("POST", "/_mock/sandboxes", {**CROSS, "content-type": "application/json"}, b"{}", 403, id="fetch"),
    pytest.param("PUT", "/_mock/sandboxes/default/limits", {**CROSS, "content-type": "application/json"},
                 b'{"on":false}', 403, id="fetch with PUT"),
    pytest.param("DELETE", "/_mock/sandboxes/mine", CROSS, b"", 403, id="fetch with DELETE"),
    pytest.param("POST", "/_mock/sandboxes", {"host": "evil.example", "content-type": "application/json"}, b"{}", 403,
                 id="rebound name, write"),
    pytest.param("GET", "/_mock/sandboxes", {"host": "evil.example"}, b"", 403, id="rebound name, read"),
    pytest.param("GET", "/_mock/docs", {"host": "evil.example"}, b"", 403, id="rebound name, docs"),
    pytest.param("OPTIONS", "/_mock/sandboxes", {**CROSS, "access-control-request-method": "POST"}, b"", 405,
                 id="preflight"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "headers", "body", "expected"), ATTACKS)
def test_a_page_in_a_browser_changes_nothing(
    control: Steered, method: str, path: str, headers: dict[str, str], body: bytes, expected: int
) -> None:
    if control.server.sandboxes.get("mine") is None:
        control.sandbox(name="mine")
    before = control.get("/_mock/sandboxes/default"), len(control.server.sandboxes)
    answer = control.ask(method, path, headers=headers, content=body)
    refused(answer, expected)
    assert not [name for name in answer.headers if name.startswith("access-control")]
    after = control.get("/_mock/sandboxes/default"), len(control.server.sandboxes)
    for each in (before[0], after[0]):
        each.pop("clock")  # it runs
    assert before == after


@pytest.mark.parametrize("path", ["/_mock/sandboxes", "/_mock/sandboxes/default/journal"])
def test_an_image_or_an_event_source_of_another_page_changes_nothing(control: Steered, path: str) -> None:
    answer = control.ask("GET", path, headers={"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"})
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_token_opens_everything_and_health_needs_none() -> None:
    with steered(Settings(control_token="s3cret")) as control:
        refused(control.ask("GET", "/_mock/sandboxes"), 401)
        assert "/_mock/docs" in refused(control.ask("GET", "/_mock/sandboxes/default"), 401)["detail"]
        refused(control.ask("GET", "/_mock/docs", headers={"host": "evil.example"}), 403)
        page = control.ask("GET", "/_mock/docs")
        assert (page.status_code, '"security":[{"ControlToken":[]}]' in page.text) == (200, True)
        assert "s3cret" not in page.text
        refused(control.ask("POST", "/_mock/sandboxes", json={}), 401)
        assert control.get("/_mock/health", headers={"host": "anything"})["status"] == "ok"
        document = control.get("/_mock/openapi.json", headers={"authorization": "Bearer s3cret"})
        assert document["security"] == [{"ControlToken": []}]
        assert control.ask("GET", "/").status_code == 200


def test_allowed_hosts_and_the_public_url_may_be_asked_by_name() -> None:
    settings = Settings(allow_hosts=frozenset({"mock.test"}), public_url="https://mocks.example:9/")
    with steered(settings) as control:
        for host, expected in (("mock.test:1", 200), ("mocks.example", 200), ("evil.example", 403)):
            assert control.ask("GET", "/_mock/sandboxes", headers={"host": host}).status_code == expected


def test_a_page_of_this_server_may_control_it(control: Steered) -> None:
    headers = {"origin": OWN, "sec-fetch-site": "same-origin"}
    told(control.ask("PUT", "/_mock/sandboxes/default/limits", json={"on": True}, headers=headers), 200)


@pytest.mark.parametrize("origin", [b"x://localhost:1", b"chrome-extension://localhost:1", b"http://a://localhost:1"])
def test_an_origin_of_another_scheme_is_foreign(origin: bytes) -> None:
    headers = [(b"host", b"localhost:1"), (b"content-type", b"application/json")]
    assert Guard().refusal("POST", [*headers, (b"origin", b"http://localhost:1")]) is None
    refused = Guard().refusal("POST", [*headers, (b"origin", origin)])
    assert refused is not None
    assert refused.status == 403


@pytest.mark.parametrize("allowed", ["", "http://a", "a:b:c/d", "@"])
def test_a_broken_name_allows_no_broken_host(allowed: str) -> None:
    for host in (b"", b":1", b"a@b", b"http://a"):
        assert Guard([allowed]).refusal("GET", [(b"host", host)]) is not None


@pytest.mark.parametrize(
    ("host", "server", "known"),
    [
        ("testserver", "testserver", True),
        ("TestServer:80", "testserver", True),
        ("evil.example", "testserver", False),
        ("evil.example", "127.0.0.1", False),
        ("192.0.2.7", "192.0.2.7", False),
        ("[2001:db8::1]:80", "2001:db8::1", False),
        ("3221225991", "192.0.2.7", False),
        ("", "", False),
        ("/", "/", False),
    ],
)
def test_a_transport_within_the_process_is_known_by_its_name_and_no_address_by_itself(
    host: str, server: str, known: bool
) -> None:
    assert Guard().knows(host, server) is known


@pytest.mark.parametrize(
    ("client", "token", "expected"),
    [
        ("127.0.0.1", None, None), ("::1", None, None), ("::ffff:127.0.0.1", None, None), ("testclient", None, None),
        ("", None, None), ("192.0.2.7", None, 403), ("2001:db8::1", None, 403), ("192.0.2.7", "s3cret", None),
    ],
)  # fmt: skip
def test_without_a_token_a_client_on_another_machine_is_refused(
    client: str, token: str | None, expected: int | None
) -> None:
    headers = raw(HOST, ("authorization", f"Bearer {token}"))
    assert status(Guard(token=token).refusal("GET", headers, client=client)) == expected
