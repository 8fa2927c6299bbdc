"""Who may import whom, and the other promises of the source's shape. Reads the source, runs none of it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# A module imports from rows above its own, and from modules further left in its own row. Anything else is a circle
# in the making. `wire` and `steering` stand apart: a transport, and a client of the control API; they know nothing of
# the product but its errors, its clock, its words in a scope, and the tools beside a sandbox. Imports for types alone
# and imports inside functions count like any other.
LAYERS: tuple[tuple[str, ...], ...] = (
    (
        "printable",
        "header_types",
        "problems",
        "loopback",
        "records",
        "errors",
        "expected_silence",
        "docstrings",
        "bounds",
        "mounting",
        "observer",
        "late_import",
        "stack",
        "local",
        "statuses",
        "files",
        "json_types",
        "reprs",
        "event_loops",
    ),
    (
        "suggestions",
        "sorting",
        "pointers",
        "json_patch",
        "jsonpath",
        "id_patterns",
        "draws",
        "clock",
        "time_slices",
        "conditions",
        "lifecycle",
        "intake",
        "signatures",
        "rules",
        "contract",
        "contract_cache",
        "bindings",
        "samples",
        "negotiation",
    ),
    ("secret_names", "curves", "timeline", "planning", "milestones", "log_lines", "validation", "notation"),
    ("loader", "store", "jobs", "items", "job_events"),
    (
        "ratelimit",
        "signing",
        "redaction",
        "tally",
        "rings",
        "journal",
        "request_log",
        "message",
        "subject",
        "uploaded",
        "facts",
        "values",
        "prices",
        "templates",
        "triggers",
        "kept",
        "declared",
        "variants",
        "completion",
        "answers",
    ),
    (
        "media",
        "makers",
        "upload_store",
        "webhooks",
        "state",
        "stores",
        "produced",
        "text_results",
        "links",
        "plan_overrides",
        "faults",
    ),
    (
        "generation",
        "held_requests",
        "sandbox_view",
        "accounts",
        "configured",
        "endpoints",
        "webhook_message",
        "job_updates",
        "posting",
        "posting_values",
        "posting_notes",
        "owed",
        "posting_list",
        "outbox",
        "deliverer",
        "job_plans",
        "refunds",
        "api_state",
        "sandbox",
        "sandboxes",
        "results",
    ),
    ("operations", "snapshots", "check", "live", "generator", "schedules"),
    ("conduct", "answer_conditions", "coverage", "shares", "har", "unused_setup", "control"),
    ("pages", "app"),
    (
        "handlers",
        "arming",
        "launch",
        "proxy",
        "recorder",
        "exploring",
        "testing",
        "verify",
        "fuzz",
        "stubs",
        "imported",
        "observed",
        "cli",
    ),
)
APART = {
    "wire": {"header_types", "errors", "clock", "mounting", "files"},
    "steering": {
        "errors",
        "clock",
        "expected_silence",
        "printable",
        "suggestions",
        "secret_names",
        "stack",
        "local",
        "files",
        "json_types",
        "reprs",
        "event_loops",
        "virtual_time",
        "inbox",
    },
    "virtual_time": {"errors", "clock", "late_import", "stack", "wire"},
    "intercept": {"errors", "clock", "late_import", "loopback", "virtual_time"},
    "inbox": {"errors", "wire", "json_types", "reprs", "event_loops"},
    "guarded": {"errors"},
    "workers": {"clock"},
}  # what modules outside the table may import
USERS_OF_APART = {"arming", "launch", "proxy", "recorder", "exploring", "testing", "stubs", "cli"}
FACADE = {"launch", "proxy", "testing"}  # what `mockserver/__init__.py` may import

# pytest_plugin lives outside: these names of `mockserver` are public.
PUBLIC = {"", "clock", "errors", "loopback", "printable", "wire", "launch", "steering", "generator", "schedules"}
PUBLIC |= {"json_types", "exploring", "samples", "suggestions", "virtual_time", "intercept", "inbox", "testing"}

# A source of time or chance → the one module that may use it.
ONE_MODULE = {"time": "clock", "datetime.now": "clock", "random": "draws", "secrets": "signing"}
REPLACES_TIME = "virtual_time"  # what puts other functions in the place of those of `time`, and keeps the real ones

LONGEST_FUNCTION = 40
LONGEST_FILE = 300
LONGER_FILES = {"mockserver/lifecycle.py": "the records of a resource, one after the other, each read with the others"}


@dataclass(frozen=True)
class Module:
    """A source file: its path from the root, its package's word (`loader`, `""` for `mockserver/__init__.py`)."""

    path: str
    word: str
    package: tuple[str, ...]
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """As it is imported."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@dataclass(frozen=True)
class Import:
    """One imported name: `from source import name`, or `import source` with an empty name."""

    module: Module
    line: int
    source: str
    name: str

    def __str__(self) -> str:
        return f"{self.module.path}:{self.line} imports {self.source}{'.' if self.name else ''}{self.name}"

    @property
    def word(self) -> str | None:
        """The word of `mockserver` it is about: `mockserver.loader.x` is the word `loader`."""
        if self.source == "mockserver":
            return self.name if self.name in words() else ""
        return self.source.split(".")[1] if self.source.startswith("mockserver.") else None

    @property
    def target(self) -> str:
        """The name of the module it is about, if it is one of ours."""
        submodule = f"{self.source}.{self.name}"
        return submodule if submodule in names() else self.source


@cache
def modules(*packages: str) -> tuple[Module, ...]:
    """Every module of the packages, of both by default."""
    return tuple(
        _module(path, package)
        for package in packages or ("mockserver", "pytest_plugin")
        for path in sorted((ROOT / package).rglob("*.py"))
    )


def _module(path: Path, package: str) -> Module:
    parts = path.relative_to(ROOT / package).with_suffix("").parts
    word = "" if parts == ("__init__",) else parts[0]
    text = path.read_text()
    return Module(str(path.relative_to(ROOT)), word, (package, *parts[:-1]), text, ast.parse(text))


@cache
def words() -> frozenset[str]:
    return frozenset(module.word for module in modules("mockserver"))


@cache
def names() -> frozenset[str]:
    return frozenset(module.name for module in modules())


@cache
def imports(module: Module) -> tuple[Import, ...]:
    """Every import, wherever it stands: at the top, inside functions, for types alone."""
    return tuple(each for node in ast.walk(module.tree) for each in _imports(node, module))


def _imports(node: ast.AST, module: Module) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        yield from (Import(module, node.lineno, alias.name, "") for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        above = module.package[: len(module.package) - node.level + 1] if node.level else ()
        source = ".".join([*above, *([node.module] if node.module else [])])
        yield from (Import(module, node.lineno, source, alias.name) for alias in node.names)


@cache
def places() -> dict[str, tuple[int, int]]:
    return {word: (row, place) for row, each in enumerate(LAYERS) for place, word in enumerate(each)}


def allowed(word: str, imported: str) -> bool:
    """Whether the module `word` may import the module `imported`."""
    if word == imported:
        return True
    if word == "":
        return imported in FACADE
    if word == "__main__":
        return imported == "cli"
    if word in APART:
        return imported in APART[word]
    if imported in APART:
        return word in USERS_OF_APART
    if imported == "":
        return word == "cli"  # for the version
    return places()[imported] < places()[word]


def upward() -> list[Import]:
    """Imports that the table forbids."""
    return [
        each
        for module in modules("mockserver")
        for each in imports(module)
        if each.word is not None and not allowed(module.word, each.word)
    ]


@cache
def arrows() -> frozenset[tuple[str, str]]:
    """Every (module, one of ours that it imports)."""
    pairs = {(module.name, each.target) for module in modules() for each in imports(module)}
    return frozenset((name, target) for name, target in pairs if target in names() and target != name)


def circle() -> list[str]:
    """The modules of a circle of imports, if there is one."""
    graph: dict[str, set[str]] = {}
    for name, target in arrows():
        graph.setdefault(name, set()).add(target)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])[::-1]
    return []


def private_names() -> Iterator[str]:
    """What the plugin imports of `mockserver` that is not public."""
    for module in modules("pytest_plugin"):
        for each in imports(module):
            private = [part for part in f"{each.source}.{each.name}".split(".") if part.startswith("_")]
            if each.word is not None and (each.word not in PUBLIC or (private and not each.name.startswith("__"))):
                yield str(each)


@cache
def api_names() -> list[str]:
    return sorted(p.parent.name for p in (ROOT / "contracts").glob("*/openapi.json"))


def lines_that_name_an_api(module: Module) -> Iterator[str]:
    lines = [f"mockserver path {module.path}", *module.text.lower().splitlines()]
    for n, line in enumerate(lines):
        yield from (f"{module.path}:{n}: {line.strip()}" for api in api_names() if api in line)


def sources_of_chance(module: Module) -> Iterator[tuple[int, str]]:
    for each in imports(module):
        if each.source in ONE_MODULE:
            yield each.line, each.source
        elif each.source in ("os", "uuid") and each.name in ("urandom", "uuid1", "uuid4"):
            yield each.line, "secrets"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow", "today", "urandom", "uuid1", "uuid4"):
            text = ast.unparse(node)
            if text.endswith(("datetime.now", "datetime.utcnow", "datetime.today", "date.today")):
                yield node.lineno, "datetime.now"
            elif text in ("os.urandom", "uuid.uuid1", "uuid.uuid4"):
                yield node.lineno, "secrets"


def long_functions(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield f"{module.path}:{node.lineno} {node.name} has {length} lines"


def report(offenders: Iterable[str], remedy: str) -> str:
    """What a failure says: every offender on a line, and what to do about it."""
    return "\n".join([*offenders, remedy])


def test_every_module_has_its_place_in_the_table() -> None:
    unknown = sorted(words() - {"", "__main__"} - set(places()) - set(APART))
    assert not unknown, report(
        unknown,
        f"have no layer: put each into LAYERS of {Path(__file__).name}, in the lowest row above which everything "
        "stands that it imports; or make it part of a module that is there",
    )


def test_a_module_imports_only_what_stands_above_it() -> None:
    wrong = [str(each) for each in upward()]
    assert not wrong, report(wrong, "the table LAYERS forbids it: hand the thing in as an argument instead")


def test_no_imports_run_in_a_circle() -> None:
    found = circle()
    assert not found, report([" → ".join(found)], "move what both need into a module of its own")


def test_the_plugin_uses_public_names_only() -> None:
    wrong = list(private_names())
    assert not wrong, report(wrong, f"public are: {sorted(PUBLIC)}")


def test_no_module_names_an_api() -> None:
    assert api_names(), "contracts/ holds the names to look for"
    wrong = [line for module in modules("mockserver") for line in lines_that_name_an_api(module)]
    assert not wrong, report(wrong, "what one API does differently belongs into its contract")


def test_time_and_chance_come_from_one_module_each() -> None:
    wrong = [
        f"{module.path}:{line} uses {source}, which belongs to {ONE_MODULE[source]}.py"
        for module in modules("mockserver")
        for line, source in sources_of_chance(module)
        if ONE_MODULE[source] != module.word and (ONE_MODULE[source], module.word) != ("clock", REPLACES_TIME)
    ]
    assert not wrong, report(wrong, "take the moment or the draw as an argument")


def test_functions_and_files_are_short_and_files_say_what_they_are() -> None:
    lengths = {module.path: len(module.text.splitlines()) for module in modules()}
    wrong = [each for module in modules() for each in long_functions(module)]
    wrong += [f"{path} has {n} lines" for path, n in lengths.items() if n > LONGEST_FILE and path not in LONGER_FILES]
    wrong += [f"{path} is no longer long" for path in LONGER_FILES if lengths.get(path, 0) <= LONGEST_FILE]
    wrong += [f"{module.path} has no docstring" for module in modules() if not ast.get_docstring(module.tree)]
    assert not wrong, report(
        wrong, f"no function over {LONGEST_FUNCTION} lines, one thing per file, and LONGER_FILES says why not"
    )


def _parsed(text: str, word: str = "store") -> Module:
    return Module(f"mockserver/{word}.py", word, ("mockserver",), text, ast.parse(text))


FORBIDDEN = (
    "from mockserver.app import Mockserver",
    "import mockserver.app",
    "from mockserver import app",
    "from .app import Mockserver",
    "from . import app",
    "def late():\n    from mockserver.app import Mockserver",
    "if TYPE_CHECKING:\n    from mockserver.app import Mockserver",
    "if TYPE_CHECKING:\n    pass\nelse:\n    import mockserver.app",
)
OF_CHANCE = (
    "import time",
    "from time import time",
    "import secrets",
    "datetime.now(UTC)",
    "os.urandom(8)",
    "import random",
)


def test_every_form_of_a_forbidden_import_and_every_source_of_time_and_chance_is_seen() -> None:
    seen = [
        text for text in FORBIDDEN if [allowed("store", each.word or "") for each in imports(_parsed(text))] == [False]
    ]
    assert seen == [*FORBIDDEN]
    assert [text for text in OF_CHANCE if list(sources_of_chance(_parsed(text)))] == [*OF_CHANCE]
