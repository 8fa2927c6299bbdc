"""Which requests an armed fault is meant for, and how often. All that is given must hold."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any

from mockserver.faults.parameters import Between, Count, Share

TTL = 3600.0
MEDIA = "media"  # what `operation` says for downloads of results and uploads, unless an operation has that name


@dataclass(frozen=True, slots=True)
class Selector:
    """`nth`, `first` and `every` count the requests that fit operation, job and account.

    Downloads are meant where `operation` is `media`, and only there.

    `for_seconds` is time on the sandbox's clock since the fault was armed, `ttl` real time; `times` is how often it
    takes effect in all, `at_once` how often at the same moment. What is not given holds for every request.
    """

    operation: str | None = None
    job: str | None = None
    account: str | None = None
    nth: Count | None = None
    first: Count | None = None
    every: Count | None = None
    probability: Share | None = None
    for_seconds: Annotated[float, Between(0, 315_576_000)] | None = None
    at_once: Count | None = None
    times: Count | None = None
    ttl: Annotated[float, Between(0, 31_557_600)] | None = TTL

    def given(self) -> dict[str, Any]:
        """What is asked of a request, by name; without what was not given."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    def counts(self, operation: str, job: str | None, account: str | None) -> bool:
        """Whether a request is one of those that are counted."""
        meant = operation == self.operation or (self.operation is None and operation != MEDIA)
        return meant and self.job in (None, job) and self.account in (None, account)

    @property
    def is_certain(self) -> bool:
        """Whether it does not leave to chance which of its requests are met."""
        return self.probability is None or self.probability >= 1

    def picks(self, n: int) -> bool:
        """Whether the nth of the counted requests is meant."""
        return (
            (self.nth is None or n == self.nth)
            and (self.first is None or n <= self.first)
            and (self.every is None or n % self.every == 0)
        )
