"""Chance: every draw is a function of (seed, purpose, n), with a counter of its own per purpose.

So arming a fault or polling once more shifts no other draw. A keyed hash serves instead of `random.Random`,
whose seeding alone costs more than answering a request. Knows nothing of what is drawn for.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from mockserver.id_patterns import LONGEST_NUMBER, alphabets
from mockserver.id_patterns import is_number as is_number_pattern

if TYPE_CHECKING:
    from statistics import NormalDist

T = TypeVar("T")
AHEAD = 1000
"""How many numbers may have been used up between two ids that are known to be taken, for requests that were refused."""
_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"


@lru_cache(maxsize=1)
def _normal() -> NormalDist:
    from statistics import NormalDist  # imports fractions and decimals, which few contracts need

    return NormalDist()


def digest(seed: str, purpose: str, n: int | str) -> bytes:
    """64 bytes that depend on nothing else."""
    return blake2b(f"{purpose}\0{n}".encode(), key=blake2b(seed.encode(), digest_size=32).digest()).digest()


_EIGHT = Struct(">8Q").unpack
_UNIT = 2.0**-53


class Draw:
    """Up to eight independent numbers out of one digest, and as many more as are wanted."""

    __slots__ = ("_digest", "_numbers")

    def __init__(self, source: bytes) -> None:
        self._digest = source
        self._numbers = list(_EIGHT(source))

    def unit(self) -> float:
        """A number from 0 (included) to 1 (excluded)."""
        if not self._numbers:
            self._digest = blake2b(self._digest).digest()
            self._numbers = list(_EIGHT(self._digest))
        number: int = self._numbers.pop()
        return (number >> 11) * _UNIT

    def uniform(self, low: float, high: float) -> float:
        return low + (high - low) * self.unit()

    def lognormal(self, median: float, sigma: float) -> float:
        return median * math.exp(sigma * _normal().inv_cdf(min(max(self.unit(), 1e-12), 1 - 1e-12)))

    def choice(self, items: Sequence[T]) -> T:
        return items[int(self.unit() * len(items))]

    def weighted(self, weights: Mapping[str, float]) -> str:
        """A key, as often as its weight says; the first one when all weights are 0."""
        point = self.unit() * sum(weights.values())
        for key, weight in weights.items():
            if point < weight:
                return key
            point -= weight
        return next(iter(weights))


class Draws:
    """All the chance of one sandbox."""

    def __init__(self, seed: str) -> None:
        self.seed = seed
        self._begun = blake2b(key=blake2b(seed.encode(), digest_size=32).digest())
        self._counts: dict[str, int] = defaultdict(int)

    def reserve(self, purpose: str) -> int:
        """The number of the next draw for a purpose, which nobody else will get."""
        n = self._counts[purpose]
        self._counts[purpose] = n + 1
        return n

    def numbers(self, purposes: Sequence[str]) -> tuple[int, ...]:
        """The numbers of the next draws, one for each purpose, which nobody else will get."""
        counts, numbers = self._counts, []
        for purpose in purposes:
            n = counts[purpose]
            counts[purpose] = n + 1
            numbers.append(n)
        return (*numbers,)

    def counts(self) -> dict[str, int]:
        """How many numbers were drawn for each purpose."""
        return dict(self._counts)

    def go_on(self, counts: Mapping[str, int]) -> None:
        """Draw from now on as if so many numbers had been drawn for each purpose."""
        self._counts.update(counts)

    def go_past(self, purpose: str, made: Callable[[bytes], str], taken: Collection[str]) -> None:
        """Give no number of those that are next by which one of the ids that are `taken` would be made again."""
        first = self._counts.get(purpose, 0)
        ahead = range(first, first + len(taken) + AHEAD) if taken else ()
        if hits := [n for n in ahead if made(self.reserved(purpose, n)) in taken]:
            self._counts[purpose] = hits[-1] + 1

    def reserved(self, purpose: str, n: int) -> bytes:
        """The 64 bytes of a draw that was reserved."""
        keyed = self._begun.copy()  # a third cheaper than to begin with the key each time
        keyed.update(f"{purpose}\0{n}".encode())
        return keyed.digest()

    def digest(self, purpose: str) -> bytes:
        """The next 64 bytes for a purpose."""
        return self.reserved(purpose, self.reserve(purpose))

    def next(self, purpose: str) -> Draw:
        """The next draw for a purpose."""
        return Draw(self.digest(purpose))


_BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"  # as Crockford has it: no i, l, o and u
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _table(alphabet: str) -> bytes:
    return bytes(alphabet.encode()[byte % len(alphabet)] for byte in range(256))


_TABLES = {
    "cuid": _table(_BASE36),
    "base32": _table(_BASE32),
    "base62": _table(_BASE62),
    "number": _table("0123456789"),
}
_LENGTHS = {"cuid": 25, "hex": 24, "base32": 26, "base62": 24, "number": 12}


class IdForm(NamedTuple):
    """How an id is made: what it begins with, its alphabet, and how many characters follow; or a pattern of it."""

    prefix: str = ""
    form: str = "cuid"
    length: int | None = None
    pattern: str = ""

    def made(self, source: bytes) -> str:
        """The id that 64 bytes stand for."""
        if self.pattern:
            return _matching(self.pattern, source)
        if self.form == "uuid":
            return self.prefix + uuid(source)
        length = self.length or _LENGTHS[self.form]
        if self.form == "hex":
            return self.prefix + source.hex()[:length]
        text = source[:length].translate(_TABLES[self.form]).decode()
        if self.form == "cuid":
            return f"{self.prefix}c{text[: length - 1]}"
        return self.prefix + (text if self.form != "number" else f"{1 + source[0] % 9}{text[1:]}")


def _matching(pattern: str, source: bytes) -> str:
    """An id of a pattern: a byte for each place of which it says more than one character."""
    several = alphabets(pattern)
    material = source + blake2b(source).digest() if len(several) > len(source) else source
    return "".join(alphabet[byte % len(alphabet)] for alphabet, byte in zip(several, material, strict=False))


IdKind = str | IdForm


def is_number(kind: IdKind) -> bool:
    """Whether ids of a kind are whole numbers, which JSON may show as such: digits alone, not too many of them."""
    if isinstance(kind, IdForm) and kind.pattern:
        return is_number_pattern(kind.pattern)
    if isinstance(kind, IdForm):
        return kind.form == "number" and not kind.prefix and (kind.length or 0) <= LONGEST_NUMBER
    return kind == "number"


def cuid(source: bytes) -> str:
    """25 characters that begin with `c`, like `cm42ab3ou0008aggajj0jy5e2`."""
    return "c" + source[:24].translate(_TABLES["cuid"]).decode()


def uuid(source: bytes) -> str:
    """A version 4 UUID."""
    h = source[:16].hex()
    return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-{'89ab'[source[8] & 3]}{h[17:20]}-{h[20:32]}"


def hexadecimal(source: bytes) -> str:
    """24 hexadecimal digits."""
    return source[:12].hex()


def number(source: bytes) -> str:
    """Twelve decimal digits without leading zero."""
    return str(10**11 + int.from_bytes(source[:8], "big") % (9 * 10**11))


class _Ids(dict[IdKind, Callable[[bytes], str]]):
    """What makes ids of a kind: of a word, or as a form says."""

    def __missing__(self, kind: IdKind) -> Callable[[bytes], str]:
        make_id = kind.made if isinstance(kind, IdForm) else IdForm(form=kind).made
        self[kind] = make_id
        return make_id


IDS = _Ids({"cuid": cuid, "uuid": uuid, "hex": hexadecimal, "number": number})


_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SHOWN = re.compile(r"(?P<prefix>(?:[A-Za-z0-9]+[_-])*)(?P<rest>[A-Za-z0-9]{8,64})")


def form_of(shown: object) -> IdForm:
    """How ids are made like one that is shown: its prefix, its alphabet and its length; a UUID where none is shown."""
    match = _SHOWN.fullmatch(shown) if isinstance(shown, str) and not _UUID.fullmatch(shown) else None
    if match is None:
        return IdForm(form="uuid")
    tail = match["rest"]
    alphabet = "number" if tail.isdigit() else "base62" if re.search("[G-Zg-z]", tail) else "hex"
    return IdForm(match["prefix"], alphabet, len(tail))


def derived(kind: IdKind, source: str, salt: str) -> str:
    """Another id, derived from an id."""
    return IDS[kind](blake2b(f"{salt}\0{source}".encode()).digest())
