"""The routes of the doors to which one is told."""

import asyncio
from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from convivium.accounts.devices import device_of
from convivium.accounts.needs import need_account
from convivium.core.clock import Clock
from convivium.core.config import Settings
from convivium.core.errands import Outcome
from convivium.core.outside import LONGEST, Outside
from convivium.core.rate import Limit
from convivium.core.transaction import Transactions
from convivium.core.web import API, GivenTransactions, Who, Writing, given
from convivium.delivery import push
from convivium.delivery.models import PushSubscription
from convivium.delivery.push import Message, Push
from convivium.delivery.view import PushesView, PushView, TriedView, push_view, pushes_view
from convivium.delivery.words import Words

router = APIRouter(prefix=API, tags=["notifications"])

TRIED = Words("This is how it looks", "From now on you are told here.", "/notifications")


class DeliveryLimits:
    """How often one person may change where they are told, and try it."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self.acts = Limit(clock, burst=settings.acts_burst, per_s=settings.acts_per_s)
        self.tries = Limit(clock, burst=5, per_s=1 / 60)


GivenLimits = Annotated[DeliveryLimits, Depends(given(DeliveryLimits))]
GivenPush = Annotated[Push, Depends(given(Push))]
GivenOutside = Annotated[Outside, Depends(given(Outside))]
Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{10,100}={0,2}$")]


class PushKeys(BaseModel):
    """What messages to a browser are sealed with, base64url."""

    p256dh: Key
    auth: Key


class NewPush(BaseModel):
    """A browser that is to be told, as `PushSubscription.toJSON()` gives it."""

    endpoint: Annotated[str, Field(max_length=LONGEST)]
    keys: PushKeys


@router.get("/me/push")
async def pushes(actor: Who, transactions: GivenTransactions, sender: GivenPush) -> PushesView:
    """List in which browsers one is told, with the key that another needs."""
    need_account(actor, "read")
    key = await sender.public_key()
    async with transactions.database.read() as session:
        return pushes_view(actor, key, await push.subscriptions_of(session, actor.id))


@router.post("/me/push", status_code=201)
async def subscribe(
    body: NewPush,
    actor: Who,
    tx: Writing,
    request: Request,
    outside: GivenOutside,
    limits: GivenLimits,
) -> PushView:
    """Be told in this browser from now on, as long as one is signed in there."""
    need_account(actor, "write")
    limits.acts.take(actor.id)
    outside.check(body.endpoint)
    wanted = push.Subscription(body.endpoint, body.keys.p256dh, body.keys.auth)
    push.check_keys(wanted)
    device = device_of(request.headers.get("user-agent", ""))
    return push_view(actor, await push.subscribe(tx, actor, wanted, _site(request), device))


@router.delete("/me/push/{subscription_id}", status_code=204)
async def unsubscribe(subscription_id: str, actor: Who, tx: Writing, limits: GivenLimits) -> None:
    """Be told nothing more in one browser."""
    need_account(actor, "write")
    limits.acts.take(actor.id)
    await push.unsubscribe(tx, actor, subscription_id)


@router.post("/me/push/test")
async def try_out(
    actor: Who, transactions: GivenTransactions, sender: GivenPush, limits: GivenLimits
) -> TriedView:
    """Send oneself a push, in every browser in which one is told."""
    need_account(actor, "write")
    limits.tries.take(actor.id)
    async with transactions.database.read() as session:
        doors = await push.subscriptions_of(session, actor.id)
    messages = [Message(door, TRIED, "test", 0) for door in doors]
    outcomes = await asyncio.gather(*(sender.send(one, transactions.now()) for one in messages))
    await _forget_gone(transactions, zip(doors, outcomes, strict=True))
    sent = sum(outcome.word == "done" for outcome in outcomes)
    return {"sent": sent, "failed": len(outcomes) - sent}


async def _forget_gone(
    transactions: Transactions, came: Iterable[tuple[PushSubscription, Outcome]]
) -> None:
    gone = [door.id for door, outcome in came if outcome.word == "end"]
    if gone:
        async with transactions.begin() as tx:
            for door in gone:
                await push.forget(tx, door)


def _site(request: Request) -> str:
    """Name this server as the browser that asks does."""
    return f"{request.url.scheme}://{request.headers.get('host', '')}"
