"""What `serve --store` says at its start where `default` is at the store already: which options change nothing in it.

Knows no store: it compares the sandbox that these options would have made with the one that was found.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockserver.sandbox import Sandbox
    from mockserver.state.configuration import Configuration

SWITCHES = ("strict", "insecure_webhooks", "webhook_ca")
OF_APIS = {"quirks": "quirk", "scenarios": "scenario"}


async def without_effect(own_sandbox: Sandbox, standing: Sandbox, names: Collection[str]) -> str:
    """The sentence about those of these options that change nothing; empty where all of them are as they are found."""
    configuration = standing.configuration
    now = {**_settings(standing.seed, configuration), "clock": (await standing.read_clock())[:3]}
    own = {**_settings(own_sandbox.seed, own_sandbox.configuration), "clock": own_sandbox.clock.reading()[:3]}
    idle = [name for name, value in own.items() if name in names and value != now[name]]
    if not idle:
        return ""
    options = ", ".join(_options(idle))
    return (
        f"the sandbox `default` is at the store already and stays as it is; without effect on it: {options}. Change it "
        "over the control API, or stop all servers and empty the store (mockserver store purge) to begin with these"
    )


def _settings(seed: str, of: Configuration) -> dict[str, Any]:
    """By the names that options have."""
    return {
        "seed": seed,
        **{name: getattr(of, name) for name in SWITCHES},
        "quirks": {name: dict(each.quirks) for name, each in of.apis.items()},
        "scenarios": {name: each.scenario for name, each in of.apis.items()},
    }


def _options(names: Collection[str]) -> Iterator[str]:
    return (f"--{OF_APIS.get(name, name).replace('_', '-')}" for name in names)
