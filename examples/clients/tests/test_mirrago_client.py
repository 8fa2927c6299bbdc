"""Mirrago's client: tokens, the slip of the pen, a limit that answers 500."""

from __future__ import annotations

import mirrago_client
import pytest
from mirrago_client import Token, TryOnFailed

from pytest_plugin import ApiHandle

PERSON, GARMENT = "https://pictures.example/person.png", "https://pictures.example/garment.png"
pytestmark = pytest.mark.usefixtures("intercept", "fast_forward")


@pytest.fixture
def auth(mirrago: ApiHandle) -> Token:
    return Token(mirrago.client_id, mirrago.client_secret)


@pytest.mark.parametrize("literal", [True, False])
def test_completedc_and_completed(mirrago: ApiHandle, auth: Token, literal: bool) -> None:
    mirrago.quirk("completedc", on=literal)
    assert mirrago_client.try_on(auth, PERSON, GARMENT).startswith("http")


def test_a_token_that_dies_early_is_renewed_once(mirrago: ApiHandle, auth: Token) -> None:
    mirrago.fault("status", operation="getJob", status=401, times=1)
    mirrago_client.try_on(auth, PERSON, GARMENT)
    assert mirrago.journal.count("issueToken") == 2


def test_too_many_requests_are_a_500(mirrago: ApiHandle, auth: Token) -> None:
    mirrago.fault("status", operation="getJob", status=500, times=3)
    assert mirrago_client.try_on(auth, PERSON, GARMENT)


def test_a_failure_is_told(mirrago: ApiHandle, auth: Token) -> None:
    mirrago.next_job(outcome="failed", error="No person was found in the target image")
    with pytest.raises(TryOnFailed, match="No person was found"):
        mirrago_client.try_on(auth, PERSON, GARMENT)


@pytest.mark.asyncio
async def test_async_too(mirrago: ApiHandle, auth: Token) -> None:
    mirrago.next_job(running=100)
    with pytest.raises(TimeoutError):
        await mirrago_client.atry_on(auth, PERSON, GARMENT)
