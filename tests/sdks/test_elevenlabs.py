"""The `elevenlabs` SDK, unmodified and with its own host, drives dubbing, sync and async, in virtual time.

Each method of `dubbing` is called, of `dubbing.audio`, `.transcript` and `.transcripts`, `text_to_speech.convert` and
`.stream`, and of `webhooks` those that the contract serves; errors, retries, time-outs and webhooks are judged by the
SDK's own classes. What does not apply:

- `dubbing.project` and `dubbing.resource` are other APIs of the vendor, which the contract does not have.
- `webhooks.update`: no contract changes the fields of what was created.
- `text_to_speech.convert_with_timestamps` and `.stream_with_timestamps`: a body that holds the audio in base64.
- The SDK has no helper that waits for a dub; it does not retry what it streams, nor lost connections, and a retried
  `create` goes out without its fields (`data`), so that what is retried here is looked at or deleted.
- `ConflictError`: no operation of these resources names it.
"""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from sdk_kit import DRIVERS, run_suite

SUITE = '''
import elevenlabs
import httpx
from elevenlabs.client import AsyncElevenLabs, ElevenLabs
from elevenlabs.core.api_error import ApiError

SOUND = ("speech.mp3", b"ID3" + bytes(64), "audio/mpeg")
FILM = ("film.mp4", bytes(4) + b"ftypisom" + bytes(64), "video/mp4")


API, CLIENTS = "elevenlabs", (ElevenLabs, AsyncElevenLabs)


def transport(client):
    return client._client_wrapper.httpx_client.httpx_client


def submit(ask, file=SOUND, **words):
    return ask("dubbing.create", file=file, target_lang="es", **words).dubbing_id


def ended(ask, dub):
    """A dub, polled as the vendor's examples do."""
    while (found := ask("dubbing.get", dub)).status == "dubbing":
        ask.sleep(10)
    return found


# Dubs


def test_a_dub_from_its_file_to_its_sound(ask):
    begun = ask("dubbing.create", file=SOUND, target_lang="es", source_lang="en", name="A lighthouse", watermark=False)
    assert begun.expected_duration_sec > 0
    dub = ask("dubbing.get", begun.dubbing_id)
    assert (dub.status, dub.name, dub.target_languages) == ("dubbing", "A lighthouse", ["es"])
    assert dub.source_language is None and dub.media_metadata is None and dub.error is None
    dub = ended(ask, begun.dubbing_id)
    assert (dub.status, dub.source_language, dub.media_metadata.content_type) == ("dubbed", "en", "audio/mpeg")
    data = ask.bytes("dubbing.audio.get", dub.dubbing_id, "es")
    assert data[:3] == b"ID3" or data[:2] in (b"\\xff\\xfb", b"\\xff\\xf3")


def test_what_was_a_film_is_a_film(ask):
    dub = ended(ask, submit(ask, FILM))
    assert dub.name == "film.mp4"
    assert ask.bytes("dubbing.audio.get", dub.dubbing_id, "es", request_options={"chunk_size": 100})[4:8] == b"ftyp"


def test_a_dub_of_what_a_url_leads_to(ask):
    begun = ask("dubbing.create", source_url="https://acme.com/video.mp4", target_lang="fr", dubbing_studio=True)
    dub = ended(ask, begun.dubbing_id)
    assert dub.target_languages == ["fr"] and dub.editable and dub.media_metadata.duration > 0


def test_several_files_go_into_one_dub(ask):
    assert submit(ask, csv_file=("lines.csv", b"speaker,start_time"), foreground_audio_file=SOUND,
                  background_audio_file=SOUND, mode="manual", num_speakers=2, csv_fps=25.0)


def test_a_dub_that_fails_says_why(ask, api):
    api.next_job(outcome="failed", error="No speech")
    dub = ended(ask, submit(ask))
    assert (dub.status, dub.error) == ("failed", "No speech")
    for name in ("transcript.get_transcript_for_dub", "audio.get"):
        with pytest.raises(elevenlabs.NotFoundError) as caught:
            (ask.bytes if name == "audio.get" else ask)(f"dubbing.{name}", dub.dubbing_id, "es")
        assert caught.value.body["detail"]["status"] == "dubbing_failed"
    assert ended(ask, submit(ask, name="mock:fail")).status == "failed"


def test_a_dub_that_is_not_done_is_too_early(ask):
    dub = submit(ask)
    with pytest.raises(elevenlabs.TooEarlyError) as caught:
        ask.bytes("dubbing.audio.get", dub, "es")
    assert caught.value.status_code == 425
    with pytest.raises(elevenlabs.TooEarlyError):
        ask("dubbing.transcript.get_transcript_for_dub", dub, "es")
    with pytest.raises(elevenlabs.core.ApiError) as caught:
        ask("dubbing.transcripts.get", dub, "es", "srt")
    assert caught.value.status_code == 425


def test_transcripts_come_in_each_format(ask):
    dub = ended(ask, submit(ask)).dubbing_id
    get = "dubbing.transcript.get_transcript_for_dub"
    assert ask(get, dub, "es") == ask(get, dub, "es", format_type="srt") and "-->" in ask(get, dub, "es")
    assert ask(get, dub, "es", format_type="webvtt").startswith("WEBVTT")
    words = ask(get, dub, "source", format_type="json")
    assert words.language == "source" and words.utterances[0].text
    found = {name: ask("dubbing.transcripts.get", dub, "es", name) for name in ("srt", "webvtt", "json")}
    assert {name: each.transcript_format for name, each in found.items()} == {name: name for name in found}
    assert "-->" in found["srt"].srt and found["webvtt"].webvtt.startswith("WEBVTT") and found["srt"].webvtt is None
    assert found["json"].json_.language == "es"


def pages(ask, **words):
    """Each page of a list, to its end."""
    found = [ask("dubbing.list", **words)]
    while found[-1].has_more:
        found.append(ask("dubbing.list", cursor=found[-1].next_cursor, **words))
    return [[each.dubbing_id for each in page.dubs] for page in found]


def test_dubs_are_listed_to_the_end(ask):
    ids = [submit(ask) for _ in range(5)]
    assert pages(ask, page_size=2) == [[ids[4], ids[3]], [ids[2], ids[1]], [ids[0]]]
    assert pages(ask, page_size=3, order_direction="ASCENDING") == [ids[:3], ids[3:]]
    assert pages(ask) == [ids[::-1]] and ask("dubbing.list").next_cursor is None


def test_lists_are_narrowed(ask, api):
    api.next_job(outcome="failed")
    failed = ended(ask, submit(ask)).dubbing_id
    other = ask("dubbing.create", source_url="https://acme.com/a.mp4", target_lang="fr").dubbing_id
    assert pages(ask, dubbing_status="failed") == [[failed]]
    assert pages(ask, dubbing_statuses=["dubbing", "dubbed"]) == [[other]]
    assert pages(ask, dubbing_statuses=["dubbing", "failed"]) == [[other, failed]]
    assert pages(ask, target_language_codes=["fr"]) == [[other]]
    assert pages(ask, filter_by_creator="all", creation_sources=["dubbing_api"], dubbing_models=["dubbing_v1"],
                 order_by="created_at") == [[other, failed]]


def test_a_dub_is_deleted(ask):
    dub = submit(ask)
    assert ask("dubbing.delete", dub).status == "ok"
    for name in ("dubbing.get", "dubbing.delete"):
        with pytest.raises(ApiError) as caught:
            ask(name, dub)
        assert caught.value.status_code == 404
    with pytest.raises(elevenlabs.NotFoundError):
        ask.bytes("dubbing.audio.get", dub, "es")
    assert pages(ask) == [[]]


# Errors and retries


@pytest.mark.mockserver(contract_violations="off")
def test_a_wrong_request(ask):
    with pytest.raises(elevenlabs.UnprocessableEntityError) as caught:
        ask("dubbing.create", target_lang="es")
    assert caught.value.body["detail"][0]["msg"]
    with pytest.raises(elevenlabs.UnprocessableEntityError) as caught:
        ask("dubbing.list", page_size=500)
    assert caught.value.body["detail"][0]["loc"][1] == "page_size"
    with pytest.raises(elevenlabs.UnprocessableEntityError):
        ask.bytes("text_to_speech.convert", "voice", text="")


def calls(dub, hook):
    """Each method whose answer is no stream, what is deleted last."""
    settings = elevenlabs.WebhookHmacSettings(name="Test", webhook_url="https://acme.com/hook")
    return [
        ("dubbing.create", (), {"file": SOUND, "target_lang": "es"}), ("dubbing.get", (dub,), {}),
        ("dubbing.list", (), {}), ("dubbing.transcript.get_transcript_for_dub", (dub, "es"), {}),
        ("dubbing.transcripts.get", (dub, "es", "json"), {}), ("dubbing.delete", (dub,), {}),
        ("webhooks.create", (), {"settings": settings}), ("webhooks.list", (), {}), ("webhooks.delete", (hook,), {}),
    ]


STREAMED = [("dubbing.audio.get", ("x", "es"), {})] + [
    (f"text_to_speech.{name}", ("x",), {"text": "A light"}) for name in ("convert", "stream")]


def test_a_wrong_key_is_refused_by_each_method(connect):
    ask = connect("sk_wrong")
    for rows, asked in ((calls("x", "x"), ask), (STREAMED, ask.bytes)):
        for name, args, words in rows:
            with pytest.raises(ApiError) as caught:
                asked(name, *args, **words)
            assert caught.value.status_code == 401 and caught.value.body["detail"]["status"] == "invalid_api_key"


def test_each_method_is_asked_again_after_a_failure(ask, api):
    settings = elevenlabs.WebhookHmacSettings(name="Test", webhook_url="https://acme.com/hook")
    hook = ask("webhooks.create", settings=settings).webhook_id
    for name, args, words in calls(ended(ask, submit(ask)).dubbing_id, hook):
        with api.fault("status", status=500, times=1):
            assert ask(name, *args, **words)


def test_each_method_says_what_it_does_not_find(ask):
    for name, args, words in calls("nothing", "nothing"):
        if args:
            with pytest.raises(ApiError) as caught:
                ask(name, *args, **words)
            assert caught.value.status_code == 404


def test_what_is_streamed_is_not_asked_again(ask, api):
    for name, args, words in STREAMED:
        with api.fault("status", status=500), pytest.raises(ApiError) as caught:
            ask.bytes(name, *args, **words)
        assert caught.value.status_code == 500


def test_too_many_dubs_at_once(ask):
    for _ in range(10):
        submit(ask)
    with pytest.raises(ApiError) as caught:
        submit(ask, request_options={"max_retries": 0})
    assert caught.value.status_code == 429
    ask.sleep(60)
    assert submit(ask)


@pytest.mark.parametrize("words", [{"status": 429, "retry_after": "seconds", "wait": 20}, {"status": 500},
                                   {"status": 408}, {"status": 409}, {"status": 503, "page": "nginx"}])
def test_what_may_pass_is_asked_again_and_what_does_not_pass_is_raised(ask, api, words):
    dub = submit(ask)
    with api.fault("status", operation="getDub", times=2, **words):
        assert ask("dubbing.get", dub).dubbing_id == dub
    with api.fault("status", operation="getDub", **words), pytest.raises(ApiError) as caught:
        ask("dubbing.get", dub, request_options={"max_retries": 1})
    assert caught.value.status_code == words["status"]


@pytest.mark.parametrize("name", ["audio.get", "transcript.get_transcript_for_dub"])
def test_other_refusals_have_their_classes(ask, api, name):
    dub = ended(ask, submit(ask)).dubbing_id
    with api.fault("status", status=403), pytest.raises(elevenlabs.ForbiddenError):
        (ask.bytes if name == "audio.get" else ask)(f"dubbing.{name}", dub, "es")


@pytest.mark.parametrize(("fault", "error"), [("close_before_headers", httpx.HTTPError), ("hang", httpx.ReadTimeout)])
def test_what_the_connection_loses_is_raised(connect, api, fault, error):
    with api.fault(fault), pytest.raises(error):
        connect(timeout=20)("dubbing.list")


def test_a_time_out_of_one_call(ask, api):
    api.fault("latency", operation="listDubs", seconds=30)
    with pytest.raises(httpx.ReadTimeout):
        ask("dubbing.list", request_options={"timeout_in_seconds": 5})
    assert ask("dubbing.list", request_options={"timeout_in_seconds": 60}).dubs == []


def test_the_bytes_that_break_off_are_raised(ask, api):
    dub = ended(ask, submit(ask)).dubbing_id
    with api.fault("close_mid_body"), pytest.raises(httpx.RemoteProtocolError):
        ask.bytes("dubbing.audio.get", dub, "es")


# Speech


@pytest.mark.parametrize("name", ["convert", "stream"])
def test_speech_is_the_answer_itself(ask, name):
    words = {"model_id": "eleven_multilingual_v2", "output_format": "mp3_44100_128"}
    data = ask.bytes(f"text_to_speech.{name}", "21m00Tcm4TlvDq8ikWAM", text="A light", **words)
    assert data[:3] == b"ID3" or data[:2] in (b"\\xff\\xfb", b"\\xff\\xf3")


# Webhooks


def told(ask, inbox, **words):
    """What went to a webhook of the workspace as a dub ended."""
    settings = elevenlabs.WebhookHmacSettings(name="Test", webhook_url=inbox.url)
    hook = ask("webhooks.create", settings=settings)
    dub = ended(ask, submit(ask, **words))
    return hook, dub, inbox.wait(1)[-1]


@pytest.mark.parametrize(("name", "end"), [("x", "completed"), ("mock:fail", "failed")])
def test_a_webhook_is_validated(ask, webhook_inbox, name, end):
    hook, dub, got = told(ask, webhook_inbox, name=name)
    body, header = got.body.decode(), got.headers["elevenlabs-signature"]
    event = ask("webhooks.construct_event", body, header, hook.webhook_secret)
    assert event["type"] == f"dubbing_language_{end}" and event["data"]["dubbing_id"] == dub.dubbing_id
    secret = hook.webhook_secret
    changed = ((body + " ", header, secret), (body, header, "wsec_other"), (body, "t=1", secret), (body, "", secret))
    for wrong in changed:
        with pytest.raises(elevenlabs.BadRequestError):
            ask("webhooks.construct_event", *wrong)
    time.sleep(1900)
    with pytest.raises(elevenlabs.BadRequestError) as caught:
        ask("webhooks.construct_event", body, header, hook.webhook_secret)
    assert "tolerance" in caught.value.body.error


def test_a_webhook_with_a_bad_signature_is_refused(ask, api, webhook_inbox):
    api.fault("webhook_bad_signature")
    hook, _, got = told(ask, webhook_inbox)
    with pytest.raises(elevenlabs.BadRequestError):
        ask("webhooks.construct_event", got.body.decode(), got.headers["elevenlabs-signature"], hook.webhook_secret)


def test_webhooks_are_made_listed_and_deleted(ask, webhook_inbox):
    settings = elevenlabs.WebhookHmacSettings(name="Test", webhook_url=webhook_inbox.url)
    made = [ask("webhooks.create", settings=settings) for _ in range(2)]
    (second, first) = ask("webhooks.list").webhooks
    assert [first.webhook_id, second.webhook_id] == [each.webhook_id for each in made]
    assert (first.name, first.webhook_url, first.is_disabled) == ("Test", webhook_inbox.url, False)
    assert ask("webhooks.delete", first.webhook_id).status == "ok"
    assert [each.webhook_id for each in ask("webhooks.list").webhooks] == [second.webhook_id]
    with pytest.raises(ApiError) as caught:
        ask("webhooks.delete", first.webhook_id)
    assert caught.value.status_code == 404
'''


@pytest.mark.skipif(find_spec("elevenlabs") is None, reason="the dependency group sdks is not installed")
def test_elevenlabs_drives_dubbing(pytester: pytest.Pytester) -> None:
    run_suite(pytester, "elevenlabs", DRIVERS + SUITE)
