"""Finding posts, as far as somebody may see them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from convivium.accounts.models import Person
from convivium.core.actor import Actor
from convivium.core.errors import NotFound
from convivium.pictures.models import Picture
from convivium.pictures.service import PictureNotFound
from convivium.posts.models import (
    Post,
    PostEdit,
    PostLike,
    PostPicture,
    PostTag,
    PostVoice,
    TimelineEntry,
)
from convivium.posts.sight import posts_for, seen_by
from convivium.voice_notes.models import HeldVoiceNote, VoiceNote
from convivium.voice_notes.service import VoiceNoteNotFound


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list: what comes after a place in it (the beginning, where there is none)."""

    limit: int
    place: int | None = None


# How far up a thread is shown at once; the rest is a step further.
ABOVE_MAX = 20

Row = tuple[Post, Person | None]


class PostNotFound(NotFound):
    """There is none, or it is not for this person to see; the two look the same."""

    code = "post_not_found"
    title = "This post is not there"
    detail = "It was taken away, or it is not for you to see."


async def post_for(session: AsyncSession, actor: Actor, post_id: str, now: datetime) -> Row:
    """Find a post with its author. Raises PostNotFound."""
    rows = await session.execute(posts_for(actor, now).where(Post.id == post_id))
    found = rows.first()
    if found is None:
        raise PostNotFound
    return found[0], found[1]


async def posts_among(
    session: AsyncSession, actor: Actor, numbers: Collection[int], now: datetime
) -> dict[int, Row]:
    """Find those of several posts that somebody may see, by their numbers."""
    if not numbers:
        return {}
    rows = await session.execute(posts_for(actor, now).where(Post.number.in_(numbers)))
    return {post.number: (post, author) for post, author in rows}


async def written_by(
    session: AsyncSession,
    actor: Actor,
    person_id: str,
    now: datetime,
    *,
    replies: bool,
    page: Page,
) -> Sequence[Row]:
    """List what somebody wrote, the latest first; replies: with what answers others."""
    query = posts_for(actor, now).where(Post.person_id == person_id)
    if not replies:
        query = query.where(Post.reply_to.is_(None))
    return await _latest(session, query, page)


async def with_tag(
    session: AsyncSession, actor: Actor, tag: str, now: datetime, page: Page
) -> Sequence[Row]:
    """List what has a hashtag, the latest first."""
    query = posts_for(actor, now).join(PostTag, PostTag.post_number == Post.number)
    return await _latest(session, query.where(PostTag.tag == tag.casefold()), page)


async def replies_to(
    session: AsyncSession, actor: Actor, post: Post, now: datetime, page: Page
) -> Sequence[Row]:
    """List what answers a post, the first first, with the places of what is gone and answered."""
    is_gone = Post.gone_at.is_not(None) & (Post.replies > 0)
    rows = await session.execute(
        select(Post, Person)
        .outerjoin(Person, Person.id == Post.person_id)
        .where(Post.reply_to == post.number, Post.number > (page.place or 0))
        .where(is_gone | (Post.gone_at.is_(None) & seen_by(actor, now)))
        .order_by(Post.number)
        .limit(page.limit)
    )
    return [(found, author) for found, author in rows]


async def above(session: AsyncSession, actor: Actor, post: Post, now: datetime) -> Sequence[Row]:
    """List what a post answers, and what that answers, the first first.

    What is gone, or not for this person to see, keeps its place and has no author.
    """
    if post.reply_to is None:
        return []
    rows = await session.scalars(_way_up(post.reply_to))
    kept = rows.all()
    seen = await posts_among(session, actor, [found.number for found in kept], now)
    return [seen.get(found.number, (found, None)) for found in kept]


def _way_up(number: int) -> Select[Post]:
    """Go from a post to what it answers, and so on, in one look; the furthest first."""
    step = literal(1).label("step")
    way = select(Post.number, Post.reply_to, step).where(Post.number == number).cte(recursive=True)
    further = select(Post.number, Post.reply_to, way.c.step + 1).where(
        Post.number == way.c.reply_to, way.c.step < ABOVE_MAX
    )
    way = way.union_all(further)
    return select(Post).join(way, way.c.number == Post.number).order_by(way.c.step.desc())


