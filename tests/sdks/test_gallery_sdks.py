"""The SDKs of fal and Replicate, unmodified and with their own hosts, drive the gallery's contracts in virtual time.

What does not apply. fal-client: `realtime` and `ws_connect` are WebSockets, `run` by GET and a time-out of the server's
own before a run (`start_timeout`) are not in the contract; its stream of a status has no method, a plain client reads
it. replicate: models, deployments, trainings, hardware, files and collections are other resources than predictions.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

import pytest
from sdk_kit import run_suite

Run = Callable[[str], None]
HEAD = "import pytest\n"


@pytest.fixture
def suite(pytester: pytest.Pytester) -> Run:
    """Runs tests that use the plugin with the gallery's fal and Replicate; all must pass."""

    def run(body: str) -> None:
        run_suite(pytester, "fal replicate", HEAD + body)

    return run


FAL = """
import asyncio
import hashlib
import fal_client
import httpx
import jwt
from httpx_sse import connect_sse
from PIL import Image

APP = "fal-ai/flux/dev"

@pytest.fixture
def client(sandbox, intercept, fast_forward):
    return fal_client.SyncClient(key=sandbox.api("fal").api_key)

@pytest.fixture
def aclient(sandbox, intercept, fast_forward):
    return fal_client.AsyncClient(key=sandbox.api("fal").api_key)

def test_submit_and_get(client):
    handle = client.submit(APP, {"prompt": "A cliff", "seed": 11})
    assert isinstance(handle.status(), fal_client.Queued)
    found = handle.get()
    assert (found["prompt"], found["seed"]) == ("A cliff", 11)
    assert httpx.get(found["images"][0]["url"]).content[:4] == b"\\x89PNG"

def test_the_states_come_in_their_order(client):
    kinds = [type(each).__name__ for each in client.submit(APP, {"prompt": "x"}).iter_events(with_logs=True)]
    assert list(dict.fromkeys(kinds)) == ["Queued", "InProgress", "Completed"]

@pytest.mark.parametrize("app", ["fal-ai/flux", "fal-ai/flux/dev", "fal-ai/kling/v1/i2v", "fal-ai/kling/v1/pro/i2v"])
def test_subscribe(client, app):
    seen = []
    found = client.subscribe(app, {"prompt": "x"}, on_queue_update=lambda s: seen.append(s), on_enqueue=seen.append)
    assert found["prompt"] == "x" and len(seen) > 2

def test_by_the_id_alone(client):
    handle = client.submit(APP, {"prompt": "x"})
    assert isinstance(client.status(APP, handle.request_id), fal_client.Queued)
    handle.get()
    assert client.result(APP, handle.request_id)["prompt"] == "x"

def test_another_app_does_not_know_the_request(client):
    handle = client.submit(APP, {"prompt": "x"})
    with pytest.raises(fal_client.FalClientHTTPError) as caught:
        client.status("fal-ai/other", handle.request_id)
    assert caught.value.status_code == 404

def test_cancel(client):
    handle = client.submit(APP, {"prompt": "x"})
    handle.cancel()
    status = handle.status()
    assert isinstance(status, fal_client.Completed) and status.error_type == "client_cancelled"
    with pytest.raises(fal_client.FalClientHTTPError) as caught:
        handle.cancel()
    assert caught.value.status_code == 400

def test_a_failure(client, sandbox):
    sandbox.api("fal").next_job(outcome="FAILED", error="Out of memory")
    handle = client.submit(APP, {"prompt": "x"})
    with pytest.raises(fal_client.FalClientHTTPError) as caught:
        handle.get()
    assert caught.value.status_code == 422 and "Out of memory" in str(caught.value)

def test_a_wrong_key(intercept, fast_forward):
    with pytest.raises(fal_client.FalClientHTTPError) as caught:
        fal_client.SyncClient(key="wrong").submit(APP, {"prompt": "x"})
    assert caught.value.status_code == 401

def test_a_busy_service_is_asked_again(client, sandbox):
    sandbox.api("fal").fault("status", operation="status", status=429, times=2)
    assert client.submit(APP, {"prompt": "x"}).get()["prompt"] == "x"

def test_a_webhook_is_signed_with_a_published_key(client, sandbox, webhook_inbox):
    handle = client.submit(APP, {"prompt": "x"}, webhook_url=webhook_inbox.url)
    handle.get()
    (told,) = webhook_inbox.wait(1)
    assert told.json["request_id"] == handle.request_id and told.json["status"] == "OK"
    said = [told.headers[f"x-fal-webhook-{name}"] for name in ("request-id", "user-id", "timestamp")]
    message = "\\n".join([*said, hashlib.sha256(told.body).hexdigest()]).encode()
    keys = httpx.get("https://rest.alpha.fal.ai/.well-known/jwks.json").json()["keys"]
    signature = bytes.fromhex(told.headers["x-fal-webhook-signature"])
    jwt.PyJWK(keys[0]).key.verify(signature, message)
    with pytest.raises(Exception):
        jwt.PyJWK(keys[0]).key.verify(signature, message + b" ")

def test_logs_that_were_asked_for(client):
    handle = client.submit(APP, {"prompt": "x"})
    *_, last = handle.iter_events(with_logs=True)
    assert [each["message"] for each in last.logs] == ["Loading the model", "Sampling", "Decoding"]
    assert handle.status().logs is None

def test_the_stream_of_a_status(client, sandbox):
    handle = client.submit(APP, {"prompt": "x"})
    headers = {"Authorization": f"Key {sandbox.api('fal').api_key}"}
    with connect_sse(httpx.Client(headers=headers), "GET", handle.status_url + "/stream") as source:
        states = [each.json()["status"] for each in source.iter_sse()]
    assert list(dict.fromkeys(states)) == ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]

@pytest.mark.parametrize("app", ["fal-ai/flux", "fal-ai/flux/dev", "fal-ai/kling/v1/i2v", "fal-ai/kling/v1/pro/i2v"])
def test_run_asks_the_models_own_host_and_waits(client, sandbox, app):
    found = client.run(app, {"prompt": "A cliff", "seed": 11})
    assert (found["prompt"], found["seed"]) == ("A cliff", 11)
    assert httpx.get(found["images"][0]["url"]).content[:4] == b"\\x89PNG"
    assert [entry.operation[:3] for entry in sandbox.api("fal").journal if entry.operation][:1] == ["run"]

def test_run_at_a_path_of_the_model(client):
    assert client.run("fal-ai/flux", {"prompt": "x"}, path="/dev", hint="warm")["prompt"] == "x"

def test_a_run_that_fails(client, sandbox):
    sandbox.api("fal").next_job(outcome="FAILED", error="Out of memory")
    with pytest.raises(fal_client.FalClientHTTPError) as caught:
        client.run(APP, {"prompt": "x"})
    assert caught.value.status_code == 422 and "Out of memory" in str(caught.value)
    with pytest.raises(fal_client.FalClientHTTPError) as caught:
        fal_client.SyncClient(key="wrong").run(APP, {"prompt": "x"})
    assert caught.value.status_code == 401

def test_a_run_is_tried_again(client, sandbox):
    sandbox.api("fal").fault("status", operation="runPath", status=429, times=2)
    assert client.run(APP, {"prompt": "x"})["prompt"] == "x"

def test_the_backup_domain_answers_as_the_models_own_host(sandbox, client):
    key = {"Authorization": f"Key {sandbox.api('fal').api_key}"}
    answer = httpx.post(f"https://falrun.com/{APP}", json={"prompt": "x"}, headers=key, timeout=None)
    assert answer.json()["prompt"] == "x"

@pytest.mark.parametrize("app", ["fal-ai/flux", "fal-ai/flux/dev", "fal-ai/kling/v1/i2v"])
def test_a_stream_of_what_a_model_puts_out(client, app):
    *others, last = client.stream(app, {"prompt": "A cliff"})
    assert [each["progress"] for each in others] == [0.25, 0.5, 0.75]
    assert last["prompt"] == "A cliff" and httpx.get(last["images"][0]["url"]).status_code == 200

def test_a_stream_of_a_model_that_fails(client, sandbox):
    sandbox.api("fal").next_job(outcome="FAILED", error="Out of memory")
    assert [*client.stream(APP, {"prompt": "x"})][-1] == {"detail": "Out of memory"}

@pytest.mark.parametrize("repository", ["fal_v3", "cdn", "fal"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_upload(client, repository):
    url = client.upload(b"a cliff", "text/plain", "cliff.txt", repository=repository)
    assert httpx.get(url).content == b"a cliff"

def test_an_upload_falls_back(client, sandbox):
    sandbox.api("fal").fault("status", operation="uploadFile", status=400, times=1)
    assert httpx.get(client.upload(b"a cliff", "text/plain")).content == b"a cliff"

def test_upload_a_picture(client):
    url = client.upload_image(Image.new("RGB", (4, 4)), format="png")
    assert httpx.get(url).content[:4] == b"\\x89PNG"

def test_upload_a_file_in_parts(client, tmp_path):
    path = tmp_path / "cliff.bin"
    path.write_bytes(bytes(range(256)) * 100)
    assert httpx.get(client.upload_file(path)).content == path.read_bytes()
    url = fal_client.client.MultipartUpload.save_file(
        file_path=str(path), client=client._get_cdn_client(), token_manager=client._token_manager,
        chunk_size=10_000, max_concurrency=1)
    assert httpx.get(url if isinstance(url, str) else url[0]).content == path.read_bytes()

def test_result_and_cancel_by_the_id(client):
    handle = client.submit(APP, {"prompt": "x"}, priority="low", start_timeout=10)
    assert client.get_handle(APP, handle.request_id).request_id == handle.request_id
    client.cancel(APP, handle.request_id)
    with pytest.raises(fal_client.FalClientHTTPError) as caught:
        client.result(APP, handle.request_id)
    assert caught.value.status_code == 400

def test_a_patience_of_its_own(client, sandbox):
    assert client.subscribe(APP, {"prompt": "x"}, client_timeout=60)["prompt"] == "x"

def test_async(aclient):
    async def walk():
        handle = await aclient.submit(APP, {"prompt": "x"})
        found = await handle.get()
        other = await aclient.subscribe(APP, {"prompt": "y"})
        return found["prompt"] + other["prompt"]
    assert asyncio.run(walk()) == "xy"

def test_async_runs_and_streams(aclient, sandbox):
    async def walk():
        found = await aclient.run(APP, {"prompt": "A cliff"})
        told = [each async for each in aclient.stream(APP, {"prompt": "A dog"})]
        sandbox.api("fal").next_job(outcome="FAILED", error="Out of memory")
        with pytest.raises(fal_client.FalClientHTTPError) as caught:
            await aclient.run(APP, {"prompt": "x"})
        return found["prompt"], told[-1]["prompt"], caught.value.status_code
    assert asyncio.run(walk()) == ("A cliff", "A dog", 422)

def test_async_by_the_id(aclient):
    async def walk():
        handle = await aclient.submit(APP, {"prompt": "x"})
        states = [type(each).__name__ async for each in handle.iter_events(with_logs=True)]
        again = await aclient.get_handle(APP, handle.request_id)
        assert (await aclient.result(APP, handle.request_id))["prompt"] == "x"
        assert isinstance(await aclient.status(APP, handle.request_id), fal_client.Completed)
        other = await aclient.submit(APP, {"prompt": "x"})
        await aclient.cancel(APP, other.request_id)
        with pytest.raises(fal_client.FalClientHTTPError) as caught:
            await other.cancel()
        return list(dict.fromkeys(states)), again.request_id == handle.request_id, caught.value.status_code
    assert asyncio.run(walk()) == (["Queued", "InProgress", "Completed"], True, 400)

def test_async_uploads(aclient, tmp_path):
    path = tmp_path / "cliff.bin"
    path.write_bytes(bytes(range(256)) * 100)
    async def walk():
        urls = [await aclient.upload(b"a cliff", "text/plain", repository=each) for each in ("fal_v3", "fal")]
        urls.append(await aclient.upload_file(path))
        urls.append(await aclient.upload_image(Image.new("RGB", (4, 4)), format="png"))
        return urls
    one, two, file, picture = [httpx.get(url).content for url in asyncio.run(walk())]
    assert one == two == b"a cliff" and file == path.read_bytes() and picture[:4] == b"\\x89PNG"
"""

