"""No secret of a path reaches a recording, nor what a body said of one; ids that answers hand out stay."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest
from recorder_kit import HOST, answering, asking, entries, got, recorded, text_of

from mockserver.recorder import Recording

HOOK = "x7KfP2qLmN0rTvWs4Yb9Jc3d"
LONG = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
PATHS = {
    "a bot's token": ("/v1/bot%s/sendVideo", "123456789:AAF-abcDEF1234ghIkl-zyx57W2v1u"),
    "a hook": ("/services/T024BE7LD/B024BE7LD/%s", "y8KfP2qLmN0rTvWs4Yb9Jc3d"),
    "a token after a word": ("/v1/token/%s/usage", "a1b2c3d4e5"),
    "a JSON Web Token": ("/v1/by/%s/jobs", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJlLW9mLWl0"),
    "a digest": ("/results/%s/video.mp4", LONG),
    "a file named by one": ("/results/%s.mp4", "z9KfP2qLmN0rTvWs4Yb9Jc3d"),
    "a parameter that nobody calls secret": ("/results/video.mp4?h=%s", LONG.swapcase()[::-1]),
    "one that is encoded": ("/v1/bot987654321%%3A%s/sendVideo", "AAG-xbcDEF1234ghIkl-zyx57W2v1u"),
}
ACCOUNT = "AC0a1b2c3d4e5f60718293a4b5c6d7e8f9"
BASIC = base64.b64encode(f"{ACCOUNT}:a-password-1".encode()).decode()


def kept(found: Recording) -> str:
    return json.dumps(found.tape.har())


def told(secret: str) -> bytes:
    """An answer that repeats it under names that say nothing, and in the middle of others."""
    return json.dumps({"is": [f"it was {secret}!"], "url": f"https://{HOST}/a/{secret}/b?c={secret}"}).encode()


def leaks(cases: Mapping[str, tuple[bytes, str]]) -> list[str]:
    """The cases, a request and its secret each, of which a recording keeps the secret anywhere."""
    answer = b"[%s]" % b", ".join(told(secret) for _, secret in cases.values())
    with recorded(answering(answer, "Content-Type: application/json")) as found:
        got(found, asking("/before"))
        for request, _ in cases.values():
            assert got(found, request).endswith(answer)
        got(found, asking("/after"))
    return [name for name, (_, secret) in cases.items() if secret in kept(found)]


def test_a_secret_in_a_path_is_in_no_recording() -> None:
    assert leaks({name: (asking(path % secret), secret) for name, (path, secret) in PATHS.items()}) == []


def test_what_stands_in_a_credential_is_hidden_in_a_path() -> None:
    with recorded(answering(b"{}", "Content-Type: application/json")) as found:
        got(found, asking(f"/Accounts/{ACCOUNT}/Calls", f"Authorization: Basic {BASIC}"))
        got(found, asking("/part/k3y1d2a3b4/x", 'Authorization: Signature keyId="k3y1d2a3b4",signature="abcdefabcdef"'))
    assert ACCOUNT not in kept(found)
    assert "k3y1d2a3b4" not in kept(found)


def ids() -> dict[str, Any]:
    return {
        "a long one": {"id": LONG}, "of many letters": {"job": {"task_id": HOOK}},
        "with a prefix": {"id": f"job_{HOOK}"},
        "without a name that says so": {"result": HOOK}, "a name of several parts": {"name": f"operations/{HOOK}"},
    }  # fmt: skip


@pytest.mark.parametrize("how", ids())
def test_an_id_that_an_answer_handed_out_stays(how: str) -> None:
    made = ids()[how]
    number = json.dumps(made).rpartition(": ")[2].strip('"}')
    with recorded(answering(json.dumps(made).encode(), "Content-Type: application/json")) as found:
        got(found, asking("/v1/jobs", method="POST"))
        got(found, asking(f"/v1/{number}/status?of={number}"))
    assert [each["request"]["url"] for each in entries(found)][1] == f"https://{HOST}/v1/{number}/status?of={number}"
    assert json.loads(text_of(entries(found)[1])) == made


def test_an_id_of_the_answer_itself_stays() -> None:
    """A recording may begin when the job is there."""
    with recorded(answering(json.dumps({"id": HOOK}).encode(), "Content-Type: application/json")) as found:
        got(found, asking(f"/v1/jobs/{HOOK}"))
    assert entries(found)[0]["request"]["url"] == f"https://{HOST}/v1/jobs/{HOOK}"


def test_ids_of_other_formats_stay() -> None:
    for text in (f"<job><id>{HOOK}</id></job>", f'data: {{"job_id": "{HOOK}"}}\n\n', f"id: {HOOK}\n"):
        with recorded(answering(text.encode(), "Content-Type: text/plain")) as found:
            got(found, asking("/v1/jobs", method="POST"))
            got(found, asking(f"/v1/jobs/{HOOK}"))
        assert entries(found)[1]["request"]["url"] == f"https://{HOST}/v1/jobs/{HOOK}", text


# --- what bodies say

JSON, FORM, PARTS = "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"
PART = '--b\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n--b--\r\n'
BODIES = {
    "a password": (JSON, '{"password": "%s"}'), "a token below": (JSON, '{"a": {"refresh_token": "%s"}}'),
    "a list": (JSON, '{"api_keys": ["%s"]}'), "text of JSON": (JSON, r'{"a": "{\"client_secret\": \"%s\"}"}'),
    "a query language": (JSON, r'{"query": "mutation { login(password: \"%s\") }"}'),
    "a URL with a user": (JSON, '{"url": "https://u:%s@x.example/a"}'),
    "a URL with a token": (JSON, '{"url": "https://x.example/a?token=%s"}'),
    "a form": (FORM, "grant_type=x&client_secret=%s"), "JSON in a form": (FORM, 'data={"api_key":"%s"}'),
    "a part of a form": (PARTS, PART.format("password", "%s")),
    "XML": ("application/xml", "<a><password>%s</password></a>"),
    "JSON in a part": (PARTS, PART.format("meta", '{{"api_key":"%s"}}').replace("{{", "{").replace("}}", "}")),
    "YAML": ("application/yaml", "api_key: %s"),
    "lines of JSON": ("application/x-ndjson", '{"api_key": "%s"}\n{"a": 1}\n'),
    "text": ("text/plain", "password: %s"),
}  # fmt: skip


def test_a_secret_of_a_body_is_hidden_before_and_after_wherever_it_stands() -> None:
    cases = {}
    for n, (name, (media, body)) in enumerate(BODIES.items()):
        secret = f"hunter{n}-Zq81k"
        sent = (body % secret).encode()
        cases[name] = asking("/login", f"Content-Type: {media}", method="POST", body=sent), secret
    assert leaks(cases) == []


def test_words_that_a_body_says_of_secrets_hide_no_state() -> None:
    with recorded(
        answering(b'{"status": "completed", "id": "job_1a2b3c4d5e6f"}', "Content-Type: application/json")
    ) as found:
        got(
            found, asking("/v1/jobs", "Content-Type: application/json", method="POST", body=b'{"a": "auth: completed"}')
        )
        got(
            found,
            asking("/v1/done", "Content-Type: application/json", method="POST", body=b'{"key": "job_1a2b3c4d5e6f"}'),
        )
    assert [json.loads(text_of(each))["status"] for each in entries(found)] == ["completed"] * 2
    assert "job_1a2b3c4d5e6f" in entries(found)[1]["request"]["postData"]["text"]


def test_an_id_that_only_a_header_hands_out_stays() -> None:
    made = answering(b"", f"Location: /v1/jobs/{HOOK}", status="202 Accepted")
    with recorded(made) as found:
        got(found, asking("/v1/jobs", method="POST"))
        got(found, asking(f"/v1/jobs/{HOOK}"))
    assert entries(found)[1]["request"]["url"] == f"https://{HOST}/v1/jobs/{HOOK}"
