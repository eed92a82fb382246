"""The doors to which somebody is told, as they see them."""

from collections.abc import Iterable

from typing_extensions import TypedDict

from convivium.core.actor import Actor
from convivium.core.clock import rfc_3339
from convivium.delivery.models import PushSubscription


class PushView(TypedDict):
    """A browser in which one is told; this: the one that asks; empty words: not known."""

    id: str
    this: bool
    browser: str
    system: str
    since: str


class PushesView(TypedDict):
    """The browsers in which one is told, and the key that another needs (RFC 8292, 3.2)."""

    key: str
    items: list[PushView]


class EmailView(TypedDict):
    """Where one is written to; waiting: what one has still to show to be one's own.

    sends: whether this server sends mail at all.
    """

    sends: bool
    address: str | None
    waiting: str | None


class TriedView(TypedDict):
    """What came of a test: how many browsers took it, and how many did not."""

    sent: int
    failed: int


def push_view(actor: Actor, one: PushSubscription) -> PushView:
    """Show somebody a browser of theirs."""
    return {
        "id": one.id,
        "this": one.session_id == actor.credential,
        "browser": one.browser,
        "system": one.system,
        "since": rfc_3339(one.since),
    }


def pushes_view(actor: Actor, key: str, found: Iterable[PushSubscription]) -> PushesView:
    """Show somebody all of them."""
    return {"key": key, "items": [push_view(actor, one) for one in found]}
