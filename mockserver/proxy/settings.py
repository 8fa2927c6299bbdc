"""What `start` takes, as types of a keyword. Knows no meaning of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TypedDict

from mockserver.json_types import Json
from mockserver.launch import Folders


class StartSettings(TypedDict, total=False):
    """As `mockserver.start` has them."""

    contracts: Folders
    apis: Collection[str]
    hosts: Mapping[str, str]
    seed: int | str
    clock: str | Json
    webhook_allow: Collection[str]
    insecure_webhooks: bool
    webhook_ca: str | Path | None
    strict: bool
