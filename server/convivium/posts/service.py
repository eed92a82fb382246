"""What people do with posts."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts.models import Person
from convivium.core.actor import Actor
from convivium.core.errors import Conflict, Forbidden, Malformed
from convivium.core.ids import new_id
from convivium.core.transaction import Transaction
from convivium.link_cards import service as link_cards
from convivium.link_cards.models import LinkCard
from convivium.link_cards.rules import first_link
from convivium.pictures import service as pictures
from convivium.pictures.models import Picture
from convivium.pictures.service import PICTURES
from convivium.posts.events import (
    PostEdited,
    PostGone,
    PostLiked,
    PostReposted,
    PostUnliked,
    PostUnreposted,
    PostWritten,
)
from convivium.posts.models import (
    Mention,
    Post,
    PostEdit,
    PostLike,
    PostLinkCard,
    PostPicture,
    PostTag,
    PostVoice,
    TimelineEntry,
)
from convivium.posts.reading import PostNotFound, Row, post_for
from convivium.posts.rules import may_edit, names_in, tags_in
from convivium.relationships.service import apart_from
from convivium.voice_notes import service as voice_notes
from convivium.voice_notes.models import VoiceNote
from convivium.voice_notes.service import VOICE_NOTES

# How far up empty places are cleared away when the last thing that hung on them goes.
SWEPT_MAX = 100


class NotYourPost(Forbidden):
    """Somebody wanted to change or take away what another wrote."""

    code = "not_your_post"
    title = "This is not your post"
    detail = "Only whoever wrote it can change it or take it away."


class TooLateToEdit(Conflict):
    """The time in which a post can be changed is over."""

    code = "too_late_to_edit"
    title = "This cannot be changed any more"
    detail = "A post can be changed for five minutes. You can take it away and write it anew."


class ProtectedPost(Forbidden):
    """A protected account's post was to be passed on."""

    code = "protected_post"
    title = "This account is protected"
    detail = "What it writes is for its followers, and nobody can pass it on."


# Writing


async def write(
    tx: Transaction,
    actor: Actor,
    text: str,
    *,
    reply_to: str | None = None,
    quote: str | None = None,
    space_id: str | None = None,
    shown: Sequence[tuple[str, str]] = (),
    voice: str | None = None,
    link_card: LinkCard | None = None,
) -> Post:
    """Write a post; reply_to, quote: ids of posts. shown: ids of pictures with their descriptions.

    voice: id of the voice note that speaks in it. link_card: of the first link in it.
    Raises PostNotFound, ProtectedPost, PictureNotFound, VoiceNoteNotFound.
    """
    answered = await _seen(tx, actor, reply_to)
    quoted = await _seen(tx, actor, quote)
    if quoted is not None and _is_closed(quoted, actor):
        raise ProtectedPost
    post = Post(
        id=new_id(),
        person_id=actor.id,
        text=text,
        reply_to=answered and answered[0].number,
        quote_of=quoted and quoted[0].number,
        space_id=space_id,
        is_counted=not actor.protected,
        written_at=tx.now,
    )
    tx.session.add(post)
    await tx.session.flush()
    named = await _note_words(tx, actor, post)
    await _show_pictures(tx, actor, post, shown)
    if voice is not None:
        note = await voice_notes.use(tx, actor, voice)
        tx.session.add(PostVoice(post_number=post.number, voice_number=note.number))
    await _show_link(tx, post, link_card)
    await _count_above(tx, post, 1)
    author = answered and answered[0].person_id
    # What answers others stands in its thread; what goes on with one's own, in timelines too.
    is_listed = answered is None or author == actor.id
    if is_listed:
        tx.session.add(_entry(post, actor, tx, is_repost=False))
        await tx.session.flush()
    await tx.announce(
        PostWritten(
            post.number,
            actor.id,
            answers=author,
            quotes=quoted and quoted[0].person_id,
            mentions=named,
            is_listed=is_listed,
        )
    )
    return post


async def edit(
    tx: Transaction, actor: Actor, post_id: str, text: str, link_card: LinkCard | None = None
) -> Post:
    """Change the words of a post; what they were is kept.

    link_card: of the link that is the first one now; it is shown if the first was another one.
    Raises PostNotFound, NotYourPost, TooLateToEdit, Malformed.
    """
    post = await _own(tx, actor, post_id)
    if not may_edit(post.written_at, tx.now):
        raise TooLateToEdit
    if post.text == text:
        return post
    if not text and not await _says_more(tx, post):
        raise Malformed("text: there is nothing in it.")
    before = await mentioned_in(tx.session, post)
    tx.session.add(PostEdit(post_number=post.number, text=post.text, until=tx.now))
    if first_link(post.text) != first_link(text):
        await _hide_link(tx, post)
        if post.space_id is None and not await pictures_of(tx.session, post):
            await _show_link(tx, post, link_card)
    post.text, post.edited_at = text, tx.now
    for table in (Mention, PostTag):
        await tx.session.execute(delete(table).where(table.post_number == post.number))
    await tx.session.flush()
    named = await _note_words(tx, actor, post)
    await tx.announce(PostEdited(post.number, actor.id, named - before, before - named))
    return post


