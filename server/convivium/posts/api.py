"""The routes of posts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from fastapi.responses import FileResponse, Response
from pydantic import AfterValidator, BaseModel, Field, model_validator
from sqlalchemy.ext.asyncio import AsyncSession
from typing_extensions import TypedDict

from convivium.accounts.models import Person
from convivium.accounts.needs import need_account
from convivium.accounts.repeats import KEY_MAX, once
from convivium.accounts.service import find_person
from convivium.accounts.view import PersonView, person_view
from convivium.core.actor import Actor
from convivium.core.clock import Clock
from convivium.core.config import Settings
from convivium.core.errors import Malformed
from convivium.core.rate import Limit
from convivium.core.text import Exact, Paragraphs, at_most
from convivium.core.web import (
    API,
    GivenTransactions,
    Reading,
    Who,
    Writing,
    answer_with_file,
    given,
    need_read,
)
from convivium.link_cards.service import LinkCards
from convivium.pictures.album import Album
from convivium.pictures.rules import DESCRIPTION_MAX, MEDIA_TYPE
from convivium.pictures.service import PictureNotFound
from convivium.posts import reading, service
from convivium.posts.models import Post
from convivium.posts.reading import Page, Row
from convivium.posts.rules import TAG_MAX
from convivium.posts.view import FormerView, PostView, former_view, show
from convivium.relationships.service import seen_by
from convivium.spaces.service import known_to
from convivium.spaces.view import Desk
from convivium.voice_notes.rules import FORMATS
from convivium.voice_notes.service import VoiceNoteNotFound
from convivium.voice_notes.studio import Studio

router = APIRouter(prefix=API, tags=["posts"])

GivenDesk = Annotated[Desk, Depends(given(Desk))]


class PostLimits:
    """How often one person may write, and do something with what others wrote."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self.posts = Limit(clock, burst=settings.posts_burst, per_s=settings.posts_per_s)
        self.acts = Limit(clock, burst=settings.acts_burst, per_s=settings.acts_per_s)


GivenLimits = Annotated[PostLimits, Depends(given(PostLimits))]
PostId = Annotated[str, Path(max_length=64)]
PictureId = Annotated[str, Path(max_length=64)]
PictureSize = Literal["640", "1600"]
GivenAlbum = Annotated[Album, Depends(given(Album))]
VoiceNoteId = Annotated[str, Path(max_length=64)]
VoiceNoteFormat = Literal["ogg", "m4a"]
GivenStudio = Annotated[Studio, Depends(given(Studio))]
GivenLinkCards = Annotated[LinkCards, Depends(given(LinkCards))]
PageSize = Annotated[int, Query(ge=1, le=50)]
Cursor = Annotated[str | None, Query(pattern=r"^\d{1,18}$")]
PICTURES_MAX = 4
# What is in a post is kept by browsers, which ask each time whether they still may show it.
FOR_READERS = "private, no-cache"
# No longer than any instance's limit can be; `Settings.post_max` says how long here.
LONGEST = 5000
Text = Annotated[Paragraphs, AfterValidator(at_most(LONGEST))]
Reference = Annotated[Exact, Field(min_length=1, max_length=64)]


class ShownPicture(BaseModel):
    """A picture that was sent for this post, and what it shows, for those who cannot see it."""

    id: Reference
    description: Annotated[Paragraphs, AfterValidator(at_most(DESCRIPTION_MAX))] = ""


class PostBody(BaseModel):
    """A post to be written: with at most one of what it answers, quotes or shows.

    link_card: with the card of the first link in it, unless it shows a space or pictures.
    """

    text: Text = ""
    reply_to: Reference | None = None
    quote: Reference | None = None
    space: Reference | None = None
    pictures: Annotated[list[ShownPicture], Field(max_length=PICTURES_MAX)] = []
    voice: Reference | None = None
    link_card: bool = True

    @model_validator(mode="after")
    def _is_about_one_thing(self) -> Self:
        about = [part for part in (self.reply_to, self.quote, self.space) if part is not None]
        if len(about) > 1:
            raise ValueError(
                "a post answers one, quotes one or shows a space, and only one of these"
            )
        if not (self.text or self.quote or self.space or self.pictures or self.voice):
            raise ValueError("text: there is nothing in it")
        if self.pictures and self.voice:
            raise ValueError("a post has pictures or a voice note, and not both")
        if len({picture.id for picture in self.pictures}) < len(self.pictures):
            raise ValueError("pictures: each stands in a post once")
        return self


class EditBody(BaseModel):
    """The new words of a post."""

    text: Text


class PostPage(TypedDict):
    """One page of posts; the cursor is null on the last."""

    items: list[PostView]
    next_cursor: str | None


class ThreadView(PostPage):
    """What stands around a post: what it answers, from the beginning, and a page of answers."""

    above: list[PostView]


class History(TypedDict):
    """What a post said before, the first first."""

    items: list[FormerView]


class PeoplePage(TypedDict):
    """One page of people; the cursor is null on the last."""

    items: list[PersonView]
    next_cursor: str | None


