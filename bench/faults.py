"""What the stage of faults costs while no fault is armed: GET of a job, against the same server without the stage.

`faults.py` measures; `faults.py serve PORT` is that other server. It is ours with the questions for faults cut out of
its source as it starts, so that it can never be started by mistake in the product.
"""

from __future__ import annotations

import inspect
import sys
import textwrap
from pathlib import Path
from typing import Any

import run
import server

from mockserver.app.fast_path import ShortWay

HERE = Path(__file__).parent
ROUNDS = 7
WANTED = 0.9
WATCHED = """    if operation.id in side.faults.watched:
        return None
"""


def without(owner: Any, function: str, asked: str) -> None:
    """Replace a method by itself without a part of its source."""
    method = getattr(owner, function)
    source = textwrap.dedent(inspect.getsource(method))
    if source.count(asked) != 1:
        raise SystemExit(f"{owner.__name__}.{function} asks for faults in other words than bench/faults.py knows")
    names: dict[str, Any] = {}
    exec(compile(source.replace(asked, ""), f"<{function} without faults>", "exec"), method.__globals__, names)
    setattr(owner, function, names[function])


def serve(port: int) -> None:
    """Our server, which could not break if it was told to: the one question for faults is the short way's."""
    without(ShortWay, "answer", WATCHED)
    server.main(port, 0)


def measure() -> None:
    """One line: the best round of each, the two servers in turns; what else the machine does can only slow one down."""
    with_port, without_port = run.free_port(), run.free_port()
    ours: list[run.Measured] = []
    bare: list[run.Measured] = []
    with (
        run.process(str(HERE / "server.py"), str(with_port), "0") as one,
        run.process(str(HERE / "faults.py"), "serve", str(without_port)) as other,
    ):
        urls = []
        for port, child in ((with_port, one), (without_port, other)):
            run.wait_for(f"http://127.0.0.1:{port}/vidgen/api/health", child)
            urls.append(f"http://127.0.0.1:{port}/vidgen/api/status/{run.submit(f'http://127.0.0.1:{port}')}")
        key = ("-H", f"X-API-Key: {run.KEY}")
        for turn in range(ROUNDS):
            sides = [(ours, urls[0], one), (bare, urls[1], other)]
            for found, url, child in sides if turn % 2 else sides[::-1]:
                found.append(run.load(url, child, *key))
    rate = max(each.rate for each in ours) / max(each.rate for each in bare)
    cpu = min(each.cpu for each in bare) / min(each.cpu for each in ours)
    print(f"{'GET, no fault armed':<28} {rate:5.2f} of it without the stage (wanted {WANTED})   by CPU {cpu:4.2f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(int(sys.argv[2]))
    else:
        measure()
