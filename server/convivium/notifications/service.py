"""Telling people, and what they do with what they were told."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, literal, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts.models import Person
from convivium.core.actor import Actor
from convivium.core.errors import NotFound
from convivium.core.transaction import Transaction
from convivium.notifications import choices
from convivium.notifications.events import NotificationsChanged, Told
from convivium.notifications.kinds import Kind
from convivium.notifications.models import Notification
from convivium.notifications.rules import GATHERED, MATTER_OF, joined
from convivium.relationships.service import relation, unwilling

# What is older, or further down, is forgotten.
KEPT_DAYS = 90
KEPT_OF_ONE = 500
FORGOTTEN_AT_ONCE = 500
# How long ago a list may have grown that is looked at; longer than until it is looked at again.
LOOKED_BACK = timedelta(hours=2)
LISTS_AT_ONCE = 100


class NotificationNotFound(NotFound):
    """There is none, or it is somebody else's."""

    code = "notification_not_found"
    title = "There is no such notification"
    detail = "It may have been forgotten, since it was old."


@dataclass(frozen=True, slots=True)
class About:
    """What is told: its kind, what it is about, and what its words need.

    key: what makes it the same as another of its kind.
    """

    kind: Kind
    key: str
    space_id: str | None = None
    data: dict[str, Any] | None = None
    post_number: int | None = None

    @classmethod
    def space(cls, kind: Kind, space_id: str, **data: object) -> "About":
        """Tell something about a space."""
        return cls(kind, space_id, space_id, data)


# Telling


async def tell(tx: Transaction, person_id: str, about: About, *, by: str = "") -> None:
    """Tell somebody something that another person caused, or nobody.

    Guests have no list. Nobody is told what they do themselves, nor what somebody does whom they
    block or mute, or who blocks them.
    """
    if not await _is_to_be_told(tx.session, person_id, by):
        return
    channels = (await choices.channels(tx.session, [person_id], MATTER_OF[about.kind]))[person_id]
    row = await tx.session.scalar(_of(about).where(Notification.person_id == person_id))
    if row is None and not channels:
        return
    # What stands in no list is looked at by nobody, and would keep the next ones quiet for ever.
    is_listed = row is not None and not row.read and row.in_app and "app" in channels
    is_known = is_listed and about.kind in GATHERED
    people, count = ([], 0) if row is None or row.read else (row.people, row.count)
    people, count = joined(people, count, by)
    if row is None:
        row = Notification(
            person_id=person_id,
            kind=about.kind,
            key=about.key,
            space_id=about.space_id,
            post_number=about.post_number,
        )
        tx.session.add(row)
    row.people, row.count, row.data = people, count, about.data or {}
    row.at, row.read, row.in_app = tx.now, False, "app" in channels
    await tx.session.flush()
    await tx.announce(NotificationsChanged(person_id))
    if not is_known:
        numbers, by_person = {person_id: row.number}, {person_id: channels}
        await tx.announce(Told(about.kind, tx.now, numbers, by_person))


async def tell_many(tx: Transaction, people: Sequence[str], about: About, *, by: str = "") -> None:
    """Tell many people with accounts the same; what they were told of it before is replaced.

    Those who block or mute whoever did it, or are blocked by them, are told nothing.
    """
    apart = await unwilling(tx.session, by, people) if by else frozenset()
    told = [person for person in people if person != by and person not in apart]
    wanted = await choices.channels(tx.session, told, MATTER_OF[about.kind])
    told = [person for person in told if wanted[person]]
    if not told:
        return
    same = _same(about) & Notification.person_id.in_(told)
    await tx.session.execute(delete(Notification).where(same))
    row = {
        "kind": about.kind,
        "key": about.key,
        "space_id": about.space_id,
        "people": [by] if by else [],
        "count": int(bool(by)),
        "data": about.data or {},
        "at": tx.now,
        "read": False,
    }
    made = await tx.session.execute(
        insert(Notification).returning(Notification.person_id, Notification.number),
        [row | {"person_id": one, "in_app": "app" in wanted[one]} for one in told],
    )
    numbers = {row.person_id: row.number for row in made}
    for person in told:
        await tx.announce(NotificationsChanged(person))
    await tx.announce(Told(about.kind, tx.now, numbers, wanted))


