"""What the limits in front of uvicorn cost: wrk against stock uvicorn and against ours, one constant raw ASGI answer.

    python bench/wire.py [--seconds 4] [--rounds 3] [--http httptools|h11]

Reports requests per second and, since those flatter fast servers on virtual machines, CPU time per request.
"""

from __future__ import annotations

import argparse
import re
import resource
import statistics
import subprocess
import sys
from typing import Any

import uvicorn

from mockserver.wire import bind, run, url_of

BODY = b'{"status":"PROCESSING","progress":42}'
HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(BODY))]
POST = 'wrk.method = "POST"\nwrk.body = \'{"name":"a"}\'\nwrk.headers["Content-Type"] = "application/json"\n'


async def constant(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        raise RuntimeError("no lifespan")
    if scope["method"] == "POST":
        await receive()
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})


def serve(variant: str, http: Any) -> None:
    sock = bind()
    sock.listen()
    print(url_of(sock, None), flush=True)
    if variant == "ours":
        run(constant, sock, http=http)
    else:
        config = uvicorn.Config(
            constant,
            http=http,
            ws="none",
            access_log=False,
            log_config=None,
            proxy_headers=False,
            server_header=False,
            date_header=False,
        )
        uvicorn.Server(config).run([sock])


def measure(variant: str, http: str, seconds: int, script: str) -> tuple[float, float]:
    """Requests per second, and CPU microseconds of the server per request."""
    command = [sys.executable, __file__, "--serve", variant, "--http", http]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    url = server.stdout.readline().strip()
    load = ["wrk", "-t1", "-c32", f"-d{seconds}s", url + "/api/jobs/abc"]
    with_script = [*load[:-1], "-s", "/dev/stdin", load[-1]] if script else load
    report = subprocess.run(with_script, input=script, capture_output=True, text=True, check=True).stdout
    with_wrk = resource.getrusage(resource.RUSAGE_CHILDREN)
    server.terminate()
    server.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = re.search(r"(\d+) requests in", report)
    assert found is not None, report
    assert "Non-2xx" not in report, report
    cpu = after.ru_utime + after.ru_stime - with_wrk.ru_utime - with_wrk.ru_stime
    return int(found[1]) / seconds, cpu / int(found[1]) * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--http", default="httptools")
    parser.add_argument("--serve", choices=["stock", "ours"])
    wanted = parser.parse_args()
    if wanted.serve:
        serve(wanted.serve, wanted.http)
        return
    for name, script in (("GET", ""), ("POST", POST)):
        runs: dict[str, list[tuple[float, float]]] = {"stock": [], "ours": []}
        for _ in range(wanted.rounds):
            for variant, results in runs.items():
                results.append(measure(variant, wanted.http, wanted.seconds, script))
        rate = {variant: statistics.median(rps for rps, _ in results) for variant, results in runs.items()}
        cpu = {variant: statistics.median(us for _, us in results) for variant, results in runs.items()}
        print(
            f"{name:5} stock {rate['stock']:7.0f}/s {cpu['stock']:5.1f} µs   ours {rate['ours']:7.0f}/s "
            f"{cpu['ours']:5.1f} µs   rate {rate['ours'] / rate['stock']:.3f}   CPU {cpu['ours'] / cpu['stock']:.3f}"
        )


if __name__ == "__main__":
    main()
