"""One act against a raid: whoever came with it goes, and nobody else; and the way back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts.models import Person
from convivium.core.actor import Actor
from convivium.core.database import in_parts
from convivium.core.ids import new_id
from convivium.core.transaction import Transaction
from convivium.relationships.service import followed_of
from convivium.spaces import service as spaces
from convivium.spaces.models import Removal, Space
from convivium.stage import service
from convivium.stage.models import SpeakRequest, Turn


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who came into a space within a time, and who had come before; both for the first time."""

    within_s: float
    came: Collection[str]
    earlier: Collection[str]


@dataclass(frozen=True, slots=True)
class Cleared:
    """Who was removed by one act, and its id, by which they can be let back in."""

    id: str
    people: Sequence[str]


async def clear(tx: Transaction, actor: Actor, space: Space, crowd: Crowd) -> Cleared:
    """Remove whoever came, or asked to speak without having come, within a time.

    Spared are hosts, whoever sits at the table or was heard there, is invited, is followed by the
    host, or moderates the instance. Raises HostsOnly.
    """
    await service.lead(tx.session, actor, space)
    asked = await tx.session.scalars(
        select(SpeakRequest.person_id).where(
            SpeakRequest.space_id == space.id,
            SpeakRequest.asked_at >= tx.now - timedelta(seconds=crowd.within_s),
        )
    )
    known = await _known(tx.session, space)
    strangers = {*crowd.came, *asked} - {*crowd.earlier} - known - {actor.id}
    people = await _there_are(tx.session, strangers)
    clearing = new_id()
    await spaces.bar_all(tx, space.id, people, by=actor.id, clearing=clearing)
    return Cleared(clearing, people)


async def let_back(tx: Transaction, actor: Actor, space: Space, person: Person) -> None:
    """Let somebody come back who was removed; who was not may come anyway. Raises HostsOnly."""
    await service.lead(tx.session, actor, space)
    await spaces.lift(tx, space.id, Removal.person_id == person.id, by=actor.id)


async def undo(tx: Transaction, actor: Actor, space: Space, clearing: str) -> int:
    """Let everybody back who was removed by one act; tells how many. Raises HostsOnly."""
    await service.lead(tx.session, actor, space)
    return await spaces.lift(tx, space.id, Removal.clearing == clearing, by=actor.id)


async def removed_from(
    session: AsyncSession, space_id: str, *, skip: int, limit: int
) -> Sequence[tuple[Removal, Person]]:
    """List who was removed, the latest first."""
    rows = await session.execute(
        select(Removal, Person)
        .join(Person, Person.id == Removal.person_id)
        .where(Removal.space_id == space_id)
        .order_by(Removal.at.desc(), Removal.person_id)
        .offset(skip)
        .limit(limit)
    )
    return [(removal, person) for removal, person in rows]


async def _known(session: AsyncSession, space: Space) -> frozenset[str]:
    stage = await service.stage_of(session, space)
    spoke = await session.scalars(
        select(Turn.person_id).where(Turn.space_id == space.id, Turn.spoke).distinct()
    )
    staff = await session.scalars(select(Person.id).where(Person.role.in_(("moderator", "admin"))))
    return frozenset([space.host_id, *stage.co_hosts, *stage.seated]).union(
        [space.returns_to or space.host_id],
        spoke,
        staff,
        await spaces.invitations_to(session, space.id),
        await followed_of(session, space.host_id),
    )


async def _there_are(session: AsyncSession, people: Collection[str]) -> list[str]:
    """Leave out those who are gone for good, such as guests of calls that did not come about."""
    found: list[str] = []
    for some in in_parts(people):
        found += await session.scalars(select(Person.id).where(Person.id.in_(some)))
    return found
