"""Posts as people see them."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from typing_extensions import TypedDict

from convivium.accounts.models import Person
from convivium.accounts.view import PersonView, person_view
from convivium.core.actor import Actor
from convivium.core.grouping import grouped
from convivium.link_cards.models import LinkCard
from convivium.link_cards.view import LinkCardView, link_card_view
from convivium.pictures.models import Picture
from convivium.posts.models import (
    Mention,
    Post,
    PostEdit,
    PostLike,
    PostLinkCard,
    PostPicture,
    PostVoice,
    TimelineEntry,
)
from convivium.posts.reading import Row, posts_among
from convivium.spaces.view import Card, Desk, time_view
from convivium.voice_notes.models import VoiceNote

# Finds posts with one reader, as of a moment.
Find = Callable[[AsyncSession, datetime], Awaitable[Sequence[Row]]]


class PostCounts(TypedDict):
    """How many people did something with a post."""

    likes: int
    reposts: int
    replies: int
    quotes: int


class MineView(TypedDict):
    """What one has done with a post oneself."""

    likes: bool
    reposts: bool


class AnsweredView(TypedDict):
    """The post that another answers; both are null where it is gone, or not for one to see."""

    id: str | None
    author: PersonView | None


class PictureView(TypedDict):
    """A picture in a post; its width and height are those of the largest there is."""

    id: str
    width: int
    height: int
    description: str


class VoiceView(TypedDict):
    """A voice note in a post; levels: how loud each of its 64 parts is, 0 to 255."""

    id: str
    duration_ms: int
    levels: list[int]


class QuotedView(TypedDict):
    """A post within another.

    gone: it was taken away, or is not for one to see; its text is empty then, and there is no
    author.
    mentions: whom the words name; other names in them are just words.
    """

    id: str
    author: PersonView | None
    text: str
    at: str
    edited_at: str | None
    gone: bool
    mentions: list[PersonView]
    pictures: list[PictureView]
    voice: VoiceView | None
    link_card: LinkCardView | None
    space: Card | None


class PostView(QuotedView):
    """A post; mine is null for those without an account."""

    reply_to: AnsweredView | None
    quote: QuotedView | None
    counts: PostCounts
    mine: MineView | None


class FormerView(TypedDict):
    """What a post said until a moment."""

    text: str
    until: str


@dataclass(frozen=True, slots=True)
class _Looks:
    """All that showing several posts takes.

    related: what they answer and quote, as far as it may be seen, by number.
    """

    related: Mapping[int, Row]
    mentions: Mapping[int, Sequence[Person]]
    pictures: Mapping[int, Sequence[Picture]]
    voices: Mapping[int, VoiceNote]
    links: Mapping[int, LinkCard]
    liked: Collection[int]
    reposted: Collection[int]
    has_account: bool
    cards: Mapping[str, Card] = field(default_factory=dict)


async def show(desk: Desk, actor: Actor, find: Find) -> list[tuple[Post, PostView]]:
    """Find posts and show them, each with its row.

    What showing them takes is looked up at once, in a few statements, however many they are; then
    come the cards of the spaces in them, for which no reader may be held.
    """
    now = desk.transactions.now()
    async with desk.transactions.database.read() as session:
        rows = await find(session, now)
        looks = await _look(session, actor, [post for post, _ in rows], now)
    spaces = [post.space_id for post, _ in (*rows, *looks.related.values()) if post.space_id]
    if spaces:
        cards = await desk.cards_among(list(dict.fromkeys(spaces)), actor)
        looks = replace(looks, cards=cards)
    return [(row[0], _post_view(row, looks)) for row in rows]


def former_view(edit: PostEdit) -> FormerView:
    """Show what a post said before."""
    return {"text": edit.text, "until": time_view(edit.until)}


def _post_view(row: Row, looks: _Looks) -> PostView:
    post, _ = row
    shown = _quoted_view(row, looks)
    if shown["gone"]:
        # What is hidden looks as what is gone does.
        return {**shown, "reply_to": None, "quote": None, "counts": _NOTHING, "mine": None}
    mine: MineView = {
        "likes": post.number in looks.liked,
        "reposts": post.number in looks.reposted,
    }
    return {
        **shown,
        "reply_to": _answered_view(post, looks),
        "quote": _quote_view(post, looks),
        "counts": {
            "likes": post.likes,
            "reposts": post.reposts,
            "replies": post.replies,
            "quotes": post.quotes,
        },
        "mine": mine if looks.has_account else None,
    }


def _quoted_view(row: Row, looks: _Looks) -> QuotedView:
    post, author = row
    is_seen = author is not None and post.gone_at is None
    named = looks.mentions.get(post.number, ())
    shown = looks.pictures.get(post.number, ())
    voice = looks.voices.get(post.number)
    return {
        "id": post.id,
        "author": person_view(author) if author is not None and is_seen else None,
        "text": post.text if is_seen else "",
        "at": time_view(post.written_at),
        "edited_at": time_view(post.edited_at) if is_seen else None,
        "gone": not is_seen,
        "mentions": [person_view(person) for person in named] if is_seen else [],
        "pictures": [_picture_view(each) for each in shown] if is_seen else [],
        "voice": voice_view(voice) if voice is not None and is_seen else None,
        "link_card": link_card_view(looks.links.get(post.number)) if is_seen else None,
        "space": looks.cards.get(post.space_id or "") if is_seen else None,
    }


def _picture_view(picture: Picture) -> PictureView:
    return {
        "id": picture.id,
        "width": picture.width,
        "height": picture.height,
        "description": picture.description,
    }


def voice_view(note: VoiceNote) -> VoiceView:
    """Show a voice note."""
    return {"id": note.id, "duration_ms": note.duration_ms, "levels": list(note.levels)}


def _answered_view(post: Post, looks: _Looks) -> AnsweredView | None:
    if post.reply_to is None:
        return None
    answered, author = looks.related.get(post.reply_to, (None, None))
    return {
        "id": answered.id if answered else None,
        "author": person_view(author) if author else None,
    }


def _quote_view(post: Post, looks: _Looks) -> QuotedView | None:
    if post.quote_of is None:
        return None
    row = looks.related.get(post.quote_of)
    return _GONE if row is None else _quoted_view(row, looks)


_NOTHING: PostCounts = {"likes": 0, "reposts": 0, "replies": 0, "quotes": 0}
_GONE: QuotedView = {
    "id": "",
    "author": None,
    "text": "",
    "at": "",
    "edited_at": None,
    "gone": True,
    "mentions": [],
    "pictures": [],
    "voice": None,
    "link_card": None,
    "space": None,
}


async def _look(
    session: AsyncSession, actor: Actor, posts: Sequence[Post], now: datetime
) -> _Looks:
    numbers = [post.number for post in posts]
    others = {n for post in posts for n in (post.reply_to, post.quote_of) if n is not None}
    related = await posts_among(session, actor, others, now)
    liked, reposted = await _mine(session, actor, numbers)
    named = await _mentions(session, [*numbers, *related])
    shown = await _pictures(session, [*numbers, *related])
    spoken = await _voices(session, [*numbers, *related])
    links = await _links(session, [*numbers, *related])
    return _Looks(related, named, shown, spoken, links, liked, reposted, actor.has_account)


async def _mentions(session: AsyncSession, numbers: Collection[int]) -> dict[int, list[Person]]:
    rows = await session.execute(
        select(Mention.post_number, Person)
        .join(Person, Person.id == Mention.person_id)
        .where(Mention.post_number.in_(numbers))
    )
    return grouped((number, person) for number, person in rows)


async def _pictures(session: AsyncSession, numbers: Collection[int]) -> dict[int, list[Picture]]:
    rows = await session.execute(
        select(PostPicture.post_number, Picture)
        .join(Picture, Picture.number == PostPicture.picture_number)
        .where(PostPicture.post_number.in_(numbers))
        .order_by(PostPicture.post_number, PostPicture.place)
    )
    return grouped((number, picture) for number, picture in rows)


async def _voices(session: AsyncSession, numbers: Collection[int]) -> dict[int, VoiceNote]:
    rows = await session.execute(
        select(PostVoice.post_number, VoiceNote)
        .join(VoiceNote, VoiceNote.number == PostVoice.voice_number)
        .where(PostVoice.post_number.in_(numbers))
    )
    return dict(iter(rows.all()))


async def _links(session: AsyncSession, numbers: Collection[int]) -> dict[int, LinkCard]:
    rows = await session.execute(
        select(PostLinkCard.post_number, LinkCard)
        .join(LinkCard, LinkCard.number == PostLinkCard.card_number)
        .where(PostLinkCard.post_number.in_(numbers))
    )
    return dict(iter(rows.all()))


async def _mine(
    session: AsyncSession, actor: Actor, numbers: Collection[int]
) -> tuple[set[int], set[int]]:
    """Tell which of these somebody likes, and which they passed on."""
    if not actor.has_account:
        return set(), set()
    likes = select(PostLike.post_number, literal("like")).where(
        PostLike.person_id == actor.id, PostLike.post_number.in_(numbers)
    )
    reposts = select(TimelineEntry.post_number, literal("repost")).where(
        TimelineEntry.person_id == actor.id,
        TimelineEntry.post_number.in_(numbers),
        TimelineEntry.is_repost.is_(True),
    )
    rows = (await session.execute(likes.union_all(reposts))).all()
    return (
        {number for number, word in rows if word == "like"},
        {number for number, word in rows if word == "repost"},
    )
