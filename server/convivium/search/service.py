"""Finding people, spaces, posts and hashtags.

Who may see what is part of each query, by the conditions that every other list has too: what is
hidden is not found, counted or stepped over, so no page and no cursor tells of it. Muted people
are found, for one looked for them, and what they write or host is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, case, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from convivium.accounts.models import Person
from convivium.core.actor import Actor
from convivium.core.errors import Malformed
from convivium.posts.models import Post, PostTag
from convivium.posts.reading import Row
from convivium.posts.sight import posts_for, seen_by, welcome_to
from convivium.relationships.models import Follow
from convivium.search.index import SearchIndex
from convivium.search.words import Wanted
from convivium.spaces.models import Space
from convivium.spaces.sight import listed_for

FoundState = Literal["live", "scheduled", "ended"]
# In the order in which they are found.
STATES: tuple[FoundState, ...] = ("live", "scheduled", "ended")

# Of more followers nobody is found any earlier: each of them has to be counted.
FOLLOWERS_COUNTED = 50
# So far down a list of people one can go; whoever is further is looked for by another word.
PEOPLE_MAX = 500
# Posts with a hashtag are counted so far.
COUNTED_MAX = 100
# Longer numbers are more than a database counts to.
DIGITS_MAX = 18
# The last second of which there is a date.
LAST_MOMENT = int(datetime.max.replace(microsecond=0, tzinfo=UTC).timestamp())
# After every text that begins with the same letters.
LAST = "\U0010ffff"

_Order = ColumnElement[Any] | InstrumentedAttribute[int]


class BadCursor(Malformed):
    """A cursor of another list, or of none."""

    code = "bad_cursor"
    title = "This page does not exist"
    detail = "Begin at the first page: a cursor is good for the list that gave it."


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list; cursor: as the page before gave it, empty for the first."""

    limit: int
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class Tag:
    """A hashtag, and how many posts have it that one may see, as far as they are counted."""

    tag: str
    posts: int


async def posts(
    index: SearchIndex,
    session: AsyncSession,
    actor: Actor,
    wanted: Wanted,
    now: datetime,
    page: Page,
) -> Sequence[Row]:
    """Find posts, the latest first; the cursor is a post's number."""
    if not wanted.has_words:
        return []
    number = index.number("post")
    query = index.narrowed(posts_for(actor, now), "post", wanted)
    query = query.where(welcome_to(actor, Person, now))
    if page.cursor:
        query = query.where(number < _number(page.cursor))
    rows = await session.execute(query.order_by(number.desc()).limit(page.limit))
    return [(post, author) for post, author in rows]


async def people(
    index: SearchIndex,
    session: AsyncSession,
    actor: Actor,
    wanted: Wanted,
    now: datetime,
    page: Page,
) -> Sequence[Person]:
    """Find people: whose handle it is, then whom one follows, then whom many follow.

    The cursor is how many come before.
    """
    before = _number(page.cursor) if page.cursor else 0
    if before > PEOPLE_MAX:
        raise BadCursor
    if not wanted.has_words:
        return []
    query = index.narrowed(select(Person), "person", wanted).where(seen_by(actor, now))
    query = query.order_by(*_rank(actor, wanted)).offset(before).limit(page.limit)
    return (await session.scalars(query)).all()


async def spaces(
    index: SearchIndex,
    session: AsyncSession,
    actor: Actor,
    wanted: Wanted,
    now: datetime,
    page: Page,
    *,
    anonymous_listening: bool,
) -> Sequence[Space]:
    """Find spaces: live ones, then those to come as they will start, then those that were.

    The cursor is the state and the number of a space. So many lists are read as a page needs.
    """
    state, place = _place(page.cursor)
    if not (wanted.has_words or wanted.language):
        return []
    found: list[Space] = []
    for each in STATES[STATES.index(state) :]:
        query = index.narrowed(select(Space), "space", wanted)
        query = query.join(Person, Person.id == Space.host_id).where(
            Space.state == each,
            listed_for(actor, anonymous_listening=anonymous_listening),
            seen_by(actor, now),
            welcome_to(actor, Person, now),
        )
        query = _in_order(query, each, place if each == state else ())
        found += await session.scalars(query.limit(page.limit - len(found)))
        if len(found) == page.limit:
            break
    return found


