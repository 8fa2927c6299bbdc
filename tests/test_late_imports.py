"""What is imported inside functions, and what that saves. Reads the source, runs none of it.

An import stands at the top of its module. One that does not is named here, with what whoever does without it is spared:
milliseconds of a processor, as measured once in a process that had everything else (2.5 GHz, warm files). Less than ten
by itself is too little to be late for, unless a whole group that is asked for together is spared.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ENOUGH = 10
"""So many milliseconds."""
GROUPS: dict[str, tuple[int, str]] = {
    "commands: `--help` and completion do without the server, and each command without the others": (
        140,
        "asyncio mockserver mockserver.app mockserver.app.options mockserver.app.reloading "
        "mockserver.app.trial_run mockserver.check mockserver.cli.suggested mockserver.control.serialize "
        "mockserver.control.snapshots mockserver.exploring.command mockserver.fuzz mockserver.fuzz.engine "
        "mockserver.guarded mockserver.imported.importing mockserver.imported.others mockserver.imported.layout "
        "mockserver.imported.writing mockserver.launch mockserver.live mockserver.observed mockserver.proxy "
        "mockserver.recorder mockserver.verify mockserver.verify.arazzo.reading "
        "mockserver.verify.arazzo.walked mockserver.verify.arazzo.written mockserver.verify.report "
        "mockserver.wire mockserver.wire.descriptors mockserver.control.measured mockserver.imported.soundness "
        "rich.console rich.table rich.text",
    ),
    "Starlette's application, for the control API over HTTP and the pages": (
        97,
        "mockserver.app.site",
    ),
    "faults, a class each, for who arms one": (
        82,
        "mockserver.app.faulted mockserver.control.preparing mockserver.faults mockserver.faults.bodies "
        "mockserver.faults.catalogue mockserver.faults.given mockserver.faults.uses",
    ),
    "what a contract of one's own is checked and tried with": (
        180,
        "mockserver.loader.explained mockserver.loader.overlay",
    ),
    "what few requests to the control API ask for": (
        85,
        "mockserver.app.delay_preview mockserver.app.own_routes mockserver.arming mockserver.conduct "
        "mockserver.control.exposition "
        "mockserver.har mockserver.snapshots",
    ),
    "validators, the sender of webhooks and h11 for it, and what signs": (
        80,
        "cryptography cryptography.hazmat.primitives.asymmetric.ed25519 "
        "cryptography.hazmat.primitives.serialization jwt mockserver.validation mockserver.webhooks "
        "mockserver.webhooks.delivery mockserver.webhooks.trust",
    ),
    "pictures and films, for results that are looked at": (
        60,
        "PIL mockserver.media.film",
    ),
    "what a test asks of its handle beside the URL": (
        45,
        "mockserver.steering mockserver.steering.expectations mockserver.steering.messages "
        "mockserver.steering.records mockserver.steering.secrets mockserver.steering.traffic",
    ),
    "tools that stand beside a sandbox, and pytest's parts for them": (
        200,
        "hypothesis mockserver.exploring.explorer mockserver.exploring.verdict mockserver.inbox "
        "mockserver.intercept mockserver.proxy.authority mockserver.schedules mockserver.testing "
        "mockserver.testing.proxies mockserver.testing.session mockserver.testing.testcase "
        "mockserver.testing.times mockserver.testing.tools mockserver.testing.uses mockserver.virtual_time "
        "pytest_plugin.judgement pytest_plugin.ownership pytest_plugin.plainly pytest_plugin.reporting "
        "pytest_plugin.waiting schemathesis.transport.serialization trustme",
    ),
    "workers, and a state at an engine, whose client (hiredis, an extra) need not be there": (
        36,
        "mockserver.cli.supervised mockserver.stores.choice mockserver.stores.redis.address "
        "mockserver.stores.redis.care mockserver.stores.redis.secured mockserver.stores.redis.served",
    ),
    "uvicorn's protocols, of which a server has one": (
        26,
        "uvicorn.protocols.http.h11_impl uvicorn.protocols.http.httptools_impl",
    ),
}
OTHERWISE = {
    "resource": "Windows has none",
    "importlib": "in `__getattr__` of packages whose names are public, and a name at their top would be one",
    "statistics": "fractions and decimals, 12 ms where nothing else needs them, for durations that are lognormal",
}
"""Late for another reason than those."""


def late_imports() -> Iterator[tuple[str, str]]:
    """Every import inside a function: what it is of, and where it stands."""
    for path in sorted([*(ROOT / "mockserver").rglob("*.py"), *(ROOT / "pytest_plugin").rglob("*.py")]):
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                for node in ast.walk(function):
                    yield from ((name, f"{path.relative_to(ROOT)}:{node.lineno}") for name in _imported(node))


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return [each.name for each in node.names] if isinstance(node, ast.Import) else []


NAMED = {name for _, names in GROUPS.values() for name in names.split()} | OTHERWISE.keys()


def test_an_import_inside_a_function_spares_something() -> None:
    wrong = [f"{where} imports {name}" for name, where in late_imports() if name not in NAMED]
    assert not wrong, "\n".join([*wrong, f"import it at the top, or say in {Path(__file__).name} what it saves"])


def test_what_is_named_here_is_imported_late_somewhere() -> None:
    assert sorted(NAMED - {name for name, _ in late_imports()}) == []


@pytest.mark.parametrize("why", GROUPS)
def test_a_group_spares_enough(why: str) -> None:
    assert GROUPS[why][0] >= ENOUGH


def test_nothing_is_in_two_groups() -> None:
    assert len(NAMED) == sum(len(names.split()) for _, names in GROUPS.values()) + len(OTHERWISE)
