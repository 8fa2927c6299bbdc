"""The SDK of Runway, unmodified and with its own host, drives the gallery's contract in virtual time.

Each method of the resources that make tasks, of `tasks`, `organization` and `uploads`, sync and async, meets success,
raw and streamed answers, each error class, retries, time-outs and a broken connection. What does not apply:
`uploads.create_ephemeral` has raw and streamed variants that break in the SDK (it reads fields of the raw answer), and
no answer of the API is read in pages. `avatars`, `avatar_videos`, `avatar_conversations`, `documents`, `generate`,
`realtime_sessions`, `recipes`, `routers`, `voices`, `workflows` and `workflow_invocations` are not in the contract.
"""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from sdk_kit import run_suite

RUNWAY = '''
import asyncio
import io
import time

import httpx
import pytest
import runwayml
from runwayml import AsyncRunwayML, RunwayML
from runwayml.lib.polling import TaskFailedError, TaskTimeoutError

pytestmark = pytest.mark.mockserver(contract_violations="off")
IMAGE, VIDEO, SOUND = (f"https://example.com/a.{kind}" for kind in ("png", "mp4", "mp3"))
CREATES = {
    "image_to_video": dict(model="gen4_turbo", prompt_image=IMAGE, ratio="1280:720", duration=2),
    "text_to_video": dict(model="veo3.1", prompt_text="x", ratio="1280:720", duration=4),
    "video_to_video": dict(model="aleph2", video_uri=VIDEO, prompt_text="x"),
    "text_to_image": dict(model="gen4_image", prompt_text="x", ratio="1920:1080"),
    "image_upscale": dict(model="magnific_precision_upscaler_v2", image_uri=IMAGE),
    "video_upscale": dict(model="magnific_video_upscaler_creative", video_uri=VIDEO),
    "character_performance": dict(
        model="act_two", character={"type": "image", "uri": IMAGE}, reference={"type": "video", "uri": VIDEO}),
    "sound_effect": dict(model="eleven_text_to_sound_v2", prompt_text="x", duration=1.5),
    "text_to_speech": dict(
        model="eleven_multilingual_v2", prompt_text="x", voice={"type": "runway-preset", "preset_id": "Maya"}),
    "speech_to_speech": dict(
        model="eleven_multilingual_sts_v2", media={"type": "audio", "uri": SOUND},
        voice={"type": "runway-preset", "preset_id": "Noah"}),
    "voice_dubbing": dict(model="eleven_voice_dubbing", audio_uri=SOUND, target_lang="es"),
    "voice_isolation": dict(model="eleven_voice_isolation", audio_uri=SOUND),
    "video_to_audio": dict(model="mirelo_sfx_2_0", video_uri=VIDEO, duration=1),
    "video_to_hdr": dict(model="ruby", video_uri=VIDEO),
}
BEGINS = {"text_to_image": b"\\x89PNG", "image_upscale": b"\\x89PNG"}
BEGINS |= dict.fromkeys(["sound_effect", "text_to_speech", "speech_to_speech", "voice_dubbing", "voice_isolation",
                         "video_to_audio"], b"ID3")
FILE = ("a.png", b"\\x89PNG\\r\\n\\x1a\\n" + bytes(600), "image/png")
METHODS = {f"{name}.create": values for name, values in CREATES.items()}
METHODS |= {
    "tasks.retrieve": {}, "tasks.delete": {}, "organization.retrieve": {},
    "organization.retrieve_usage": dict(start_date="2026-05-01"),
    "uploads.create_ephemeral": dict(file=FILE),
}
OPERATIONS = {"tasks.retrieve": "getTask", "tasks.delete": "deleteTask", "organization.retrieve": "getOrganization",
              "organization.retrieve_usage": "getUsage", "uploads.create_ephemeral": "createUpload"}
ERRORS = {
    400: runwayml.BadRequestError, 401: runwayml.AuthenticationError, 403: runwayml.PermissionDeniedError,
    404: runwayml.NotFoundError, 409: runwayml.ConflictError, 422: runwayml.UnprocessableEntityError,
    429: runwayml.RateLimitError, 502: runwayml.InternalServerError, 503: runwayml.InternalServerError,
}
AGAIN = (409, 429, 502, 503)
KINDS = pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
EACH = pytest.mark.parametrize("name", METHODS)


class Both:
    """One client, sync or async: what is called is awaited where it must be."""

    def __init__(self, client, runner=None):
        self.client, self.runner, self.is_async = client, runner, runner is not None

    def run(self, walk):
        """Have `walk(client, wait)` done, where `wait` awaits what the client gives back."""
        if self.is_async:
            async def wait(value):
                return await value
            return self.runner.run(walk(self.client, wait))
        async def same(value):
            return value
        try:
            walk(self.client, same).send(None)
        except StopIteration as done:
            return done.value

    def call(self, name, *args, **values):
        resource, method = name.split(".")
        async def walk(client, wait):
            return await wait(getattr(getattr(client, resource), method)(*args, **values))
        return self.run(walk)

    def having(self, **options):
        return Both(self.client.with_options(**options), self.runner)


BASE = RunwayML(api_key="x")  # its contexts of TLS are made once

@pytest.fixture
def api(sandbox, intercept, fast_forward):
    return sandbox.api("runway")

@pytest.fixture
def client(api):
    return BASE.with_options(api_key=api.api_key)

@pytest.fixture
def both(api, client, is_async):
    if not is_async:
        yield Both(client)
        return
    with asyncio.Runner() as runner:
        other = AsyncRunwayML(api_key=api.api_key)
        yield Both(other, runner)
        runner.run(other.close())

def arguments(both, name):
    """What a method takes, as it is called now."""
    ids = [both.call("text_to_image.create", **CREATES["text_to_image"]).id] if name.startswith("tasks.") else []
    return ids, METHODS[name]


# --- success

@KINDS
@pytest.mark.parametrize("name", CREATES)
def test_a_task_is_made_awaited_and_its_output_fetched(both, name):
    async def walk(client, wait):
        made = await wait(getattr(client, name).create(**CREATES[name]))
        assert made.estimated_cost.credits > 0
        return await wait(made.wait_for_task_output())
    done = both.run(walk)
    assert done.status == "SUCCEEDED" and done.cost.credits > 0
    if both.is_async:  # the same bytes, drawn once
        return
    data = httpx.get(done.output[0]).content
    assert data.startswith(BEGINS[name]) if name in BEGINS else data[4:8] == b"ftyp"

@KINDS
@EACH
def test_each_method_succeeds_raw_and_streamed_too(both, name):
    ids, values = arguments(both, name)
    assert both.call(name, *ids, **values) is not None or name == "tasks.delete"
    if name == "uploads.create_ephemeral":
        return
    async def walk(client, wait):
        resource, method = name.split(".")
        raw = await wait(getattr(getattr(client, resource).with_raw_response, method)(*ids, **values))
        assert (raw.retries_taken, raw.http_request.headers["x-runway-version"]) == (0, "2024-11-06")
        streamed = getattr(getattr(client, resource).with_streaming_response, method)(*ids, **values)
        if both.is_async:
            async with streamed as answer:
                return raw.status_code, await raw.parse(), answer.status_code, await answer.parse()
        with streamed as answer:
            return raw.status_code, raw.parse(), answer.status_code, answer.parse()
    if name == "tasks.delete":
        with pytest.raises(runwayml.NotFoundError):  # a cancelled one is deleted, and then there is none
            both.run(walk)
    else:
        status, one, again, other = both.run(walk)
        assert status == again == 200 and type(one).__name__ == type(other).__name__

@KINDS
def test_a_task_goes_through_its_states(both, api):
    api.next_job(passes=["THROTTLED"], queued=8, running=20)
    async def walk(client, wait):
        made = await wait(client.text_to_image.create(**CREATES["text_to_image"]))
        seen = []
        while not seen or seen[-1].status != "SUCCEEDED":
            seen.append(await wait(client.tasks.retrieve(made.id)))
            await asyncio.sleep(1) if both.is_async else time.sleep(1)
        return seen
    seen = both.run(walk)
    assert list(dict.fromkeys(each.status for each in seen)) == ["PENDING", "THROTTLED", "RUNNING", "SUCCEEDED"]
    progress = [each.progress for each in seen if each.status == "RUNNING"]
    assert progress == sorted(progress) and 0 <= progress[0] < progress[-1] < 1
    assert {each.estimated_cost.credits for each in seen[:-1]} == {seen[-1].cost.credits}
    assert len({each.created_at for each in seen}) == 1

@pytest.mark.parametrize(
    "prompt, status", [("mock:fail", "FAILED"), ("mock:throttled", "SUCCEEDED"), ("mock:slow", "SUCCEEDED")])
def test_prompts_that_say_what_becomes_of_a_task(client, fast_forward, prompt, status):
    made = client.text_to_video.create(**{**CREATES["text_to_video"], "prompt_text": prompt})
    try:
        done = made.wait_for_task_output()
    except TaskFailedError as error:
        done = error.task_details
    assert done.status == status and (fast_forward.elapsed > 190) == (prompt == "mock:slow")

def test_what_was_asked_for_is_what_is_made(client):
    made = client.image_to_video.create(
        model="gen4.5", prompt_image=[{"uri": IMAGE, "position": "first"}], prompt_text="x", ratio="720:1280",
        duration=2)
    data = httpx.get(made.wait_for_task_output().output[0]).content
    place = data.index(b"tkhd") + 4 + 76  # width and height of the track, 16.16
    assert [int.from_bytes(data[place + n:place + n + 2], "big") for n in (0, 4)] == [720, 1280]

def test_a_task_that_was_retrieved_can_be_awaited(client):
    made = client.text_to_image.create(**CREATES["text_to_image"])
    assert client.tasks.retrieve(made.id).wait_for_task_output().status == "SUCCEEDED"

def test_outputs_expire(client, fast_forward):
    done = client.text_to_image.create(**CREATES["text_to_image"]).wait_for_task_output()
    time.sleep(2 * 86400)
    assert httpx.get(done.output[0]).status_code == 403
    assert httpx.get(client.tasks.retrieve(done.id).output[0]).status_code == 200


# --- how a task ends otherwise

@KINDS
def test_a_failure_has_a_reason_and_a_code(both, api):
    api.next_job(outcome="FAILED", error={"message": "Rejected", "code": "SAFETY.INPUT.TEXT"})
    async def walk(client, wait):
        made = await wait(client.text_to_image.create(**CREATES["text_to_image"]))
        await wait(made.wait_for_task_output())
    with pytest.raises(TaskFailedError) as caught:
        both.run(walk)
    task = caught.value.task_details
    assert (task.status, task.cost.credits) == ("FAILED", 0)
    assert (task.failure, task.failure_code) == ("Rejected", "SAFETY.INPUT.TEXT")

@KINDS
def test_waiting_ends_with_the_time_that_was_given(both, api, fast_forward):
    api.scenario("stuck")
    async def walk(client, wait):
        made = await wait(client.text_to_image.create(**CREATES["text_to_image"]))
        await wait(made.wait_for_task_output(timeout=120))
    with pytest.raises(TaskTimeoutError) as caught:
        both.run(walk)
    assert caught.value.task_details.status == "RUNNING" and 120 < fast_forward.elapsed < 140

@KINDS
def test_who_waits_for_a_cancelled_task_is_told(both):
    async def walk(client, wait):
        made = await wait(client.text_to_image.create(**CREATES["text_to_image"]))
        await wait(client.tasks.delete(made.id))
        await wait(made.wait_for_task_output(timeout=60))
    with pytest.raises(TaskFailedError if both.is_async else TaskTimeoutError) as caught:  # the sync one does not look
        both.run(walk)
    assert caught.value.task_details.status == "CANCELLED"

@KINDS
@pytest.mark.parametrize("seconds, cost", [(0, 0), (10, 8)])
def test_a_cancelled_task_costs_what_it_had_begun(both, api, seconds, cost):
    api.next_job(queued=5, running=60)
    task = both.call("text_to_image.create", **CREATES["text_to_image"]).id
    time.sleep(seconds)
    assert both.call("tasks.delete", task) is None
    found = both.call("tasks.retrieve", task)
    assert (found.status, found.cost.credits) == ("CANCELLED", cost)
    time.sleep(2 * 86400)
    with pytest.raises(runwayml.NotFoundError):
        both.call("tasks.retrieve", task)

@KINDS
@pytest.mark.parametrize("outcome", ["SUCCEEDED", "FAILED"])
def test_a_task_that_has_ended_is_deleted(both, api, outcome):
    api.next_job(outcome=outcome, queued=1, running=1)
    task = both.call("text_to_image.create", **CREATES["text_to_image"]).id
    time.sleep(3)
    assert both.call("tasks.delete", task) is None
    for name in ("tasks.retrieve", "tasks.delete"):
        with pytest.raises(runwayml.NotFoundError):
            both.call(name, task)


# --- errors, by each method

@KINDS
@EACH
def test_each_method_has_each_error(both, api, name):
    ids, values = arguments(both, name)
    for status, kind in ERRORS.items():
        api.fault("status", operation=OPERATIONS.get(name), status=status, times=3 if status in AGAIN else 1)
        with pytest.raises(kind) as caught:
            both.call(name, *ids, **values)
        assert (type(caught.value), caught.value.status_code) == (kind, status)

@KINDS
@EACH
def test_each_method_is_tried_again_and_gives_up_on_a_service_that_is_silent_or_gone(both, api, name):
    ids, values = arguments(both, name)
    once = both.having(max_retries=0)
    for fault, kind in (("hang", runwayml.APITimeoutError), ("reset_before_headers", runwayml.APIConnectionError)):
        api.fault(fault, operation=OPERATIONS.get(name), times=1)
        with pytest.raises(kind) as caught:
            once.call(name, *ids, **values)
        assert type(caught.value) is kind
    for fault in ({"fault": "status", "status": 503}, {"fault": "reset_before_headers"}):
        api.fault(**fault, operation=OPERATIONS.get(name), times=1)
    both.call(name, *ids, **values)

@KINDS
@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504])
def test_statuses_that_are_tried_again(both, api, fast_forward, status):
    api.fault("status", status=status, times=2)
    assert both.call("text_to_image.create", **CREATES["text_to_image"]).id
    assert fast_forward.elapsed > 0.5

def test_retries_can_be_counted_and_switched_off(client, api):
    api.fault("status", status=503, times=1)
    assert client.organization.with_raw_response.retrieve().retries_taken == 1
    api.fault("status", status=503, times=1)
    with pytest.raises(runwayml.InternalServerError):
        client.with_options(max_retries=0).organization.retrieve()

def test_an_answer_that_is_no_json_and_one_that_lacks_a_field(client, api):
    api.fault("status", status=502, page="cloudflare", times=3)
    with pytest.raises(runwayml.InternalServerError) as caught:
        client.organization.retrieve()
    assert "<html" in str(caught.value.body).lower()


# --- what the service itself refuses

@KINDS
def test_who_asks_and_in_which_version_is_checked(both):
    no_version = both.having(default_headers={"X-Runway-Version": runwayml._types.Omit()})
    for other, kind in (
        (both.having(api_key="key_wrong"), runwayml.AuthenticationError),
        (both.having(runway_version="2023-01-01"), runwayml.BadRequestError),
        (no_version, runwayml.BadRequestError),
    ):
        with pytest.raises(kind):
            other.call("organization.retrieve")

def test_no_key_is_no_client(monkeypatch):
    monkeypatch.delenv("RUNWAYML_API_SECRET", raising=False)
    with pytest.raises(runwayml.RunwayMLError):
        RunwayML()

def test_a_key_that_was_disabled(api):
    with pytest.raises(runwayml.AuthenticationError, match="disabled"):
        BASE.with_options(api_key=api.account(state="deactivated").api_key).organization.retrieve()

@pytest.mark.parametrize("name, change, field", [
    ("image_to_video", dict(prompt_image="ftp://example.com/a.png"), "promptImage"),
    ("image_to_video", dict(prompt_image="https://example.com/" + "a" * 2048), "promptImage"),
    ("image_to_video", dict(prompt_image="data:image/png;base64," + "A" * 5242880), "promptImage"),
    ("image_to_video", dict(ratio="3:2"), "ratio"),
    ("image_to_video", dict(seed=-1), "seed"),
    ("text_to_video", dict(model="gen2"), "model"),
    ("text_to_video", dict(prompt_text=""), "promptText"),
    ("character_performance", dict(expression_intensity=9), "expressionIntensity"),
    ("voice_dubbing", dict(target_lang="tlh"), "targetLang"),
])
def test_a_request_that_is_not_valid_says_where(client, name, change, field):
    with pytest.raises(runwayml.BadRequestError) as caught:
        getattr(client, name).create(**{**CREATES[name], **change})
    assert field in caught.value.body["error"] and caught.value.body["docUrl"]

def test_pictures_may_come_within_the_request_up_to_a_size(client):
    inline = "data:image/png;base64," + "A" * 5000000
    assert client.image_to_video.create(**{**CREATES["image_to_video"], "prompt_image": inline}).id
    pictures = [{"uri": inline, "position": "first"}] * 4
    with pytest.raises(runwayml.APIStatusError) as caught:
        client.image_to_video.create(**{**CREATES["image_to_video"], "prompt_image": pictures})
    assert caught.value.status_code == 413

def test_credits_are_spent_and_end(api):
    client = BASE.with_options(api_key=api.account(credits=15).api_key)
    assert client.organization.retrieve().credit_balance == 15
    client.image_to_video.create(**CREATES["image_to_video"])
    assert client.organization.retrieve().credit_balance == 5
    with pytest.raises(runwayml.BadRequestError, match="enough credits"):
        client.image_to_video.create(**CREATES["image_to_video"])

def test_a_second_has_its_price_and_a_failure_gives_it_back(api):
    client = BASE.with_options(api_key=api.account(credits=100).api_key)
    api.next_job(outcome="FAILED", queued=1, running=10)
    client.image_to_video.create(**{**CREATES["image_to_video"], "duration": 10})
    assert client.organization.retrieve().credit_balance == 50
    time.sleep(20)
    assert client.organization.retrieve().credit_balance == 100

def test_the_limit_of_a_day(client, api):
    api.scenario("overloaded")
    for _ in range(3):
        client.text_to_image.create(**CREATES["text_to_image"])
    with pytest.raises(runwayml.RateLimitError, match="daily limit"):
        client.text_to_image.create(**CREATES["text_to_image"])
    time.sleep(86400)
    assert client.text_to_image.create(**CREATES["text_to_image"]).id

@KINDS
def test_an_unknown_task_and_no_task(both):
    for name in ("tasks.retrieve", "tasks.delete"):
        with pytest.raises(runwayml.NotFoundError):
            both.call(name, "17f20503-6c24-4c16-946b-35dbbce2af2f")
        with pytest.raises(ValueError):
            both.call(name, "")

def test_another_account_does_not_know_the_task(client, api):
    made = client.text_to_image.create(**CREATES["text_to_image"])
    with pytest.raises(runwayml.NotFoundError):
        BASE.with_options(api_key=api.account().api_key).tasks.retrieve(made.id)


# --- uploads

@KINDS
@pytest.mark.parametrize("way", ["bytes", "path", "file", "metadata"])
def test_a_file_is_uploaded_and_used(both, tmp_path, way):
    path = tmp_path / "a.png"
    path.write_bytes(FILE[1])
    with path.open("rb") as opened:
        values = {"bytes": dict(file=FILE), "path": dict(file=path), "file": dict(file=opened),
                  "metadata": dict(file=FILE, file_metadata="{}")}[way]
        uri = both.call("uploads.create_ephemeral", **values).uri
    assert uri.startswith("runway://")
    for image in (uri, [{"uri": uri, "position": "first"}]):
        assert both.call("image_to_video.create", **{**CREATES["image_to_video"], "prompt_image": image}).id

@KINDS
def test_an_upload_expires_and_what_was_not_uploaded_is_unknown(both):
    uri = both.call("uploads.create_ephemeral", file=FILE).uri
    time.sleep(2 * 86400)
    for each in (uri, "runway://nothing"):
        with pytest.raises(runwayml.BadRequestError, match="upload"):
            both.call("image_upscale.create", model="magnific_precision_upscaler_v2", image_uri=each)

@KINDS
def test_a_file_without_a_name_and_a_store_that_refuses(both, api):
    for file in (b"x", io.BytesIO(b"x")):
        with pytest.raises(ValueError, match="filename"):
            both.call("uploads.create_ephemeral", file=file)
    api.fault("status", operation="putFile", status=403)
    with pytest.raises(runwayml.APIStatusError, match="Upload failed with status 403"):
        both.call("uploads.create_ephemeral", file=FILE)


# --- the organization

@KINDS
def test_limits_and_use_of_the_organization(both):
    found = both.call("organization.retrieve")
    assert found.tier.models["gen4_turbo"].max_daily_generations == 50
    assert found.usage.models["gen4_turbo"].daily_generations == 3
    used = both.call("organization.retrieve_usage", start_date="2026-05-01", before_date="2026-05-31")
    assert used.results[0].used_credits[0].model in used.models
    with pytest.raises(runwayml.BadRequestError, match="startDate"):
        both.call("organization.retrieve_usage", start_date="May")
'''


@pytest.mark.skipif(find_spec("runwayml") is None, reason="the dependency group sdks is not installed")
def test_runwayml_drives_tasks_and_uploads(pytester: pytest.Pytester) -> None:
    run_suite(pytester, "runway", RUNWAY)
