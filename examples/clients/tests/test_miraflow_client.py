"""Miraflow's client: pictures that are really pictures."""

from __future__ import annotations

import miraflow_client
import pytest
from miraflow_client import InferenceFailed

from pytest_plugin import ApiHandle

pytestmark = pytest.mark.usefixtures("intercept", "fast_forward")


def test_a_picture(miraflow: ApiHandle) -> None:
    first = miraflow_client.picture(miraflow.api_key, "a boat", seed=7)
    assert first.startswith((b"\x89PNG", b"\xff\xd8"))
    assert miraflow_client.picture(miraflow.api_key, "a boat", seed=7) == first


def test_a_picture_that_fails(miraflow: ApiHandle) -> None:
    miraflow.next_job(resource="image", outcome="inference_failed")
    with pytest.raises(InferenceFailed):
        miraflow_client.picture(miraflow.api_key, "a boat")


@pytest.mark.asyncio
@pytest.mark.mockserver(scenario={"miraflow": "slow"})
async def test_async_too(miraflow: ApiHandle) -> None:
    assert len(await miraflow_client.apicture(miraflow.api_key, "a boat", patience=3600)) > 100
