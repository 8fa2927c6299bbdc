"""The names of uvicorn this project leans on, undocumented ones among them: a release that drops one fails here."""

from __future__ import annotations

import asyncio
import inspect

import pytest
import uvicorn
from uvicorn.protocols.http import h11_impl, httptools_impl
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.server import ServerState

from mockserver.wire import Limits, WireSettings
from mockserver.wire.connection import Connection
from mockserver.wire.guard import GuardedProtocol

PROTOCOLS = [httptools_impl.HttpToolsProtocol, h11_impl.H11Protocol]
CYCLES = [httptools_impl.RequestResponseCycle, h11_impl.RequestResponseCycle]


async def app(scope: object, receive: object, send: object) -> None: ...


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_protocols_are_made_with_these_arguments(protocol: type) -> None:
    assert list(inspect.signature(protocol).parameters) == ["config", "server_state", "app_state", "_loop"]


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    "name",
    ["connection_made", "connection_lost", "data_received", "on_response_complete", "send_400_response", "shutdown"],
)
def test_the_protocols_have_the_methods_we_stand_before(protocol: type, name: str) -> None:
    assert callable(getattr(protocol, name))
    assert name in {*vars(GuardedProtocol), *vars(Connection)}


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    "name", ["transport", "flow", "cycle", "logger", "access_log", "app_state", "connections", "server_state"]
)
def test_the_protocols_have_the_attributes_we_use(protocol: type, name: str) -> None:
    settings = WireSettings(app, limits=Limits())
    settings.load()
    loop = asyncio.new_event_loop()
    try:
        made = protocol(config=settings, server_state=ServerState(), app_state={}, _loop=loop)
    finally:
        loop.close()
    assert hasattr(made, name)


@pytest.mark.parametrize("cycle", CYCLES)
@pytest.mark.parametrize(
    "name",
    [
        "body",
        "disconnected",
        "keep_alive",
        "message_event",
        "more_body",
        "response_started",
        "response_complete",
        "scope",
        "waiting_for_100_continue",
    ],
)
def test_a_cycle_has_the_attributes_we_use(cycle: type, name: str) -> None:
    assert f"self.{name} = " in inspect.getsource(cycle)


def test_a_disconnected_cycle_sends_nothing_and_is_not_missed() -> None:
    for cycle in CYCLES:
        source = inspect.getsource(cycle)
        assert "not self.response_started and not self.disconnected" in source
        assert "not self.response_complete and not self.disconnected" in source


def test_what_receives_waits_for_the_event_that_a_cycle_has_at_that_time() -> None:
    for cycle in CYCLES:
        source = inspect.getsource(cycle.receive)
        assert source.index("await self.message_event.wait()") < source.index("self.message_event.clear()")
        assert source.index("self.message_event.clear()") < source.index("if self.disconnected or")


def test_the_answer_of_httptools_is_completed_as_we_complete_it() -> None:
    source = inspect.getsource(httptools_impl.HttpToolsProtocol.on_response_complete)
    for line in ("self.server_state.total_requests += 1", "self.flow.resume_reading()", "if self.pipeline:"):
        assert line in source


@pytest.mark.parametrize("name", ["pause_reading", "resume_reading"])
def test_the_flow_can_be_paused(name: str) -> None:
    assert callable(getattr(FlowControl, name))
    assert "self.read_paused" in inspect.getsource(FlowControl)


@pytest.mark.parametrize(
    "name", ["serve", "_serve", "startup", "main_loop", "shutdown", "capture_signals", "handle_exit"]
)
def test_the_server_has_the_methods_of_its_life(name: str) -> None:
    assert callable(getattr(uvicorn.Server, name))


def test_the_server_goes_through_its_life_in_this_order() -> None:
    source = inspect.getsource(uvicorn.Server._serve)
    order = ["config.load()", "self.lifespan =", "self.startup(", "self.main_loop()", "self.shutdown("]
    assert [source.index(step) for step in order] == sorted(source.index(step) for step in order)


@pytest.mark.parametrize("name", ["http_protocol_class", "lifespan_class", "ssl", "loaded_app"])
def test_a_loaded_configuration_has_these_attributes(name: str) -> None:
    settings = WireSettings(app, limits=Limits())
    settings.load()
    assert hasattr(settings, name)


@pytest.mark.parametrize("name", ["connections", "tasks", "total_requests"])
def test_the_state_of_a_server_has_these_attributes(name: str) -> None:
    assert hasattr(ServerState(), name)
