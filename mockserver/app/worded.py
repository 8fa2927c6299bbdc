"""An Exchange whose request may ask for a fault by its own words. Knows no fault: one that is asked for is imported."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, cast

from mockserver.answers import Answer
from mockserver.api_state import SandboxApi
from mockserver.app.exchange import Exchange
from mockserver.operations import matched

if TYPE_CHECKING:
    from mockserver.app.faulted import Faulted


class Worded(Exchange):
    """Goes on as a Faulted one when its request asks for a fault."""

    def _perform(self) -> Awaitable[Answer | None]:
        if all(row.fault is None for row in matched(self.call)):
            return super()._perform()
        from mockserver.app.faulted import Faulted

        self.__class__ = Faulted  # type: ignore[assignment]
        faulted = cast("Faulted", self)
        faulted.begin({})
        return faulted._perform()


def way_of(side: SandboxApi, operation: str) -> type[Exchange]:
    """How a request is answered: with faults in mind only where one may meet it."""
    if operation in side.faults.watched:
        from mockserver.app.faulted import Faulted

        return Faulted
    return Worded if operation in side.worded else Exchange
