"""The tables of conversations, of their members, and of what they write."""

from datetime import datetime
from typing import Literal

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from convivium.core.database import Base
from convivium.spaces.models import InvitedRole

Standing = Literal["accepted", "asked", "left"]
MessageKind = Literal["said", "invited", "added", "left", "named"]


class Conversation(Base):
    """Two people, or a group.

    count: how many messages were ever written; the last one has this number.
    version: how often something other than a new message changed what is shown.
    """

    __tablename__ = "conversation"

    id: Mapped[str] = mapped_column(primary_key=True)
    is_group: Mapped[bool]
    title: Mapped[str]
    count: Mapped[int]
    version: Mapped[int]


class ConversationMember(Base):
    """How one person stands to a conversation; whoever left keeps a row, so that they are asked.

    other_id: the other one of a pair; null in a group, and once they have no account any more.
    hidden: up to which message nothing is theirs to see: they came later, or put it away.
    last: the last one that is theirs to see. last_at: of the last news, by which their list goes.
    read: up to which they have read. unread: how many after that are news to them.
    """

    __tablename__ = "conversation_member"
    __table_args__ = (
        UniqueConstraint("person_id", "other_id"),
        Index("ix_conversation_member_person_id", "person_id", "standing", "last_at"),
        Index("ix_conversation_member_standing", "standing", "last_at"),
    )

    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[str] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    other_id: Mapped[str | None] = mapped_column(
        ForeignKey("person.id", ondelete="SET NULL"), index=True
    )
    standing: Mapped[Standing] = mapped_column(String)
    hidden: Mapped[int]
    last: Mapped[int]
    read: Mapped[int]
    unread: Mapped[int]
    last_at: Mapped[datetime]


class Message(Base):
    """One message. `number` counts those of its conversation, from 1, and is never given twice.

    person_id: who wrote it, or did what it tells of. about_id: whom they invited or added.
    space_id: the space it shows. role: what it invites to.
    taken_at: since when it is gone, its text with it; its place stays.
    """

    __tablename__ = "message"

    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    kind: Mapped[MessageKind] = mapped_column(String)
    text: Mapped[str]
    about_id: Mapped[str | None] = mapped_column(
        ForeignKey("person.id", ondelete="SET NULL"), index=True
    )
    space_id: Mapped[str | None] = mapped_column(
        ForeignKey("space.id", ondelete="SET NULL"), index=True
    )
    role: Mapped[InvitedRole | None] = mapped_column(String)
    at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
