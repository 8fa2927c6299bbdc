"""Results of jobs on the live page: a browser decodes each of them, to its size and to its end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from page_kit import Tab, World, tab

from mockserver import start

IMAGE = {"prompt": "A red kite over a quiet harbour", "name": "kite", "aspectRatio": "16:9"}
SPEECH = {"audio_url": "https://files.example/a.mp3", "redact_pii": True, "redact_pii_audio": True}


@pytest.fixture(scope="module")
def page(host: str) -> Iterator[Tab]:
    """A page of a server with an API whose results are sounds, and one whose results are texts."""
    with start(apis=["assemblyai", "anthropic"]) as server, tab(host, server.url) as made:
        made.open()
        yield made
        assert made.problems == []


@pytest.fixture
def world(page: Tab) -> Iterator[World]:
    made = World(page.url)
    yield made
    made.close()


def opened(page: Tab, world: World) -> list[dict[str, Any]]:
    """Bring the newest job to its end and look at it; gives its results as the control API has them."""
    job = world.get("jobs?limit=1")[0]["id"]
    world.send("POST", f"jobs/{job}/move", {"to": "finish"})
    page.go(world.name, "jobs", job)
    page.says("Results", ".detail")
    return list(world.get(f"jobs/{job}/results"))


def test_a_picture_is_shown_in_its_size(page: Tab, world: World) -> None:
    assert world.ask("POST", "/api/image/generate", api="miraflow", json=IMAGE).is_success
    (result,) = opened(page, world)
    page.says(result["file"], ".result figcaption")
    size = page.run("""
        const it = await see.until(() => document.querySelector(".result img"));
        await it.decode();
        return [it.naturalWidth, it.naturalHeight, it.clientWidth > 0];
    """)
    assert size == [512, 288, True]


PLAYED = """
const it = await see.until(() => document.querySelector(".result KIND"));
await see.until(() => it.readyState >= 3 || it.error, "a KIND that can be played");
if (it.error) throw new Error(it.error.message);
it.muted = true;
it.playbackRate = 8;
await it.play();
await see.until(() => it.ended || it.error, "the end of a KIND");
return [it.duration, it.videoWidth ?? 0, it.videoHeight ?? 0, it.webkitAudioDecodedByteCount,
  it.webkitVideoDecodedByteCount ?? 0, it.error?.message ?? "", it.controls];
"""


def test_a_film_is_played_to_its_end_with_its_sound(page: Tab, world: World) -> None:
    world.submit()
    opened(page, world)
    duration, width, height, sound, picture, error, controls = page.run(PLAYED.replace("KIND", "video"))
    assert (round(duration), width, height, error, controls) == (4, 640, 360, "", True)
    assert (sound > 0, picture > 0) == (True, True)


def test_a_page_that_came_of_a_job_is_shown_as_text_and_never_as_a_page(page: Tab, world: World) -> None:
    world.submit()
    opened(page, world)
    page.until("document.querySelector('.result pre').innerText.includes('<video')")
    assert page.run("return document.querySelectorAll('.result iframe, .result pre *').length") == 0


def test_sounds_are_played_to_their_end(page: Tab, world: World) -> None:
    headers = {"authorization": world.apis["assemblyai"]["api_key"]}
    made = world.ask("POST", "/v2/transcript", api="assemblyai", json=SPEECH, headers=headers)
    assert made.is_success, made.text
    results = opened(page, world)
    assert {each["content_type"] for each in results} == {"audio/mpeg", "audio/wav"}
    for place in range(len(results)):
        script = PLAYED.replace(".result KIND", f".result:nth-of-type({place + 1}) audio").replace("KIND", "audio")
        duration, _, _, sound, _, error, controls = page.run(script)
        assert (round(duration), error, controls, sound > 0) == (6, "", True, True)


def test_lines_of_text_are_shown_as_they_are(page: Tab, world: World) -> None:
    request = {"custom_id": "first", "params": {"model": "claude", "max_tokens": 9, "messages": [HELLO]}}
    made = world.ask("POST", "/v1/messages/batches", api="anthropic", json={"requests": [request]}, headers=VERSION)
    assert made.is_success, made.text
    opened(page, world)
    page.says('"custom_id"', ".result pre")
    page.says("first", ".result pre")


HELLO = {"role": "user", "content": "hello"}
VERSION = {"anthropic-version": "2023-06-01"}
