"""What the live page can do, and the tests that do it in a browser: each function has one, under its own name."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FUNCTIONS = {
    "sandboxes: live list, the default one first": "test_sandboxes_are_listed_while_they_are_made_and_closed"
    "_the_default_one_first",
    "sandboxes: owner, age, filter": "test_sandboxes_say_how_old_they_are_and_are_filtered_by_name_and_owner",
    "sandboxes: menu of a small screen": "test_sandboxes_are_chosen_on_a_small_screen",
    "sandboxes: reset, asked for before": "test_a_sandbox_is_reset_when_it_was_asked_for_and_not_otherwise",
    "jobs: state and progress by the clock": "test_a_job_shows_up_while_it_is_made_and_moves_as_the_clock_does",
    "jobs: progress of a clock that runs": "test_progress_moves_by_itself_without_a_request_while_the_clock_runs",
    "jobs: plan as a timeline, with webhooks": "test_the_plan_says_what_will_happen_when",
    "jobs: plan as a timeline, with expiry": "test_the_plan_says_when_links_expire",
    "jobs: finish, fail with a message, stick, release": "test_a_job_is_finished_failed_and_stuck_and_freed_by_buttons",
    "jobs: lose": "test_a_job_is_lost_by_a_button",
    "jobs: why one failed": "test_a_job_that_failed_says_why_on_top",
    "jobs: filter by text, API, state": "test_jobs_are_filtered",
    "results: picture": "test_a_picture_is_shown_in_its_size",
    "results: video with sound": "test_a_film_is_played_to_its_end_with_its_sound",
    "results: audio": "test_sounds_are_played_to_their_end",
    "results: text": "test_lines_of_text_are_shown_as_they_are",
    "results: a page, as text": "test_a_page_that_came_of_a_job_is_shown_as_text_and_never_as_a_page",
    "clock: advance by 10 s, 1 min, to the next event": "test_buttons_move_the_clock_and_it_says_what_comes_next",
    "clock: mode, rate, step": "test_the_clock_is_switched_and_its_rate_is_set",
    "journal: as it happens, violations and faults marked": "test_requests_show_up_as_they_happen_with_what_is_wrong"
    "_with_them",
    "journal: each filter": "test_each_filter_shows_what_it_is_named_after",
    "journal: search": "test_the_search_and_the_filters_leave_what_fits",
    "journal: follow": "test_the_end_stays_in_sight_while_entries_come_in_unless_somebody_looks_elsewhere",
    "journal: request and answer side by side, JSON, form parts": "test_an_entry_is_opened_and_shows_request_and"
    "_response_side_by_side",
    "journal: media": "test_a_download_is_shown_with_its_type_and_size_and_without_its_bytes",
    "journal: webhooks under their request": "test_attempts_of_webhooks_stand_under_the_request_that_caused_them",
    "journal: copy bodies": "test_bodies_are_copied_as_they_were_sent_and_answered",
    "journal: copy as curl, a GET": "test_a_request_is_copied_as_a_curl_command_that_does_the_same",
    "journal: copy as curl, JSON": "test_json_that_is_hard_to_quote_is_pasted_in_a_shell_and_is_the_same",
    "journal: copy as curl, a form with files": "test_a_form_with_files_is_pasted_in_a_shell_where_files_of_their"
    "_names_lie",
    "journal: copy as curl, a query": "test_a_query_is_pasted_in_a_shell_and_is_the_same",
    "journal: save as HAR": "test_the_journal_is_saved_as_har",
    "faults: armed, met, taken back": "test_a_fault_is_armed_with_its_parameters_met_and_taken_back",
    "faults: a form for each of the catalogue": "test_every_fault_of_the_catalogue_has_a_form_with_all_its_parameters"
    "_and_is_armed_by_it",
    "faults: parameters and selectors of every kind": "test_parameters_of_every_kind_are_taken_from_a_form",
    "faults: one that is refused": "test_a_fault_that_is_refused_says_why",
    "scenarios, quirks, limits": "test_scenarios_quirks_and_limits_are_switched",
    "strictness, webhooks to plain http": "test_files_are_taken_strictly_and_webhooks_go_to_plain_http_by_switches",
    "plan of the next job": "test_a_job_is_planned",
    "conduct": "test_conduct_says_what_the_client_did_with_its_evidence_and_marks_the_entries",
    "coverage": "test_coverage_fills",
    "accounts: keys to copy, new ones": "test_accounts_show_keys_to_copy_and_new_ones",
    "accounts: deactivated": "test_an_account_that_is_deactivated_is_made_and_is",
    "webhooks: waiting, done, send again": "test_a_webhook_waits_is_delivered_and_is_sent_again",
    "webhooks: filter": "test_webhooks_are_filtered",
    "webhooks: a test without a job": "test_a_webhook_is_tried_without_a_job",
    "stream: cut off": "test_a_page_that_was_cut_off_shows_what_it_missed_once_and_says_so",
    "stream: closed by the server": "test_a_page_whose_stream_the_server_closes_asks_for_it_again",
    "stream: too late": "test_a_page_that_is_too_late_reads_anew_and_says_so",
    "stream: server started anew": "test_a_server_that_was_started_anew_is_read_anew_and_nothing_of_the_old_one_is"
    "_left",
    "stream: more than an event tells": "test_more_than_an_event_tells_is_read_and_nothing_is_missing",
    "bounds: entries": "test_the_newest_entries_are_kept_and_no_more",
    "bounds: jobs, webhooks": "test_the_newest_jobs_and_webhooks_are_kept_and_no_more",
    "bounds: rows": "test_of_ten_thousand_rows_only_those_in_sight_are_drawn",
    "bounds: a day": "test_a_page_that_has_seen_fifty_thousand_entries_is_as_small_as_after_the_first_ones",
    "speed: 500 entries a second": "test_a_page_shows_five_hundred_entries_a_second_as_they_come",
    "guard: token": "test_the_token_is_asked_for_once_and_kept_in_memory_alone",
    "guard: policy": "test_the_page_has_no_inline_code_and_reaches_nobody_else",
    "guard: what clients sent is text": "test_what_a_client_sent_is_text_wherever_it_is_shown",
    "guard: read-only": "test_a_page_that_may_only_read_has_no_controls_and_says_so",
    "everybody: axe, both schemes": "test_axe_finds_nothing",
    "everybody: 375 px to 4K": "test_every_view_fits_its_window",
    "everybody: keys in lists": "test_a_long_list_is_walked_by_pages_and_to_its_ends_with_keys",
    "everybody: keys alone": "test_a_job_is_found_opened_and_finished_with_keys_alone",
    "everybody: the tab key": "test_everything_that_can_be_clicked_can_be_reached_with_the_tab_key",
    "everybody: live regions": "test_what_changes_is_told_in_live_regions_and_not_more_often_than_it_can_be_heard",
    "everybody: less motion": "test_who_wants_less_motion_sees_none",
    "story: a stuck job": "test_the_cause_of_a_stuck_job_stands_on_the_job",
    "story: a webhook with a bad signature": "test_the_cause_of_a_refused_webhook_stands_on_its_attempt",
    "story: a double submit": "test_the_cause_of_a_second_job_stands_in_the_journal",
}


@pytest.fixture(scope="module")
def names() -> set[str]:
    """The tests of this room."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in HERE.glob("test_*.py")]
    return {each.name for tree in trees for each in tree.body if isinstance(each, ast.FunctionDef)}


def test_each_function_of_the_page_has_a_test_in_a_browser(names: set[str]) -> None:
    assert {what: name for what, name in FUNCTIONS.items() if name not in names} == {}
