"""Where on a mock server an API is. Asks the server's own table of APIs; of any other server it says nothing."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from mockserver.contract import Contract
from mockserver.errors import UsageError
from mockserver.live.server import check_url, fetch


def origin_of(url: str) -> str:
    """`http://127.0.0.1:8000` of whatever begins so."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def apis_at(origin: str) -> list[str] | None:
    """The names of the APIs of a mock server; None where none answers."""
    told = fetch(f"{origin}/", headers=[("Accept", "application/json")]).json
    rows = told.get("apis") if isinstance(told, dict) and "control" in told else None
    if not isinstance(rows, list):
        return None
    return [str(row["name"]) for row in rows if isinstance(row, dict) and "name" in row]


def check_place(contract: Contract, url: str) -> None:
    """Raises UsageError, with the right URL, where a mock server answers and has the API elsewhere or not at all."""
    parts, origin = check_url(url), origin_of(url)
    if (parts.hostname or "").rstrip(".") in contract.hosts:
        return  # the vendor itself, or a mock server that goes by its name and needs no prefix
    known = apis_at(origin)
    if known is None:
        return
    if contract.name not in known:
        raise UsageError(
            f"the mock server at {origin} does not serve {contract.name}; it serves {', '.join(known) or 'no API'}. A "
            "contract is held against the API of its name: call its folder as that is called there"
        )
    sandbox = _sandbox(parts)
    right = f"{origin}{sandbox}/{contract.name}"
    if parts.path.rstrip("/") != f"{sandbox}/{contract.name}":
        raise UsageError(f"{url} leads to a mock server, but not to its API {contract.name!r}, which is at {right}")
    if sandbox and fetch(f"{right}/openapi.json").status == 404:
        raise UsageError(f"the mock server at {origin} has no sandbox {sandbox[2:]!r}")


def _sandbox(parts: SplitResult) -> str:
    """`/@NAME` of the path; empty where it names none."""
    first = parts.path.split("/")[1:2]
    return f"/{first[0]}" if first and first[0].startswith("@") and len(first[0]) > 1 else ""
