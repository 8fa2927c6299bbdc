"""Who may import whom, and the other promises of the source's shape. Reads the source, runs none of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# A module imports from rows above its own, and from modules further left in its own row. Anything else is a circle
# in the making. `wire` and `steering` stand apart: a transport, and a client of the control API; they know nothing of
# the product but its errors.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("errors", "silence", "pointers", "draws", "clock", "contract"),
    ("timeline", "validation"),
    ("loader", "store"),
    ("ratelimit", "signing", "redaction", "journal", "answers"),
    ("media", "shelf", "links", "wishes", "faults", "webhooks"),
    ("outbox", "sandbox", "sandboxes", "results"),
    ("operations", "check", "live", "generator", "schedules"),
    ("conduct", "coverage", "har", "control"),
    ("pages", "app"),
    ("launch", "verify", "fuzz", "cli"),
)
APART = {"wire": {"errors"}, "steering": {"errors", "clock", "silence"}}  # what modules outside the table may import
USERS_OF_APART = {"launch", "cli"}
FACADE = {"launch"}  # what `mockserver/__init__.py` may import

# pytest_plugin lives outside: these names of `mockserver` are public.
PUBLIC = {"", "errors", "wire", "launch", "steering", "generator", "schedules"}

# A source of time or chance → the one module that may use it.
ONE_MODULE = {"time": "clock", "datetime.now": "clock", "random": "draws", "secrets": "signing"}

LONGEST_FUNCTION = 40
LONGEST_FILE = 300
LONGER_FILES = {
    "mockserver/answers.py": "the closed table of facts stands beside the compiler that reads it",
    "mockserver/contract.py": "nothing but the record types of a contract",
    "mockserver/wire/guard.py": "one object between a transport and a protocol; halves would share its state",
}


@dataclass(frozen=True)
class Module:
    """A source file: its path from the root, its package's word (`loader`, `""` for `mockserver/__init__.py`)."""

    path: str
    word: str
    package: tuple[str, ...]
    text: str
    tree: ast.Module


@cache
def modules(package: str) -> tuple[Module, ...]:
    """Every module of a package."""
    return tuple(_module(path, package) for path in sorted((ROOT / package).rglob("*.py")))


def _module(path: Path, package: str) -> Module:
    parts = path.relative_to(ROOT / package).with_suffix("").parts
    word = "" if parts == ("__init__",) else parts[0]
    text = path.read_text()
    return Module(str(path.relative_to(ROOT)), word, (package, *parts[:-1]), text, ast.parse(text))


def everything() -> tuple[Module, ...]:
    return (*modules("mockserver"), *modules("pytest_plugin"))


def imports(module: Module) -> Iterator[tuple[int, str, str]]:
    """Every (line, module, name) that is imported at run time, function-level imports included."""
    yield from _imports(module.tree, module.package)


def _imports(node: ast.AST, package: tuple[str, ...]) -> Iterator[tuple[int, str, str]]:
    if isinstance(node, ast.Import):
        yield from ((node.lineno, alias.name, "") for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        above = package[: len(package) - node.level + 1] if node.level else ()
        source = ".".join([*above, *([node.module] if node.module else [])])
        yield from ((node.lineno, source, alias.name) for alias in node.names)
    free = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
    for child in node.orelse if isinstance(node, ast.If) and free else ast.iter_child_nodes(node):
        yield from _imports(child, package)


def words(module: Module) -> Iterator[tuple[int, str]]:
    """Every (line, word) of `mockserver` that a module imports: `mockserver.loader.x` is the word `loader`."""
    known = {m.word for m in modules("mockserver")}
    for line, source, name in imports(module):
        if source == "mockserver":
            yield line, name if name in known else ""
        elif source.startswith("mockserver."):
            yield line, source.split(".")[1]


def places() -> dict[str, tuple[int, int]]:
    return {word: (row, place) for row, each in enumerate(LAYERS) for place, word in enumerate(each)}


def allowed(word: str, imported: str) -> bool:
    """Whether the module `word` may import the module `imported`."""
    if word == imported:
        return True
    if word == "":
        return imported in FACADE
    if word in APART:
        return imported in APART[word]
    if imported in APART:
        return word in USERS_OF_APART
    if imported == "":
        return word == "cli"  # for the version
    return places()[imported] < places()[word]


def test_every_module_has_its_place_in_the_table() -> None:
    found = {m.word for m in modules("mockserver")} - {"", "__main__"}
    unknown = sorted(found - set(places()) - set(APART))
    assert not unknown, (
        f"{unknown} have no layer: put each into LAYERS of {Path(__file__).name}, in the lowest row above which "
        "everything stands that it imports; or make it part of a module that is there"
    )


@pytest.mark.parametrize("module", modules("mockserver"), ids=lambda m: m.path)
def test_a_module_imports_only_what_stands_above_it(module: Module) -> None:
    wrong = [
        f"{module.path}:{line} imports {word or 'mockserver itself'}"
        for line, word in words(module)
        if not (module.word == "__main__" and word == "cli") and not allowed(module.word, word)
    ]
    assert not wrong, "\n".join([*wrong, "the table LAYERS forbids it: hand the thing in as an argument instead"])


@pytest.mark.parametrize("module", modules("pytest_plugin"), ids=lambda m: m.path)
def test_the_plugin_uses_public_names_only(module: Module) -> None:
    wrong = [f"{module.path}:{line} imports mockserver.{word}" for line, word in words(module) if word not in PUBLIC]
    wrong += [
        f"{module.path}:{line} imports the private name {source}.{name}"
        for line, source, name in imports(module)
        if source.startswith("mockserver") and any(p.startswith("_") for p in f"{source}.{name}".split("."))
        if not name.startswith("__")
    ]
    assert not wrong, "\n".join([*wrong, f"public are: {sorted(PUBLIC)}"])


def api_names() -> list[str]:
    return sorted(p.parent.name for p in (ROOT / "contracts").glob("*/openapi.json"))


@pytest.mark.parametrize("module", modules("mockserver"), ids=lambda m: m.path)
def test_no_module_names_an_api(module: Module) -> None:
    assert api_names(), "contracts/ holds the names to look for"
    lines = [f"mockserver path {module.path}", *module.text.lower().splitlines()]
    wrong = [f"{module.path}:{n}: {line.strip()}" for n, line in enumerate(lines) for a in api_names() if a in line]
    assert not wrong, "\n".join([*wrong, "what one API does differently belongs into its contract"])


def sources_of_chance(module: Module) -> Iterator[tuple[int, str]]:
    for line, source, name in imports(module):
        if source in ONE_MODULE or (source in ("os", "uuid") and name in ("urandom", "uuid1", "uuid4")):
            yield line, source if source in ONE_MODULE else "secrets"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute):
            text = ast.unparse(node)
            if text.endswith(("datetime.now", "datetime.utcnow", "datetime.today", "date.today")):
                yield node.lineno, "datetime.now"
            elif text in ("os.urandom", "uuid.uuid1", "uuid.uuid4"):
                yield node.lineno, "secrets"


