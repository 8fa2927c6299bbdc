"""The control API: sandboxes and their clocks."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import trustme
from control_kit import Steered, job, refused, told

from mockserver.app import Settings

START = {"mode": "manual", "now": "2001-09-09T01:46:40.000Z", "epoch": 1e9, "rate": 1, "step": 1}
KEYS = {
    "miraflow": {"url", "api_key"},
    "miragic": {"url", "api_key"},
    "mirrago": {"url", "client_id", "client_secret"},
    "vidgen": {"url", "api_key", "webhook_secret"},
}
OPEN = "/_mock/sandboxes"


def test_a_new_sandbox_tells_where_its_apis_answer_and_what_opens_them(control: Steered) -> None:
    made = told(control.ask("POST", OPEN, json={}), 201)
    assert set(made) == {"name", "apis"}
    assert {name: set(api) for name, api in made["apis"].items()} == KEYS
    url = f"http://127.0.0.1:8000/@{made['name']}"
    assert {name: api["url"] for name, api in made["apis"].items()} == {name: f"{url}/{name}" for name in KEYS}
    assert made["apis"]["vidgen"]["api_key"] != "demo-key"


def test_its_key_opens_its_api_with_prefix_and_without(control: Steered) -> None:
    made = told(control.ask("POST", OPEN, json={}), 201)["apis"]["vidgen"]
    for url in (made["url"], "http://127.0.0.1:8000/vidgen"):
        answer = control.ask("GET", f"{url}/api/jobs", headers={"x-api-key": made["api_key"]})
        assert answer.status_code == 200, url
    demo = control.ask("GET", made["url"] + "/api/jobs", headers={"x-api-key": "demo-key"})
    assert demo.status_code == 401


def test_a_sandbox_is_made_as_its_settings_say(control: Steered) -> None:
    pem = trustme.CA().cert_pem.bytes().decode()
    settings = {
        "name": "by-hand.1", "owner": "test_x", "seed": 7, "clock": {"mode": "step", "step": 5}, "limits": False,
        "insecure_webhooks": True, "webhook_ca": pem, "webhook_timeout": 2, "strict": True,
    }  # fmt: skip
    told(control.ask("POST", OPEN, json=settings), 201)
    shown = control.get(f"{OPEN}/by-hand.1")
    assert (shown["owner"], shown["seed"], shown["limits"]) == ("test_x", "7", False)
    assert shown["clock"] == {**START, "mode": "step", "step": 5}
    assert (shown["insecure_webhooks"], shown["strict"]) == (True, True)
    assert shown["apis"]["mirrago"]["scenario"] == "happy"
    assert shown["apis"]["mirrago"]["quirks"]["completedc"] is True
    inside = control.server.sandboxes.get("by-hand.1")
    assert inside is not None
    assert (inside.webhook_ca, inside.webhook_timeout) == (pem, 2)
    assert {"name": "by-hand.1", "owner": "test_x", "made": shown["made"], "clock": shown["clock"]} in control.get(OPEN)
    told(control.ask("DELETE", f"{OPEN}/by-hand.1"), 204)


def test_a_strict_server_makes_strict_sandboxes_unless_they_are_told_otherwise() -> None:
    with asyncio.Runner() as runner:
        strict = Steered(runner, Settings(strict=True))
        said: list[dict[str, Any]] = [{}, {"strict": False}, {"strict": True}]
        found = [strict.get(strict.sandbox(**each))["strict"] for each in said]
        assert (found, strict.get(f"{OPEN}/default")["strict"]) == ([True, False, True], True)


def test_a_text_and_a_number_as_seed_are_the_same(control: Steered) -> None:
    paths = [control.sandbox(seed=7), control.sandbox(seed="7"), control.sandbox(seed=8)]
    ids = [told(control.ask("POST", f"{p}/accounts", json={"api": "vidgen"}), 201)["id"] for p in paths]
    assert ids[0] == ids[1] != ids[2]


BAD_SETTINGS: list[tuple[Any, str, str]] = [
    ({"colour": 1}, "/colour", "colour is not known here; known: name, owner"),
    ({"colour": 1, "size": 2}, "/colour", "colour, size are not known here"),
    ({"a/b~c": 1}, "/a~1b~0c", "a/b~c is not known here"),
    ({"clock": {"mode": "manual", "speed": 2}}, "/clock/speed", "clock.speed is not a field known here"),
    ({"clock": {}}, "/clock/mode", "clock.mode is required"),
    ({"clock": {"mode": "fast"}}, "/clock/mode", 'clock.mode must be one of "real", "manual" or "step"'),
    ({"clock": {"mode": "real", "rate": 0}}, "/clock/rate", "clock.rate must be at least 0.001"),
    ({"name": "../x"}, "/name", "name must match the pattern"),
    ({"name": ""}, "/name", "name must match the pattern"),
    ({"name": "x" * 65}, "/name", "name must have at most 64 characters"),
    ({"seed": 1.5}, "/seed", "seed must be a string or an integer"),
    ({"seed": True}, "/seed", "seed must be a string or an integer"),
    ({"limits": "no"}, "/limits", "limits must be true or false"),
    ({"webhook_timeout": 0}, "/webhook_timeout", "webhook_timeout must be at least"),
    ({"webhook_ca": "garbage"}, "/webhook_ca", "webhook_ca must hold certificates in PEM"),
    ({"webhook_ca": ""}, "/webhook_ca", "webhook_ca must hold certificates in PEM"),
    ({"webhook_ca": "é"}, "/webhook_ca", "webhook_ca must hold certificates in PEM"),
    ([], "", "the body must be an object"),
    (None, "", "the body must be an object"),
]


@pytest.mark.parametrize(("settings", "pointer", "sentence"), BAD_SETTINGS)
def test_a_wrong_setting_is_refused_by_pointer_and_sentence(
    control: Steered, settings: Any, pointer: str, sentence: str
) -> None:
    before = len(control.server.sandboxes)
    body = b"null" if settings is None else None
    more: dict[str, Any] = {"content": body, "headers": {"content-type": "application/json"}} if body else {}
    problem = refused(control.ask("POST", OPEN, **(more or {"json": settings})), 400)
    assert problem["pointer"] == pointer
    assert problem["detail"].startswith(sentence)
    assert len(control.server.sandboxes) == before


@pytest.mark.parametrize("body", [b"{", b"\xff", b'{"seed": NaN}', b"[" * 100_000, b'{"owner": "\\ud800"}'])
def test_a_body_that_is_no_json_is_refused(control: Steered, body: bytes) -> None:
    refused(control.ask("POST", OPEN, content=body, headers={"content-type": "application/json"}), 400)


def test_a_body_over_a_mebibyte_is_refused_after_it_was_read(control: Steered, sandbox: str) -> None:
    body = b'{"api": "' + b"x" * (1 << 20) + b'"}'
    refused(control.ask("POST", f"{sandbox}/plans", content=body, headers={"content-type": "application/json"}), 413)


def test_a_body_that_may_hold_a_snapshot_is_refused_over_eight_mebibytes(control: Steered) -> None:
    body = b'{"owner": "' + b"x" * (8 << 20) + b'"}'
    refused(control.ask("POST", OPEN, content=body, headers={"content-type": "application/json"}), 413)


def test_a_name_is_given_once(control: Steered) -> None:
    told(control.ask("POST", OPEN, json={"name": "once"}), 201)
    assert "choose another name" in refused(control.ask("POST", OPEN, json={"name": "once"}), 409)["detail"]
    told(control.ask("DELETE", f"{OPEN}/once"), 204)
    refused(control.ask("POST", OPEN, json={"name": "once"}), 409)


def test_a_closed_sandbox_is_gone_and_tells_of_late_requests(control: Steered) -> None:
    path = control.sandbox(name="late", owner="test_late")
    answer = control.ask("DELETE", path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-length" not in answer.headers
    assert control.ask("GET", "/@late/vidgen/api/jobs").status_code == 410
    problem = refused(control.ask("GET", f"{path}/jobs"), 410)
    assert problem["owner"] == "test_late"
    assert problem["late"] == [{"method": "GET", "path": "/@late/vidgen/api/jobs"}]
    refused(control.ask("DELETE", path), 410)


def test_the_default_sandbox_stays(control: Steered) -> None:
    assert "reset it instead" in refused(control.ask("DELETE", f"{OPEN}/default"), 409)["detail"]
    assert control.get(f"{OPEN}/default")["apis"]["mirrago"]["client_id"] == "demo-client"


def test_reset_forgets_all_but_credentials_and_clock(control: Steered) -> None:
    path = control.sandbox(limits=False)
    before = control.get(path)
    told(control.ask("POST", f"{path}/clock/advance", json={"seconds": 60}), 200)
    told(control.ask("PUT", f"{path}/limits", json={"on": True}), 200)
    told(control.ask("PUT", f"{path}/quirks", json={"api": "mirrago", "quirk": "completedc", "on": False}), 200)
    told(control.ask("PUT", f"{path}/scenario", json={"api": "vidgen", "scenario": "slow"}), 200)
    told(control.ask("POST", f"{path}/plans", json={"api": "vidgen", "outcome": "FAILED"}), 201)
    job(control, path)
    told(control.ask("POST", f"{path}/reset", json={}), 204)
    after = control.get(path)
    assert after.pop("clock")["epoch"] == 1e9 + 60
    assert before.pop("clock")["epoch"] == 1e9
    assert after == before
    assert control.get(f"{path}/jobs") == control.get(f"{path}/journal") == control.get(f"{path}/webhooks") == []
    assert not control.server.sandboxes.get(path.split("/")[-1]).apis["vidgen"].orders  # type: ignore[union-attr]


def test_reset_needs_a_json_content_type_but_no_body(control: Steered, sandbox: str) -> None:
    told(control.ask("POST", f"{sandbox}/reset", headers={"content-type": "application/json"}), 204)
    refused(control.ask("POST", f"{sandbox}/reset", json={"hard": True}), 400)


def test_a_sandbox_created_manual_starts_in_2001_and_moves_when_told(control: Steered, sandbox: str) -> None:
    assert control.get(f"{sandbox}/clock") == START
    moved = told(control.ask("POST", f"{sandbox}/clock/advance", json={"seconds": 30}), 200)
    assert moved == {**START, "now": "2001-09-09T01:47:10.000Z", "epoch": 1e9 + 30}
    assert control.get(f"{sandbox}/clock") == moved


@pytest.mark.parametrize("setting", [{"mode": "step", "step": 5}, {"mode": "manual"}, {"mode": "real", "rate": 0.001}])
def test_switching_the_clock_never_moves_now(control: Steered, sandbox: str, setting: dict[str, Any]) -> None:
    shown = told(control.ask("PUT", f"{sandbox}/clock", json=setting), 200)
    assert shown["mode"] == setting["mode"]
    assert abs(shown["epoch"] - 1e9) < 1


@pytest.mark.parametrize("seconds", [-1, 315_576_001, "30", None, True])
def test_time_goes_forward_by_at_most_ten_years(control: Steered, sandbox: str, seconds: Any) -> None:
    problem = refused(control.ask("POST", f"{sandbox}/clock/advance", json={"seconds": seconds}), 400)
    assert problem["pointer"] == "/seconds"
    assert control.get(f"{sandbox}/clock") == START


def test_time_ends_before_dates_do(control: Steered, sandbox: str) -> None:
    inside = control.server.sandboxes.get(sandbox.split("/")[-1])
    assert inside is not None
    inside.clock.move_to(250_246_540_000.0)
    problem = refused(control.ask("POST", f"{sandbox}/clock/advance", json={"seconds": 315_576_000}), 400)
    assert "past the year 9900" in problem["detail"]
