"""Does a GET receive the part it asks for, and nothing when it has it already?"""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.media import Selection, select

ETAG = '"abc"'
CHANGED = "Sun, 09 Sep 2001 01:46:40 GMT"
EARLIER = "Sun, 09 Sep 2001 01:46:39 GMT"
LATER = "Sun, 09 Sep 2001 01:46:41 GMT"


def ask(length: int = 1000, method: str = "GET", **headers: str) -> Selection:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return select(named, length, ETAG, CHANGED, method)


def test_without_conditions_everything_is_sent_with_its_validators() -> None:
    headers = [("accept-ranges", "bytes"), ("etag", ETAG), ("last-modified", CHANGED)]
    assert ask() == Selection(200, ((0, 1000),), headers)


def test_without_a_date_there_is_no_last_modified() -> None:
    told = select({"if-modified-since": CHANGED}, 5, ETAG, "")
    assert told.status == 200
    assert "last-modified" not in dict(told.headers)


@pytest.mark.parametrize(
    ("wanted", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=990-5000", 990, 1000),
        ("bytes=10-", 10, 1000),
        ("bytes=999-", 999, 1000),
        ("bytes=-1", 999, 1000),
        ("bytes=-5000", 0, 1000),
        ("BYTES=0-1", 0, 2),
        ("bytes= 0-1 ,", 0, 2),
        ("bytes=0-" + "9" * 5000, 0, 1000),
        ("bytes=-" + "9" * 5000, 0, 1000),
        ("bytes=" + "0" * 5000 + "7-8", 7, 9),
    ],
)
def test_one_range_is_sent_as_a_part(wanted: str, start: int, stop: int) -> None:
    told = ask(range=wanted)
    assert (told.status, told.spans) == (206, ((start, stop),))
    headers = dict(told.headers)
    assert headers["content-range"] == f"bytes {start}-{stop - 1}/1000"
    assert headers["etag"] == ETAG


MANY = "bytes=" + ",".join(f"{at}-{at}" for at in range(0, 202, 2))


@pytest.mark.parametrize(
    ("wanted", "spans"),
    [
        ("bytes=0-1,5-6", ((0, 2), (5, 7))),
        ("bytes=0-1 , ,5-6,", ((0, 2), (5, 7))),
        ("bytes=990-,0-1", ((990, 1000), (0, 2))),  # in the order asked for
        ("bytes=-1,0-0", ((999, 1000), (0, 1))),
        ("bytes=500-599,0-9,400-499,5-20", ((400, 600), (0, 21))),  # in the place of the first of those made one
        ("bytes=0-1,2000-", ((0, 2),)),  # what lies beyond the end is left out
        ("bytes=0-1,-0", ((0, 2),)),
        ("bytes=0-,0-,0-,0-", ((0, 1000),)),
        ("bytes=0-499,500-", ((0, 1000),)),
        ("bytes=" + "0-1," * 20_000, ((0, 2),)),
        (MANY[: MANY.rindex(",")], tuple((at, at + 1) for at in range(0, 200, 2))),
    ],
)
def test_several_ranges_are_sent_as_parts_or_made_one(wanted: str, spans: Any) -> None:
    told = ask(range=wanted)
    assert (told.status, told.spans) == (206, spans)
    assert ("content-range" in dict(told.headers)) == (len(spans) == 1)
    assert dict(told.headers)["etag"] == ETAG


@pytest.mark.parametrize(
    "wanted",
    [
        "bytes=1000-",
        "bytes=5000-6000",
        "bytes=-0",
        "bytes=" + "9" * 5000 + "-",
        "bytes=1000-,-0,2000-3000",
        MANY,
    ],
)
def test_ranges_beyond_the_end_and_too_many_are_refused_with_the_length(wanted: str) -> None:
    told = ask(range=wanted)
    assert (told.status, told.spans) == (416, ())
    assert dict(told.headers)["content-range"] == "bytes */1000"
    assert dict(told.headers)["content-length"] == "0"


@pytest.mark.parametrize(
    "wanted",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=5-4",
        "bytes=,",
        "bytes=0-1,5-4",
        "bytes=0-1,a",
        "bytes=1 - 2",
        "bytes=+1-2",
        "lines=0-1",
        "bytes=٣-٤",
        "bytes=0-1;x",
        "bytes=--1",
    ],
)
def test_a_malformed_range_is_answered_with_everything(wanted: str) -> None:
    assert (ask(range=wanted).status, ask(range=wanted).spans) == (200, ((0, 1000),))