async def take_away(tx: Transaction, actor: Actor, post_id: str) -> None:
    """Take one's own post away. Raises PostNotFound, NotYourPost."""
    await remove(tx, await _own(tx, actor, post_id), by=actor.id)


async def remove(tx: Transaction, post: Post, *, by: str) -> None:
    """Let nothing be left of a post but its place, and that only while something hangs on it."""
    await PICTURES.let_go(tx, await pictures_of(tx.session, post))
    if (note := await voice_of(tx.session, post)) is not None:
        await VOICE_NOTES.let_go(tx, [note])
    await _hide_link(tx, post)
    for table in (PostEdit, Mention, PostTag, PostLike, TimelineEntry):
        await tx.session.execute(delete(table).where(table.post_number == post.number))
    post.text, post.space_id, post.gone_at, post.edited_at = "", None, tx.now, None
    post.likes = post.reposts = 0
    await tx.session.flush()
    await _count_above(tx, post, -1)
    number = post.number
    await _sweep(tx, post)
    await tx.announce(PostGone(number, by))


# What others do with it


async def like(tx: Transaction, actor: Actor, post_id: str) -> None:
    """Like a post; once more is the same as once. Raises PostNotFound."""
    post, author = await post_for(tx.session, actor, post_id, tx.now)
    said = _likes(post, actor)
    if await tx.session.scalar(select(PostLike.number).where(said)) is not None:
        return
    tx.session.add(PostLike(post_number=post.number, person_id=actor.id))
    await _add(tx, post.number, Post.likes, 1)
    await tx.announce(PostLiked(post.number, actor.id, author.id if author else ""))


async def unlike(tx: Transaction, actor: Actor, post_id: str) -> None:
    """Take it back; also of what one may not see any more. Raises PostNotFound."""
    post = await by_id(tx.session, post_id)
    if await _forget(tx, PostLike, _likes(post, actor)):
        await _add(tx, post.number, Post.likes, -1)
        await tx.announce(PostUnliked(post.number, actor.id))


async def repost(tx: Transaction, actor: Actor, post_id: str) -> None:
    """Pass a post on; once more is the same as once. Raises PostNotFound, ProtectedPost."""
    found = await post_for(tx.session, actor, post_id, tx.now)
    post, author = found
    if author is not None and author.protected:
        raise ProtectedPost
    if await tx.session.scalar(select(TimelineEntry.number).where(_reposts(post, actor))):
        return
    tx.session.add(_entry(post, actor, tx, is_repost=True))
    await _add(tx, post.number, Post.reposts, 1)
    await tx.announce(PostReposted(post.number, actor.id, author.id if author else ""))


async def unrepost(tx: Transaction, actor: Actor, post_id: str) -> None:
    """Pass it on no more; also what one may not see any more. Raises PostNotFound."""
    post = await by_id(tx.session, post_id)
    if await _forget(tx, TimelineEntry, _reposts(post, actor)):
        await _add(tx, post.number, Post.reposts, -1)
        await tx.announce(PostUnreposted(post.number, actor.id))


# Asked by others


async def pictures_of(session: AsyncSession, post: Post) -> Sequence[Picture]:
    """List the pictures in a post, in their order."""
    rows = await session.scalars(
        select(Picture)
        .join(PostPicture, PostPicture.picture_number == Picture.number)
        .where(PostPicture.post_number == post.number)
        .order_by(PostPicture.place)
    )
    return rows.all()


async def voice_of(session: AsyncSession, post: Post) -> VoiceNote | None:
    """Find the voice note that speaks in a post."""
    return await session.scalar(
        select(VoiceNote)
        .join(PostVoice, PostVoice.voice_number == VoiceNote.number)
        .where(PostVoice.post_number == post.number)
    )


async def by_id(session: AsyncSession, post_id: str) -> Post:
    """Find a post, whoever may see it. Raises PostNotFound."""
    post = await session.scalar(select(Post).where(Post.id == post_id))
    if post is None:
        raise PostNotFound
    return post


async def forget_some_of(tx: Transaction, person_id: str, at_once: int) -> bool:
    """Take away a part of what somebody wrote, likes and passed on; tells whether there is more."""
    written = await tx.session.scalars(
        select(Post).where(Post.person_id == person_id, Post.gone_at.is_(None)).limit(at_once)
    )
    counts = [len(mine := written.all())]
    for post in mine:
        await remove(tx, post, by=person_id)
    is_repost = TimelineEntry.is_repost.is_(True)
    for table, count, which, gone in (
        (PostLike, Post.likes, PostLike.person_id == person_id, PostUnliked),
        (
            TimelineEntry,
            Post.reposts,
            (TimelineEntry.person_id == person_id) & is_repost,
            PostUnreposted,
        ),
    ):
        numbers = await tx.session.scalars(select(table.post_number).where(which).limit(at_once))
        counts.append(len(theirs := numbers.all()))
        for number in theirs:
            await _forget(tx, table, which & (table.post_number == number))
            await _add(tx, number, count, -1)
            await tx.announce(gone(number, person_id))
    return at_once in counts


