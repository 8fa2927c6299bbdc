"""One API in this process or behind a socket, asked by the product's own `fuzz`, one phase at a time or all."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, nullcontext

import pytest

pytest.importorskip("schemathesis", reason="the extra `fuzz` is not installed")

from tier_kit import scaled

from mockserver.clock import Clock
from mockserver.contract import Contract
from mockserver.fuzz import FuzzOptions, FuzzResult
from mockserver.fuzz.engine import run
from mockserver.fuzz.options import ENGINE as PHASES
from mockserver.fuzz.server import own_server
from mockserver.launch import contracts_in, start_app
from mockserver.live import DEMO, Live, live
from mockserver.loader.folders import GALLERY

EXAMPLES = scaled("examples of an operation, asked by Schemathesis", test=5, ci=25, full=100)
__all__ = ["EXAMPLES", "PHASES", "FuzzResult", "conform", "contracts", "gallery"]


@functools.cache
def contracts() -> dict[str, Contract]:
    """The four shipped contracts by name."""
    return {contract.name: contract for contract in contracts_in()}


@functools.cache
def gallery() -> dict[str, Contract]:
    """The contracts of the gallery by name."""
    names = sorted(folder.name for folder in GALLERY.iterdir() if folder.is_dir())
    return {each.name: each for each in contracts_in((), names) if each.name in names}


@contextmanager
def listening(api: str, step: float) -> Iterator[Live]:
    """A server of one contract behind a real socket, limits off, on a clock that steps."""
    contract = contracts()[api]
    with start_app(own_server(contract, Clock("step", step=step))) as running:
        client = live(contract, f"{running.url}/{api}", DEMO, is_paced=False)
        try:
            yield client
        finally:
            client.close()


def conform(
    api: str,
    phases: Sequence[str] = PHASES,
    *,
    examples: int = EXAMPLES,
    only: Collection[str] = (),
    wired: bool = False,
) -> FuzzResult:
    """Run Schemathesis' checks over an API in these phases, over a socket if `wired`, and say what was found."""
    options = FuzzOptions(max_examples=examples, phases=tuple(phases), operations=tuple(only))
    with listening(api, options.step) if wired else nullcontext() as client:
        return run(contracts()[api], options, client, lambda text: None)