async def history_of(session: AsyncSession, post: Post) -> Sequence[PostEdit]:
    """List what a post said before, the first first."""
    rows = await session.scalars(
        select(PostEdit).where(PostEdit.post_number == post.number).order_by(PostEdit.number)
    )
    return rows.all()


async def picture_for(
    session: AsyncSession, actor: Actor, picture_id: str, now: datetime
) -> Picture:
    """Find a picture: one's own, or one in a post that one may see. Raises PictureNotFound."""
    in_post = (
        posts_for(actor, now)
        .join(PostPicture, PostPicture.post_number == Post.number)
        .where(PostPicture.picture_number == Picture.number)
    )
    picture = await session.scalar(
        select(Picture).where(
            Picture.id == picture_id,
            Picture.use == "post",
            or_(Picture.person_id == actor.id, in_post.exists()),
        )
    )
    if picture is None:
        raise PictureNotFound
    return picture


async def voice_for(
    session: AsyncSession, actor: Actor, voice_id: str, now: datetime
) -> VoiceNote | HeldVoiceNote:
    """Find a voice note: one's own, one in a post that one may see, or, for staff, a reported one.

    Raises VoiceNoteNotFound.
    """
    in_post = (
        posts_for(actor, now)
        .join(PostVoice, PostVoice.post_number == Post.number)
        .where(PostVoice.voice_number == VoiceNote.number)
    )
    note = await session.scalar(
        select(VoiceNote).where(
            VoiceNote.id == voice_id,
            or_(VoiceNote.person_id == actor.id, in_post.exists()),
        )
    )
    if note is not None:
        return note
    held = await session.scalar(select(HeldVoiceNote).where(HeldVoiceNote.id == voice_id))
    if held is None or not actor.moderates:
        raise VoiceNoteNotFound
    return held


async def speaking(session: AsyncSession, numbers: Collection[int]) -> frozenset[int]:
    """Tell in which of several posts a voice note speaks."""
    spoken = select(PostVoice.post_number).where(PostVoice.post_number.in_(numbers))
    return frozenset(await session.scalars(spoken))


async def likers_of(
    session: AsyncSession,
    actor: Actor,
    post: Post,
    now: datetime,
    page: Page,
) -> Sequence[tuple[int, Person]]:
    """List who likes a post, the latest first, each with the number of the like."""
    said = select(PostLike.number, Person).join(Person, Person.id == PostLike.person_id)
    of_post = said.where(PostLike.post_number == post.number, seen_by(actor, now))
    return await _people(session, of_post, PostLike.number, page)


async def reposters_of(
    session: AsyncSession,
    actor: Actor,
    post: Post,
    now: datetime,
    page: Page,
) -> Sequence[tuple[int, Person]]:
    """List who passed a post on, the latest first, each with the number of the entry."""
    said = select(TimelineEntry.number, Person).join(Person, Person.id == TimelineEntry.person_id)
    of_post = said.where(
        TimelineEntry.post_number == post.number,
        TimelineEntry.is_repost.is_(True),
        seen_by(actor, now),
    )
    return await _people(session, of_post, TimelineEntry.number, page)


async def _latest(session: AsyncSession, query: Select[Post, Person], page: Page) -> Sequence[Row]:
    if page.place is not None:
        query = query.where(Post.number < page.place)
    rows = await session.execute(query.order_by(Post.number.desc()).limit(page.limit))
    return [(post, author) for post, author in rows]


async def _people(
    session: AsyncSession,
    query: Select[int, Person],
    number: InstrumentedAttribute[int],
    page: Page,
) -> Sequence[tuple[int, Person]]:
    if page.place is not None:
        query = query.where(number < page.place)
    rows = await session.execute(query.order_by(number.desc()).limit(page.limit))
    return [(place, person) for place, person in rows]
