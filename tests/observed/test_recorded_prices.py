"""What jobs of a recording cost: by fields that say so, by a balance that falls, by refusals for want of credits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from archive_kit import HOST, archive, call, job
from observed_kit import contract_in

from mockserver import start
from mockserver.check import check
from mockserver.observed import contract_of

KEY = {"authorization": "Bearer demo-key", "host": HOST}


def number(n: int) -> str:
    return f"job_1a2b3c4d5e{n:02x}"


def one(n: int, body: Any = None, *, end: str = "done", made: Any = None, shown: Any = None) -> list[Any]:
    """A job from its creation to its end; `made` and `shown` are what answers have more."""
    at, path = 20.0 * n, f"/v1/jobs/{number(n)}"
    return [
        call(at, "POST", "/v1/jobs", 201, job("waiting", number(n), **(made or {})), body=body or {"prompt": "a cat"}),
        call(at + 2, "GET", path, 200, job("rendering", number(n), **(shown or {}))),
        call(at + 9, "GET", path, 200, job(end, number(n), **(shown or {}))),
    ]


def balance(at: float, left: Any, **more: Any) -> Any:
    return call(at, "GET", "/v1/account", 200, {"name": "Acme", "credits_remaining": left, **more})


def made_of(*entries: Any) -> tuple[Any, list[str]]:
    made = contract_of(archive(*entries), "Acme")
    return made.behavior, [": ".join(row[:2]) for row in made.notes if "price" in row[0] or "balance" in row[1]]


def test_a_balance_that_falls_with_creations_is_the_accounts_and_tells_the_price(tmp_path: Path) -> None:
    entries = [balance(0, 100), *one(1), balance(35, 90), *one(2), *one(3), balance(90, 70)]
    behavior, notes = made_of(*entries)
    assert behavior["account"] == {"credits": 100}
    assert behavior["resources"]["job"]["cost"] == 10
    assert behavior["operations"]["getAccount"]["bindings"] == {"/credits_remaining": "account.credits"}
    assert notes == ["job: price: 10 each, by which the balance falls"]
    folder = contract_in(tmp_path, archive(*entries))
    assert [str(each) for each in check(folder)] == []
    with start(folder, clock="manual", hosts={HOST: "again"}) as running:
        with httpx.Client(base_url=running.url, headers=KEY) as http:
            left = [http.get("/v1/account").json()["credits_remaining"]]
            http.post("/v1/jobs", json={"prompt": "a cat"})
            left.append(http.get("/v1/account").json()["credits_remaining"])
            assert left == [100, 90]
        poor = running.default.api("again").account(credits=5)
        with httpx.Client(base_url=running.url, headers={**KEY, "authorization": f"Bearer {poor.api_key}"}) as http:
            assert http.post("/v1/jobs", json={"prompt": "a cat"}).status_code == 402


CREATED = {
    "as it is afterwards": ([90, 80], "account.credits", 100),
    "as it was before": ([100, 90], "credits_before", 100),
}


@pytest.mark.parametrize("how", CREATED)
def test_a_balance_in_what_creates_is_before_or_after_by_how_it_falls(how: str) -> None:
    (first, second), fact, credits = CREATED[how]
    seen = [
        balance(0, 100), *one(1, made={"credits": first}), *one(2, made={"credits": second}), balance(70, 80),
    ]  # fmt: skip
    behavior, _ = made_of(*seen)
    assert behavior["operations"]["createJobs"]["bindings"]["/credits"] == fact
    assert behavior["account"] == {"credits": credits}
    assert behavior["resources"]["job"]["cost"] == 10


def test_what_is_given_back_at_a_bad_end_is_a_refund() -> None:
    entries = [balance(0, 100), *one(1), balance(35, 90), *one(2, end="failed"), balance(55, 90)]
    behavior, _ = made_of(*entries)
    assert behavior["resources"]["job"]["refunds"] == ["failed"]
    assert behavior["resources"]["job"]["cost"] == 10


def test_a_cost_that_answers_tell_depends_on_what_requests_said() -> None:
    words = [("hd", 20), ("sd", 5), ("hd", 20)]
    entries = [
        each
        for n, (word, price) in enumerate(words)
        for each in one(n, {"prompt": f"no {n}", "quality": word}, made={"cost": price})
    ]
    behavior, notes = made_of(*entries)
    assert behavior["resources"]["job"]["cost"] == {"fact": "request./quality", "of": {"hd": 20, "sd": 5}, "else": 20}
    assert behavior["operations"]["createJobs"]["bindings"]["/cost"] == "cost"
    assert notes == ["job: price: by /quality, as answers tell"]


def test_a_cost_for_each_of_a_number_is_a_product(tmp_path: Path) -> None:
    entries = [
        each
        for n in (1, 2, 3)
        for each in one(n, {"prompt": "a cat", "seconds": n * 2}, made={"credits_used": n * 5.0})
    ]
    behavior, _ = made_of(*entries)
    assert behavior["resources"]["job"]["cost"] == {"times": [{"fact": "request./seconds"}, 2.5]}
    folder = contract_in(tmp_path, archive(*entries))
    assert [str(each) for each in check(folder)] == []
    with start(folder, hosts={HOST: "again"}) as running, httpx.Client(base_url=running.url, headers=KEY) as http:
        made = http.post("/v1/jobs", json={"prompt": "a cat", "seconds": 10}).json()
    assert made["credits_used"] == 25


def test_a_balance_that_something_else_takes_from_is_told_and_left(tmp_path: Path) -> None:
    entries = [balance(0, 100), *one(1), balance(35, 90), balance(36, 61), *one(2), balance(55, 7)]
    behavior, notes = made_of(*entries)
    assert "cost" not in behavior["resources"]["job"]
    assert behavior["operations"]["getAccount"] == {"verb": "answer"}
    assert notes == ["getAccount /credits_remaining: a balance that does not fall as jobs are created"]


@pytest.mark.parametrize(("status", "answer"), [
    (402, {"error": "payment required"}), (402, {"error": "Insufficient credits"}),
    (403, {"code": "insufficient_balance", "message": "Your balance is too low"}),
])  # fmt: skip
def test_a_refusal_for_want_of_credits_is_one_of_an_account_with_few(status: int, answer: Any, tmp_path: Path) -> None:
    entries = [*one(1), call(90, "POST", "/v1/jobs", status, answer, body={"prompt": "a cat"})]
    behavior, notes = made_of(*entries)
    assert "matches" not in behavior
    assert notes == ["job: price: assumed to be 1: a request was refused for want of credits"]
    folder = contract_in(tmp_path, archive(*entries))
    assert [str(each) for each in check(folder)] == []
    with start(folder, hosts={HOST: "again"}) as running:
        poor = running.default.api("again").account(credits=0)
        with httpx.Client(base_url=running.url, headers={**KEY, "authorization": f"Bearer {poor.api_key}"}) as http:
            refused = http.post("/v1/jobs", json={"prompt": "a cat"})
            assert (refused.status_code, refused.json()) == (status, answer)


def test_a_field_of_that_name_that_never_changes_is_no_balance() -> None:
    behavior, notes = made_of(balance(0, 100), *one(1), balance(35, 100))
    assert "account" not in behavior
    assert (notes, json.dumps(behavior).count("credits")) == ([], 0)
