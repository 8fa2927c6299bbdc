"""AssemblyAI's own SDK, unmodified and with its own host, drives the gallery's contract in virtual time.

What does not apply: the SDK never asks again by itself, so each error is the caller's at once; transcripts cannot be
cancelled, only deleted; webhooks are not signed, but bear the header that the request named. `streaming`, `sync`,
`dictation`, `tts` and `llm_gateway` of the package are other APIs, at other hosts, without jobs.
"""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from sdk_kit import run_suite

HEAD = '''
import asyncio
import io
import wave

import assemblyai as aai
import httpx
import pytest
from assemblyai import types
from assemblyai.prerecorded.v2 import api as calls
from assemblyai.prerecorded.v2 import async_api as async_calls

AUDIO = "https://assembly.ai/lighthouse.mp3"
TEXT = "A keeper named John lights the lamp at dusk. The lamp turns all night."
SECRET = {"auth_header_name": "X-Acme-Secret", "auth_header_value": "opensesame"}
NAMES = [aai.PIIRedactionPolicy.person_name]
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def api(sandbox, intercept, fast_forward, monkeypatch):
    """The mock, whose key is that of the SDK's own settings."""
    found = sandbox.api("assemblyai")
    monkeypatch.setattr(aai.settings, "api_key", found.api_key)
    return found


@pytest.fixture
def transcriber(api):
    return aai.Transcriber()


def ran(walk):
    """What a coroutine function gives that is called with an asynchronous transcriber."""

    async def run():
        async with aai.AsyncTranscriber() as transcriber:
            return await walk(transcriber)

    return asyncio.run(run())
'''

