"""Postings as values that cross the state's port, and back. Sends nothing."""

from __future__ import annotations

from mockserver.faults import WebhookFault
from mockserver.posting import Origin, Posting
from mockserver.state.port import Post
from mockserver.state.webhook_records import OwedWebhook
from mockserver.store import Attachment


def posting(api: Origin, post: Post) -> Posting:
    """The posting of a webhook that a request has caused."""
    made = Posting(
        api, api.contract.webhooks[post.webhook], api.planned(post.job), api.account_of(post.account),
        post.target, post.entry, base=post.base,
    )  # fmt: skip
    if post.fault is not None:
        made.fault, made.is_met = webhook_fault(post.fault), True
    return made


def posting_of(api: Origin, owed: OwedWebhook) -> Posting:
    """The posting that was a value."""
    webhook = api.contract.webhooks[owed.webhook]
    return Posting(
        api, webhook._replace(retries=()) if owed.once else webhook, api.planned(owed.job),
        api.account_of(owed.account), owed.target, owed.entry, [*owed.attempts], owed.outcome, owed.tries,
        None if owed.fault is None else webhook_fault(owed.fault), owed.is_met, owed.is_repeated, owed.state,
        owed.update, owed.due, owed.base, owed.is_settled, owed.endpoint, owed.signed_at, owed.next_at,
    )  # fmt: skip


def owed_of(posting: Posting) -> OwedWebhook:
    """A posting as a value."""
    name, webhook = posting.api.contract.name, posting.webhook
    declared = posting.api.contract.webhooks.get(webhook.name)
    is_once = declared is not None and bool(declared.retries) and not webhook.retries
    return OwedWebhook(
        posting.id, name, webhook.name, posting.job.record, "" if posting.account is None else posting.account.id,
        posting.target, posting.entry, (*posting.attempts,), posting.outcome, posting.tries, _kept(posting.fault),
        posting.is_met, posting.is_repeated, posting.state, posting.due, posting.base, posting.is_settled,
        posting.endpoint, posting.signed_at, posting.next_at, is_once, update=posting.update,
    )  # fmt: skip


def webhook_fault(record: Attachment) -> WebhookFault:
    """The fault that a webhook meets."""
    from mockserver.faults import attached

    fault = attached(record)
    assert isinstance(fault, WebhookFault), "no other acts on webhooks"
    return fault


def _kept(fault: WebhookFault | None) -> Attachment | None:
    if fault is None:
        return None
    from mockserver.faults import attachment

    return attachment(fault, 0.0)
