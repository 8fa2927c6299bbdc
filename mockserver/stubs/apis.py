"""What a type checker knows of a contract: a handle whose operations, states, scenarios and quirks are its own."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator, Sequence

from mockserver.contract import Contract
from mockserver.stubs.words import HEAD, alias, laid_out, text

IMPORTS = '''"""{title}"""

from typing import Literal, Never, TypeAlias{overload}

from mockserver.steering import ApiHandle
from mockserver.steering.checked import CheckedHandle
'''
TAKEN = frozenset({"ApiHandle", "CheckedHandle", "Literal", "Never", "ShippedApis", "TypeAlias", "Overload"})


def shipped(contracts: Sequence[Contract], command: str) -> str:
    """The handles of all these contracts, and the method that finds each by its name."""
    head = IMPORTS.format(title="The handles of the shipped contracts.", overload=", overload")
    lines = ["class ShippedApis:"]
    for each in contracts:
        lines += ["    @overload", f'    def api(self, name: Literal["{each.name}"]) -> {class_name(each)}: ...']
    lines += ["    @overload", "    def api(self, name: str) -> ApiHandle: ..."]
    return _joined(
        HEAD.format(command=command, fresh="; a test holds it to the contracts") + head,
        [*_handles(contracts), "\n".join(lines)],
    )


def own(contracts: Sequence[Contract], command: str) -> str:
    """The handles of contracts that are not shipped."""
    head = IMPORTS.format(title="Handles of APIs, for type checkers alone.", overload="")
    head = head.replace("from mockserver.steering import ApiHandle\n", "")
    return _joined(
        HEAD.format(command=command, fresh=": make it anew when the contract changes") + head, _handles(contracts)
    )


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
    moving = [each for each in resources if each.run is not None]
    ends = (state.name for each in moving for state in each.states.values() if state.end in ("success", "failure"))
    return {
        "Operation": contract.operations,
        "State": dict.fromkeys(state for each in resources for state in each.states),
        "Outcome": dict.fromkeys(ends),
        "Resource": [each.name for each in moving],
        "Scenario": dict.fromkeys(("happy", *contract.scenarios)),
        "Quirk": contract.quirks,
    }
