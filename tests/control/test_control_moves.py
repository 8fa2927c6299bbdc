"""The control API: one job, whole, and moved by hand."""

from __future__ import annotations

from typing import Any

import pytest
from api_kit import receiving
from control_kit import Steered, job, refused, steered, told

from mockserver.app import Settings

TO = ["finish", "fail", "stick", "lose", "release"]


def moved(control: Steered, sandbox: str, made: str, to: str, **more: Any) -> Any:
    return told(control.ask("POST", f"{sandbox}/jobs/{made}/move", json={"to": to, **more}), 200)


def asked(control: Steered, sandbox: str, made: str) -> Any:
    """What the API itself says of a job."""
    access = control.get(sandbox)["apis"]["vidgen"]
    return control.ask("GET", f"{access['url']}/api/status/{made}", headers={"x-api-key": access["api_key"]})


def advance(control: Steered, sandbox: str, seconds: float) -> None:
    told(control.ask("POST", f"{sandbox}/clock/advance", json={"seconds": seconds}), 200)


@pytest.mark.parametrize("after", [0, 1, 5.3])
def test_a_job_that_is_finished_has_succeeded_now(control: Steered, sandbox: str, after: float) -> None:
    made = job(control, sandbox)
    advance(control, sandbox, after)
    shown = moved(control, sandbox, made, "finish")
    now = control.get(f"{sandbox}/clock")["now"]
    assert (shown["state"], shown["progress"], shown["changes_in"]) == ("COMPLETED", 100, None)
    assert abs(float(shown["ended"][-7:-1]) - float(now[-7:-1])) <= 0.001
    assert told(asked(control, sandbox, made), 200)["status"] == "COMPLETED"
    assert shown["rev"] == 2
    assert shown["timeline"]["states"][-1]["state"] == "COMPLETED"


def test_what_a_finished_job_results_in_is_there(control: Steered, sandbox: str) -> None:
    made = job(control, sandbox)
    moved(control, sandbox, made, "finish")
    url = next(value for value in told(asked(control, sandbox, made), 200).values() if "/_media/" in str(value))
    assert control.ask("GET", url).status_code == 200


def test_a_job_fails_with_the_message_that_was_said(control: Steered, sandbox: str) -> None:
    made = job(control, sandbox)
    advance(control, sandbox, 4)
    shown = moved(control, sandbox, made, "fail", error="no memory left")
    assert (shown["state"], shown["error"]) == ("FAILED", "no memory left")
    assert "no memory left" in asked(control, sandbox, made).text


def test_without_a_message_it_is_one_of_the_contracts(control: Steered, sandbox: str) -> None:
    made = job(control, sandbox)
    assert moved(control, sandbox, made, "fail")["error"]


def test_a_job_that_sticks_stays_where_it_is_until_it_is_released(control: Steered, sandbox: str) -> None:
    made = job(control, sandbox)
    advance(control, sandbox, 4)
    before = told(asked(control, sandbox, made), 200)
    moved(control, sandbox, made, "stick")
    advance(control, sandbox, 1000)
    assert told(asked(control, sandbox, made), 200)["status"] == before["status"] == "PROCESSING"
    moved(control, sandbox, made, "release")
    assert told(asked(control, sandbox, made), 200)["status"] == "COMPLETED"


def test_a_job_that_is_lost_is_found_no_more_until_it_is_released(control: Steered, sandbox: str) -> None:
    made = job(control, sandbox)
    moved(control, sandbox, made, "lose")
    assert asked(control, sandbox, made).status_code == 404
    moved(control, sandbox, made, "release")
    assert asked(control, sandbox, made).status_code == 200


def test_a_stuck_job_can_be_finished(control: Steered, sandbox: str) -> None:
    made = job(control, sandbox)
    moved(control, sandbox, made, "stick")
    assert moved(control, sandbox, made, "finish")["state"] == "COMPLETED"


def test_a_new_job_may_be_made_when_the_active_one_was_ended(control: Steered, sandbox: str) -> None:
    """VidGen allows an account one active job."""
    moved(control, sandbox, job(control, sandbox), "finish")
    moved(control, sandbox, job(control, sandbox), "fail")
    job(control, sandbox)


