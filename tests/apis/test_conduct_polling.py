"""Conduct while a job runs: for each rule a client that breaks it, and one that nearly does."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
import test_miragic
import test_mirrago
from api_kit import View
from vidgen_kit import new_job, status

from mockserver.conduct import ConductFinding

Conduct = Callable[[View], list[ConductFinding]]


def poll(view: View, look: Callable[[], object], pauses: Iterable[float]) -> None:
    """Look at once, then after each pause."""
    look()
    for pause in pauses:
        view.advance(pause)
        look()


def rules(found: Iterable[ConductFinding]) -> list[str]:
    return [each.rule for each in found]


def test_polling_in_a_tight_loop_is_too_fast(vidgen: View, conduct: Conduct) -> None:
    job = new_job(vidgen, running=600)
    poll(vidgen, lambda: status(vidgen, job), [0.2] * 3)
    (found,) = conduct(vidgen)
    assert (found.rule, found.api, found.operation, found.job) == ("polled_too_fast", "vidgen", "getStatus", job)
    assert found.sentence == "a job was looked at 4 times in 0.6 s"
    assert found.remedy == "Wait at least 1 s between two polls."
    assert found.numbers == {"polls": 4, "shortest": 0.2, "median": 0.2, "least": 1}
    assert found.entries == (2, 3, 4, 5)
    assert [round(moment - found.times[0], 3) for moment in found.times] == [0, 0.2, 0.4, 0.6]


def test_two_quick_looks_now_and_then_are_no_loop(vidgen: View, conduct: Conduct) -> None:
    job = new_job(vidgen, running=600)
    poll(vidgen, lambda: status(vidgen, job), [0.2, 0.2, 1, 0.2, 0.2, 0.95, 0.2])
    assert conduct(vidgen) == []


def test_different_jobs_may_be_looked_at_at_once(mirrago: View, conduct: Conduct) -> None:
    jobs = [test_mirrago.new_job(mirrago, running=600) for _ in range(6)]
    for job in jobs:
        test_mirrago.shown(mirrago, job)
    assert conduct(mirrago) == []


def test_steady_polling_is_no_backoff_where_the_vendor_asks_for_it(miragic: View, conduct: Conduct) -> None:
    job = test_miragic.new_job(miragic, running=600)
    poll(miragic, lambda: test_miragic.task(miragic, job), [2] * 6)
    (found,) = conduct(miragic)
    assert found.rule == "no_backoff"
    assert found.sentence == "a job was looked at 7 times at a steady pace of 2 s"
    assert found.numbers == {"polls": 7, "first": 2, "last": 2}


@pytest.mark.parametrize("pauses", [[1, 1.5, 2, 3, 4, 6, 6, 6], [2] * 5, [10] * 8])
def test_growing_few_or_long_pauses_are_back_off_enough(miragic: View, conduct: Conduct, pauses: list[float]) -> None:
    job = test_miragic.new_job(miragic, running=600)
    poll(miragic, lambda: test_miragic.task(miragic, job), pauses)
    assert conduct(miragic) == []


def test_steady_polling_is_fine_where_the_vendor_asks_for_it(mirrago: View, conduct: Conduct) -> None:
    job = test_mirrago.new_job(mirrago, running=600)
    poll(mirrago, lambda: test_mirrago.shown(mirrago, job), [1] * 20)
    assert conduct(mirrago) == []


def test_polling_goes_on_after_the_end(vidgen: View, conduct: Conduct) -> None:
    job = new_job(vidgen)
    poll(vidgen, lambda: status(vidgen, job), [5, 7, 5, 5, 5])
    (found,) = conduct(vidgen)
    assert found.rule == "polled_after_end"
    assert found.sentence == "a job was looked at 3 more times after it was seen to be COMPLETED"
    assert found.entries == (4, 5, 6, 7)


def test_a_fresh_link_may_be_fetched_after_the_end(vidgen: View, conduct: Conduct) -> None:
    job = new_job(vidgen)
    poll(vidgen, lambda: status(vidgen, job), [5, 7, 3600, 3600])
    assert conduct(vidgen) == []


def test_a_client_that_waits_for_ever_never_gave_up(mirrago: View, conduct: Conduct) -> None:
    job = test_mirrago.new_job(mirrago, running=600)
    poll(mirrago, lambda: test_mirrago.shown(mirrago, job), [10] * 4)
    (found,) = conduct(mirrago)
    assert found.rule == "never_gave_up"
    assert found.numbers == {"waited": 40, "most": 30}


def test_a_client_that_waits_for_thirty_seconds_gives_up_in_time(mirrago: View, conduct: Conduct) -> None:
    job = test_mirrago.new_job(mirrago, running=600)
    poll(mirrago, lambda: test_mirrago.shown(mirrago, job), [10] * 3)
    assert conduct(mirrago) == []
