"""The tiers of this suite: how much a run asks for, and what it leaves to the next, so that nothing is left silently.

`MOCKSERVER_TIER` says which: `test` (what a newcomer runs), `ci` (what has to hold before a merge), `full` (all).
A test that is marked `slow` begins with `ci`, one that is marked `long` or `soak` with `full`. A number that grows with
the tier is `scaled`.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TypeVar

T = TypeVar("T")
TIERS = {"test": "make test", "ci": ".ci/run", "full": "make full"}
TIER = os.environ.get("MOCKSERVER_TIER", "test")
if TIER not in TIERS:
    raise ValueError(f"MOCKSERVER_TIER is {TIER!r}: it must be one of {', '.join(TIERS)}")
LATER_TIERS = [*TIERS][[*TIERS].index(TIER) + 1 :]
SCALED: list[str] = []
# Files that cost the most of a processor. A newcomer's run is half as long without them; what they hold is held by
# `.ci/run`.
LATER_FILES = frozenset(
    {
        "state/test_chaos.py",
        "state/test_hit_walks.py",
        "state/test_killed_workers.py",
        "state/test_lost_walkers.py",
        "state/test_woken_workers.py",
        "state/test_operators.py",
        "workers/test_supervisor.py",
        "workers/test_told_at_the_start.py",
        "asgi/test_asgi_application.py",
        "asgi/test_asgi_everywhere.py",
        "cli/test_report.py",
        "cli/test_serve_snapshot.py",
        "conformance/test_contracts.py",
        "conformance/test_control_api.py",
        "conformance/test_gallery_fuzzed.py",
        "conformance/test_mutants.py",
        "control/test_control_faults.py",
        "docs/test_docs_examples.py",
        "exploration/test_example_clients.py",
        "exploration/test_explore.py",
        "exploration/test_explore_command.py",
        "exploration/test_explore_node.py",
        "exploration/test_explore_webhooks.py",
        "files/test_every_file.py",
        "files/test_labels.py",
        "files/test_real_clients.py",
        "fuzz/test_fuzz.py",
        "fuzz/test_stock_fuzzer.py",
        "fuzz/test_vendors.py",
        "imported/test_bare_lists.py",
        "imported/test_forms_of_states.py",
        "imported/test_guessed_states.py",
        "imported/test_ids_as_said.py",
        "imported/test_imported_hostile.py",
        "imported/test_late_results.py",
        "imported/test_led_by_location.py",
        "imported/test_odd_answers.py",
        "imported/test_reading.py",
        "imported/test_references_by_id.py",
        "imported/test_told_rows.py",
        "intercept/test_intercept_clients.py",
        "language/test_chains.py",
        "language/test_credentials.py",
        "language/test_language_addresses.py",
        "language/test_lists.py",
        "language/test_lives.py",
        "language/test_notation.py",
        "language/test_page.py",
        "language/test_prices.py",
        "language/test_reloading.py",
        "language/test_said_times.py",
        "language/test_streams.py",
        "language/test_typing_errors.py",
        "language/test_values.py",
        "mock/test_mock_blocks.py",
        "mock/test_mock_processes.py",
        "mock/test_mock_unittest.py",
        "observed/test_recorded_apis.py",
        "page/test_access.py",
        "page/test_page_returns.py",
        "page/test_previews.py",
        "plugin/test_plugin_environment.py",
        "plugin/test_plugin_failures.py",
        "plugin/test_plugin_frozen_time.py",
        "plugin/test_plugin_marker.py",
        "plugin/test_plugin_reruns.py",
        "plugin/test_plugin_runs.py",
        "plugin/test_plugin_standstill.py",
        "plugin/test_plugin_start.py",
        "plugin/test_plugin_unused.py",
        "plugin/test_plugin_virtual_time.py",
        "proxy/test_exec.py",
        "proxy/test_proxy_clients.py",
        "recorder/test_recorded_clients.py",
        "recorder/test_recorded_hostile.py",
        "recorder/test_recorded_paths.py",
        "sdks/test_bfl.py",
        "snapshots/test_restored_life.py",
        "snapshots/test_same_answers.py",
        "test_bounds.py",
        "test_check_faults.py",
        "test_ci_examples.py",
        "test_client_disconnects.py",
        "test_faults_clients.py",
        "test_faults_downloads.py",
        "test_faults_jobs.py",
        "test_faults_requests.py",
        "test_faults_webhooks.py",
        "test_full_disk.py",
        "test_har_panel.py",
        "test_hostile_gallery.py",
        "test_interpreter.py",
        "test_loader_hostile.py",
        "test_media_video.py",
        "test_reading_speed.py",
        "test_scenarios_played.py",
        "test_wire_deadlines.py",
        "test_wire_leaving.py",
        "verify/test_drift_mutants.py",
        "verify/test_suggested_patches.py",
        "verify/test_suggested_schemas.py",
    }
)
# The files that take longest, in this order: last, they would leave the other workers with nothing to do.
FIRST = (
    "state/test_homes.py",
    "workers/",
    "conformance/",
    "exploration/",
    "state/test_rooms_elsewhere.py",
    "state/test_killed_workers.py",
    "state/test_chaos.py",
    "test_bounds.py",
    "test_reading_speed.py",
    "verify/test_suggested_patches.py",
    "observed/test_recorded_apis.py",
    "imported/test_imported_hostile.py",
    "asgi/test_asgi_everywhere.py",
    "proxy/test_exec.py",
    "page/test_access.py",
    "sdks/",
    "plugin/",
    "fuzz/",
    "docs/test_docs_examples.py",
    "test_faults_clients.py",
)
# What coverage slows down most, and what reaches hardly a line that no other test reaches: run without it.
UNTRACED = (
    "asgi/test_asgi_everywhere.py",
    "conformance/test_contracts.py",
    "conformance/test_control_api.py",
    "conformance/test_gallery_fuzzed.py",
    "conformance/test_mutants.py",
    "conformance/test_signed_uploads.py::test_an_upload_is_answered_as_far_as_it_has_come",
    "control/test_control_clients.py",
    "control/test_control_types.py",
    "docs/",
    "exploration/test_example_clients.py",
    "exploration/test_explore",
    "files/",
    "fuzz/test_stock_fuzzer.py",
    "fuzz/test_vendors.py",
    "imported/test_reading.py::test_aliases_that_multiply_are_stopped",
    "language/test_load_is_linear.py",
    "observed/test_observed_speed.py",
    "observed/test_recorded_apis.py",
    "page/",
    "plugin/test_plugin_environment.py",
    "plugin/test_plugin_frozen_time.py",
    "plugin/test_plugin_pollers.py",
    "plugin/test_plugin_reruns.py",
    "plugin/test_plugin_runs.py",
    "plugin/test_plugin_standstill.py",
    "plugin/test_plugin_typing.py",
    "plugin/test_plugin_virtual_time.py",
    "plugin/test_plugin_wheel.py",
    "sdks/",
    "snapshots/test_hostile.py",
    "state/test_chaos.py",
    "state/test_homes",
    "state/test_killed_workers.py",
    "state/test_rooms",
    "verify/test_gallery_walked.py",
    "workers/test_serve_workers.py",
    "test_architecture.py",
    "test_bounds.py",
    "test_ci_examples.py",
    "test_fault_is_one_class.py::test_the_type_checker_refuses_a_fault_whose_method_has_the_wrong_name_or_signature",
    "test_hostile_gallery.py",
    "test_interpreter.py",
    "test_late_imports.py",
    "test_laws_of_time.py",
    "test_loader_hostile.py",
    "test_names.py",
    "test_pages_browser.py",
    "test_printable.py",
    "test_reading_speed.py",
    "test_scenarios_played.py",
    "test_schemas.py",
    "test_sound.py::test_what_a_start_serves_is_sound",
    "test_suggestions.py",
    "test_wire_deadlines.py",
)
"""Beginnings of tests' names, below `tests`: of a folder, a file, or a test in it."""


@cache
def rank(file: str) -> int:
    """When a file is run: those with the lowest numbers first."""
    return next((number for number, each in enumerate(FIRST) if file.startswith(each)), len(FIRST))


def is_left_out(name: str, marks: str) -> bool:
    """Whether an expression of marks leaves out every test of a file because it is of the other part, `untraced` or
    not: then it need not be read."""
    asked, whole = marks.split(" and "), name.startswith(UNTRACED)
    if "not untraced" in asked:
        return whole
    return "untraced" in asked and not whole and not any(each.startswith(f"{name}::") for each in UNTRACED)


def scaled(what: str, test: T, ci: T, full: T) -> T:
    """The value of this tier; `what` names it where the run tells what it leaves out."""
    values = {"test": test, "ci": ci, "full": full}
    more = [f"{values[tier]} in `{TIERS[tier]}`" for tier in LATER_TIERS if values[tier] != values[TIER]]
    if more:
        SCALED.append(f"{what}: {values[TIER]} here, {', '.join(more)}")
    return values[TIER]
