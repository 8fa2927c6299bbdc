"""Downloads of results meet the faults that name `media`: of the wire, of pace and some of the answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from fault_kit import PATIENCE, Caller, account_of, calling, quiet, video_files

from mockserver import Running
from mockserver.errors import UsageError
from mockserver.expected_silence import Silence
from mockserver.faults import CATALOGUE, MEDIA, fault_of
from mockserver.sandbox import Sandbox

CUT = httpx.RemoteProtocolError
BROKEN: list[tuple[str, dict[str, Any], type[Exception]]] = [
    ("reset_before_headers", {}, httpx.ReadError),
    ("close_before_headers", {}, CUT),
    ("half_open", {"seconds": 1}, httpx.ReadTimeout),
    ("reset_mid_body", {}, httpx.ReadError),
    ("close_mid_body", {}, CUT),
    ("close_mid_body", {"framing": "chunked"}, CUT),
    ("close_mid_headers", {}, CUT),
    ("garbage", {}, CUT),
    ("bad_chunk", {}, CUT),
    ("wrong_length", {}, CUT),
    ("doubled_length", {}, CUT),
    ("hang", {}, httpx.ReadTimeout),
    ("stall", {}, httpx.ReadTimeout),
    ("dribbled_headers", {"interval": 0.6}, httpx.ReadTimeout),
    ("dribbled_body", {"interval": 0.6}, httpx.ReadTimeout),
]
WHOLE: list[tuple[str, dict[str, Any]]] = [
    ("http_1_0", {}),
    ("early_hints", {}),
    ("unsolicited_answer", {}),
    ("slow_close", {"seconds": 0.01}),
    ("latency", {"seconds": 0.01}),
    ("dribbled_headers", {"interval": 0}),
    ("bandwidth", {"bytes_per_second": 10_000_000}),
]
READ_SECONDS = 0.3


@pytest.fixture
def caller(make_sandbox: Callable[..., Sandbox]) -> Iterator[Caller]:
    with calling(make_sandbox, patience=10) as made:
        yield made


@pytest.fixture
def film(caller: Caller) -> str:
    """The URL of a finished film."""
    return finished(caller)


def finished(caller: Caller, **plan: Any) -> str:
    if plan:
        caller.api.plan(plan)
    job = caller.job()
    caller.sandbox.clock.advance(100)
    return str(caller.status(job)["outputVideo"])


def arm(caller: Caller, name: str, **data: Any) -> Any:
    return caller.api.faults.arm(*fault_of({"fault": name, "operation": "media", **data}))


def download(url: str, read: float = PATIENCE, **more: Any) -> httpx.Response:
    with httpx.Client(trust_env=False, timeout=httpx.Timeout(10, read=read)) as client:
        return client.get(url, **more)


def journaled(caller: Caller, count: int = 0) -> Any:
    """What the journal has of downloads, once it has so many: that of one which a fault sends is made at its end."""
    end = time.monotonic() + PATIENCE
    while len(found := [entry for entry in caller.sandbox.journal if entry.kind == "media"]) < count:
        assert time.monotonic() < end, found
    return found


def met(caller: Caller, count: int = 1) -> str:
    """The faults that the last of so many downloads met, as the journal has them."""
    extra = journaled(caller, count)[-1].extra
    return "" if extra is None else str(extra["fault"])


@pytest.mark.parametrize(("name", "parameters", "error"), BROKEN, ids=lambda value: str(value))
def test_a_download_breaks_as_an_answer_does(
    running: Running, caller: Caller, film: str, name: str, parameters: dict[str, Any], error: type[Exception]
) -> None:
    armed = arm(caller, name, times=1, **parameters)
    with pytest.raises(error):
        download(film, READ_SECONDS if error is httpx.ReadTimeout else PATIENCE)
    assert download(film).status_code == 200
    assert armed.applied == 1
    quiet(running.thread.loop, caller.sandbox)
    assert name in [str((entry.extra or {}).get("fault")) for entry in journaled(caller, 2)]


@pytest.mark.parametrize(("name", "parameters"), WHOLE, ids=lambda value: str(value))
def test_a_download_that_only_comes_otherwise_is_whole(
    caller: Caller, film: str, name: str, parameters: dict[str, Any]
) -> None:
    whole = download(film).content
    arm(caller, name, **parameters)
    got = download(film)
    assert got.content == whole
    assert (got.headers["x-mock-fault"], met(caller, 2)) == (name, name)


def test_the_second_download_on_a_connection_can_be_cut_off(caller: Caller, film: str) -> None:
    arm(caller, "close_keep_alive")
    with httpx.Client(trust_env=False) as client:
        assert client.get(film).status_code == 200
        with pytest.raises(httpx.RemoteProtocolError):
            client.get(film)


def test_every_fault_of_wire_and_pace_is_tried() -> None:
    tried = {each[0] for each in (*BROKEN, *WHOLE)} | {"close_keep_alive", "upload_cut"}  # which cuts no download
    assert tried == {name for name, kind in CATALOGUE.items() if kind.category in ("wire", "pace")}


def test_a_gateway_can_stand_before_the_media(caller: Caller, film: str) -> None:
    arm(caller, "status", status=502, page="nginx")
    got = download(film)
    assert (got.status_code, got.headers["content-type"], got.headers["x-mock-fault"]) == (502, "text/html", "status")
    assert (journaled(caller, 1)[-1].status, met(caller)) == (502, "status")


def test_a_redirect_of_a_download_leads_to_itself(caller: Caller, film: str) -> None:
    arm(caller, "redirect_loop")
    assert httpx.URL(film).join(download(film).headers["location"]) == film


def test_a_redirect_tells_the_journal_no_signature_and_no_secret(caller: Caller, film: str) -> None:
    caller.api.faults.arm(*fault_of({"fault": "redirect_loop"}))
    arm(caller, "redirect_loop")
    health = caller.url("/api/health?api_key=canary-1&x=%63anary-2&access_token=canary-2")
    told = [download(film).headers["location"], download(health).headers["location"]]
    assert "signature=" in told[0]
    assert "canary-1" in told[1]
    kept = b"".join(entry.answered.head for entry in caller.sandbox.journal if entry.answered and entry.status == 307)
    assert kept.count(b"location: /") == 2
    assert httpx.URL(film).params["signature"].encode() not in kept
    assert b"canary-1" not in kept


def test_a_download_can_be_something_else(caller: Caller, film: str) -> None:
    arm(caller, "wrong_content_type", times=1)
    assert download(film).headers["content-type"] == "text/html"
    arm(caller, "empty_body", times=1)
    assert download(film).content == b""
    arm(caller, "given_body", body="no film", times=1)
    assert download(film).text == "no film"
    arm(caller, "skewed_date", seconds=86_400)
    assert "x-mock-fault" in download(film).headers


def test_faults_of_one_category_each_meet_one_download(caller: Caller, film: str) -> None:
    arm(caller, "latency", seconds=0)
    arm(caller, "status", status=503)
    arm(caller, "http_1_0")
    got = download(film)
    assert (got.http_version, got.status_code) == ("HTTP/1.0", 503)
    assert got.headers["x-mock-fault"] == met(caller) == "status, latency, http_1_0"


def test_a_fault_that_names_no_operation_leaves_downloads_alone(caller: Caller, film: str) -> None:
    armed = caller.api.faults.arm(*fault_of({"fault": "close_before_headers"}))
    assert download(film).status_code == 200
    assert (armed.seen, met(caller)) == (0, "")


def test_a_fault_of_downloads_leaves_operations_alone(caller: Caller, film: str) -> None:
    armed = arm(caller, "close_before_headers")
    assert caller.get("/api/health").status == 200
    assert armed.seen == 0
    assert not caller.api.faults.watched & set(caller.api.contract.operations)


def test_downloads_are_counted_and_chosen_like_other_requests(caller: Caller, film: str) -> None:
    other = finished(caller)
    arm(caller, "status", nth=2, job=other.split("/")[-3])
    assert [download(url).status_code for url in (film, other, film, other, other)] == [200, 200, 200, 503, 200]
    arm(caller, "status", account=account_of(caller.sandbox, "vidgen").id, times=1)
    arm(caller, "status", account="nobody")
    assert [download(film).status_code for _ in range(2)] == [503, 200]


def test_a_fault_of_the_job_and_one_of_the_download_show_both(caller: Caller) -> None:
    caller.api.faults.arm(*fault_of({"fault": "result_404"}))
    url = finished(caller)
    arm(caller, "http_1_0")
    got = download(url)
    assert (got.status_code, got.headers["x-mock-fault"], met(caller)) == (404, *["result_404, http_1_0"] * 2)


def test_a_part_and_the_head_of_a_result_meet_them_too(caller: Caller, film: str) -> None:
    whole = download(film).content
    arm(caller, "http_1_0")
    part = download(film, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, whole[100:200])
    head = httpx.head(film, trust_env=False)
    assert (head.headers["x-mock-fault"], head.headers["content-length"]) == ("http_1_0", str(len(whole)))


def test_several_parts_of_a_result_meet_them_too(caller: Caller, film: str) -> None:
    several = {"headers": {"Range": "bytes=0-99,200-299"}}
    whole = download(film, **several)
    assert whole.status_code == 206
    for name in ("http_1_0", "dribbled_body", "bandwidth"):
        armed = arm(caller, name, times=1, **({"interval": 0} if name == "dribbled_body" else {}))
        got = download(film, **several)
        assert (got.status_code, got.content, armed.applied) == (206, whole.content, 1)
    arm(caller, "close_mid_body", times=1)
    with pytest.raises(CUT):
        download(film, **several)


def test_a_wrong_signature_is_refused_under_a_fault_as_well(caller: Caller, film: str) -> None:
    arm(caller, "latency", seconds=0)
    got = download(film + "0")
    assert (got.status_code, got.headers["x-mock-fault"]) == (403, "latency")
    assert httpx.post(film, trust_env=False).status_code == 405


def test_nobody_s_job_and_nobody_s_api_are_not_there(caller: Caller, film: str) -> None:
    arm(caller, "latency", seconds=0)
    head, _, _ = film.partition("/vidgen/")
    for path in ("/nobody/x/video/video.mp4", "/vidgen"):
        assert download(head + path).status_code in (403, 404)


@pytest.mark.parametrize("name", ["doubled_length", "close_mid_body", "slow_close", "bandwidth", "stall", "bad_chunk"])
def test_a_result_of_any_size_is_streamed_under_a_fault(running: Running, caller: Caller, name: str) -> None:
    """64 GiB: what held them, or wrote them without asking whether the client reads, would never come back."""
    url = finished(caller, result_bytes=1 << 36)
    more = {"bytes_per_second": 1_000_000_000} if name == "bandwidth" else {}
    arm(caller, name, **more)
    with (
        httpx.Client(trust_env=False, timeout=PATIENCE) as client,
        pytest.raises(httpx.HTTPError) if name in ("doubled_length", "bad_chunk") else _nothing(),
        client.stream("GET", url) as got,
    ):
        assert len(next(got.iter_bytes(1_000_000))) == 1_000_000
    assert caller.get("/api/health").status == 200


class _nothing:
    def __enter__(self) -> None: ...

    def __exit__(self, *error: object) -> None: ...


@pytest.mark.parametrize(
    ("api", "fault", "why"),
    [
        ("vidgen", {"fault": "stuck"}, "it is one of the job; leave the operation out"),
        ("vidgen", {"fault": "webhook_late"}, "it is one of the webhook"),
        ("vidgen", {"fault": "truncated_json"}, "the bytes of results know of status, redirect_loop"),
        ("vidgen", {"fault": "clock_jump"}, "the bytes of results know of"),
        ("vidgen", {"fault": "half_gzip"}, "the bytes of results know of"),
    ],
)
def test_what_no_download_can_meet_is_refused(
    make_sandbox: Callable[..., Sandbox], api: str, fault: dict[str, Any], why: str
) -> None:
    with pytest.raises(UsageError, match=why):
        make_sandbox().apis[api].faults.arm(*fault_of({**fault, "operation": MEDIA}))


def test_the_control_api_arms_them(running: Running, caller: Caller, film: str) -> None:
    path = f"{running.url}/_mock/sandboxes/{caller.sandbox.name}/faults"
    made = httpx.post(path, json={"api": "vidgen", "operation": "media", "fault": "status", "times": 1})
    assert made.status_code == 201, made.text
    assert [download(film).status_code for _ in range(2)] == [503, 200]


def test_uploads_are_downloads_too(make_sandbox: Callable[..., Sandbox]) -> None:
    side = make_sandbox(limits_on=False).apis["miragic"]
    key = {"X-API-Key": account_of(side.sandbox, "miragic").key}
    files = {"image": video_files()["image"]}
    data = {"quality": "hd", "sequence": "auto", "fps": "30", "hand_style": "1"}
    url = side.sandbox.url("miragic") + "/api/v1/speed-painting/create"
    made = httpx.post(url, files=files, data=data, headers=key, trust_env=False).json()
    side.faults.arm(*fault_of({"fault": "status", "operation": "media", "status": 504, "times": 1}))
    original = made["data"]["originalImageUrl"]
    assert [download(original).status_code for _ in range(2)] == [504, 200]


def test_silence_of_a_download_is_foreseen_and_counted(running: Running, caller: Caller, film: str) -> None:
    assert running.foresee("GET", film, 5.0) is None
    armed = arm(caller, "latency", seconds=20, times=1)
    assert running.foresee("GET", film, 30.0) is None  # the client would bear it
    assert running.foresee("GET", film, 5.0) == Silence(20)
    assert running.foresee("GET", film, 5.0) is None
    assert (armed.applied, met(caller), journaled(caller)[-1].status) == (1, "latency", 0)
    arm(caller, "hang", job="nobody")
    assert running.foresee("GET", film, 5.0) is None


@pytest.mark.parametrize(
    "path", ["/_media/", "/_media/@nobody/vidgen/x/video/video.mp4", "/_media/@default/nobody/x/y/z"]
)
def test_nothing_is_foreseen_of_what_is_not_there(running: Running, path: str) -> None:
    assert running.foresee("GET", running.url + path, 5.0) is None
