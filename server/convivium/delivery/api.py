"""The routes of the doors to which one is told."""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse
from pydantic import AfterValidator, BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts import emails
from convivium.accounts.devices import device_of
from convivium.accounts.needs import need_account
from convivium.core.actor import Actor
from convivium.core.clock import Clock
from convivium.core.config import Settings
from convivium.core.errands import Outcome
from convivium.core.ids import fingerprint
from convivium.core.network import network_of
from convivium.core.outside import LONGEST, Outside
from convivium.core.rate import Limit
from convivium.core.text import Exact
from convivium.core.transaction import Transactions
from convivium.core.web import API, GivenTransactions, Reading, Who, Writing, given
from convivium.delivery import push
from convivium.delivery.mailer import Mailer
from convivium.delivery.models import PushSubscription
from convivium.delivery.push import Message, Push
from convivium.delivery.view import (
    EmailView,
    PushesView,
    PushView,
    TriedView,
    push_view,
    pushes_view,
)
from convivium.delivery.words import Words
from convivium.notifications import choices
from convivium.notifications.kinds import Matter

router = APIRouter(prefix=API, tags=["notifications"])

TRIED = Words("This is how it looks", "From now on you are told here.", "/notifications")


class DeliveryLimits:
    """How often one person may change where they are told, and try it.

    Letters that somebody asks for are counted by who asks, and by where they go: nobody is written
    to more often because many ask.
    """

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self.acts = Limit(clock, burst=settings.acts_burst, per_s=settings.acts_per_s)
        self.tries = Limit(clock, burst=5, per_s=1 / 60)
        self.links = Limit(clock, burst=settings.sign_ups_burst, per_s=settings.sign_ups_per_s)
        # A provider of mail asks for all who read there.
        self.unsubscribes = Limit(clock, burst=500, per_s=10)
        self._letters = Limit(clock, burst=5, per_s=5 / 3600)
        self._letters_to = Limit(clock, burst=3, per_s=3 / 3600)

    def before_letter(self, person_id: str, address: str) -> None:
        """Count a letter that is asked for. Raises SlowDown."""
        self._letters.take(person_id)
        self._letters_to.take(fingerprint(address.lower()))


GivenLimits = Annotated[DeliveryLimits, Depends(given(DeliveryLimits))]
GivenMailer = Annotated[Mailer, Depends(given(Mailer))]
GivenPush = Annotated[Push, Depends(given(Push))]
GivenOutside = Annotated[Outside, Depends(given(Outside))]
Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{10,100}={0,2}$")]


class PushKeys(BaseModel):
    """What messages to a browser are sealed with, base64url."""

    p256dh: Key
    auth: Key


class NewEmail(BaseModel):
    """Where one wants to be written to."""

    address: Annotated[Exact, Field(max_length=400), AfterValidator(emails.plain_address)]


class ShownLink(BaseModel):
    """What stands behind the # of the link in a letter."""

    token: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,100}$")]


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


@router.get("/me/email")
async def email(
    actor: Who, session: Reading, transactions: GivenTransactions, mailer: GivenMailer
) -> EmailView:
    """Tell where one is written to, and which address one has still to show to be one's own."""
    need_account(actor, "read")
    return await _email(session, actor, transactions.now(), mailer)


@router.put("/me/email", status_code=202)
async def claim_email(
    body: NewEmail,
    actor: Who,
    tx: Writing,
    mailer: GivenMailer,
    limits: GivenLimits,
) -> EmailView:
    """Ask for a letter to an address, whose link shows that it is one's own."""
    need_account(actor, "write")
    if not mailer.is_there:
        raise emails.NoMail
    limits.before_letter(actor.id, body.address)
    await emails.claim(tx, actor, body.address)
    return await _email(tx.session, actor, tx.now, mailer)


@router.delete("/me/email", status_code=204)
async def remove_email(actor: Who, tx: Writing, limits: GivenLimits) -> None:
    """Be written to no more, and have no address here."""
    need_account(actor, "write")
    limits.acts.take(actor.id)
    await emails.remove(tx, actor)


@router.post("/email-confirmations", status_code=204)
async def confirm_email(body: ShownLink, actor: Who, tx: Writing, limits: GivenLimits) -> None:
    """Show by the link of a letter that its address is one's own; in any browser."""
    limits.links.take(actor.network)
    await emails.confirm(tx, body.token)


@router.post("/unsubscribe/{key}", status_code=204)
async def unsubscribe_from_mail(
    key: str,
    request: Request,
    transactions: GivenTransactions,
    limits: GivenLimits,
    kind: Matter | None = None,
) -> None:
    """Be written to no more about something, or anything (RFC 8058: the mail program asks)."""
    limits.unsubscribes.take(network_of(request.client.host if request.client else ""))
    # Whoever only guesses keeps nobody else from writing.
    async with transactions.database.read() as session:
        await emails.whose_key(session, key)
    async with transactions.begin() as tx:
        await choices.no_more_mail(tx, await emails.whose_key(tx.session, key), kind)


@router.get("/unsubscribe/{key}", status_code=303)
async def show_unsubscribing(key: str, kind: Matter | None = None) -> RedirectResponse:
    """Lead to the page that asks: what only looks at links must not change anything."""
    query = f"?kind={kind}" if kind else ""
    return RedirectResponse(f"/unsubscribe/{quote(key, safe='')}{query}", 303)


async def _email(session: AsyncSession, actor: Actor, now: datetime, mailer: Mailer) -> EmailView:
    confirmed = await emails.address_of(session, actor.id)
    claimed = await emails.claim_of(session, actor.id, now)
    return {
        "sends": mailer.is_there,
        "address": confirmed.address if confirmed else None,
        "waiting": claimed.address if claimed else None,
    }


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
