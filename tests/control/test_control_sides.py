"""The control API: accounts, limits, quirks, scenarios and plans, and what cannot be."""

from __future__ import annotations

from typing import Any

import pytest
from control_kit import Steered, job, refused, told

from mockserver.state.port import WantedRecords

KEYS = {
    "miraflow": {"url", "api_key"},
    "miragic": {"url", "api_key"},
    "mirrago": {"url", "client_id", "client_secret"},
    "vidgen": {"url", "api_key", "webhook_secret"},
}
OPEN = "/_mock/sandboxes"


@pytest.mark.parametrize("api", KEYS)
def test_an_account_comes_with_the_keys_of_its_api(control: Steered, sandbox: str, api: str) -> None:
    made = told(control.ask("POST", f"{sandbox}/accounts", json={"api": api}), 201)
    assert set(made) == {"api", "id", "state", "credits"} | (KEYS[api] - {"url"})
    assert (made["api"], made["state"], made["credits"]) == (api, "active", None)


@pytest.mark.parametrize(("state", "expected"), [("active", 200), ("deactivated", 401)])
def test_a_new_key_works_at_once_unless_it_is_deactivated(
    control: Steered, sandbox: str, state: str, expected: int
) -> None:
    made = told(control.ask("POST", f"{sandbox}/accounts", json={"api": "vidgen", "state": state, "credits": 3}), 201)
    assert (made["state"], made["credits"]) == (state, 3)
    answer = control.ask("GET", "/vidgen/api/jobs", headers={"x-api-key": made["api_key"]})
    assert answer.status_code == expected


