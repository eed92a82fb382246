"""The tables of seats and of requests to speak."""

from datetime import datetime
from typing import Literal

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from convivium.core.database import Base

QueuePolicy = Literal["in_order", "first_timers", "fast_lane"]


class Seat(Base):
    """A place on the stage. The role follows from the space's host and co-hosts.

    number: the order of arrival. absent_since: since when this person has no call; null with one.
    confirm_by: until when whoever was brought up may say yes; null once they have.
    turn_ends_at: when their time is up; null where turns have no end.
    note: what they asked with, to go back in line with.
    """

    __tablename__ = "seat"
    __table_args__ = (UniqueConstraint("space_id", "person_id"), {"sqlite_autoincrement": True})

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    muted: Mapped[bool] = mapped_column(default=True)
    seated_at: Mapped[datetime]
    absent_since: Mapped[datetime | None] = mapped_column(index=True)
    confirm_by: Mapped[datetime | None] = mapped_column(index=True)
    turn_ends_at: Mapped[datetime | None] = mapped_column(index=True)
    note: Mapped[str] = mapped_column(default="")


class SpeakRequest(Base):
    """A wish to speak. A larger `position` stands further back.

    is_ready: the microphone is checked, and its owner wants to be heard from the first moment on.
    absent_since: since when the person has no call; null with one.
    """

    __tablename__ = "speak_request"
    __table_args__ = (UniqueConstraint("space_id", "person_id"), {"sqlite_autoincrement": True})

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    note: Mapped[str]
    is_ready: Mapped[bool] = mapped_column(default=False)
    asked_at: Mapped[datetime]
    absent_since: Mapped[datetime | None] = mapped_column(index=True)


class Floor(Base):
    """How turns are given in one space, and who may ask for one; without a row, as `USUAL` says.

    turn_seconds: how long a turn lasts; null: no end. locked: no new seats and no requests.
    account_age_hours: how old an account has to be to ask; 0: any.
    followers_only: only who follows the host may ask.
    slow_seconds: how long one person waits before asking again; 0: not at all.
    """

    __tablename__ = "floor"

    space_id: Mapped[str] = mapped_column(
        ForeignKey("space.id", ondelete="CASCADE"), primary_key=True
    )
    policy: Mapped[QueuePolicy] = mapped_column(String)
    turn_seconds: Mapped[int | None]
    locked: Mapped[bool]
    account_age_hours: Mapped[int]
    followers_only: Mapped[bool]
    slow_seconds: Mapped[int]


class Turn(Base):
    """One person's time on the stage, from the first moment to the last.

    asked: came up from the queue. spoke: opened the microphone. ended_at: null as long as it lasts.
    """

    __tablename__ = "turn"
    __table_args__ = ({"sqlite_autoincrement": True},)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    asked: Mapped[bool]
    spoke: Mapped[bool] = mapped_column(default=False)
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class LastAsked(Base):
    """When somebody asked to speak last in a space, also if the request is gone."""

    __tablename__ = "last_asked"

    space_id: Mapped[str] = mapped_column(
        ForeignKey("space.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[str] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    at: Mapped[datetime]
