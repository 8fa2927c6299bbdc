"""How many lines the shipped contracts are, in one fixed formatter: `python bench/lines.py [FOLDER...]`.

The formatter is that of `python -m json.tool` (`json.dumps` with an indent of two): each value on a line of its own.
`tests/language/test_lengths.py` holds a ceiling to them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

FILES = ("behavior.json", "openapi.json")


def lines(path: Path) -> int:
    """The lines of a JSON file in that formatter."""
    return json.dumps(json.loads(path.read_bytes()), indent=2).count("\n") + 1


def main(folders: list[Path]) -> None:
    total = dict.fromkeys(FILES, 0)
    for folder in folders:
        found = {name: lines(folder / name) for name in FILES}
        total = {name: total[name] + found[name] for name in FILES}
        print(f"{folder.name:>12}  {found[FILES[0]]:>6}  {found[FILES[1]]:>6}")
    print(f"{'together':>12}  {total[FILES[0]]:>6}  {total[FILES[1]]:>6}  {sum(total.values()):>6}")


if __name__ == "__main__":
    named = [Path(each) for each in sys.argv[1:]]
    shipped = Path(__file__).parent.parent / "contracts"
    main(named or sorted(path.parent for path in shipped.glob("*/openapi.json")))
