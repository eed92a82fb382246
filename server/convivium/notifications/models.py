"""The table of what people are told."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from convivium.core.database import Base
from convivium.posts.models import Post

Kind = Literal[
    "invited",
    "brought_up",
    "handed_over",
    "starts_soon",
    "time_to_start",
    "started",
    "rescheduled",
    "cancelled",
    "followed",
    "follow_asked",
    "follow_accepted",
    "mentioned",
    "replied",
    "quoted",
    "liked",
    "reposted",
    "warned",
    "space_ended",
    "space_renamed",
    "suspension_lifted",
    "report_seen",
]


class Notification(Base):
    """Something one person is told; the same kind with the same key is one row.

    people: who caused it, the last first, as far as they are kept; count: how many they are.
    data: what the words need besides: a role, a time and the time before, what a moderator said.
    """

    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("person_id", "kind", "key"),
        Index("ix_notification_person_id", "person_id", "at", "number"),
        {"sqlite_autoincrement": True},
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    kind: Mapped[Kind] = mapped_column(String)
    key: Mapped[str]
    space_id: Mapped[str | None] = mapped_column(
        ForeignKey("space.id", ondelete="CASCADE"), index=True
    )
    post_number: Mapped[int | None] = mapped_column(
        ForeignKey(Post.number, ondelete="CASCADE"), index=True
    )
    people: Mapped[list[str]] = mapped_column(JSON)
    count: Mapped[int]
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(index=True)
    read: Mapped[bool] = mapped_column(default=False)
