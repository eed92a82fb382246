"""The tables of posts, and of what people do with them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from convivium.core.database import Base


class Post(Base):
    """What somebody wrote. `number` is the order in which posts were written.

    reply_to, quote_of: the post that this one answers, or shows with words of its own.
    space_id: the space that it shows.
    gone_at: since when it is taken away, its text with it; the row stays while something hangs on
    it. person_id: null once the account is gone.
    is_counted: it counts with what it answers or quotes; what a protected account writes does not,
    or the count would tell of it.
    likes, reposts, replies, quotes: how many there are; they change with the rows they count.
    """

    __tablename__ = "post"
    __table_args__ = ({"sqlite_autoincrement": True},)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    text: Mapped[str]
    reply_to: Mapped[int | None] = mapped_column(ForeignKey("post.number", ondelete="SET NULL"))
    quote_of: Mapped[int | None] = mapped_column(
        ForeignKey("post.number", ondelete="SET NULL"), index=True
    )
    space_id: Mapped[str | None] = mapped_column(
        ForeignKey("space.id", ondelete="SET NULL"), index=True
    )
    is_counted: Mapped[bool]
    written_at: Mapped[datetime]
    edited_at: Mapped[datetime | None] = mapped_column(default=None)
    gone_at: Mapped[datetime | None] = mapped_column(default=None)
    likes: Mapped[int] = mapped_column(default=0)
    reposts: Mapped[int] = mapped_column(default=0)
    replies: Mapped[int] = mapped_column(default=0)
    quotes: Mapped[int] = mapped_column(default=0)


Index("ix_post_person_id", Post.person_id, Post.number)
Index("ix_post_reply_to", Post.reply_to, Post.number)


class PostEdit(Base):
    """What a post said before it was changed; `until` is when that was."""

    __tablename__ = "post_edit"
    __table_args__ = ({"sqlite_autoincrement": True},)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    post_number: Mapped[int] = mapped_column(
        ForeignKey("post.number", ondelete="CASCADE"), index=True
    )
    text: Mapped[str]
    until: Mapped[datetime]


class PostPicture(Base):
    """A picture stands in a post, at a place from 0 on."""

    __tablename__ = "post_picture"

    post_number: Mapped[int] = mapped_column(
        ForeignKey("post.number", ondelete="CASCADE"), primary_key=True
    )
    place: Mapped[int] = mapped_column(primary_key=True)
    picture_number: Mapped[int] = mapped_column(
        ForeignKey("picture.number", ondelete="CASCADE"), unique=True
    )


class PostVoice(Base):
    """A voice note speaks in a post."""

    __tablename__ = "post_voice"

    post_number: Mapped[int] = mapped_column(
        ForeignKey("post.number", ondelete="CASCADE"), primary_key=True
    )
    voice_number: Mapped[int] = mapped_column(
        ForeignKey("voice_note.number", ondelete="CASCADE"), unique=True
    )


class PostLinkCard(Base):
    """A post shows the card of the first link in it."""

    __tablename__ = "post_link_card"

    post_number: Mapped[int] = mapped_column(
        ForeignKey("post.number", ondelete="CASCADE"), primary_key=True
    )
    card_number: Mapped[int] = mapped_column(
        ForeignKey("link_card.number", ondelete="CASCADE"), index=True
    )


class Mention(Base):
    """A post names somebody."""

    __tablename__ = "mention"

    post_number: Mapped[int] = mapped_column(
        ForeignKey("post.number", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[str] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class PostTag(Base):
    """A post has a hashtag, written small and without its sign."""

    __tablename__ = "post_tag"

    tag: Mapped[str] = mapped_column(primary_key=True)
    post_number: Mapped[int] = mapped_column(
        ForeignKey("post.number", ondelete="CASCADE"), primary_key=True, index=True
    )


class PostLike(Base):
    """Somebody likes a post. `number` is the order in which they said so."""

    __tablename__ = "post_like"
    __table_args__ = (UniqueConstraint("post_number", "person_id"), {"sqlite_autoincrement": True})

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    post_number: Mapped[int] = mapped_column(ForeignKey("post.number", ondelete="CASCADE"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)


class TimelineEntry(Base):
    """Somebody put a post into the timelines of those who follow them.

    is_repost: it is passed on, by whoever `person_id` is; otherwise they wrote it.
    `number` is the order of all timelines.
    """

    __tablename__ = "timeline_entry"
    __table_args__ = (
        UniqueConstraint("post_number", "person_id", "is_repost"),
        {"sqlite_autoincrement": True},
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    post_number: Mapped[int] = mapped_column(ForeignKey("post.number", ondelete="CASCADE"))
    is_repost: Mapped[bool]
    at: Mapped[datetime]


Index("ix_timeline_entry_person_id", TimelineEntry.person_id, TimelineEntry.number)