async def _at_own_pace(actor: Who, limits: GivenLimits) -> None:
    """Refuse who writes too fast before anything is opened."""
    need_account(actor, "write")
    limits.posts.take(actor.id)


async def _acts(actor: Who, limits: GivenLimits) -> None:
    need_account(actor, "write")
    limits.acts.take(actor.id)


AT_OWN_PACE = Depends(_at_own_pace)
ACTS = Depends(_acts)


# Writing


@router.post("/posts", status_code=201, dependencies=[AT_OWN_PACE])
async def write(
    body: PostBody,
    request: Request,
    actor: Who,
    desk: GivenDesk,
    cards: GivenLinkCards,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=KEY_MAX)] = None,
) -> PostView:
    """Write a post, an answer, a quote, or show a space."""
    _check_length(body.text, desk.settings)
    async with desk.writing(actor) as tx:

        async def make() -> str:
            if body.space is not None:
                await known_to(tx.session, actor, body.space)
            has_card = body.link_card and not (body.space or body.pictures)
            post = await service.write(
                tx,
                actor,
                body.text,
                reply_to=body.reply_to,
                quote=body.quote,
                space_id=body.space,
                shown=[(picture.id, picture.description) for picture in body.pictures],
                voice=body.voice,
                link_card=await cards.of_text(
                    tx, actor, body.text if has_card else "", request.url.hostname or ""
                ),
            )
            return post.id

        post_id = await once(tx, actor, idempotency_key, body, make)
    return await _post(desk, actor, post_id)


@router.patch("/posts/{post_id}", dependencies=[AT_OWN_PACE])
async def edit(
    post_id: PostId,
    body: EditBody,
    request: Request,
    actor: Who,
    desk: GivenDesk,
    cards: GivenLinkCards,
) -> PostView:
    """Change the words of one's post, within five minutes."""
    _check_length(body.text, desk.settings)
    async with desk.writing(actor) as tx:
        card = await cards.of_text(tx, actor, body.text, request.url.hostname or "")
        await service.edit(tx, actor, post_id, body.text, card)
    return await _post(desk, actor, post_id)


@router.delete("/posts/{post_id}", status_code=204)
async def take_away(post_id: PostId, actor: Who, tx: Writing) -> None:
    """Take one's post away."""
    need_account(actor, "write")
    await service.take_away(tx, actor, post_id)


# Pictures and voice notes


@router.get("/pictures/{picture_id}/{size}", response_class=FileResponse)
async def picture(
    picture_id: PictureId,
    size: PictureSize,
    actor: Who,
    album: GivenAlbum,
    session: Reading,
    transactions: GivenTransactions,
    if_none_match: Annotated[str, Header(max_length=1000)] = "",
) -> Response:
    """Give a picture to those who may see the post it stands in; browsers ask each time."""
    need_read(actor)
    found = await reading.picture_for(session, actor, picture_id, transactions.now())
    path = album.path(found.file, int(size))
    if not path.is_file():
        raise PictureNotFound
    tag = f"{found.file}-{size}"
    return answer_with_file(path, MEDIA_TYPE, FOR_READERS, tag, if_none_match)


@router.get("/voice-notes/{voice_note_id}/{format}", response_class=FileResponse)
async def voice_note(
    voice_note_id: VoiceNoteId,
    format: VoiceNoteFormat,  # noqa: A002 - a word of the address
    actor: Who,
    studio: GivenStudio,
    session: Reading,
    transactions: GivenTransactions,
    if_none_match: Annotated[str, Header(max_length=1000)] = "",
) -> Response:
    """Give a voice note, or a part of it, to those who may see the post it stands in."""
    need_read(actor)
    found = await reading.voice_for(session, actor, voice_note_id, transactions.now())
    path = studio.shelves.path(found.file, format)
    if not path.is_file():
        raise VoiceNoteNotFound
    tag = f"{found.file}-{format}"
    return answer_with_file(path, FORMATS[format], FOR_READERS, tag, if_none_match)


# What others do with it


@router.put("/posts/{post_id}/like", status_code=204, dependencies=[ACTS])
async def like(post_id: PostId, actor: Who, tx: Writing) -> None:
    """Like a post."""
    await service.like(tx, actor, post_id)


@router.delete("/posts/{post_id}/like", status_code=204)
async def unlike(post_id: PostId, actor: Who, tx: Writing) -> None:
    """Like it no more."""
    need_account(actor, "write")
    await service.unlike(tx, actor, post_id)


@router.put("/posts/{post_id}/repost", status_code=204, dependencies=[ACTS])
async def repost(post_id: PostId, actor: Who, tx: Writing) -> None:
    """Pass a post on to those who follow one."""
    await service.repost(tx, actor, post_id)


@router.delete("/posts/{post_id}/repost", status_code=204)
async def unrepost(post_id: PostId, actor: Who, tx: Writing) -> None:
    """Pass it on no more."""
    need_account(actor, "write")
    await service.unrepost(tx, actor, post_id)


# Reading


