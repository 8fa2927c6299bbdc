"""The log of whole requests is bounded in number and bytes, of one sandbox and of all, and counts what it dropped."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from mockserver import Running
from mockserver.bounds import REQUEST
from mockserver.control.request import PIECE, JsonList
from mockserver.control.requests import show_request, write_request
from mockserver.redaction import Redaction
from mockserver.request_log import LoggedBytes, RecordedRequest, Recorder, RequestLog
from mockserver.rings import Journals
from mockserver.signing import new_name
from mockserver.time_slices import paced


def sent(log: RequestLog | None, body: bytes = b"") -> RecordedRequest:
    recorder = Recorder(new_name(), None if log is None else log.keep)
    record = recorder.record(0.0, "api", "operation", "POST", "/x", "http://x", b"/x")
    record.begin(())
    record.hear(body)
    record.tell()
    return record


def test_the_oldest_go_past_a_number() -> None:
    log = RequestLog(bound=3)
    for _ in range(5):
        sent(log)
    assert [each.n for each in log.after(0)] == [3, 4, 5]
    assert (log.first, log.dropped) == (3, 2)


def test_the_oldest_go_past_so_many_bytes_and_the_newest_stays() -> None:
    log = RequestLog(most=10 * REQUEST)
    first = sent(log, b"x" * 6 * REQUEST)
    sent(log, b"x" * 6 * REQUEST)
    assert [each.n for each in log.after(0)] == [2]
    first.hear(b"late")
    first.tell()  # what was dropped weighs no more
    assert log.kept < 10 * REQUEST
    sent(log, b"x" * 60 * REQUEST)
    assert [each.n for each in log.after(0)] == [3]


def test_all_logs_together_are_bounded_and_the_oldest_gives_way() -> None:
    together = Journals(10 * REQUEST)
    old, new = RequestLog(together=together), RequestLog(together=together)
    for _ in range(5):
        sent(old)
    for _ in range(7):
        sent(new)
    assert together.kept == old.kept + new.kept <= together.most
    assert (old.dropped > 0, new.dropped) == (True, 0)
    old.leave()
    assert together.kept == new.kept
    new.clear()
    assert together.kept == 0


def test_answers_count_and_one_that_begins_anew_replaces_the_first() -> None:
    log = RequestLog()
    record = sent(log)
    before = log.kept
    record.begin_answer(200, [(b"a", b"b")])
    record.say(b"x" * 500)
    record.tell()
    assert log.kept >= before + 500
    record.begin_answer(503, [])
    record.tell()
    assert [(each.status, each.answer) for each in log.after(0)] == [(503, b"")]
    assert log.kept == before


def test_of_a_long_body_the_beginning_is_kept_and_the_rest_is_counted() -> None:
    body = LoggedBytes(5)
    assert [body.add(b"abc"), body.add(b"defg"), body.add(b"h")] == [3, 2, 0]
    assert (body.content, body.missing) == (b"abcde", 3)


def test_where_nothing_is_kept_there_are_records_all_the_same() -> None:
    assert sent(None, b"body").body.content == b"body"


def test_they_are_read_by_pages_of_so_many_bytes_or_of_one_that_takes_more() -> None:
    log = RequestLog()
    for size in (0, 0, 9 * REQUEST, 0):
        sent(log, b"x" * size)
    pages, n = list[list[int]](), 0
    while page := log.page(n, 3 * REQUEST):
        pages.append([each.n for each in page])
        n = pages[-1][-1]
    assert pages == [[1, 2], [3], [4]]
    assert (log.page(0, REQUEST, "another"), log.page(4, REQUEST, "api"), log.newest) == ([], [], 4)


def test_what_was_dropped_is_told(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    with running.sandbox(requests=True) as world:
        made = running.app.sandboxes.get(world.name)
        assert made is not None
        assert made.home.request_log is not None
        monkeypatch.setattr(made.home.request_log, "_bound", 2)
        api = world.api("vidgen")
        for _ in range(3):
            httpx.get(f"{api.url}/api/health")
        assert len(api.requests) == 2
        httpx.get(f"{api.url}/api/health")
        assert [each.n for each in api.requests] == [3, 4]
        assert api.requests.dropped == world.ask()["dropped"]["requests"] == 2
        with pytest.raises(AssertionError, match="2 older requests are no longer kept"):
            api.assert_requested("createJob")


def test_closed_sandboxes_leave_nothing_behind(running: Running) -> None:
    logs = running.app.sandboxes.request_logs
    before = logs.kept
    with running.sandbox(requests=True) as world:
        httpx.get(f"{world.api('vidgen').url}/api/health")
        assert logs.kept > before
    assert logs.kept == before


@pytest.mark.parametrize("size", [0, 1, PIECE, 3 * PIECE + 1])
@pytest.mark.parametrize("answered", [False, True])
def test_a_long_request_is_written_in_pieces_that_are_short(size: int, answered: bool) -> None:
    recorded, hidden = sent(None, bytes(range(256)) * (size // 256) + b"x" * (size % 256)), Redaction()
    if answered:
        recorded.begin_answer(200, ((b"x", b"y"),))
        recorded.say(b"z" * size)
    record = recorded.kept

    async def written() -> list[bytes]:
        return [each async for each in JsonList(paced([write_request(record, hidden)])).pieces()]

    pieces = asyncio.run(written())
    assert json.loads(b"".join(pieces)) == [show_request(record, hidden)]
    assert max(map(len, pieces)) < 3 * PIECE
