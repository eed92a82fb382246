"""What people put on the table for everybody: words with a link, of which hosts pin one."""

from collections.abc import Sequence

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts.models import Person
from convivium.chat.events import PinChanged, Shared, SharedTakenAway
from convivium.chat.models import SharedItem
from convivium.chat.service import check_may_clear
from convivium.core.actor import Actor
from convivium.core.errors import Conflict, Forbidden, NotFound
from convivium.core.ids import new_id
from convivium.core.transaction import Transaction
from convivium.spaces.models import Space
from convivium.stage.service import lead, stage_of

# So many lie on one table.
MOST = 50

Row = tuple[SharedItem, Person]


class StageShares(Forbidden):
    """Only those on the stage put things on the table."""

    code = "stage_shares"
    title = "Only the stage shares"
    detail = "The people on the stage put things on the table. Ask to speak, or write in the chat."


class TableFull(Conflict):
    """There is no room for more."""

    code = "table_full"
    title = "The table is full"
    detail = "Take something away first, then put this there."


class ItemNotFound(NotFound):
    """Nothing like that lies on this table."""

    code = "shared_not_found"
    title = "This is not on the table"
    detail = "It was taken away, or it was never here."


async def share(tx: Transaction, actor: Actor, space: Space, text: str, link: str | None) -> Row:
    """Put something on the table. Raises StageShares, TableFull."""
    if (await stage_of(tx.session, space)).role_of(actor.id) == "listener":
        raise StageShares
    if await _count(tx.session, space.id) >= MOST:
        raise TableFull
    item = SharedItem(
        id=new_id(),
        space_id=space.id,
        person_id=actor.id,
        text=text,
        link=link,
        shared_at=tx.now,
    )
    tx.session.add(item)
    await tx.session.flush()
    await tx.announce(Shared(space.id, actor.id, item.id))
    return item, await tx.session.get_one(Person, actor.id)


async def take_away(tx: Transaction, actor: Actor, space: Space, item_id: str) -> None:
    """Take something off the table. Raises ItemNotFound, NotYours."""
    item = await _item(tx.session, space.id, item_id)
    if item.person_id != actor.id:
        await check_may_clear(tx.session, actor, space)
    await tx.session.delete(item)
    await tx.session.flush()
    await tx.announce(SharedTakenAway(space.id, actor.id, item.person_id, item_id))


async def pin(tx: Transaction, actor: Actor, space: Space, item_id: str, *, pinned: bool) -> None:
    """Pin something instead of what was, or unpin it. Raises HostsOnly, ItemNotFound."""
    await lead(tx.session, actor, space)
    item = await _item(tx.session, space.id, item_id)
    if item.pinned is pinned:
        return
    if pinned:
        await tx.session.execute(
            update(SharedItem).where(SharedItem.space_id == space.id).values(pinned=False)
        )
    item.pinned = pinned
    await tx.session.flush()
    await tx.announce(PinChanged(space.id, actor.id, item.id, pinned))


async def on_table(session: AsyncSession, space_id: str) -> Sequence[Row]:
    """List what lies on the table, in the order in which it came there."""
    rows = await session.execute(
        select(SharedItem, Person)
        .join(Person, Person.id == SharedItem.person_id)
        .where(SharedItem.space_id == space_id)
        .order_by(SharedItem.number)
    )
    return [(item, person) for item, person in rows]


async def _item(session: AsyncSession, space_id: str, item_id: str) -> SharedItem:
    item = await session.scalar(
        select(SharedItem).where(SharedItem.space_id == space_id, SharedItem.id == item_id)
    )
    if item is None:
        raise ItemNotFound
    return item


async def _count(session: AsyncSession, space_id: str) -> int:
    found = select(func.count()).select_from(SharedItem).where(SharedItem.space_id == space_id)
    return await session.scalar(found) or 0
