"""The Dockerfile without a container engine: each of its steps, done in folders and processes of this machine.

What is left to an engine: that the base image is there, its layers, and that the network leads to the port.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from pipeline_kit import LONGEST, ROOT, environment, instructions, words_of

from mockserver.wire import bind

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]

TOKEN = "choose-one"
UID = 10001


@pytest.fixture(scope="module")
def image() -> Iterator[Path]:
    """What the build stage makes: `/install`, from nothing but the files that are copied, in a folder all may read."""
    place = Path(tempfile.mkdtemp(prefix="mockserver-image-"))
    place.chmod(0o755)
    try:
        _copy(place / "src")
        (command,) = (line for line in instructions("RUN") if line.startswith("pip install"))
        words = shlex.split(command.replace("/install", str(place / "install")))
        env = environment(place / "none")
        done = subprocess.run(
            [sys.executable, "-m", *words, "--ignore-installed"],
            cwd=place / "src",
            env=env,
            capture_output=True,
            text=True,
            timeout=LONGEST,
        )
        assert done.returncode == 0, done.stderr
        yield place / "install"
    finally:
        shutil.rmtree(place)


def _copy(into: Path) -> None:
    """COPY, as far as .dockerignore lets it: nothing but what it names, and no caches."""
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    into.mkdir()
    for line in (each for each in instructions("COPY") if not each.startswith("--from")):
        *sources, target = line.split()
        for source in sources:
            assert source in allowed, f"{source} is copied, but .dockerignore keeps it out"
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, into / target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / source, into / target)


def _env(image: Path, **more: str) -> dict[str, str]:
    """The second stage's: the prefix is where Python looks, and the names that ENV sets."""
    site = next(image.glob("lib/python*/site-packages"))
    said = dict(pair.split("=", 1) for line in instructions("ENV") for pair in line.split())
    return {
        "PATH": f"{image / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(site),
        "HOME": "/nonexistent",
        **said,
        **more,
    }


@cache
def _user() -> int | None:
    """Who the server runs as: the user that USER names, where we may become that one and it may run our Python."""
    found = int(instructions("USER")[-1])
    try:
        subprocess.run([sys.executable, "-c", ""], user=found, check=True)
    except (PermissionError, subprocess.CalledProcessError):
        return None
    return found


def _command() -> list[str]:
    return [*words_of("ENTRYPOINT"), *words_of("CMD")]


@contextmanager
def serving(image: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """ENTRYPOINT and CMD as that user, from a folder that cannot be written; on loopback, as this is no container."""
    env = _env(image, MOCKSERVER_CONTROL_TOKEN=TOKEN, MOCKSERVER_HOST="127.0.0.1", MOCKSERVER_PORT=str(port))
    with subprocess.Popen(_command(), cwd="/", env=env, user=_user(), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            yield process
        finally:
            process.terminate()


def healthy(image: Path, port: int) -> int:
    """The exit code of the line that HEALTHCHECK runs."""
    words = [sys.executable, *words_of("HEALTHCHECK")[1:]]
    env = _env(image, MOCKSERVER_PORT=str(port))
    return subprocess.run(words, env=env, user=_user(), capture_output=True, timeout=30).returncode


@pytest.fixture
def port() -> int:
    with bind("127.0.0.1", 0) as free:
        found: int = free.getsockname()[1]
    return found


def test_the_user_is_nobody() -> None:
    (made,) = (line for line in instructions("RUN") if line.startswith("useradd"))
    assert instructions("USER") == [str(UID)]
    assert re.search(rf"--uid {UID}\b", made)
    assert "--system --no-create-home" in made


def test_the_server_of_the_image_answers_and_its_health_is_known(image: Path, port: int) -> None:
    assert healthy(image, port) != 0
    with serving(image, port) as process:
        assert healthy(image, port) == 0
        if _user() is not None:
            assert Path(f"/proc/{process.pid}").stat().st_uid == UID
    assert healthy(image, port) != 0
    assert process.returncode == 0


def test_the_contracts_are_in_the_image(image: Path, port: int) -> None:
    ask = f"import urllib.request as u; print(u.urlopen('http://127.0.0.1:{port}/vidgen/api/health').status)"
    with serving(image, port):
        words = [sys.executable, "-c", ask]
        done = subprocess.run(words, env=_env(image), capture_output=True, text=True, timeout=30)
    assert done.stdout == "200\n", done.stderr


def test_without_a_token_the_image_refuses_to_be_reached_by_others(image: Path, port: int) -> None:
    done = subprocess.run(
        _command(),
        cwd="/",
        env=_env(image, MOCKSERVER_PORT=str(port)),
        user=_user(),
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 2
    assert "MOCKSERVER_CONTROL_TOKEN" in done.stderr


def test_everything_an_image_copies_is_enough_to_build_from(image: Path) -> None:
    assert (image / "bin" / "mockserver").exists()
    (package,) = image.glob("lib/python*/site-packages/mockserver")
    assert {each.name for each in (package / "contracts").iterdir()} >= {"vidgen", "miragic", "miraflow", "mirrago"}
    assert os.path.realpath(package).startswith(os.path.realpath(image))
