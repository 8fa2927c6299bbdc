"""Keys, signed links and access tokens, checked against independent implementations."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re

import jwt
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver import signing
from mockserver.draws import IdForm

SECRET = b"a secret of some sandbox"
PATH = "/_media/s-7f3k2q9a/result.mp4"
NOW = 1_000_000_000
BODY = '{"jobId":"clx1","status":"COMPLETED","note":"größer"}'.encode()


def check(query: str | bytes, *, path: str = PATH, now: float = NOW, secret: bytes = SECRET) -> str:
    return signing.check_link(secret, path, query.encode() if isinstance(query, str) else query, now)


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8 % len(data)] ^= 1 << bit % 8
    return bytes(changed)


def test_fresh_secrets_keys_and_names_have_their_shape_and_differ() -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", signing.new_secret())
    assert re.fullmatch(r"key_[0-9a-f]{32}", signing.new_key(IdForm("key_", "hex", 32)))
    assert re.fullmatch(r"[0-9a-f]{32}", signing.new_key())
    assert re.fullmatch(r"s-[a-z0-9]{8}", signing.new_name())
    for new in (signing.new_secret, signing.new_key, signing.new_name):
        assert len({new() for _ in range(50)}) == 50


def test_a_link_is_the_whole_hmac_in_base64url_without_padding() -> None:
    message = f"{NOW}\n{PATH}".encode()
    digest = hmac.new(SECRET, message, hashlib.sha256).digest()
    signature = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert signing.sign_link(SECRET, PATH, NOW) == f"expires={NOW}&signature={signature}"


@given(path=st.text(st.characters()), expires=st.none() | st.integers(NOW + 1, 2**63))
@example(path="/\ud800", expires=None)
def test_a_signed_link_is_ok_before_it_expires(path: str, expires: int | None) -> None:
    assert check(signing.sign_link(SECRET, path, expires), path=path) == "ok"


def test_a_link_is_expired_from_the_second_it_names_on() -> None:
    query = signing.sign_link(SECRET, PATH, NOW)
    assert [check(query, now=now) for now in (NOW - 0.001, NOW, NOW + 9)] == ["ok", "expired", "expired"]


@given(bit=st.integers(0, 8 * 300), expires=st.none() | st.just(NOW + 5) | st.just(NOW - 5))
def test_a_link_with_one_flipped_bit_is_bad(bit: int, expires: int | None) -> None:
    query = signing.sign_link(SECRET, PATH, expires).encode()
    assert check(flipped(query, bit)) == "bad"


@given(bit=st.integers(0, 8 * len(PATH) - 1).filter(lambda bit: bit % 8 != 7))
def test_a_link_to_another_path_is_bad(bit: int) -> None:
    query = signing.sign_link(SECRET, PATH, NOW + 5)
    assert check(query, path=flipped(PATH.encode(), bit).decode()) == "bad"


def test_a_link_of_another_secret_is_bad() -> None:
    assert check(signing.sign_link(b"another", PATH, NOW + 5)) == "bad"


def test_other_query_keys_are_ignored() -> None:
    assert check("download=1&" + signing.sign_link(SECRET, PATH, NOW + 5) + "&&x") == "ok"


@pytest.mark.parametrize("twice", ["expires", "signature"])
def test_a_key_given_twice_is_bad(twice: str) -> None:
    query = signing.sign_link(SECRET, PATH, NOW + 5)
    part = next(part for part in query.split("&") if part.startswith(twice))
    assert check(f"{query}&{part}") == "bad"


@pytest.mark.parametrize("changed", ["expires=&", "expires=%31&", f"expires=0{NOW + 5}&", f"expires=+{NOW}&", ""])
def test_an_expiry_in_other_words_is_bad(changed: str) -> None:
    signature = signing.sign_link(SECRET, PATH, NOW + 5).partition("&")[2]
    assert check(changed + signature) == "bad"


def test_an_empty_expiry_does_not_make_a_link_last_for_ever() -> None:
    assert check("expires=&" + signing.sign_link(SECRET, PATH, None)) == "bad"


@given(query=st.binary(), path=st.text(st.characters()))
def test_checking_garbage_answers_bad(query: bytes, path: str) -> None:
    assert check(query, path=path) == "bad"


CLAIMS = {
    "sandbox": "s-7f3k2q9a",
    "sub": 7,
    "iat": NOW + 10**9,
    "exp": 5,
    "aud": "x",
    "client": "demo-client",
}


def test_a_token_carries_its_claims_whatever_the_wall_clock_says() -> None:
    token = signing.issue_token(SECRET, CLAIMS)
    assert signing.read_token(SECRET, token) == CLAIMS
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}
    assert jwt.decode(token, options={"verify_signature": False}) == CLAIMS


def test_changing_the_claims_returned_changes_no_later_reading() -> None:
    token = signing.issue_token(SECRET, CLAIMS)
    claims = signing.read_token(SECRET, token)
    assert claims is not None
    claims.clear()
    assert signing.read_token(SECRET, token) == CLAIMS


def test_a_token_of_another_secret_is_not_read() -> None:
    assert signing.read_token(b"another", signing.issue_token(SECRET, CLAIMS)) is None


@given(bit=st.integers(0, 8 * 400))
def test_a_token_with_one_flipped_bit_is_not_read(bit: int) -> None:
    changed = flipped(signing.issue_token(SECRET, CLAIMS).encode(), bit).decode("latin-1")
    assert signing.read_token(SECRET, changed) is None


def _segment(value: object) -> str:
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def test_a_token_without_or_with_another_algorithm_is_not_read() -> None:
    genuine = signing.issue_token(SECRET, CLAIMS).split(".")
    for algorithm in ("none", "HS512", "RS256", "hs256"):
        header = _segment({"alg": algorithm, "typ": "JWT"})
        assert signing.read_token(SECRET, f"{header}.{genuine[1]}.{genuine[2]}") is None
        assert signing.read_token(SECRET, f"{header}.{genuine[1]}.") is None


@given(token=st.text(st.characters()) | st.from_regex(r"[\w-]+\.[\w-]+\.[\w-]{43}", fullmatch=True))
@example("a" * 5000)
@example("..")
@example(f"{_segment(b'[' * 900)}.{_segment(b'[' * 900)}.{'A' * 43}")
def test_reading_garbage_gives_none(token: str) -> None:
    assert signing.read_token(SECRET, token) is None


def test_the_sandbox_of_a_token_is_read_without_the_secret() -> None:
    assert signing.unverified_sandbox(signing.issue_token(SECRET, CLAIMS)) == "s-7f3k2q9a"


@pytest.mark.parametrize(
    "token",
    ["", "a.b", "a.b.c.d", "a.ö.c", "a.e.c", "\ud800.\ud800.\ud800"]
    + [f"a.{_segment(claims)}.c" for claims in ({}, {"sandbox": 5}, [], None, b"\xff", b"[" * 200_000)],
)
def test_the_sandbox_of_garbage_is_none(token: str) -> None:
    assert signing.unverified_sandbox(token) is None
