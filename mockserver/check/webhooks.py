"""Do webhooks say what they can know, and does what is signed carry its signature?"""

from __future__ import annotations

from collections.abc import Iterator

from mockserver import pointers
from mockserver.bindings import facts_of
from mockserver.check.facts import check_exists
from mockserver.contract import Contract, Webhook
from mockserver.lifecycle import Value
from mockserver.loader.source import BEHAVIOR, OPENAPI, Source
from mockserver.message import OF_BODY
from mockserver.validation.pairs import FORM

SIGNATURE = "webhook.signature"


def check_webhooks(source: Source, contract: Contract) -> None:
    """Note what webhooks read that is not there, and signatures that nobody can verify."""
    for webhook in contract.webhooks.values():
        at = pointers.join("/webhooks", webhook.name)
        for place, value in _values(webhook):
            check_exists(source, contract, contract.operation(webhook.told), f"{at}{place}", value)
        _check_body(source, webhook, at)
        _check_form(source, contract, webhook)
        _check_signature(source, webhook, at)
    for resource in contract.resources.values():
        _check_endpoint(source, contract, resource.name)


def _values(webhook: Webhook) -> Iterator[tuple[str, Value]]:
    """Each (place in what behavior.json says of it, value), its body apart."""
    for table in webhook.headers.values():
        yield from ((f"/bindings/header.{name}", value) for name, value in table.items() if value is not None)
    if webhook.sign is not None:
        yield "/sign/over", webhook.sign.over
        if webhook.sign.secret is not None:
            yield "/sign/secret", webhook.sign.secret
    for name, word in (("to", webhook.to), ("filter", webhook.wanted)):
        if word is not None:
            yield f"/{name}", word
    if webhook.when:
        yield "/when", Value(when=webhook.when)
    for name, word in zip(("name", "value"), webhook.echo or (), strict=False):
        yield f"/echo/{name}", word


def _body_facts(webhook: Webhook) -> Iterator[tuple[str, set[str]]]:
    if webhook.message is not None:
        yield from ((key, set(facts_of(value))) for key, value in webhook.message.bindings.items())
        for name, table in webhook.message.named.items():
            yield from ((pointers.join("", name) + key, set(facts_of(v))) for key, v in table.items() if v is not None)


def _check_body(source: Source, webhook: Webhook, at: str) -> None:
    """A body cannot show what is made from it."""
    over = set() if webhook.sign is None else set(facts_of(webhook.sign.over))
    if SIGNATURE in over:
        source.say(BEHAVIOR, f"{at}/sign/over", "a signature cannot be over itself.", "Name what is signed.")
    if webhook.sign is not None and webhook.sign.secret is not None:
        of_secret = set(facts_of(webhook.sign.secret))
        over |= of_secret
        if SIGNATURE in of_secret:
            source.say(BEHAVIOR, f"{at}/sign/secret", "a signature is no secret of itself.", "Name the secret.")
    for key, facts in _body_facts(webhook):
        if facts & OF_BODY:
            sentence = f"{' and '.join(sorted(facts & OF_BODY))} is made from the body, which this is a part of."
            source.say(BEHAVIOR, f"{at}/bindings{key}", sentence, "Bind it to a header: header.NAME.")
        elif SIGNATURE in facts and over & OF_BODY:
            sentence = "the signature is over the body, which this is a part of."
            source.say(BEHAVIOR, f"{at}/bindings{key}", sentence, "Bind it to a header, or sign something else.")


def _check_form(source: Source, contract: Contract, webhook: Webhook) -> None:
    """A form has fields."""
    told = contract.operation(webhook.told)
    names = {told.example_of(webhook.resource, state) for state in webhook.states} if webhook.media_type == FORM else ()
    for example in (each for name in names for each in told.examples.get(name, ())):
        if not isinstance(example.value, dict):
            sentence = f"the webhook {webhook.name} is a form, and this is no object."
            source.say(OPENAPI, example.pointer, sentence, "Show an object, of which each member is a field.")


def _check_signature(source: Source, webhook: Webhook, at: str) -> None:
    carried = [fact for _, value in _values(webhook) for fact in facts_of(value)]
    carried += [fact for _, facts in _body_facts(webhook) for fact in facts]
    if webhook.sign is None and SIGNATURE in carried:
        source.say(BEHAVIOR, at, "it shows a signature, and it is not signed.", 'Add "sign", or remove the fact.')
    if webhook.sign is not None and SIGNATURE not in carried:
        remedy = 'Add to its bindings "header.X-Signature": "webhook.signature", with the header that the vendor has.'
        source.say(BEHAVIOR, f"{at}/sign", "nothing it sends carries the signature.", remedy)


def _check_endpoint(source: Source, contract: Contract, name: str) -> None:
    receives = contract.resources[name].receives
    maker = next((o for o in contract.operations.values() if o.verb == "create" and name in o.resources), None)
    if receives is None:
        return
    at = pointers.join("/resources", name, "receives")
    if not any(webhook.is_for_account for webhook in contract.webhooks.values()):
        source.say(BEHAVIOR, at, "no webhook goes to endpoints.", 'Write "to": "account" at a webhook, or remove it.')
    for word, value in (("url", receives.url), ("events", receives.events)):
        if value is not None:
            check_exists(source, contract, maker, f"{at}/{word}", value)
