"""Rooms of this suite with two servers behind each port that a test asks, over one engine: they answer by turns.

What a test reaches for inside a server is the first one's. Those that can do so only in one process are left out, each
with its reason.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from engine_kit import found, running_engine

ROOT = Path(__file__).parents[2]
ENGINES = found()


def of_language(names: str) -> tuple[str, ...]:
    """Files of the room of the language."""
    return (*[f"tests/language/test_{each}.py" for each in names.split()],)


SOME = (
    "tests/apis/test_half_closed_clients.py",
    "tests/apis/test_vidgen.py",
    "tests/language/test_upload_pieces.py",
    "tests/plugin/test_plugin_answers.py",
    "tests/control/test_control_metrics.py",
    "tests/control/test_control_sides.py",
    "tests/control/test_control_webhooks.py",
    "tests/control/test_control_test_webhooks.py",
    "tests/control/test_control_moves.py",
    "tests/control/test_control_resets.py",
    "tests/test_faults_requests.py",
)
"""Rooms in which defects of shared state were found."""
MORE = (
    ("tests/apis", "tests/language/test_idempotency.py"),
    ("tests/control",),
    (
        "tests/test_faults_downloads.py",
        "tests/test_faults_jobs.py",
        "tests/test_faults_requests.py",
        "tests/test_faults_time.py",
        "tests/test_faults_webhooks.py",
    ),
    (
        "tests/plugin/test_plugin_answers.py",
        "tests/plugin/test_plugin_environment.py",
        "tests/plugin/test_plugin_frozen_time.py",
        "tests/plugin/test_plugin_loops.py",
        "tests/plugin/test_plugin_marker.py",
        "tests/plugin/test_plugin_pollers.py",
        "tests/plugin/test_plugin_replay.py",
        "tests/plugin/test_plugin_requests.py",
    ),
    (
        "tests/plugin/test_plugin_failures.py",
        "tests/plugin/test_plugin_fixtures.py",
        "tests/plugin/test_plugin_own_sandboxes.py",
        "tests/plugin/test_plugin_reruns.py",
        "tests/plugin/test_plugin_runs.py",
        "tests/plugin/test_plugin_schedules.py",
        "tests/plugin/test_plugin_start.py",
        "tests/plugin/test_plugin_typos.py",
        "tests/plugin/test_plugin_webhooks.py",
    ),
    (
        "tests/plugin/test_plugin_standstill.py",
        "tests/plugin/test_plugin_unused.py",
    ),
    ("tests/test_faults_clients.py", "tests/test_client_disconnects.py"),
    ("tests/language/test_streams.py",),
    (
        "tests/language/test_callbacks.py",
        "tests/language/test_items.py",
        "tests/language/test_owed_to_accounts.py",
        "tests/language/test_references.py",
        "tests/language/test_updates.py",
        "tests/language/test_webhook_bodies.py",
        "tests/language/test_webhook_endpoints.py",
        "tests/language/test_webhook_signatures.py",
        "tests/language/test_webhook_updates.py",
        "tests/language/test_webhooks.py",
    ),
    ("tests/plugin/test_plugin_virtual_time.py",),
    of_language(
        "begun_runs chains lists lives offspring prices reloading results said_times upload_pieces values variants "
        "waits"
    ),
    of_language(
        "bindings body_sizes conditions credentials enveloped_lists envelopes facts_of_jobs forms_of_members "
        "ids_of_a_pattern language_addresses left_out matches media_types_sent no_body notation page_edges "
        "problem_fields said_once served_document standard standards whole_documents written_once"
    ),
    (
        "tests/test_codings.py",
        "tests/test_generations.py",
        "tests/test_har.py",
        "tests/test_journal.py",
        "tests/test_negotiation.py",
        "tests/test_scenarios_played.py",
    ),
    ("tests/recorded", "tests/snapshots", "tests/test_coverage.py"),
    ("tests/mock",),
    ("tests/exploration/test_example_clients.py", "tests/exploration/test_explore.py"),
    ("tests/exploration/test_explore_command.py", "tests/exploration/test_verdict.py"),
    ("tests/sdks/test_stripe.py", "tests/sdks/test_webhook_validators.py"),
    ("tests/sdks/test_openai.py",),
)
"""In pieces, each of a quarter of an hour at most."""
INSIDE = {
    "tests/apis/test_addresses.py::test_a_request_to_a_closed_sandbox_is_gone_and_noted_with_its_owner":
        "looks at the late requests of one process",
    "tests/apis/test_captured.py::test_an_answer_is_entered_before_its_first_byte_leaves":
        "looks into the journal of one process between two bytes",
    "tests/apis/test_miragic_quirks.py::test_every_refusal_can_carry_the_message_beside_the_error_object":
        "forgets the windows of limits in one process",
    "tests/apis/test_uploads_kept.py": "counts the temporary files of one process",
    "tests/apis/test_short_way_posts.py::test_a_job_made_on_either_way_goes_on_alike": "looks at all jobs at once",
    "tests/control/test_control_sides.py::test_a_plan_without_resource_waits_for_one_that_can_fulfil_it":
        "looks at the orders of one process",
    "tests/control/test_control_resets.py::test_a_request_that_is_still_sent_is_answered_410_and_makes_no_job[close]":
        "reads the journal of a closed sandbox inside a server",
    "tests/control/test_control_resets.py::test_silence_ends_with_its_sandbox[fault0-close]":
        "reads the journal of a closed sandbox inside a server",
    "tests/control/test_control_resets.py::test_silence_ends_with_its_sandbox[fault1-close]":
        "reads the journal of a closed sandbox inside a server",
    "tests/control/test_control_resets.py::"
    "test_a_move_of_the_clock_that_waits_for_a_receiver_ends_and_moves_nothing_more[close]":
        "reads the journal of a closed sandbox inside a server",
    "tests/control/test_control_turns.py::test_a_long_list_is_made_in_slices": "fills the home of one process",
    "tests/control/test_control_turns.py::test_conduct_of_many_entries_is_judged_while_the_loop_turns":
        "fills the home of one process",
    "tests/control/test_control_turns.py::test_a_limited_list_ends_where_it_should": "fills the home of one process",
    "tests/control/test_control_turns.py::test_jobs_that_are_listed_are_remembered_no_larger_than_before":
        "looks at what one process remembers of plans",
    "tests/control/watched/test_control_events.py::"
    "test_a_reader_that_does_not_read_holds_nobody_up_and_is_told_to_read_anew":
        "fills the list of events of one process",
    "tests/control/watched/test_control_events.py::test_who_comes_back_is_told_what_was_missed_and_nothing_twice":
        "compares ids of two readers of one process; test_two_workers_watched does so with a reader of two",
    "tests/control/watched/test_control_events.py::test_one_reader_too_many_is_refused_until_another_leaves":
        "counts the readers of one process, for which they are bounded",
    "tests/control/watched/test_control_events.py::test_when_the_last_reader_has_left_for_a_while_nobody_watches":
        "looks whether one process watches",
    "tests/control/watched/test_control_events.py::test_more_than_one_event_tells_is_counted":
        "notes entries in the journal of one process",
    "tests/plugin/test_plugin_answers.py::test_a_handler_may_sleep_in_virtual_time_and_arm_others":
        "its callable answers in its own process",
    "tests/test_scenarios_played.py::test_in_overloaded_limits_are_soon_reached_and_answers_are_late":
        "fills the windows of limits in one process",
    "tests/recorded/test_routes.py": "its callables answer in their own process",
    "tests/recorded/test_answers.py::test_a_header_may_have_several_values": "its callable answers in its own process",
    "tests/recorded/test_answers.py::test_a_status_without_a_body_has_none_however_it_is_made":
        "its callable answers in its own process",
    "tests/recorded/test_answers.py::test_downloads_are_answered_as_well_and_callables_see_them":
        "its callable answers in its own process",
    "tests/recorded/test_answers.py::test_a_callback_": "its callable answers in its own process",
    "tests/recorded/test_answers.py::test_a_reset_ends_a_callback_under_way_and_takes_answers_back":
        "its callable answers in its own process",
    "tests/recorded/test_answers.py::test_outside_pytest_a_handler_that_raises_fails_the_block":
        "its callable answers in its own process",
    "tests/recorded/test_request_log.py::test_what_was_dropped_is_told": "sets the bound of one process",
    "tests/recorded/test_request_log.py::test_closed_sandboxes_leave_nothing_behind":
        "weighs what one process keeps",
    "tests/recorded/test_requests_kept.py::test_a_handler_is_shown_a_request_in_the_same_way":
        "its callable answers in its own process",
    "tests/plugin/test_plugin_fixtures.py::test_a_contract_of_ones_own_is_served_beside_the_shipped_ones":
        "has a server of its own serve other contracts",
    "tests/plugin/test_plugin_fixtures.py::test_a_contract_that_cannot_be_served_is_told_without_a_traceback":
        "has a server of its own serve other contracts",
    "tests/plugin/test_plugin_own_sandboxes.py::test_a_server_that_is_gone_fails_nothing_more":
        "stops a server of its own",
    "tests/test_faults_jobs.py::test_a_stuck_job_may_be_stuck_in_the_queue": "looks at the jobs of one process",
    "tests/test_faults_time.py::test_a_server_stops_although_requests_hang":
        "arms a fault in the process of a server of its own",
    "tests/test_faults_requests.py::test_a_fault_that_is_used_up_meanwhile_has_no_effect":
        "takes a fault in one process",
    "tests/language/test_offspring.py::"
    "test_a_job_is_moved_with_what_it_brings_forth_though_that_was_changed_meanwhile":
        "changes a job between two looks of one process",
    "tests/language/test_owed_to_accounts.py::test_what_is_owed_to_accounts_without_an_endpoint_is_bounded":
        "looks at what one process remembers of webhooks",
    "tests/language/test_webhook_endpoints.py::"
    "test_secrets_are_replaced_within_bounds_and_those_of_nobody_make_room": "drops the jobs of one process",
    "tests/language/test_webhook_endpoints.py::test_the_secrets_of_what_is_there_no_more_are_hidden_no_more":
        "looks at the secrets that one process knows",
    "tests/language/test_waits.py::test_a_job_that_is_moved_wakes_those_alone_that_wait_for_it":
        "counts whom one process wakes; of what is held elsewhere, all look again",
    "tests/language/test_waits.py::test_a_webhook_that_is_queued_wakes_no_request_that_is_held":
        "counts whom one process wakes; where the first one is held, it looks whether the clock was moved",
    "tests/language/test_waits.py::test_too_many_are_not_held": "fills the bound of one process",
    "tests/language/test_waits.py::test_many_wait_at_once_and_each_is_told_of_its_own_job":
        "looks at the requests that one process holds",
    "tests/language/test_idempotency.py::test_a_key_is_kept_in_a_snapshot": "takes a snapshot of one process's home",
    "tests/language/test_idempotency.py::test_while_the_first_request_is_in_work_a_second_one_is_refused":
        "claims a key in one process",
}  # fmt: skip
"""Tests that reach into one process, and how."""


def by_turns(url: str, *rooms: str) -> None:
    """These rooms, in a process of their own."""
    left = [word for test in INSIDE if test.startswith(rooms) for word in ("--deselect", test)]
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:randomly", "-p", "no:cacheprovider"]
    environment = {**os.environ, "MOCKSERVER_HOME": url, "MOCKSERVER_TURNS": "1"}
    done = subprocess.run(
        [*command, *left, *rooms], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=2400,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]


@pytest.mark.slow
@pytest.mark.parametrize("engine", [*ENGINES][:1])
def test_some_rooms_of_each_kind_go_alike_where_two_servers_answer_by_turns(engine: str) -> None:
    with running_engine(ENGINES[engine]) as made:
        by_turns(made.url, *SOME)


@pytest.mark.long
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("rooms", MORE, ids=lambda rooms: rooms[0].rpartition("/")[2])
def test_more_rooms_go_alike_where_two_servers_answer_by_turns(engine: str, rooms: tuple[str, ...]) -> None:
    with running_engine(ENGINES[engine]) as made:
        by_turns(made.url, *rooms)
