"""The tables of people and of what they show to be let in."""

from datetime import datetime
from typing import Literal

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from convivium.core.actor import Badge, Kind, Role
from convivium.core.database import Base


class Person(Base):
    """Somebody with an account, or a guest (who has no name and no password).

    voice: the source number under which this person is heard, in every space.
    protected: does not want to be found by everybody, and so cannot host.
    is_demo: made by the demo; cannot sign in.
    suspended_at: since when nothing can be done with this account; null: it can.
    suspended_until: until when that lasts; null: for good.
    picture: the name of the files that show them; null: a pebble drawn from their id.
    likeness, name_likeness: what the shown name and the name look like; null of guests.
    """

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("voice between 1 and 4294967295", name="voice_in_range"),
        CheckConstraint("(name is null) = (kind = 'guest')", name="guests_have_no_name"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[Kind] = mapped_column(String)
    name: Mapped[str | None] = mapped_column(String, unique=True)
    display_name: Mapped[str]
    role: Mapped[Role | None] = mapped_column(String)
    listed: Mapped[bool]
    voice: Mapped[int] = mapped_column(unique=True)
    protected: Mapped[bool] = mapped_column(default=False)
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    suspended_at: Mapped[datetime | None] = mapped_column(default=None)
    suspended_until: Mapped[datetime | None] = mapped_column(default=None)
    badge: Mapped[Badge | None] = mapped_column(String, default=None)
    picture: Mapped[str | None] = mapped_column(default=None)
    likeness: Mapped[str | None] = mapped_column(index=True, default=None)
    name_likeness: Mapped[str | None] = mapped_column(index=True, default=None)

    def is_suspended(self, now: datetime) -> bool:
        """Tell whether this account is suspended at a moment."""
        ends = self.suspended_until
        return self.suspended_at is not None and (ends is None or ends > now)


# By these staff look through everybody with a name. Guests are in none of them: a crowd comes in
# through this table.
for _name, _columns, _meant in (
    ("created_at", (Person.created_at, Person.id), Person.name.is_not(None)),
    ("role", (Person.role, Person.created_at, Person.id), Person.role.is_not(None)),
    ("suspended_at", (Person.created_at, Person.id), Person.suspended_at.is_not(None)),
):
    Index(f"ix_person_{_name}", *_columns, sqlite_where=_meant, postgresql_where=_meant)


class Profile(Base):
    """What somebody says of themselves; who never did has no row.

    links: addresses on the web, https only.
    """

    __tablename__ = "profile"

    person_id: Mapped[str] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    bio: Mapped[str]
    links: Mapped[list[str]] = mapped_column(JSON)
    topics: Mapped[list[str]] = mapped_column(JSON)


class Password(Base):
    """How an account signs in; a person without one cannot."""

    __tablename__ = "password"

    person_id: Mapped[str] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    argon2: Mapped[str]


# What shows that an account is one's own.
Way = Literal["password", "passkey", "recovery_code", "provider", "mail"]


class SignIn(Base):
    """A browser that is signed in, or a guest's; the cookie holds the secret, we its hash.

    browser, system: what the browser calls itself, coarsely; empty for guests and unknown ones.
    proved_at, proved_by: when and how it was last shown whose account this is.
    """

    __tablename__ = "session"

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    secret_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    browser: Mapped[str] = mapped_column(default="")
    system: Mapped[str] = mapped_column(default="")
    proved_at: Mapped[datetime | None] = mapped_column(default=None)
    proved_by: Mapped[Way | None] = mapped_column(String, default=None)


class Token(Base):
    """What a script shows; scopes are words with blanks between.

    name: what its person calls it; empty for one that the operator made.
    ended_at: since when it is worth nothing; null: it is.
    """

    __tablename__ = "token"

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    secret_hash: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[str]
    created_at: Mapped[datetime]
    name: Mapped[str] = mapped_column(default="")
    ended_at: Mapped[datetime | None] = mapped_column(default=None, index=True)


class Passkey(Base):
    """A key that somebody's device keeps for them, of which we have the public half.

    credential: what the device calls it (base64url). sign_count: how often it says it was used;
    nought where it does not count.
    """

    __tablename__ = "passkey"

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    credential: Mapped[str] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None] = mapped_column(default=None)


