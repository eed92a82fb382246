"""The same request sent twice makes one thing (draft-ietf-httpapi-idempotency-key-header-07).

A key belongs to one account. Its row is written in the transaction that makes the thing: there is
no moment in which one is there without the other, and whoever comes meanwhile waits for the one
writer and then finds the row.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from pydantic import BaseModel
from sqlalchemy import delete, func, select

from convivium.accounts.models import IdempotencyKey
from convivium.core.actor import Actor
from convivium.core.errors import Malformed, SlowDown
from convivium.core.ids import fingerprint
from convivium.core.transaction import Transaction

KEY_LIFE = timedelta(days=1)
KEY_MAX = 255
# Far above what one person makes in a day.
KEYS_OF_ONE = 1000


class KeyReused(Malformed):
    """The key was sent before, with another body."""

    code = "key_reused"
    title = "This key was used for something else"
    detail = "Nothing was made. Send a new Idempotency-Key with a new request."


async def once(
    tx: Transaction,
    actor: Actor,
    key: str | None,
    body: BaseModel,
    make: Callable[[], Awaitable[str]],
) -> str:
    """Make something, or find what the same request made before; gives its id.

    key: the request's Idempotency-Key; without one, each request makes something.
    Raises KeyReused, SlowDown and what `make` raises.
    """
    if key is None:
        return await make()
    asked = fingerprint(body.model_dump_json())
    kept = await tx.session.get(IdempotencyKey, (actor.id, key))
    if kept is not None and kept.expires_at > tx.now:
        if kept.asked != asked:
            raise KeyReused
        return kept.made
    await _make_room(tx, actor)
    made = await make()
    row = IdempotencyKey(
        person_id=actor.id, key=key, asked=asked, made=made, expires_at=tx.now + KEY_LIFE
    )
    await tx.session.merge(row)
    return made


async def _make_room(tx: Transaction, actor: Actor) -> None:
    """Forget the account's keys that are over. Raises SlowDown when very many are not."""
    own = IdempotencyKey.person_id == actor.id
    await tx.session.execute(delete(IdempotencyKey).where(own, IdempotencyKey.expires_at <= tx.now))
    kept = await tx.session.scalar(select(func.count()).where(own)) or 0
    if kept >= KEYS_OF_ONE:
        raise SlowDown(60.0, "You have sent very many idempotency keys today.")