async def tags(
    session: AsyncSession, actor: Actor, start: str, now: datetime, page: Page
) -> Sequence[Tag]:
    """Find hashtags that begin so, in the order of their letters; the cursor is the last of them.

    Step by step from one to the next, by index, so that it costs as much as it gives.
    """
    if not start:
        return []
    is_here = (PostTag.tag < start + LAST) & (PostTag.tag > page.cursor)
    first = select(func.min(PostTag.tag).label("tag")).where(is_here, PostTag.tag >= start)
    step = first.cte("step", recursive=True)
    following = (
        select(func.min(PostTag.tag))
        .where(PostTag.tag > step.c.tag, PostTag.tag < start + LAST)
        .scalar_subquery()
    )
    step = step.union_all(select(following).where(step.c.tag.is_not(None)))
    seen = posts_for(actor, now).with_only_columns(Post.number, maintain_column_froms=True)
    seen = seen.where(welcome_to(actor, Person, now))
    seen = seen.join(PostTag, PostTag.post_number == Post.number).where(PostTag.tag == step.c.tag)
    some = seen.correlate(step).limit(COUNTED_MAX).subquery()
    count = select(func.count()).select_from(some).scalar_subquery()
    query = select(step.c.tag, count).where(step.c.tag.is_not(None), seen.correlate(step).exists())
    rows = await session.execute(query.limit(page.limit))
    return [Tag(tag, number) for tag, number in rows]


def end_of(space: Space) -> str:
    """Write where a page of spaces ends."""
    if space.state == "scheduled" and space.starts_at is not None:
        return f"scheduled-{int(space.starts_at.timestamp())}-{space.number}"
    return f"{space.state}-{space.number}"


def _number(cursor: str) -> int:
    if not cursor.isdecimal() or not cursor.isascii() or len(cursor) > DIGITS_MAX:
        raise BadCursor
    return int(cursor)


def _place(cursor: str) -> tuple[FoundState, tuple[int, ...]]:
    """Read where a page of spaces ended; nowhere: before the first of the live ones."""
    if not cursor:
        return "live", ()
    state, *parts = cursor.split("-")
    if state not in STATES or len(parts) != 1 + (state == "scheduled"):
        raise BadCursor
    place = tuple(_number(part) for part in parts)
    if state == "scheduled" and place[0] > LAST_MOMENT:
        raise BadCursor
    return state, place


def _in_order(query: Select[Space], state: FoundState, after: tuple[int, ...]) -> Select[Space]:
    if state == "scheduled":
        if after:
            starts_at = datetime.fromtimestamp(after[0], UTC)
            place = tuple_(Space.starts_at, Space.number)
            query = query.where(place > tuple_(literal(starts_at), literal(after[1])))
        return query.order_by(Space.starts_at, Space.number)
    if after:
        query = query.where(Space.number < after[0])
    return query.order_by(Space.number.desc())


def _rank(actor: Actor, wanted: Wanted) -> tuple[_Order, ...]:
    is_named = case((Person.name == wanted.name, 0), else_=1)
    follows = select(Follow.number).where(
        Follow.person_id == actor.id, Follow.other_id == Person.id
    )
    is_followed = case((follows.exists(), 0), else_=1)
    some = (
        select(Follow.number)
        .where(Follow.other_id == Person.id)
        .correlate(Person)
        .limit(FOLLOWERS_COUNTED)
        .subquery()
    )
    followers = select(func.count()).select_from(some).scalar_subquery()
    return is_named, is_followed, followers.desc(), Person.voice
