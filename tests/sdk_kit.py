"""What tests of vendors' SDKs share: a suite of tests that uses the plugin with contracts of the gallery."""

from __future__ import annotations

import pytest
from plugin_kit import INI, QUIET, plugin_options


def run_suite(pytester: pytest.Pytester, apis: str, body: str) -> None:
    """Run tests that use the plugin with these APIs; all must pass, and none may be skipped."""
    pytester.makeini(f"{INI}mockserver_apis = {apis}\n")
    pytester.makepyfile(body)
    result = pytester.runpytest_subprocess(*QUIET, *plugin_options(), "-q")
    counts = result.parseoutcomes()
    assert counts.get("passed", 0) > 0, result.stdout.str()
    assert not {"failed", "errors", "error", "skipped", "xfailed"} & counts.keys(), result.stdout.str()
