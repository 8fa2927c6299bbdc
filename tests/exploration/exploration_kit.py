"""The two example clients, a session to explore them in, and a run of one schedule."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any

from mockserver import Running, samples
from mockserver.schedules import Alphabet
from mockserver.testing.findings import Findings
from mockserver.testing.session import Session
from pytest_plugin.exploration.explorer import Exploration
from pytest_plugin.exploration.rules import RuleLimits
from pytest_plugin.exploration.strategies import contract_of

EXAMPLES = Path(__file__).parents[2] / "examples"
IMAGE = samples.path("portrait.png").read_bytes()
AUDIO = samples.path("voice.mp3").read_bytes()
Client = Callable[[Any], Any]


def example(name: str) -> ModuleType:
    """An example client, loaded from its file."""
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / "clients" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


NAIVE, CAREFUL = example("naive"), example("careful")


def naive(vidgen: Any) -> None:
    with redirect_stdout(StringIO()):
        NAIVE.make_video(vidgen.url, vidgen.api_key, IMAGE, AUDIO)


def careful(vidgen: Any) -> None:
    CAREFUL.make_video(vidgen.url, vidgen.api_key, IMAGE, AUDIO)


def session_of(running: Running) -> Session:
    return Session(running.steering, Findings(), running)


def exploration(examples: int, *raises: type[BaseException], seconds: float = 900, **more: Any) -> Exploration:
    alphabet = Alphabet(contract_of("vidgen"), webhooks=more.pop("webhooks", False))
    seed = more.pop("seed", 0)
    return Exploration("vidgen", alphabet, RuleLimits(raises, seconds, **{"submits": 1, **more}), examples, seed)
