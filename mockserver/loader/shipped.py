"""Where the contracts are that come with the package, and what is written once for all contracts. Reads no contract."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parent.parent


def _shipped() -> Path:
    """The wheel carries the contracts inside the package; an editable install finds them in the checkout."""
    inside = PACKAGE / "contracts"
    return inside if inside.is_dir() else PACKAGE.parent / "contracts"


SHIPPED = _shipped()
STANDARD = SHIPPED / "standard.json"
"""The scenarios and trigger values of every contract."""


@lru_cache(maxsize=1)
def standard() -> Any:
    """What stands in it. Whoever changes it copies it first."""
    return json.loads(STANDARD.read_bytes())
