"""A sandbox that was made to keep requests keeps each of them whole, whatever way it took; no other keeps any."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from mockserver import Running
from mockserver.errors import UsageError
from mockserver.steering import ApiHandle, ControlError, Request, Response, SandboxHandle, Steering

IMAGE = ('ä "1".png', b"\x89PNG\r\n\x1a\n" + bytes(64) + b"\r\n--x\r\n", "image/png")
SOUND = ("a.mp3", b"ID3" + bytes(64), "audio/mpeg")


def submit(client: httpx.Client, **fields: str) -> str:
    return str(client.post("/api/jobs", files={"image": IMAGE, "audio": SOUND}, data=fields).json()["jobId"])


def test_a_form_is_there_with_its_fields_and_files_and_its_answer(client: httpx.Client, vidgen: ApiHandle) -> None:
    job = submit(client, webhookUrl="https://app.example/hook?a=1&b=2")
    sent = vidgen.requests[0]
    assert (sent.method, sent.path, sent.operation, sent.status) == ("POST", "/api/jobs", "createJob", 201)
    assert sent.url == f"{vidgen.url}/api/jobs"
    assert sent.form == {"webhookUrl": "https://app.example/hook?a=1&b=2"}
    image, sound = sent.files["image"], sent.files["audio"]
    assert (image.name, image.filename, image.content_type, image.content) == ("image", *IMAGE[:1], IMAGE[2], IMAGE[1])
    assert (sound.filename, sound.content) == SOUND[:2]
    assert sent.headers["X-API-KEY"] == sent.headers["x-api-key"] == vidgen.api_key
    assert sent.response is not None
    assert sent.response.json()["jobId"] == job
    assert sent.response.headers["Content-Type"] == "application/json"


def test_what_goes_the_short_way_is_kept_like_all_else(client: httpx.Client, vidgen: ApiHandle) -> None:
    job = submit(client)
    short = client.get(f"/api/status/{job}")
    long = client.get(f"/api/status/{job}?more=1&more=2")
    one, other = vidgen.requests[1:]
    assert one.response is not None
    assert other.response is not None
    assert one.response.content == short.content == other.response.content == long.content
    assert dict(one.response.headers) == dict(short.headers)
    assert one.headers == other.headers
    assert (one.url, dict(one.query)) == (f"{vidgen.url}/api/status/{job}", {})
    assert other.query.get_list("more") == ["1", "2"]


def test_a_json_body_of_either_way_is_kept(world: SandboxHandle) -> None:
    api = world.api("miraflow")
    body = {"prompt": "a cat – Kätzchen", "nothing": None}
    for path in ("/api/image/generate", "/api/image/generate?x=1"):
        httpx.post(api.url + path, json=body, headers={"x-api-key": api.api_key})
    assert [each.json() for each in api.requests] == [body, body]
    assert [each.content_type for each in api.requests] == ["application/json"] * 2


def test_credentials_are_kept_as_they_were_sent(world: SandboxHandle) -> None:
    api = world.api("mirrago")
    form = {"grant_type": "client_credentials", "client_id": api.client_id, "client_secret": api.client_secret}
    origin = urlsplit(api.url)
    for url in (api.url, f"{origin.scheme}://{origin.netloc}/mirrago"):  # the second is found by the client's id
        token = httpx.post(f"{url}/oauth/token", data=form).json()["access_token"]
        sent = api.requests[-1]
        assert sent.form == form
        assert sent.response is not None
        assert sent.response.json()["access_token"] == token


def test_downloads_and_unknown_paths_are_kept(client: httpx.Client, vidgen: ApiHandle) -> None:
    job = submit(client)
    vidgen.clock.run_until(job, "COMPLETED")
    url = client.get(f"/api/status/{job}").json()["outputVideo"]
    film = client.get(url).content
    client.get("/nowhere")
    client.put("/api/jobs", content=b"raw")
    download, unknown, wrong = vidgen.requests[-3:]
    assert (download.operation, download.url, download.status) == ("media", url, 200)
    assert download.response is not None
    assert download.response.content == film
    assert (unknown.operation, unknown.path, unknown.status) == ("", "/nowhere", 404)
    assert (wrong.content, wrong.status) == (b"raw", 405)


def test_a_coded_body_is_kept_as_it_was_sent_and_read_without_its_coding(world: SandboxHandle) -> None:
    api = world.api("miraflow")
    coded = gzip.compress(b'{"prompt": "a cat"}', mtime=0)
    headers = {"x-api-key": api.api_key, "content-type": "application/json", "content-encoding": "gzip"}
    httpx.post(f"{api.url}/api/image/generate", content=coded, headers=headers)
    sent = api.requests[0]
    assert (sent.content, sent.json(), sent.text) == (coded, {"prompt": "a cat"}, '{"prompt": "a cat"}')


def test_a_body_that_was_refused_before_it_was_read_is_kept(client: httpx.Client, vidgen: ApiHandle) -> None:
    answer = client.post("/api/jobs", content=b"x" * 300_000, headers={"content-type": "text/csv", "x-api-key": "no"})
    assert (answer.status_code, len(vidgen.requests[0].content)) == (401, 300_000)


@pytest.mark.parametrize("fault", ["reset_before_headers", "close_before_headers"])
def test_a_request_that_got_no_answer_says_so(client: httpx.Client, vidgen: ApiHandle, fault: str) -> None:
    vidgen.fault(fault, operation="listJobs", times=1)
    with pytest.raises(httpx.TransportError):
        client.get("/api/jobs")
    sent = vidgen.requests[0]
    assert (sent.response, sent.status, sent.fault) == (None, None, fault)


def test_the_answer_of_a_fault_is_the_one_that_is_kept(client: httpx.Client, vidgen: ApiHandle) -> None:
    vidgen.fault("status", operation="listJobs", status=502, page="nginx", times=1)
    vidgen.fault("close_mid_body", operation="listJobs", times=1)
    with pytest.raises(httpx.TransportError):
        client.get("/api/jobs")
    sent = vidgen.requests[0]
    assert sent.response is not None
    assert (sent.status, sent.fault) == (502, "status, close_mid_body")
    assert "nginx" in sent.response.text


def test_an_answer_that_was_lost_is_none(client: httpx.Client, vidgen: ApiHandle) -> None:
    vidgen.fault("answer_lost", operation="createJob", times=1)
    with pytest.raises(httpx.TransportError):
        submit(client)
    assert (len(vidgen.jobs), vidgen.requests[0].response) == (1, None)


def test_what_the_interpreter_would_hide_is_kept_raw(vidgen: ApiHandle) -> None:
    origin = urlsplit(vidgen.url)
    head = f"GET {origin.path}/api/jobs?a=%2F&b=%FF HTTP/1.1\r\nHost: {origin.netloc}\r\nX-Two: 1\r\nx-two: 2\r\n"
    with socket.create_connection((str(origin.hostname), origin.port or 0)) as client:
        client.sendall(head.encode() + f"X-API-Key: {vidgen.api_key}\r\nConnection: close\r\n\r\n".encode())
        while client.recv(65_536):
            pass
    sent = vidgen.requests[0]
    assert sent.headers.get_list("x-two") == ["1", "2"]
    assert sent.headers["X-Two"] == "1, 2"
    assert sent.url.endswith("?a=%2F&b=%FF")


def test_each_api_has_its_own_and_the_sandbox_all_of_them(world: SandboxHandle, client: httpx.Client) -> None:
    client.get("/api/jobs")
    httpx.get(f"{world.api('miraflow').url}/api/avatars", headers={"x-api-key": world.api("miraflow").api_key})
    assert [each.api for each in world.requests] == ["vidgen", "miraflow"]
    assert (len(world.api("vidgen").requests), len(world.api("mirrago").requests)) == (1, 0)


def test_requests_are_read_anew_and_forgotten_with_a_reset(world: SandboxHandle, client: httpx.Client) -> None:
    seen = world.requests
    client.get("/api/jobs")
    first = seen[0]
    client.get("/api/health")
    assert [each.n for each in seen] == [1, 2]
    assert seen[0] is first  # what is over is fetched once
    world.reset()
    assert list(seen) == []
    client.get("/api/jobs")
    assert [each.operation for each in seen] == ["listJobs"]


def test_filter_takes_what_all_of_it_says(client: httpx.Client, vidgen: ApiHandle) -> None:
    import re

    client.get("/api/jobs")
    client.get("/api/status/nobody")
    client.get("/api/status/nothing")
    found = vidgen.requests
    assert len(found.filter("getStatus")) == len(found.filter(method="get", status=404)) == 2
    assert len(found.filter(path="/api/jobs")) == 1
    assert len(found.filter(path=re.compile("/api/status/.*thing"))) == 1
    assert found.filter("getStatus", where=lambda each: each.path.endswith("nobody")) == [found[1]]
    with pytest.raises(UsageError, match="did you mean 'getStatus'"):
        found.filter("getStatsu")
    assert found.filter("cancelJob") == []


def test_a_sandbox_that_was_not_asked_to_keeps_none(running: Running) -> None:
    with running.sandbox() as plain:
        httpx.get(f"{plain.api('vidgen').url}/api/health")
        with pytest.raises(
            ControlError, match=r'make one with sandbox\(requests=True\), or \{"requests": true\}'
        ) as refused:
            len(plain.requests)
        assert refused.value.status == 409


def test_the_default_sandbox_never_keeps_any(running: Running, steering: Steering) -> None:
    httpx.get(f"{running.url}/vidgen/api/health")
    with pytest.raises(ControlError, match="keeps no requests: it never does"):
        list(running.default.requests)
    with pytest.raises(ControlError):
        steering.sandbox(name="default", requests=True)


def test_neither_the_journal_nor_any_repr_has_a_secret(client: httpx.Client, vidgen: ApiHandle) -> None:
    client.get(f"/api/status/{vidgen.api_key}?api_key={vidgen.api_key}", headers={"authorization": "Bearer abcdefgh"})
    sent: Request = vidgen.requests[0]
    assert sent.path.endswith(vidgen.api_key)
    told = [repr(each) for each in (sent, sent.headers, sent.query, sent.response, vidgen.requests, sent.files)]
    told += [repr(vidgen.journal.last()), str([entry.raw for entry in vidgen.journal])]
    assert not [each for each in told if vidgen.api_key in each or "abcdefgh" in each]


@pytest.fixture
def steering(running: Running) -> Iterator[Steering]:
    with Steering(running.url) as made:
        yield made


def test_what_is_shown_of_a_request_holds_no_key_under_whatever_name(
    client: httpx.Client, vidgen: ApiHandle, world: SandboxHandle
) -> None:
    key = vidgen.api_key
    world.route("POST", "/vidgen/mine/{what}", lambda request: {"echo": request.path_params["what"]})
    innocent = {"x-trace": key, "user-agent": f"app/{key.upper()}", "accept": "*/*"}
    client.post(f"/mine/{key}", params={"page": key, f"x{key}": "1"}, data={"note": f"mine is {key}"}, headers=innocent)
    client.post("/mine/a", files={"f": (f"{key}.png", bytes(200_000))}, data={"a": key}, headers={"x-b": key[:-1]})
    form, files = vidgen.requests
    shown = [form.headers, form.query, form.form, form.path_params, form, form.response, files.form, files.files, files]
    assert [each for each in map(repr, shown) if key in each.lower()] == []
    assert (form.headers["x-trace"], form.query["page"], form.path_params) == (key, key, {"what": key})
    assert repr(form.headers).count("[redacted]") >= 3
    assert "'accept': '*/*'" in repr(form.headers)
    assert f"'x-b': '{key[:-1]}'" in repr(files.headers)
    with pytest.raises(AssertionError) as failed:
        vidgen.assert_requested(path=f"/mine/{key}", headers={"x-trace": "b"}, query={"page": "c"}, form={"note": "d"})
    assert key not in str(failed.value).partition("\n")[2]
    assert str(failed.value).count("[redacted]") >= 3


def test_a_handler_is_shown_a_request_in_the_same_way(client: httpx.Client, vidgen: ApiHandle) -> None:
    seen: list[str] = []

    def told(request: Request) -> Response:
        seen.append(f"{request!r} {request.headers!r} {request.query!r}")
        return Response(204)

    vidgen.answer("listJobs", callback=told, times=1)
    client.get("/api/jobs", params={"page": vidgen.api_key}, headers={"x-trace": vidgen.api_key})
    assert len(seen) == 1
    assert vidgen.api_key not in seen[0]