class Identity(Base):
    """An account that somebody has at a provider, by which they sign in here.

    issuer, subject: what the provider calls itself, and them, for good (OpenID Connect Core, 2);
    nothing else of what it says of them is kept.
    """

    __tablename__ = "identity"
    __table_args__ = (
        UniqueConstraint("issuer", "subject"),
        UniqueConstraint("person_id", "issuer"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    issuer: Mapped[str]
    subject: Mapped[str]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None] = mapped_column(default=None)


class PasswordReset(Base):
    """A link in a letter by which somebody sets a new password; secret_hash: of what is in it."""

    __tablename__ = "password_reset"

    person_id: Mapped[str] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    secret_hash: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class RecoveryCode(Base):
    """A code that signs somebody in once; who used it has one row less.

    expires_at: of one that an administrator made for somebody locked out; null for one's own.
    """

    __tablename__ = "recovery_code"

    code_hash: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime | None] = mapped_column(default=None)


class EmailAddress(Base):
    """Where somebody is written to, who has shown that it is theirs.

    small: the address in small letters: people do not remember which were large.
    unsubscribe_key: in each letter, by which whoever reads it can have no more of them; it opens
    nothing else.
    """

    __tablename__ = "email_address"

    person_id: Mapped[str] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    address: Mapped[str]
    small: Mapped[str] = mapped_column(index=True)
    confirmed_at: Mapped[datetime]
    unsubscribe_key: Mapped[str] = mapped_column(unique=True)


class EmailClaim(Base):
    """An address of which somebody says that it is theirs; secret_hash: of the link, once sent."""

    __tablename__ = "email_claim"

    person_id: Mapped[str] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    address: Mapped[str]
    secret_hash: Mapped[str | None] = mapped_column(unique=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class UsedChallenge(Base):
    """A challenge or a visit that was answered, until it would be over anyway."""

    __tablename__ = "used_challenge"

    fingerprint: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class AdminInvite(Base):
    """A one-time link that makes an administrator."""

    __tablename__ = "admin_invite"

    secret_hash: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]


class SignUpInvitation(Base):
    """A code with which people may sign up where it takes one; it is told once, and we its hash.

    made_by: null for the operator, and for somebody who is gone. note: what it was made for.
    uses: how many could use it. ended_at: since when nobody can; null: until it is old or used up.
    """

    __tablename__ = "sign_up_invitation"
    __table_args__ = ({"sqlite_autoincrement": True},)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    secret_hash: Mapped[str] = mapped_column(unique=True)
    made_by: Mapped[str | None] = mapped_column(
        ForeignKey("person.id", ondelete="SET NULL"), index=True
    )
    note: Mapped[str] = mapped_column(default="")
    uses: Mapped[int]
    uses_left: Mapped[int]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)


class CameBy(Base):
    """By which invitation somebody signed up."""

    __tablename__ = "came_by"

    person_id: Mapped[str] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    invitation_number: Mapped[int] = mapped_column(
        ForeignKey("sign_up_invitation.number", ondelete="CASCADE"), index=True
    )


class Waiting(Base):
    """Somebody stands on the waiting list; whoever is let in has this row no more.

    note: what they said to staff. refused_at: since when it is known that they are not let in.
    """

    __tablename__ = "waiting"
    __table_args__ = (
        Index("ix_waiting_refused_at", "refused_at", "number"),
        {"sqlite_autoincrement": True},
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), unique=True)
    since: Mapped[datetime] = mapped_column(index=True)
    note: Mapped[str]
    refused_at: Mapped[datetime | None] = mapped_column(default=None)


class GroupMember(Base):
    """Somebody is in a group that the operator made."""

    __tablename__ = "group_member"

    group_name: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class IdempotencyKey(Base):
    """What somebody's request with this key made: the same request again makes nothing new.

    asked: fingerprint of the request's body. made: id of what was made.
    """

    __tablename__ = "idempotency_key"

    person_id: Mapped[str] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(primary_key=True)
    asked: Mapped[str]
    made: Mapped[str]
    expires_at: Mapped[datetime] = mapped_column(index=True)