async def mentioned_in(session: AsyncSession, post: Post) -> frozenset[str]:
    """List whom a post names."""
    named = select(Mention.person_id).where(Mention.post_number == post.number)
    return frozenset(await session.scalars(named))


async def _seen(tx: Transaction, actor: Actor, post_id: str | None) -> Row | None:
    return None if post_id is None else await post_for(tx.session, actor, post_id, tx.now)


def _is_closed(row: Row, actor: Actor) -> bool:
    author = row[1]
    return author is not None and author.protected and author.id != actor.id


async def _own(tx: Transaction, actor: Actor, post_id: str) -> Post:
    post, author = await post_for(tx.session, actor, post_id, tx.now)
    if author is None or author.id != actor.id:
        raise NotYourPost
    return post


async def _show_pictures(
    tx: Transaction, actor: Actor, post: Post, shown: Sequence[tuple[str, str]]
) -> None:
    if shown:
        found = await pictures.use(tx, actor, shown)
        tx.session.add_all(
            PostPicture(post_number=post.number, place=place, picture_number=picture.number)
            for place, picture in enumerate(found)
        )
        await tx.session.flush()


async def _show_link(tx: Transaction, post: Post, card: LinkCard | None) -> None:
    if card is not None:
        tx.session.add(PostLinkCard(post_number=post.number, card_number=card.number))
        await tx.session.flush()


async def _hide_link(tx: Transaction, post: Post) -> None:
    """Show the card of a link no more, which goes with the last post that did."""
    gone = await tx.session.scalars(
        delete(PostLinkCard)
        .where(PostLinkCard.post_number == post.number)
        .returning(PostLinkCard.card_number)
    )
    await link_cards.let_go(tx, gone.all())


async def _says_more(tx: Transaction, post: Post) -> bool:
    """Tell whether there is something in a post beside its words."""
    if post.quote_of is not None or post.space_id is not None:
        return True
    shown = await pictures_of(tx.session, post)
    return bool(shown) or await voice_of(tx.session, post) is not None


def _entry(post: Post, actor: Actor, tx: Transaction, *, is_repost: bool) -> TimelineEntry:
    return TimelineEntry(
        person_id=actor.id, post_number=post.number, is_repost=is_repost, at=tx.now
    )


async def _note_words(tx: Transaction, actor: Actor, post: Post) -> frozenset[str]:
    """Keep the tags and the people that a text names; tells who they are."""
    named = await _people_named(tx.session, actor, names_in(post.text))
    await _insert(tx, PostTag, ({"tag": t, "post_number": post.number} for t in tags_in(post.text)))
    await _insert(tx, Mention, ({"person_id": p, "post_number": post.number} for p in named))
    return frozenset(named)


async def _people_named(
    session: AsyncSession, actor: Actor, names: Collection[str]
) -> Collection[str]:
    """Find whom names mean: accounts with whom the author is not apart."""
    if not names:
        return ()
    have_account = Person.name.in_(names) & (Person.kind == "account")
    found = (await session.scalars(select(Person.id).where(have_account))).all()
    apart = await apart_from(session, actor.id, found)
    return [person for person in found if person not in apart]


async def _insert(tx: Transaction, table: type[Any], rows: Iterable[dict[str, object]]) -> None:
    values = list(rows)
    if values:
        await tx.session.execute(insert(table), values)


async def _forget(tx: Transaction, table: type[Any], which: ColumnElement[bool]) -> bool:
    gone = await tx.session.scalar(delete(table).where(which).returning(table.number))
    return gone is not None


def _likes(post: Post, actor: Actor) -> ColumnElement[bool]:
    return (PostLike.post_number == post.number) & (PostLike.person_id == actor.id)


def _reposts(post: Post, actor: Actor) -> ColumnElement[bool]:
    mine = (TimelineEntry.post_number == post.number) & (TimelineEntry.person_id == actor.id)
    return mine & TimelineEntry.is_repost.is_(True)


async def _count_above(tx: Transaction, post: Post, change: int) -> None:
    """Count a post with what it answers and quotes, unless it counts nowhere."""
    if not post.is_counted:
        return
    if post.reply_to is not None:
        await _add(tx, post.reply_to, Post.replies, change)
    if post.quote_of is not None:
        await _add(tx, post.quote_of, Post.quotes, change)


async def _add(tx: Transaction, number: int, count: Any, change: int) -> None:  # noqa: ANN401 - a column
    await tx.session.flush()
    await tx.session.execute(
        update(Post).where(Post.number == number).values({count: count + change})
    )


async def _sweep(tx: Transaction, post: Post) -> None:
    """Delete an empty place on which nothing hangs, and those above it that it kept."""
    number: int | None = post.number
    for _ in range(SWEPT_MAX):
        hangs_on = exists().where(or_(Post.reply_to == number, Post.quote_of == number))
        gone = await tx.session.execute(
            select(Post.number, Post.reply_to).where(
                Post.number == number, Post.gone_at.is_not(None), ~hangs_on
            )
        )
        row = gone.first()
        if row is None:
            return
        await tx.session.execute(delete(Post).where(Post.number == row.number))
        number = row.reply_to
