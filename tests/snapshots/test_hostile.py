"""Whatever stands in a snapshot, the server answers it: 201 and a sandbox that works, or 400 with the place."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

import pytest
from control_kit import Steered, contracts, refused
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from mockserver import pointers

SANDBOXES = "/_mock/sandboxes"
LONG = "x" * 3000
ODD = [None, True, -1, 0, 1, 2.5, 1e300, 10**30, "", "x", LONG, "\x00\n", "ü", [], [1], {}, {"a": 1}, "2001-09-09"]


def changed(snapshot: Any, pointer: str, value: Any) -> Any:
    found = copy.deepcopy(snapshot)
    pointers.put(found, pointer, value)
    return found


def places(value: Any, at: str = "") -> Iterator[str]:
    """Every place below."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield pointers.join(at, key)
        yield from places(child, pointers.join(at, key))


def job(snapshot: Any, api: str, **wanted: Any) -> str:
    """Where a job stands."""
    for n, each in enumerate(snapshot["jobs"]):
        if each["api"] == api and all(each[name] == value for name, value in wanted.items()):
            return f"/jobs/{n}"
    raise AssertionError(wanted)


WINDOW = {"limit": "none", "caller": "y", "end": 1, "hits": 1}
UPLOAD = {"content_type": "a/b", "filename": "", "size": 0, "checksum": 0, "md5": "", "mismatch": ""}
WRONG = [
    ("/format", 2, "/snapshot/format"),
    ("/clock/epoch", -1, "/snapshot/clock/epoch"),
    ("/clock/epoch", 1e11 * 3, "/snapshot/clock/epoch"),
    ("/clock/rate", 0, "/snapshot/clock/rate"),
    ("/secret", "short", "/snapshot/secret"),
    ("/webhook_ca", "no certificate", "/snapshot/webhook_ca"),
    ("/draws/nothing", 1, "/snapshot/draws/nothing"),
    ("/apis/nobody", "SIDE", "/snapshot/apis/nobody"),
    ("/apis/vidgen/scenario", "none", "/snapshot/apis/vidgen/scenario"),
    ("/apis/vidgen/quirks", {"none": True}, "/snapshot/apis/vidgen/quirks/none"),
    ("/apis/vidgen/accounts", [], "/snapshot/apis/vidgen/accounts"),
    ("/apis/vidgen/accounts/0/api_key", "a b", "/snapshot/apis/vidgen/accounts/0/api_key"),
    ("/apis/vidgen/accounts/1/client_id", "SAME", "/snapshot/apis/vidgen/accounts/1/client_id"),
    ("/apis/vidgen/plans/0/wishes/outcome", "PENDING", "/snapshot/apis/vidgen/plans/0/wishes"),
    ("/apis/vidgen/plans/0/resource", "none", "/snapshot/apis/vidgen/plans/0/resource"),
    ("/apis/vidgen/faults/0/fault/fault", "none", "/snapshot/apis/vidgen/faults/0/fault/fault"),
    ("/apis/vidgen/faults/0/fault/status", "x", "/snapshot/apis/vidgen/faults/0/fault/status"),
    ("/apis/vidgen/faults/0/fault/operation", "none", "/snapshot/apis/vidgen/faults/0/fault/operation"),
    ("/apis/vidgen/faults/0/since", 2e9, "/snapshot/apis/vidgen/faults/0/since"),
    ("/apis/vidgen/faults", "TWICE", "/snapshot/apis/vidgen/faults/1/id"),
    (
        "/apis/vidgen/windows",
        [{"limit": "x", "caller": "y", "end": 1, "hits": 1}],
        "/snapshot/apis/vidgen/windows/0/limit",
    ),
    ("JOB/api", "nobody", "JOB/api"),
    ("JOB/id", "../x", "JOB/id"),
    ("JOB/id", "ANOTHER", "JOB/id"),
    ("JOB/resource", "none", "JOB/resource"),
    ("JOB/account", "none", "JOB/account"),
    ("JOB/operation", "getStatus", "JOB/operation"),
    ("JOB/created", 2e9, "JOB/created"),
    ("JOB/plan/steps/0/state", "none", "JOB/plan/steps/0/state"),
    ("JOB/plan/steps/0/phase", "running", "JOB/plan/steps/0/phase"),
    ("JOB/plan/steps/1/until", 0.001, "JOB/plan/steps/1/until"),
    ("JOB/plan/outcome", "none", "JOB/plan/outcome"),
    ("JOB/plan/curve", {"keyframes": [[0, 50], [1, 10]]}, "JOB/plan/curve"),
    ("JOB/moves", [{"at": 1e9, "state": "none"}], "JOB/moves/0/state"),
    ("JOB/moves", [{"at": 1.0, "state": "PENDING"}], "JOB/moves/0/at"),
    ("JOB/kept", {"/nothing": 1}, "JOB/kept/~1nothing"),
    ("JOB/kept", {"/webhookUrl": {"a": 1}}, "JOB/kept/~1webhookUrl"),
    ("JOB/uploads", {"nothing": UPLOAD}, "JOB/uploads/nothing"),
    ("JOB/produced", "x", "JOB/produced"),
    ("JOB/fault", {"since": 1e9, "fault": {"fault": "status"}}, "JOB/fault/fault"),
    ("JOB/fault", {"since": 2e9, "fault": {"fault": "stuck"}}, "JOB/fault/since"),
    ("/webhooks/0/job", "none", "/snapshot/webhooks/0/job"),
    ("/webhooks/0/webhook", "none", "/snapshot/webhooks/0/webhook"),
    ("/webhooks/0/url", "javascript:x", "/snapshot/webhooks/0/url"),
    ("/webhooks/0/url", "http://a:99999/", "/snapshot/webhooks/0/url"),
    ("/webhooks/0/fault", {"fault": "hang"}, "/snapshot/webhooks/0/fault"),
]


