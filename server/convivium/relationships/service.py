"""What people say about one another, and what others may ask about it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, and_, bindparam, delete, func, or_, select, union
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts.models import Person
from convivium.accounts.service import AccountsOnly, PersonNotFound
from convivium.core.actor import Actor
from convivium.core.errors import Conflict
from convivium.core.grouping import grouped
from convivium.core.transaction import Transaction
from convivium.relationships import requests
from convivium.relationships.events import Blocked, Followed, Unblocked, Unfollowed
from convivium.relationships.models import Bell, Block, Follow, FollowRequest, Mute


class AboutOneself(Conflict):
    """Somebody tried to follow, block or mute themselves."""

    code = "about_oneself"
    title = "That is you"
    detail = "One can follow, block and mute others only."


class UnblockFirst(Conflict):
    """Somebody tried to follow whom they block."""

    code = "unblock_first"
    title = "You have blocked this person"
    detail = "Unblock them first, and then follow them."


class FollowFirst(Conflict):
    """Somebody wants to hear of a person's spaces whom they do not follow."""

    code = "bell_without_follow"
    title = "You do not follow this person"
    detail = "Follow them first, and then switch the bell on."


class TooMany(Conflict):
    """Somebody follows, blocks or mutes as many people as one may."""

    code = "too_many"
    title = "The list is full"


# So many people can one follow, and block, and mute.
MOST = 5000

Word = TypeVar("Word", Follow, Block, Mute, Bell)
AnyWord = type[Follow | Block | Mute | Bell | FollowRequest]


@dataclass(frozen=True, slots=True)
class Relation:
    """How one person stands to another; asked: they wait to be let follow.

    bell: they are told when the other goes live.
    """

    follows: bool = False
    followed_by: bool = False
    blocks: bool = False
    mutes: bool = False
    asked: bool = False
    bell: bool = False


# What people do


async def follow(tx: Transaction, actor: Actor, person: Person) -> None:
    """Follow somebody, or ask to, where they are protected. Once more is the same as once.

    Raises AboutOneself, AccountsOnly, PersonNotFound, UnblockFirst, TooMany.
    """
    _check_about(actor, person)
    if person.kind == "guest":
        raise AccountsOnly("Guests cannot be followed: they have no name by which to find them.")
    await seen_by(tx.session, actor, person)
    if await blocks(tx.session, actor.id, person.id):
        raise UnblockFirst
    if person.protected and not await follows(tx.session, actor.id, person.id):
        await _check_room(tx.session, Follow, actor)
        await requests.ask(tx, actor, person)
    elif await _say(tx, Follow, actor, person):
        await requests.forget(tx, actor.id, person.id)
        await tx.announce(Followed(actor.id, person.id))


async def unfollow(tx: Transaction, actor: Actor, person: Person) -> None:
    """Follow somebody no more, nor ask to; who was not followed stays so."""
    await _end_follow(tx, actor.id, person.id)
    await requests.withdraw(tx, actor.id, person.id)


async def block(tx: Transaction, actor: Actor, person: Person) -> None:
    """Have nothing more to do with somebody; neither follows the other any more.

    Raises AboutOneself, AccountsOnly, TooMany.
    """
    _check_about(actor, person)
    await _say(tx, Block, actor, person)
    await _end_follow(tx, actor.id, person.id)
    await _end_follow(tx, person.id, actor.id)
    await requests.forget(tx, actor.id, person.id)
    await requests.forget(tx, person.id, actor.id)
    await tx.announce(Blocked(actor.id, person.id))


async def unblock(tx: Transaction, actor: Actor, person: Person) -> None:
    """Lift a block; who followed whom before it is not restored."""
    if await _take_back(tx, Block, actor.id, person.id):
        await tx.announce(Unblocked(actor.id, person.id))


async def mute(tx: Transaction, actor: Actor, person: Person) -> None:
    """Not want to hear somebody; nobody else is told.

    Raises AboutOneself, AccountsOnly, TooMany.
    """
    _check_about(actor, person)
    await _say(tx, Mute, actor, person)


async def unmute(tx: Transaction, actor: Actor, person: Person) -> None:
    """Want to hear somebody again."""
    await _take_back(tx, Mute, actor.id, person.id)


