"""Where an option of `serve` may come from: the command line, then the environment, then a file."""

from __future__ import annotations

import re
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import pytest
from check_kit import good, write
from cli_kit import call
from serve_kit import serving
from wire_kit import PATIENCE

from mockserver.app import create
from mockserver.cli import serve as module
from mockserver.errors import UsageError

SERVE: click.Command = module.serve  # type: ignore[assignment]
OPTIONS = {
    max(each.opts, key=len).lstrip("-"): each
    for each in SERVE.params
    if isinstance(each, click.Option) and "--help" not in each.opts
}


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """What `serve` would be started with; the working directory is the test's own."""
    found: dict[str, Any] = {}
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "_serve", lambda tell, log, said, **options: found.update(options))
    return found


def settings(text: str, name: str = "pyproject.toml") -> Path:
    file = Path(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"[tool.mockserver]\n{text}\n")
    return file.resolve()


def refused(*words: str | Path, **environment: str) -> str:
    result = call("serve", *words, **environment)
    assert result.exit_code == 2
    return result.output


def variable(key: str) -> str:
    return "MOCKSERVER_" + key.upper().replace("-", "_")


def test_every_option_names_its_variable_in_the_help() -> None:
    said = re.sub(r"\s+", " ", call("serve", "--help").output)
    assert all(f"env var: {variable(key)}" in said for key in OPTIONS)


def example(option: click.Option, folder: Path) -> tuple[str, Any]:
    """A value as a variable has it, and in a file."""
    if option.is_flag:
        return "1", True
    if isinstance(option.type, click.Path):
        path = folder if option.multiple else folder / "openapi.json"
        return str(path), str(path)
    known = {"port": "0", "log": "json", "page": "off", "workers": "2", "store": "unix:///run/engine.sock"}
    value = known.get(str(option.name), "x")
    return value, [value] if option.multiple else value


@pytest.mark.parametrize("key", sorted(set(OPTIONS) - {"config"}))
def test_every_option_is_a_variable_and_a_word_of_the_file(served: dict[str, Any], tmp_path: Path, key: str) -> None:
    option = OPTIONS[key]
    text, value = example(option, write(tmp_path / "acme", good()))
    plain = call("serve")
    assert plain.exit_code == 0, plain.output
    without = dict(served)
    assert call("serve", **{variable(key): text}).exit_code == 0
    by_variable = dict(served)
    settings(f"{key} = {value!r}".replace("True", "true"))
    result = call("serve")
    assert result.exit_code == 0, result.output
    assert served == by_variable
    assert by_variable != without or key == "log"  # the form of the log was taken out before


@pytest.mark.parametrize(
    ("words", "environment", "file", "port"),
    [((), {}, "", 8000), ((), {}, "port = 1", 1), ((), {"MOCKSERVER_PORT": "2"}, "port = 1", 2),
     (("--port", "3"), {"MOCKSERVER_PORT": "2"}, "port = 1", 3), (("--port", "3"), {}, "port = 1", 3),
     ((), {"MOCKSERVER_PORT": ""}, "port = 1", 1), ((), {"MOCKSERVER_PORT": "tcp://10.0.0.7:8000"}, "", 8000)],
)  # fmt: skip
def test_the_command_line_goes_before_the_environment_and_that_before_the_file(
    served: dict[str, Any], words: tuple[str, ...], environment: Mapping[str, str], file: str, port: int
) -> None:
    settings(file)
    assert call("serve", *words, **environment).exit_code == 0
    assert served["port"] == port


@pytest.mark.parametrize(("words", "environment", "strict"), [((), {}, True), (("--no-strict",), {}, False),
                                                              ((), {"MOCKSERVER_STRICT": "0"}, False)])  # fmt: skip
def test_what_a_file_switches_on_can_be_switched_off(
    served: dict[str, Any], words: tuple[str, ...], environment: Mapping[str, str], strict: bool
) -> None:
    settings("strict = true")
    assert call("serve", *words, **environment).exit_code == 0
    assert served["strict"] is strict


def test_a_list_of_the_command_line_stands_in_the_place_of_the_files(served: dict[str, Any]) -> None:
    settings('cors = ["http://one", "http://two"]')
    assert call("serve").exit_code == 0
    assert served["origins"] == ("http://one", "http://two")
    assert call("serve", "--cors", "http://three").exit_code == 0
    assert served["origins"] == ("http://three",)
    assert call("serve", MOCKSERVER_CORS="http://four http://five").exit_code == 0
    assert served["origins"] == ("http://four", "http://five")


@pytest.mark.parametrize(
    ("file", "words", "environment", "kept"),
    [('cors = ["http://a"]', ("--no-cors",), {}, {"origins": None, "no_cors": True}),
     ("no-cors = true", ("--cors", "*"), {}, {"origins": ("*",), "no_cors": None}),
     ("no-cors = true", (), {"MOCKSERVER_CORS": "*"}, {"origins": ("*",), "no_cors": None}),
     ('cors = ["http://a"]', (), {"MOCKSERVER_NO_CORS": "0"}, {"origins": ("http://a",)}),
     ("tls-self-signed = true", ("--tls-cert", __file__), {}, {"tls_self_signed": None, "tls_cert": __file__}),
     (f"tls-cert = {__file__!r}", ("--tls-key", __file__), {}, {"tls_cert": __file__, "tls_key": __file__})],
)  # fmt: skip
def test_of_options_that_exclude_each_other_the_foremost_counts(
    served: dict[str, Any], file: str, words: tuple[str, ...], environment: Mapping[str, str], kept: dict[str, Any]
) -> None:
    settings(file)
    result = call("serve", *words, **environment)
    assert result.exit_code == 0, result.output
    assert {name: served[name] for name in kept} == kept


