"""Mirrago: try-on jobs, the ways to give the two pictures, quirks and refusals."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from api_kit import MEGABYTES_50, OCTETS, View, connect, only, opened, sample

GENERATE = "/v1/mirrago/generate-image"
JPEG, PNG = sample("portrait.jpg"), sample("portrait.png")
MODEL, SHIRT = "https://cdn.yourbrand.com/models/model.jpg", "https://cdn.yourbrand.com/garments/shirt.png"
URLS = {"target_image_url": MODEL, "garment_image_url": SHIRT}
START = "2001-09-09T01:46:40.000000"
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


def submit(http: httpx.Client, **fields: Any) -> httpx.Response:
    return http.post(GENERATE, json=URLS | fields)


def send_files(http: httpx.Client, target: Any, garment: Any, **fields: str) -> httpx.Response:
    files = {name: part for name, part in (("target_image", target), ("garment_image", garment)) if part}
    return http.post(GENERATE, files=files or {"nothing": b""}, data=fields)


def new_job(mirrago: View, **wishes: Any) -> str:
    mirrago.plan(**{"queued": 2, "running": 10, **wishes})
    answer = submit(mirrago.http)
    assert answer.status_code == 200, answer.text
    job: str = answer.json()["job_id"]
    return job


def shown(mirrago: View, job: str) -> Any:
    answer = mirrago.http.get(f"/v1/mirrago/job/{job}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_created_job_is_answered_as_pending(mirrago: View) -> None:
    answer = submit(mirrago.http)
    assert answer.status_code == 200
    created = answer.json()
    assert created == {
        "job_id": created["job_id"],
        "status": "pending",
        "business_id": "nike",
        "username": created["username"],
        "cloth_id": created["cloth_id"],
        "credits_before": 100,
        "created_at": START,
    }
    assert re.fullmatch(UUID, created["job_id"])
    assert re.fullmatch(f"TEMP{UUID}", created["username"])
    assert re.fullmatch(rf"business/nike/clothes/{UUID}\.jpeg", created["cloth_id"])


def test_a_username_comes_back(mirrago: View) -> None:
    assert submit(mirrago.http, username="anna").json()["username"] == "anna"
    assert send_files(mirrago.http, ("a.jpg", JPEG), ("b.png", PNG), username="bo").json()["username"] == "bo"


def test_a_job_goes_from_queued_through_processing_to_completedc(mirrago: View) -> None:
    created = submit_planned(mirrago)
    job = created["job_id"]
    queued = {
        "job_id": job,
        "cloth_id": created["cloth_id"],
        "cloth_img_url": "",
        "status": "queued",
        "created_at": created["created_at"],
        "generated_image_key": "",
        "result_url": None,
        "error_msg": {},
    }
    assert shown(mirrago, job) == queued
    mirrago.advance(2)
    assert shown(mirrago, job) == queued | {"status": "processing"}
    mirrago.advance(9.999)
    assert shown(mirrago, job) == queued | {"status": "processing"}
    mirrago.advance(0.001)
    done = shown(mirrago, job)
    url = done["result_url"]
    assert done == queued | {"status": "completedc", "generated_image_key": urlsplit(url).path, "result_url": url}
    assert re.fullmatch(r"/.+\.png", done["generated_image_key"])
    picture = httpx.get(url)
    assert picture.headers["content-type"] == "image/png"
    assert opened(picture.content).format == "PNG"


def submit_planned(mirrago: View) -> Any:
    mirrago.plan(queued=2, running=10)
    return submit(mirrago.http).json()


def test_a_failed_job_says_why_and_its_url_is_empty(mirrago: View) -> None:
    job = new_job(mirrago, outcome="failed", error="something went wrong")
    before = shown(mirrago, job)
    mirrago.advance(12)
    failed = {"status": "failed", "result_url": "", "error_msg": {"error": "something went wrong"}}
    assert shown(mirrago, job) == before | failed


def test_a_job_ends_within_fifteen_seconds(mirrago: View) -> None:
    job = submit(mirrago.http).json()["job_id"]
    mirrago.advance(15)
    assert shown(mirrago, job)["status"] == "completedc"


@pytest.mark.parametrize("seconds", [0, 2, 12])
def test_get_job_status_answers_the_same(mirrago: View, seconds: float) -> None:
    job = new_job(mirrago)
    mirrago.advance(seconds)
    alias = mirrago.http.get(f"/v1/getJobStatus/{job}")
    assert (alias.status_code, alias.json()) == (200, shown(mirrago, job))


@pytest.mark.parametrize(
    "body",
    [
        {"target_image": MODEL, "garment_image": SHIRT},
        {"target_image_url": MODEL, "garment_image_url": SHIRT},
        {"target_image": MODEL, "garment_image_url": SHIRT},
        {"target_image_url": MODEL, "garment_image": SHIRT},
        {"model_image_url": MODEL, "garment_image_url": SHIRT},
        {"model_image_url": MODEL, "garment_image": SHIRT},
        {"target_image": MODEL, "garment_image": SHIRT, **URLS},
        {**URLS, "backgroud": False},
        {**URLS, "backgroud": True, "background": "white"},
        {**URLS, "background": False},
        {**URLS, "target_image_url": "http://localhost:8000/a.jpg?x=1#y"},
        {**URLS, "target_image_url": "HTTPS://user:word@[::1]:443/a.jpg"},
        {**URLS, "unknown": 1},
    ],
)
def test_one_way_of_giving_each_picture_is_enough_in_json(mirrago: View, body: dict[str, Any]) -> None:
    assert mirrago.http.post(GENERATE, json=body).status_code == 200


@pytest.mark.parametrize(
    ("target", "garment", "fields"),
    [
        (("a.jpg", JPEG, "image/jpeg"), ("b.png", PNG, "image/png"), {}),
        (("a.jpg", JPEG, "image/jpeg"), None, {"garment_image_url": SHIRT}),
        (None, ("b.png", PNG, "image/png"), {"target_image_url": MODEL}),
        (None, None, URLS),
        (("a.jpg", JPEG, "image/jpeg"), ("b.png", PNG, "image/png"), URLS),
        (("a.jpg", JPEG, OCTETS), ("b", PNG, OCTETS), {"background": "white", "backgroud": "false"}),
    ],
)
def test_one_way_of_giving_each_picture_is_enough_in_a_form(
    mirrago: View, target: Any, garment: Any, fields: dict[str, str]
) -> None:
    assert send_files(mirrago.http, target, garment, **fields).status_code == 200


@pytest.mark.parametrize("body", [{}, {"target_image": MODEL}, {"garment_image_url": SHIRT}, [], "x", None])
def test_a_missing_picture_is_refused(mirrago: View, body: Any) -> None:
    assert set(only(mirrago.http.post(GENERATE, json=body), 400)) == {"detail"}


def test_a_missing_file_is_refused(mirrago: View) -> None:
    assert set(only(send_files(mirrago.http, ("a.jpg", JPEG, "image/jpeg"), None), 400)) == {"detail"}


@pytest.mark.parametrize("url", ["ftp://a.b/c.jpg", "no url", "https://", "https:///a.jpg", "//a.b/c.jpg", "", 1, []])
@pytest.mark.parametrize("field", ["target_image", "target_image_url", "model_image_url"])
def test_an_invalid_image_url_is_refused_with_the_documented_words(mirrago: View, field: str, url: Any) -> None:
    body = {"garment_image_url": SHIRT, field: url}
    assert only(mirrago.http.post(GENERATE, json=body), 400) == {"detail": "Invalid image URL"}


@pytest.mark.parametrize("name", ["portrait.webp", "voice.mp3"])
def test_files_that_are_neither_jpg_nor_png_are_refused(mirrago: View, name: str) -> None:
    answer = send_files(mirrago.http, (name, sample(name), OCTETS), ("b.png", PNG, "image/png"))
    assert "target_image" in only(answer, 400)["detail"]


def test_a_file_that_is_known_to_be_of_another_kind_is_refused(mirrago: View) -> None:
    answer = send_files(mirrago.http, ("a.jpg", JPEG, "image/jpeg"), ("b.png", sample("portrait.webp"), OCTETS))
    assert "garment_image" in only(answer, 400)["detail"]


@pytest.mark.parametrize("absent", [{"target_image": None}, {"target_image_url": None, "callback_url": None}])
def test_null_is_as_if_the_field_were_left_out(mirrago: View, absent: dict[str, None]) -> None:
    given = {"model_image_url": MODEL, "garment_image_url": SHIRT}
    assert mirrago.http.post(GENERATE, json=given | absent | {"username": None}).json()["username"].startswith("TEMP")
    lacking = only(mirrago.http.post(GENERATE, json={"garment_image_url": SHIRT} | absent), 400)
    assert "is required" in lacking["detail"]


ALL_FILES = {
    "target_image": ("a.jpg", JPEG, "image/jpeg"),
    "garment_image": ("b.png", PNG, "image/png"),
    "target_image_url": ("c.jpg", JPEG, "image/jpeg"),
    "garment_image_url": ("d.png", PNG, "image/png"),
}


@pytest.mark.parametrize(
    "names",
    [
        ["target_image_url", "garment_image_url"],
        ["target_image", "garment_image_url"],
        ["target_image_url", "garment_image"],
        [*ALL_FILES],
    ],
)
def test_the_url_fields_take_files_as_the_table_of_fields_types_them(mirrago: View, names: list[str]) -> None:
    files = {name: ALL_FILES[name] for name in names}
    assert mirrago.http.post(GENERATE, files=files).status_code == 200
    mirrago.side.quirk("url_fields_take_files", False)
    assert only(mirrago.http.post(GENERATE, files=files), 400) == {"detail": "Invalid image URL"}


def test_a_file_in_a_url_field_is_judged_as_any_file(mirrago: View) -> None:
    wrong = ("a.webp", sample("portrait.webp"), "image/webp")
    large = ("a.png", PNG + bytes(MEGABYTES_50), "image/png")
    garment = {"garment_image_url": SHIRT}
    for file, status in ((wrong, 400), (large, 413)):
        answer = mirrago.http.post(GENERATE, files={"target_image_url": file}, data=garment)
        assert "target_image" in only(answer, status)["detail"]


def test_an_empty_file_in_a_url_field_is_that_of_the_field_it_stands_for(mirrago: View) -> None:
    files = {"target_image_url": ("a.jpg", b"", "image/jpeg"), "garment_image": ALL_FILES["garment_image"]}
    answer = mirrago.http.post(GENERATE, files=files)
    assert only(answer, 400) == {"detail": "target_image is required: the file that was sent is empty"}
    files["target_image"] = ALL_FILES["target_image"]
    assert mirrago.http.post(GENERATE, files=files).status_code == 200


@pytest.mark.parametrize("url", ["no url", "ftp://a.b/c.jpg"])
def test_a_text_in_a_url_field_is_still_judged_as_a_url(mirrago: View, url: str) -> None:
    answer = mirrago.http.post(
        GENERATE, data={"target_image_url": url}, files={"garment_image_url": ALL_FILES["garment_image"]}
    )
    assert only(answer, 400) == {"detail": "Invalid image URL"}


def test_the_words_that_steer_a_job_work_from_a_file_in_a_url_field(mirrago: View) -> None:
    files = {"target_image_url": ("mock:fail", JPEG, "image/jpeg"), "garment_image": ALL_FILES["garment_image"]}
    job = mirrago.http.post(GENERATE, files=files).json()["job_id"]
    mirrago.advance(15)
    assert shown(mirrago, job)["status"] == "failed"


def test_the_misspelt_backgroud_is_unknown_once_its_quirk_is_off(mirrago: View) -> None:
    assert submit(mirrago.http, backgroud=False).status_code == 200
    mirrago.side.quirk("backgroud", False)
    assert "backgroud" in only(submit(mirrago.http, backgroud=False), 400)["detail"]
    assert submit(mirrago.http, background="white").status_code == 200


def test_completedc_can_be_spelled_right(mirrago: View) -> None:
    job = new_job(mirrago)
    mirrago.advance(12)
    literal = shown(mirrago, job)
    mirrago.side.quirk("completedc", False)
    assert shown(mirrago, job) == literal | {"status": "completed"}
    assert mirrago.http.get(f"/v1/getJobStatus/{job}").json()["status"] == "completed"


@pytest.mark.parametrize(
    ("outcome", "seconds", "completedc"),
    [
        ("completed", 0, True),
        ("completed", 2, True),
        ("completed", 12, True),
        ("completed", 12, False),
        ("failed", 12, True),
    ],
)
def test_result_image_url_is_sent_as_well_once_its_quirk_is_on(
    mirrago: View, outcome: str, seconds: float, completedc: bool
) -> None:
    job = new_job(mirrago, outcome=outcome)
    mirrago.side.quirk("completedc", completedc)
    mirrago.advance(seconds)
    bare = shown(mirrago, job)
    mirrago.side.quirk("result_image_url", True)
    assert shown(mirrago, job) == bare | {"result_image_url": bare["result_url"]}


def test_credits_are_counted_once_the_account_has_a_number(mirrago: View) -> None:
    mirrago.credit(2)
    assert [submit(mirrago.http).json()["credits_before"] for _ in range(2)] == [2, 1]
    assert set(only(submit(mirrago.http), 402)) == {"detail"}


def test_credits_fall_by_one_per_job_on_endless_accounts_and_are_filled_up_before_they_reach_0(mirrago: View) -> None:
    mirrago.sandbox.limits_on = False
    told = [submit(mirrago.http).json()["credits_before"] for _ in range(103)]
    assert told == [*range(100, 0, -1), 100, 99, 98]
    assert mirrago.mine.credits is None
    mirrago.sandbox.reset()
    assert submit(mirrago.http).json()["credits_before"] == 100


def test_credits_are_an_integer_whatever_the_account_has(mirrago: View) -> None:
    mirrago.credit(2.5)
    told = [submit(mirrago.http).json()["credits_before"] for _ in range(2)]
    assert told == [2, 1]
    assert [type(each) for each in told] == [int, int]


def test_a_refused_request_costs_nothing(mirrago: View) -> None:
    mirrago.credit(5)
    mirrago.http.post(GENERATE, json={})
    assert submit(mirrago.http).json()["credits_before"] == 5


def test_unknown_jobs_and_those_of_others_are_not_found(mirrago: View) -> None:
    job = new_job(mirrago)
    other = mirrago.side.account()
    asked = {"client_id": other.client_id, "client_secret": other.client_secret, "grant_type": "client_credentials"}
    token = mirrago.http.post("/oauth/token", json=asked).json()["access_token"]
    for path in ("/v1/mirrago/job/", "/v1/getJobStatus/"):
        assert set(only(mirrago.http.get(path + "nope"), 404)) == {"detail"}
        theirs = mirrago.http.get(path + job, headers={"Authorization": f"Bearer {token}"})
        assert set(only(theirs, 404)) == {"detail"}


def test_refusals_come_in_the_fixed_order(mirrago: View) -> None:
    text: Any = {"content": b"x", "headers": {"Content-Type": "text/plain"}}
    large = ("a.jpg", JPEG + bytes(MEGABYTES_50), "image/jpeg")
    webp = ("a.webp", sample("portrait.webp"), "image/webp")
    http = mirrago.http
    mirrago.credit(0)
    with connect(mirrago.url) as nobody:
        assert nobody.post("/v1/mirrago/generate", **text).status_code == 404
        assert nobody.put(GENERATE, **text).status_code == 405
        for _ in range(130):
            assert nobody.post(GENERATE, **text).status_code == 401
    assert http.post(GENERATE, **text).status_code == 415
    assert send_files(http, large, webp).status_code == 413
    assert send_files(http, webp, webp).status_code == 400
    assert submit(http, target_image_url="nothing").status_code == 400
    assert submit(http).status_code == 402
    for _ in range(115):
        assert http.get("/v1/mirrago/job/x").status_code == 404
    assert http.post(GENERATE, **text).status_code == 500


def test_unknown_paths_and_wrong_methods_are_refused_in_the_apis_own_form(mirrago: View) -> None:
    assert set(only(mirrago.http.get("/v1/nothing"), 404)) == {"detail"}
    wrong = mirrago.http.delete(GENERATE)
    assert set(only(wrong, 405)) == {"detail"}
    assert wrong.headers["allow"] == "POST"


def test_there_is_no_cancel_and_no_list(mirrago: View) -> None:
    job = new_job(mirrago)
    assert mirrago.http.delete(f"/v1/mirrago/job/{job}").status_code == 405
    assert mirrago.http.get("/v1/mirrago/job").status_code == 404
