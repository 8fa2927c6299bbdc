"""Hypothesis strategies over the contracts: answers of an operation, schedules of a run. Needs the extra `fuzz`."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockserver import launch
from mockserver.errors import UsageError, is_on_purpose
from mockserver.generator import answer_maker
from mockserver.json_types import JsonValue
from mockserver.schedules import Alphabet
from mockserver.suggestions import hint

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from mockserver.launch import Folders

__tracebackhide__ = is_on_purpose


def answers(
    api: str,
    operation: str,
    *,
    state: str | None = None,
    extra_fields: bool = False,
    unknown_enums: bool = False,
    contracts: Folders = (),
) -> SearchStrategy[JsonValue]:
    """JSON bodies that the contract allows `operation` to answer in `state`, and that few clients expect.

    They shrink towards the contract's own example. `extra_fields` adds fields, `unknown_enums` values that the
    contract does not declare. `contracts` are folders of further contracts. Raises UsageError for unknown names.
    """
    made = answer_maker(
        contract_of(api, contracts), operation, state, extra_fields=extra_fields, unknown_enums=unknown_enums
    )
    return _drawn(made.make)


def schedules(
    api: str, *, webhooks: bool = False, pace: bool = True, contracts: Folders = ()
) -> SearchStrategy[list[dict[str, JsonValue]]]:
    """Whole schedules: plans of jobs, faults of wire, pace, answer, job, clock and, on request, webhooks.

    Faults of `pace` (hang, stall, latency) want the fixtures `fast_forward` and `intercept`, or take real seconds.
    """
    return _drawn(Alphabet(contract_of(api, contracts), webhooks=webhooks, pace=pace).make)


def contract_of(api: str, folders: Folders = ()) -> Any:
    """The contract of a name. Raises UsageError when there is none."""
    known = _contracts(tuple(map(str, launch.folders(folders))))
    if api not in known:
        raise UsageError(f"there is no API {api!r}; {hint(api, known)}")
    return known[api]


@lru_cache(maxsize=8)
def _contracts(folders: tuple[str, ...]) -> dict[str, Any]:
    return {contract.name: contract for contract in launch.contracts_in(map(Path, folders))}


def _drawn(make: Callable[[Callable[[int], int]], Any]) -> SearchStrategy[Any]:
    try:
        from hypothesis import strategies as st
    except ModuleNotFoundError:
        raise UsageError("strategies need hypothesis: pip install 'mockserver-kit[fuzz]'") from None

    @st.composite
    def drawn(draw: Any) -> Any:
        return make(lambda n: draw(st.integers(0, n - 1)) if n > 1 else 0)

    strategy: SearchStrategy[Any] = drawn()
    return strategy
