"""The standard scenarios and trigger values: what each API has of them, what a contract says of them, and mistakes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from check_kit import BEHAVIOR, Documents, Mutation, behave, both, show, without, write
from language_kit import FORM, NAME, SUBMIT, documents, findings, serving

from mockserver.app.trial_run import tried
from mockserver.contract import Contract
from mockserver.faults import check_use, fault_of
from mockserver.launch import contracts_in
from mockserver.loader import SHIPPED, contract_folders, load_folder
from mockserver.loader.folders import GALLERY

STANDARD = json.loads((SHIPPED / "standard.json").read_text())
NAMES = list(STANDARD["scenarios"])
EVERY = {each.name: each for each in contracts_in((), [path.name for path in contract_folders(GALLERY)])}
KEY = {"X-API-Key": "demo-key"}
NO_SCENARIOS = without(BEHAVIOR, "/scenarios")
VALUES = [row["equals"] for row in STANDARD["matches"]]
HEARD = behave("/triggers", ["/prompt"])


def loaded(folder: Path, *mutations: Mutation) -> Contract:
    contract, found = load_folder(write(folder / NAME, documents(*mutations)))
    assert contract is not None, found
    return contract


def has_failures(contract: Contract) -> bool:
    running = [each for each in contract.resources.values() if each.run is not None]
    return any(state.end == "failure" for each in running for state in each.states.values())


NEEDS: dict[str, Callable[[Contract], bool]] = {
    "happy": lambda contract: True, "flaky": lambda contract: True, "outage": lambda contract: True,
    "overloaded": lambda contract: True,
    "slow": lambda contract: any(each.run for each in contract.resources.values()),
    "stuck": lambda contract: any(each.run for each in contract.resources.values()),
    "failing": has_failures,
    "expired-links": lambda contract: any(each.results for each in contract.resources.values()),
    "lossy-webhooks": lambda contract: bool(contract.webhooks),
}  # fmt: skip
WITHOUT_LINKS = {("anthropic", "expired-links"), ("elevenlabs", "expired-links"), ("openai", "expired-links")}
"""Their results are bytes of operations, to which no link leads."""


@pytest.mark.parametrize("api", EVERY)
def test_an_api_has_each_standard_scenario_that_it_can_have(api: str) -> None:
    contract = EVERY[api]
    wanted = {name for name in NAMES if NEEDS[name](contract) and (api, name) not in WITHOUT_LINKS}
    assert {name for name in contract.scenarios if name in NAMES} == wanted


@pytest.mark.parametrize("api", EVERY)
def test_the_faults_of_standard_scenarios_and_values_can_take_effect(api: str) -> None:
    contract = EVERY[api]
    for scenario in contract.scenarios.values():
        assert scenario.title
        for data in scenario.faults:
            check_use(contract, *fault_of(data))
    for match in (each for each in contract.matches if each.fault is not None):
        for operation in match.operations:
            check_use(contract, *fault_of({**(match.fault or {}), "operation": operation}))


def without_run(made: Documents) -> None:
    """A contract without anything that time does: no run, no results, no webhooks."""
    job = made[BEHAVIOR]["resources"]["job"]
    job["states"] = {name: {} for name in job["states"]}
    for word in ("run", "results"):
        del job[word]
    for operation in made[BEHAVIOR]["operations"].values():
        operation["bindings"] = {k: v for k, v in operation["bindings"].items() if v in ("id", "created")}
    for word in ("webhooks", "scenarios", "matches"):
        del made[BEHAVIOR][word]


def test_what_an_api_cannot_have_is_left_out(tmp_path: Path) -> None:
    contract = loaded(tmp_path, without_run, HEARD)
    assert list(contract.scenarios) == ["happy", "flaky", "overloaded", "outage"]
    assert [next(iter(each.condition))[0].any_of for each in contract.matches] == [
        ("mock:unavailable",),
        ("mock:lost",),
    ]


def test_a_contract_that_says_nothing_has_all_that_it_can_have(tmp_path: Path) -> None:
    contract = loaded(tmp_path, NO_SCENARIOS)
    assert list(contract.scenarios) == NAMES
    assert all(each.is_standard for each in contract.scenarios.values())
    job = contract.scenarios["failing"].run["job"]
    assert job.outcomes == {"failed": 1}
    assert job.errors == contract.resources["job"].run.errors  # type: ignore[union-attr]


def test_a_scenario_with_a_title_is_a_contract_s_own_whatever_its_name(tmp_path: Path) -> None:
    own = {"title": "Now and then", "latency": {"fixed": 0.1}}
    played = loaded(tmp_path, behave("/scenarios/overloaded", own)).scenarios["overloaded"]
    assert (played.title, played.limits, played.run, played.is_standard) == ("Now and then", None, {}, False)


def test_one_without_a_title_says_what_differs(tmp_path: Path) -> None:
    own = {"run": {"job": {"running": {"fixed": 7}}}, "limits": {"requests": 3}}
    contract = loaded(tmp_path, behave("/scenarios", {"overloaded": own}))
    played, usual = contract.scenarios["overloaded"], STANDARD["scenarios"]["overloaded"]
    assert played.title == usual["title"]
    assert played.latency is not None
    assert {phase: each.numbers for phase, each in played.run["job"].durations.items()} == {
        "queued": (60.0, 180.0), "running": (7.0,)}  # fmt: skip
    assert [(limit.name, limit.limit) for limit in played.limits or ()] == [("requests", 3)]


def test_a_star_is_each_resource_with_a_run(tmp_path: Path) -> None:
    own = {"title": "As may be", "run": {"*": {"outcomes": {"cancelled": 1, "failure": 0}}}}
    played = loaded(tmp_path, behave("/scenarios/odd", own)).scenarios["odd"]
    assert played.run["job"].outcomes == {"cancelled": 1, "failed": 0}


def test_the_limit_of_overloaded_is_on_what_knows_its_account_and_can_be_refused(tmp_path: Path) -> None:
    contract = loaded(tmp_path, NO_SCENARIOS, behave("/limits", [
        {"name": "few", "per": "ip", "operations": ["getJob"], "limit": 100, "window": 60}]))  # fmt: skip
    first, second = contract.scenarios["overloaded"].limits or ()
    assert (first.per, first.limit, first.operations) == ("account", 30, frozenset(contract.operations))
    assert (second.name, second.limit) == ("few", 100)


def test_scenarios_can_be_played_over_http(tmp_path: Path) -> None:
    with serving(tmp_path, NO_SCENARIOS) as own:
        side = own.sandbox.apis[NAME]
        side.play("failing")
        identity = own.submit().json()["id"]
        own.advance(60)
        assert own.show(identity)["status"] == "failed"
        side.play("outage")
        assert own.http.get(f"/v1/jobs/{identity}", headers=KEY).status_code == 503


WRONG: list[tuple[str, Mutation, str]] = [
    ("a scenario of its own without a title", behave("/scenarios/outtage", {"latency": {"fixed": 1}}),
     "/scenarios/outtage: the scenario 'outtage' has no title, and is none of the standard ones. "
     "Remedy: Did you mean 'outage'?"),
    ("a limit that there is not", behave("/scenarios/overloaded", {"limits": {"request": 3}}),
     "/scenarios/overloaded/limits/request: there is no limit 'request'. Remedy: Did you mean 'requests'?"),
    ("an end that there is not", behave("/scenarios/odd", {"title": "x", "run": {"*": {"outcomes": {"failed": 1}}}}),
     "/scenarios/odd/run/*/outcomes"),
    ("a place that no request has", behave("/triggers", ["/promt"]),
     "/triggers/0: no request that creates has anything at /promt. Remedy: Did you mean '/prompt'?"),
    ("a parameter that no request has", behave("/triggers", ["query.model"]),
     "/triggers/0: no request that creates has anything at query.model."),
    ("a place twice", behave("/triggers", ["/prompt", "/prompt"]), "/triggers"),
    ("no place", behave("/triggers", []), "/triggers"),
]  # fmt: skip


@pytest.mark.parametrize(("mutation", "said"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_a_mistake_is_named(mutation: Mutation, said: str, tmp_path: Path) -> None:
    found = findings(tmp_path, mutation)
    assert any(said in each.replace("\n    ", " ") for each in found), found


def test_a_place_that_cannot_hold_a_standard_value_is_named(tmp_path: Path) -> None:
    contract = loaded(tmp_path, behave("/triggers", ["/aspect"]))
    found = {each.pointer for each in tried(contract)}
    assert found == {"#/triggers/0"}


# Over HTTP ---------------------------------------------------------------------------------------------------------


def ends_as(own: Any, **values: Any) -> str:
    identity = own.submit(**values).json()["id"]
    own.advance(60)
    return str(own.show(identity)["status"])


def test_the_values_are_heard_where_the_contract_says(tmp_path: Path) -> None:
    with serving(tmp_path, HEARD, without(BEHAVIOR, "/matches")) as own:
        assert ends_as(own, prompt="mock:fail") == "failed"
        assert ends_as(own, prompt="mock:slow") == ends_as(own, prompt="mock:stuck") == "running"
        assert ends_as(own, prompt="mock:fail ") == "succeeded"
        refused = own.submit(prompt="mock:unavailable")
        assert (refused.status_code, refused.headers["content-type"]) == (503, "text/html")
        expired = own.submit(prompt="mock:expired").json()["id"]
        own.advance(60)
        assert own.http.get(own.show(expired)["picture_url"]).status_code == 403


def test_without_the_word_a_value_is_a_value_as_any_other(tmp_path: Path) -> None:
    with serving(tmp_path, without(BEHAVIOR, "/matches")) as own:
        assert ends_as(own, prompt="mock:fail") == "succeeded"


def test_a_row_of_the_contract_s_own_goes_before_a_standard_value(tmp_path: Path) -> None:
    row = {"when": {"request./prompt": "mock:fail"}, "plan": {"outcome": "succeeded"}}
    with serving(tmp_path, HEARD, behave("/matches", [row])) as own:
        assert ends_as(own, prompt="mock:fail") == "succeeded"


def test_a_parameter_may_hold_a_value(tmp_path: Path) -> None:
    parameter = {"name": "model", "in": "query", "schema": {"type": "string"}}
    heard = both(behave("/triggers", ["query.model"]), show(f"{SUBMIT}/parameters", [parameter]))
    with serving(tmp_path, heard) as own:
        asked = own.http.post("/v1/jobs?model=mock:unavailable", json={"prompt": "x"}, headers=KEY)
        assert asked.status_code == 503
        assert own.http.post("/v1/jobs?model=best", json={"prompt": "x"}, headers=KEY).status_code == 201


FILES = both(
    show(f"{SUBMIT}/requestBody/content", FORM),
    without(BEHAVIOR, "/matches"),
    behave("/webhooks", {}),
    show("/webhooks", {}),
    without(BEHAVIOR, "/resources/job/results/picture/aspect"),
)


@pytest.mark.parametrize(("name", "end"), [
    ("mock:fail", "failed"), ("mock:fail.png", "failed"), ("mock:fail.JPG", "failed"), ("fail.png", "succeeded"),
    ("mock:fail.tar.gz", "succeeded"), ("x-mock:fail.png", "succeeded"),
])  # fmt: skip
def test_a_file_is_called_so_with_any_extension(name: str, end: str, tmp_path: Path) -> None:
    with serving(tmp_path, FILES, behave("/triggers", ["/picture"])) as own:
        made = own.http.post(
            "/v1/jobs", data={"prompt": "x"}, files={"picture": (name, b"bytes", "image/png")}, headers=KEY
        )
        own.advance(60)
        assert own.show(made.json()["id"])["status"] == end


def test_a_row_of_ones_own_names_a_file_whole(tmp_path: Path) -> None:
    row = {"at": "/picture", "equals": "mock:fail", "plan": {"outcome": "failed"}}
    with serving(tmp_path, FILES, behave("/matches", [row])) as own:
        made = own.http.post(
            "/v1/jobs", data={"prompt": "x"}, files={"picture": ("mock:fail.png", b"bytes", "image/png")}, headers=KEY
        )
        own.advance(60)
        assert own.show(made.json()["id"])["status"] == "succeeded"


@pytest.mark.parametrize("value", VALUES)
def test_a_fault_of_a_value_that_a_document_names_is_told_of(value: str) -> None:
    assert value in json.loads((SHIPPED / "behavior.schema.json").read_text())["properties"]["triggers"]["description"]
