"""The application as a Starlette: its routes, middleware, lifespan and event loops, and what it says of itself."""

from __future__ import annotations

import asyncio
import logging
import math
from pathlib import Path
from typing import Any

import httpx
import pytest
from api_kit import receiving
from asgi_kit import (
    FILES,
    KEY,
    PREFIX,
    client,
    client_with_lifespan,
    control,
    mounted,
    plain_uvicorn,
    status,
    submit,
    transport,
    upload,
)
from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from mockserver.app import create
from mockserver.cli.new import write
from mockserver.errors import UsageError
from mockserver.journal import Answered, JournalEntry, Sent
from mockserver.steering import ControlError, Steering

PAGE = Path(__file__).parent.parent.parent / "docs/howto/asgi.md"


def test_without_arguments_it_serves_the_shipped_apis() -> None:
    app: Starlette = create()
    assert isinstance(app, Starlette)
    names = [row["name"] for row in TestClient(app).get("/").json()["apis"]]
    assert names == ["miraflow", "miragic", "mirrago", "vidgen"]


def test_a_folder_adds_an_api(tmp_path: Path) -> None:
    write(tmp_path / "acme", "acme")
    with client(create(tmp_path / "acme"), "") as ask:
        assert "acme" in [row["name"] for row in ask("GET", "/").json()["apis"]]