def test_an_empty_representation_has_no_range() -> None:
    assert ask(length=0).status == 200
    assert ask(length=0, range="bytes=0-").status == 416
    assert ask(length=0, range="bytes=-5").status == 200
    assert ask(length=0, range="bytes=-0").status == 416


def test_head_is_told_of_everything_whatever_range_it_names() -> None:
    assert ask(method="HEAD", range="bytes=0-1").status == 200
    assert ask(method="HEAD", if_none_match=ETAG).status == 304


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        (ETAG, 206),
        (f" {ETAG} ", 206),
        (f"W/{ETAG}", 200),
        ('"other"', 200),
        (CHANGED, 206),
        (LATER, 200),
        (EARLIER, 200),
        ("yesterday", 200),
        ("", 200),
    ],
)
def test_a_part_is_sent_only_of_what_the_client_began_with(condition: str, status: int) -> None:
    assert ask(range="bytes=0-1", if_range=condition).status == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"if-none-match": ETAG}, 304),
        ({"if-none-match": f'"x", W/{ETAG}'}, 304),
        ({"if-none-match": "*"}, 304),
        ({"if-none-match": '"x"', "if-modified-since": LATER}, 200),
        ({"if-none-match": ETAG, "range": "bytes=0-1"}, 304),
        ({"if-modified-since": CHANGED}, 304),
        ({"if-modified-since": LATER}, 304),
        ({"if-modified-since": EARLIER}, 200),
        ({"if-modified-since": "Sunday, 09-Sep-01 01:46:40 GMT"}, 304),
        ({"if-modified-since": "Sun Sep  9 01:46:40 2001"}, 304),
        ({"if-modified-since": "soon"}, 200),
        ({"if-match": ETAG}, 200),
        ({"if-match": "*"}, 200),
        ({"if-match": f"W/{ETAG}"}, 412),
        ({"if-match": '"x"', "if-unmodified-since": LATER}, 412),
        ({"if-unmodified-since": CHANGED}, 200),
        ({"if-unmodified-since": EARLIER}, 412),
        ({"if-unmodified-since": "soon"}, 200),
    ],
)
def test_conditions_are_weighed_before_anything_is_sent(headers: dict[str, str], status: int) -> None:
    told = select(headers, 1000, ETAG, CHANGED)
    assert told.status == status
    assert dict(told.headers)["etag"] == ETAG
    assert told.spans == (((0, 1000),) if status == 200 else ())


@given(st.integers(0, 10**12), st.integers(0, 10**13), st.none() | st.integers(0, 10**13))
def test_a_part_is_what_slicing_would_give(length: int, first: int, last: int | None) -> None:
    told = select({"range": f"bytes={first}-{'' if last is None else last}"}, length, ETAG, CHANGED)
    wanted = range(length)[first : length if last is None else last + 1]
    if last is not None and last < first:
        assert told.status == 200
    elif wanted:
        assert (told.status, told.spans) == (206, ((wanted[0], wanted[-1] + 1),))
    else:
        assert told.status == 416


NAMES = ["range", "if-range", "if-match", "if-none-match", "if-modified-since", "if-unmodified-since"]
VALUES = st.text() | st.from_regex(re.compile(r"bytes=[0-9]*-[0-9]*", re.ASCII), fullmatch=True) | st.just(CHANGED)


@given(st.dictionaries(st.sampled_from(NAMES), VALUES), st.integers(0, 100), st.sampled_from(["GET", "HEAD"]))
def test_no_header_makes_it_stumble(headers: dict[str, str], length: int, method: str) -> None:
    told = select(headers, length, ETAG, CHANGED, method)
    assert told.status in {200, 206, 304, 412, 416}
    assert all(0 <= start <= stop <= length for start, stop in told.spans)
    assert dict(told.headers).get("content-length", "0") == "0"


LISTS = st.lists(st.tuples(st.integers(0, 60), st.none() | st.integers(0, 60)), min_size=1, max_size=8)


@given(LISTS, st.integers(1, 50))
def test_parts_together_are_the_bytes_that_slicing_would_give_each_once(
    wanted: list[tuple[int, int | None]], length: int
) -> None:
    told = select({"range": "bytes=" + ",".join(f"{a}-{'' if b is None else b}" for a, b in wanted)}, length, ETAG, "")
    if any(last is not None and last < first for first, last in wanted):
        assert told.status == 200
        return
    slices = [range(length)[first : length if last is None else last + 1] for first, last in wanted]
    sent = [at for start, stop in told.spans for at in range(start, stop)]
    assert sorted(sent) == sorted({at for each in slices for at in each})
    assert told.status == (206 if sent else 416)