SYNC = '''
@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "talk.mp3"
    path.write_bytes(b"ID3" + bytes(2000))
    return path


def test_transcribe_waits_until_it_is_completed(transcriber):
    found = transcriber.transcribe(AUDIO)
    assert (found.status, found.error, found.text) == (aai.TranscriptStatus.completed, None, TEXT)
    assert (found.audio_url, found.language_code, found.audio_duration) == (AUDIO, "en_us", 6)
    assert [each.text for each in found.words] == TEXT.split()
    assert found.confidence > 0.9 and found.speech_model_used == "universal" and found.webhook_auth is False


def test_submit_does_not_wait(transcriber):
    found = transcriber.submit(AUDIO)
    assert (found.status, found.text, found.words) == (aai.TranscriptStatus.queued, None, None)
    assert found.wait_for_completion() is found and found.text == TEXT


def test_the_states_come_in_their_order(sandbox, transcriber):
    made, seen = transcriber.submit(AUDIO), []
    while "completed" not in seen:
        seen.append(calls.get_transcript(transcriber._client.http_client, made.id).status.value)
        sandbox.clock.advance(0.5)
    assert list(dict.fromkeys(seen)) == ["queued", "processing", "completed"]


def test_features_are_in_the_answer_where_they_were_asked_for(transcriber):
    plain = transcriber.transcribe(AUDIO)
    absent = (
        "chapters",
        "summary",
        "entities",
        "sentiment_analysis",
        "auto_highlights",
        "content_safety",
        "iab_categories",
        "utterances",
    )
    assert [getattr(plain, name) for name in absent] == [None] * len(absent)
    config = aai.TranscriptionConfig(
        auto_chapters=True,
        entity_detection=True,
        sentiment_analysis=True,
        auto_highlights=True,
        content_safety=True,
        iab_categories=True,
        speaker_labels=True,
        speech_model=aai.SpeechModel.best,
        language_code="en_uk",
        word_boost=["lamp"],
        disfluencies=True,
    )
    config.set_summarize(model=aai.SummarizationModel.informative, type=aai.SummarizationType.bullets)
    found = transcriber.transcribe(AUDIO, config)
    config = found.config
    assert found.chapters[0].headline and found.summary.startswith("-")
    assert (found.entities[0].entity_type.value, found.entities[0].text) == ("person_name", "John")
    assert [each.sentiment.value for each in found.sentiment_analysis] == ["NEUTRAL", "POSITIVE"]
    assert (
        found.auto_highlights.results[0].text == "lamp"
        and found.content_safety.results
        and found.iab_categories.summary
    )
    assert {each.speaker for each in found.utterances[0].words} == {"A"}
    assert (found.speech_model, found.speech_model_used, found.language_code) == (
        aai.SpeechModel.best,
        "best",
        "en_uk",
    )
    assert (config.disfluencies, config.word_boost) == (True, ["lamp"])
    assert (
        config.summary_model == aai.SummarizationModel.informative
        and config.auto_chapters
        and config.entity_detection
    )


def test_the_text_is_redacted(transcriber):
    config = aai.TranscriptionConfig().set_redact_pii(policies=NAMES, substitution=aai.PIISubstitutionPolicy.hash)
    found = transcriber.transcribe(AUDIO, config)
    assert "John" not in found.text and "####" in found.text and found.unredacted_text is None
    config.set_redact_pii(policies=NAMES, return_unredacted=True)
    assert transcriber.transcribe(AUDIO, config).unredacted_text == TEXT


@pytest.mark.parametrize("how", ["text", "path", "bytes", "bytearray", "file"])
def test_a_recording_is_uploaded(transcriber, recording, how):
    given = {
        "text": str(recording),
        "path": recording,
        "bytes": recording.read_bytes(),
        "bytearray": bytearray(recording.read_bytes()),
    }
    with open(recording, "rb") as file:
        data = file if how == "file" else given[how]
        found = transcriber.transcribe(data)
    assert found.status == aai.TranscriptStatus.completed
    assert found.audio_url.startswith("https://cdn.assemblyai.com/upload/")


def test_uploads_have_urls_of_their_own(transcriber, recording):
    first, second = transcriber.upload_file(str(recording)), transcriber.upload_file_async(str(recording)).result()
    assert first.startswith("https://") and first != second
    assert transcriber.submit(first).audio_url == first


@pytest.mark.mockserver(contract_violations="off")
def test_an_empty_upload_is_refused(transcriber):
    with pytest.raises(types.TranscriptError, match="Failed to upload") as caught:
        transcriber.upload_file(b"")
    assert caught.value.status_code == 400


def test_a_failed_transcription_says_why(api, transcriber):
    api.next_job(outcome="error", error="Audio duration is too short.")
    found = transcriber.transcribe(AUDIO)
    assert (found.status, found.error, found.text, found.words) == (
        aai.TranscriptStatus.error,
        "Audio duration is too short.",
        None,
        None,
    )
    assert transcriber.transcribe("https://mock/fail.mp3").status == aai.TranscriptStatus.error


def test_polling_gives_up(api, transcriber):
    with pytest.raises(types.TranscriptError, match="did not finish within 30"):
        transcriber.transcribe("https://mock/stuck.mp3", poll_timeout=30)
    api.next_job(running=500)
    made = transcriber.submit(AUDIO)
    with pytest.raises(types.TranscriptError, match="last status was processing"):
        made.wait_for_completion(poll_timeout=60)
    assert made.wait_for_completion().status == aai.TranscriptStatus.completed


def test_a_throttled_transcript_is_queued(api, transcriber):
    api.next_job(passes=["throttled"], queued=20)
    made = transcriber.submit(AUDIO)
    assert made.status == aai.TranscriptStatus.queued
    assert made.wait_for_completion().status == aai.TranscriptStatus.completed


def test_what_futures_give(transcriber):
    found = transcriber.transcribe_async(AUDIO).result()
    assert found.status == aai.TranscriptStatus.completed
    assert transcriber.submit(AUDIO).wait_for_completion_async().result().text == TEXT
    assert aai.Transcript.get_by_id_async(found.id).result().text == TEXT
    assert aai.Transcript.delete_by_id_async(found.id).result().id == found.id
    assert len(transcriber.list_transcripts_async().result().transcripts) == 2


def test_groups(api, transcriber, recording):
    group = transcriber.submit_group([AUDIO, str(recording)])
    assert group.status == aai.TranscriptStatus.queued
    group.add_transcript(transcriber.submit(AUDIO)).add_transcript(transcriber.submit(AUDIO).id)
    assert group.wait_for_completion().status == aai.TranscriptStatus.completed
    assert len(group.transcripts) == 4 and {each.text for each in group} == {TEXT}
    ids = [each.id for each in group]
    assert sorted(each.id for each in aai.TranscriptGroup.get_by_ids(ids)) == sorted(ids)
    assert len(aai.TranscriptGroup.get_by_ids_async(ids).result().transcripts) == 4
    api.next_job(outcome="error")
    assert transcriber.transcribe_group([AUDIO, AUDIO]).status == aai.TranscriptStatus.error
    assert transcriber.transcribe_group_async([AUDIO]).result().status == aai.TranscriptStatus.completed


def test_a_group_tells_of_its_failures(api, transcriber):
    api.fault("status", operation="createTranscript", status=500, times=1)
    group, failures = transcriber.transcribe_group([AUDIO, AUDIO, AUDIO], return_failures=True)
    assert len(group.transcripts) == 2 and [each.status_code for each in failures] == [500]
    group, failures = transcriber.submit_group([AUDIO], return_failures=True)
    assert not failures
    api.fault("status", operation="getTranscript", status=503, times=1)
    _, failures = group.wait_for_completion(return_failures=True)
    assert [each.status_code for each in failures] == [503]


def test_sentences_paragraphs_subtitles_and_words(transcriber):
    found = transcriber.transcribe(AUDIO)
    assert [each.text for each in found.get_sentences()] == [TEXT[:44], TEXT[45:]]
    assert [each.text for each in found.get_paragraphs()] == [TEXT]
    assert found.export_subtitles_srt().startswith("1\\n00:00:00,240 --> ") and found.export_subtitles_srt(
        chars_per_caption=32
    )
    assert found.export_subtitles_vtt().startswith("WEBVTT") and found.export_subtitles_vtt(chars_per_caption=32)
    lamp, night = found.word_search(["lamp", "night"])
    assert (lamp.text, lamp.count, lamp.indexes, len(lamp.timestamps)) == (
        "lamp",
        2,
        [6, 10],
        2,
    ) and night.indexes == [13]
    assert [each.text for each in found.word_search(["night", "nothing"])] == ["night"]
    assert found.word_search(["nothing"]) == []


def test_redacted_audio(api, transcriber, tmp_path):
    config = aai.TranscriptionConfig().set_redact_pii(
        policies=NAMES, redact_audio=True, redact_audio_quality=aai.PIIRedactedAudioQuality.wav
    )
    made = transcriber.submit(AUDIO, config)  # its audio is not ready: the SDK asks until it is
    assert made.get_redacted_audio_url() == made.get_redacted_audio_url()
    made.save_redacted_audio(str(tmp_path / "a.wav"))
    with wave.open(str(tmp_path / "a.wav")) as sound:
        assert sound.getnframes() / sound.getframerate() == 6
    api.fault("result_expired")
    again = transcriber.transcribe(AUDIO, config.set_redact_pii(policies=NAMES, redact_audio=True))
    with pytest.raises(types.RedactedAudioUnavailableError) as caught:
        again.save_redacted_audio(str(tmp_path / "b.wav"))
    assert caught.value.status_code in (403, 404, 410)


def test_redacted_audio_that_nobody_asked_for_is_not_available(transcriber):
    made = transcriber.transcribe(AUDIO)
    with pytest.raises(ValueError, match="only available"):
        made.get_redacted_audio_url()
    with pytest.raises(types.RedactedAudioExpiredError) as caught:
        calls.get_redacted_audio(transcriber._client.http_client, made.id)
    assert caught.value.status_code == 400


def test_a_transcript_is_deleted(transcriber):
    made = transcriber.transcribe(AUDIO)
    gone = aai.Transcript.delete_by_id(made.id)
    assert (gone.id, gone.audio_url, gone.words) == (made.id, "http://deleted_by_user", None)
    assert aai.Transcript.get_by_id(made.id).audio_url == "http://deleted_by_user"
    assert [each.audio_url for each in transcriber.list_transcripts().transcripts] == ["http://deleted_by_user"]
    with pytest.raises(types.TranscriptError) as caught:
        gone.get_sentences()
    assert caught.value.status_code == 400


def test_a_transcript_under_way_cannot_be_deleted(transcriber):
    with pytest.raises(types.TranscriptError, match="failed to delete") as caught:
        aai.Transcript.delete_by_id(transcriber.submit(AUDIO).id)
    assert caught.value.status_code == 400


def walked(transcriber, **asked):
    """All that a list has, page by page as the SDK documents it."""
    params, found = aai.ListTranscriptParameters(**asked), []
    while True:
        page = transcriber.list_transcripts(params)
        assert page.page_details.result_count == len(page.transcripts)
        found += [page.transcripts]
        if page.page_details.before_id_of_prev_url is None:
            return found
        params.before_id = page.page_details.before_id_of_prev_url


def test_a_list_to_its_end(transcriber):
    ids = [transcriber.submit(AUDIO).id for _ in range(12)]
    pages = walked(transcriber)
    assert [len(page) for page in pages] == [10, 2]
    assert [each.id for page in pages for each in page] == ids[::-1]
    assert [len(page) for page in walked(transcriber, limit=5)] == [5, 5, 2]


def test_pages_lead_both_ways(transcriber):
    ids = [transcriber.submit(AUDIO).id for _ in range(5)][::-1]
    ask = lambda **asked: transcriber.list_transcripts(aai.ListTranscriptParameters(limit=2, **asked))
    first = ask()
    assert (
        first.page_details.next_url is None
        and first.page_details.limit == 2
        and "limit=2" in first.page_details.current_url
    )
    second = ask(before_id=ids[1])
    assert [each.id for each in second.transcripts] == ids[2:4]
    back = transcriber._client.http_client.get(second.page_details.next_url).json()
    assert [each["id"] for each in back["transcripts"]] == ids[:2]
    assert [each.id for each in ask(after_id=ids[2]).transcripts] == ids[:2]
    assert transcriber._client.http_client.get(second.transcripts[0].resource_url).json()["id"] == ids[2]


def test_a_list_is_filtered(api, transcriber):
    api.next_job(outcome="error", error="Audio duration is too short.")
    failed, done = transcriber.transcribe(AUDIO), transcriber.transcribe(AUDIO)
    queued = transcriber.submit(AUDIO)
    listed = lambda **asked: transcriber.list_transcripts(aai.ListTranscriptParameters(**asked)).transcripts
    (one,) = listed(status=aai.TranscriptStatus.error)
    assert (one.id, one.error, one.completed) == (failed.id, "Audio duration is too short.", None)
    (one,) = listed(status=aai.TranscriptStatus.completed)
    assert (one.id, one.error, bool(one.completed), one.audio_url) == (done.id, None, True, AUDIO)
    assert [each.id for each in listed(status=aai.TranscriptStatus.queued)] == [queued.id]
    day = listed()[0].created[:10]
    assert len(listed(created_on=day)) == 3 and listed(created_on="2001-01-01") == []


def test_a_webhook_bears_the_header_that_was_asked_for(transcriber, webhook_inbox):
    config = aai.TranscriptionConfig().set_webhook(webhook_inbox.url, **SECRET)
    made = transcriber.transcribe(AUDIO, config)
    (told,) = webhook_inbox.wait(1)
    assert (
        told.json == {"transcript_id": made.id, "status": "completed"}
        and told.headers["x-acme-secret"] == "opensesame"
    )
    assert made.webhook_auth is True and made.config.webhook_url == webhook_inbox.url


def test_webhooks_of_a_failure_and_of_redacted_audio(api, transcriber, webhook_inbox):
    config = aai.TranscriptionConfig().set_webhook(webhook_inbox.url)
    api.next_job(outcome="error")
    transcriber.transcribe(AUDIO, config)
    (told,) = webhook_inbox.wait(1)
    assert told.json["status"] == "error" and "x-acme-secret" not in told.headers
    config.set_redact_pii(policies=NAMES, redact_audio=True)
    transcriber.transcribe(AUDIO, config)
    states = sorted(each.json["status"] for each in webhook_inbox.wait(3)[1:])
    assert states == ["completed", "redacted_audio_ready"]


METHODS = {
    "upload": lambda t, made: t.upload_file(b"ID3"),
    "submit": lambda t, made: t.submit(AUDIO),
    "transcribe": lambda t, made: t.transcribe(AUDIO),
    "list": lambda t, made: t.list_transcripts(),
    "get": lambda t, made: aai.Transcript.get_by_id(made.id),
    "delete": lambda t, made: aai.Transcript.delete_by_id(made.id),
    "srt": lambda t, made: made.export_subtitles_srt(),
    "vtt": lambda t, made: made.export_subtitles_vtt(),
    "words": lambda t, made: made.word_search(["lamp"]),
    "sentences": lambda t, made: made.get_sentences(),
    "paragraphs": lambda t, made: made.get_paragraphs(),
    "redacted": lambda t, made: calls.get_redacted_audio(t._client.http_client, made.id),
}


@pytest.mark.parametrize("name", METHODS)
def test_each_method_raises_each_error(api, transcriber, name):
    made, ask = transcriber.transcribe(AUDIO), METHODS[name]
    for status in (401, 429, 500, 503, 504):
        api.fault("status", status=status, times=1)
        with pytest.raises(types.AssemblyAIError) as caught:
            ask(transcriber, made)
        assert caught.value.status_code == status
    for fault, kind in (("close_before_headers", httpx.TransportError), ("garbage", httpx.TransportError)):
        api.fault(fault, times=1)
        with pytest.raises(kind):
            ask(transcriber, made)


@pytest.mark.parametrize("name", sorted(METHODS.keys() - {"upload", "submit", "transcribe", "list"}))
def test_an_unknown_transcript_is_a_400(transcriber, name):
    with pytest.raises(types.AssemblyAIError) as caught:
        unknown = aai.Transcript(UNKNOWN)
        unknown._impl.transcript = types.TranscriptResponse(id=UNKNOWN, status="completed", audio_url=AUDIO)
        METHODS[name](transcriber, unknown)
    assert caught.value.status_code == 400


@pytest.mark.parametrize("name", sorted(METHODS.keys() - {"get", "delete"}))
def test_a_wrong_key_is_a_401(transcriber, name):
    made = transcriber.transcribe(AUDIO)
    stranger = aai.Transcriber(api_key="wrong")
    other = aai.Transcript(made.id, client=stranger._client)
    other._impl.transcript = made._impl.transcript
    with pytest.raises(types.AssemblyAIError, match="token missing/invalid|no longer") as caught:
        METHODS[name](stranger, other)
    assert caught.value.status_code == 401


@pytest.mark.parametrize("name", ["srt", "vtt", "words", "sentences", "paragraphs"])
def test_what_is_not_completed_has_no_parts(transcriber, name):
    with pytest.raises(types.TranscriptError, match="must have a status of 'completed'") as caught:
        METHODS[name](transcriber, transcriber.submit(AUDIO))
    assert caught.value.status_code == 400


@pytest.mark.mockserver(contract_violations="off")
def test_requests_that_are_refused(api, transcriber):
    for config in ({"speech_threshold": 2.0}, {"webhook_url": "nowhere"}, {"temperature": 2.0}):
        with pytest.raises(types.TranscriptError, match=next(iter(config))) as caught:
            transcriber.submit(AUDIO, aai.TranscriptionConfig(**config))
        assert caught.value.status_code == 400
    with pytest.raises(types.AssemblyAIError, match="limit"):
        transcriber.list_transcripts(aai.ListTranscriptParameters(limit=500))
    with pytest.raises(types.TranscriptError, match="balance is negative") as caught:
        transcriber.submit("https://mock/broke.mp3")
    assert caught.value.status_code == 400
    poor = aai.Transcriber(api_key=api.account(credits=1).api_key)
    poor.submit(AUDIO)
    with pytest.raises(types.TranscriptError, match="balance is negative"):
        poor.submit(AUDIO)


def test_limits(api, transcriber):
    api.scenario("overloaded")
    with pytest.raises(types.TranscriptError, match="Too Many Requests") as caught:
        for _ in range(6):
            transcriber.submit(AUDIO)
    assert caught.value.status_code == 429
    assert int(transcriber._client.last_response.headers["retry-after"]) > 0


def test_a_server_that_does_not_answer_is_a_timeout(api):
    settings = aai.Settings(api_key=api.api_key, http_timeout=0.2)
    api.fault("hang", times=1)
    with pytest.raises(httpx.TimeoutException):
        aai.Transcriber(client=aai.Client(settings=settings)).submit(AUDIO)


def test_a_config_that_is_none_is_refused_before_it_is_sent(transcriber):
    with pytest.raises(TypeError):
        transcriber.transcribe(AUDIO, config={"punctuate": True})
    with pytest.raises(TypeError):
        transcriber.upload_file(7)
'''

