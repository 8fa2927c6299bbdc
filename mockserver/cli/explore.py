"""`mockserver explore NAME -- COMMAND`: a client in any language under many schedules, and what it breaks."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli import FOUND, CouldNotRun
from mockserver.cli.annotations import annotate, by_environment
from mockserver.cli.exec import mapped
from mockserver.cli.explored import Explored, notes, shown_schedule, tell_explored
from mockserver.cli.meaning import refuse_meaningless
from mockserver.cli.terminal import tell_progress
from mockserver.clock import clock_settings
from mockserver.draws import Draws
from mockserver.errors import ContractError, MockserverError, UsageError
from mockserver.suggestions import hint

if TYPE_CHECKING:
    from mockserver.contract import Contract
    from mockserver.exploring import MinimalFailure
    from mockserver.exploring.explorer import Explorer
    from mockserver.schedules import Schedule

BROKE_DOWN = 125  # as `exec` has it
NAMES = {
    "hosts": "--map", "passthrough": "--passthrough", "fails_with": "--fails-with", "ignore": "--ignore",
    "seed": "--seed", "clock": "--clock", "seconds": "--time-limit", "submits": "--submits",
    "webhooks": "--webhooks", "insecure_webhooks": "--insecure-webhooks",
}  # fmt: skip
FLAGS = ("webhooks", "insecure_webhooks")
USUAL = {"seed": "0", "clock": "x60", "seconds": 900.0, "submits": None}
"""Options of one value, which a replay repeats where they are not these."""


def _number(ctx: click.Context, param: click.Parameter, value: float) -> float:
    """Raises BadParameter for what is between no numbers."""
    if value != value:
        raise click.BadParameter("write a number of seconds")
    return value


@click.command()
@click.option("--runs", default=60, show_default=True, type=click.IntRange(1), help="So many schedules at most.")
@click.option("--seed", default=USUAL["seed"], show_default=True, help="Same seed and client, same schedules.")
@click.option(
    "--clock", default=USUAL["clock"], show_default=True,
    help="By how much faster time goes, for the server and for programs in Node and Python; real for no faster.",
)  # fmt: skip
@click.option(
    "--time-limit", "seconds", default=USUAL["seconds"], show_default=True, type=click.FloatRange(1, 1_000_000),
    callback=_number, help="So many seconds of that time a run may take.",
)  # fmt: skip
@click.option(
    "--fails-with", multiple=True, type=click.IntRange(1, 125), metavar="CODE",
    help="An exit code by which the command says that it failed: then any other one is a crash. May be repeated.",
)  # fmt: skip
@click.option(
    "--submits", type=click.IntRange(1), metavar="NUMBER",
    help="So many jobs it may create; by default as many as in an undisturbed run.",
)  # fmt: skip
@click.option("--webhooks", is_flag=True, help="Break webhooks as well: double, delay, reorder, forge and lose them.")
@click.option("--insecure-webhooks", is_flag=True, help="Webhooks may go to plain http where an API wants https.")
@click.option("--ignore", multiple=True, metavar="RULE", help="A rule not to judge by. May be repeated.")
@click.option("--replay", metavar="SCHEDULE", help="Run under this schedule alone, as a line of the report has it.")
@click.option(
    "--contracts", "folders", multiple=True, type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A contract's folder or the parent of several. May be repeated.",
)  # fmt: skip
@click.option("--map", "hosts", multiple=True, metavar="HOST=API", help="A further host of an API. May be repeated.")
@click.option(
    "--passthrough", multiple=True, metavar="HOST",
    help="A host (or *.name) that calls reach as if nothing were between. May be repeated.",
)  # fmt: skip
@click.option(
    "--format", "form", type=click.Choice(("text", "json", "github")), default=by_environment,
    help="json prints one object and nothing else; github adds an annotation for each finding, the default in GitHub "
    "Actions, and text elsewhere.",
)  # fmt: skip
@click.argument("name")
@click.argument("words", metavar="[--] COMMAND [ARG]...", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_context
def explore(
    ctx: click.Context, /, name: str, words: tuple[str, ...], form: str, replay: str | None, **options: Any
) -> None:
    """Run a client of the API NAME again and again, each time with another disturbance, and tell what it broke.

    The command runs as by `mockserver exec`: its calls to the hosts of contracts are answered by a mock server, a new
    one for each run. The first run is undisturbed. Then each event is tried alone (answers that are late, lost, cut
    off or wrong, jobs that fail or hang; with --webhooks those that are doubled, late, lost or forged), the most
    telling first; then several at once. The command must end with 0 or say by its exit code that it failed, within its
    time, create no job twice, heed Retry-After, behave well otherwise, and not be content with less than it gets in
    the undisturbed run. Each failure is reported with the smallest schedule that causes it, and with the line that
    runs it again.

    The exit code is 1 when something was found, and 2 when the client could not be explored; 126 for a command that
    cannot be run, 127 for one that is not there, and 125 where this broke down in a run.

    \b
    mockserver explore acme -- node client.mjs
    mockserver explore acme --fails-with 3 --runs 200 -- java -jar client.jar
    mockserver explore acme --replay '[{"fault": "stuck"}]' -- node client.mjs
    """
    if replay is not None:
        refuse_meaningless(ctx, ["runs"], "with --replay, which is one schedule")
    explored = _explored(name, words, replay, options)
    annotate(form, notes(explored), err=form == "json")
    tell_explored(explored, form)
    if explored.was_interrupted:
        raise CouldNotRun("interrupted")
    sys.exit(FOUND if explored.found else 0)


def _explored(name: str, words: Sequence[str], replay: str | None, options: Mapping[str, Any]) -> Explored:
    """Everything that was found. Raises UsageError, and CouldNotRun with the exit code for it."""
    from mockserver.guarded import NotRun
    from mockserver.wire.descriptors import hold_standard

    hold_standard()
    explorer = _explorer(name, words, options)
    schedule = None if replay is None else _schedule(name, replay, explorer.contract)
    again = _again(name, words, options)
    try:
        findings = _found(explorer, schedule, options)
    except NotRun as error:
        raise CouldNotRun(str(error), error.exit_code) from None
    except UsageError:
        raise
    except (MockserverError, OSError) as error:
        raise CouldNotRun(str(error), BROKE_DOWN) from None
    return Explored(name, explorer.command.runs, findings, again, explorer.is_hopeless, explorer.was_interrupted)


def _found(explorer: Explorer, schedule: Schedule | None, options: Mapping[str, Any]) -> Sequence[MinimalFailure]:
    """What was found until somebody interrupted it."""
    draw = Draws(str(options["seed"])).next("explore")
    search = explorer.search(options["runs"], lambda n: int(draw.unit() * n))
    try:
        if schedule is None:
            explorer.explore(search)
        else:
            explorer.replay(search, schedule)
    except KeyboardInterrupt:
        explorer.was_interrupted = True
    return [*explorer.anyway, *search.found.values()]


def _explorer(name: str, words: Sequence[str], options: Mapping[str, Any]) -> Explorer:
    from mockserver.app import Mockserver, Settings
    from mockserver.app.options import known_hosts, known_seed
    from mockserver.exploring.command import Command
    from mockserver.exploring.explorer import Explorer
    from mockserver.exploring.verdict import limits
    from mockserver.launch import Running, clock_of, contracts_in, start_app

    rate = _rate(options["clock"])
    served = contracts_in(options["folders"], _of_gallery(name))
    contract = next((each for each in served if each.name == name), None)
    if contract is None:
        raise UsageError(f"there is no API {name!r}; {hint(name, [each.name for each in served])}")
    if options["webhooks"] and not contract.webhooks:
        raise UsageError(f"--webhooks: {name} sends no webhooks, by its contract; leave the option out")
    hosts = known_hosts(dict(map(mapped, options["hosts"])), served)

    seed = known_seed(options["seed"])

    def serve(begin: Callable[[], None]) -> Running:
        clock = clock_of(f"x{rate:g}")
        is_plain = options["insecure_webhooks"]
        world = Settings(seed, clock, hosts=hosts, insecure_webhooks=is_plain, on_entry=lambda *_: begin())
        return start_app(Mockserver(served, world))

    judged = limits(options["submits"], options["fails_with"], options["ignore"])
    command = Command(words, name, serve, rate=rate, seconds=options["seconds"], passthrough=options["passthrough"])
    return Explorer(command, contract, judged, _watch, webhooks=options["webhooks"])


def _of_gallery(name: str) -> list[str]:
    from mockserver.launch import in_gallery

    try:
        in_gallery(name)
    except ContractError:
        return []
    return [name]


def _rate(words: str) -> float:
    """By how much faster time goes. Raises UsageError for a clock that does not go by itself."""
    settings = clock_settings(words)
    if settings["mode"] != "real":
        raise UsageError(f"--clock {words}: a command lives in a time that goes by itself; write x60, or real")
    return float(settings.get("rate", 1.0))


def _watch(number: int, schedule: Schedule) -> None:
    tell_progress(f"run {number}: {shown_schedule(schedule)}")


def _schedule(name: str, text: str, contract: Contract) -> Schedule:
    """A schedule of the API's events, from a line of the report. Raises UsageError for what is none."""
    from mockserver.faults import check_use, fault_of
    from mockserver.schedules import check_schedule

    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"--replay is a list of events as JSON: {error}") from None
    rows = told if isinstance(told, list) else []
    events = [{"api": name, **each} if isinstance(each, dict) else each for each in rows]
    check_schedule(events if isinstance(told, list) else told)
    for event in events:
        if event["api"] != name:
            raise UsageError(f"--replay is for {name}, and {event['api']!r} is another API")
        if "fault" in event:
            check_use(contract, *fault_of({key: value for key, value in event.items() if key != "api"}))
    return events


def _again(name: str, words: Sequence[str], options: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The words before `--replay SCHEDULE` and behind it, by which a run is repeated."""
    arguments = [word for folder in options["folders"] for word in ("--contracts", str(folder))]
    for option in ("hosts", "passthrough", "fails_with", "ignore"):
        arguments += [word for value in options[option] for word in (NAMES[option], str(value))]
    arguments += [NAMES[option] for option in FLAGS if options[option]]
    for option, usual in USUAL.items():
        value = options[option]
        arguments += (
            [] if value in (usual, None) else [NAMES[option], f"{value:g}" if isinstance(value, float) else str(value)]
        )
    return ["mockserver", "explore", name, *arguments], ["--", *words]
