"""What the lists of the tiers name is there, and each file of tests is read by the part of a tier that runs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tier_kit import FIRST, LATER_FILES, UNTRACED, is_left_out

TESTS = Path(__file__).parent
FILES = sorted(path.relative_to(TESTS).as_posix() for path in TESTS.rglob("test_*.py"))
COVERED, BARE = "not soak and not untraced", "not soak and untraced"


@pytest.mark.parametrize("begin", FIRST)
def test_what_runs_first_is_there(begin: str) -> None:
    assert any(name.startswith(begin) for name in FILES)


def test_files_of_later_tiers_are_there() -> None:
    assert set(FILES) >= LATER_FILES


@pytest.mark.parametrize("begin", UNTRACED)
def test_what_runs_without_coverage_is_there(begin: str) -> None:
    file, _, test = begin.partition("::")
    found = [name for name in FILES if name == file or (not test and name.startswith(begin))]
    assert found
    assert not test or f"def {test}(" in (TESTS / file).read_text()


def test_every_file_is_read_by_the_part_that_runs_its_tests() -> None:
    begun = {each.partition("::")[0] for each in UNTRACED if "::" in each}
    assert [name for name in FILES if is_left_out(name, COVERED)] == [n for n in FILES if n.startswith(UNTRACED)]
    bare = [name for name in FILES if not is_left_out(name, BARE)]
    assert bare == [name for name in FILES if name.startswith(UNTRACED) or name in begun]
    assert not [name for name in FILES if is_left_out(name, "not soak")]
