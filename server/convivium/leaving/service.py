"""Deleting an account: nothing can be done with it at once, and a job forgets all that is left.

What stays is said in docs/privacy.md: what moderators were told, for as long as they keep it, and
the log of acts, which holds no names.
"""

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts import service as accounts
from convivium.accounts import sign_ins
from convivium.accounts.models import Person
from convivium.core import jobs
from convivium.core.actor import Actor
from convivium.core.errors import Conflict
from convivium.core.jobs import Due
from convivium.core.transaction import Transaction
from convivium.messages import service as messages
from convivium.messages.models import Message
from convivium.pictures import service as pictures
from convivium.posts import service as posts
from convivium.search import tidying
from convivium.spaces import service as spaces
from convivium.spaces.models import OVER, Space

FORGET_PERSON = "forget_person"
# So many rows of a kind go in one transaction: others write in between.
AT_ONCE = 100


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
    if person.role == "admin" and await _is_only_admin(tx.session):
        raise LastAdmin
    await accounts.suspend(tx, person, until=None, by=person.id)
    await jobs.put(tx, FORGET_PERSON, person.id, tx.now)


async def _is_only_admin(session: AsyncSession) -> bool:
    admins = select(func.count()).where(Person.role == "admin")
    return await session.scalar(admins) == 1


async def forget_person(tx: Transaction, due: Due) -> None:
    """Forget a part of what somebody left behind, and at last who they were."""
    person_id = due.key
    is_more = await posts.forget_some_of(tx, person_id, AT_ONCE)
    is_more |= await _forget_messages(tx, person_id)
    is_more |= await _forget_spaces(tx, person_id)
    if is_more:
        await jobs.put(tx, FORGET_PERSON, person_id, tx.now)
        return
    await pictures.forget_all_of(tx, person_id)
    await messages.forget_member(tx, person_id)
    # The rest hangs on this row, and goes with it.
    await tx.session.execute(delete(Person).where(Person.id == person_id))
    await tidying.begin(tx)


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


async def _forget_spaces(tx: Transaction, person_id: str) -> bool:
    """Delete the spaces of somebody, with all that was written in them."""
    await tx.session.execute(
        update(Space).where(Space.returns_to == person_id).values(returns_to=None)
    )
    mine = select(Space).where(Space.host_id == person_id).limit(AT_ONCE)
    found = (await tx.session.scalars(mine)).all()
    for space in found:
        if space.state not in OVER:
            await spaces.close(tx, space, by=person_id)
        await tx.session.delete(space)
        await tx.session.flush()
    return len(found) == AT_ONCE
