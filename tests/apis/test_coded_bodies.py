"""Requests whose bodies are compressed: read as what they unfold to, or refused in the vendor's own form."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

import httpx
import pytest
from api_kit import MP3, PNG, View
from miraflow_kit import SPEECH

from mockserver.app import incoming

GZIP = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
FILES = {"image": ("a.png", PNG, "image/png"), "audio": ("a.mp3", MP3, "audio/mpeg")}
PICTURES = {"target_image": "https://a.example/a.png", "garment_image": "https://a.example/b.png"}


def form(**parts: Any) -> tuple[bytes, str]:
    """A form's bytes and its media type."""
    made = httpx.Request("POST", "http://a", files=parts)
    return made.read(), made.headers["content-type"]


@pytest.mark.parametrize(
    ("coding", "fold"), [("gzip", gzip.compress), ("x-gzip", gzip.compress), ("deflate", zlib.compress)]
)
def test_json_is_read_as_what_it_unfolds_to(mirrago: View, coding: str, fold: Any) -> None:
    headers = {**GZIP, "Content-Encoding": coding}
    got = mirrago.http.post("/v1/mirrago/generate-image", content=fold(json.dumps(PICTURES).encode()), headers=headers)
    assert got.status_code == 200
    assert '"target_image"' in mirrago.sandbox.journal.last().sent.text  # type: ignore[union-attr]


def test_a_client_is_known_by_a_coded_form(mirrago: View) -> None:
    account = mirrago.mine
    asked = f"grant_type=client_credentials&client_id={account.client_id}&client_secret={account.client_secret}"
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/x-www-form-urlencoded"}
    got = mirrago.http.post("/oauth/token", content=gzip.compress(asked.encode()), headers=headers)
    assert got.status_code == 200


@pytest.mark.parametrize("chunked", [False, True])
def test_a_form_with_files_is_read_too(vidgen: View, chunked: bool) -> None:
    body, kind = form(**FILES)
    coded = gzip.compress(body)
    content: Any = iter([coded[:100], coded[100:]]) if chunked else coded
    got = vidgen.http.post("/api/jobs", content=content, headers={"Content-Encoding": "gzip", "Content-Type": kind})
    assert got.status_code == 201


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "compress", "gzip, br"])
def test_what_is_not_understood_is_an_unsupported_type_that_names_what_is(miragic: View, coding: str) -> None:
    body, kind = form(**FILES)
    headers = {"Content-Encoding": coding, "Content-Type": kind}
    got = miragic.http.post("/api/v1/speed-painting/create", content=body, headers=headers)
    assert (got.status_code, got.headers["accept-encoding"]) == (415, "gzip, deflate")
    assert got.headers["content-type"] == "application/json"


def test_where_any_body_is_read_one_that_is_not_understood_is_a_request_without_files(vidgen: View) -> None:
    body, kind = form(**FILES)
    got = vidgen.http.post("/api/jobs", content=body, headers={"Content-Encoding": "br", "Content-Type": kind})
    assert (got.status_code, got.headers["accept-encoding"]) == (400, "gzip, deflate")
    assert got.headers["content-type"] == "application/json"
    assert int(got.headers["ratelimit-remaining"]) > 0
    assert "violation" in (vidgen.sandbox.journal.last().extra or {})  # type: ignore[union-attr]


def test_json_that_is_labelled_as_coded_is_not_read_as_if_it_were_not(mirrago: View) -> None:
    for coding, status in (("br", 415), ("gzip", 400), ("deflate", 400), ("identity", 200)):
        headers = {**GZIP, "Content-Encoding": coding}
        got = mirrago.http.post("/v1/mirrago/generate-image", json=PICTURES, headers=headers)
        assert got.status_code == status


@pytest.mark.parametrize("end", [1, 10, -9, -1])
def test_a_coded_body_that_is_cut_short_is_a_bad_request(miraflow: View, end: int) -> None:
    coded = gzip.compress(json.dumps(SPEECH).encode())
    got = miraflow.http.post("/api/video/create", content=coded[:end], headers=GZIP)
    assert got.status_code == 400
    assert "gzip" in miraflow.sandbox.journal.last().why  # type: ignore[union-attr]


def test_a_broken_coding_leaves_the_connection_usable(mirrago: View) -> None:
    for path in ("/v1/mirrago/generate-image", "/oauth/token"):
        assert mirrago.http.post(path, content=b"\x1f\x8b rubbish", headers=GZIP).status_code == 400
    assert mirrago.http.post("/v1/mirrago/generate-image", json=PICTURES).status_code == 200


def test_sizes_are_those_of_what_a_body_unfolds_to(mirrago: View) -> None:
    large = gzip.compress(b'{"a": "' + b"a" * 2_000_000 + b'"}')
    assert len(large) < 10_000
    assert mirrago.http.post("/v1/mirrago/generate-image", content=large, headers=GZIP).status_code == 413


def test_a_bomb_is_refused_once_it_has_unfolded_too_far(vidgen: View, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "DECODED_BYTES", 1 << 20)
    begun, kind = form(image=("a.png", PNG, "image/png"), audio=("a.mp3", b"HERE", "audio/mpeg"))
    before, _, behind = begun.partition(b"HERE")
    fold = zlib.compressobj(9, wbits=31)
    bomb = fold.compress(before) + b"".join(fold.compress(bytes(1 << 20)) for _ in range(4)) + fold.compress(behind)
    got = vidgen.http.post(
        "/api/jobs", content=bomb + fold.flush(), headers={"Content-Encoding": "gzip", "Content-Type": kind}
    )
    assert got.status_code == 413
    assert "unfolds to more than" in vidgen.sandbox.journal.last().why  # type: ignore[union-attr]
    assert vidgen.http.get("/api/jobs").json()["jobs"] == []