REPLICATE = """
import asyncio
import httpx
import replicate
from replicate.exceptions import ModelError, ReplicateError

@pytest.fixture
def client(sandbox, intercept, fast_forward):
    return replicate.Client(api_token=sandbox.api("replicate").api_key)

def test_a_prediction_from_its_creation_to_its_end(client):
    made = client.models.predictions.create(model=("acme", "flux"), input={"prompt": "A cliff"})
    assert (made.status, made.model, made.input) == ("starting", "acme/flux", {"prompt": "A cliff"})
    made.wait()
    assert made.status == "succeeded" and made.started_at and made.completed_at and made.metrics["predict_time"] > 0
    assert made.progress.percentage == 1.0
    assert httpx.get(made.output[0]).content[:4] == b"\\x89PNG"

def test_run(client):
    (url,) = client.run("acme/flux", input={"prompt": "x"}, use_file_output=False)
    assert url.startswith("http")

def test_run_waits_in_one_request(client, sandbox):
    client.run("acme/flux", input={"prompt": "x"}, use_file_output=False)
    asked = [entry.operation for entry in sandbox.api("replicate").journal]
    assert asked == ["createModelPrediction"]

@pytest.mark.parametrize("wait", [1, True, False])
def test_a_wait_of_so_many_seconds(client, sandbox, wait):
    sandbox.api("replicate").next_job(queued=2, running=8)
    made = client.predictions.create(version="v", input={"prompt": "x"}, wait=wait)
    assert made.status == ("succeeded" if wait is True else "starting")

def test_a_stream(client):
    events = list(client.stream("acme/flux", input={"prompt": "x"}, use_file_output=False))
    kinds = [each.event.value for each in events]
    assert kinds[-1] == "done" and kinds.count("output") == 3 and kinds.count("logs") == 3
    assert "".join(map(str, events)) == " lighthouse" * 3

def test_the_stream_of_a_prediction(client):
    made = client.predictions.create(version="v", input={"prompt": "x"}, stream=True)
    assert [each.event.value for each in made.stream()][-1] == "done"
    with pytest.raises(ReplicateError, match="does not support streaming"):
        list(client.predictions.create(version="v", input={}).stream())

def test_the_stream_of_a_failure_and_of_a_cancellation(client, sandbox):
    sandbox.api("replicate").next_job(outcome="failed", error="CUDA out of memory")
    with pytest.raises(RuntimeError, match="CUDA out of memory"):
        list(client.stream("acme/flux", input={}))
    made = client.predictions.create(version="v", input={}, stream=True)
    made.cancel()
    (event,) = made.stream()
    assert (event.event.value, event.data) == ("done", '{"reason":"canceled"}')

def test_by_version_and_by_id(client):
    made = client.predictions.create(version="a" * 64, input={"prompt": "x"})
    assert made.version == "a" * 64
    assert client.predictions.get(made.id).id == made.id

def test_cancel(client):
    made = client.predictions.create(version="v", input={})
    made.cancel()
    assert client.predictions.get(made.id).status == "canceled"
    with pytest.raises(ReplicateError) as caught:
        made.cancel()
    assert caught.value.status == 422

def test_a_failure(client, sandbox):
    sandbox.api("replicate").next_job(outcome="failed", error="CUDA out of memory")
    with pytest.raises(ModelError, match="CUDA out of memory"):
        client.run("acme/flux", input={"prompt": "x"})

def test_an_unknown_model_and_an_unknown_id(client):
    for ask in (lambda: client.run("acme/nothing", input={}), lambda: client.predictions.get("x" * 26)):
        with pytest.raises(ReplicateError) as caught:
            ask()
        assert caught.value.status == 404

def test_a_wrong_token(intercept, fast_forward):
    with pytest.raises(ReplicateError) as caught:
        replicate.Client(api_token="wrong").predictions.list()
    assert caught.value.status == 401

def test_a_list_to_its_end(client):
    ids = [client.predictions.create(version="v", input={}).id for _ in range(101)]
    pages = [client.predictions.list()]
    while pages[-1].next:
        pages.append(client.predictions.list(pages[-1].next))
    assert [len(page) for page in pages] == [100, 1]
    assert [each.id for page in pages for each in page] == ids[::-1]

def test_a_model(client):
    assert client.models.get("acme/flux").name == "flux"

def test_webhooks_that_were_asked_for(client, webhook_inbox):
    made = client.predictions.create(
        version="v", input={"prompt": "x"}, webhook=webhook_inbox.url, webhook_events_filter=["start", "completed"])
    made.wait()
    told = webhook_inbox.wait(2)
    assert [each.json["status"] for each in told] == ["starting", "succeeded"]
    client.predictions.create(
        version="v", input={}, webhook=webhook_inbox.url, webhook_events_filter=["completed"]).wait()
    assert [each.json["status"] for each in webhook_inbox.wait(3)][2:] == ["succeeded"]

@pytest.mark.parametrize(("events", "count"), [(["logs"], 3), (["output"], 3), (["logs", "output", "completed"], 6)])
def test_webhooks_of_what_happens_meanwhile(client, sandbox, webhook_inbox, events, count):
    sandbox.api("replicate").next_job(queued=1, running=40, outcome="succeeded")
    client.predictions.create(
        version="v", input={}, webhook=webhook_inbox.url, webhook_events_filter=events).wait()
    told = [each.json for each in webhook_inbox.wait(count)]
    assert len(webhook_inbox.received) == len(told)
    assert {each["status"] for each in told if not each["completed_at"]} == {"processing"}
    assert [each["logs"].count("\\n") for each in told] == sorted(each["logs"].count("\\n") for each in told)

def test_a_prediction_is_canceled_after_its_time(sandbox, intercept, fast_forward):
    sandbox.api("replicate").next_job(queued=1, running=600)
    key = sandbox.api("replicate").api_key
    headers = {"Authorization": f"Bearer {key}", "Cancel-After": "1m30s"}
    made = replicate.Client(api_token=key, headers=headers).predictions.create(version="v", input={})
    made.wait()
    assert made.status == "canceled" and made.completed_at

def test_async(client):
    async def walk():
        made = await client.predictions.async_create(version="v", input={"prompt": "x"})
        await made.async_wait()
        return made.status
    assert asyncio.run(walk()) == "succeeded"

def test_async_streams_waits_and_cancellations(client, sandbox):
    async def walk():
        events = [each async for each in await client.async_stream("acme/flux", input={}, use_file_output=False)]
        (url,) = await client.async_run("acme/flux", input={}, use_file_output=False)
        made = await client.predictions.async_create(version="v", input={}, stream=True)
        told = [each.event.value async for each in made.async_stream()]
        other = await client.predictions.async_create(version="v", input={})
        await other.async_cancel()
        await other.async_reload()
        page = await client.predictions.async_list()
        again = await client.predictions.async_get(made.id)
        return events[-1].event.value, url[:4], told[-1], other.status, len(page), again.status
    assert asyncio.run(walk()) == ("done", "http", "done", "canceled", 4, "succeeded")
"""


@pytest.mark.skipif(find_spec("fal_client") is None, reason="the dependency group sdks is not installed")
def test_fal_client_drives_the_queue(suite: Run) -> None:
    suite(FAL)


@pytest.mark.skipif(find_spec("replicate") is None, reason="the dependency group sdks is not installed")
def test_replicate_drives_predictions(suite: Run) -> None:
    suite(REPLICATE)
