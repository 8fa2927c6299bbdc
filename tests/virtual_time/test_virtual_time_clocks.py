"""Which clocks are virtual, and for whom."""

from __future__ import annotations

import asyncio
import copy
import datetime
import email.utils
import logging
import os
import pickle
import subprocess
import sys
import time
from datetime import UTC
from pathlib import Path

import pytest
import requests
from virtual_time_kit import START, FakeTime, load

from mockserver.virtual_time import fast_forward
from mockserver.virtual_time.frames import Caller, kind_of_file

BY_NAME = """
from datetime import date, datetime
from time import monotonic, monotonic_ns, time, time_ns
"""


def test_wall_time_is_the_sandboxs(sandbox: FakeTime) -> None:
    with fast_forward(sandbox):
        sandbox.advance(5)
        assert time.time() == START + 5
        assert time.time_ns() == int(START + 5) * 10**9
    assert time.time() > START + 10_000


def test_the_monotonic_clock_goes_as_the_sandboxs(sandbox: FakeTime) -> None:
    real = time.monotonic()
    with fast_forward(sandbox):
        before, before_ns = time.monotonic(), time.monotonic_ns()
        sandbox.advance(5)
        assert time.monotonic() == before + 5
        assert time.monotonic_ns() - before_ns == pytest.approx(5 * 10**9, abs=1000)
        assert real <= before


