"""Both documents → Contract. Knows which part goes where; the parts read themselves."""

from __future__ import annotations

from mockserver.contract import Contract
from mockserver.loader import resources as parts
from mockserver.loader.defaults import fill
from mockserver.loader.headers import spread
from mockserver.loader.operations import read_operations
from mockserver.loader.servers import bases, hosts
from mockserver.loader.shared import refused
from mockserver.loader.source import Source
from mockserver.loader.standard import ApiAbilities, gives_links, scenarios, triggers
from mockserver.loader.unrouted import unrouted
from mockserver.loader.webhooks import webhooks


def build(source: Source) -> Contract:
    """A Contract; what does not fit together is noted on the source."""
    fill(source)
    spread(source)
    data = source.behavior
    resources = {name: parts.resource(source, name, each) for name, each in data.get("resources", {}).items()}
    operations = read_operations(source, resources)
    hooks = webhooks(source, resources, operations)
    of_api = ApiAbilities(resources, operations, hooks, gives_links(data))
    creating = [name for name, operation in operations.items() if operation.verb == "create"]
    account = data.get("account", {})
    info = source.openapi.get("info", {})
    contract = Contract(
        name=source.name,
        title=str(info.get("title", source.name)),
        version=str(info.get("version", "")),
        hosts=hosts(source),
        base=bases(source, "/servers", source.openapi.get("servers"))[0],
        document=source.openapi,
        behavior=data,
        account_id=parts.kind(account.get("id", "uuid")),
        account_key=parts.key_form(account.get("key")),
        account_facts=account.get("facts", {}),
        account_credits=account.get("credits"),
        resources=resources,
        operations=operations,
        problems={name: parts.values(each.get("bindings", each)) for name, each in data.get("problems", {}).items()},
        unrouted=unrouted(source),
        limits=parts.limits(source, "/limits", data.get("limits", ()), operations),
        limit_headers=data.get("limit_headers", "none"),
        webhooks=hooks,
        quirks=parts.quirks(data.get("quirks", {})),
        scenarios=scenarios(source, of_api),
        matches=(*parts.matches(data.get("matches", ()), creating), *triggers(source, of_api)),
        variants={name: parts.condition(each) for name, each in data.get("variants", {}).items()},
        advice=parts.advice(data.get("advice", {})),
    )
    return refused(source, contract)
