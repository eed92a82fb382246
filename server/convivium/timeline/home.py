"""A person's timeline: what those put there whom they follow, and they themselves, by time.

Nothing is written for those who follow. A page is read by following: of each person the newest
entries up to a page, by index, merged; so the work is bounded by whom one follows.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from convivium.accounts.models import Person
from convivium.core.actor import Actor
from convivium.posts.models import Post, TimelineEntry
from convivium.posts.reading import Page
from convivium.posts.sight import seen_by, welcome_to
from convivium.relationships.models import Follow

# An entry, its post, who wrote that, and who put it there.
Row = tuple[TimelineEntry, Post, Person, Person]
# After every entry there is.
END = 2**62

_Bringer = aliased(Person)


async def entries_for(session: AsyncSession, actor: Actor, page: Page) -> Sequence[int]:
    """List the numbers of a page of entries, the newest first, seen or not."""
    return (await session.scalars(_numbers(actor, page))).all()


async def shown(
    session: AsyncSession, actor: Actor, numbers: Sequence[int], now: datetime
) -> Sequence[Row]:
    """Give those of these entries that somebody sees; of a post that stands twice, the newest."""
    rows = await session.execute(
        select(TimelineEntry, Post, Person, _Bringer)
        .join(Post, Post.number == TimelineEntry.post_number)
        .join(Person, Person.id == Post.person_id)
        .join(_Bringer, _Bringer.id == TimelineEntry.person_id)
        .where(TimelineEntry.number.in_(numbers), Post.gone_at.is_(None))
        .where(seen_by(actor, now), welcome_to(actor, Person, now))
        .where(welcome_to(actor, _Bringer, now))
        .order_by(TimelineEntry.number.desc())
    )
    newest: dict[int, Row] = {}
    for entry, post, author, bringer in rows:
        newest.setdefault(post.number, (entry, post, author, bringer))
    return list(newest.values())


def _numbers(actor: Actor, page: Page) -> Select[int]:
    before = END if page.place is None else page.place
    own = select(literal(actor.id).label("id"))
    followed = select(Follow.other_id.label("id")).where(Follow.person_id == actor.id)
    source = own.union_all(followed).subquery("source")
    theirs = aliased(TimelineEntry)
    # The last entry of one person that can stand on this page: fewer of theirs need a look.
    last = (
        select(theirs.number)
        .where(theirs.person_id == source.c.id, theirs.number < before)
        .order_by(theirs.number.desc())
        .offset(page.limit - 1)
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(TimelineEntry.number)
        .join(source, source.c.id == TimelineEntry.person_id)
        .where(TimelineEntry.number < before, TimelineEntry.number >= func.coalesce(last, 0))
        .order_by(TimelineEntry.number.desc())
        .limit(page.limit)
    )
