"""What a type checker knows of a contract: a handle whose operations, states, scenarios and quirks are its own."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator, Sequence
from textwrap import indent

from mockserver.contract import Contract
from mockserver.docstrings import docstring
from mockserver.rules import playable
from mockserver.stubs.words import HEAD, alias, laid_out, text
from mockserver.testing.mock import mock

OWN = '"""Handles of APIs, for type checkers alone."""\n\nfrom typing import Literal, Never, TypeAlias\n'
SHIPPED = '''"""The handles of the shipped contracts, and whatever gives one of them by its name."""

from typing import Literal, Never, TypeAlias, Unpack, overload

from mockserver.steering import ApiHandle, SandboxHandle
from mockserver.testing.mock import Mock
from mockserver.testing.wanted import MockOptions
'''
CHECKED = "\nfrom mockserver.steering.checked import CheckedHandle\n"
TAKEN = frozenset(
    [
        "ApiHandle",
        "CheckedHandle",
        "Literal",
        "Mock",
        "MockOptions",
        "Never",
        "SandboxHandle",
        "ShippedApis",
        "ShippedHandles",
        "TypeAlias",
    ]
)
HELD = "; a test holds it to the contracts"
ANEW = ": make it anew when the contract changes"


def shipped(contracts: Sequence[Contract], command: str) -> str:
    """The handles of all these contracts, and what finds each by its name."""
    head = HEAD.format(command=command, fresh=HELD) + SHIPPED + CHECKED.lstrip("\n")
    return _joined(head, [*_handles(contracts), *_by_name(contracts), *_attributes(contracts), *_mock(contracts)])


def _by_name(contracts: Sequence[Contract]) -> Iterator[str]:
    yield "class ShippedApis:"
    for contract in contracts:
        yield f"    @overload\n    def api(self, name: Literal[{text(contract.name)}]) -> {class_name(contract)}: ..."
    yield "    @overload\n    def api(self, name: str) -> ApiHandle: ...\n"


def _attributes(contracts: Sequence[Contract]) -> Iterator[str]:
    yield "class ShippedHandles:"
    yield from (
        f"    {contract.name}: {class_name(contract)}" for contract in contracts if contract.name.isidentifier()
    )


def _mock(contracts: Sequence[Contract]) -> Iterator[str]:
    """The function `mock`, whose first argument decides what it gives."""
    doc = docstring(mock)
    named = [(f"api: Literal[{text(contract.name)}]", class_name(contract)) for contract in contracts]
    for taken, given in (("api: None = None", "SandboxHandle"), *named, ("api: str", "ApiHandle")):
        yield f"\n@overload\ndef mock({taken}, /, **options: Unpack[MockOptions]) -> Mock[{given}]:"
        yield f'    """{indent(doc, "    ").strip()}\n    """'
        doc = doc.partition("\n")[0]


def own(contracts: Sequence[Contract], command: str) -> str:
    """The handles of contracts that are not shipped."""
    return _joined(HEAD.format(command=command, fresh=ANEW) + OWN + CHECKED, _handles(contracts))


def _joined(head: str, parts: Iterable[str]) -> str:
    return "\n".join([head, *parts]) + "\n"


def class_name(contract: Contract) -> str:
    """The name of an API as that of a class: `speed-paint` is `SpeedPaint`."""
    name = "".join(part[:1].upper() + part[1:] for part in re.split(r"\W+|_", contract.name))
    return f"{name}Api" if keyword.iskeyword(name) or name in TAKEN else name


def _handles(contracts: Iterable[Contract]) -> Iterator[str]:
    for contract in contracts:
        name, words = class_name(contract), _words(contract)
        aliases = [alias(f"{name}{word}", each) for word, each in words.items()]
        head = laid_out(f"class {name}(CheckedHandle[", [f"{name}{word}" for word in words], "]):")
        yield "\n".join([*aliases, f"\n{head}", f"    {text(f'{contract.title} in a sandbox.')}\n"])


def _words(contract: Contract) -> dict[str, Iterable[str]]:
    resources = contract.resources.values()
    moving = [resource for resource in resources if resource.run is not None]
    ends = (outcome for each in moving for outcome in each.outcomes)
    return {
        "Operation": contract.operations,
        "State": dict.fromkeys(state for resource in resources for state in resource.states),
        "Outcome": dict.fromkeys(ends),
        "Resource": [each.name for each in moving],
        "Scenario": playable(contract.scenarios),
        "Quirk": contract.quirks,
    }