@pytest.mark.parametrize("module", modules("mockserver"), ids=lambda m: m.path)
def test_time_and_chance_come_from_one_module_each(module: Module) -> None:
    wrong = [
        f"{module.path}:{line} uses {source}, which belongs to {ONE_MODULE[source]}.py"
        for line, source in sources_of_chance(module)
        if ONE_MODULE[source] != module.word
    ]
    assert not wrong, "\n".join([*wrong, "take the moment or the draw as an argument"])


def functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("module", everything(), ids=lambda m: m.path)
def test_functions_are_short(module: Module) -> None:
    lengths = {f"{module.path}:{f.lineno} {f.name}": (f.end_lineno or 0) - f.lineno + 1 for f in functions(module)}
    wrong = {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION}
    assert not wrong, f"more than {LONGEST_FUNCTION} lines: {wrong}"


@pytest.mark.parametrize("module", everything(), ids=lambda m: m.path)
def test_files_are_short_or_say_why_not(module: Module) -> None:
    length = len(module.text.splitlines())
    assert length <= LONGEST_FILE or module.path in LONGER_FILES, (
        f"{module.path} has {length} lines: make it a package of one thing per file"
    )


def test_reasons_for_long_files_are_still_needed() -> None:
    lengths = {m.path: len(m.text.splitlines()) for m in everything()}
    assert [path for path in LONGER_FILES if lengths.get(path, 0) <= LONGEST_FILE] == []


@pytest.mark.parametrize("module", everything(), ids=lambda m: m.path)
def test_every_module_says_what_it_is(module: Module) -> None:
    assert ast.get_docstring(module.tree), f"{module.path} has no docstring"


def _parsed(text: str, word: str = "store") -> Module:
    return Module(f"mockserver/{word}.py", word, ("mockserver",), text, ast.parse(text))


@pytest.mark.parametrize(
    "text",
    [
        "from mockserver.app import Mockserver",
        "import mockserver.app",
        "from mockserver import app",
        "from .app import Mockserver",
        "from . import app",
        "def late():\n    from mockserver.app import Mockserver",
        "if TYPE_CHECKING:\n    pass\nelse:\n    import mockserver.app",
    ],
)
def test_every_form_of_a_forbidden_import_is_seen(text: str) -> None:
    assert [allowed("store", word) for _, word in words(_parsed(text))] == [False]


def test_an_import_for_types_alone_is_free() -> None:
    assert list(words(_parsed("if TYPE_CHECKING:\n    from mockserver.app import Mockserver"))) == []


@pytest.mark.parametrize(
    "text",
    ["import time", "from time import time", "import secrets", "datetime.now(UTC)", "os.urandom(8)", "import random"],
)
def test_every_source_of_time_and_chance_is_seen(text: str) -> None:
    assert list(sources_of_chance(_parsed(text)))
