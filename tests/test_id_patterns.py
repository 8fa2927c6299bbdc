"""Patterns of ids: what they say, that ids match them as regular expressions do, and what is none."""

from __future__ import annotations

import re
from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.draws import IDS, IdForm, is_number
from mockserver.id_patterns import LONGEST, SAFE, alphabets, different, written


@pytest.mark.parametrize(("pattern", "wanted"), [
    ("job_[a-c]{2}", ("j", "o", "b", "_", "abc", "abc")), ("[A-CX-Z]", ("ABCXYZ",)),
    ("[a-]", ("a-",)), ("[-a]", ("-a",)),
    ("a{3}", ("a", "a", "a")), ("-[.~:]", ("-", ".~:")), ("[aab]", ("ab",)),
])  # fmt: skip
def test_a_pattern_says_what_stands_at_each_place(pattern: str, wanted: tuple[str, ...]) -> None:
    assert alphabets(pattern) == wanted


@pytest.mark.parametrize(("pattern", "told"), [
    ("a|b", "'|b' is neither a character nor a class"), ("[z-a]", "'z-a' is no range"), ("a.b", "'.b' is neither"),
    ("[A-z]", "'A-z' has '\\\\\\\\', which no id may have"), ("a{200}", "longer than 128"), ("{2}", "is neither"),
    ("[a-]{64}[b-]{65}", "longer than 128"), ("[.-:]", "'.-:' is no range"),
])  # fmt: skip
def test_what_is_no_pattern_is_told(pattern: str, told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told).replace(r"\\\\\\\\", ".*")):
        alphabets(pattern)


@given(
    st.lists(st.tuples(st.text(SAFE, min_size=1, max_size=8), st.integers(1, 20)), min_size=1, max_size=6), st.binary()
)
def test_an_id_of_a_pattern_matches_it(places: list[tuple[str, int]], source: bytes) -> None:
    pattern = "".join(f"{written(''.join(dict.fromkeys(each)))}{{{count}}}" for each, count in places)
    made = IDS[IdForm(pattern=pattern)](blake2b(source).digest())
    assert re.fullmatch(pattern, made)
    assert len(made) == sum(count for _, count in places) <= LONGEST
    assert [*map(set, alphabets(pattern))] == [set(each) for each, count in places for _ in range(count)]


def test_ids_differ_to_the_last_place() -> None:
    made = {IDS[IdForm(pattern="[0-9a-f]{128}")](blake2b(bytes([n])).digest()) for n in range(50)}
    assert len({each[-8:] for each in made}) == 50
    assert different("[0-9]{3}[ab]") == 2000


@pytest.mark.parametrize(("kind", "wanted"), [
    ("number", True), ("uuid", False), (IdForm(form="number", length=12), True), (IdForm("a", "number"), False),
    (IdForm(pattern="[1-9][0-9]{8}"), True), (IdForm(pattern="[0-9]{9}"), False),
    (IdForm(pattern="[1-9][0-9]{15}"), False),
    (IdForm(pattern="a[0-9]{9}"), False), (IdForm(form="number", length=30), False),
])  # fmt: skip
def test_ids_of_digits_are_numbers_unless_a_reader_would_change_them(kind: str | IdForm, wanted: bool) -> None:
    assert is_number(kind) is wanted