@router.get("/posts")
async def tagged(
    actor: Who,
    desk: GivenDesk,
    tag: Annotated[str, Query(min_length=1, max_length=TAG_MAX + 1)],
    limit: PageSize = 20,
    cursor: Cursor = None,
) -> PostPage:
    """List the posts with a hashtag, the latest first."""
    need_read(actor)
    word = tag.removeprefix("#")

    async def find(session: AsyncSession, now: datetime) -> Sequence[Row]:
        return await reading.with_tag(session, actor, word, now, page=_after(cursor, limit))

    return _page(await show(desk, actor, find), limit)


@router.get("/people/{user}/posts")
async def of_person(
    user: str,
    actor: Who,
    desk: GivenDesk,
    replies: bool = False,  # noqa: FBT001, FBT002 - a word of the address
    limit: PageSize = 20,
    cursor: Cursor = None,
) -> PostPage:
    """List what somebody wrote, the latest first; replies: with what answers others."""
    need_read(actor)

    async def find(session: AsyncSession, now: datetime) -> Sequence[Row]:
        person = await seen_by(session, actor, await find_person(session, actor, user))
        return await reading.written_by(
            session, actor, person.id, now, replies=replies, page=_after(cursor, limit)
        )

    return _page(await show(desk, actor, find), limit)


@router.get("/posts/{post_id}")
async def read(post_id: PostId, actor: Who, desk: GivenDesk) -> PostView:
    """Give a post."""
    need_read(actor)
    return await _post(desk, actor, post_id)


@router.get("/posts/{post_id}/thread")
async def thread(
    post_id: PostId, actor: Who, desk: GivenDesk, limit: PageSize = 20, cursor: Cursor = None
) -> ThreadView:
    """Give what a post answers, as far as it is shown at once, and a page of what answers it."""
    need_read(actor)
    above: Sequence[Row] = ()

    async def find(session: AsyncSession, now: datetime) -> Sequence[Row]:
        nonlocal above
        post, _ = await reading.post_for(session, actor, post_id, now)
        if cursor is None:
            above = await reading.above(session, actor, post, now)
        return [
            *above,
            *await reading.replies_to(session, actor, post, now, _after(cursor, limit)),
        ]

    shown = await show(desk, actor, find)
    page = _page(shown[len(above) :], limit)
    return {"above": [view for _, view in shown[: len(above)]], **page}


@router.get("/posts/{post_id}/history")
async def history(
    post_id: PostId, actor: Who, session: Reading, transactions: GivenTransactions
) -> History:
    """List what a post said before it was changed."""
    need_read(actor)
    post, _ = await reading.post_for(session, actor, post_id, transactions.now())
    return {"items": [former_view(edit) for edit in await reading.history_of(session, post)]}


@router.get("/posts/{post_id}/likes")
async def likes(
    post_id: PostId,
    actor: Who,
    session: Reading,
    transactions: GivenTransactions,
    limit: PageSize = 20,
    cursor: Cursor = None,
) -> PeoplePage:
    """List who likes a post, the latest first."""
    need_read(actor)
    now = transactions.now()
    post, _ = await reading.post_for(session, actor, post_id, now)
    return _people(
        await reading.likers_of(session, actor, post, now, page=_after(cursor, limit)),
        limit,
    )


@router.get("/posts/{post_id}/reposts")
async def reposts(
    post_id: PostId,
    actor: Who,
    session: Reading,
    transactions: GivenTransactions,
    limit: PageSize = 20,
    cursor: Cursor = None,
) -> PeoplePage:
    """List who passed a post on, the latest first."""
    need_read(actor)
    now = transactions.now()
    post, _ = await reading.post_for(session, actor, post_id, now)
    return _people(
        await reading.reposters_of(session, actor, post, now, page=_after(cursor, limit)),
        limit,
    )


async def _post(desk: Desk, actor: Actor, post_id: str) -> PostView:
    async def find(session: AsyncSession, now: datetime) -> Sequence[Row]:
        return [await reading.post_for(session, actor, post_id, now)]

    return (await show(desk, actor, find))[0][1]


def _check_length(text: str, settings: Settings) -> None:
    """Refuse what is longer than posts are here. Raises Malformed."""
    try:
        at_most(settings.post_max)(text)
    except ValueError as error:
        raise Malformed(f"text: {error}.") from None


def _after(cursor: str | None, limit: int) -> Page:
    """Ask for what comes after a cursor; one more than is shown tells whether there is more."""
    return Page(limit + 1, int(cursor) if cursor else None)


def _page(shown: Sequence[tuple[Post, PostView]], limit: int) -> PostPage:
    """Make a page; one more than asked for tells whether there is another."""
    items = [view for _, view in shown[:limit]]
    more = len(shown) > limit
    return {"items": items, "next_cursor": str(shown[limit - 1][0].number) if more else None}


def _people(found: Sequence[tuple[int, Person]], limit: int) -> PeoplePage:
    more = len(found) > limit
    return {
        "items": [person_view(person) for _, person in found[:limit]],
        "next_cursor": str(found[limit - 1][0]) if more else None,
    }