def test_accounts_are_bounded(control: Steered, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.configured.ACCOUNTS", 2)
    path = control.sandbox()
    told(control.ask("POST", f"{path}/accounts", json={"api": "vidgen"}), 201)
    refused(control.ask("POST", f"{path}/accounts", json={"api": "vidgen"}), 409)


def test_limits_are_switched(control: Steered, sandbox: str) -> None:
    for on in (False, True):
        assert told(control.ask("PUT", f"{sandbox}/limits", json={"on": on}), 200) == {"on": on}
        assert control.get(sandbox)["limits"] is on


def test_strictness_is_switched_and_reset(control: Steered, sandbox: str) -> None:
    assert control.get(sandbox)["strict"] is False
    assert told(control.ask("PUT", f"{sandbox}/strict", json={"on": True}), 200) == {"on": True}
    assert control.get(sandbox)["strict"] is True
    told(control.ask("POST", f"{sandbox}/reset", json={}), 204)
    assert control.get(sandbox)["strict"] is False


def test_a_quirk_is_switched_in_its_sandbox_only(control: Steered, sandbox: str) -> None:
    body = {"api": "mirrago", "quirk": "completedc", "on": False}
    assert told(control.ask("PUT", f"{sandbox}/quirks", json=body), 200)["quirks"]["completedc"] is False
    assert control.get(sandbox)["apis"]["mirrago"]["quirks"]["completedc"] is False
    assert control.get(f"{OPEN}/default")["apis"]["mirrago"]["quirks"]["completedc"] is True


def test_a_scenario_is_played(control: Steered, sandbox: str) -> None:
    body = {"api": "vidgen", "scenario": "slow"}
    assert told(control.ask("PUT", f"{sandbox}/scenario", json=body), 200) == body
    assert control.get(sandbox)["apis"]["vidgen"]["scenario"] == "slow"


WRONG: list[tuple[str, str, Any, str]] = [
    ("PUT", "/limits", {}, "on is required"),
    ("PUT", "/limits", {"on": 0}, "on must be true or false"),
    ("PUT", "/strict", {"on": "yes"}, "on must be true or false"),
    ("PUT", "/clock", {}, "mode is required"),
    ("PUT", "/quirks", {"api": "vidgen", "quirk": "nix", "on": True}, "vidgen has no quirk 'nix'"),
    ("PUT", "/quirks", {"api": "nix", "quirk": "nix", "on": True}, 'api must be one of "miraflow"'),
    ("PUT", "/scenario", {"api": "vidgen", "scenario": "nix"}, "vidgen has no scenario 'nix'; known: happy"),
    ("POST", "/accounts", {}, "api is required"),
    ("POST", "/accounts", {"api": "nix"}, 'api must be one of "miraflow"'),
    ("POST", "/accounts", {"api": "vidgen", "state": "asleep"}, "state must be one of"),
    ("POST", "/accounts", {"api": "vidgen", "credits": -1}, "credits must be at least 0"),
    ("POST", "/plans", {"api": "vidgen", "colour": 1}, "colour is not known here; known: api, resource"),
    ("POST", "/plans", {"api": "vidgen", "outcome": "PENDING"}, "time does not lead job to 'PENDING'"),
    ("POST", "/plans", {"api": "vidgen", "outcome": "CANCELLED"}, "time does not lead job to 'CANCELLED'"),
    ("POST", "/plans", {"api": "vidgen", "resource": "video"}, "vidgen has no job named 'video'; known: job"),
    ("POST", "/plans", {"api": "miraflow", "resource": "media"}, "miraflow has no job named 'media'"),
    ("POST", "/plans", {"api": "vidgen", "count": 0}, "count must be at least 1"),
    ("POST", "/plans", {"api": "vidgen", "running": -1}, "running must be at least 0"),
    ("POST", "/plans", {"api": "vidgen", "curve": "wild"}, "curve must"),
    ("POST", "/plans", {"api": "vidgen", "curve": {"keyframes": [[0, 50], [1, 20]]}}, "the keyframes of the curve"),
    ("GET", "/jobs?colour=1", None, "colour is not known here; known: api, state, limit"),
    ("GET", "/jobs?limit=0", None, "limit must be at least 1"),
    ("GET", "/jobs?limit=1&limit=2", None, "limit must be given only once"),
    ("GET", "/jobs?api=nix", None, 'api must be one of "miraflow"'),
    ("GET", "/journal?status=ok", None, "status must be an integer"),
    ("GET", "/journal?after=%zz", None, "the query has a %"),
    ("GET", "/clock?x=1", None, "x is not known here; known: none"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body", "sentence"), WRONG)
def test_what_cannot_be_is_refused_with_a_sentence(
    control: Steered, method: str, path: str, body: Any, sentence: str
) -> None:
    sandbox = f"{OPEN}/default"
    before = control.get(sandbox)["apis"]
    more = {} if body is None else {"json": body}
    assert refused(control.ask(method, sandbox + path, **more), 400)["detail"].startswith(sentence)
    assert control.get(sandbox)["apis"] == before


def test_plans_are_used_up_in_order_one_job_each(control: Steered) -> None:
    path = control.sandbox(limits=False)
    plans = [{"api": "vidgen", "count": 2, "queued": 0, "running": 0, "outcome": "FAILED", "error": "no face"},
             {"api": "vidgen", "resource": "job", "queued": 1, "running": 1}]  # fmt: skip
    for n, plan in enumerate(plans, 1):
        answer = told(control.ask("POST", f"{path}/plans", json=plan), 201)
        assert answer == {"id": f"vidgen-plan-{n}", "resource": None, "count": 1, "used": 0, **plan}
    for _ in range(3):
        job(control, path)
    found = control.get(f"{path}/jobs")
    assert [each["outcome"] for each in found] == ["COMPLETED", "FAILED", "FAILED"]
    assert [each["state"] for each in found] == ["PENDING", "FAILED", "FAILED"]
    assert found[-1]["error"] == "no face"


def test_a_plan_without_resource_waits_for_one_that_can_fulfil_it(control: Steered, sandbox: str) -> None:
    told(control.ask("POST", f"{sandbox}/plans", json={"api": "miraflow", "outcome": "inference_error"}), 201)
    inside = control.server.sandboxes.get(sandbox.split("/")[-1])
    assert inside is not None
    side = inside.apis["miraflow"]
    assert side.part.see("", WantedRecords(resource="media"), 0.0)[-1] is None, "an upload is no job"
    assert side.part.see("", WantedRecords(resource="video"), 0.0)[-1] is not None
