"""What a job costs: products and sums of what its request says; and what of it is given back, by state."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from check_kit import Documents, Mutation, behave, both, show
from language_kit import NAME, SUBMIT, Served, findings, serving
from running_kit import on_loop
from steered_kit import credits_of

SIDES = both(
    *(show(f"/components/schemas/JobRequest/properties/{name}", {}) for name in ("seconds", "width", "height"))
)
FIELDS = both(
    SIDES,
    show(
        f"{SUBMIT}/responses/402",
        {
            "description": "x",
            "content": {"application/json": {"examples": {"no_credits": {"value": {"message": "x"}}}}},
        },
    ),
)
SHOWN = both(
    show("/components/schemas/Job/properties/left", {}),
    *(show(f"/components/examples/{name}/value/left", 1) for name in ("Queued", "Running", "Succeeded", "Failed")),
    show("/components/examples/Cancelled/value/left", 1),
    behave("/operations/getJob/bindings/~1left", "account.credits"),
)
AREA = {"times": ["request./width", "request./height"], "per": 1_000_000, "round": "up"}


def costs(price: Any, **more: Any) -> Mutation:
    rows = (behave(f"/resources/job/{word}", said) for word, said in more.items())
    return both(FIELDS, SHOWN, behave("/resources/job/cost", price), *rows)


def poor(own: Served, credits: float) -> dict[str, str]:
    """The headers of an account that has so many credits."""
    sides = own.sandbox.apis[NAME]
    account = sides.account(credits=credits)
    return {"X-API-Key": account.key}


def left(own: Served, known: dict[str, str]) -> float:
    side = own.sandbox.apis[NAME]
    found = credits_of(side, side.accounts[known["X-API-Key"]].id)
    assert found is not None
    return found


def submitted(own: Served, known: dict[str, str], **values: Any) -> str:
    answer = own.http.post("/v1/jobs", json={"prompt": "x", **values}, headers=known)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def shown(own: Served, known: dict[str, str], job: str) -> Any:
    return own.http.get(f"/v1/jobs/{job}", headers=known).json()


@pytest.mark.parametrize(
    ("price", "sent", "cost"),
    [
        ({"times": [5, "request./seconds"]}, {"seconds": 8}, 40),
        ({"times": [5, "request./seconds"]}, {"seconds": "8"}, 40),
        ({"times": [5, "request./seconds"]}, {"seconds": "eight"}, 0),
        ({"times": [5, "request./seconds"]}, {"seconds": -8}, 0),
        ({"times": [5, "request./seconds"]}, {"seconds": True}, 0),
        ({"times": [5, {"fact": "request./seconds", "else": 4}]}, {}, 20),
        ({"times": [{"fact": "request./aspect", "of": {"16:9": 2}, "else": 1}, 3]}, {"aspect": "16:9"}, 6),
        ({"fact": "request./seconds", "times": 3}, {"seconds": 8}, 24),
        ([1, {"times": [{"fact": "request./seconds", "times": 3}, 2]}], {"seconds": 8}, 49),
        ({"times": [0.1, 3]}, {}, 0.3),
        (AREA, {"width": 1000, "height": 1000}, 1),
        (AREA, {"width": 1001, "height": 1000}, 2),
        ({**AREA, "round": "down"}, {"width": 1999, "height": 1000}, 1),
        ([2, {"fact": "request./seconds"}, AREA], {"seconds": 3, "width": 100, "height": 100}, 6),
        ([2, "request./seconds"], {}, 2),
        ({"times": ["request./width"]}, {"width": 1e300}, 0),
        (7, {}, 7),
    ],
)
def test_a_job_costs_what_its_request_makes_of_it(price: Any, sent: Any, cost: float, tmp_path: Path) -> None:
    with serving(tmp_path, costs(price)) as own:
        known = poor(own, 100)
        job = submitted(own, known, **sent)
        assert left(own, known) == pytest.approx(100 - cost)
        assert shown(own, known, job)["left"] == int(100 - cost)


def test_who_cannot_pay_the_sum_is_refused(tmp_path: Path) -> None:
    with serving(tmp_path, costs([1, {"times": [5, "request./seconds"]}])) as own:
        known = poor(own, 40)
        answer = own.http.post("/v1/jobs", json={"prompt": "x", "seconds": 8}, headers=known)
        assert answer.status_code == 402
        submitted(own, known, seconds=7)
        assert left(own, known) == 4


def plan(own: Served, **wishes: Any) -> None:
    own.sandbox.apis[NAME].plan(wishes)


def test_a_failed_job_gives_its_price_back_when_it_fails(tmp_path: Path) -> None:
    with serving(tmp_path, costs(10, refunds=["failed", "cancelled"])) as own:
        known = poor(own, 100)
        plan(own, queued=2, running=8, outcome="failed")
        job = submitted(own, known)
        assert shown(own, known, job)["left"] == 90
        own.advance(9.5)
        assert shown(own, known, job)["left"] == 90
        own.advance(0.5)
        assert shown(own, known, job)["left"] == 100
        own.advance(100)
        assert shown(own, known, job)["left"] == 100


def test_a_success_gives_nothing_back(tmp_path: Path) -> None:
    with serving(tmp_path, costs(10, refunds=["failed"])) as own:
        known = poor(own, 100)
        job = submitted(own, known)
        own.advance(1000)
        assert shown(own, known, job)["left"] == 90


def test_a_share_of_a_price_comes_back_with_a_move_and_only_once(tmp_path: Path) -> None:
    with serving(tmp_path, costs(10, refunds={"cancelled": 0.5, "failed": 1})) as own:
        known = poor(own, 100)
        plan(own, queued=20, outcome="failed")
        job = submitted(own, known)
        own.advance(1)
        assert shown(own, known, job)["left"] == 90
        assert own.http.post(f"/v1/jobs/{job}/cancel", headers=known).status_code == 200
        assert shown(own, known, job)["left"] == 95
        own.http.post(f"/v1/jobs/{job}/cancel", headers=known)
        own.advance(1000)
        assert shown(own, known, job)["left"] == 95


def test_what_came_back_can_be_spent(tmp_path: Path) -> None:
    with serving(tmp_path, costs(10, refunds=["failed"])) as own:
        known = poor(own, 10)
        plan(own, queued=1, running=1, outcome="failed")
        submitted(own, known)
        assert own.http.post("/v1/jobs", json={"prompt": "x"}, headers=known).status_code == 402
        own.advance(2)
        submitted(own, known)
        assert left(own, known) == 0


def test_an_account_that_shows_credits_without_end_gets_no_more_than_it_had(tmp_path: Path) -> None:
    endless = behave("/account/credits", 25)
    with serving(tmp_path, costs(10, refunds=["failed"]), endless) as own:
        for _ in range(2):
            plan(own, queued=1, running=1, outcome="failed")
        first = own.submit().json()["id"]
        assert own.show(first)["left"] == 15
        own.submit()
        own.advance(10)
        assert own.show(first)["left"] == 25


def test_a_snapshot_gives_back_once(tmp_path: Path) -> None:
    with serving(tmp_path, costs(10, refunds=["failed"])) as own:
        known = poor(own, 100)
        for running in (1, 50):
            plan(own, queued=1, running=running, outcome="failed")
            last = submitted(own, known)
        own.advance(10)
        taken = own.http.get(f"{own.root}/_mock/sandboxes/default/snapshot").json()
        made = own.http.post(f"{own.root}/_mock/sandboxes", json={"name": "again", "snapshot": taken})
        assert made.status_code == 201, made.text
        url = f"{own.root}/@again/{NAME}/v1/jobs/{last}"
        assert own.http.get(url, headers=known).json()["left"] == 90
        again = own.running.app.sandboxes.get("again")
        assert again is not None
        on_loop(own.running, again.outbox.advance(100))
        assert own.http.get(url, headers=known).json()["left"] == 100
        assert own.http.get(url.replace("@again", "@default"), headers=known).json()["left"] == 90


def sides(documents: Documents) -> None:
    documents["behavior.json"]["resources"]["job"]["results"]["picture"] |= {
        "size": [{"fact": "request./width", "else": 32}, "request./height"], "aspect": {"join": ["1:1"]}, "longest": 64,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("sent", "size"),
    [
        ({"width": 48, "height": 20}, (48, 20)),
        ({"height": "20"}, (32, 20)),
        ({"width": 48}, (64, 64)),
        ({"width": 5, "height": 20}, (64, 64)),
    ],
)
def test_a_picture_has_the_sides_that_two_fields_say(sent: Any, size: tuple[int, int], tmp_path: Path) -> None:
    with serving(tmp_path, SIDES, sides) as own:
        job = own.submit(**sent).json()["id"]
        own.advance(1000)
        data = own.http.get(own.show(job)["picture_url"]).content
        assert (int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")) == size


CODE = {"fact": "error.code", "of": {"blocked": 0, "slow": 0.25}, "else": 1}


@pytest.mark.parametrize(
    ("share", "error", "values", "back"),
    [
        (CODE, {"message": "x", "code": "blocked"}, {}, 0),
        (CODE, {"message": "x", "code": "slow"}, {}, 2.5),
        (CODE, {"message": "x", "code": "other"}, {}, 10),
        (CODE, "x", {}, 10),
        (
            {"times": [0.1, {"fact": "request./seconds", "when": {"request./width": 5}}]},
            "x",
            {"seconds": 3, "width": 5},
            3,
        ),
        (
            {"times": [0.1, {"fact": "request./seconds", "when": {"request./width": 5}}]},
            "x",
            {"seconds": 3, "width": 6},
            0,
        ),
        ({"times": ["seconds.running"], "per": 100}, "x", {}, 0.8),
        ("request./seconds", "x", {"seconds": 70}, 10),
    ],
)
def test_the_share_that_comes_back_is_by_how_the_job_stands_then(
    share: Any, error: Any, values: Any, back: float, tmp_path: Path
) -> None:
    with serving(tmp_path, costs(10, refunds={"failed": share}), is_sound=False) as own:
        known = poor(own, 100)
        plan(own, queued=2, running=8, outcome="failed", error=error)
        submitted(own, known, **values)
        own.advance(20)
        part = own.sandbox.apis[NAME].part
        part.refunds.settle(part.credits, part.store, own.sandbox.clock.now())
        assert left(own, known) == pytest.approx(90 + back)


@pytest.mark.parametrize(
    ("mutation", "word"),
    [
        (costs(1, refunds={"failed": "request./promt"}), "/promt"),
        (costs(1, refunds={"failed": {"times": ["error.code", "request./second"]}}), "/second"),
        (costs(1, refunds={"failed": {"tims": [1]}}), "'tims'"),
        (costs({"times": []}), "[]"),
        (costs({"times": ["request./second"]}), "/second"),
        (costs({"tims": [1]}), "'tims'"),
        (costs({"times": [1], "per": 0}), "0"),
        (costs({"times": [1], "round": "upp"}), "'upp'"),
        (costs([]), "[]"),
        (costs(-1), "-1"),
        (costs(1, refunds=["faild"]), "no state 'faild'"),
        (costs(1, refunds={"failed": 2}), "2"),
        (costs(0, refunds=["failed"]), "nothing is given back of what costs nothing"),
        (behave("/resources/job/results/picture/size", [8, "request./prompt"]), "8"),
        (behave("/resources/job/results/picture/size", [{"fact": "request./prompt", "else": 8}, 16]), "8"),
        (behave("/resources/job/results/picture/size", [16, "request./promt"]), "/promt"),
    ],
)
def test_a_price_or_a_size_that_cannot_be_is_named(mutation: Mutation, word: str, tmp_path: Path) -> None:
    found = findings(tmp_path, mutation)
    assert any(word in each for each in found), "\n".join(found) or "nothing was found"
