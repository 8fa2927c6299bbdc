"""The good contract with words about how requests and answers go: keys, waits, streams."""

from __future__ import annotations

from typing import Any

from check_kit import Mutation, behave, both, show
from language_kit import SUBMIT

KEY = {"X-API-Key": "demo-key"}
ERROR = {"value": {"code": "key", "message": "The key was used"}}
IDEMPOTENCY = {
    "header": "Idempotency-Key", "ttl": 600, "mismatch": "key_mismatch", "busy": "key_busy",
    "replayed": "Idempotent-Replayed",
}  # fmt: skip


def parameter(name: str, where: str = "header", schema: Any = None) -> dict[str, Any]:
    return {"name": name, "in": where, "schema": schema or {"type": "string"}}


def refusals(operation: str) -> Mutation:
    """What an operation says of a key that it does not take."""
    content = {"schema": {"$ref": "#/components/schemas/Error"}}
    both_ways = {"409": {"key_busy": ERROR}, "422": {"key_mismatch": ERROR}}
    return both(show(f"{operation}/responses/400", {"$ref": "#/components/responses/BadRequest"}), *(
        show(f"{operation}/responses/{status}", {"description": "No", "content": {"application/json": {
            **content, "examples": examples}}})
        for status, examples in both_ways.items()
    ))  # fmt: skip


def keyed(operation: str = SUBMIT, **words: Any) -> Mutation:
    """An operation takes idempotency keys."""
    return both(
        behave("/idempotency", {**IDEMPOTENCY, **words}),
        show(f"{operation}/parameters", [parameter("Idempotency-Key")]),
        refusals(operation),
    )