@pytest.mark.parametrize(("place", "value", "pointer"), WRONG, ids=[f"{p} {v!r:.30}" for p, v, _ in WRONG])
def test_what_cannot_be_is_refused_with_its_place(
    control: Steered, rich: Any, place: str, value: Any, pointer: str
) -> None:
    at = job(rich, "vidgen", moves=[], fault=None)
    words = {
        "SIDE": rich["apis"]["vidgen"],
        "TWICE": [rich["apis"]["vidgen"]["faults"][0]] * 2,
        "SAME": rich["apis"]["vidgen"]["accounts"][0]["api_key"],
        "ANOTHER": next(each["id"] for each in rich["jobs"] if each["api"] == "vidgen"),
    }
    if at == job(rich, "vidgen", id=words["ANOTHER"]):
        words["ANOTHER"] = rich["jobs"][int(at.rpartition("/")[2]) + 1]["id"]
    value = words.get(value, value) if isinstance(value, str) else value
    body = {"snapshot": changed(rich, place.replace("JOB", at), value)}
    before = len(control.get(SANDBOXES))
    problem = refused(control.ask("POST", SANDBOXES, json=body), 400)
    assert problem["pointer"] == pointer.replace("JOB", f"/snapshot{at}")
    assert len(control.get(SANDBOXES)) == before


@pytest.mark.parametrize("place", ["/format", "/jobs", "/apis", "/clock", "/jobs/0/plan", "/apis/vidgen/accounts"])
def test_what_is_missing_or_unknown_is_refused(control: Steered, rich: Any, place: str) -> None:
    without, more = copy.deepcopy(rich), changed(rich, f"{place.rpartition('/')[0]}/unheard-of", 1)
    parent, _, name = place.rpartition("/")
    del pointers.get(without, parent)[name]
    for snapshot in (without, more):
        problem = refused(control.ask("POST", SANDBOXES, json={"snapshot": snapshot}), 400)
        assert problem["pointer"].startswith("/snapshot")


def test_a_whole_number_may_be_written_with_a_point(control: Steered, rich: Any) -> None:
    draws = {purpose: float(n) for purpose, n in rich["draws"].items()}
    made = control.ask("POST", SANDBOXES, json={"snapshot": changed(rich, "/draws", draws)})
    assert made.status_code == 201
    again = control.ask("GET", f"{SANDBOXES}/{made.json()['name']}/snapshot").json()
    assert again["draws"].keys() == draws.keys()


