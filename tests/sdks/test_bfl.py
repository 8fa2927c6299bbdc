"""Black Forest Labs has no SDK: a plain httpx client, as its guides show one, drives the gallery's contract.

It submits, polls the `polling_url` it was told (never one of its own making), downloads at once, and asks again after
402 never, after 429 as `Retry-After` says, after 5xx with growing pauses. What does not apply: tasks cannot be listed,
cancelled or deleted.
"""

from __future__ import annotations

import pytest
from sdk_kit import run_suite

SUITE = '''
import asyncio
import hashlib
import hmac
import time

import httpx
import pytest

MODELS = [
    "flux-2-pro",
    "flux-2-max",
    "flux-2-flex",
    "flux-2-klein-4b",
    "flux-pro-1.1",
    "flux-pro-1.1-ultra",
    "flux-kontext-pro",
]


class Client:
    """What the guides write."""

    def __init__(self, key, region=""):
        self.http = httpx.Client(base_url=f"https://api.{region}bfl.ai", headers={"x-key": key}, timeout=5)

    def call(self, method, url, attempts=4, **more):
        for attempt in range(attempts):
            answer = self.http.request(method, url, **more)
            if answer.status_code == 429:
                time.sleep(int(answer.headers["retry-after"]))
            elif answer.status_code >= 500:
                time.sleep(2**attempt)
            else:
                break
        answer.raise_for_status()
        return answer.json()

    def submit(self, model, prompt, **more):
        return self.call("POST", f"/v1/{model}", json={"prompt": prompt, **more})

    def poll(self, url, patience=120):
        begin, pause = time.monotonic(), 0.5
        while time.monotonic() - begin < patience:
            found = self.call("GET", url)
            if found["status"] != "Pending":
                return found
            time.sleep(pause)
            pause = min(pause * 1.5, 5)
        raise TimeoutError(url)

    def generate(self, model, prompt, **more):
        return self.poll(self.submit(model, prompt, **more)["polling_url"])


@pytest.fixture
def api(sandbox, intercept, fast_forward):
    return sandbox.api("bfl")


@pytest.fixture
def client(api):
    return Client(api.api_key)


@pytest.mark.parametrize("model", MODELS)
def test_each_model_gives_a_picture(client, model):
    made = client.submit(model, "A lighthouse", seed=7)
    assert set(made) == {"id", "polling_url", "cost", "input_mp", "output_mp"} and made["id"] in made["polling_url"]
    found = client.poll(made["polling_url"])
    assert (found["id"], found["status"]) == (made["id"], "Ready")
    assert (found["result"]["prompt"], found["result"]["seed"]) == ("A lighthouse", 7)
    assert found["result"]["end_time"] - found["result"]["start_time"] == pytest.approx(
        found["result"]["duration"], abs=0.01
    )
    assert httpx.get(found["result"]["sample"]).content[:3] == b"\\xff\\xd8\\xff"


def test_a_picture_is_as_the_request_says(client):
    first, again, other = (
        client.generate("flux-2-pro", "x", seed=seed, output_format="png", width=256, height=128)["result"][
            "sample"
        ]
        for seed in (1, 1, 2)
    )
    pictures = [httpx.get(url).content for url in (first, again, other)]
    sides = [int.from_bytes(pictures[0][at : at + 4], "big") for at in (16, 20)]
    assert (pictures[0][:4], sides) == (b"\\x89PNG", [256, 128])
    assert pictures[0] == pictures[1] != pictures[2]
    tall = httpx.get(
        client.generate("flux-2-pro", "x", output_format="png", aspect_ratio="9:16")["result"]["sample"]
    ).content
    assert int.from_bytes(tall[16:20], "big") < int.from_bytes(tall[20:24], "big")


@pytest.mark.parametrize("region", ["eu.", "us."])
def test_each_region_answers(api, region):
    assert Client(api.api_key, region).generate("flux-2-pro", "x")["status"] == "Ready"


def test_it_is_pending_until_it_is_ready(sandbox, client):
    url, seen = client.submit("flux-2-pro", "x")["polling_url"], []
    while not seen or seen[-1]["status"] == "Pending":
        seen.append(client.call("GET", url))
        sandbox.clock.advance(0.4)
    shares = [each["progress"] for each in seen[:-1]]
    assert shares[0] is None and 0 < shares[-1] < 1 and all(each["result"] is None for each in seen[:-1])
    assert seen[-1]["result"]["sample"]


@pytest.mark.parametrize(
    ("prompt", "status"),
    [("mock:fail", "Error"), ("mock:moderated", "Content Moderated"), ("mock:refused", "Request Moderated")],
)
def test_what_becomes_no_picture_says_so(client, prompt, status):
    found = client.generate("flux-2-pro", prompt)
    assert (found["status"], found["result"]) == (status, None) and found["details"]


def test_an_error_says_why(api, client):
    api.next_job(outcome="Error", error="Out of memory")
    assert client.generate("flux-2-pro", "x")["details"] == {"error": "Out of memory"}


def test_a_client_gives_up(client):
    with pytest.raises(TimeoutError):
        client.generate("flux-2-pro", "mock:stuck")


def test_a_sample_expires_after_ten_minutes(sandbox, client):
    url = client.generate("flux-2-pro", "x")["result"]["sample"]
    sandbox.clock.advance(500)
    assert httpx.get(url).status_code == 200
    sandbox.clock.advance(200)
    assert httpx.get(url).status_code in (403, 404, 410)


def test_a_task_that_is_not_there(client):
    answer = client.http.get("/v1/get_result", params={"id": "nothing"})
    assert (answer.status_code, answer.json()["status"]) == (404, "Task not found")


def test_a_task_of_another_account_is_not_there(api, client):
    url = client.submit("flux-2-pro", "x")["polling_url"]
    assert httpx.get(url, headers={"x-key": api.account().api_key}).json()["status"] == "Task not found"


@pytest.mark.parametrize("key", ["wrong", ""])
def test_a_wrong_key(api, key):
    for ask in (
        lambda c: c.submit("flux-2-pro", "x"),
        lambda c: c.call("GET", "/v1/get_result?id=x"),
        lambda c: c.call("GET", "/v1/credits"),
    ):
        with pytest.raises(httpx.HTTPStatusError) as caught:
            ask(Client(key))
        assert (caught.value.response.status_code, caught.value.response.json()["error"]) == (
            401,
            "invalid_api_key",
        )


@pytest.mark.mockserver(contract_violations="off")
@pytest.mark.parametrize(
    "more",
    [
        {"width": 17},
        {"width": 65},
        {"safety_tolerance": 9},
        {"output_format": "gif"},
        {"prompt": 3},
        {"aspect_ratio": "wide"},
    ],
)
def test_a_request_that_is_invalid(client, more):
    with pytest.raises(httpx.HTTPStatusError) as caught:
        client.call("POST", "/v1/flux-2-pro", json={"prompt": "x", **more})
    (said,) = caught.value.response.json()["detail"]
    assert caught.value.response.status_code == 422 and said["loc"][1] == next(iter(more)) and said["msg"]


@pytest.mark.mockserver(contract_violations="off")
def test_a_model_that_does_not_exist(client):
    with pytest.raises(httpx.HTTPStatusError) as caught:
        client.submit("flux-9", "x")
    assert caught.value.response.status_code == 404


def test_credits_are_spent_and_run_out(api):
    client = Client(api.account(credits=10).api_key)
    assert client.submit("flux-2-max", "x")["cost"] == 7
    assert client.submit("flux-2-klein-4b", "x")["cost"] == 1.4
    assert client.call("GET", "/v1/credits")["credits"] == pytest.approx(1.6)
    with pytest.raises(httpx.HTTPStatusError) as caught:
        client.submit("flux-2-pro", "x")
    assert (caught.value.response.status_code, caught.value.response.json()["error"]) == (
        402,
        "insufficient_credits",
    )


def test_the_25th_task_waits_for_one_to_end(client):
    urls = [client.submit("flux-2-pro", "x")["polling_url"] for _ in range(24)]
    refused = client.http.post("/v1/flux-2-pro", json={"prompt": "x"})
    assert (refused.status_code, refused.headers["retry-after"], refused.json()["retry_after"]) == (429, "5", 5)
    assert client.submit("flux-2-pro", "x")["id"]  # as Retry-After says
    assert {client.poll(url)["status"] for url in urls} == {"Ready"}


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_what_passes_is_asked_again(api, client, status):
    more = {"retry_after": "seconds", "wait": 3} if status == 429 else {}
    api.fault("status", operation="generate", status=status, times=2, **more)
    assert client.generate("flux-2-pro", "x")["status"] == "Ready"
    api.fault("status", operation="getResult", status=status, times=2, **more)
    assert client.generate("flux-2-pro", "x")["status"] == "Ready"


def signed(body, secret):
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("prompt", "status"), [("x", "Ready"), ("mock:fail", "Error"), ("mock:moderated", "Content Moderated")]
)
def test_a_webhook_is_signed_by_the_secret_of_its_request(sandbox, client, webhook_inbox, prompt, status):
    made = client.submit("flux-2-pro", prompt, webhook_url=webhook_inbox.url, webhook_secret="opensesame")
    assert made == {"id": made["id"], "status": "Pending", "webhook_url": webhook_inbox.url}
    sandbox.clock.advance(20)
    (told,) = webhook_inbox.wait(1)
    assert (told.json["id"], told.json["status"]) == (made["id"], status) and told.verified
    assert told.headers["x-bfl-signature"] == signed(told.body, "opensesame")
    if status == "Ready":
        assert httpx.get(told.json["result"]["sample"]).status_code == 200
    else:
        assert told.json["error"] and told.json["message"]


def test_each_request_has_a_secret_of_its_own_or_none(sandbox, client, webhook_inbox):
    for more in ({"webhook_secret": "one"}, {"webhook_secret": "two"}, {}):
        client.submit("flux-2-pro", "x", webhook_url=webhook_inbox.url, **more)
        sandbox.clock.advance(20)
    one, two, none = webhook_inbox.wait(3)
    assert [one.headers["x-bfl-signature"], two.headers["x-bfl-signature"]] == [
        signed(one.body, "one"),
        signed(two.body, "two"),
    ]
    assert "x-bfl-signature" not in none.headers


def test_a_webhook_that_is_not_taken_comes_again(sandbox, client, webhook_inbox):
    webhook_inbox.answer(500, times=2)
    client.submit("flux-2-pro", "x", webhook_url=webhook_inbox.url, webhook_secret="one")
    sandbox.clock.advance(60)
    assert len(webhook_inbox.wait(3)) == 3


def test_async(api):
    async def generate(http, prompt):
        made = (await http.post("/v1/flux-2-pro", json={"prompt": prompt})).raise_for_status().json()
        while True:
            found = (await http.get(made["polling_url"])).raise_for_status().json()
            if found["status"] != "Pending":
                return found["result"]["prompt"]
            await asyncio.sleep(0.5)

    async def walk():
        async with httpx.AsyncClient(base_url="https://api.bfl.ai", headers={"x-key": api.api_key}) as http:
            return await asyncio.gather(*(generate(http, prompt) for prompt in "abc"))

    assert asyncio.run(walk()) == ["a", "b", "c"]
'''


def test_a_plain_client_drives_tasks(pytester: pytest.Pytester) -> None:
    run_suite(pytester, "bfl", SUITE, least=31)
