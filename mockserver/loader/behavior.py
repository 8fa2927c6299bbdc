"""Both documents → Contract. Knows which part goes where; the parts read themselves."""

from __future__ import annotations

from mockserver import pointers
from mockserver.contract import Contract, Example
from mockserver.loader import resources as parts
from mockserver.loader.defaults import fill
from mockserver.loader.operations import read_operations
from mockserver.loader.responses import read_examples
from mockserver.loader.servers import bases, hosts
from mockserver.loader.shared import refused
from mockserver.loader.source import BEHAVIOR, OPENAPI, Source
from mockserver.loader.webhooks import webhooks
from mockserver.suggestions import mend_word

UNROUTED = {"unknown_path": 404, "wrong_method": 405, "malformed_request": 400, "headers_too_large": 431}
UNROUTED |= {"rate_limited": 429}


def build(source: Source) -> Contract:
    """A Contract; what does not fit together is noted on the source."""
    fill(source)
    data = source.behavior
    resources = {name: parts.resource(source, name, each) for name, each in data.get("resources", {}).items()}
    operations = read_operations(source, resources)
    info = source.openapi.get("info", {})
    contract = Contract(
        name=source.name,
        title=str(info.get("title", source.name)),
        version=str(info.get("version", "")),
        hosts=hosts(source),
        base=bases(source, "/servers", source.openapi.get("servers"))[0],
        document=source.openapi,
        account_id=parts.kind(data["account"]["id"]),
        account_key=parts.key_form(data["account"].get("key")),
        account_facts=data["account"].get("facts", {}),
        account_credits=data["account"].get("credits"),
        resources=resources,
        operations=operations,
        problems={name: parts.values(each.get("bindings", each)) for name, each in data.get("problems", {}).items()},
        unrouted=_unrouted(source),
        limits=parts.limits(source, "/limits", data.get("limits", ()), operations),
        limit_headers=data.get("limit_headers", "none"),
        webhooks=webhooks(source, resources),
        quirks=parts.quirks(data.get("quirks", {})),
        scenarios={
            name: parts.scenario(source, name, each, resources, operations)
            for name, each in data.get("scenarios", {}).items()
        },
        matches=parts.matches(data.get("matches", ()), [n for n, o in operations.items() if o.verb == "create"]),
        variants={name: parts.condition(each) for name, each in data.get("variants", {}).items()},
        advice=parts.advice(data.get("advice", {})),
    )
    return refused(source, contract)


def _unrouted(source: Source) -> dict[str, tuple[Example, ...]]:
    found = {}
    for problem, name in source.behavior["unrouted"].items():
        at = pointers.join("/components/responses", name)
        node = pointers.get(source.openapi, at)
        if node is pointers.MISSING:
            known = pointers.get(source.openapi, "/components/responses")
            mend = mend_word(name, known if isinstance(known, dict) else (), "Add it or mend the name.")
            source.say(BEHAVIOR, f"/unrouted/{problem}", f"components/responses has no {name!r}.", mend)
            continue
        examples = [e for e in read_examples(source, UNROUTED[problem], node, at) if e.name == problem]
        if not examples:
            source.say(OPENAPI, at, f"there is no example named {problem!r}.", "Name the example after the problem.")
        found[problem] = tuple(examples)
    return found
