"""The tables of reports and cases, of what was answered, and of the log."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from convivium.core.database import Base

Reason = Literal["harassment", "spam", "impersonation", "danger"]
Outcome = Literal["dismissed", "warned", "suspended", "ended", "renamed", "post_taken_away"]


class Case(Base):
    """All reports about the same person, or the same space as such, until it is settled.

    subject: whom or what it is about, in one word; one open case has it.
    person_id: the person it is about; null for a space as such, and for a guest who is forgotten.
    host_id: whose space it was when it was first reported as such, whoever holds it since.
    space_id: where it was last.
    urgent: somebody reported danger. count: how many reported. settled_at: null while it is open.
    words: why it was settled so.
    """

    __tablename__ = "moderation_case"
    __table_args__ = (
        Index("ix_moderation_case_settled_at", "settled_at", "urgent", "last_at"),
        {"sqlite_autoincrement": True},
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    subject: Mapped[str]
    person_id: Mapped[str | None] = mapped_column(
        ForeignKey("person.id", ondelete="SET NULL"), index=True
    )
    space_id: Mapped[str | None] = mapped_column(
        ForeignKey("space.id", ondelete="SET NULL"), index=True
    )
    host_id: Mapped[str | None] = mapped_column(index=True)
    urgent: Mapped[bool] = mapped_column(default=False)
    count: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime]
    last_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None]
    outcome: Mapped[Outcome | None] = mapped_column(String)
    words: Mapped[str] = mapped_column(default="")


Index(
    "ix_moderation_case_subject",
    Case.subject,
    unique=True,
    sqlite_where=Case.settled_at.is_(None),
    postgresql_where=Case.settled_at.is_(None),
)


class Report(Base):
    """What one person says. scene: what they could have seen there then; null without a space.

    posts: which they mean, and what each said then; null where it is about none.
    """

    __tablename__ = "report"
    __table_args__ = (UniqueConstraint("case_number", "by"), {"sqlite_autoincrement": True})

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    case_number: Mapped[int] = mapped_column(
        ForeignKey("moderation_case.number", ondelete="CASCADE")
    )
    by: Mapped[str | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    reason: Mapped[Reason] = mapped_column(String)
    words: Mapped[str]
    at: Mapped[datetime]
    scene: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    posts: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))


class _Answer:
    """What a moderator decided about somebody; words: why, as that person is told."""

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    by: Mapped[str]
    at: Mapped[datetime]
    words: Mapped[str]


class PersonWarning(_Answer, Base):
    """Somebody was told that they did what is not done here."""

    __tablename__ = "warning"
    __table_args__ = ({"sqlite_autoincrement": True},)


class Suspension(_Answer, Base):
    """Why an account is suspended, or was; that it is, its own row says.

    until: null for good. is_over: it was lifted, or another one took its place.
    appeal: what the person said to it, once.
    """

    __tablename__ = "suspension"
    __table_args__ = ({"sqlite_autoincrement": True},)

    until: Mapped[datetime | None]
    is_over: Mapped[bool] = mapped_column(default=False)
    appeal: Mapped[str | None]
    appealed_at: Mapped[datetime | None]


class AuditEntry(Base):
    """One act, for good: triggers of the database refuse to change or delete it.

    Ids and no names, and no row that it hangs on: an account that is gone takes nothing along.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_space_id", "space_id", "number"),
        {"sqlite_autoincrement": True},
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    act: Mapped[str]
    by: Mapped[str]
    person_id: Mapped[str | None]
    space_id: Mapped[str | None]
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
