"""`mock` and `unittest`, as `python -m unittest` and pytest run it."""

from __future__ import annotations

from pathlib import Path

from mock_kit import run

PASSING = """
import asyncio, unittest
from mockserver import MockserverTestCase, mock

@mock("vidgen", inbox=True)
class Decorated(unittest.TestCase):
    def setUp(self):
        self.seen = self.vidgen.url  # the sandbox is there before setUp
        self.addCleanup(lambda: self.sandbox.ask())  # and after the last cleanup

    def test_from_submit_to_webhook_and_download(self):
        job = submit(self.vidgen, webhookUrl=self.vidgen.inbox.url)
        self.vidgen.clock.run_until(job, "COMPLETED")
        self.assertTrue(self.sandbox.inbox.wait(1)[0].verified)
        self.assertGreater(len(httpx.get(look(self.vidgen, job)["outputVideo"]).content), 1000)

    def test_another_sandbox(self):
        self.assertEqual(self.vidgen.jobs, [])
        self.assertEqual(self.sandbox.seed, "Decorated.test_another_sandbox")

    @mock("mirrago")
    def test_one_more_beside_it(self, mirrago):
        self.assertNotEqual(mirrago.url.split("/")[3], self.vidgen.url.split("/")[3])

    @unittest.skip("not now")
    def test_skipped(self):
        pass

    @unittest.expectedFailure
    def test_expected(self):
        break_contract(self.vidgen)

    @mock("vidgen", contract_violations="off")
    def test_parts(self, vidgen):
        for n in range(2):
            with self.subTest(n=n):
                break_contract(vidgen)

class Mixed(MockserverTestCase, unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.client = httpx.AsyncClient(base_url=self.vidgen.url, headers={"X-API-Key": self.vidgen.api_key})
        self.addAsyncCleanup(self.client.aclose)

    async def test_from_submit_to_download(self):
        job = (await self.client.post("/api/jobs", files=FILES)).json()["jobId"]
        await self.vidgen.clock.arun_until(job, "COMPLETED")
        status = (await self.client.get(f"/api/status/{job}")).json()
        self.assertEqual((await self.client.get(status["outputVideo"])).status_code, 200)
        self.assertEqual([each.id for each in self.sandbox.jobs], [job])

    async def test_every_api_by_its_name(self):
        self.assertEqual((self.mirrago.name, self.miragic.name), ("mirrago", "miragic"))
        self.assertFalse(hasattr(self, "nobody"))

@mock(fast_forward=True, scenario="failing")
class Base(MockserverTestCase):
    def test_time(self):
        import time
        before = time.time()
        time.sleep(1000)
        self.assertEqual(time.time() - before, 1000)

@mock(scenario="slow")
class Derived(Base):
    def test_options_of_both(self):
        self.assertEqual(self.sandbox.ask()["apis"]["vidgen"]["scenario"], "slow")
        self.assertEqual(self.sandbox.fast_forward.elapsed, 0)
"""


def test_python_m_unittest_runs_decorated_and_mixed_cases(tmp_path: Path) -> None:
    code, _, err = run(tmp_path, PASSING, "-W", "error", "-m", "unittest", "script")
    assert code == 0, err
    assert "Ran 11 tests" in err or "Ran 10 tests" in err  # Python 3.12.1 does not count what is skipped
    assert "OK (skipped=1, expected failures=1)" in err


def test_pytest_runs_the_same_cases(tmp_path: Path) -> None:
    command = ("-m", "pytest", "-p", "pytest_plugin.plugin", "-p", "no:cacheprovider", "-q", "script.py")
    code, out, err = run(tmp_path, PASSING, *command, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert code == 0, out + err
    assert "9 passed, 1 skipped, 1 xfailed" in out


FAILING = """
import unittest
from mockserver import MockserverTestCase, mock

class Failing(MockserverTestCase):
    def test_a_violation(self):
        break_contract(self.vidgen)

    def test_an_error(self):
        break_contract(self.vidgen)
        raise KeyError("mine")

class FailingToo(MockserverTestCase, unittest.IsolatedAsyncioTestCase):
    async def test_a_violation(self):
        break_contract(self.vidgen)

@mock("nobody")
class Nobody(unittest.TestCase):
    def test_nothing(self):
        raise AssertionError("never run")

@mock(contract_violations="warn")
class Warning(MockserverTestCase):
    def test_a_violation(self):
        break_contract(self.vidgen)
"""


def test_violations_are_failures_and_errors_keep_their_own_cause(tmp_path: Path) -> None:
    code, _, err = run(tmp_path, FAILING, "-m", "unittest", "script")
    assert code == 1
    assert "FAILED (failures=2, errors=2)" in err
    violation = "vidgen createJob (POST /api/jobs) /image: image is required"
    assert err.count(f"ContractViolated: A request broke the contract:\n  {violation}") == 2
    assert "KeyError: 'mine'\nA request broke the contract:\n" in err
    assert "UsageError: the server has no API 'nobody'" in err
    assert "never run" not in err
    of_sync_code = err.partition("FAIL: test_a_violation (script.Failing.")[2].partition("=====")[0]
    assert "File" not in of_sync_code
    assert "MockserverWarning: A request broke the contract:" in err


HELPERS = """
import unittest
from mockserver import MockserverTestCase

class Helpers(MockserverTestCase):
    def test_a_request_that_is_missing(self):
        self.vidgen.assert_requested("getStatus")

    def test_a_state_that_does_not_come(self):
        self.vidgen.clock.run_until(submit(self.vidgen), "COMPLETD")
"""


def test_a_helper_that_fails_shows_the_line_of_the_test_and_none_of_its_own(tmp_path: Path) -> None:
    code, _, err = run(tmp_path, HELPERS, "-m", "unittest", "script")
    assert (code, err.count("FAIL: "), "ERROR: " in err) == (1, 2, False)
    assert "did you mean 'COMPLETED'?" in err
    assert "mockserver/steering" not in err
