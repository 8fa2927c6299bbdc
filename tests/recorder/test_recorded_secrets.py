"""No secret reaches a recording: neither by its place or name, nor where an answer repeats what a request carried."""

from __future__ import annotations

import base64
import json

import pytest
from recorder_kit import HOST, answering, asking, entries, got, recorded, text_of

from mockserver.recorder import tape
from mockserver.recorder.copies import BodyCopy

SECRET = "s3cr3t-Value-0123456789"
BASIC = base64.b64encode(f"user:{SECRET}".encode()).decode()
CARRIED = {
    "a bearer token": asking("/", f"Authorization: Bearer {SECRET}"),
    "a key in a header": asking("/", f"X-API-Key: {SECRET}"),
    "a key in a header nobody thought of": asking("/", f"X-Vendor-Thing: {SECRET}"),
    "a password": asking("/", f"Authorization: Basic {BASIC}"),
    "a cookie": asking("/", f"Cookie: a=b; session={SECRET}"),
    "a parameter": asking(f"/?api_key={SECRET}&a=1"),
    "a field": asking(
        "/", "Content-Type: application/json", method="POST", body=b'{"client_secret": "%b"}' % SECRET.encode()
    ),
    "a field of a form": asking(
        "/", "Content-Type: application/x-www-form-urlencoded", method="POST", body=b"a=1&password=" + SECRET.encode()
    ),
    "a part of a form": asking(
        "/", "Content-Type: multipart/form-data; boundary=b", method="POST",
        body=b'--b\r\nContent-Disposition: form-data; name="token"\r\n\r\n%b\r\n--b--\r\n' % SECRET.encode(),
    ),
    "a list of names and values": asking(
        "/", "Content-Type: application/json", method="POST",
        body=b'{"headers": [{"name": "Authorization", "value": "%b"}]}' % SECRET.encode(),
    ),
}  # fmt: skip
ECHO = json.dumps({"said": SECRET, "within": f"it was {SECRET}!", "url": f"https://{HOST}/a?x={SECRET}"}).encode()
REPEATED = {name for name in CARRIED if name != "a key in a header nobody thought of"}


@pytest.mark.parametrize("how", CARRIED)
def test_what_a_request_carries_is_in_no_recording(how: str) -> None:
    body = ECHO if how in REPEATED else b"{}"
    with recorded(answering(body, "Content-Type: application/json")) as found:
        assert got(found, CARRIED[how]).endswith(body)
    assert SECRET not in json.dumps(found.tape.har())
    assert "[redacted]" in json.dumps(found.tape.har())


ANSWERED = {
    "a field": (b'{"access_token": "%b"}', ()),
    "fields below it": (b'{"credentials": {"user": "%b", "list": ["%b"]}}', ()),
    "a signed URL": (b'{"url": "https://cdn.example/a.mp4?X-Amz-Signature=%b&b=1"}', ()),
    "a cookie": (b'{"said": "%b"}', (f"Set-Cookie: session={SECRET}; Path=/",)),
    "a header": (b"{}", (f"X-Session-Token: {SECRET}",)),
    "a redirect": (b"{}", (f"Location: https://{HOST}/a?token={SECRET}",)),
    "text that is no JSON": (b'password: "%b"', ()),
}


@pytest.mark.parametrize("how", ANSWERED)
def test_what_an_answer_issues_is_in_no_recording(how: str) -> None:
    body, lines = ANSWERED[how]
    body = body.replace(b"%b", SECRET.encode())
    with recorded(answering(body, "Content-Type: application/json", *lines)) as found:
        got(found, asking())
    assert SECRET not in json.dumps(found.tape.har())


def test_a_credential_is_hidden_in_the_answer_that_told_it_too() -> None:
    """That came before any request carried it, under a name that says nothing."""
    told = json.dumps({"data": {"id": SECRET}, "next": f"https://{HOST}/of/{SECRET}/a"}).encode()
    with recorded(answering(told, "Content-Type: application/json", f"Location: /of/{SECRET}")) as found:
        got(found, asking())
        got(found, asking(f"/of/{SECRET}/a", f"Authorization: Bearer {SECRET}"))
    assert SECRET not in json.dumps(found.tape.har())
    first = entries(found)[0]
    assert json.loads(text_of(first)) == {"data": {"id": "[redacted]"}, "next": f"https://{HOST}/of/[redacted]/a"}
    assert (first["request"]["method"], first["request"]["url"]) == ("GET", f"https://{HOST}/")


def test_values_keep_their_kind_and_names_stay() -> None:
    body = {"token": "abcdefabcdef", "pin": 1234, "max_tokens": 5, "token_type": "bearer", "secrets": [True, None, "x"]}
    with recorded(answering(json.dumps(body).encode(), "Content-Type: application/json")) as found:
        got(found, asking())
    assert json.loads(text_of(entries(found)[0])) == {
        "token": "[redacted]", "pin": 0, "max_tokens": 0, "token_type": "bearer", "secrets": [True, None, "[redacted]"],
    }  # fmt: skip


def test_the_scheme_of_credentials_and_what_tells_when_to_come_back_are_kept() -> None:
    lines = ("Retry-After: 7", "X-RateLimit-Limit: 60", "ratelimit-remaining: 5", "X-Odd: hidden")
    with recorded(answering(b"{}", "Content-Type: application/json", *lines)) as found:
        got(found, asking("/", f"Authorization: Bearer {SECRET}"))
    (entry,) = entries(found)
    sent = {each["name"].lower(): each["value"] for each in entry["request"]["headers"]}
    answered = {each["name"].lower(): each["value"] for each in entry["response"]["headers"]}
    assert sent["authorization"] == "Bearer [redacted]"
    assert {
        "retry-after": "7",
        "x-ratelimit-limit": "60",
        "ratelimit-remaining": "5",
        "x-odd": "[redacted]",
    }.items() <= (answered.items())


def test_of_files_their_names_types_and_sizes_are_kept() -> None:
    part = (
        b'--b\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'
        + bytes(100_000) + b'\r\n--b\r\nContent-Disposition: form-data; name="mode"\r\n\r\nfast\r\n--b--\r\n'
    )  # fmt: skip
    request = asking("/", "Content-Type: multipart/form-data; boundary=b", method="POST", body=part)
    with recorded(answering(b"{}", "Content-Type: application/json")) as found:
        got(found, request)
    assert entries(found)[0]["request"]["postData"] == {
        "mimeType": "multipart/form-data", "text": "",
        "params": [
            {"name": "mode", "value": "fast"},
            {"name": "image", "fileName": "a.png", "contentType": "image/png", "comment": "100000 bytes"},
        ],
    }  # fmt: skip


def test_failures_are_counted_by_what_is_shown_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tape, "ERRORS", 1)
    kept = tape.Tape()
    kept.begin(((b"x-api-key", SECRET.encode()),), b"")
    for _ in range(2):
        kept.add(tape.Recorded(1.0, "GET", f"https://{HOST}", b"/", (), BodyCopy(""), error=f"{SECRET} is refused"))
    assert kept.errors == {"[redacted] is refused": 2}
