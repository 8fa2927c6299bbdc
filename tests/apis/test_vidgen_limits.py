"""VidGen: rate limits on the sandbox's clock, the atomic lock on active jobs, the order of refusals."""

from __future__ import annotations

from collections import Counter

import httpx
import pytest
from api_kit import MEGABYTES_50, MakeSandbox, View, connect, only, statuses_of
from vidgen_kit import AUDIO, IMAGE, JPEG, new_job, submit

from mockserver import Running

NAMES = ("limit", "remaining", "reset", "policy")


def limits(answer: httpx.Response) -> tuple[str | None, ...]:
    return tuple(answer.headers.get(f"ratelimit-{name}") for name in NAMES)


def test_every_answer_tells_the_limit_of_all_requests(vidgen: View) -> None:
    assert limits(vidgen.http.get("/api/jobs")) == ("600", "599", "60", "600;w=60")
    vidgen.advance(10.5)
    with connect(vidgen.url) as nobody:
        health = nobody.get("/api/health")
    assert limits(health) == ("600", "598", "50", "600;w=60")
    assert "retry-after" not in health.headers


def test_submissions_show_the_narrower_limit(vidgen: View) -> None:
    assert limits(submit(vidgen.http)) == ("30", "29", "60", "30;w=60")
    assert limits(submit(vidgen.http)) == ("30", "28", "60", "30;w=60")  # a refused one counts as well
    assert limits(vidgen.http.get("/api/jobs")) == ("600", "597", "60", "600;w=60")


def test_the_thirty_first_submission_of_a_minute_is_refused(vidgen: View) -> None:
    for _ in range(30):
        assert only(submit(vidgen.http, image=None), 400)
    vidgen.advance(20)
    refused = submit(vidgen.http)
    assert only(refused, 429) == {"error": "Rate limit exceeded - slow down"}
    assert limits(refused) == ("30", "0", "40", "30;w=60")
    assert refused.headers["retry-after"] == "40"
    assert vidgen.http.get("/api/jobs").status_code == 200
    vidgen.advance(39.9)
    assert submit(vidgen.http).status_code == 429
    vidgen.advance(0.1)
    answer = submit(vidgen.http)
    assert answer.status_code == 201
    assert limits(answer) == ("30", "29", "60", "30;w=60")


def test_the_six_hundred_and_first_request_of_a_minute_is_refused_health_too(vidgen: View) -> None:
    with connect(vidgen.url) as nobody:
        for _ in range(600):
            assert nobody.get("/api/health").status_code == 200
        refused = nobody.get("/api/health")
    assert set(only(refused, 429)) == {"error"}
    assert limits(refused) == ("600", "0", "60", "600;w=60")
    assert refused.headers["retry-after"] == "60"
    assert vidgen.http.get("/api/jobs").status_code == 429  # per address, whoever asks
    vidgen.advance(60)
    assert vidgen.http.get("/api/jobs").status_code == 200


def test_limits_that_are_off_neither_refuse_nor_show(vidgen: View) -> None:
    vidgen.sandbox.limits_on = False
    answers = [submit(vidgen.http, image=None) for _ in range(31)]
    assert {a.status_code for a in answers} == {400}
    assert limits(answers[-1]) == (None,) * 4


@pytest.mark.parametrize(("limits_on", "expected"), [(False, {201: 1, 409: 199}), (True, {201: 1, 409: 29, 429: 170})])
def test_two_hundred_simultaneous_submits_make_one_job(
    running: Running, make_sandbox: MakeSandbox, limits_on: bool, expected: dict[int, int]
) -> None:
    sandbox = make_sandbox(limits_on=limits_on)
    key = next(iter(sandbox.apis["vidgen"].accounts.values())).key
    with connect(sandbox.url("vidgen"), x_api_key=key) as http:
        request = http.build_request("POST", "/api/jobs", files={"image": IMAGE, "audio": AUDIO})
        request.read()
        assert Counter(statuses_of(running, [request] * 200)) == expected
        if not limits_on:
            assert len(http.get("/api/jobs").json()["jobs"]) == 1