async def leave_out(tx: Transaction, which: ColumnElement[bool], *, by: str) -> None:
    """Not go on saying of one notification that somebody did it who took it back."""
    row = await tx.session.scalar(select(Notification).where(which))
    if row is None or by not in row.people:
        return
    row.people = [person for person in row.people if person != by]
    row.count -= 1
    await tx.session.flush()
    if row.count > 0:
        await tx.announce(NotificationsChanged(row.person_id))
    else:
        await take_back(tx, Notification.number == row.number)


async def take_back(tx: Transaction, which: ColumnElement[bool]) -> None:
    """Let people not be told any more what is not theirs to know, or not so any more."""
    people = await tx.session.scalars(
        delete(Notification).where(which).returning(Notification.person_id)
    )
    for person in set(people.all()):
        await tx.announce(NotificationsChanged(person))


# What people do with it


async def read_up_to(tx: Transaction, actor: Actor, number: int) -> None:
    """Note that somebody has seen one and all that are older. Raises NotificationNotFound."""
    own = Notification.person_id == actor.id
    newest = await tx.session.scalar(select(Notification).where(own, Notification.number == number))
    if newest is None:
        raise NotificationNotFound
    await tx.session.execute(
        update(Notification)
        .where(own, Notification.read.is_(False), ~_after(newest.at, newest.number))
        .values(read=True)
    )
    await tx.announce(NotificationsChanged(actor.id))


async def newest(
    session: AsyncSession,
    person_id: str,
    *,
    limit: int,
    before: tuple[datetime, int] | None = None,
) -> Sequence[Notification]:
    """List what somebody was told, the newest first; before: where the page before ended."""
    query = select(Notification).where(
        Notification.person_id == person_id, Notification.in_app.is_(True)
    )
    if before is not None:
        at, number = before
        place = tuple_(Notification.at, Notification.number)
        query = query.where(place < tuple_(literal(at), literal(number)))
    order = (Notification.at.desc(), Notification.number.desc())
    return (await session.scalars(query.order_by(*order).limit(limit))).all()


async def count_unread(session: AsyncSession, person_id: str) -> int:
    """Count what somebody has not seen."""
    unread = select(func.count()).where(
        Notification.person_id == person_id,
        Notification.read.is_(False),
        Notification.in_app.is_(True),
    )
    return await session.scalar(unread) or 0


async def forget_old(tx: Transaction) -> None:
    """Forget what is old, and what is far down in somebody's list, a part at a time.

    A list grows only when somebody is told something: only theirs are looked at who were lately.
    """
    since = tx.now - timedelta(days=KEPT_DAYS)
    old = select(Notification.number).where(Notification.at < since).limit(FORGOTTEN_AT_ONCE)
    await tx.session.execute(delete(Notification).where(Notification.number.in_(old)))
    lately = select(Notification.person_id).where(Notification.at >= tx.now - LOOKED_BACK)
    long = (
        select(Notification.person_id)
        .where(Notification.person_id.in_(lately))
        .group_by(Notification.person_id)
        .having(func.count() > KEPT_OF_ONE)
        .limit(LISTS_AT_ONCE)
    )
    for person_id in (await tx.session.scalars(long)).all():
        await _shorten(tx.session, person_id)


async def _shorten(session: AsyncSession, person_id: str) -> None:
    """Forget what is far down in one person's list."""
    far = (
        select(Notification.number)
        .where(Notification.person_id == person_id)
        .order_by(Notification.at.desc(), Notification.number.desc())
        .offset(KEPT_OF_ONE)
        .limit(FORGOTTEN_AT_ONCE)
    )
    await session.execute(delete(Notification).where(Notification.number.in_(far)))


def _same(about: About) -> ColumnElement[bool]:
    return (Notification.kind == about.kind) & (Notification.key == about.key)


def _of(about: About) -> Any:  # noqa: ANN401 - a select of rows
    return select(Notification).where(_same(about))


def _after(at: datetime, number: int) -> ColumnElement[bool]:
    return tuple_(Notification.at, Notification.number) > tuple_(literal(at), literal(number))


async def _is_to_be_told(session: AsyncSession, person_id: str, by: str) -> bool:
    if by == person_id:
        return False
    kind = await session.scalar(select(Person.kind).where(Person.id == person_id))
    if kind != "account":
        return False
    if not by:
        return True
    stands = await relation(session, person_id, by)
    back = await relation(session, by, person_id)
    return not (stands.blocks or stands.mutes or back.blocks)


async def accounts_among(session: AsyncSession, people: Collection[str]) -> list[str]:
    """Leave out guests."""
    found = select(Person.id).where(Person.id.in_(people), Person.kind == "account")
    return list((await session.scalars(found)).all())
