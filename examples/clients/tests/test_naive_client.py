"""What the plugin finds in a client that was written for good days."""

from __future__ import annotations

import naive_client
import pytest

from mockserver import samples
from pytest_plugin import ApiHandle, ClockRanAway, FastForward

IMAGE = samples.path("portrait.png").read_bytes()
pytestmark = pytest.mark.usefixtures("intercept")


@pytest.fixture
def key(miragic: ApiHandle, fast_forward: FastForward) -> str:
    return miragic.api_key


def test_on_a_good_day_it_works(key: str) -> None:
    assert naive_client.wait(key, naive_client.submit(key, IMAGE))


def test_a_lost_answer_is_paid_for_twice(miragic: ApiHandle, key: str) -> None:
    miragic.fault("answer_lost", operation="createSpeedPainting", times=1)
    naive_client.submit(key, IMAGE)
    assert len(miragic.jobs) == 2


def test_a_silent_server_is_waited_for_for_ever(miragic: ApiHandle, key: str) -> None:
    job = naive_client.submit(key, IMAGE)
    miragic.fault("hang", operation="getSpeedPaintingJob")
    with pytest.raises(ClockRanAway, match=r"naive_client.py:\d+: this (call|sleep)"):
        naive_client.wait(key, job)


def test_it_does_not_back_off_and_is_refused_in_the_end(miragic: ApiHandle, key: str) -> None:
    miragic.next_job(running=90)
    with pytest.raises(KeyError, match="data"):
        naive_client.wait(key, naive_client.submit(key, IMAGE))
    assert miragic.journal.count("getSpeedPaintingJob", status=429) == 1


def test_a_bad_gateway_is_not_json(miragic: ApiHandle, key: str) -> None:
    miragic.fault("status", operation="getSpeedPaintingJob", status=503, times=1)
    with pytest.raises(KeyError, match="data"):
        naive_client.wait(key, naive_client.submit(key, IMAGE))


def test_a_wrong_form_is_a_violation_of_the_contract(miragic: ApiHandle, key: str) -> None:
    with miragic.violations.off(), pytest.raises(KeyError):
        naive_client.submit(key, IMAGE, fps="25")
    violation = next(iter(miragic.violations))
    assert (violation.operation, violation.pointer) == ("createSpeedPainting", "/fps")
