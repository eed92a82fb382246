"""Browsers that are told by push: which they are, and how a message gets to one."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts import sign_ins
from convivium.accounts.models import SignIn
from convivium.core.actor import Actor
from convivium.core.errands import Outcome
from convivium.core.errors import Malformed, NotFound
from convivium.core.ids import new_id
from convivium.core.outside import Outside, Unheard, Unreachable
from convivium.core.transaction import Transaction, Transactions
from convivium.delivery.models import PushKey, PushSubscription
from convivium.delivery.words import Words

# So many browsers of one person; the one that was there first makes room.
MOST = 10
# For how long a push service keeps what is worth reading at any time.
KEPT_S = 12 * 3600
# What leaves is at most so long, before it is sealed; services take 4096 bytes afterwards.
MOST_BYTES = 3000
# The word by which Safari knows a message that it can show by itself.
DECLARATIVE = 8030
GONE = (404, 410)
LATER = 429
BROKEN = 500


class SubscriptionNotFound(NotFound):
    """None of theirs."""

    code = "push_not_found"
    title = "This browser is not told anything"


class KeysUnusable(Malformed):
    """Nothing can be sealed with these."""

    detail = "keys: these are not the keys of a browser (RFC 8291, 3.1)."


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a browser gives to be told."""

    endpoint: str
    p256dh: str
    auth: str


@dataclass(frozen=True, slots=True)
class Message:
    """What one browser shows; tag: what it replaces there; unread: the number on the app.

    kept_s: how long a push service keeps it for a browser that is off.
    """

    door: PushSubscription
    words: Words
    tag: str
    unread: int
    kept_s: int = KEPT_S

    def text(self, site: str) -> bytes:
        """Write it as Safari shows it by itself, and our service worker reads it."""
        notification = {
            "title": self.words.title,
            "body": self.words.body,
            "navigate": site + self.words.path,
            "tag": self.tag,
            "app_badge": str(self.unread),
        }
        message = {"web_push": DECLARATIVE, "notification": notification}
        return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


class Push:
    """Sends to browsers, under this server's key; made once, by the first who asks."""

    def __init__(
        self,
        transactions: Transactions,
        outside: Outside,
        contact: str | None,
        site: str | None = None,
    ) -> None:
        """Send; site: where messages lead, if not where their browser met this server."""
        self._transactions = transactions
        self._outside = outside
        self._contact = contact
        self._site = site
        self._private: str | None = None

    async def public_key(self) -> str:
        """Give the key that browsers are to accept messages under."""
        from convivium.delivery import sealing  # noqa: PLC0415 - a quarter of a second

        return sealing.public_of(await self._key())

    async def send(self, message: Message, now: datetime) -> Outcome:
        """Send a message to one browser."""
        from convivium.delivery import sealing  # noqa: PLC0415 - the same

        endpoint, site = message.door.endpoint, self._site or message.door.site
        private, parts = await self._key(), urlsplit(endpoint)
        contact = self._contact or site
        keys = sealing.decoded(message.door.p256dh), sealing.decoded(message.door.auth)
        origin = f"{parts.scheme}://{parts.netloc}"
        headers = {
            "Authorization": sealing.signed(private, origin, contact, now),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(message.kept_s),
            "Urgency": "normal",
        }
        body = sealing.seal(message.text(site)[:MOST_BYTES], *keys)
        try:
            answer = await self._outside.post(endpoint, headers, body)
        except Unreachable:
            return Outcome("again")
        except Unheard:
            return Outcome("unsure")
        return outcome_of(answer.status, answer.retry_after_s)

    async def _key(self) -> str:
        if self._private is None:
            async with self._transactions.database.read() as session:
                found = await session.get(PushKey, 1)
            self._private = found.private if found else await self._make_key()
        return self._private

    async def _make_key(self) -> str:
        from convivium.delivery import sealing  # noqa: PLC0415 - the same

        async with self._transactions.begin() as tx:
            # Somebody else may have asked meanwhile.
            found = await tx.session.get(PushKey, 1)
            if found is None:
                found = PushKey(id=1, private=sealing.new_key())
                tx.session.add(found)
            return found.private


