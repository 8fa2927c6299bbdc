"""The SDK of Luma, unmodified and with its own host, drives the gallery's contract in virtual time.

Each method of each resource (`ping`, `credits`, `generations` with `concepts`, `image` and `video`), sync and async,
meets success, raw and streamed answers, each error class, retries, time-outs and a broken connection. What does not
apply: the SDK has no poll helper, no pages of its own (`list` takes limit and offset), no uploads (files are addresses)
and no validator of callbacks, which bear no signature. Motion of the camera is a concept in this version.
"""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from sdk_kit import run_suite

LUMA = '''
import asyncio
import time

import httpx
import lumaai
import pytest
from lumaai import AsyncLumaAI, LumaAI

pytestmark = pytest.mark.mockserver(contract_violations="off")
IMAGE, VIDEO = "https://example.com/a.jpg", {"url": "https://example.com/a.mp4"}
SHORT = dict(model="ray-2", prompt="A cliff", resolution="540p")
PICTURE = dict(model="photon-1", prompt="A cliff")
REFRAME = dict(aspect_ratio="9:16", media=VIDEO)
CREATES = {
    "generations.create": ("createVideo", SHORT),
    "generations.video.create": ("createVideo", {**SHORT, "concepts": [{"key": "orbit_left"}]}),
    "generations.video.modify": (
        "modifyVideo", dict(model="ray-2", generation_type="modify_video", mode="flex_1", media=VIDEO)),
    "generations.video.reframe": (
        "reframeVideo", dict(model="ray-flash-2", generation_type="reframe_video", **REFRAME)),
    "generations.image.create": ("createImage", PICTURE),
    "generations.image.reframe": (
        "reframeImage", dict(model="photon-flash-1", generation_type="reframe_image", **REFRAME)),
    "generations.upscale": ("upscaleVideo", dict(resolution="1080p")),
    "generations.audio": ("addAudio", dict(prompt="Waves")),
}
METHODS = CREATES | {
    "generations.get": ("getGeneration", {}), "generations.delete": ("deleteGeneration", {}),
    "generations.list": ("listGenerations", dict(limit=5, offset=0)),
    "generations.concepts.list": ("listConcepts", {}), "credits.get": ("getCredits", {}), "ping.check": ("ping", {}),
}
ERRORS = {
    400: lumaai.BadRequestError, 401: lumaai.AuthenticationError, 403: lumaai.PermissionDeniedError,
    404: lumaai.NotFoundError, 409: lumaai.ConflictError, 422: lumaai.UnprocessableEntityError,
    429: lumaai.RateLimitError, 502: lumaai.InternalServerError, 503: lumaai.InternalServerError,
}
AGAIN = (409, 429, 502, 503)
KINDS = pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
EACH = pytest.mark.parametrize("name", METHODS)


def method(client, name, prefix=""):
    *resources, last = name.split(".")
    for each in resources:
        client = getattr(client, each)
    return getattr(getattr(client, prefix) if prefix else client, last)


class Both:
    """One client, sync or async: what is called is awaited where it must be."""

    def __init__(self, client, runner=None):
        self.client, self.runner, self.is_async = client, runner, runner is not None

    def call(self, name, *args, **values):
        return self.done(method(self.client, name)(*args, **values))

    def done(self, made):
        async def wait():
            return await made
        return self.runner.run(wait()) if self.is_async else made

    def having(self, **options):
        return Both(self.client.with_options(**options), self.runner)

    def ended(self, made):
        """As the documentation polls."""
        while made.state not in ("completed", "failed"):
            self.done(asyncio.sleep(3)) if self.is_async else time.sleep(3)
            made = self.call("generations.get", made.id)
        return made


BASE = LumaAI(auth_token="x")  # its contexts of TLS are made once

@pytest.fixture
def api(sandbox, intercept, fast_forward):
    return sandbox.api("luma")

@pytest.fixture
def client(api):
    return BASE.with_options(auth_token=api.api_key)

@pytest.fixture
def both(api, client, is_async):
    if not is_async:
        yield Both(client)
        return
    with asyncio.Runner() as runner:
        other = AsyncLumaAI(auth_token=api.api_key)
        yield Both(other, runner)
        runner.run(other.close())

def arguments(both, name):
    """What a method takes, as it is called now; what is made from a generation needs one that is completed."""
    if name in ("generations.get", "generations.delete"):
        return [both.call("generations.create", **SHORT).id]
    if name in ("generations.upscale", "generations.audio"):
        return [both.ended(both.call("generations.create", **SHORT)).id]
    return []


# --- success

@KINDS
@pytest.mark.parametrize("name", CREATES)
def test_a_generation_is_made_polled_and_its_asset_fetched(both, name):
    _, values = CREATES[name]
    made = both.call(name, *arguments(both, name), **values)
    assert (made.state, made.assets, made.failure_reason) == ("queued", None, None)
    done = both.ended(made)
    assert (done.id, done.state, done.model) == (made.id, "completed", values.get("model"))
    assert done.request.model_dump(exclude_unset=True) == values
    is_image = ".image." in name
    assert done.generation_type == ("image" if is_image else "video")
    assert (done.assets.image is not None, done.assets.video is not None) == (is_image, not is_image)
    if both.is_async:  # the same bytes, drawn once
        return
    data = httpx.get(done.assets.image or done.assets.video).content
    assert data[:3] == b"\\xff\\xd8\\xff" if is_image else data[4:8] == b"ftyp"

@KINDS
@EACH
def test_each_method_succeeds_raw_and_streamed_too(both, name):
    _, values = METHODS[name]
    plain = both.call(name, *arguments(both, name), **values)
    raw = both.done(method(both.client, name, "with_raw_response")(*arguments(both, name), **values))
    parsed = both.done(raw.parse()) if both.is_async else raw.parse()
    assert raw.retries_taken == 0 and type(parsed) is type(plain)
    streamed = method(both.client, name, "with_streaming_response")(*arguments(both, name), **values)
    if both.is_async:
        async def read():
            async with streamed as answer:
                return answer.status_code, await answer.parse()
        status, other = both.runner.run(read())
    else:
        with streamed as answer:
            status, other = answer.status_code, answer.parse()
    assert status == raw.status_code and type(other) is type(plain)
    assert status == (201 if name in CREATES else 204 if name == "generations.delete" else 200)

@KINDS
def test_the_states_come_in_their_order(both, api):
    api.next_job(queued=5, running=10)
    made, seen = both.call("generations.create", **SHORT), []
    for _ in range(18):
        seen.append(both.call("generations.get", made.id).state)
        both.done(asyncio.sleep(1)) if both.is_async else time.sleep(1)
    assert list(dict.fromkeys(seen)) == ["queued", "dreaming", "completed"]

def test_a_picture_has_the_shape_and_the_format_that_were_asked_for(client):
    both = Both(client)
    for values, begins in ((dict(format="png"), b"\\x89PNG"), (dict(format="jpg"), b"\\xff\\xd8"), ({}, b"\\xff\\xd8")):
        done = both.ended(client.generations.image.create(**PICTURE, **values, aspect_ratio="1:1"))
        data = httpx.get(done.assets.image).content
        assert data.startswith(begins)
        if begins == b"\\x89PNG":
            assert data[16:20] == data[20:24]

def test_a_film_has_the_resolution_that_was_asked_for(client):
    done = Both(client).ended(client.generations.create(**{**SHORT, "duration": "5s"}))
    data = httpx.get(done.assets.video).content
    place = data.index(b"tkhd") + 80  # width and height of the track, of which half are fractions
    assert [int.from_bytes(data[place + n:place + n + 2], "big") for n in (0, 4)] == [960, 540]

@KINDS
def test_an_image_in_synchronous_mode_is_answered_when_it_is_done(both, fast_forward):
    made = both.call("generations.image.create", **PICTURE, sync=True, sync_timeout=60)
    assert made.state == "completed" and made.assets.image and fast_forward.elapsed > 5

@KINDS
def test_a_video_goes_on_from_others(both):
    first, second = (both.ended(both.call("generations.create", **SHORT)).id for _ in range(2))
    frames = {"frame0": {"type": "generation", "id": first}, "frame1": {"type": "generation", "id": second}}
    made = both.call("generations.create", **SHORT, keyframes=frames)
    assert made.request.keyframes.frame0.id == first
    frames = {"frame0": {"type": "image", "url": IMAGE}}
    assert both.call("generations.create", model="ray-2", keyframes=frames).id  # without a prompt


# --- how it ends otherwise

@KINDS
def test_a_failure_has_its_reason(both, api):
    api.next_job(outcome="failed", error="Frame moderation failed")
    done = both.ended(both.call("generations.create", **SHORT))
    assert (done.state, done.failure_reason, done.assets) == ("failed", "Frame moderation failed", None)

def test_prompts_that_say_what_becomes_of_a_generation(client, fast_forward):
    both = Both(client)
    assert both.ended(client.generations.create(**{**SHORT, "prompt": "mock:fail"})).state == "failed"
    before = fast_forward.elapsed
    assert both.ended(client.generations.create(**{**SHORT, "prompt": "mock:slow"})).state == "completed"
    assert fast_forward.elapsed - before > 190

@KINDS
@pytest.mark.parametrize("seconds", [0, 8, 100])
def test_a_generation_is_deleted_in_any_state(both, seconds):
    made = both.call("generations.create", **SHORT).id
    time.sleep(seconds)
    assert both.call("generations.delete", made) is None
    for name in ("generations.get", "generations.delete"):
        with pytest.raises(lumaai.NotFoundError, match="not found"):
            both.call(name, made)
    assert both.call("generations.list").generations == []


# --- lists

@KINDS
def test_a_list_is_read_to_its_end(both, api):
    ids = []
    for n in range(23):
        ids.insert(0, both.call("generations.image.create", **PICTURE).id)
    seen, offset = [], 0
    while True:
        page = both.call("generations.list", limit=10, offset=offset)
        seen += [each.id for each in page.generations]
        assert (page.limit, page.offset, page.count) == (10, offset, len(page.generations))
        if not page.has_more:
            break
        offset += 10
    assert seen == ids
    page = both.call("generations.list")
    assert (page.limit, page.offset, page.has_more, len(page.generations)) == (10, 0, True, 10)
    assert page.generations[0].request.prompt == PICTURE["prompt"]

@KINDS
def test_a_list_shows_each_in_its_state(both, api):
    for outcome in ("completed", "failed"):
        api.next_job(outcome=outcome, queued=1, running=1)
        both.call("generations.create", **SHORT)
    time.sleep(3)
    both.call("generations.create", **SHORT)
    page = both.call("generations.list")
    assert [each.state for each in page.generations] == ["queued", "failed", "completed"]
    assert page.generations[2].assets.video and page.generations[1].failure_reason
    with pytest.raises(lumaai.BadRequestError, match="limit"):
        both.call("generations.list", limit=0)


# --- callbacks

@KINDS
@pytest.mark.parametrize("name", ["generations.create", "generations.image.create", "generations.upscale"])
def test_a_callback_has_the_generation_at_each_change(both, webhook_inbox, name):
    _, values = CREATES[name]
    ids = arguments(both, name)
    made = both.call(name, *ids, **values, callback_url=webhook_inbox.url)
    done = both.ended(made)
    told = webhook_inbox.wait(2)
    assert [each.json["state"] for each in told] == ["dreaming", "completed"]
    last = lumaai.types.Generation.model_validate(told[-1].json)
    assert (last.id, last.state, last.request.callback_url) == (done.id, "completed", webhook_inbox.url)
    assert bool(last.assets.image) == bool(done.assets.image)

def test_a_callback_tells_of_a_failure_and_is_tried_again(client, api, webhook_inbox):
    api.next_job(outcome="failed", error="Frame moderation failed")
    webhook_inbox.answer(500, times=2)
    Both(client).ended(client.generations.create(**SHORT, callback_url=webhook_inbox.url))
    told = webhook_inbox.wait(4)
    assert {each.json["state"] for each in told} == {"dreaming", "failed"}
    assert told[-1].json["failure_reason"] == "Frame moderation failed"


# --- errors, by each method

@KINDS
@EACH
def test_each_method_has_each_error(both, api, name):
    operation, values = METHODS[name]
    ids = arguments(both, name)
    for status, kind in ERRORS.items():
        api.fault("status", operation=operation, status=status, times=3 if status in AGAIN else 1)
        with pytest.raises(kind) as caught:
            both.call(name, *ids, **values)
        assert (type(caught.value), caught.value.status_code) == (kind, status)

@KINDS
@EACH
def test_each_method_is_tried_again_and_gives_up_on_a_service_that_is_silent_or_gone(both, api, name):
    operation, values = METHODS[name]
    ids = arguments(both, name)
    once = both.having(max_retries=0)
    for fault, kind in (("hang", lumaai.APITimeoutError), ("reset_before_headers", lumaai.APIConnectionError)):
        api.fault(fault, operation=operation, times=1)
        with pytest.raises(kind) as caught:
            once.call(name, *ids, **values)
        assert type(caught.value) is kind
    for fault in ({"fault": "status", "status": 503}, {"fault": "reset_before_headers"}):
        api.fault(**fault, operation=operation, times=1)
    both.call(name, *ids, **values)

@KINDS
@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504])
def test_statuses_that_are_tried_again(both, api, fast_forward, status):
    api.fault("status", status=status, times=2)
    assert both.call("generations.create", **SHORT).id
    assert fast_forward.elapsed > 0.5


# --- what the service itself refuses

@KINDS
def test_who_asks_is_checked(both, api):
    for token, kind in (
        ("luma-wrong", lumaai.AuthenticationError),
        (api.account(state="deactivated").api_key, lumaai.PermissionDeniedError),
    ):
        with pytest.raises(kind):
            both.having(auth_token=token).call("credits.get")

def test_no_key_is_no_client(monkeypatch):
    monkeypatch.delenv("LUMAAI_API_KEY", raising=False)
    with pytest.raises(lumaai.LumaAIError):
        LumaAI()

@pytest.mark.parametrize("name, change, detail", [
    ("generations.create", dict(prompt="x"), "prompt"),
    ("generations.create", dict(prompt="x" * 5001), "prompt"),
    ("generations.create", dict(prompt=lumaai.NOT_GIVEN), "Prompt is required"),
    ("generations.create", dict(prompt=lumaai.NOT_GIVEN, keyframes={}), "Prompt is required"),
    ("generations.create", dict(model="ray-1"), "model"),
    ("generations.create", dict(aspect_ratio="2:1"), "aspect_ratio"),
    ("generations.create", dict(duration="7s"), "duration"),
    ("generations.create", dict(callback_url="nowhere"), "callback_url"),
    ("generations.create", dict(concepts=[{"key": "nothing"}]), "concept"),
    ("generations.create", dict(loop=True, keyframes={"frame1": {"type": "image", "url": IMAGE}}), "Loop"),
    ("generations.create", dict(keyframes={"frame0": {"type": "generation", "id": "none"}}), "Generation not found"),
    ("generations.image.create", dict(style_ref=[{"url": IMAGE, "weight": 2}]), "weight"),
    ("generations.video.modify", dict(mode="wild"), "mode"),
])
def test_a_request_that_is_not_valid_says_why(client, name, change, detail):
    with pytest.raises(lumaai.BadRequestError) as caught:
        method(client, name)(**{**CREATES[name][1], **change})
    assert detail in caught.value.body["detail"]

@KINDS
@pytest.mark.parametrize("name", ["generations.upscale", "generations.audio"])
def test_what_is_not_completed_or_not_there_cannot_be_worked_on(both, name):
    for source, detail in ((both.call("generations.create", **SHORT).id, "not completed"), ("none", "not found")):
        with pytest.raises(lumaai.BadRequestError, match=detail):
            both.call(name, source, **CREATES[name][1])

@KINDS
@pytest.mark.parametrize("name", ["get", "delete", "upscale", "audio"])
def test_no_id_is_no_request(both, name):
    with pytest.raises(ValueError):
        both.call(f"generations.{name}", "")

def test_another_account_does_not_know_the_generation(client, api):
    made = client.generations.create(**SHORT).id
    other = BASE.with_options(auth_token=api.account().api_key)
    with pytest.raises(lumaai.NotFoundError):
        other.generations.get(made)
    assert other.generations.list().generations == []

def test_credits_are_spent_and_end(api):
    client = BASE.with_options(auth_token=api.account(credits=100).api_key)
    assert client.credits.get().credit_balance == 100
    client.generations.create(**SHORT)
    assert client.credits.get().credit_balance == 29
    with pytest.raises(lumaai.BadRequestError, match="Insufficient credits"):
        client.generations.create(**SHORT)

def test_so_many_creations_a_minute(client, api, fast_forward):
    api.scenario("overloaded")
    once = client.with_options(max_retries=0)
    for _ in range(2):
        once.generations.create(**SHORT)
    with pytest.raises(lumaai.RateLimitError):
        once.generations.create(**SHORT)
    assert client.generations.create(**SHORT).id and fast_forward.elapsed > 50  # it waits as long as it is told

@KINDS
def test_what_there_is_to_know(both):
    assert both.call("ping.check").message == "pong"
    concepts = both.call("generations.concepts.list")
    assert "dolly_zoom" in concepts
    assert both.call("generations.create", **SHORT, concepts=[{"key": each} for each in concepts]).id
'''


@pytest.mark.skipif(find_spec("lumaai") is None, reason="the dependency group sdks is not installed")
def test_lumaai_drives_generations(pytester: pytest.Pytester) -> None:
    run_suite(pytester, "luma", LUMA)