async def ring(tx: Transaction, actor: Actor, person: Person) -> None:
    """Be told when somebody goes live whom one follows.

    Raises AboutOneself, AccountsOnly, PersonNotFound, FollowFirst, TooMany.
    """
    _check_about(actor, person)
    await seen_by(tx.session, actor, person)
    if not await follows(tx.session, actor.id, person.id):
        raise FollowFirst
    await _say(tx, Bell, actor, person)


async def ring_no_more(tx: Transaction, actor: Actor, person: Person) -> None:
    """Not be told any more when somebody goes live."""
    await _take_back(tx, Bell, actor.id, person.id)


# Asked by others


async def follows(session: AsyncSession, person_id: str, other_id: str) -> bool:
    """Tell whether one person follows another."""
    return await _is_said(session, Follow, person_id, other_id)


async def blocks(session: AsyncSession, person_id: str, other_id: str) -> bool:
    """Tell whether one person blocks another."""
    return await _is_said(session, Block, person_id, other_id)


async def are_apart(session: AsyncSession, one: str, other: str) -> bool:
    """Tell whether one of two people blocks the other."""
    return await session.scalar(_APART, {"one": one, "other": other}) is not None


async def apart_from(
    session: AsyncSession, person_id: str, others: Collection[str]
) -> frozenset[str]:
    """List those of several others whom somebody blocks, or who block them."""
    said = select(Block.other_id).where(Block.person_id == person_id, Block.other_id.in_(others))
    heard = select(Block.person_id).where(Block.other_id == person_id, Block.person_id.in_(others))
    return frozenset(await session.scalars(said.union(heard)))


async def followed_of(session: AsyncSession, person_id: str) -> frozenset[str]:
    """List whom somebody follows."""
    return (await followed_among(session, [person_id]))[person_id]


async def followed_among(
    session: AsyncSession, people: Collection[str]
) -> dict[str, frozenset[str]]:
    """List whom each of several people follows."""
    return await _said_by(session, Follow, people)


async def blocked_of(session: AsyncSession, person_id: str) -> frozenset[str]:
    """List whom somebody blocks."""
    return (await blocked_among(session, [person_id]))[person_id]


async def blocked_among(
    session: AsyncSession, people: Collection[str]
) -> dict[str, frozenset[str]]:
    """List whom each of several people blocks."""
    return await _said_by(session, Block, people)


async def who_blocks(
    session: AsyncSession, people: Collection[str], other_id: str
) -> frozenset[str]:
    """List those of several people who block somebody."""
    said = select(Block.person_id).where(Block.other_id == other_id, Block.person_id.in_(people))
    return frozenset(await session.scalars(said))


async def count_followers(session: AsyncSession, person_id: str) -> int:
    """Count who follows somebody."""
    return await _count(session, Follow, Follow.other_id == person_id)


async def count_followed(session: AsyncSession, person_id: str) -> int:
    """Count whom somebody follows."""
    return await _count(session, Follow, Follow.person_id == person_id)


async def relations(
    session: AsyncSession, person_id: str, others: Collection[str]
) -> dict[str, Relation]:
    """Tell how one person stands to each of several others."""

    async def said(kind: type[Follow | Block | Mute | Bell]) -> set[str]:
        about = kind.other_id.in_(others)
        rows = await session.scalars(
            select(kind.other_id).where(kind.person_id == person_id, about)
        )
        return set(rows)

    followed, blocked, muted = await said(Follow), await said(Block), await said(Mute)
    rows = await session.scalars(
        select(Follow.person_id).where(Follow.other_id == person_id, Follow.person_id.in_(others))
    )
    followers = set(rows)
    asked = await requests.asked_among(session, person_id, others)
    bells = await said(Bell)
    return {
        other: Relation(
            follows=other in followed,
            followed_by=other in followers,
            blocks=other in blocked,
            mutes=other in muted,
            asked=other in asked,
            bell=other in bells,
        )
        for other in others
    }


async def unwilling(
    session: AsyncSession, person_id: str, others: Collection[str]
) -> frozenset[str]:
    """List who of several others does not want to hear of one person, or is blocked by them."""
    ways = [
        select(kind.person_id).where(kind.other_id == person_id, kind.person_id.in_(others))
        for kind in (Block, Mute)
    ]
    ways.append(
        select(Block.other_id).where(Block.person_id == person_id, Block.other_id.in_(others))
    )
    return frozenset(await session.scalars(union(*ways)))


async def relation(session: AsyncSession, person_id: str, other_id: str) -> Relation:
    """Tell how one person stands to another."""
    return (await relations(session, person_id, [other_id]))[other_id]


