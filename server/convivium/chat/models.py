"""The tables of what is written and shared in a space."""

from datetime import datetime
from typing import Literal

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from convivium.core.database import Base

Writers = Literal["everyone", "stage", "off"]


class Chat(Base):
    """How one space talks in text; without a row, as `USUAL` says.

    slow_seconds: how long one person waits before writing again; 0: not at all.
    kept: lines and what was shared stay with the space after its end.
    """

    __tablename__ = "chat"

    space_id: Mapped[str] = mapped_column(
        ForeignKey("space.id", ondelete="CASCADE"), primary_key=True
    )
    writers: Mapped[Writers] = mapped_column(String)
    slow_seconds: Mapped[int]
    kept: Mapped[bool]


class ChatLine(Base):
    """One line. `number` counts the lines of its space, from 1, and is never given twice.

    taken_at: since when it is gone, its text with it; the row stays, so that slow mode holds.
    """

    __tablename__ = "chat_line"

    space_id: Mapped[str] = mapped_column(
        ForeignKey("space.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    text: Mapped[str]
    written_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]


Index("ix_chat_line_person_id", ChatLine.person_id, ChatLine.space_id, ChatLine.number)
Index(
    "ix_chat_line_taken_at",
    ChatLine.space_id,
    ChatLine.taken_at,
    sqlite_where=ChatLine.taken_at.is_not(None),
    postgresql_where=ChatLine.taken_at.is_not(None),
)


class SharedItem(Base):
    """Something put on the table of a space. `number` is the order; one at most is pinned."""

    __tablename__ = "shared_item"
    __table_args__ = ({"sqlite_autoincrement": True},)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(unique=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    text: Mapped[str]
    link: Mapped[str | None]
    shared_at: Mapped[datetime]
    pinned: Mapped[bool] = mapped_column(default=False)
