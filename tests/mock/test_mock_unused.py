"""`mock(…)` raises for what was armed in vain, as the plugin fails a test; what was drawn is passed over."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver import mock
from mockserver.testing import ArmedInVain


def test_what_took_no_effect_is_raised_at_the_end_of_the_block() -> None:
    with pytest.raises(ArmedInVain, match="the fault status of vidgen: no request came to vidgen at all"):  # noqa: SIM117
        with mock("vidgen") as vidgen:
            vidgen.fault("status", operation="listJobs")


def test_it_can_be_switched_off_or_disarmed() -> None:
    with mock("vidgen", unused="off") as vidgen:
        vidgen.fault("status", operation="listJobs")
    with mock("vidgen") as vidgen:
        vidgen.next_job(running=3).disarm()


@settings(max_examples=2, deadline=None, database=None)
@given(status=st.sampled_from([500, 503]))
def test_what_was_drawn_need_not_take_effect(status: int) -> None:
    with mock("vidgen") as vidgen:
        vidgen.fault("status", operation="listJobs", status=status)
