"""The tables of seats and of requests to speak."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from convivium.core.database import Base


class Seat(Base):
    """A place on the stage. The role follows from the space's host and co-hosts.

    number: the order of arrival. absent_since: since when this person has no call; null with one.
    """

    __tablename__ = "seat"
    __table_args__ = (UniqueConstraint("space_id", "person_id"), {"sqlite_autoincrement": True})

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    muted: Mapped[bool] = mapped_column(default=True)
    seated_at: Mapped[datetime]
    absent_since: Mapped[datetime | None] = mapped_column(index=True)


class SpeakRequest(Base):
    """A wish to speak. `number` is the place in line; a larger one stands further back.

    absent_since: since when the person has no call; null with one.
    """

    __tablename__ = "speak_request"
    __table_args__ = (UniqueConstraint("space_id", "person_id"), {"sqlite_autoincrement": True})

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    note: Mapped[str]
    asked_at: Mapped[datetime]
    absent_since: Mapped[datetime | None] = mapped_column(index=True)
