"""What a test holds in its hand: a sandbox, and one API in it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from types import EllipsisType, TracebackType
from typing import TYPE_CHECKING, Self

from mockserver.errors import UsageError, is_on_purpose
from mockserver.expected_silence import Silence
from mockserver.json_types import Json, JsonValue
from mockserver.reprs import brief
from mockserver.steering.accounts import Account, AccountState
from mockserver.steering.answers import Answering, Routing
from mockserver.steering.armed import ArmedList
from mockserver.steering.assertions import RequestAssertions
from mockserver.steering.certificates import pem_of
from mockserver.steering.clock import SandboxClock
from mockserver.steering.connection import Control, ControlError, if_known
from mockserver.steering.endpoints import WithEndpoints
from mockserver.steering.faults import CurveName, Fault, Plan
from mockserver.steering.journal import JournalView, Mode, Violations
from mockserver.steering.requests import Requests, RequestStore
from mockserver.steering.tools import Tools, WithTools
from mockserver.steering.watching import Watching
from mockserver.suggestions import hint

if TYPE_CHECKING:
    from mockserver.steering.records import Delivery, Finding, Job
    from pytest_plugin.apis import ShippedApis  # generated: a type for each name that `api` takes
else:
    ShippedApis = object

__tracebackhide__ = is_on_purpose

MORE_APIS = "more by --contracts, `mock(contracts=…)`; in pytest, by the ini setting mockserver_contracts"


class SandboxHandle(Routing, RequestAssertions, WithTools, Watching, ShippedApis):
    """One isolated world: `name`, `url`, `seed`, `clock`, `journal`, `requests`, and `api(name)` for each API.

    `handler_errors` is what handlers of the test raised, `armed` what waits to be used, `requests` those to all APIs.
    """

    def __init__(self, control: Control, told: Json, seed: str) -> None:
        self._control = control
        self._path = ("sandboxes", str(told["name"]))
        self._modes: list[tuple[str | None, int, int, Mode]] = []
        self._apis: dict[str, ApiHandle] = {}
        self._told: Json = told["apis"]
        self.accounts = [Account.of(api, api_data) for api, api_data in self._told.items()]
        self.name, self.seed = str(told["name"]), seed
        self.clock = SandboxClock(control, self.name)
        self.journal = JournalView(control, self.name)
        self.violations = Violations(self.journal, self._modes, None)
        self.tools = Tools()
        self.armed = ArmedList(self)
        self.before_close: Callable[[], None] | None = None
        self.is_closed = False
        self.handler_errors: list[BaseException] = []
        self.kept_conduct: list[Finding] | None = None
        self.requests_kept = RequestStore(control, self.name)
        self.requests = Requests(self.requests_kept, lambda: self.operations())

    def __repr__(self) -> str:
        words = "closed," if self.is_closed else "", f"seed {self.seed!r:.40},", ", ".join(self._told)
        return brief("SandboxHandle", f"{self.name}:", *words)

    @property
    def url(self) -> str:
        """Where it stands on the server: behind it stand the APIs by their names, and the paths of `route`."""
        name, api_data = next(iter(self._told.items()))
        return str(api_data["url"]).removesuffix(f"/{name}")

    def operations(self, api: str | None = None) -> Sequence[str]:
        """The names of the operations of an API, or of all."""
        rows = self.ask_if_known("coverage", api=api) or ()
        return [*dict.fromkeys(str(row["operation"]) for row in rows if row["operation"]), "media"]

    @property
    def names(self) -> Sequence[str]:
        """The APIs it has."""
        return list(self._told)

    if not TYPE_CHECKING:

        def api(self, name: str) -> ApiHandle:
            """This sandbox's side of one API. Raises UsageError for an API the server does not serve."""
            return self._api(name)

    def _api(self, name: str) -> ApiHandle:
        if name not in self._told:
            raise UsageError(f"the server has no API {name!r}; {hint(name, self._told, MORE_APIS)}")
        if name not in self._apis:
            self._apis[name] = ApiHandle(self, name, self._told[name])
        return self._apis[name]

    @property
    def jobs(self) -> list[Job]:
        """All jobs, newest first."""
        from mockserver.steering.records import job_of

        return [job_of(document) for document in self.ask("jobs")]

    @property
    def webhooks(self) -> list[Delivery]:
        """All webhooks, those that wait included, oldest first."""
        from mockserver.steering.records import delivery_of

        return [delivery_of(document) for document in self.ask("webhooks")]

    @property
    def conduct(self) -> list[Finding]:
        """The rules of good conduct the client broke; none where the server does not judge."""
        from mockserver.steering.records import findings_of

        return findings_of(self.ask_if_known("conduct")) if self.kept_conduct is None else self.kept_conduct

    @property
    def coverage(self) -> Json | None:
        """Which of the contracts' answers were given, by API; None where the server does not count."""
        return self.ask_if_known("coverage")  # type: ignore[no-any-return]

    def foresee(self, method: str, path: str, patience: float | None, *, virtual: bool = False) -> Silence | None:
        """The silence that a request would meet, if it outlasts `patience` or time is `virtual`; it counts then.

        `path` begins with the API's name. None: send it, to see; also from a server that cannot tell.
        """
        request = {"method": method, "path": path, "virtual": virtual, "patience": patience}
        silence = if_known(lambda: self.tell("POST", "foresight", **request))
        if silence is None or not silence["silent"]:
            return None
        return Silence(math.inf if silence["seconds"] is None else float(silence["seconds"]), silence["done"])

    def snapshot(self) -> Json:
        """Its state as a JSON value, of which `Steering.sandbox(snapshot=…)` makes another one; holds credentials."""
        return dict(self.ask("snapshot"))

    def set_limits(self, on: bool) -> None:
        """Switch rate limits on or off."""
        self.tell("PUT", "limits", on=on)

    def set_webhooks(self, *, insecure: bool | None = None, ca: str | Path | EllipsisType | None = ...) -> None:
        """As `Steering.sandbox` has them; what is not named stays, and `ca` None trusts the system's alone."""
        body = ({} if insecure is None else {"insecure": insecure}) | ({} if ca is ... else {"ca": pem_of(ca)})
        self._control.request("PUT", *self._path, "webhooks", body=body)

    def strict(self, on: bool = True) -> None:
        """Refuse uploaded files that are not what they are said to be, or let them pass."""
        self.tell("PUT", "strict", on=on)

    def reset(self) -> None:
        """Back to the beginning, but for name, clock and credentials."""
        self.tell("POST", "reset")
        self._modes.clear()
        self.armed.clear()

    def close(self) -> None:
        """Close it; requests that come later are answered 410. May be called twice."""
        if self.before_close is not None:
            self.before_close()
        self.is_closed = True
        try:
            self._control.request("DELETE", *self._path)
        except ControlError as error:
            if error.status not in (404, 410):
                raise

    def ask(self, *path: str, **query: JsonValue) -> JsonValue:
        """GET below the sandbox's place in the control API."""
        return self._control.get(*self._path, *path, **query)

    def ask_if_known(self, *path: str, **query: JsonValue) -> JsonValue:
        """As `ask`; None when the server does not know the address."""
        return if_known(lambda: self.ask(*path, **query))

    def tell(self, method: str, /, *path: str, **body: JsonValue) -> JsonValue:
        """Send JSON below the sandbox's place in the control API; what is None is left out."""
        return self._control.request(method, *self._path, *path, body={n: v for n, v in body.items() if v is not None})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


