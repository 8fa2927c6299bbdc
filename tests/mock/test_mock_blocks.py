"""`mock(…)` as a block: sandboxes of their own, tools beside them, and what is raised at the end."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from mock_kit import break_contract, film_of, submit

from mockserver import Running, mock, start
from mockserver.errors import MockserverError, UsageError
from mockserver.steering import ApiHandle, ControlError, SandboxHandle, Steering
from mockserver.testing import ArmedInVain, BadConduct, ContractViolated, MockserverWarning


def is_closed(sandbox: SandboxHandle) -> bool:
    try:
        sandbox.ask()
    except ControlError as error:
        return error.status in (404, 410)
    return False


def test_a_block_goes_from_submit_to_webhook_and_download() -> None:
    with mock("vidgen", inbox=True) as vidgen:
        job = submit(vidgen, webhookUrl=vidgen.inbox.url)
        vidgen.clock.run_until(job, "COMPLETED")
        (received,) = vidgen.inbox.wait(1)
        assert received.verified
        assert b"ftyp" in film_of(vidgen, job)[:16]


def test_an_async_block_goes_from_submit_to_webhook_and_download() -> None:
    async def main() -> None:
        async with mock("vidgen", inbox=True) as vidgen:
            job = submit(vidgen, webhookUrl=vidgen.inbox.url)
            await vidgen.clock.arun_until(job, "COMPLETED")
            (received,) = await vidgen.inbox.wait_async(1)
            assert received.verified
            assert b"ftyp" in film_of(vidgen, job)[:16]

    with mock() as outer:  # a loop inside a block, and a block inside the loop
        asyncio.run(main())
        assert not outer.jobs


def test_without_a_name_the_block_has_the_whole_sandbox() -> None:
    with mock() as sandbox:
        assert isinstance(sandbox, SandboxHandle)
        assert {"vidgen", "mirrago"} <= set(sandbox.names)
        assert sandbox.seed == "0"


def test_the_sandbox_is_closed_at_the_end_and_after_an_error() -> None:
    with mock() as first:
        assert not is_closed(first)
    assert is_closed(first)
    with pytest.raises(KeyError), mock() as second:
        raise KeyError
    assert is_closed(second)


def test_nested_blocks_have_sandboxes_and_clocks_of_their_own() -> None:
    with mock("vidgen") as outer, mock("vidgen") as inner:
        submit(inner)
        inner.clock.advance(5)
        assert (len(outer.jobs), len(inner.jobs)) == (0, 1)
        assert inner.clock.now() - outer.clock.now() == 5


def test_blocks_in_parallel_threads_share_a_server_and_nothing_else() -> None:
    together = threading.Barrier(6)

    def one(n: int) -> tuple[int, str]:
        with mock("vidgen") as vidgen:
            together.wait(60)
            for _ in range(n):
                vidgen.clock.run_until(submit(vidgen), "COMPLETED")
            return len(vidgen.jobs), vidgen.url.partition("/@")[0]

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(one, range(6)))
    assert [jobs for jobs, _ in found] == list(range(6))
    assert len({server for _, server in found}) == 1


def test_one_object_is_used_again_and_again_but_not_twice_at_once() -> None:
    again = mock("vidgen")
    names = set()
    for _ in range(2):
        with again as vidgen:
            names.add(vidgen.url)
            with pytest.raises(UsageError, match="in use"):
                again.__enter__()
            submit(vidgen)
    assert len(names) == 2


def test_a_broken_contract_is_raised_with_operation_pointer_and_sentence() -> None:
    with pytest.raises(ContractViolated) as caught, mock("vidgen") as vidgen:
        break_contract(vidgen)
    assert "vidgen createJob (POST /api/jobs) /image: image is required" in str(caught.value)
    assert 'mock(contract_violations="off")' in str(caught.value)
    assert caught.value.violations[0].pointer == "/image"
    (journal,) = caught.value.__notes__
    assert "POST /api/jobs  400" in journal
    assert isinstance(caught.value, AssertionError)


def test_an_error_of_the_block_stays_and_gets_the_violation_and_the_journal_as_notes() -> None:
    def fail_after_a_violation(api: ApiHandle) -> None:
        break_contract(api)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught, mock("vidgen") as vidgen:
        fail_after_a_violation(vidgen)
    assert "/image: image is required" in caught.value.__notes__[0]
    assert f"sandbox {vidgen.url.partition('/@')[2].partition('/')[0]}" in caught.value.__notes__[1]


@pytest.mark.parametrize("how", ["option", "context"])
def test_what_is_meant_to_break_the_contract_raises_nothing(how: str) -> None:
    with mock("vidgen", contract_violations="off" if how == "option" else "fail") as vidgen, vidgen.violations.off():
        assert break_contract(vidgen) == 400


def test_a_warning_names_the_line_of_the_block() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with mock("vidgen", contract_violations="warn") as vidgen:
            break_contract(vidgen)
    (warned,) = [each for each in caught if each.category is MockserverWarning]
    assert warned.filename == __file__
    assert "image is required" in str(warned.message)


@pytest.mark.parametrize("conduct", ["fail", "off"])
def test_bad_conduct_is_raised_when_asked_for(conduct: Any) -> None:
    def poll_without_a_pause() -> None:
        with mock("vidgen", conduct=conduct, limits=False) as vidgen:
            job = submit(vidgen)
            for _ in range(30):
                httpx.get(f"{vidgen.url}/api/status/{job}", headers={"X-API-Key": vidgen.api_key})

    if conduct == "off":
        poll_without_a_pause()
        return
    with pytest.raises(BadConduct, match="vidgen polled_too_fast: ") as caught:
        poll_without_a_pause()
    assert caught.value.findings[0].rule == "polled_too_fast"


def test_options_are_those_of_the_marker() -> None:
    quirks = {"mirrago": {"completedc": False}}
    more: dict[str, Any] = {"limits": False, "insecure_webhooks": True, "strict": True}
    with mock(scenario="failing", seed="of mine", clock="step:5", quirks=quirks, **more) as sandbox:
        told = sandbox.ask()
        assert (sandbox.seed, told["clock"]["step"]) == ("of mine", 5)
        assert (told["limits"], told["insecure_webhooks"], told["strict"]) == (False, True, True)
        assert told["apis"]["mirrago"]["quirks"]["completedc"] is False
        assert told["apis"]["vidgen"]["scenario"] == "failing"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"scenari": "failing"}, "mock has no 'scenari'; did you mean 'scenario'"),
        ({"conduct": "loud"}, "conduct is one of fail, warn, off, not 'loud'"),
        ({"inbox": 1}, "inbox is True or False, not 1"),
        ({"limits": None}, "limits is True or False, not None"),
        ({"intercept": "a.example"}, "intercept is True, False or hosts"),
        ({"url": "http://127.0.0.1:9", "contracts": ["x"]}, "contracts are those of a server of one's own"),
        ({"argument": "not one"}, "argument is the name of a parameter, not 'not one'"),
    ],
)
def test_options_that_cannot_be_are_refused_before_anything_starts(options: Any, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        mock("vidgen", **options)


def test_a_decorator_without_its_brackets_is_told_so() -> None:
    with pytest.raises(UsageError, match=r"`@mock\(\)`"):
        mock(submit)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("api", "options", "sentence"),
    [
        ("none", {}, "the server has no API 'none'; known: .*vidgen"),
        ("vidgen", {"scenario": "none"}, "none"),
        ("vidgen", {"intercept": {"a.example": "none"}}, "the server has no API 'none'"),
    ],
)
def test_what_the_server_does_not_have_is_told_and_leaves_nothing_behind(api: str, options: Any, sentence: str) -> None:
    with mock() as watching:
        before = len(watching._control.get("sandboxes"))
        with pytest.raises(UsageError, match=sentence):
            mock(api, **options).__enter__()
        assert len(watching._control.get("sandboxes")) == before
    with mock(intercept=True):  # and nobody has it
        pass


def test_calls_to_a_vendors_host_and_to_hosts_of_ones_own_reach_the_sandbox() -> None:
    with mock("vidgen", intercept={"render.example": "vidgen"}) as vidgen:
        url = "https://render.example/api/jobs"
        assert httpx.get(url, headers={"X-API-Key": vidgen.api_key}).status_code == 200
        assert vidgen.journal.count("listJobs") == 1
        with pytest.raises(httpx.ConnectError, match="was refused"):
            httpx.get("https://elsewhere.example/")


def test_hosts_are_intercepted_without_a_word_of_intercept() -> None:
    with mock("vidgen", hosts={"render.example": "vidgen"}) as vidgen:
        assert httpx.get("https://render.example/api/jobs").status_code == 401
        assert len(vidgen.journal) == 1


@pytest.mark.parametrize("tool", ["intercept", "fast_forward"])
def test_tools_that_hold_for_the_whole_process_belong_to_one_block_at_a_time(tool: str) -> None:
    options: Any = {tool: True}
    for _ in range(2):
        with mock("vidgen", **options) as vidgen:
            with pytest.raises(UsageError, match="let one `mock` have both"), mock(intercept=True):
                pass
            with mock("mirrago") as other:
                assert not other.jobs
            assert not vidgen.jobs


def test_code_lives_in_the_sandboxs_time() -> None:
    with mock("vidgen", fast_forward=True) as vidgen:
        before = time.time()
        time.sleep(3600)
        assert time.time() - before == 3600 == vidgen.fast_forward.elapsed
        assert vidgen.clock.now() == time.time()
    assert abs(time.time() - before) > 3600


def test_a_coroutine_lives_in_the_sandboxs_time() -> None:
    async def main() -> float:
        async with mock("vidgen", fast_forward=True) as vidgen:
            job = submit(vidgen)
            await asyncio.sleep(600)
            assert {each.id: each.state for each in vidgen.jobs} == {job: "COMPLETED"}
            return vidgen.fast_forward.elapsed

    assert asyncio.run(main()) == 600


def test_tools_that_nobody_asked_for_are_named() -> None:
    with mock("vidgen") as vidgen:
        with pytest.raises(UsageError, match=r"mock\(inbox=True\)"):
            _ = vidgen.inbox
        with pytest.raises(UsageError, match=r"mock\(fast_forward=True\)"):
            _ = vidgen.fast_forward


def test_contracts_of_ones_own_have_a_server_of_their_own(tmp_path: Path) -> None:
    shipped = Path(__file__).resolve().parents[2] / "contracts"
    shutil.copytree(shipped / "vidgen", tmp_path / "films")
    with mock("films", contracts=str(tmp_path / "films")) as films, mock() as sandbox:
        assert "films" not in sandbox.names
        assert httpx.get(f"{films.url}/api/jobs").status_code == 401


def test_a_server_elsewhere_is_used(running: Running) -> None:
    with mock("vidgen", url=running.url, fast_forward=True, intercept=True) as vidgen:
        assert vidgen.url.startswith(running.url)
        job = submit(vidgen)
        time.sleep(600)
        assert vidgen.jobs[0].id == job
    with pytest.raises(MockserverError, match="no mockserver answers"):
        mock(url="http://127.0.0.1:9").__enter__()


@pytest.mark.parametrize("by", ["token", "MOCKSERVER_CONTROL_TOKEN", "nothing"])
def test_a_server_elsewhere_may_want_its_token(by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MOCKSERVER_CONTROL_TOKEN", "MOCKSERVER_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    given: Any = {"token": "open-sesame"} if by == "token" else {}
    if by.isupper():
        monkeypatch.setenv(by, "open-sesame")
    with start(control_token="open-sesame") as server:
        if by == "nothing":
            with pytest.raises(ControlError, match="control token"):
                mock(url=server.url).__enter__()
            return
        with mock("vidgen", url=server.url, **given) as vidgen:
            assert not vidgen.jobs


def test_an_error_of_the_block_stays_when_its_server_is_gone() -> None:
    def fail_without_a_server(server: Running) -> None:
        server.stop()
        raise KeyError

    with pytest.raises(KeyError), start() as server, mock("vidgen", url=server.url):
        fail_without_a_server(server)


def test_proxies_of_the_environment_are_bypassed_until_the_last_block_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    first, second = mock("vidgen"), mock("vidgen")
    first.__enter__()
    with second as vidgen:
        first.__exit__(None, None, None)
        assert httpx.get(f"{vidgen.url}/api/jobs").status_code == 401
    assert {os.environ.get(name) for name in ("NO_PROXY", "no_proxy")} == {None}


def test_handles_are_typed() -> None:
    with mock("vidgen") as api:
        assert isinstance(api, ApiHandle)


def test_a_sandbox_that_is_closed_within_its_block_ends_quietly() -> None:
    with mock() as sandbox:
        submit(sandbox.api("vidgen"))
        sandbox.close()
        sandbox.close()
    with mock(intercept=True, fast_forward=True, inbox=True, conduct="fail") as whole:
        whole.close()
    with mock("vidgen", inbox=True) as vidgen, Steering(vidgen.url.partition("/@")[0]) as another:
        another.control.request("DELETE", "sandboxes", vidgen.url.split("/")[-2].removeprefix("@"))


def breaks(sandbox: SandboxHandle) -> None:
    break_contract(sandbox.api("vidgen"))


def arms_in_vain(sandbox: SandboxHandle) -> None:
    sandbox.api("vidgen").fault("status")


def polls_too_fast(sandbox: SandboxHandle) -> None:
    vidgen = sandbox.api("vidgen")
    job = submit(vidgen)
    for _ in range(30):
        httpx.get(f"{vidgen.url}/api/status/{job}", headers={"X-API-Key": vidgen.api_key})


@pytest.mark.parametrize(
    ("act", "raised"), [(breaks, ContractViolated), (arms_in_vain, ArmedInVain), (polls_too_fast, BadConduct)]
)
def test_what_happened_before_a_sandbox_was_closed_within_its_block_is_judged(act: Any, raised: Any) -> None:
    @mock(conduct="fail")
    def closing(sandbox: SandboxHandle) -> None:
        act(sandbox)
        sandbox.close()

    with pytest.raises(raised) as failed:
        closing()
    assert "not to be had" not in "".join(failed.value.__notes__)
