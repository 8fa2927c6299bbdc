"""Two servers over one state: answers that a test gives itself are given by both, but for those of callables.

A callable answers in its own process; the other one says where it lives.
"""

from __future__ import annotations

from typing import Any

from control_kit import told
from workers_kit import Workers

from mockserver.app.own_routes import add_route, routes_of
from mockserver.control.answers import arm
from mockserver.faults import Reply
from mockserver.faults.given import GivenAnswer

WORLDS = "/_mock/sandboxes"


def worlds(workers: Workers) -> tuple[Any, Any, str, dict[str, str]]:
    """A sandbox as both have it, where an API of it is, and the key to that."""
    made = told(workers.one.ask("POST", WORLDS, json={}), 201)
    told(workers.other.ask("GET", f"{WORLDS}/{made['name']}"), 200)
    access = made["apis"]["vidgen"]
    both = [each.server.sandboxes.get(made["name"]) for each in (workers.one, workers.other)]
    return both[0], both[1], access["url"], {"X-API-Key": access["api_key"]}


async def answered(record: Any) -> GivenAnswer:
    return GivenAnswer(201, (), b"mine")


async def replied(record: Any) -> Reply:
    return Reply.of(202, b"text/plain", b"my own")


def test_an_answer_by_a_callable_is_given_where_that_lives_and_told_of_elsewhere(workers: Workers) -> None:
    here, there, url, key = worlds(workers)
    for sandbox, worker, another in ((here, workers.one, workers.other), (there, workers.other, workers.one)):
        armed = workers.one.run(arm(sandbox.apis["vidgen"], GivenAnswer(handler=answered), "listJobs", None))
        assert worker.ask("GET", f"{url}/api/jobs", headers=key).content == b"mine"
        told_of = another.ask("GET", f"{url}/api/jobs", headers=key)
        assert (told_of.status_code, "in another process" in told_of.json()["detail"]) == (500, True)
        shown = [each.get(f"{WORLDS}/{here.name}/answers")[-1] for each in (workers.one, workers.other)]
        assert shown[0] == shown[1]
        assert (shown[0]["id"], shown[0]["status"], shown[0]["applied"]) == (armed.id, None, 2)
        told(another.ask("DELETE", f"{WORLDS}/{here.name}/answers/{armed.id}"), 204)
    told(workers.one.ask("GET", f"{url}/api/jobs", headers=key), 200)


def test_a_route_is_answered_where_its_callable_lives_and_told_of_elsewhere_until_it_is_taken_back(
    workers: Workers,
) -> None:
    here, there, url, _ = worlds(workers)
    one, other = workers.one, workers.other
    first = one.run(add_route(here, "vidgen", "GET", "/mine", replied))
    second = one.run(add_route(there, "", "GET", "/my/own", replied))
    assert (first, second) == ("route-1", "route-2")
    for path, owner, another in ((f"{url}/mine", one, other), (f"/@{here.name}/my/own", other, one)):
        assert owner.ask("GET", path).content == b"my own"
        told_of = another.ask("GET", path)
        assert (told_of.status_code, "in another process" in told_of.json()["detail"]) == (500, True)
    for sandbox, identity in ((here, first), (there, second)):
        one.run(sandbox.change(routes_of(sandbox).removing(identity)))
    assert [each.ask("GET", f"{url}/mine").status_code for each in (one, other)] == [404, 404]
    told(one.ask("POST", f"{WORLDS}/{here.name}/reset", json={}), 204)
    assert one.run(add_route(here, "", "GET", "/again", replied)) == "route-1"


def test_an_answer_of_data_is_given_by_either_and_listed_by_both_when_it_is_used_up(workers: Workers) -> None:
    here, _, url, key = worlds(workers)
    one, other = workers.one, workers.other
    answers, given = f"{WORLDS}/{here.name}/answers", {"api": "vidgen", "operation": "listJobs"}
    body = {**given, "content": "/wA=", "headers": {"X-Mine": "\u00e9"}, "status": 201}
    armed = told(one.ask("POST", answers, json=body), 201)
    assert one.get(answers) == other.get(answers) == [armed]
    answer = other.ask("GET", f"{url}/api/jobs", headers=key)
    assert (answer.status_code, answer.content, answer.headers["x-mine"]) == (201, b"\xff\0", "\u00e9")
    used = {**armed, "applied": 1, "left": 0}
    assert one.get(answers) == other.get(answers) == [used]
    later = told(other.ask("POST", answers, json={**given, "text": "later"}), 201)
    assert one.get(answers) == other.get(answers) == [used, later]
    assert one.ask("GET", f"{url}/api/jobs", headers=key).text == "later"
