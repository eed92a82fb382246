"""The tables of what one person says about another; `person_id` is who says it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from convivium.core.database import Base


class _Relationship:
    """Somebody's word about another. `number` is the order in which such words were given."""

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    other_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    since: Mapped[datetime]


class Follow(_Relationship, Base):
    """`person_id` wants to know what `other_id` does."""

    __tablename__ = "follow"
    __table_args__ = (
        UniqueConstraint("person_id", "other_id"),
        Index("ix_follow_person_id_number", "person_id", "number"),
        {"sqlite_autoincrement": True},
    )


class Block(_Relationship, Base):
    """`person_id` wants to have nothing to do with `other_id`."""

    __tablename__ = "block"
    __table_args__ = (UniqueConstraint("person_id", "other_id"), {"sqlite_autoincrement": True})


class Mute(_Relationship, Base):
    """`person_id` does not want to hear `other_id`, who does not come to know of it."""

    __tablename__ = "mute"
    __table_args__ = (UniqueConstraint("person_id", "other_id"), {"sqlite_autoincrement": True})


class Bell(_Relationship, Base):
    """`person_id`, who follows `other_id`, wants to be told when they go live."""

    __tablename__ = "bell"
    __table_args__ = (
        UniqueConstraint("person_id", "other_id"),
        Index("ix_bell_other_id_person_id", "other_id", "person_id"),
        {"sqlite_autoincrement": True},
    )


class FollowRequest(_Relationship, Base):
    """`person_id` wants to follow `other_id`, who is protected.

    declined_at: since when the answer is no, of which nobody is told; the row stays, so that it is
    asked again only after a while. withdrawn: whoever asked thinks no more of it.
    """

    __tablename__ = "follow_request"
    __table_args__ = (UniqueConstraint("person_id", "other_id"), {"sqlite_autoincrement": True})

    declined_at: Mapped[datetime | None]
    withdrawn: Mapped[bool]
