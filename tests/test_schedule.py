"""When a webhook is tried again, and in which order deliveries fall due."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.webhooks import AttemptOutcome, DeliveryAttempt, DueQueue, RetryPolicy, next_attempt

POLICY = RetryPolicy(timeout=10, retries=(5, 30, 120))


def attempt(outcome: AttemptOutcome = "refused", status: int | None = 500) -> DeliveryAttempt:
    return DeliveryAttempt("http://127.0.0.1/", outcome, "", status=status)


def test_each_failure_waits_for_its_own_delay_and_the_fourth_gives_up() -> None:
    due = [next_attempt(POLICY, made, attempt(), now=1000) for made in (1, 2, 3, 4)]
    assert due == [1005, 1030, 1120, None]


@pytest.mark.parametrize("outcome", ["refused", "timeout", "unreachable", "tls"])
def test_a_failure_is_tried_again(outcome: AttemptOutcome) -> None:
    assert next_attempt(POLICY, 1, attempt(outcome, None), now=0) == 5


@pytest.mark.parametrize(("outcome", "status"), [("delivered", 204), ("blocked", None), ("refused", 410)])
def test_a_delivered_blocked_or_gone_webhook_is_not_tried_again(outcome: AttemptOutcome, status: int | None) -> None:
    assert next_attempt(POLICY, 1, attempt(outcome, status), now=0) is None


def test_a_policy_without_retries_gives_up_at_once() -> None:
    assert next_attempt(RetryPolicy(timeout=1), 1, attempt(), now=0) is None


def test_an_empty_queue_has_nothing_due() -> None:
    queue: DueQueue[str, str] = DueQueue()
    assert (len(queue), queue.next_due(), queue.pop_due(9e9)) == (0, None, [])


def test_items_fall_due_by_time_and_then_in_the_order_they_were_pushed() -> None:
    queue: DueQueue[str, object] = DueQueue()
    for key, due in (("b", 2), ("a", 1), ("c", 2), ("d", 3)):
        queue.push(key, due, {"key": key})
    assert queue.next_due() == 1
    assert queue.pop_due(2) == [{"key": "a"}, {"key": "b"}, {"key": "c"}]
    assert (len(queue), queue.next_due(), queue.pop_due(2.9)) == (1, 3, [])


def test_a_cancelled_item_never_falls_due() -> None:
    queue: DueQueue[str, str] = DueQueue()
    queue.push("a", 1, "a")
    queue.push("b", 2, "b")
    assert [queue.cancel("a"), queue.cancel("a")] == [True, False]
    assert (len(queue), queue.next_due(), queue.pop_due(5)) == (1, 2, ["b"])


def test_pushing_a_key_again_replaces_its_item() -> None:
    queue: DueQueue[str, str] = DueQueue(limit=1)
    assert queue.push("a", 1, "first")
    assert queue.push("a", 5, "second")
    assert (queue.pop_due(4), queue.pop_due(5)) == ([], ["second"])


def test_a_full_queue_takes_nothing_more_until_something_leaves() -> None:
    queue: DueQueue[int, int] = DueQueue(limit=2)
    assert [queue.push(n, n, n) for n in range(3)] == [True, True, False]
    queue.cancel(0)
    assert queue.push(3, 3, 3)
    assert queue.pop_due(9) == [1, 3]


def test_cancelling_over_and_over_fills_no_memory() -> None:
    queue: DueQueue[int, int] = DueQueue()
    queue.push(-1, 9, -1)
    for number in range(100):
        queue.push(number, 1, number)
        queue.cancel(number)
    assert len(queue._heap) < 20
    assert (queue.next_due(), queue.pop_due(9)) == (9, [-1])


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.booleans()), max_size=120))
def test_the_queue_agrees_with_a_sorted_list_and_stays_bounded(steps: list[tuple[int, int, bool]]) -> None:
    queue: DueQueue[int, int] = DueQueue()
    model: dict[int, tuple[int, int]] = {}
    for number, (key, due, push) in enumerate(steps):
        if push:
            queue.push(key, due, number)
            model[key] = (due, number)
        else:
            assert queue.cancel(key) == (model.pop(key, None) is not None)
    assert len(queue) == len(model)
    assert len(queue._heap) <= 2 * len(queue) + 16
    assert queue.pop_due(9) == [number for _, number in sorted(model.values())]
