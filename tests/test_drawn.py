"""Which parts of paths are secrets by their form: what is drawn is told from what somebody named."""

from __future__ import annotations

import random
import string

import pytest

from mockserver.redaction.drawn import is_drawn, is_secret

LETTERS, DIGITS = string.ascii_letters, string.digits
ALPHABETS = {
    "base62": LETTERS + DIGITS, "base64url": LETTERS + DIGITS + "-_", "hex": "0123456789abcdef",
    "base36": string.ascii_lowercase + DIGITS, "letters": LETTERS,
}  # fmt: skip
NAMED = (
    "stable-diffusion-xl-base-1-0-inpainting", "flux-pro-v1.1-ultra-finetuned", "gpt-4o-mini-tts-2025-03-20",
    "generate-video-from-text-2024-11-06", "claude-3-5-sonnet-20241022", "ByteDance-SDXL-Lightning-4step-unet",
    "Meta-Llama-3.1-8B-Instruct-Turbo", "mistral-7b-instruct-v0.2-awq-gguf-q4-k-m", "generateVideoFromTextV2x1080p30",
    "Qwen2.5-VL-72B-Instruct-AWQ-int4", "us-central1-prediction.googleapis", "createTranscriptionJobV2Beta",
    "wan2.2-i2v-a14b-720p-lightning", "text-to-speech", "0b5fb3c5-3b1c-4a44-8d0b-3c7e6f2f6c11", "job_1a2b3c4d5e6f",
    "v1", "2024-05-13T12:00:00Z-report", "", "@someone", "speech-to-speech-2025-conversational-preview",
)  # fmt: skip


@pytest.mark.parametrize("alphabet", ALPHABETS)
@pytest.mark.parametrize("length", [24, 32, 43, 64])
def test_what_is_long_and_random_is_drawn(alphabet: str, length: int) -> None:
    chance = random.Random(f"{alphabet}{length}")
    several = ["".join(chance.choices(ALPHABETS[alphabet], k=length)) for _ in range(500)]
    assert sum(map(is_drawn, several)) >= 0.93 * len(several)


@pytest.mark.parametrize("text", NAMED)
def test_what_somebody_named_is_not(text: str) -> None:
    assert not is_secret(text, ["v1", "models"])


@pytest.mark.parametrize(("before", "part"), [
    (["v1"], "bot123456789:AAF-abcDEF1234ghIkl-zyx57W2v1u"), (["hooks", "T000", "B000"], "XyZ12345"),
    (["api", "webhooks", "103746"], "a1b2c3d4e5"), (["v1", "token"], "a1b2c3d4"),
    (["services", "T024BE7LD"], "B024BE7LD"),
    (["pbxt"], "x7KfP2qLmN0rTvWs4Yb9.mp4"),
])  # fmt: skip
def test_what_stands_before_a_part_may_tell_that_it_is_one(before: list[str], part: str) -> None:
    assert is_secret(part, before)


@pytest.mark.parametrize("part", ["messages", "v2", "1080", "create", "0b5fb3c5-3b1c-4a44-8d0b-3c7e6f2f6c11"])
def test_words_and_ids_behind_them_are_none(part: str) -> None:
    assert not is_secret(part, ["v1", "webhooks"])