def test_a_contract_that_changed_since_explains_what_does_not_fit(control: Steered, rich: Any) -> None:
    old = changed(rich, "/apis/vidgen/digest", "0" * 64)
    assert control.ask("POST", SANDBOXES, json={"snapshot": old}).status_code == 201
    old["apis"]["vidgen"]["scenario"] = "of yore"
    detail = refused(control.ask("POST", SANDBOXES, json={"snapshot": old}), 400)["detail"]
    assert detail.startswith("the snapshot cannot be restored: there is no scenario 'of yore'")
    assert detail.endswith("the contract was another one when the snapshot was taken")


def test_a_snapshot_that_is_too_large_is_refused(control: Steered, rich: Any) -> None:
    large = changed(rich, "/jobs/0/kept", {"/webhookUrl": "x" * (9 << 20)})
    refused(control.ask("POST", SANDBOXES, json={"snapshot": large}), 413)
    many = changed(rich, "/jobs", [rich["jobs"][0]] * 5001)
    refused(control.ask("POST", SANDBOXES, json={"snapshot": many}), 400)


@settings(phases=[Phase.generate])  # a smaller change says no more, and looking for one takes minutes
@given(data=st.data())
def test_no_change_of_a_snapshot_makes_the_server_fail(control: Steered, rich: Any, data: st.DataObject) -> None:
    quiet = copy.deepcopy(rich)  # no 5xx is asked for
    for side in quiet["apis"].values():
        side["faults"], side["scenario"] = [], "happy"
    every = sorted(places(quiet))
    place = data.draw(st.sampled_from(every))
    twin = pointers.get(quiet, data.draw(st.sampled_from(every)))
    value = data.draw(st.sampled_from([*ODD, twin]))
    answer = control.ask("POST", SANDBOXES, json={"snapshot": changed(quiet, place, value)})
    assert answer.status_code in (201, 400, 409), answer.text
    if answer.status_code == 400:
        assert answer.json()["pointer"].startswith("/snapshot"), answer.text
    if answer.status_code == 201:
        read_everything(control, answer.json()["name"])


def read_everything(control: Steered, name: str) -> None:
    """What some jobs of every API answer, now and later, and every list of the control API."""
    sandbox = control.server.sandboxes.get(name)
    assert sandbox is not None
    jobs = control.get(f"{SANDBOXES}/{name}/jobs")
    for seconds in (0, 100):
        assert control.ask("POST", f"{SANDBOXES}/{name}/clock/advance", json={"seconds": seconds}).status_code == 200
        for api, contract in ((each.name, each) for each in contracts()):
            headers = {"X-API-Key": next(iter(sandbox.apis[api].accounts))}
            reads = [each for each in contract.operations.values() if each.method == "GET"]
            for identity in [each["id"] for each in jobs if each["api"] == api][:3]:
                for path in (re.sub(r"\{\w+\}", identity, each.path) for each in reads):
                    answer = control.ask("GET", f"/@{name}/{api}{path}", headers=headers)
                    assert answer.status_code < 500, (path, answer.text)
    for each in ("jobs", "webhooks", "faults", "snapshot", "journal"):
        control.get(f"{SANDBOXES}/{name}/{each}")
    assert control.ask("DELETE", f"{SANDBOXES}/{name}").status_code == 204


@pytest.mark.parametrize("fault", ["stuck", "status_back", "failed", "lost"])
def test_a_fault_of_jobs_that_time_moves_is_refused_on_another_one(control: Steered, rich: Any, fault: str) -> None:
    at = job(rich, "vidgen", moves=[], fault=None)
    unmoved = changed(rich, f"{at}/plan/steps", [])
    since = pointers.get(rich, f"{at}/created")
    odd = changed(unmoved, f"{at}/fault", {"since": since, "fault": {"fault": fault}})
    problem = refused(control.ask("POST", SANDBOXES, json={"snapshot": odd}), 400)
    assert problem["pointer"] == f"/snapshot{at}/fault"