@pytest.mark.parametrize(
    "words", [("--cors", "*", "--no-cors"), ("--tls-self-signed", "--tls-cert", __file__), ("--tls-key", __file__)]
)
def test_options_of_one_source_that_exclude_each_other_are_refused(words: tuple[str, ...]) -> None:
    assert "exclude" in refused("--port", "0", *words) or "add --tls-cert" in refused("--port", "0", *words)


WRONG = [
    ("prot = 1", "prot is no option here; did you mean 'port'?"),
    ("control_tokne = 'x'", "did you mean 'control-token'?"),
    ("zzz = 1", "zzz is no option here; known: host, port, contracts"),
    ("port = 'x'", "port: 'x' is not a valid integer"),
    ("port = 70000", "port: 70000 is not in the range"),
    ("port = true", "port must be a text or a number"),
    ("port = [1]", "port must be a text or a number"),
    ("strict = 'yes'", "strict must be true or false, not 'yes'"),
    ("cors = [1, true]", "cors must be a text or a list of texts"),
    ("log = 'xml'", "log: 'xml' is not one of"),
    ("contracts = 'nix'", "contracts: "),
    ("public-url = 'a'\npublic_url = 'b'", "public_url is there twice"),
    ("config = 'x'", "config is no option here"),
    ("help = true", "help is no option here"),
    ("port =", "cannot be read"),
    (f"port = {'[' * 3000}{']' * 3000}", "nested too deep"),
    ('contracts = ["a\\u0000"]', "embedded null"),
    ('"a\\n::error::b" = 1', "a\\n::error::b is no option here"),
]

UNFIT = [
    ({"seed": "\ud800"}, "is no seed"),
    ({"control_token": "a b"}, "no client could send"),
    ({"control_token": "ä"}, "no client could send"),
    ({"public_url": "http://x/\n"}, "is no URL of a server"),
    ({"public_url": "http://"}, "is no URL of a server"),
    ({"public_url": "https://x/?a=b"}, "is no URL of a server"),
]


@pytest.mark.parametrize(("options", "said"), UNFIT)
def test_what_could_never_work_is_refused_at_the_start(options: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        create(**options)  # type: ignore[arg-type]
    words = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    assert said in refused(*words)


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_a_mistake_in_the_file_is_named(served: dict[str, Any], text: str, said: str) -> None:
    settings(text)
    told = refused()
    assert said in told
    assert "pyproject.toml" in told


def test_exec_reads_the_same_table_and_each_passes_by_what_is_the_others_alone(
    served: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings("seed = '7'\nclock = 'x60'\nport = 1\nfail-on = ['conduct']\nmap = ['api.acme.example=vidgen']")
    assert call("serve").exit_code == 0
    assert (served["port"], served["seed"]) == (1, "7")
    ran: dict[str, Any] = {}

    def run(words: Any, said: Any, options: Mapping[str, Any]) -> Any:
        ran.update(options)
        raise UsageError("this is as far as the test goes")

    monkeypatch.setattr("mockserver.cli.exec._run", run)
    assert "as far as the test goes" in call("exec", "--clock", "manual", "--", "true").output
    assert {name: ran[name] for name in ("seed", "clock", "hosts", "fail_on")} == {
        "seed": "7", "clock": "manual", "hosts": ("api.acme.example=vidgen",), "fail_on": ("conduct",),
    }  # fmt: skip
    settings("colour = 'red'")
    assert "colour is no option here" in call("exec", "--", "true").output


def test_underscores_are_as_good_as_hyphens(served: dict[str, Any]) -> None:
    settings("control_token = 'x'")
    assert call("serve").exit_code == 0
    assert served["control_token"] == "x"


def test_a_named_file_is_read_instead_and_its_paths_are_its_own(served: dict[str, Any], tmp_path: Path) -> None:
    settings("port = 1")
    write(tmp_path / "elsewhere" / "acme", good())
    file = settings("port = 2\ncontracts = ['acme']", "elsewhere/mock.toml")
    for words, environment in ((["--config", file], {}), ([], {"MOCKSERVER_CONFIG": str(file)})):
        assert call("serve", *words, **environment).exit_code == 0
        assert (served["port"], served["folders"]) == (2, (file.parent / "acme",))


@pytest.mark.parametrize("text", ["", "[tool.other]\nx = 1\n", "tool = 3\n", "[tool]\nmockserver = 3\n"])
def test_a_named_file_must_have_the_table_and_that_of_the_folder_need_not(
    served: dict[str, Any], tmp_path: Path, text: str
) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text(text)
    assert "has no table [tool.mockserver]" in refused("--config", file)
    assert call("serve").exit_code == (2 if "mockserver" in text else 0)


def test_a_named_file_must_be_there(served: dict[str, Any]) -> None:
    assert "does not exist" in refused("--config", "nix.toml")


def test_a_server_is_started_by_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings("log = 'json'\nclock = 'manual'")
    with serving() as server:
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE) == 0
