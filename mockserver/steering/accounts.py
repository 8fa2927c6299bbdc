"""A customer of an API, as the control API tells of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from mockserver.errors import is_on_purpose
from mockserver.json_types import Json
from mockserver.reprs import brief

__tracebackhide__ = is_on_purpose

AccountState: TypeAlias = Literal["active", "deactivated"]


@dataclass(frozen=True, slots=True, repr=False)
class Account:
    """A customer of an API with credentials of its own; `credits` None means endless."""

    api: str
    api_key: str
    client_id: str
    client_secret: str
    webhook_secret: str
    state: str = "active"
    credits: float | None = None

    def __repr__(self) -> str:
        credits = "endless credits" if self.credits is None else f"{self.credits:g} credits"
        return brief("Account", f"of {self.api}:", f"{self.state},", credits)

    @classmethod
    def of(cls, api: str, told: Json) -> Account:
        """From the JSON of a sandbox's API or of a new account; what the API has no use for is empty."""
        names = ("api_key", "client_id", "client_secret", "webhook_secret")
        texts = {name: str(told.get(name) or "") for name in names}
        return cls(api, **texts, state=str(told.get("state") or "active"), credits=told.get("credits"))
