"""Asking to follow somebody who is protected, and their answers."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts.models import Person
from convivium.accounts.service import is_suspended
from convivium.core import jobs
from convivium.core.actor import Actor
from convivium.core.errors import NotFound
from convivium.core.transaction import Transaction
from convivium.relationships.events import FollowAnswered, FollowAsked, Followed
from convivium.relationships.models import Follow, FollowRequest

# Who was declined may ask again after this; before it they are told what everybody is who waits.
ASKED_AGAIN = timedelta(days=30)
# The job that lets all in who wait, once an account is open; so many in one transaction.
LET_ALL_IN = "let_followers_in"
LET_IN_AT_ONCE = 200


class RequestNotFound(NotFound):
    """Nobody by this name waits for an answer."""

    code = "follow_request_not_found"
    title = "There is no such request"
    detail = "It was taken back, or answered already."


async def ask(tx: Transaction, actor: Actor, person: Person) -> None:
    """Ask to follow somebody; once more is the same as once."""
    row = await _row(tx.session, actor.id, person.id)
    if row is None:
        row = FollowRequest(person_id=actor.id, other_id=person.id, since=tx.now, withdrawn=False)
        tx.session.add(row)
    elif row.declined_at is not None and row.declined_at + ASKED_AGAIN <= tx.now:
        row.declined_at, row.since, row.withdrawn = None, tx.now, False
    else:
        row.withdrawn = False
        return
    await tx.session.flush()
    await tx.announce(FollowAsked(actor.id, person.id))


async def withdraw(tx: Transaction, by: str, person_id: str) -> None:
    """Ask no more; that one was declined is remembered."""
    row = await _row(tx.session, by, person_id)
    if row is None:
        return
    if row.declined_at is None:
        await tx.session.delete(row)
    else:
        row.withdrawn = True
    await tx.session.flush()
    await tx.announce(FollowAnswered(by, person_id))


async def forget(tx: Transaction, by: str, person_id: str) -> None:
    """Forget what somebody asked of another, and what was answered."""
    gone = await tx.session.scalar(
        delete(FollowRequest).where(_of(by, person_id)).returning(FollowRequest.number)
    )
    if gone is not None:
        await tx.announce(FollowAnswered(by, person_id))


async def accept(tx: Transaction, actor: Actor, person: Person) -> None:
    """Let somebody follow one. Raises RequestNotFound."""
    await _let_in(tx, actor.id, [await _waiting(tx, actor, person)])


async def decline(tx: Transaction, actor: Actor, person: Person) -> None:
    """Not let somebody follow one; they are not told. Raises RequestNotFound."""
    row = await _waiting(tx, actor, person)
    row.declined_at = tx.now
    await tx.session.flush()
    await tx.announce(FollowAnswered(person.id, actor.id))


async def open_to_all(tx: Transaction, person_id: str) -> None:
    """Let everybody follow who waits for it, some at a time: they may be thousands."""
    await jobs.put(tx, LET_ALL_IN, person_id, tx.now, {"person_id": person_id})


async def let_all_in(tx: Transaction, due: jobs.Due) -> None:
    """Let the next ones in, unless the account was closed again meanwhile."""
    person_id = due.payload["person_id"]
    person = await tx.session.get(Person, person_id)
    if person is None or person.protected:
        return
    waiting = _waiting_for(person_id).order_by(FollowRequest.number).limit(LET_IN_AT_ONCE)
    rows = (await tx.session.scalars(waiting)).all()
    await _let_in(tx, person_id, rows)
    if len(rows) == LET_IN_AT_ONCE:
        await jobs.put(tx, LET_ALL_IN, person_id, tx.now, due.payload)


async def waiting_for(
    session: AsyncSession, person_id: str, now: datetime, *, before: int | None, limit: int
) -> Sequence[tuple[int, Person]]:
    """List who waits for somebody's answer, the latest first, each with its number."""
    query = (
        select(FollowRequest.number, Person)
        .join(Person, Person.id == FollowRequest.person_id)
        .where(FollowRequest.other_id == person_id, FollowRequest.declined_at.is_(None))
        .where(~is_suspended(now))
    )
    if before is not None:
        query = query.where(FollowRequest.number < before)
    rows = await session.execute(query.order_by(FollowRequest.number.desc()).limit(limit))
    return [(number, person) for number, person in rows]


async def is_awaited(session: AsyncSession, person_id: str) -> bool:
    """Tell whether anybody waits for somebody's answer."""
    return await session.scalar(_waiting_for(person_id).limit(1)) is not None


async def asked_among(
    session: AsyncSession, person_id: str, others: Collection[str]
) -> frozenset[str]:
    """List those of several others whom somebody waits to follow; a silent no is waiting too."""
    asked = select(FollowRequest.other_id).where(
        FollowRequest.person_id == person_id,
        FollowRequest.other_id.in_(others),
        FollowRequest.withdrawn.is_(False),
    )
    return frozenset(await session.scalars(asked))


async def _let_in(tx: Transaction, person_id: str, rows: Sequence[FollowRequest]) -> None:
    for row in rows:
        tx.session.add(Follow(person_id=row.person_id, other_id=person_id, since=tx.now))
        await tx.session.delete(row)
    await tx.session.flush()
    for row in rows:
        await tx.announce(Followed(row.person_id, person_id, was_asked=True))


async def _waiting(tx: Transaction, actor: Actor, person: Person) -> FollowRequest:
    of_person = FollowRequest.person_id == person.id
    row = await tx.session.scalar(_waiting_for(actor.id).where(of_person))
    if row is None:
        raise RequestNotFound
    return row


async def _row(session: AsyncSession, by: str, about: str) -> FollowRequest | None:
    return await session.scalar(select(FollowRequest).where(_of(by, about)))


def _of(by: str, about: str) -> ColumnElement[bool]:
    return (FollowRequest.person_id == by) & (FollowRequest.other_id == about)


def _waiting_for(person_id: str) -> Select[FollowRequest]:
    return select(FollowRequest).where(
        FollowRequest.other_id == person_id,
        FollowRequest.declined_at.is_(None),
        FollowRequest.withdrawn.is_(False),
    )
