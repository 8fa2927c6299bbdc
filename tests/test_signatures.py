"""The table of signatures, checked against independent implementations."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import subprocess
import sys
from datetime import UTC, datetime

import jwt
import pytest
import standardwebhooks.webhooks
from hypothesis import given
from hypothesis import strategies as st

from mockserver.signatures import (
    ALGORITHMS,
    ENCODINGS,
    SCHEMES,
    Signing,
    in_base64,
    is_right,
    jwk,
    signature_text,
    signed,
)

NOW = 1_000_000_000
BODY = '{"jobId":"clx1","status":"COMPLETED","note":"größer"}'.encode()


def test_the_tables_are_closed() -> None:
    assert sorted(SCHEMES) == ["hmac-sha256-hex", "none", "standard-webhooks", "standard-webhooks-v1a"]
    assert sorted(ALGORITHMS) == ["ed25519", "hmac-sha1", "hmac-sha256", "hmac-sha512", "sha1", "sha256"]
    assert sorted(ENCODINGS) == ["base64", "base64url", "hex"]
    with pytest.raises(TypeError):
        SCHEMES["more"] = None  # type: ignore[index]


def test_hmac_sha256_hex_agrees_with_the_second_test_case_of_rfc_4231() -> None:
    known = signed(Signing("hmac-sha256"), "Jefe", b"what do ya want for nothing?")
    assert known == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"


@pytest.mark.parametrize("name", ["sha1", "sha256", "sha512"])
@pytest.mark.parametrize("encoding", ["hex", "base64", "base64url"])
def test_an_hmac_is_the_standard_library_s_in_any_encoding(name: str, encoding: str) -> None:
    digest = hmac.new(b"secret", BODY, name).digest()
    expected = {
        "hex": digest.hex(),
        "base64": base64.b64encode(digest).decode(),
        "base64url": base64.urlsafe_b64encode(digest).decode().rstrip("="),
    }
    assert signed(Signing(f"hmac-{name}", encoding), "secret", BODY) == expected[encoding]


@pytest.mark.parametrize("name", ["sha1", "sha256"])
def test_a_plain_hash_knows_no_key(name: str) -> None:
    assert signed(Signing(name), "any", BODY) == hashlib.new(name, BODY).hexdigest()
    assert signed(Signing(name), "other", BODY) == hashlib.new(name, BODY).hexdigest()


@pytest.mark.parametrize("key", ["text", "base64"])
def test_ed25519_is_verified_by_the_public_key_of_its_jwk(key: str) -> None:
    from cryptography.exceptions import InvalidSignature

    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    public = jwt.PyJWK(jwk(secret, key)).key
    public.verify(bytes.fromhex(signed(Signing("ed25519", key=key), secret, BODY)), BODY)
    with pytest.raises(InvalidSignature):
        public.verify(bytes.fromhex(signed(Signing("ed25519", key=key), "other", BODY)), BODY)
    assert jwk(secret, key)["kid"] != jwk("other", key)["kid"]


def test_no_package_for_ed25519_is_imported_by_those_who_do_not_sign_so() -> None:
    code = (
        "import sys; from mockserver.signatures import Signing, signed; signed(Signing('hmac-sha256'), 'a', b'');"
        " sys.exit('cryptography' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@given(secrets=st.lists(st.text(min_size=1), min_size=1, max_size=3), message=st.binary())
def test_a_signature_of_each_valid_key_is_carried_and_each_is_enough(secrets: list[str], message: bytes) -> None:
    signing = Signing("hmac-sha256", each="v1=", between=",")
    carried = signature_text(signing, [signed(signing, each, message) for each in secrets])
    assert carried.count("v1=") == len(secrets)
    for secret in secrets:
        assert is_right(signing, carried, [secret], lambda _: message)
    assert not is_right(signing, carried, secrets, lambda _: message + b" ")
    assert not is_right(signing, carried.replace("v1=", "v0="), secrets, lambda _: message)


class _Then(datetime):
    @classmethod
    def now(cls, tz: object = None) -> datetime:
        return datetime.fromtimestamp(NOW, UTC)


@pytest.fixture
def _verifier_in_2001(monkeypatch: pytest.MonkeyPatch) -> None:
    """The verifier compares with the wall clock; a sandbox does not live there."""
    monkeypatch.setattr(standardwebhooks.webhooks, "datetime", _Then)


def standard(secret: str) -> dict[str, str]:
    """The headers of Standard Webhooks."""
    signing = SCHEMES["standard-webhooks"]
    assert signing is not None
    carried = signature_text(signing, [signed(signing, secret, f"msg_1.{NOW}.".encode() + BODY)])
    return {"webhook-id": "msg_1", "webhook-timestamp": str(NOW), "webhook-signature": carried}


@pytest.mark.usefixtures("_verifier_in_2001")
@pytest.mark.parametrize("secret", ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ9r8=", "MfKQ9r8", "0f" * 32])
def test_the_reference_package_verifies_standard_webhooks(secret: str) -> None:
    assert standardwebhooks.webhooks.Webhook(secret).verify(BODY, standard(secret)) == json.loads(BODY)


@pytest.mark.usefixtures("_verifier_in_2001")
def test_a_secret_that_is_no_base64_is_itself_the_key() -> None:
    verifier = standardwebhooks.webhooks.Webhook(b"demo-webhook-secret")
    assert verifier.verify(BODY, standard("demo-webhook-secret")) == json.loads(BODY)


@pytest.mark.usefixtures("_verifier_in_2001")
@pytest.mark.parametrize("secret", ["demo-webhook-secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "0f" * 32])
def test_a_secret_has_a_twin_in_the_form_of_standard_webhooks_that_is_the_same_key(secret: str) -> None:
    twin = in_base64(secret)
    assert twin.startswith("whsec_")
    for signer, verifier in ((secret, twin), (twin, twin)):
        assert standardwebhooks.webhooks.Webhook(verifier).verify(BODY, standard(signer)) == json.loads(BODY)
    assert in_base64(twin) == twin