def test_clocks_imported_by_name_are_virtual(
    sandbox: FakeTime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = load(tmp_path, BY_NAME, monkeypatch)
    with fast_forward(sandbox):
        assert code.time() == START
        assert code.time_ns() == START * 10**9
        assert code.monotonic() == time.monotonic()
        assert code.monotonic_ns() == time.monotonic_ns()
        assert code.datetime.now(UTC).timestamp() == START
        assert code.date.today().isoformat() == datetime.date.fromtimestamp(START).isoformat()


def test_the_parts_and_texts_of_now_are_the_sandboxs(sandbox: FakeTime) -> None:
    form = "%Y-%m-%d %H:%M:%S"
    expected = time.localtime(START)
    with fast_forward(sandbox):
        assert time.gmtime() == time.gmtime(None) == time.gmtime(START)
        assert time.localtime() == time.localtime(None) == expected
        assert time.ctime() == time.asctime() == time.asctime(expected)
        assert time.strftime(form) == time.strftime(form, expected)
    assert time.gmtime().tm_year > 2020


def test_the_parts_and_texts_of_a_moment_that_is_named_are_its_own(sandbox: FakeTime) -> None:
    with fast_forward(sandbox):
        assert time.gmtime(0).tm_year == 1970
        assert time.ctime(10**9 + 86400) == time.asctime(time.localtime(10**9 + 86400))
        assert time.strftime("%Y", time.gmtime(0)) == "1970"
        assert datetime.datetime(1999, 1, 1, tzinfo=UTC).strftime("%Y") == "1999"
        with pytest.raises(TypeError):
            time.strftime("%Y", None)  # type: ignore[arg-type]


def test_the_standard_library_asks_the_time_for_whoever_calls(sandbox: FakeTime) -> None:
    cookies = requests.Session().cookies
    with fast_forward(sandbox):
        assert email.utils.formatdate(usegmt=True) == "Sun, 09 Sep 2001 01:46:40 GMT"
        assert email.utils.localtime().timestamp() == START
        cookies.set("taste", "sweet", expires=int(time.time()) + 60)
        cookies.clear_expired_cookies()
        assert len(cookies) == 1
        sandbox.advance(61)
        cookies.clear_expired_cookies()
        assert len(cookies) == 0


def test_performance_counters_stay_real(sandbox: FakeTime) -> None:
    with fast_forward(sandbox):
        before, used = time.perf_counter(), time.process_time()
        time.sleep(1000)
        assert time.perf_counter() - before < 100
        assert time.process_time() - used < 100


def test_datetime_tells_the_sandboxs_time(sandbox: FakeTime) -> None:
    with fast_forward(sandbox):
        assert datetime.datetime.now(UTC).isoformat() == "2001-09-09T01:46:40+00:00"
        assert datetime.datetime.now(tz=UTC).timestamp() == START
        assert datetime.datetime.now() == datetime.datetime.fromtimestamp(START)
        assert datetime.datetime.today() == datetime.datetime.fromtimestamp(START)
        assert datetime.date.today() == datetime.date.fromtimestamp(START)
    assert datetime.datetime.now(UTC).year > 2020


@pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")
def test_utcnow_is_naive_and_the_sandboxs(sandbox: FakeTime) -> None:
    with fast_forward(sandbox):
        assert datetime.datetime.utcnow().isoformat() == "2001-09-09T01:46:40"
    assert datetime.datetime.utcnow().year > 2020


def test_datetime_stays_the_same_type(sandbox: FakeTime) -> None:
    before = datetime.datetime.now(UTC)
    with fast_forward(sandbox):
        now = datetime.datetime.now(UTC)
        assert type(now) is type(before) is datetime.datetime
        assert isinstance(before, datetime.datetime)
        assert pickle.loads(pickle.dumps(now)) == copy.deepcopy(now) == now
        assert (before - now).days > 1000


def test_a_subclass_of_datetime_makes_its_own_kind(sandbox: FakeTime) -> None:
    class Moment(datetime.datetime):
        pass

    with fast_forward(sandbox):
        assert isinstance(Moment.now(UTC), Moment)
        assert Moment.now(UTC).timestamp() == START


def test_the_standard_library_keeps_real_time(sandbox: FakeTime) -> None:
    with fast_forward(sandbox):
        record = logging.makeLogRecord({})
        assert record.created > START + 10_000
        subprocess.run([sys.executable, "-c", ""], check=True, timeout=300)
    assert sandbox.moves == []


def test_the_loops_own_clock_is_real_and_its_users_virtual(sandbox: FakeTime) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        assert loop.time() == time.monotonic()
        sandbox.advance(1000)
        assert loop.time() == time.monotonic()

    with fast_forward(sandbox):
        asyncio.run(main())


def test_everything_is_put_back(sandbox: FakeTime) -> None:
    def functions() -> list[object]:
        loop = vars(asyncio.BaseEventLoop)
        return [
            *(getattr(time, name) for name in ("sleep", "time", "time_ns", "monotonic", "monotonic_ns")),
            *(getattr(asyncio, name) for name in ("sleep", "timeout", "timeout_at", "wait_for", "wait")),
            *(loop[name] for name in ("time", "call_later", "call_at")),
            *(vars(datetime.datetime)[name] for name in ("now", "utcnow")),
        ]

    before = functions()
    with fast_forward(sandbox):
        assert not any(a is b for a, b in zip(before, functions(), strict=True))
    assert all(a is b for a, b in zip(before, functions(), strict=True))


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        (__file__, Caller.CODE),
        ("/home/me/project/client.py", Caller.CODE),
        ("<string>", Caller.CODE),
        ("<frozen importlib._bootstrap>", Caller.REAL),
        (os.__file__, Caller.REAL),
        (asyncio.__file__, Caller.REAL),
        (pytest.__file__, Caller.REAL),
        ("/v/lib/python3.11/site-packages/pytest_asyncio/plugin.py", Caller.REAL),
        ("/v/lib/python3.11/site-packages/uvicorn/server.py", Caller.REAL),
        ("/v/lib/python3.11/site-packages/mockserver/clock.py", Caller.REAL),
        ("/v/lib/python3.11/site-packages/httpcore/_sync/connection.py", Caller.TRANSPORT),
        ("/v/lib/python3.11/site-packages/tenacity/nap.py", Caller.LIBRARY),
        ("C:\\v\\Lib\\site-packages\\six.py", Caller.LIBRARY),
    ],
)
def test_a_file_tells_who_calls(file: str, kind: Caller) -> None:
    assert kind_of_file(file) is kind


def test_this_project_itself_keeps_real_time() -> None:
    import mockserver
    import pytest_plugin

    assert {kind_of_file(mockserver.__file__), kind_of_file(pytest_plugin.__file__)} == {Caller.REAL}


def test_generated_code_counts_as_the_module_it_was_generated_for(sandbox: FakeTime) -> None:
    namespace = {"__file__": logging.__file__}
    exec("import time\ndef read(): return time.time()", namespace)
    with fast_forward(sandbox):
        assert namespace["read"]() > START + 10_000  # type: ignore[operator]
