"""What follows from a contract alone is worked out once, however many sandboxes ask. Knows nothing of what that is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from mockserver.contract import Contract

P = ParamSpec("P")
T = TypeVar("T")
Of = Callable[Concatenate[Contract, P], T]


@dataclass(frozen=True, slots=True)
class _Held:
    """A contract by identity: it is held, so that no other one comes to have its identity."""

    contract: Contract = field(compare=False)
    identity: int


def once_per_contract(most: int) -> Callable[[Of[P, T]], Of[P, T]]:
    """Remembers what a function of a contract (and of more that can be hashed) gave, for the last `most` calls."""

    def remembering(function: Of[P, T]) -> Of[P, T]:
        def of(held: _Held, *args: Any, **named: Any) -> T:
            return function(held.contract, *args, **named)

        found: Callable[..., T] = lru_cache(maxsize=most)(of)

        @wraps(function)
        def asked(contract: Contract, /, *args: P.args, **named: P.kwargs) -> T:
            return found(_Held(contract, id(contract)), *args, **named)

        return asked

    return remembering
