"""`@mock(…)` on functions of every kind, on methods and on classes, within pytest too."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from mock_kit import break_contract, submit

from mockserver import mock
from mockserver.steering import ApiHandle, SandboxHandle
from mockserver.testing import ContractViolated


def test_a_function_takes_the_handle_by_the_name_of_the_api_among_its_other_arguments() -> None:
    @mock("vidgen")
    def render(n: int, vidgen: ApiHandle, *, m: int = 2) -> tuple[int, int, str]:
        """Said of it."""
        return n, m, vidgen.name

    assert render(1, m=3) == (1, 3, "vidgen")
    assert (render.__doc__, render.__name__) == ("Said of it.", "render")
    assert list(inspect.signature(render).parameters) == ["n", "m"]


def test_a_function_takes_the_sandbox_or_a_name_of_its_own_or_nothing() -> None:
    @mock()
    def whole(sandbox: SandboxHandle) -> object:
        return sandbox

    @mock("vidgen", argument="api")
    def named(api: ApiHandle) -> object:
        return api

    @mock("vidgen")
    def any_name(**given: Any) -> object:
        return given["vidgen"]

    @mock("vidgen")
    def without() -> str:
        return "nothing"

    assert isinstance(whole(), SandboxHandle)
    assert isinstance(named(), ApiHandle)
    assert isinstance(any_name(), ApiHandle)
    assert without() == "nothing"


def test_each_call_has_a_fresh_sandbox_with_the_same_seed() -> None:
    @mock("vidgen")
    def first_job(vidgen: ApiHandle) -> tuple[str, str]:
        assert not vidgen.jobs
        return vidgen.url, submit(vidgen)

    (one, job), (two, same) = first_job(), first_job()
    assert one != two
    assert job == same


def test_decorators_are_stacked_and_methods_keep_their_self() -> None:
    class Suite:
        @mock("vidgen")
        @mock("mirrago", clock="x60")
        def both(self, mirrago: ApiHandle, vidgen: ApiHandle) -> tuple[str, str]:
            assert isinstance(self, Suite)
            return mirrago.name, vidgen.name

    assert Suite().both() == ("mirrago", "vidgen")


def test_coroutines_run_side_by_side_in_sandboxes_of_their_own() -> None:
    together = asyncio.Barrier(3)

    @mock("vidgen")
    async def render(n: int, vidgen: ApiHandle) -> int:
        await together.wait()
        for _ in range(n):
            await vidgen.clock.arun_until(submit(vidgen), "COMPLETED")
        await together.wait()
        return len(vidgen.jobs)

    async def main() -> list[int]:
        return await asyncio.gather(*(render(n) for n in range(3)))

    assert asyncio.run(main()) == [0, 1, 2]


def test_generators_keep_their_sandbox_until_they_end() -> None:
    @mock("vidgen")
    def fixture(vidgen: ApiHandle) -> Iterator[ApiHandle]:
        yield vidgen
        assert not vidgen.jobs

    @mock("vidgen")
    async def async_fixture(vidgen: ApiHandle) -> AsyncIterator[ApiHandle]:
        yield vidgen
        break_contract(vidgen)

    async def main() -> int:
        return sum([len(each.jobs) async for each in async_fixture()])

    assert [len(each.jobs) for each in fixture()] == [0]
    with pytest.raises(ContractViolated):
        asyncio.run(main())


def test_a_class_that_is_no_testcase_has_its_tests_decorated() -> None:
    @mock("vidgen")
    class Suite:
        def test_one(self, vidgen: ApiHandle) -> str:
            return vidgen.name

        @staticmethod
        def test_alone() -> str:
            return "alone"

        def helper(self) -> str:
            return "as it was"

    assert (Suite().test_one(), Suite.test_alone(), Suite().helper()) == ("vidgen", "alone", "as it was")  # type: ignore[call-arg]


def test_a_violation_in_a_decorated_function_is_raised() -> None:
    @mock("vidgen")
    def broken(vidgen: ApiHandle) -> None:
        break_contract(vidgen)

    @mock("vidgen")
    async def broken_too(vidgen: ApiHandle) -> None:
        break_contract(vidgen)

    with pytest.raises(ContractViolated, match="/image"):
        broken()
    with pytest.raises(ContractViolated, match="/image"):
        asyncio.run(broken_too())


@pytest.mark.parametrize("n", [1])
@mock("vidgen")
def test_pytest_sees_the_arguments_that_are_left(vidgen: ApiHandle, n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (vidgen.name, n) == ("vidgen", 1)
    assert isinstance(monkeypatch, pytest.MonkeyPatch)


@pytest.mark.asyncio
@mock("vidgen", argument="api")
async def test_pytest_asyncio_runs_a_decorated_coroutine(api: ApiHandle) -> None:
    await api.clock.aadvance(1)
    assert not api.jobs
