"""Miragic's client, unmodified: its base URL is a constant, so that `intercept` leads it to the sandbox."""

from __future__ import annotations

import miragic_client
import pytest
from miragic_client import PaintingFailed

from mockserver import samples
from pytest_plugin import ApiHandle, FastForward

IMAGE = samples.path("portrait.png").read_bytes()
pytestmark = pytest.mark.usefixtures("intercept")


def test_a_painting(miragic: ApiHandle, fast_forward: FastForward) -> None:
    miragic.next_job(running=240)
    assert miragic_client.paint(miragic.api_key, IMAGE).startswith(miragic.url.rpartition("/@")[0])
    assert 240 <= fast_forward.elapsed <= 260


def test_it_gives_up_on_a_stuck_one(miragic: ApiHandle, fast_forward: FastForward) -> None:
    miragic.fault("stuck")
    with pytest.raises(TimeoutError):
        miragic_client.paint(miragic.api_key, IMAGE)
    assert 600 <= fast_forward.elapsed <= 620


@pytest.mark.asyncio
@pytest.mark.usefixtures("fast_forward")
async def test_async_too(miragic: ApiHandle) -> None:
    miragic.next_job(outcome="FAILED", error="The image could not be traced")
    with pytest.raises(PaintingFailed, match="The image could not be traced"):
        await miragic_client.apaint(miragic.api_key, IMAGE)


@pytest.mark.asyncio
async def test_an_async_time_out_is_virtual_too(miragic: ApiHandle, fast_forward: FastForward) -> None:
    miragic.fault("stuck")
    with pytest.raises(TimeoutError):
        await miragic_client.apaint(miragic.api_key, IMAGE)
    assert fast_forward.elapsed == 600