class ApiHandle(Answering, RequestAssertions, WithEndpoints, WithTools):
    """One API in one sandbox: where it answers, with which credentials, and everything a test can do to it."""

    _sandbox: SandboxHandle

    def __init__(self, sandbox: SandboxHandle, name: str, told: Json) -> None:
        self._sandbox = sandbox
        self._account = Account.of(name, told)
        self.name = name
        self.url = str(told["url"])
        self.clock = sandbox.clock
        self.tools = sandbox.tools
        self.journal = JournalView(sandbox._control, sandbox.name, name)
        self.violations = Violations(self.journal, sandbox._modes, name)
        self.requests = Requests(sandbox.requests_kept, lambda: sandbox.operations(name), name)
        """What was sent to this API."""

    def __repr__(self) -> str:
        return brief("ApiHandle", f"{self.name}:", "closed," if self._sandbox.is_closed else "", self.url)

    @property
    def api_key(self) -> str:
        """The key of the sandbox's own account."""
        return self._account.api_key

    @property
    def client_id(self) -> str:
        """The OAuth client of the sandbox's own account."""
        return self._account.client_id

    @property
    def client_secret(self) -> str:
        """Its secret."""
        return self._account.client_secret

    def next_job(
        self,
        *,
        outcome: str | None = None,
        error: str | Json | None = None,
        queued: float | None = None,
        running: float | None = None,
        curve: CurveName | Json | None = None,
        count: int | None = None,
        resource: str | None = None,
        result_bytes: int | None = None,
        passes: list[str] | None = None,
        items: dict[str, float] | None = None,
        during: str | None = None,
    ) -> Plan:
        """What the next job (the next `count`) shall do: seconds by phase, the state it ends in, its error or a record.

        Of the states with a chance it passes those that `passes` names; `items` weighs the outcomes of a batch's items.
        `during="queued"`: it comes to its outcome, no success, without running.
        Raises ControlError for what no job can do.
        """
        wishes = {"outcome": outcome, "error": error, "queued": queued, "running": running, "curve": curve}
        more = {"count": count, "resource": resource, "result_bytes": result_bytes, "passes": passes, "items": items}
        plan = self._tell("POST", "plans", **wishes, **more, during=during)
        return self._sandbox.armed.add(Plan(self._sandbox, self.name, str(plan.get("id"))))

    def fault(
        self,
        fault: str,
        *,
        operation: str | None = None,
        times: int | None = None,
        probability: float | None = None,
        **parameters: JsonValue,
    ) -> Fault:
        """Arm a fault (`mockserver faults` lists them); every parameter has a default. Raises ControlError.

        The operation `media` means the downloads of results, which no other fault meets.
        """
        selector = {"operation": operation, "times": times, "probability": probability}
        selection = {name: value for name, value in selector.items() if value is not None}
        spec = {"fault": fault, **selection, **parameters}  # None is a value: a fault that never heals
        armed = self._sandbox._control.request("POST", *self._sandbox._path, "faults", body={"api": self.name, **spec})
        return self._sandbox.armed.add(Fault(self._sandbox, self.name, str(armed["id"]), spec))

    def scenario(self, name: str) -> None:
        """Play a scenario of the contract. Raises ControlError for one it does not have."""
        self._tell("PUT", "scenario", scenario=name)

    def quirk(self, name: str, on: bool = True) -> None:
        """Switch a documented oddity of the vendor on or off. Raises ControlError for one the contract lacks."""
        self._tell("PUT", "quirks", quirk=name, on=on)

    def account(self, *, state: AccountState | None = None, credits: float | None = None) -> Account:
        """A further account, `active` or `deactivated`; without `credits` it never runs out of them."""
        account = Account.of(self.name, self._tell("POST", "accounts", state=state, credits=credits))
        self._sandbox.accounts.append(account)
        return account

    @property
    def jobs(self) -> list[Job]:
        """The jobs of this API, newest first."""
        return [job for job in self._sandbox.jobs if job.api == self.name]

    @property
    def webhooks(self) -> list[Delivery]:
        """The webhooks of this API, oldest first."""
        return [webhook for webhook in self._sandbox.webhooks if webhook.api == self.name]

    @property
    def conduct(self) -> list[Finding]:
        """The rules of good conduct the client broke towards this API."""
        return [finding for finding in self._sandbox.conduct if finding.api == self.name]

    def _tell(self, method: str, path: str, **body: JsonValue) -> JsonValue:
        return self._sandbox.tell(method, path, api=self.name, **body)
