"""How long a contract takes to load, for 10, 100 and 1000 operations: `python bench/contract_load.py [REPEATS]`.

The template of `mockserver new`, its four operations as often as it takes, each under a path and a name of its own.
Printed are milliseconds of the processor: as a contract of one's own is loaded (mistakes are looked for), as a shipped
one is (they are not), and what each operation takes; a load that grows linearly takes as much for each.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

from mockserver.app.api import Api
from mockserver.check import check_contract
from mockserver.cli.new import TEMPLATE
from mockserver.loader import load_folder
from mockserver.loader.behavior import build
from mockserver.loader.source import Source

SIZES = (10, 100, 1000)


def documents(operations: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The template with about so many operations."""
    openapi, behavior = (json.loads((TEMPLATE / name).read_text()) for name in ("openapi.json", "behavior.json"))
    paths, named = openapi["paths"], behavior["operations"]
    openapi["paths"], behavior["operations"] = {}, {}
    for copy in range(max(1, operations // len(named))):
        for path, item in paths.items():
            text = json.dumps(item)
            for name in named:
                text = text.replace(f'"{name}"', f'"{name}{copy}"')
            openapi["paths"][f"/{copy}{path}"] = json.loads(text)
        behavior["operations"] |= {f"{name}{copy}": said for name, said in named.items()}
    return openapi, behavior


def seconds(work: Callable[[], object], repeats: int) -> float:
    """The least time of the processor."""
    found = []
    for _ in range(repeats):
        begun = process_time()
        work()
        found.append(process_time() - begun)
    return min(found)


def measured(size: int, repeats: int) -> tuple[int, float, float]:
    """How many operations there are, the seconds of a load with checks, and of one without."""
    openapi, behavior = documents(size)
    with tempfile.TemporaryDirectory() as above:
        folder = Path(above) / "many"
        folder.mkdir()
        (folder / "openapi.json").write_text(json.dumps(openapi))
        (folder / "behavior.json").write_text(json.dumps(behavior))
        contract, found = load_folder(folder, further=check_contract)
        assert contract is not None, found
        own = seconds(lambda: load_folder(folder, further=check_contract), repeats)
        shipped = seconds(lambda: Api(build(Source("many", openapi, behavior))), repeats)
    return len(contract.operations), own, shipped


def main(repeats: int) -> None:
    print(f"{'operations':>10}  {'checked':>23}  {'as shipped':>23}")
    for size in SIZES:
        number, *several = measured(size, repeats)
        told = [f"{1000 * each:9.1f} ms {1e6 * each / number:7.0f} µs" for each in several]
        print(f"{number:>10}  {told[0]:>23}  {told[1]:>23}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
