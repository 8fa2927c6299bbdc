"""Surprising answers of an operation: what its schema allows, varied from the example of a state."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from mockserver.contract import Contract, Example
from mockserver.draws import Draw, digest
from mockserver.errors import UsageError, is_on_purpose
from mockserver.generator.maker import Maker, Pick
from mockserver.suggestions import hint

__tracebackhide__ = is_on_purpose


class AnswerMaker:
    """Makes bodies around an example; `example` is the contract's, `make(pick)` a body that its schema allows."""

    def __init__(self, maker: Maker, example: Example) -> None:
        self._maker = maker
        self.example = example

    @cached_property
    def _fits(self) -> Any:
        return self._maker.schemas.at(str(self.example.schema)).is_valid

    @cached_property
    def _make(self) -> Any:
        return self._maker.of((str(self.example.schema),))

    def make(self, pick: Pick) -> Any:
        """A body. What the generator's subset of schemas gets wrong is left as the example shows it."""
        made = self._make(pick, self.example.value)
        loose = self._maker.extra_fields or self._maker.unknown_enums
        return made if loose or self._fits(made) else self.example.value


def answer_maker(
    contract: Contract,
    operation: str,
    state: str | None = None,
    *,
    extra_fields: bool = False,
    unknown_enums: bool = False,
) -> AnswerMaker:
    """A maker of answers of an operation in a state (any example's name; without: the first one that succeeds).

    Raises UsageError for an operation or a state that the contract does not have, and for answers that are not JSON.
    """
    found = contract.operations.get(operation)
    if found is None:
        raise UsageError(f"{contract.name} has no operation {operation!r}; {hint(operation, contract.operations)}")
    usable = {n: v[0] for n, v in found.examples.items() if v[0].schema is not None and "json" in v[0].media_type}
    name = state or next((n for n, example in usable.items() if example.status < 300), None)
    if name is None or name not in usable:
        raise UsageError(f"{operation} has no JSON answer {name!r}; {hint(name, usable)}")
    pinned = state is not None
    maker = Maker(contract.document, pinned=pinned, extra_fields=extra_fields, unknown_enums=unknown_enums)
    return AnswerMaker(maker, usable[name])


def stream(maker: AnswerMaker, seed: str) -> Iterator[Any]:
    """Bodies without end; the same seed gives the same ones."""
    draw = Draw(digest(seed, "answers", 0))
    unit = draw.unit

    def pick(n: int) -> int:
        return int(unit() * n)

    while True:
        yield maker.make(pick)
