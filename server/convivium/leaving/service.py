"""Deleting an account: nothing can be done with it at once, and a job forgets all that is left.

What stays is said in docs/privacy.md: what moderators were told, for as long as they keep it, and
the log of acts, which holds no names.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Column, CursorResult, Table, delete, false, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts import service as accounts
from convivium.accounts import sign_ins
from convivium.accounts.models import Person
from convivium.core import jobs
from convivium.core.actor import Actor
from convivium.core.database import Base
from convivium.core.errors import Conflict
from convivium.core.jobs import Due
from convivium.core.transaction import Transaction
from convivium.messages import service as messages
from convivium.messages.models import Message
from convivium.pictures.service import PICTURES
from convivium.posts import service as posts
from convivium.search import tidying
from convivium.spaces import service as spaces
from convivium.spaces.models import UNFINISHED, Space
from convivium.voice_notes.service import VOICE_NOTES

FORGET_PERSON = "forget_person"
# So many rows of a kind go in one transaction: others write in between.
AT_ONCE = 100
ROWS_AT_ONCE = 1000
# So long a space stays that was cancelled: those who waited for it are told.
TOLD_FOR = timedelta(days=1)


class LastAdmin(Conflict):
    """Nobody else could look after the instance."""

    code = "last_admin"
    title = "You are the only administrator"
    detail = "Make somebody else an administrator first, so that this instance is looked after."


async def leave(tx: Transaction, actor: Actor) -> None:
    """Delete one's own account. Raises SignInAgain, LastAdmin.

    Its sessions, calls and seats end as those of a suspended one do; its spaces go to a co-host,
    end, or are cancelled. Nobody can sign in to it from now on.
    """
    await sign_ins.own_recent(tx.session, actor, tx.now)
    person = await tx.session.get_one(Person, actor.id)
    if person.role == "admin" and await _is_only_admin(tx.session, actor, tx.now):
        raise LastAdmin
    await accounts.suspend(tx, person, until=None, by=person.id)
    await jobs.put(tx, FORGET_PERSON, person.id, tx.now)


async def _is_only_admin(session: AsyncSession, actor: Actor, now: datetime) -> bool:
    others = select(Person.id).where(
        Person.role == "admin", Person.id != actor.id, ~accounts.is_suspended(now)
    )
    return await session.scalar(others.limit(1)) is None


async def forget_person(tx: Transaction, due: Due) -> None:
    """Forget a part of what somebody left behind, and at last who they were."""
    person_id = due.key
    is_more = await posts.forget_some_of(tx, person_id, AT_ONCE)
    is_more |= await _forget_messages(tx, person_id)
    is_more |= await _forget_spaces(tx, person_id)
    if not is_more:
        for kind in (PICTURES, VOICE_NOTES):
            await kind.forget_all_of(tx, person_id)
        await messages.forget_member(tx, person_id)
        is_more = await _forget_rows(tx, person_id)
    if is_more:
        await jobs.put(tx, FORGET_PERSON, person_id, tx.now)
        return
    if await _is_still_told(tx, person_id):
        await jobs.put(tx, FORGET_PERSON, person_id, tx.now + TOLD_FOR)
        return
    # What is left hangs on this row, and goes with it.
    await tx.session.execute(delete(Person).where(Person.id == person_id))
    await tidying.begin(tx)


async def _forget_rows(tx: Transaction, person_id: str) -> bool:
    """Delete what goes with an account, so many rows of each table; tells whether there is more."""
    counts = []
    for table, column in _hanging():
        keys = tuple(table.primary_key.columns)
        some = select(*keys).where(column == person_id).limit(ROWS_AT_ONCE)
        gone = await tx.session.execute(delete(table).where(tuple_(*keys).in_(some)))
        counts.append(cast("CursorResult[Any]", gone).rowcount)
    return ROWS_AT_ONCE in counts


def _hanging() -> Iterator[tuple[Table, Column[Any]]]:
    """Give the tables whose rows go with a person, and by which column."""
    for table in Base.metadata.tables.values():
        for column in table.columns:
            for key in column.foreign_keys:
                if key.column.table.name == "person" and key.ondelete == "CASCADE":
                    yield table, column


async def _forget_messages(tx: Transaction, person_id: str) -> bool:
    mine = (
        select(Message.conversation_id, Message.number)
        .where(Message.person_id == person_id)
        .limit(AT_ONCE)
    )
    found = (await tx.session.execute(mine)).all()
    for conversation_id, number in found:
        which = (Message.conversation_id == conversation_id) & (Message.number == number)
        await tx.session.execute(delete(Message).where(which))
    return len(found) == AT_ONCE


async def _is_still_told(tx: Transaction, person_id: str) -> bool:
    """Tell whether people who waited for a space of theirs may still be told that it is off."""
    left = select(Space.id).where(Space.host_id == person_id).limit(1)
    return await tx.session.scalar(left) is not None


async def _forget_spaces(tx: Transaction, person_id: str) -> bool:
    """Delete the spaces of somebody, with all that was written in them."""
    await tx.session.execute(
        update(Space).where(Space.returns_to == person_id).values(returns_to=None)
    )
    is_told = (Space.state == "cancelled") & (Space.ended_at > tx.now - TOLD_FOR)
    theirs = select(Space).where(Space.host_id == person_id)
    for space in await tx.session.scalars(theirs.where(Space.state.in_(UNFINISHED))):
        await spaces.close(tx, space, by=person_id)
    await tx.session.flush()
    mine = theirs.where(~func.coalesce(is_told, false())).limit(AT_ONCE)
    found = (await tx.session.scalars(mine)).all()
    for space in found:
        await tx.session.delete(space)
        await tx.session.flush()
    return len(found) == AT_ONCE
