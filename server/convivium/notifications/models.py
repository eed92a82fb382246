"""The table of what people are told."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from convivium.core.database import Base
from convivium.notifications.kinds import Kind
from convivium.posts.models import Post


class Notification(Base):
    """Something one person is told; the same kind with the same key is one row.

    people: who caused it, the last first, as far as they are kept; count: how many they are.
    data: what the words need besides: a role, a time and the time before, what a moderator said.
    in_app: it stands in the list; otherwise it was told by other ways alone.
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
    in_app: Mapped[bool] = mapped_column(default=True)


class NotificationSetting(Base):
    """How somebody wants to be told; who has no row wants what everybody does.

    zone: where they live, as the time zone database names it. quiet_from, quiet_to: minutes of
    their day between which nothing leaves; null: always. chosen: matter -> channels, where that is
    not what everybody has.
    """

    __tablename__ = "notification_setting"

    person_id: Mapped[str] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    zone: Mapped[str] = mapped_column(default="UTC")
    quiet_from: Mapped[int | None] = mapped_column(default=None)
    quiet_to: Mapped[int | None] = mapped_column(default=None)
    chosen: Mapped[dict[str, list[str]]] = mapped_column(JSON, default=dict)