async def seen_by(session: AsyncSession, actor: Actor, person: Person) -> Person:
    """Give somebody as far as the actor may know of them. Raises PersonNotFound.

    Whoever is blocked by a person finds nobody there.
    """
    if actor.id and await blocks(session, person.id, actor.id):
        raise PersonNotFound("Nobody here has this name.")
    return person


async def people_for(
    session: AsyncSession, actor: Actor, person_ids: Sequence[str]
) -> Sequence[Person]:
    """Find people by their ids, as far as the actor may know of them, in the order of the ids."""
    hidden = select(Block.number).where(Block.person_id == Person.id, Block.other_id == actor.id)
    is_there = Person.id.in_(person_ids) & (Person.kind != "waiting")
    rows = await session.scalars(select(Person).where(is_there, ~hidden.exists()))
    found = {person.id: person for person in rows}
    return [found[person_id] for person_id in person_ids if person_id in found]


async def said_about(
    session: AsyncSession,
    kind: type[Block | Mute],
    person_id: str,
    *,
    before: int | None,
    limit: int,
) -> Sequence[tuple[int, Person]]:
    """List about whom somebody said a thing, the latest first, each with its number.

    before: the number of the last one of the page before.
    """
    query = select(kind.number, Person).join(Person, Person.id == kind.other_id)
    query = query.where(kind.person_id == person_id)
    if before is not None:
        query = query.where(kind.number < before)
    rows = await session.execute(query.order_by(kind.number.desc()).limit(limit))
    return [(number, person) for number, person in rows]


# Made once: every door asks it.
_APART = select(Block.number).where(
    or_(
        and_(Block.person_id == bindparam("one"), Block.other_id == bindparam("other")),
        and_(Block.person_id == bindparam("other"), Block.other_id == bindparam("one")),
    )
)
_WORDS = {Follow: "follow", Block: "block", Mute: "mute", Bell: "hear of"}


def _check_about(actor: Actor, person: Person) -> None:
    if not actor.has_account:
        raise AccountsOnly
    if actor.id == person.id:
        raise AboutOneself


async def _say(tx: Transaction, kind: type[Word], actor: Actor, person: Person) -> bool:
    """Write down one person's word about another; tells whether it is new. Raises TooMany."""
    if await _is_said(tx.session, kind, actor.id, person.id):
        return False
    await _check_room(tx.session, kind, actor)
    tx.session.add(kind(person_id=actor.id, other_id=person.id, since=tx.now))
    await tx.session.flush()
    return True


async def _check_room(session: AsyncSession, kind: AnyWord, actor: Actor) -> None:
    said = await _count(session, kind, kind.person_id == actor.id)
    if kind is Follow:
        # Each may be answered with a yes.
        said += await _count(session, FollowRequest, FollowRequest.person_id == actor.id)
    if said >= MOST:
        raise TooMany(f"One can {_WORDS[kind]} {MOST:,} people at most. Take somebody off first.")


async def _take_back(
    tx: Transaction, kind: type[Follow | Block | Mute | Bell], person_id: str, other_id: str
) -> bool:
    gone = await tx.session.scalar(
        delete(kind)
        .where(kind.person_id == person_id, kind.other_id == other_id)
        .returning(kind.number)
    )
    return gone is not None


async def _end_follow(tx: Transaction, person_id: str, other_id: str) -> None:
    await _take_back(tx, Bell, person_id, other_id)
    if await _take_back(tx, Follow, person_id, other_id):
        await tx.announce(Unfollowed(person_id, other_id))


async def _is_said(
    session: AsyncSession, kind: type[Follow | Block | Mute | Bell], person_id: str, other_id: str
) -> bool:
    said = select(kind.number).where(kind.person_id == person_id, kind.other_id == other_id)
    return await session.scalar(said) is not None


async def _said_by(
    session: AsyncSession, kind: type[Follow | Block], people: Collection[str]
) -> dict[str, frozenset[str]]:
    if not people:
        return {}
    rows = await session.execute(
        select(kind.person_id, kind.other_id).where(kind.person_id.in_(people))
    )
    others = grouped((person_id, other_id) for person_id, other_id in rows)
    return {person_id: frozenset(others[person_id]) for person_id in people}


async def _count(session: AsyncSession, kind: AnyWord, which: ColumnElement[bool]) -> int:
    return await session.scalar(select(func.count()).select_from(kind).where(which)) or 0
