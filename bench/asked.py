"""What the benchmarks ask the server for: a form with a picture and a voice, and a job in JSON. Imports no server."""

from __future__ import annotations

from pathlib import Path

SAMPLES = Path(__file__).parent.parent / "mockserver" / "samples"
BODY = {"prompt": "A red kite over a quiet harbour", "name": "kite", "aspectRatio": "16:9", "seed": 12345}


def form(**more: str) -> tuple[bytes, str]:
    """A multipart form with a picture, a voice and these fields."""
    files = [("image", "a.jpg", "image/jpeg", "portrait.jpg"), ("audio", "a.mp3", "audio/mpeg", "voice.mp3")]
    head = '--b\r\nContent-Disposition: form-data; name="{}"; filename="{}"\r\nContent-Type: {}\r\n\r\n'
    parts = [head.format(*each[:3]).encode() + (SAMPLES / each[3]).read_bytes() for each in files]
    parts += [f'--b\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}'.encode() for k, v in more.items()]
    return b"\r\n".join([*parts, b"--b--\r\n"]), "multipart/form-data; boundary=b"