@pytest.mark.parametrize("path", ["/api/nothing", "/api/", "/api/status", "/api/status/a/b", "/api/%6eothing"])
def test_an_unknown_path_below_api_counts_and_shows_the_limit(vidgen: View, path: str) -> None:
    vidgen.http.get("/api/health")
    answer = vidgen.http.get(path)
    assert set(only(answer, 404)) == {"error"}
    assert limits(answer) == ("600", "598", "60", "600;w=60")
    assert limits(vidgen.http.get("/api/health")) == ("600", "597", "60", "600;w=60")


def test_a_wrong_method_counts_and_shows_the_limit(vidgen: View) -> None:
    answer = vidgen.http.put("/api/jobs")
    assert set(only(answer, 405)) == {"error"}
    assert limits(answer) == ("600", "599", "60", "600;w=60")
    assert "POST" in answer.headers["allow"]


def test_unknown_paths_alone_pass_the_limit(vidgen: View) -> None:
    for _ in range(600):
        vidgen.http.get("/api/nothing")
    for refused in (vidgen.http.get("/api/nothing"), vidgen.http.put("/api/jobs"), vidgen.http.get("/api/health")):
        assert only(refused, 429) == {"error": "Rate limit exceeded - slow down"}
        assert limits(refused) == ("600", "0", "60", "600;w=60")
        assert refused.headers["retry-after"] == "60"


@pytest.mark.parametrize("path", ["/", "/apix", "/API/health", "/api"])
def test_what_is_not_below_api_is_not_counted(vidgen: View, path: str) -> None:
    answer = vidgen.http.get(path)
    assert set(only(answer, 404)) == {"error"}
    assert limits(answer) == (None, None, None, None)
    assert limits(vidgen.http.get("/api/health")) == ("600", "599", "60", "600;w=60")


def test_unknown_paths_are_not_counted_where_limits_are_off(vidgen: View) -> None:
    vidgen.sandbox.limits_on = False
    assert limits(vidgen.http.get("/api/nothing")) == (None, None, None, None)


def test_refusals_to_submit_come_in_the_fixed_order(vidgen: View) -> None:
    new_job(vidgen)
    http, text = vidgen.http, {"Content-Type": "text/plain"}
    large = ("a.jpg", JPEG + bytes(MEGABYTES_50), "image/jpeg")
    wrong = ("a.txt", b"text", "text/plain")
    with connect(vidgen.url) as nobody:
        assert nobody.post("/api/job", content=b"x", headers=text).status_code == 404
        assert nobody.put("/api/jobs", content=b"x", headers=text).status_code == 405
        for _ in range(29):
            assert nobody.post("/api/jobs", content=b"x", headers=text).status_code == 401
        assert nobody.post("/api/jobs", content=b"x", headers=text).status_code == 429
    vidgen.sandbox.limits_on = False
    assert submit(http, large, wrong, webhookUrl="http://a.b").status_code == 415
    assert submit(http, large, None, webhookUrl="http://a.b").status_code == 413
    assert submit(http, IMAGE, AUDIO, webhookUrl="http://a.b").status_code == 400
    assert submit(http).status_code == 409


def test_refusals_to_cancel_come_in_the_fixed_order(vidgen: View) -> None:
    job = new_job(vidgen)
    vidgen.advance(12)
    with connect(vidgen.url) as nobody, connect(vidgen.url, x_api_key=vidgen.side.account().key) as other:
        assert nobody.patch(f"/api/jobs/{job}").status_code == 405
        assert nobody.delete(f"/api/jobs/{job}").status_code == 401
        assert other.delete(f"/api/jobs/{job}").status_code == 404
    assert vidgen.http.delete(f"/api/jobs/{job}").status_code == 409


def test_a_parameter_that_is_wrong_does_not_hide_a_missing_key(vidgen: View) -> None:
    with connect(vidgen.url) as nobody:
        assert nobody.get("/api/jobs?limit=0").status_code == 401
