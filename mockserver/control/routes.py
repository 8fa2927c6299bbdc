"""The table of the control API: what each operation of the document does, and the paths that lead to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from mockserver import pointers
from mockserver.control import faults, records, sides, worlds
from mockserver.control.asking import Asked, Handler, Told
from mockserver.control.document import plain, served, with_faults
from mockserver.control.endpoint import Endpoint, Operation, operation
from mockserver.control.guard import Guard
from mockserver.sandboxes import Sandboxes
from mockserver.validation import Schemas, write_json

HANDLERS: Mapping[str, Handler] = {
    "createSandbox": worlds.create_sandbox,
    "listSandboxes": worlds.list_sandboxes,
    "showSandbox": worlds.show_sandbox,
    "closeSandbox": worlds.close_sandbox,
    "resetSandbox": worlds.reset_sandbox,
    "readClock": worlds.read_clock,
    "setClock": worlds.set_clock,
    "advanceClock": worlds.advance_clock,
    "switchLimits": worlds.switch_limits,
    "switchWebhooks": worlds.switch_webhooks,
    "switchStrict": worlds.switch_strict,
    "createAccount": sides.create_account,
    "planJobs": sides.plan_jobs,
    "listPlans": sides.list_plans,
    "takePlanBack": sides.take_plan_back,
    "switchQuirk": sides.switch_quirk,
    "playScenario": sides.play_scenario,
    "armFault": faults.arm_fault,
    "listFaults": faults.list_faults,
    "disarmFault": faults.disarm_fault,
    "listJobs": records.list_jobs,
    "listWebhooks": records.list_webhooks,
    "readJournal": records.read_journal,
    "readConduct": records.read_conduct,
    "readUnused": records.read_unused,
    "readCoverage": records.read_coverage,
    "readAllCoverage": records.read_all_coverage,
}

FILE = "control/openapi.json"
WORDED = frozenset({"armFault"})
"""Operations whose bodies may hold the words of faults."""
Prepared = Callable[[], Operation]


class ControlRoutes:
    """The control API's paths, each with its endpoint. What else stands under its prefix is for others to answer.

    `further` are handlers of operations that need more than sandboxes.
    """

    def __init__(self, sandboxes: Sandboxes, guard: Guard, further: Mapping[str, Handler]) -> None:
        document = plain(sandboxes.contracts)
        schemas = Schemas(document, file=FILE)
        with_words = cache(lambda: Schemas(with_faults(document), file=FILE))
        handlers = {**HANDLERS, **further, "checkHealth": _health, "readDocument": _document(sandboxes, guard)}

        def prepared(pointer: str, name: str) -> Prepared:
            """Compiled when it is first asked for: most tests ask for few of them."""
            return cache(lambda: operation(with_words() if name in WORDED else schemas, pointer, handlers[name]))

        self._endpoints = {
            tuple(path.split("/")): Endpoint(
                sandboxes, guard, {m.upper(): prepared(at, name) for m, at, name in _methods(path, item)}
            )
            for path, item in document["paths"].items()
        }

    def find(self, path: str) -> tuple[Endpoint, dict[str, str]] | None:
        """The endpoint of a decoded path, with the path's parameters; None when there is none."""
        parts = tuple(path.split("/"))
        exact = self._endpoints.get(parts)
        if exact is not None:
            return exact, {}
        for template, endpoint in self._endpoints.items():
            values = _values(template, parts)
            if values:
                return endpoint, values
        return None


def _values(template: tuple[str, ...], parts: tuple[str, ...]) -> dict[str, str] | None:
    """The parameters of a path that fits a template; None for one that does not."""
    if len(template) != len(parts):
        return None
    pairs = list(zip(template, parts, strict=True))
    if any(not part if word.startswith("{") else word != part for word, part in pairs):
        return None
    return {word[1:-1]: part for word, part in pairs if word.startswith("{")}


def _methods(path: str, item: Any) -> list[tuple[str, str, str]]:
    place = pointers.join("/paths", path)
    return [(method, f"{place}/{method}", said["operationId"]) for method, said in item.items()]


async def _health(asked: Asked) -> Told:
    return Told({"status": "ok"})


def _document(sandboxes: Sandboxes, guard: Guard) -> Handler:
    text = cache(lambda: write_json(served(sandboxes.contracts, secured=guard.token is not None)))

    async def answer(asked: Asked) -> Told:
        return Told(text())

    return answer
