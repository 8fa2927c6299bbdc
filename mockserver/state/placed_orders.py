"""What the home in this process does with plans that a test has ordered."""

from __future__ import annotations

from collections.abc import Sequence

from mockserver.journal import Journal
from mockserver.state.part import ApiPart
from mockserver.state.records import PlanOrder


class PlacedOrders:
    """A part of `Memory`."""

    journal: Journal
    parts: dict[str, ApiPart]

    def put_order(self, api: str, order: PlanOrder) -> PlanOrder | None:
        """Let an order wait for its jobs, where there is room."""
        return self.parts[api].place(api, order._replace(after=self.journal.newest))

    async def place(self, api: str, order: PlanOrder) -> PlanOrder | None:
        return self.put_order(api, order)

    async def orders(self, api: str) -> Sequence[PlanOrder]:
        return (*self.parts[api].orders,)

    async def withdraw(self, api: str, order: str) -> bool:
        waiting = self.parts[api].orders
        placed = next((each for each in waiting if each.id == order), None)
        if placed is not None:
            waiting.remove(placed)
        return placed is not None
