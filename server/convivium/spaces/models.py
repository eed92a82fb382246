"""The tables of spaces and of what is granted and forbidden in each."""

from datetime import datetime
from typing import Literal

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from convivium.core.database import Base

State = Literal["draft", "scheduled", "live", "ended", "cancelled"]
# `followed`: whom the owner follows; `followers`: who follows the owner.
ListenPolicy = Literal["everyone", "followed", "followers", "invited"]
SpeakPolicy = Literal["everyone", "followed", "invited"]
RequestPolicy = Literal["everyone", "followed", "off"]
InvitedRole = Literal["listener", "speaker", "co_host"]

UNFINISHED: tuple[State, ...] = ("draft", "scheduled", "live")
OVER: tuple[State, ...] = ("ended", "cancelled")


class Space(Base):
    """One event. `number` is its name in the engine, never given twice.

    music: sound is stereo and left as it is sent, for instruments instead of voices.
    returns_to: the host who stayed away until a co-host inherited, and gets it back by coming back.
    anonymous_listening: guests may listen, and others without showing their names.
    starts_at: when it is meant to start; null for one that nobody scheduled.
    sequence: how often that was changed, as calendars count it (RFC 5545, 3.8.7.4).
    worded_by_staff: moderators wrote its title or description, and hosts change neither.
    """

    __tablename__ = "space"
    __table_args__ = (
        Index("ix_space_state", "state", "number"),
        Index("ix_space_starts_at", "state", "starts_at"),
        Index("ix_space_host_id", "host_id", "state"),
        Index("ix_space_returns_to", "returns_to", "state"),
        {"sqlite_autoincrement": True},
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(unique=True)
    host_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    returns_to: Mapped[str | None] = mapped_column(default=None)
    title: Mapped[str]
    description: Mapped[str]
    topics: Mapped[list[str]] = mapped_column(JSON)
    languages: Mapped[list[str]] = mapped_column(JSON)
    state: Mapped[State] = mapped_column(String)
    listen_policy: Mapped[ListenPolicy] = mapped_column(String)
    speak_policy: Mapped[SpeakPolicy] = mapped_column(String)
    requests: Mapped[RequestPolicy] = mapped_column(String)
    anonymous_listening: Mapped[bool] = mapped_column(default=True)
    music: Mapped[bool]
    created_at: Mapped[datetime]
    starts_at: Mapped[datetime | None]
    sequence: Mapped[int] = mapped_column(default=0)
    worded_by_staff: Mapped[bool] = mapped_column(default=False)
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    @property
    def owner_id(self) -> str:
        """Whose follows and blocks count: whoever only holds the space meanwhile brings no own."""
        return self.returns_to or self.host_id

    @property
    def asks_whom_owner_follows(self) -> bool:
        """Whether a policy names those whom the owner follows."""
        return "followed" in (self.listen_policy, self.speak_policy, self.requests)


class _OfSpace:
    """What one person has or lacks in one space."""

    space_id: Mapped[str] = mapped_column(
        ForeignKey("space.id", ondelete="CASCADE"), primary_key=True
    )
    # With an index: whoever is forgotten is looked for here.
    person_id: Mapped[str] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class CoHost(_OfSpace, Base):
    """Somebody who helps the host. Written by `stage`, asked by everything below it too."""

    __tablename__ = "co_host"


class Invitation(_OfSpace, Base):
    """Somebody may listen, and may take a seat unless the role is only to listen."""

    __tablename__ = "invitation"

    role: Mapped[InvitedRole] = mapped_column(String)


class InvitationLink(Base):
    """A link that invites whoever opens it; it holds a secret, of which the hash is kept.

    by: who made it.
    """

    __tablename__ = "invitation_link"

    id: Mapped[str] = mapped_column(primary_key=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"), index=True)
    role: Mapped[InvitedRole] = mapped_column(String)
    secret_hash: Mapped[str] = mapped_column(unique=True)
    by: Mapped[str]
    uses_left: Mapped[int]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class LinkUse(Base):
    """Somebody was invited by a link: it invites each person once."""

    __tablename__ = "link_use"

    link_id: Mapped[str] = mapped_column(
        ForeignKey("invitation_link.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[str] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Reminder(_OfSpace, Base):
    """Somebody wants to be told when a scheduled space starts."""

    __tablename__ = "reminder"


class Removal(_OfSpace, Base):
    """Somebody may not come back as long as the space lives.

    clearing: the act against a raid by which it was made; null for one of its own.
    """

    __tablename__ = "removal"

    by: Mapped[str]
    at: Mapped[datetime]
    clearing: Mapped[str | None]
