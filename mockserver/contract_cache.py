"""What follows from a contract alone is worked out once, however many sandboxes ask. Knows nothing of what that is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from mockserver.contract import Contract

P = ParamSpec("P")
T = TypeVar("T")
Of = Callable[Concatenate[Contract, P], T]


@dataclass(frozen=True, slots=True)
class Held:
    """A contract by identity: it is held, so that no other one comes to have its identity."""

    contract: Contract = field(compare=False)
    identity: int

    @classmethod
    def all(cls, contracts: Iterable[Contract]) -> tuple[Held, ...]:
        """By what is remembered of several contracts: another one in the place of one of them is another key."""
        return tuple(cls(contract, id(contract)) for contract in contracts)


def once_per_contract(most: int) -> Callable[[Of[P, T]], Of[P, T]]:
    """Remembers what a function of a contract (and of more that can be hashed) gave, for the last `most` calls."""

    def remembering(function: Of[P, T]) -> Of[P, T]:
        def of(held: Held, *args: Any, **options: Any) -> T:
            return function(held.contract, *args, **options)

        cached: Callable[..., T] = (cache := lru_cache(maxsize=most)(of))
        _CACHES.append(cache)

        @wraps(function)
        def asked(contract: Contract, /, *args: P.args, **options: P.kwargs) -> T:
            return cached(Held(contract, id(contract)), *args, **options)

        return asked

    return remembering


_CACHES: list[Any] = []


def forget_contracts(most: int) -> None:
    """Let go of what was worked out, function by function, where more than `most` results are held: for a process that
    meets hundreds of contracts, each for a moment, as a run of tests does."""
    for cache in _CACHES:
        if cache.cache_info().currsize > most:
            cache.cache_clear()
