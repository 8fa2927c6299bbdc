"""What a caller asks of a server, in the words of callers, made into what the server is told. Knows no server."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from mockserver.app.cors import ANY, known_origin
from mockserver.clock import Clock, clock_settings
from mockserver.contract import Contract
from mockserver.errors import Finding, UsageError, is_on_purpose
from mockserver.loader import SHIPPED, contract_folders, in_gallery, load_all
from mockserver.loopback import is_loopback, plain_host
from mockserver.suggestions import hint

__tracebackhide__ = is_on_purpose

Folders: TypeAlias = str | Path | Iterable[str | Path]

HOST = r"[\w.-]+|\[?[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\]?"


def clock_of(words: str | Mapping[str, object]) -> Clock:
    """A clock, by its words or as the control API has it. Raises ClockError as `clock_settings` does."""
    return Clock(**clock_settings(words))


def folders(contracts: Folders) -> list[Path]:
    """The folders of contracts; one need not be in a list."""
    return [Path(folder) for folder in ((contracts,) if isinstance(contracts, str | Path) else contracts)]


def contracts_in(paths: Folders = (), apis: Collection[str] = ()) -> Sequence[Contract]:
    """The shipped contracts, those of the gallery by name, and those in the folders `paths`, which go before the others
    of the same name.

    Raises ContractError: what `check` refuses does not start. As shipped, or sound before, one is trusted.
    """
    return load_all(_places(paths, apis), wrong_with)


def folders_of(paths: Folders = (), apis: Collection[str] = ()) -> dict[str, Path]:
    """The folder of each of these contracts, by name."""
    return {path.resolve().name: path for place in _places(paths, apis) for path in contract_folders(place)}


def _places(paths: Folders, apis: Collection[str]) -> list[Path]:
    return [SHIPPED, *map(in_gallery, apis), *folders(paths)]


def wrong_with(contract: Contract) -> list[Finding]:
    """What is wrong with a contract that can be read: its own mistakes, else what no client could use."""
    from mockserver.app.trial_run import tried
    from mockserver.check import check_contract

    return check_contract(contract) or tried(contract)


def origins(cors: Collection[str] | bool | None, host: str) -> frozenset[str]:
    """The origins whose pages may read the APIs of a server on `host`. Raises UsageError."""
    if cors is None:
        cors = is_loopback(host)
    if isinstance(cors, bool):
        return frozenset((ANY,)) if cors else frozenset()
    return frozenset(map(known_origin, (cors,) if isinstance(cors, str) else cors))


def known_url(url: str | None) -> str | None:
    """The URL at which clients find the server. Raises UsageError."""
    if url is None:
        return None
    if not url.lower().startswith(("http://", "https://")):
        raise UsageError(f"{url!r} does not begin with http:// or https://")
    if not url.isprintable() or not re.fullmatch(r"\w+://[^\s/?#]+(/[^\s?#]*)?", url):
        raise UsageError(f"{url!r} is no URL of a server: it has a host and perhaps a path, without blanks and query")
    return url


def known_seed(seed: int | str) -> str:
    """A seed as text. Raises UsageError for what is none."""
    text = str(seed)
    if not text.isprintable():
        raise UsageError(f"{text!r:.80} is no seed: it holds what cannot be printed")
    return text


def known_hosts(hosts: Mapping[str, str], served: Iterable[Contract]) -> dict[str, str]:
    """Hosts in their one spelling, each with an API that is served. Raises UsageError."""
    names = [contract.name for contract in served]
    for host, api in hosts.items():
        if not re.fullmatch(r"[\w-]+(?:\.[\w-]+)*\.?", host):
            raise UsageError(f"{host!r} is no host; write api.acme.example, without scheme, port or path")
        if api not in names:
            raise UsageError(f"there is no API {api!r} for the host {host}; {hint(api, names)}")
    return {plain_host(host): api for host, api in hosts.items()}


def known_token(token: str | None) -> str | None:
    """A control token. Raises UsageError for one that no client could send in a header."""
    if token and not re.fullmatch(r"[!-~]+", token):
        raise UsageError("the control token is printable ASCII without blanks: no client could send another one")
    return token


def trusted(ca: str | Path | None) -> str | None:
    """The PEM of certificates that webhooks shall trust, itself or the path of its file. Raises UsageError."""
    if ca is None:
        return None
    from mockserver.webhooks.trust import certificates, certificates_in

    return certificates_in(ca) if isinstance(ca, Path) else certificates(ca)


def webhook_hosts(hosts: Collection[str]) -> frozenset[str]:
    """The hosts beyond this machine that webhooks may be sent to. Raises UsageError for what is no host."""
    return _hosts(hosts, HOST, "app.example or 192.0.2.7, without scheme, port or path")


def control_hosts(hosts: Collection[str]) -> frozenset[str]:
    """The hosts by which the control API may be reached, with a port or without. Raises UsageError for what is none."""
    return _hosts(hosts, rf"(?:{HOST})(?::\d{{1,5}})?", "mock.internal or 192.0.2.7, without scheme or path")


def _hosts(names: Collection[str], shape: str, example: str) -> frozenset[str]:
    hosts = (names,) if isinstance(names, str) else names
    for host in hosts:
        if not re.fullmatch(shape, host):
            several = "; blanks separate several in a variable" if "," in host else ""
            raise UsageError(f"{host!r} is no host; write {example}{several}")
    return frozenset(hosts)
