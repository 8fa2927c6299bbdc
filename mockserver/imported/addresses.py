"""Where operations stand towards each other, read off their paths. Knows no field and no verb."""

from __future__ import annotations

import re

from mockserver.imported.lexicon import TOLD, letters, parts, stem

PARAMETER = re.compile(r"\{([^{}]+)\}")
_VERSION = re.compile(r"v?\d+([.-]\d+)*(alpha|beta)?\d*|api|rest")


def segments(path: str) -> list[str]:
    """The parts of a path; a verb behind a colon is one of its own: `/jobs/{id}:cancel`."""
    return [each for each in re.split(r"/|(?<=\}):|:(?=[A-Za-z]+$)", path.removesuffix(".json")) if each]


def last_parameter(path: str) -> str:
    """The parameter at the end of a path, or before a last word that tells of a state; empty where there is none."""
    found = segments(path)
    if len(found) > 1 and letters(found[-1]) in TOLD:
        found = found[:-1]
    match = PARAMETER.search(found[-1]) if found else None
    return match[1] if match else ""


def base_of(path: str) -> str:
    """The path of one thing: what a last word that tells of its state stands behind."""
    found, plain = segments(path), path.removesuffix(".json").rstrip("/")
    if len(found) > 1 and letters(found[-1]) in TOLD:
        return plain[: plain.rindex(found[-1]) - 1]
    return plain


def above(path: str) -> str:
    """The path without its last part: that of the collection."""
    return path.rstrip("/").rpartition("/")[0]


def tail(path: str, base: str, *, is_loose: bool = False) -> list[str] | None:
    """The parts of a path behind a base; None where it stands elsewhere. Names of parameters may differ.

    `is_loose`: versions may differ, too, and a word may stand in its plural.
    """
    own, other = segments(base), segments(path)
    if is_loose:
        own, other = _without_version(own), _without_version(other)
    alike = _alike if is_loose else _same
    if len(other) < len(own) or any(not alike(*each) for each in zip(own, other, strict=False)):
        return None
    return other[len(own) :]


def _without_version(found: list[str]) -> list[str]:
    """The parts of a path without those that say of which version it is."""
    return [each for each in found if not _VERSION.fullmatch(each.lower())] or found


def _same(one: str, other: str) -> bool:
    return one == other or (_is_any(one) and _is_any(other) and "{" in one + other)


def _is_any(part: str) -> bool:
    """Whether a part of a path is a parameter, or the word that stands for all of its values."""
    return PARAMETER.fullmatch(part) is not None or part in ("~", "-")


def _alike(one: str, other: str) -> bool:
    return _same(one, other) or stem(letters(one)) == stem(letters(other))


def turned(path: str, base: str) -> str:
    """The word that stands before the id in the place of the collection's: `/cancel/{id}` beside `/job/{id}`.

    Also one between both: `/jobs/cancel/{id}`. Empty where a path is of another kind.
    """
    own, other = segments(base), segments(path)
    if len(other) < 2 or len(own) < 2 or not PARAMETER.fullmatch(other[-1]) or "{" in other[-2]:
        return ""
    around = other[:-2]
    *_, name = PARAMETER.findall(path)
    named = PARAMETER.findall(base)[-1:] == [name] and letters(name) != "id"
    is_beside = around in (own[:-2], own[:-1])
    return other[-2] if is_beside or (named and around[:-1] == own[:-2]) else ""


def noun(path: str) -> str:
    """What a collection holds: the stem of its last word, versions apart."""
    words = [segment for segment in segments(path) if "{" not in segment and not _VERSION.fullmatch(segment.lower())]
    return "_".join(map(stem, parts(words[-1]))) if words else ""


def shared(one: str, other: str) -> int:
    """How many parts two paths have in common from the left, versions apart."""
    count = 0
    for a, b in zip(segments(one), segments(other), strict=False):
        if a != b:
            break
        count += 0 if _VERSION.fullmatch(a.lower()) else 1
    return count