def test_what_has_ended_cannot_be_moved(control: Steered, sandbox: str) -> None:
    made = job(control, sandbox)
    moved(control, sandbox, made, "finish")
    for to in ("finish", "fail", "stick", "lose"):
        problem = refused(control.ask("POST", f"{sandbox}/jobs/{made}/move", json={"to": to}), 409)
        assert problem["detail"] == "the job has ended already: it is COMPLETED"
        assert problem["pointer"] == "/to"
    problem = refused(control.ask("POST", f"{sandbox}/jobs/{made}/move", json={"to": "release"}), 409)
    assert "no fault took hold" in problem["detail"]


@pytest.mark.parametrize("body", [{}, {"to": "x"}, {"to": None}, {"to": "fail", "error": 1}, {"to": "fail", "x": 1},
                                  {"to": "fail", "error": "x" * 2001}, [], "x", {"to": ["fail"]}])  # fmt: skip
def test_a_move_that_is_none_is_refused(control: Steered, sandbox: str, body: Any) -> None:
    made = job(control, sandbox)
    refused(control.ask("POST", f"{sandbox}/jobs/{made}/move", json=body), 400)
    assert control.get(f"{sandbox}/jobs/{made}")["rev"] == 1


@pytest.mark.parametrize("name", ["x", "%00", "a" * 3000, "%F0%9F%98%80", "..%2f..", "é"])
def test_a_job_that_is_not_there_is_not_found(control: Steered, sandbox: str, name: str) -> None:
    for method, path, body in (("GET", "", None), ("POST", "/move", {"to": "finish"})):
        assert control.ask(method, f"{sandbox}/jobs/{name}{path}", json=body).status_code == 404


def test_webhooks_tell_of_an_end_that_was_brought_about_once() -> None:
    with receiving() as inbox, steered(Settings(insecure_webhooks=True)) as control:
        sandbox = control.sandbox()
        made = job(control, sandbox, hook=inbox.url)
        moved(control, sandbox, made, "fail", error="by hand")
        advance(control, sandbox, 1000)
        (letter,) = inbox.got
        assert letter.json["status"] == "FAILED"
        assert "by hand" in letter.body.decode()


def test_a_timeline_says_when_links_expire_that_are_given_out_at_the_end(control: Steered, sandbox: str) -> None:
    made = job(control, sandbox)
    assert control.get(f"{sandbox}/jobs/{made}")["timeline"]["expiries"] == []  # its links do not
    access = control.get(sandbox)["apis"]["miraflow"]
    body = {"prompt": "A red kite", "name": "kite"}
    headers = {"x-api-key": access["api_key"]}
    answer = control.ask("POST", f"{access['url']}/api/image/generate", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    shown = control.get(f"{sandbox}/jobs?limit=1", params={"whole": "true", "limit": 1, "api": "miraflow"})[0]
    *_, last = shown["timeline"]["states"]
    assert shown["timeline"]["expiries"] == [{"result": "image", "at": int(last["at"]) + 86400}]
    moved(control, sandbox, shown["id"], "fail", error="by hand")
    assert control.get(f"{sandbox}/jobs/{shown['id']}")["timeline"]["expiries"] == []


def test_a_list_of_whole_jobs_has_what_one_has(control: Steered, sandbox: str) -> None:
    made = job(control, sandbox)
    (shown,) = control.get(f"{sandbox}/jobs", params={"whole": "true"})
    assert shown == control.get(f"{sandbox}/jobs/{made}")
    (brief,) = control.get(f"{sandbox}/jobs")
    assert {*shown} - {*brief} == {"rev", "timeline"}


@pytest.mark.parametrize("to", TO)
def test_jobs_of_every_resource_are_moved_or_refused(to: str) -> None:
    """Resources that no time moves, and those with states of their own."""
    with steered() as control:
        for api in ("miraflow", "miragic", "mirrago", "vidgen"):
            sandbox: Any = control.server.sandboxes.default.apis[api]
            for name, resource in sandbox.contract.resources.items():
                made = put(control, sandbox, name)
                answer = control.ask("POST", f"/_mock/sandboxes/default/jobs/{made}/move", json={"to": to})
                assert answer.status_code in (200, 409), (api, name, answer.text)
                if answer.status_code == 200 and to in ("finish", "fail"):
                    end = resource.states[answer.json()["state"]].end
                    assert end == {"finish": "success", "fail": "failure"}[to]


def put(control: Steered, api: Any, resource: str) -> str:
    from mockserver.state.port import PutJob
    from mockserver.store import JobRecord

    account = next(iter(api.accounts.values())).id
    made = JobRecord(f"{resource}-1", resource, account, api.sandbox.clock.now() - 1)
    assert control.run(api.state.commit(api.contract.name, 0, (PutJob(made),)))
    return made.id
