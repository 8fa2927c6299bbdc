"""What control switched of one API in a sandbox: accounts, quirks and scenario, and what follows from them.

The record is behind the state's port; what requests see of it is made once for each revision. Knows no HTTP.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mockserver import answers
from mockserver.accounts import new_account, purpose_of
from mockserver.bounds import ACCOUNTS
from mockserver.contract import Contract, Limit
from mockserver.errors import FullError, UsageError
from mockserver.lifecycle import Duration
from mockserver.rules import USUAL, playable
from mockserver.sandbox_view import SandboxView
from mockserver.state.configuration import ApiConfiguration, Configuration, ConfigurationChange
from mockserver.state.port import Begin
from mockserver.store import AccountRecord
from mockserver.suggestions import hint


class Configured:
    """A sandbox's side of one API, as far as control switches it; `begins` is what its requests begin with."""

    def __init__(self, contract: Contract, sandbox: SandboxView) -> None:
        self.contract = contract
        self.sandbox = sandbox
        self.accounts: dict[str, AccountRecord] = {}
        """By key and by client_id."""
        self.configured: ApiConfiguration | None = None
        self.scenario = USUAL
        self.begins: dict[tuple[str, str, str], Begin] = {}

    def see(self, configured: ApiConfiguration) -> None:
        """Another revision is there."""
        before, self.configured = self.configured, configured
        self.begins = {}
        if before is None or before.accounts != configured.accounts:
            self._know(configured.accounts)
        if before is None or before[1:3] != configured[1:3]:
            self.switch()

    def _know(self, accounts: Iterable[AccountRecord]) -> None:
        accounts_by_key: dict[str, AccountRecord] = {}
        for account in accounts:
            accounts_by_key[account.key] = accounts_by_key[account.client_id] = account
            if account is not self.accounts.get(account.key):  # a client_id is no secret
                self.sandbox.redaction.know(account.key, account.client_secret, account.webhook_secret)
        self.accounts = accounts_by_key  # at once: requests may come meanwhile

    def switch(self) -> None:
        """Quirks are as a test switched them, else as the scenario says, else as the contract does."""
        configured = self.configured or ApiConfiguration()
        self.scenario = configured.scenario
        played = self.contract.scenarios.get(self.scenario)
        quirks = {**(played.quirks if played else {}), **configured.quirks}
        self.off = frozenset(q.name for q in self.contract.quirks.values() if not quirks.get(q.name, q.default))
        self.table = answers.prepare(self.contract, self.off)
        self.set_limits(played.limits if played is not None and played.limits is not None else self.contract.limits)

    def set_limits(self, limits: Sequence[Limit]) -> None:
        """Which limits cover which operation, by what they count."""
        by_operation: dict[tuple[str, str], tuple[Limit, ...]] = {}
        for limit in limits:
            for operation in limit.operations:
                key = (operation, limit.per)
                by_operation[key] = (*by_operation.get(key, ()), limit)
        self._limits = by_operation
        both = {
            o: (*by_operation.get((o, "ip"), ()), *by_operation.get((o, "account"), ()))
            for o in self.contract.operations
        }
        self.limits_of = both
        """All limits of an operation: those that count per address, then those per account."""
        self.begins = {}
        self._under = tuple(limit for limit in limits if limit.under)

    def limits_under(self, path: str) -> tuple[Limit, ...]:
        """The limits that count a request which no operation answers."""
        return tuple(limit for limit in self._under if path.startswith(limit.under)) if self.sandbox.limits_on else ()

    def limits(self, operation: str, per: str) -> tuple[Limit, ...] | None:
        """The limits of an operation that count per `ip` or `account`; None when none do or limits are off."""
        return self._limits.get((operation, per)) if self.sandbox.limits_on else None

    def latency(self, operation: str) -> Duration | None:
        """How much later than at once an operation answers, in real seconds; the scenario's word goes first."""
        scenario = self.contract.scenarios.get(self.scenario)
        own = self.contract.operations[operation].latency
        return scenario.latency if scenario is not None and scenario.latency is not None else own

    def switched(self) -> dict[str, bool]:
        """The quirks that a test switched."""
        return {} if self.configured is None else dict(self.configured.quirks)

    def account_of(self, identity: str) -> AccountRecord | None:
        """The account of an id."""
        return next((account for account in self.accounts.values() if account.id == identity), None)

    def signer(self, account: AccountRecord | None) -> AccountRecord:
        """The account that signs, as it is now: the sandbox's own one where nobody has an account."""
        current = None if account is None else self.account_of(account.id)
        return current or next(iter(self.accounts.values()))

    # --- what can be changed; `Sandbox.change` does it

    def quirk_switched(self, quirk: str, on: bool) -> ConfigurationChange:
        """Switch a quirk. Raises UsageError when the contract has none of that name."""
        if quirk not in self.contract.quirks:
            raise UsageError(f"{self.contract.name} has no quirk {quirk!r}; {hint(quirk, self.contract.quirks)}")
        name = self.contract.name
        return lambda configuration: configuration.with_api(name, quirks={**configuration.apis[name].quirks, quirk: on})

    def scenario_switched(self, scenario: str) -> ConfigurationChange:
        """Switch to a scenario; its faults are armed apart. Raises UsageError when there is none of that name."""
        known = playable(self.contract.scenarios)
        if scenario not in known:
            raise UsageError(f"{self.contract.name} has no scenario {scenario!r}; {hint(scenario, known)}")
        return lambda known: known.with_api(self.contract.name, scenario=scenario)

    def account_opened(self, account: AccountRecord) -> ConfigurationChange:
        """Have one more account. The change raises FullError when there are too many."""

        def change(configuration: Configuration) -> Configuration:
            accounts = configuration.apis[account.api].accounts
            if len(accounts) >= ACCOUNTS:
                raise FullError(f"there are {ACCOUNTS} accounts already; make a new sandbox")
            return configuration.with_api(account.api, accounts=(*accounts, account))

        return change

    def accounts_adopted(self, accounts: Iterable[AccountRecord]) -> ConfigurationChange:
        """Have these accounts instead of those that are there; the first one is the sandbox's own."""
        return lambda configuration: configuration.with_api(self.contract.name, accounts=(*accounts,))

    # --- the same where the state is kept in this process

    def quirk(self, name: str, on: bool) -> None:
        """Switch a quirk; see `quirk_switched`."""
        self.sandbox.change_here(self.quirk_switched(name, on))

    def account(self, *, active: bool = True, credits: float | None = None) -> AccountRecord:
        """A new account; see `account_opened`."""
        seed = self.sandbox.draws.digest(purpose_of(self.contract))
        made = new_account(self.contract, seed, active=active, credits=credits)
        self.sandbox.change_here(self.account_opened(made))
        return made
