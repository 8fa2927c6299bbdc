"""`mockserver fuzz`: ask a server everything its contract allows and forbids, and judge the answers."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mockserver import pointers
from mockserver.cli import COULD_NOT_RUN, FOUND
from mockserver.cli.annotations import Note, annotate, annotates, openapi_of
from mockserver.cli.meaning import refuse_meaningless
from mockserver.cli.terminal import tell, tell_progress
from mockserver.clock import monotonic
from mockserver.errors import UsageError
from mockserver.loopback import leads_here
from mockserver.suggestions import hint

if TYPE_CHECKING:
    from mockserver.contract import Contract
    from mockserver.fuzz import FuzzOptions, FuzzResult
    from mockserver.live import Live

_Known = TypeVar("_Known")
OF_A_SERVER = ("api_key", "client_id", "client_secret", "token", "control_token", "is_mine", "max_jobs")
"""Options that say as whom, and how far, a server elsewhere is asked."""
PHASES = ("journeys", "examples", "coverage", "fuzzing", "stateful")


def asks_a_server(command: Any) -> Any:
    """The options by which a command is told which live server to ask, and as whom."""
    for option in reversed((
        click.option("--url", help="Where the API is: https://api.vendor.example, or http://127.0.0.1:8000/NAME of a "
                                   "mock server. The vendor's own paths are appended."),
        click.option("--api-key", envvar="MOCKSERVER_API_KEY", show_envvar=True,
                     help="What to ask with; on this machine: demo-key."),
        click.option("--client-id", envvar="MOCKSERVER_CLIENT_ID", show_envvar=True, help="An OAuth client."),
        click.option("--client-secret", envvar="MOCKSERVER_CLIENT_SECRET", show_envvar=True, help="Its secret."),
        click.option("--token", envvar="MOCKSERVER_ACCESS_TOKEN", show_envvar=True,
                     help="An access token of the API that was issued already."),
        click.option("--control-token", envvar="MOCKSERVER_CONTROL_TOKEN", show_envvar=True,
                     help="Where a mock server is asked that was started with one."),
        click.option("--i-own-this-account", "is_mine", is_flag=True,
                     help="Ask a server beyond this machine, at the account's cost."),
        click.option("--max-jobs", default=10, show_default=True, type=click.IntRange(0),
                     help="How many paid jobs may be created beyond this machine."),
        click.option("--contracts", "folders", multiple=True,
                     type=click.Path(exists=True, file_okay=False, path_type=Path),
                     help="A contract's folder or the parent of several. May be repeated."),
    )):  # fmt: skip
        command = option(command)
    return command


@click.command()
@click.argument("apis", metavar="[API]...", nargs=-1)
@asks_a_server
@click.option("--max-examples", default=25, show_default=True, type=click.IntRange(1), help="Per operation and phase.")
@click.option("--seed", default=1, show_default=True, help="Same seed and server, same requests.")
@click.option("--junit", "junit_file", type=click.Path(dir_okay=False, path_type=Path), help="Write a JUnit report.")
@click.option("--max-time", type=click.IntRange(1), metavar="SECONDS", help="Stop asking after so many seconds.")
@click.option("--phase", "phases", multiple=True, type=click.Choice(PHASES), help="Only this one. May be repeated.")
@click.option("--operation", "operations", multiple=True, metavar="ID", help="Only this one. May be repeated.")
@annotates
@click.pass_context
def fuzz(ctx: click.Context, /, apis: tuple[str, ...], **flags: Any) -> None:
    """Fuzz contracts (all that are known, without API) and say which answers break them.

    Without --url a server in this process is asked. The exit code is 1 when something failed, and 2 when so little
    could be asked that it proves nothing.

    \b
    mockserver fuzz acme
    mockserver fuzz --contracts ./acme --junit report.xml
    mockserver fuzz acme --url https://api.acme.example --i-own-this-account --max-jobs 3
    """
    check_place(flags["junit_file"])
    if flags["url"] is None:
        refuse_meaningless(ctx, OF_A_SERVER, "without --url: a server in this process is asked")
    contracts = chosen(apis, flags["folders"])
    with asking(contracts, flags) as client:
        results, options = _run(contracts, client, flags)
    _conclude(results, options, flags)


def _run(
    contracts: Sequence[Contract], client: Live | None, flags: dict[str, Any]
) -> tuple[list[FuzzResult], FuzzOptions]:
    from mockserver.fuzz import FuzzOptions
    from mockserver.fuzz import fuzz as run

    end = None if flags["max_time"] is None else monotonic() + flags["max_time"]
    results = []
    for contract in contracts:
        seconds = None if end is None else max(1, round(end - monotonic()))
        options = FuzzOptions(
            flags["seed"], flags["max_examples"], seconds, flags["phases"] or PHASES, tuple(flags["operations"])
        )
        results.append(run(contract, options, live=client, progress=tell_progress))
    return results, options


@contextmanager
def asking(contracts: Sequence[Contract], flags: dict[str, Any]) -> Iterator[Live | None]:
    """Whom to ask: nobody without --url, a sandbox of our own on a mock server of this machine, else as we are told."""
    from mockserver.live import borrowed, greet

    client = client_of(contracts, flags)
    if client is None:
        yield None
        return
    try:
        with borrowed(contracts[0], flags["url"], flags["control_token"]) as own:
            greet(own or client, flags["operations"])
            yield own or client
    finally:
        client.close()


def chosen(apis: Sequence[str], folders: Sequence[Path]) -> list[Contract]:
    """The contracts of these names, or all. Raises UsageError for a name that is not known."""
    from mockserver.launch import contracts_in

    by_name = {contract.name: contract for contract in contracts_in(folders)}
    return [known_api(name, by_name) for name in dict.fromkeys(apis)] if apis else list(by_name.values())


def known_api(name: str, by_name: Mapping[str, _Known]) -> _Known:
    """What is known by a name. Raises UsageError where nothing is."""
    if name not in by_name:
        raise UsageError(f"there is no API {name!r}; {hint(name, by_name, 'add your own by --contracts')}")
    return by_name[name]


def check_place(file: Path | None) -> None:
    """Raises UsageError for a file that cannot be written, before an hour of asking is lost."""
    if file is not None and not file.parent.is_dir():
        raise UsageError(f"{file} cannot be written: there is no folder {file.parent}")


def client_of(contracts: Sequence[Contract], flags: dict[str, Any]) -> Live | None:
    """A client of the server that --url names; None without. Raises UsageError where it must not be asked."""
    from mockserver.live import DEMO, Credentials, check_place, check_url, live

    url = flags["url"]
    if url is None:
        return None
    if len(contracts) != 1:
        raise UsageError(f"--url leads to one API: name it, as in `mockserver fuzz {contracts[0].name} --url {url}`")
    check_url(url)
    own = leads_here(url)
    if not own and not flags["is_mine"]:
        raise UsageError(f"{url} is not this machine, and jobs there may cost money: add --i-own-this-account")
    check_place(contracts[0], url)
    credentials_given = Credentials(flags["api_key"], flags["client_id"], flags["client_secret"], flags["token"])
    credentials = DEMO if own and credentials_given == Credentials() else credentials_given
    return live(contracts[0], url, credentials, max_jobs=None if own else flags["max_jobs"])


def _again(flags: dict[str, Any]) -> list[str]:
    """The words that a command needs to ask the same server again; credentials come from the environment."""
    words = [word for folder in flags["folders"] for word in ("--contracts", str(folder))]
    if flags["url"]:
        words += ["--url", flags["url"], *(["--i-own-this-account"] if flags["is_mine"] else [])]
        words += ["--max-jobs", str(flags["max_jobs"])]
    return words


def _conclude(results: Sequence[FuzzResult], options: FuzzOptions, flags: dict[str, Any]) -> None:
    from mockserver.fuzz import junit, table

    repeat = _again(flags)
    for result in results:
        _tell_found(result, options, repeat)
    tell(f"\n{table(results, options)}")
    if flags["junit_file"] is not None:
        flags["junit_file"].write_bytes(junit(results, options, repeat))
    annotate(flags["form"], [note for result in results for note in _notes(result, options, repeat, flags["folders"])])
    sys.exit(code_of(results))


def _tell_found(result: FuzzResult, options: FuzzOptions, repeat: Sequence[str]) -> None:
    from mockserver.fuzz import exempted, replay

    name = result.contract.name
    for failure in result.failures.values():
        tell(f"\n{name} {failure.operation}, {failure.check} ({failure.phase})")
        tell("\n".join(filter(None, (failure.told, failure.command))))
        tell(f"replay: {replay(result, failure, options, repeat)}")
    for complaint in result.complaints():
        tell(f"\n{name}: {complaint}")
    if result.withheld:
        tell(f"\n{name}: {result.withheld} requests withheld: --max-jobs was reached")
    if result.out_of_time:
        tell(f"\n{name}: stopped by --max-time")
    if result.exempted:
        tell(f"\n{exempted(result)}")


def _notes(result: FuzzResult, options: FuzzOptions, repeat: Sequence[str], folders: Sequence[Path]) -> Iterator[Note]:
    from mockserver.fuzz import replay

    name, file = result.contract.name, openapi_of(result.contract.name, folders)
    for failure in result.failures.values():
        text = f"{failure.told}\nreplay: {replay(result, failure, options, repeat)}"
        place = _pointer(result.contract, failure.operation)
        yield Note(f"{name} {failure.operation}, {failure.check}", text, file, place)
    for complaint in result.complaints():
        yield Note(f"mockserver fuzz {name}", complaint, file)


def _pointer(contract: Contract, name: str) -> str:
    """Where an operation stands in its document."""
    operation = contract.operations.get(name)
    return "" if operation is None else pointers.join("/paths", operation.path, operation.method.lower())


def code_of(results: Sequence[FuzzResult]) -> int:
    """What failed goes before what could not be asked."""
    if any(result.failures or result.unanswered() for result in results):
        return FOUND
    return COULD_NOT_RUN if any(result.obstacles() for result in results) else 0
