"""Keys, signed links, access tokens and webhook signatures, checked against independent implementations."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from datetime import UTC, datetime

import jwt
import pytest
import standardwebhooks.webhooks
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver import signing
from mockserver.draws import Form
from mockserver.signing import SCHEMES, SignedMessage, standard_webhooks_secret

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
    assert re.fullmatch(r"key_[0-9a-f]{32}", signing.new_key(Form("key_", "hex", 32)))
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


def message(secret: str, *, body: bytes = BODY, header: str = "") -> SignedMessage:
    return SignedMessage(body=body, secret=secret, id="msg_1", timestamp=NOW, header=header)


def test_the_schemes_are_a_closed_table() -> None:
    assert sorted(SCHEMES) == ["hmac-sha256-hex", "none", "standard-webhooks"]
    with pytest.raises(TypeError):
        SCHEMES["more"] = SCHEMES["none"]  # type: ignore[index]


def test_the_scheme_none_adds_no_header() -> None:
    assert SCHEMES["none"](message("s")) == []


def test_hmac_sha256_hex_is_bare_lower_case_hex_over_the_body() -> None:
    [(name, value)] = SCHEMES["hmac-sha256-hex"](message("demo-webhook-secret", header="X-Webhook-Signature"))
    expected = hmac.new(b"demo-webhook-secret", BODY, hashlib.sha256).hexdigest()
    assert name == "X-Webhook-Signature"
    assert hmac.compare_digest(value, expected)


def test_hmac_sha256_hex_agrees_with_the_second_test_case_of_rfc_4231() -> None:
    known = message("Jefe", body=b"what do ya want for nothing?", header="X-Signature")
    assert SCHEMES["hmac-sha256-hex"](known) == [
        ("X-Signature", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    ]


class _Then(datetime):
    @classmethod
    def now(cls, tz: object = None) -> datetime:
        return datetime.fromtimestamp(NOW, UTC)


@pytest.fixture
def _verifier_in_2001(monkeypatch: pytest.MonkeyPatch) -> None:
    """The verifier compares with the wall clock; a sandbox does not live there."""
    monkeypatch.setattr(standardwebhooks.webhooks, "datetime", _Then)


@pytest.mark.usefixtures("_verifier_in_2001")
@pytest.mark.parametrize("secret", ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ9r8=", "MfKQ9r8", "0f" * 32])
def test_the_reference_package_verifies_standard_webhooks(secret: str) -> None:
    headers = dict(SCHEMES["standard-webhooks"](message(secret)))
    assert list(headers) == ["webhook-id", "webhook-timestamp", "webhook-signature"]
    assert standardwebhooks.webhooks.Webhook(secret).verify(BODY, headers) == json.loads(BODY)


@pytest.mark.usefixtures("_verifier_in_2001")
def test_a_secret_that_is_no_base64_is_itself_the_key() -> None:
    headers = dict(SCHEMES["standard-webhooks"](message("demo-webhook-secret")))
    verifier = standardwebhooks.webhooks.Webhook(b"demo-webhook-secret")
    assert verifier.verify(BODY, headers) == json.loads(BODY)


@pytest.mark.usefixtures("_verifier_in_2001")
@pytest.mark.parametrize("secret", ["demo-webhook-secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "0f" * 32])
def test_a_secret_has_a_twin_in_the_form_of_standard_webhooks_that_is_the_same_key(secret: str) -> None:
    twin = standard_webhooks_secret(secret)
    assert twin.startswith("whsec_")
    for signer, verifier in ((secret, twin), (twin, twin)):
        headers = dict(SCHEMES["standard-webhooks"](message(signer)))
        assert standardwebhooks.webhooks.Webhook(verifier).verify(BODY, headers) == json.loads(BODY)
    assert standard_webhooks_secret(twin) == twin


@pytest.mark.usefixtures("_verifier_in_2001")
def test_the_reference_package_refuses_another_body() -> None:
    headers = dict(SCHEMES["standard-webhooks"](message("MfKQ9r8=")))
    with pytest.raises(standardwebhooks.webhooks.WebhookVerificationError):
        standardwebhooks.webhooks.Webhook("MfKQ9r8=").verify(BODY + b" ", headers)