@pytest.mark.parametrize("wrong", [{"clock": "xinf"}, {"public_url": "mocks.test"}, {"cors": ["a b"]}])
def test_an_option_that_cannot_be_is_refused_in_a_sentence(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        create(**wrong)


def test_its_routes_are_the_apis_the_control_api_and_the_pages() -> None:
    app = create()
    paths = [getattr(route, "path", "") for route in app.routes]
    assert {"/_mock/sandboxes/{name}/clock", "/vidgen/docs", "/@{sandbox}/vidgen/openapi.json", "/"} <= {*paths}
    assert app.url_path_for("vidgen", path="api/jobs") == "/vidgen/api/jobs"
    assert app.url_path_for("mirrago") == "/mirrago"


async def _stamped(request: Request, call_next: Any) -> Any:
    response = await call_next(request)
    response.headers["x-stamp"] = "mine"
    return response


def test_middleware_of_the_user_sees_every_request_once() -> None:
    app, seen = create(clock="manual"), []

    async def counted(request: Request, call_next: Any) -> Any:
        seen.append(request.url.path)
        return await _stamped(request, call_next)

    app.add_middleware(BaseHTTPMiddleware, dispatch=counted)
    paths = ["/vidgen/api/health", "/vidgen/docs", "/_mock/sandboxes", "/_media/@default/vidgen/a/b/c", "/nix", "/"]
    with client(app, "") as ask:
        answers = [ask("GET", path) for path in paths]
        job = submit(ask)
        assert status(ask, job)["status"] == "PENDING"
    assert [answer.status_code for answer in answers] == [200, 200, 200, 403, 404, 200]
    assert [answer.headers["x-stamp"] for answer in answers] == ["mine"] * 6
    assert [len(answer.headers.get_list("date")) for answer in answers] == [1] * 6
    assert seen[:6] == paths


def test_routes_and_handlers_of_the_user_stand_beside_ours() -> None:
    app = create()
    app.add_route("/mine", lambda request: PlainTextResponse("mine"))
    app.add_exception_handler(404, lambda request, error: PlainTextResponse("none", 404))
    with client(app, "") as ask:
        assert (ask("GET", "/mine").text, ask("GET", "/nix").text) == ("mine", "none")


def test_it_says_once_that_connections_cannot_be_broken(caplog: pytest.LogCaptureFixture) -> None:
    app = create()
    with client_with_lifespan(app, "") as ask:
        assert ask("GET", "/vidgen/api/health").status_code == ask("GET", "/").status_code == 200
    said = [record for record in caplog.records if record.name == "mockserver"]
    assert [record.levelno for record in said] == [logging.WARNING]
    assert "cannot be armed" in said[0].message
    assert "mockserver serve" in said[0].message


def test_the_control_document_offers_no_fault_that_breaks_connections() -> None:
    with client(create(), "") as ask:
        schema = ask("GET", "/_mock/openapi.json").json()["components"]["schemas"]["Fault"]
    offered = {*schema["discriminator"]["mapping"]}
    assert {"status", "latency", "stuck", "webhook_duplicate"} <= offered
    assert not {"hang", "reset_mid_body", "answer_lost", "short_media"} & offered


def test_another_loop_than_that_of_asyncio_is_refused_in_a_sentence() -> None:
    with pytest.raises(UsageError, match="asyncio"):
        TestClient(create(), backend="trio").get("/")


@pytest.mark.parametrize("front", [client, transport])
def test_a_vendors_host_is_its_api_and_no_place_for_our_own_urls(front: Any) -> None:
    file = {"fileName": "a", "contentType": "image/png", "fileSize": 9}
    with front(create(clock="manual"), "") as ask:
        for url in ("https://miraflow.ai", "https://MIRAFLOW.ai:8443"):
            made = ask("POST", url + "/api/media/initialize", headers=KEY, json=file).json()["uploadUrl"]
            assert "miraflow.ai" not in made
            assert ask("PUT", made, content=b"123456789", headers={"content-type": "image/png"}).status_code == 200


def test_absolute_urls_follow_the_way_by_which_a_request_came() -> None:
    app = create(clock="manual", allow_hosts="mocks.example")
    with client(app, "") as alone, client(mounted(app), "/mock") as below:
        job = submit(alone)
        control(alone, "POST", "clock/advance", json={"seconds": 60})
        for ask in (alone, below, alone):
            assert status(ask, job)["outputVideo"].startswith(f"{ask.base}/_media/")
        named = alone("GET", f"/vidgen/api/status/{job}", headers={**KEY, "host": "mocks.example:81"})
        assert named.json()["outputVideo"].startswith("http://mocks.example:81/_media/")
        evil = alone("GET", f"/vidgen/api/status/{job}", headers={**KEY, "host": "evil.example"})
        assert evil.json()["outputVideo"].startswith("http://testserver/_media/")


def test_a_slow_answer_has_the_urls_of_its_own_request() -> None:
    app = create(clock="manual", allow_hosts="mocks.example")

    async def both() -> list[str]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as asked:
            job = (await asked.post("/vidgen/api/jobs", headers=KEY, files=FILES)).json()["jobId"]
            await asked.post("/_mock/sandboxes/default/clock/advance", json={"seconds": 60})
            path, begun, heard = f"/vidgen/api/status/{job}", asyncio.Event(), asyncio.Event()

            async def held(scope: Any, receive: Any, send: Any) -> None:
                async def slowly() -> Any:
                    begun.set()
                    await heard.wait()
                    return await receive()

                await app(scope, slowly, send)

            slow = httpx.AsyncClient(transport=httpx.ASGITransport(held), base_url="http://mocks.example")
            waits = asyncio.create_task(slow.request("GET", path, headers=KEY, content=b" "))
            await begun.wait()
            answers = [await asked.get(path, headers=KEY)]
            heard.set()
            answers.append(await waits)
            await slow.aclose()
            return [answer.json()["outputVideo"].partition("/_media")[0] for answer in answers]

    assert asyncio.run(both()) == ["http://localhost", "http://mocks.example"]


def test_a_webhook_has_the_urls_of_the_request_that_caused_it() -> None:
    app = create(clock="manual", allow_hosts="mocks.example", insecure_webhooks=True)
    named = {**KEY, "host": "mocks.example:81"}
    with receiving() as receiver, client(app, "") as ask:
        for headers in (named, KEY):
            ask("POST", "/vidgen/api/jobs", headers=headers, files=FILES, data={"webhookUrl": receiver.url})
            control(ask, "POST", "clock/advance", json={"seconds": 60})
        bases = [got.json["outputVideo"].partition("/_media")[0] for got in receiver.got]
    assert bases == ["http://mocks.example:81", "http://testserver"]


def test_what_nobody_asked_for_by_a_host_is_not_moved_there() -> None:
    app: Any = create(allow_hosts="mocks.example")
    with client(app, "") as ask:
        ask("GET", "/", headers={"host": "mocks.example"})
        assert ask("GET", "/vidgen/openapi.json").json()["servers"][0]["url"] == "http://testserver/vidgen"
    assert app.server.sandboxes.default.url("vidgen") == "http://127.0.0.1:8000/@default/vidgen"


def test_a_public_url_goes_before_all_others() -> None:
    with transport(create(public_url="https://mocks.example/x"), "") as ask:
        assert ask("GET", "/").json()["apis"][0]["url"] == "https://mocks.example/x/miraflow"
        assert ask("GET", "/_mock/sandboxes", headers={"host": "mocks.example"}).status_code == 200


def test_only_this_machine_controls_it_without_a_token() -> None:
    for address, token, expected in (("192.0.2.7", None, 403), ("127.0.0.1", None, 200), ("192.0.2.7", "open", 200)):
        app = create(control_token=token, allow_hosts=["mocks.test"])
        with TestClient(app, client=(address, 1)) as asked:
            headers = {"authorization": f"Bearer {token}"} if token else {}
            assert asked.get("/_mock/sandboxes", headers=headers).status_code == expected
            assert asked.get("/vidgen/api/health").status_code == 200


def test_answers_have_one_date_beside_a_server_that_dates_them_too() -> None:
    with plain_uvicorn(create(), "", dates=True) as ask:
        answers = [ask("GET", path) for path in ("/vidgen/api/health", "/", "/_mock/sandboxes", "/nix")]
    assert [len(answer.headers.get_list("date")) for answer in answers] == [1, 1, 1, 1]


@pytest.mark.parametrize("url", ["http://testserver", "http://127.0.0.1:8000", "http://localhost"])
def test_answers_to_a_test_client_have_the_date_of_the_clock(url: str) -> None:
    client = TestClient(create(), base_url=url)
    for path in ("/vidgen/api/health", "/", "/_mock/sandboxes"):
        assert len(client.get(path).headers.get_list("date")) == 1


def test_a_websocket_is_closed() -> None:
    for path in ("/vidgen/api/jobs", "/", "/_mock/sandboxes"):
        with pytest.raises(WebSocketDisconnect), TestClient(create()).websocket_connect(path):
            pass


def test_a_test_elsewhere_steers_it_below_its_prefix() -> None:
    with plain_uvicorn(mounted(create()), PREFIX) as ask, Steering(ask.base) as steering, steering.sandbox() as sandbox:
        vidgen = sandbox.api("vidgen")
        key = {"x-api-key": vidgen.api_key}
        assert vidgen.url == f"{ask.base}/@{sandbox.name}/vidgen"
        vidgen.fault("status", operation="listJobs", status=503, times=1)
        assert [ask("GET", vidgen.url + "/api/jobs", headers=key).status_code for _ in "ab"] == [503, 200]
        with pytest.raises(ControlError, match="the fault hang breaks the connection"):
            vidgen.fault("hang")
        assert [entry.status for entry in sandbox.journal] == [503, 200]


def test_the_example_of_the_page_works_as_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    exec(PAGE.read_text(encoding="utf-8").partition("```python\n")[2].partition("```")[0], {})
    assert capsys.readouterr().out == "{'status': 'ok'}\n2001-09-09T01:47:40.000Z\n"


def test_what_a_host_has_in_scopes_and_their_state_is_left_alone() -> None:
    names = ("wire", "record", "cors", "connection", "base", "sandbox")

    async def with_words(scope: Any, receive: Any, send: Any) -> None:
        await mine({**scope, **dict.fromkeys(names, "mine"), "state": dict.fromkeys(names, object())}, receive, send)

    mine = create(clock="manual")
    with client(with_words, "") as ask:
        job = submit(ask)
        control(ask, "POST", "clock/advance", json={"seconds": 60})
        film = ask("GET", status(ask, job)["outputVideo"], headers={"origin": "http://localhost"})
        assert film.content[4:8] == b"ftyp"
        for fault in ("status", "latency"):
            control(ask, "POST", "faults", json={"api": "vidgen", "operation": "getHealth", "fault": fault})
        assert ask("GET", "/vidgen/api/health").status_code == 503


# --- lifespan and loops


def test_what_is_due_goes_out_in_the_loop_of_a_later_request() -> None:
    app = create(clock="manual", insecure_webhooks=True)
    with receiving() as receiver:
        with client(app, "") as ask:
            submit(ask, webhookUrl=receiver.url)
            control(ask, "PUT", "clock", json={"mode": "real", "rate": 100})  # it is due in a tenth of a second
        with client_with_lifespan(app, "") as ask:
            receiver.wait(1)
            assert ask("GET", "/vidgen/api/health").status_code == 200


def test_shutdown_lets_uploads_go_and_a_second_start_serves_on() -> None:
    app: Any = create(clock="manual", insecure_webhooks=True)
    shelf = app.server.sandboxes.shelf
    with receiving() as receiver:
        with client_with_lifespan(app, "") as ask:
            job = submit(ask, webhookUrl=receiver.url)
            upload(ask)
            assert shelf.bytes > 0
        assert shelf.bytes == 0
        with client_with_lifespan(app, "") as ask:
            control(ask, "POST", "clock/advance", json={"seconds": 60})
            assert status(ask, job)["status"] == "COMPLETED"
        receiver.wait(1)


def test_the_lifespan_of_an_application_around_it_may_be_ours() -> None:
    app = create(clock="manual")
    around = Starlette(lifespan=lambda _: app.router.lifespan_context(app))
    around.mount("/mock", app)
    with client_with_lifespan(around, "/mock") as ask:
        upload(ask)
        assert app.server.sandboxes.shelf.bytes > 0  # type: ignore[attr-defined]
    assert app.server.sandboxes.shelf.bytes == 0  # type: ignore[attr-defined]


@pytest.mark.parametrize("front", [client_with_lifespan, transport, plain_uvicorn])
def test_a_move_of_the_clock_in_a_new_loop_waits_for_none_that_has_ended(front: Any) -> None:
    app = create(clock="manual", insecure_webhooks=True)
    with receiving() as receiver:
        for n in (1, 2):
            with front(app, "") as ask:
                submit(ask, webhookUrl=receiver.url)
                control(ask, "POST", "clock/advance", json={"seconds": 60})
                assert len(receiver.got) == n


def test_moves_of_the_clock_at_the_same_time_wait_for_each_other_in_every_loop() -> None:
    app = create(clock="manual", insecure_webhooks=True)

    async def both(hook: str) -> list[int]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as asked:
            await asked.post("/vidgen/api/jobs", headers=KEY, files=FILES, data={"webhookUrl": hook})
            moves = [asked.post("/_mock/sandboxes/default/clock/advance", json={"seconds": 60}) for _ in "ab"]
            return [answer.status_code for answer in await asyncio.gather(*moves)]

    with receiving() as receiver:
        assert [asyncio.run(both(receiver.url)) for _ in "ab"] == [[200, 200], [200, 200]]
        assert len(receiver.got) == 2


# --- by hand


class Asked:
    """One request over ASGI without a client: what of its body was read, and what was sent."""

    def __init__(self, app: Any, method: str, path: str, *body: bytes, leaves_at: float = math.inf) -> None:
        self._parts = [*body]
        self._leaves_at, self._gone = leaves_at, asyncio.Event()
        self.sent, self.status = 0, 0
        headers = [(b"host", b"localhost"), (b"content-type", b"application/json"), (b"transfer-encoding", b"chunked")]
        scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "method": method, "path": path,
            "raw_path": path.encode(), "query_string": b"", "headers": headers, "scheme": "http", "http_version": "1.1",
        }  # fmt: skip
        asyncio.run(app(scope, self._receive, self._send))
        self.unread = len(self._parts)

    async def _receive(self) -> Any:
        if not self._parts:
            await self._gone.wait()
            return {"type": "http.disconnect"}
        part = self._parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(self._parts)}

    async def _send(self, message: Any) -> None:
        self.status = message.get("status", self.status)
        self.sent += len(message.get("body", b""))
        if self.sent >= self._leaves_at:
            self._gone.set()


