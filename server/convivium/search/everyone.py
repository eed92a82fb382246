"""What there is for everyone, without a word being looked for: it ends, and pushes nothing."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts.models import Person
from convivium.core.actor import Actor
from convivium.core.errors import Conflict
from convivium.core.transaction import Transaction
from convivium.posts.sight import seen_by, welcome_to
from convivium.relationships.models import Follow
from convivium.search.events import SpaceFeatured, SpaceUnfeatured
from convivium.search.models import Featured
from convivium.spaces.models import OVER, Space
from convivium.spaces.sight import listed_for

FEATURED_MAX = 12
LIVELY_MAX = 8
SOON_MAX = 8
SOON = timedelta(days=2)
# So many live and coming spaces are looked at to say which are lively, and what they are about.
LOOKED_AT = 300
WORDS_MAX = 12
PEOPLE_MAX = 6
# Of so many whom one followed last it is asked whom they follow.
ASKED = 20
# So many of them follow somebody who is named, so that nobody learns whom one of them follows.
TOGETHER = 3


class NotForEveryone(Conflict):
    """A space that not everybody may listen to, or that is over, cannot be put before everybody."""

    code = "not_for_everyone"
    title = "This space is not for everyone"
    detail = "Only a live or scheduled space that everybody may listen to can be featured."


class TooManyFeatured(Conflict):
    """As many are featured as anybody would look at."""

    code = "too_many_featured"
    title = "Many spaces are featured already"
    detail = f"At most {FEATURED_MAX} can be featured at once. Take one back first."


@dataclass(frozen=True, slots=True)
class ForEveryone:
    """What one person is shown, of ids; topics and languages with in how many spaces they are."""

    featured: Sequence[str]
    lively: Sequence[str]
    soon: Sequence[str]
    topics: Sequence[tuple[str, int]]
    languages: Sequence[tuple[str, int]]


async def feature(tx: Transaction, actor: Actor, space: Space) -> None:
    """Put a space before everybody; once more is the same as once.

    Raises NotForEveryone, TooManyFeatured.
    """
    if space.state not in ("live", "scheduled") or space.listen_policy != "everyone":
        raise NotForEveryone
    if await tx.session.get(Featured, space.id) is not None:
        return
    is_over = select(Space.id).where(Space.id == Featured.space_id, Space.state.in_(OVER))
    await tx.session.execute(delete(Featured).where(is_over.exists()))
    if (await tx.session.scalar(select(func.count()).select_from(Featured)) or 0) >= FEATURED_MAX:
        raise TooManyFeatured
    tx.session.add(Featured(space_id=space.id, by=actor.id, at=tx.now))
    await tx.announce(SpaceFeatured(space.id, actor.id))


async def unfeature(tx: Transaction, actor: Actor, space: Space) -> None:
    """Take it back; what was not featured stays so."""
    gone = await tx.session.scalar(
        delete(Featured).where(Featured.space_id == space.id).returning(Featured.space_id)
    )
    if gone is not None:
        await tx.announce(SpaceUnfeatured(space.id, actor.id))


async def for_everyone(
    session: AsyncSession,
    actor: Actor,
    now: datetime,
    *,
    anonymous_listening: bool,
    count: Callable[[str], int],
) -> ForEveryone:
    """Find what is featured, lively and soon, and what it is about; count: who is in a space."""
    seen = (
        select(Space)
        .join(Person, Person.id == Space.host_id)
        .where(
            listed_for(actor, anonymous_listening=anonymous_listening),
            seen_by(actor, now),
            welcome_to(actor, Person, now),
        )
    )
    live = await _first(session, seen.where(Space.state == "live").order_by(Space.number.desc()))
    coming = await _first(
        session,
        seen.where(Space.state == "scheduled").order_by(Space.starts_at, Space.number),
    )
    featured = await _first(
        session,
        seen.join(Featured, Featured.space_id == Space.id)
        .where(Space.state.in_(("live", "scheduled")))
        .order_by(Featured.at.desc(), Space.number),
    )
    shown = {space.id for space in featured}
    # Those that began last where as many are inside: sorting keeps their order.
    lively = sorted(live, key=lambda space: -count(space.id))
    soon = [s for s in coming if s.starts_at is not None and s.starts_at <= now + SOON]
    both = (*live, *coming)
    return ForEveryone(
        [space.id for space in featured],
        [space.id for space in lively if space.id not in shown][:LIVELY_MAX],
        [space.id for space in soon if space.id not in shown][:SOON_MAX],
        _most(topic for space in both for topic in {*space.topics}),
        _most(language.lower() for space in both for language in {*space.languages}),
    )


async def worth_following(session: AsyncSession, actor: Actor, now: datetime) -> Sequence[Person]:
    """Find whom several follow whom one follows, and one does not yet; nobody for a guest.

    Protected people are not asked whom they follow.
    """
    if not actor.has_account:
        return []
    mine = select(Follow.other_id).where(Follow.person_id == actor.id)
    are_open = mine.join(Person, Person.id == Follow.other_id).where(Person.protected.is_(False))
    # Looked up first: PostgreSQL would read all of `follow` for a list that it does not know yet.
    asked = (await session.scalars(are_open.order_by(Follow.number.desc()).limit(ASKED))).all()
    theirs = (
        select(Follow.other_id.label("id"), func.count().label("by"))
        .where(Follow.person_id.in_(asked))
        .group_by(Follow.other_id)
        .having(func.count() >= TOGETHER)
        .subquery()
    )
    query = (
        select(Person)
        .join(theirs, theirs.c.id == Person.id)
        .where(Person.id != actor.id, Person.id.not_in(mine))
        .where(Person.protected.is_(False), seen_by(actor, now), welcome_to(actor, Person, now))
        .order_by(theirs.c.by.desc(), Person.voice)
    )
    return (await session.scalars(query.limit(PEOPLE_MAX))).all()


async def _first(session: AsyncSession, query: Select[Space]) -> Sequence[Space]:
    return (await session.scalars(query.limit(LOOKED_AT))).all()


def _most(words: Iterable[str]) -> Sequence[tuple[str, int]]:
    """List the words there are most of, and of as many in the order of their letters."""
    counted = Counter(words).items()
    return sorted(counted, key=lambda each: (-each[1], each[0]))[:WORDS_MAX]
