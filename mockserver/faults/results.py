"""Faults of jobs that show in their results: no link, a link that leads nowhere, bytes that are not whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, final

from mockserver.faults.base import JobFault
from mockserver.faults.parameters import Share
from mockserver.lifecycle import Resource


class OfResults(JobFault):
    """What faults of results share: they want a resource that has some."""

    __slots__ = ()

    def never(self, resource: Resource) -> str | None:
        return JobFault.never(self, resource) if resource.results else "its jobs have no results"


@final
@dataclass(frozen=True, slots=True)
class CompletedWithoutUrl(OfResults):
    """The job ends well, and its results have no URL."""

    name: ClassVar[str] = "completed_without_url"
    revealing: ClassVar[bool] = True

    @property
    def url(self) -> bool:
        return False


@final
@dataclass(frozen=True, slots=True)
class Result403(OfResults):
    """The URLs of the job's results answer 403."""

    name: ClassVar[str] = "result_403"

    @property
    def refusal(self) -> str | None:
        return "access_denied"


@final
@dataclass(frozen=True, slots=True)
class Result404(OfResults):
    """The URLs of the job's results answer 404."""

    name: ClassVar[str] = "result_404"

    @property
    def refusal(self) -> str | None:
        return "not_found"


@final
@dataclass(frozen=True, slots=True)
class ResultExpired(OfResults):
    """The URLs of the job's results have expired as soon as they are given out."""

    name: ClassVar[str] = "result_expired"

    @property
    def refusal(self) -> str | None:
        return "expired_link"


@final
@dataclass(frozen=True, slots=True)
class ShortMedia(OfResults):
    """The bytes of the job's results break off, the whole length announced."""

    name: ClassVar[str] = "short_media"
    needs_wire: ClassVar[bool] = True
    cuts_body: ClassVar[bool] = True
    revealing: ClassVar[bool] = True
    variants: ClassVar[Sequence[Mapping[str, Any]]] = ({}, {"at": 0.0}, {"at": 0.99})
    at: Share = 0.5

    @property
    def cut(self) -> float | None:
        return self.at


@final
@dataclass(frozen=True, slots=True)
class CorruptMedia(OfResults):
    """The bytes of the job's results are damaged, their number is right."""

    name: ClassVar[str] = "corrupt_media"

    @property
    def corrupts(self) -> bool:
        return True