@pytest.fixture(scope="module")
def full() -> Any:
    """An application whose journal is long."""
    app: Any = create(clock="manual")
    for n in range(10_000):
        entry = JournalEntry(
            n + 1, 1.0, "request", "vidgen", "getHealth", "GET", "/vidgen/api/health", 200, "ok", "", 0.1,
            sent=Sent(((b"host", b"a"),)), answered=Answered(b"HTTP/1.1 200 OK\r\n", b"", b"{}", 2),
        )  # fmt: skip
        app.server.sandboxes.default.journal.add(entry, 100)
    return app


JOURNAL = "/_mock/sandboxes/default/journal"


def test_a_long_list_is_made_no_further_when_its_reader_has_gone(full: Any) -> None:
    assert 0 < Asked(full, "GET", JOURNAL, b"", leaves_at=1).sent < 1 << 20 < Asked(full, "GET", JOURNAL, b"").sent


def test_of_a_long_list_head_makes_and_sends_nothing_beyond_its_beginning(full: Any) -> None:
    asked = Asked(full, "HEAD", JOURNAL, b"")
    assert (asked.status, asked.sent < 1 << 17) == (200, True)


REFUSED = [
    ("PATCH", "/_mock/sandboxes", 405), ("POST", "/", 405), ("POST", "/nix", 404), ("POST", "/_mock/nix", 404),
    ("POST", "/vidgen/api/nix", 404), ("PUT", "/vidgen/api/jobs", 405), ("POST", "/_mock/sandboxes/nobody/reset", 400),
    ("POST", "/_mock/sandboxes", 400),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "status"), REFUSED)
def test_a_refused_body_is_read_to_its_end(full: Any, method: str, path: str, status: int) -> None:
    asked = Asked(full, method, path, *[b"x" * 1000] * 9)
    assert (asked.status, asked.unread) == (status, 0)
