"""`mockserver store`: what is at a store, and how it is emptied."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from mockserver.cli.terminal import tell
from mockserver.errors import UsageError
from mockserver.printable import printable_json

if TYPE_CHECKING:
    from mockserver.stores.redis.care import Found


@click.command()
@click.argument("action", type=click.Choice(["stats", "purge"]))
@click.argument("url", envvar="MOCKSERVER_STORE", required=False)
@click.option(
    "--format",
    "form",
    default="text",
    show_default=True,
    type=click.Choice(["text", "json"]),
    help="json prints an object and nothing else.",
)
@click.option("--force", is_flag=True, help="Purge even while servers use it.")
def store(action: str, url: str | None, form: str, force: bool) -> None:
    """Tell what is at a store (stats), or remove all that mockserver keeps there (purge).

    URL is that of `serve --store`; without it, the variable MOCKSERVER_STORE says it, which shows a password to
    nobody. Each worker counts as a process that serves; the one more that waits for the place of one that ends is
    told apart. What others keep at the same engine is left alone. A store that servers use is purged with --force
    alone: its sandboxes are gone then, and the default one begins anew.

    The exit code is 2 where the store cannot be asked, or is in use and not to be purged by force; the sentence says
    what to do. An engine that is no store (one that throws away, or a replica) is told as such.

    \b
    mockserver store stats redis://127.0.0.1:6379
    mockserver store purge redis://127.0.0.1:6379/1
    """
    from mockserver.stores.choice import check_url

    if not url:
        raise click.UsageError("which store? Write its URL, or set MOCKSERVER_STORE")
    check_url(url)
    if action == "stats":
        _show(asyncio.run(_looked(url)), form)
        return
    removed = asyncio.run(_purged(url, force))
    tell(printable_json({"removed": removed}) if form == "json" else f"{_many(removed, 'key is', 'keys are')} gone")


async def _looked(url: str) -> Found:
    from mockserver.stores.redis.care import connected, look

    with connected(url) as pipe:
        return await look(pipe)


async def _purged(url: str, force: bool) -> int:
    from mockserver.stores.redis.care import connected, processes, purge

    with connected(url) as pipe:
        there = sum(await processes(pipe))
        if there and not force:
            raise UsageError(
                f"{_many(there, 'process uses', 'processes use')} this store: stop them first, or purge it with --force"
            )
        return await purge(pipe)


def _show(state: Found, form: str) -> None:
    if form == "json":
        tell(printable_json(state._asdict()))
        return
    bound = f" of {state.most / 2**20:,.0f} MiB" if state.most else ""
    tell(
        f"{state.engine}: {state.bytes / 2**20:,.1f} MiB{bound}, {state.all_keys} keys, of which {state.keys} are ours"
    )
    waiting = (
        f", {_many(state.waiting, 'more waits', 'more wait')} for the place of one that ends" if state.waiting else ""
    )
    serve = _many(state.servers, "process serves", "processes serve")
    tell(f"{serve}{waiting}; {_many(state.sandboxes, 'sandbox is', 'sandboxes are')} open")
    if state.unfit:
        tell(f"It is no store: it {state.unfit}")


def _many(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"
