"""How long a small JSON body takes from bytes to checked value: printed, never judged."""

from __future__ import annotations

import timeit

import pytest
from test_schemas import SCHEMAS

from mockserver.validation import parse_json, write_json


def test_reading_and_checking_a_small_body_is_timed(capsys: pytest.CaptureFixture[str]) -> None:
    body = write_json(
        {"image": "cat.png", "quality": "hd", "limit": 20, "fps": 30, "hook": "https://x.y/z"}
        | {"note": None, "kind": "job", "tags": [{"name": "a"}]}
    )
    check = SCHEMAS.at("/components/schemas/Job").check
    assert check(parse_json(body)) is None
    seconds = min(timeit.repeat(lambda: check(parse_json(body)), number=2000, repeat=3)) / 2000
    with capsys.disabled():
        print(f"\nparse_json and check of 8 fields, {len(body)} bytes: {seconds * 1e6:.1f} µs")