ASYNC = """
METHODS = {
    "upload": lambda t, made: t.upload_file(b"ID3"),
    "submit": lambda t, made: t.submit(AUDIO),
    "transcribe": lambda t, made: t.transcribe(AUDIO),
    "list": lambda t, made: t.list_transcripts(),
    "get": lambda t, made: t.get_by_id(made.id),
    "delete": lambda t, made: t.delete_by_id(made.id),
    "srt": lambda t, made: made.export_subtitles_srt(),
    "vtt": lambda t, made: made.export_subtitles_vtt(),
    "words": lambda t, made: made.word_search(["lamp"]),
    "sentences": lambda t, made: made.get_sentences(),
    "paragraphs": lambda t, made: made.get_paragraphs(),
    "redacted": lambda t, made: async_calls.get_redacted_audio(t.client.http_client, made.id),
}


def test_async_transcribe_and_its_parts(api):
    async def walk(transcriber):
        found = await transcriber.transcribe(AUDIO)
        assert (found.status, found.text) == (aai.TranscriptStatus.completed, TEXT)
        assert len(await found.get_sentences()) == 2 and len(await found.get_paragraphs()) == 1
        assert (await found.export_subtitles_srt()).startswith("1\\n")
        assert (await found.export_subtitles_vtt(chars_per_caption=32)).startswith("WEBVTT")
        assert [each.count for each in await found.word_search(["lamp", "night"])] == [2, 1]
    ran(walk)


@pytest.mark.mockserver(contract_violations="off")
def test_async_uploads(api, tmp_path):
    (tmp_path / "talk.mp3").write_bytes(b"ID3" + bytes(2000))
    async def walk(transcriber):
        with open(tmp_path / "talk.mp3", "rb") as file:
            for data in (tmp_path / "talk.mp3", b"ID3", bytearray(b"ID3"), io.BytesIO(b"ID3"), file):
                url = await transcriber.upload_file(data)
                assert url.startswith("https://cdn.assemblyai.com/upload/")
        with pytest.raises(types.TranscriptError):
            await transcriber.upload_file(b"")
        assert (await transcriber.submit(url)).audio_url == url
        return (await transcriber.transcribe(str(tmp_path / "talk.mp3"))).text
    assert ran(walk) == TEXT


def test_async_groups(api):
    async def walk(transcriber):
        submitted = await transcriber.submit_group([AUDIO, AUDIO])
        assert [each.status for each in submitted] == [aai.TranscriptStatus.queued] * 2
        found = await transcriber.transcribe_group([AUDIO] * 3, max_concurrency=2)
        assert {each.text for each in found} == {TEXT}
        api.fault("status", operation="createTranscript", status=500, times=1)
        found, failures = await transcriber.transcribe_group([AUDIO, AUDIO], return_failures=True)
        assert len(found) == 1 and [each.status_code for each in failures] == [500]
        api.fault("status", operation="createTranscript", status=500, times=1)
        with pytest.raises(types.TranscriptError):
            await transcriber.submit_group([AUDIO, AUDIO])
    ran(walk)


def test_async_failures_and_patience(api):
    async def walk(transcriber):
        api.next_job(outcome="error", error="Audio duration is too short.")
        found = await transcriber.transcribe(AUDIO)
        assert (found.status, found.error) == (aai.TranscriptStatus.error, "Audio duration is too short.")
        with pytest.raises(types.TranscriptError, match="did not finish"):
            await transcriber.transcribe("https://mock/stuck.mp3", poll_timeout=30)
    ran(walk)


def test_async_redacted_audio(api, tmp_path):
    config = aai.TranscriptionConfig().set_redact_pii(policies=NAMES, redact_audio=True)
    async def walk(transcriber):
        made = await transcriber.submit(AUDIO, config)
        url = await made.get_redacted_audio_url()
        await made.save_redacted_audio(str(tmp_path / "a.mp3"))
        assert url == await made.get_redacted_audio_url() and (tmp_path / "a.mp3").stat().st_size > 1000
        plain = await transcriber.transcribe(AUDIO)
        with pytest.raises(ValueError):
            await plain.get_redacted_audio_url()
        with pytest.raises(types.AssemblyAIError):
            await async_calls.get_redacted_audio(transcriber.client.http_client, plain.id)
        api.fault("result_expired")
        gone = await transcriber.transcribe(AUDIO, config)
        with pytest.raises(types.RedactedAudioUnavailableError):
            await gone.save_redacted_audio(str(tmp_path / "b.mp3"))
    ran(walk)


def test_async_list_get_and_delete(api):
    async def walk(transcriber):
        made = [await transcriber.submit(AUDIO) for _ in range(12)]
        params, found = aai.ListTranscriptParameters(), []
        while not found or params.before_id:
            page = await transcriber.list_transcripts(params)
            found += [each.id for each in page.transcripts]
            params.before_id = page.page_details.before_id_of_prev_url
        assert found == [each.id for each in made][::-1]
        assert (await transcriber.get_by_id(found[0])).text == TEXT
        assert (await transcriber.delete_by_id(found[0])).audio_url == "http://deleted_by_user"
        assert (await transcriber.get_by_id(found[0])).audio_url == "http://deleted_by_user"
    ran(walk)


def test_an_async_webhook(api, webhook_inbox):
    config = aai.TranscriptionConfig().set_webhook(webhook_inbox.url, **SECRET)
    assert ran(lambda transcriber: transcriber.transcribe(AUDIO, config)).webhook_auth
    assert webhook_inbox.wait(1)[0].headers["x-acme-secret"] == "opensesame"


@pytest.mark.parametrize("name", METHODS)
def test_each_async_method_raises_each_error(api, name):
    async def walk(transcriber):
        made, ask = await transcriber.transcribe(AUDIO), METHODS[name]
        for status in (401, 429, 500, 503, 504):
            api.fault("status", status=status, times=1)
            with pytest.raises(types.AssemblyAIError) as caught:
                await ask(transcriber, made)
            assert caught.value.status_code == status
        for fault in ("close_before_headers", "garbage"):
            api.fault(fault, times=1)
            with pytest.raises(httpx.TransportError):
                await ask(transcriber, made)
    ran(walk)


@pytest.mark.parametrize("name", METHODS)
def test_async_wrong_keys_and_unknown_transcripts(api, name):
    async def walk(transcriber):
        made = await transcriber.transcribe(AUDIO)
        async with aai.AsyncTranscriber(api_key="wrong") as stranger:
            other = aai.AsyncTranscript(made.id, client=stranger.client)
            with pytest.raises(types.AssemblyAIError) as caught:
                await METHODS[name](stranger, other)
            assert caught.value.status_code == 401
        if name not in ("upload", "submit", "transcribe", "list"):
            with pytest.raises(types.AssemblyAIError) as caught:
                await METHODS[name](transcriber, aai.AsyncTranscript(UNKNOWN, client=transcriber.client))
            assert caught.value.status_code == 400
    ran(walk)


def test_async_what_is_not_completed_has_no_parts(api):
    async def walk(transcriber):
        made = await transcriber.submit(AUDIO)
        for name in ("srt", "vtt", "words", "sentences", "paragraphs"):
            with pytest.raises(types.TranscriptError, match="must have a status of 'completed'"):
                await METHODS[name](transcriber, made)
    ran(walk)
"""


@pytest.mark.skipif(find_spec("assemblyai") is None, reason="the dependency group sdks is not installed")
def test_assemblyai_drives_transcripts(pytester: pytest.Pytester) -> None:
    run_suite(pytester, "assemblyai", least=61, test_sync=HEAD + SYNC, test_async=HEAD + ASYNC)