def outcome_of(status: int, retry_after_s: float) -> Outcome:
    """Read what a push service answers (RFC 8030, 5)."""
    if status in range(200, 300):
        return Outcome("done")
    if status in GONE:
        return Outcome("end")
    if status == LATER or status >= BROKEN:
        return Outcome("again", retry_after_s)
    return Outcome("never")


def check_keys(given: Subscription) -> None:
    """Refuse keys with which nothing can be sealed. Raises KeysUnusable."""
    from convivium.delivery import sealing  # noqa: PLC0415 - the same

    try:
        point, auth = sealing.decoded(given.p256dh), sealing.decoded(given.auth)
    except ValueError:
        raise KeysUnusable from None
    if not sealing.is_point(point) or len(auth) != sealing.AUTH_BYTES:
        raise KeysUnusable


async def subscribe(
    tx: Transaction, actor: Actor, given: Subscription, site: str, device: tuple[str, str]
) -> PushSubscription:
    """Tell somebody in this browser from now on; who was told there before is not any more.

    Raises AccountsOnly, NotASession.
    """
    sign_in = await sign_ins.own(tx.session, actor)
    same = PushSubscription.endpoint == given.endpoint
    here = (PushSubscription.session_id == sign_in.id) & (PushSubscription.person_id == actor.id)
    await tx.session.execute(delete(PushSubscription).where(same | here))
    await _make_room(tx, actor)
    made = PushSubscription(
        id=new_id(),
        person_id=actor.id,
        session_id=sign_in.id,
        endpoint=given.endpoint,
        p256dh=given.p256dh,
        auth=given.auth,
        site=site,
        browser=device[0],
        system=device[1],
        since=tx.now,
    )
    tx.session.add(made)
    await tx.session.flush()
    return made


async def _make_room(tx: Transaction, actor: Actor) -> None:
    there = await subscriptions_of(tx.session, actor.id)
    too_many = [one.id for one in there[MOST - 1 :]]
    if too_many:
        await tx.session.execute(delete(PushSubscription).where(PushSubscription.id.in_(too_many)))


async def unsubscribe(tx: Transaction, actor: Actor, subscription_id: str) -> None:
    """Tell somebody nothing more in one browser. Raises SubscriptionNotFound."""
    own = PushSubscription.person_id == actor.id
    gone = await tx.session.scalar(
        delete(PushSubscription)
        .where(own, PushSubscription.id == subscription_id)
        .returning(PushSubscription.id)
    )
    if gone is None:
        raise SubscriptionNotFound


async def open_door(session: AsyncSession, door: str, now: datetime) -> PushSubscription | None:
    """Find a browser in which somebody is still signed in: also what is not ended runs out."""
    signed_in = select(SignIn.id).where(SignIn.expires_at > now)
    here = (PushSubscription.id == door) & PushSubscription.session_id.in_(signed_in)
    return await session.scalar(select(PushSubscription).where(here))


async def forget(tx: Transaction, subscription_id: str) -> None:
    """Forget a browser that takes nothing any more."""
    await tx.session.execute(delete(PushSubscription).where(PushSubscription.id == subscription_id))


async def forget_session(tx: Transaction, session_id: str) -> None:
    """Forget the browser of a session that ended."""
    await tx.session.execute(
        delete(PushSubscription).where(PushSubscription.session_id == session_id)
    )


async def subscriptions_of(session: AsyncSession, person_id: str) -> Sequence[PushSubscription]:
    """List in which browsers somebody is told, the newest first."""
    rows = await session.scalars(
        select(PushSubscription)
        .where(PushSubscription.person_id == person_id)
        .order_by(PushSubscription.since.desc(), PushSubscription.id)
    )
    return rows.all()
