"""What administrators do with accounts: roles, signing somebody out, a way back to their own.

Nobody does any of it to themselves, so an administrator is always left: whoever acts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts import recovery, sign_ins
from convivium.accounts.events import RoleGiven, SentOut
from convivium.accounts.models import (
    CameBy,
    EmailAddress,
    Passkey,
    Password,
    Person,
    SignIn,
    SignUpInvitation,
    Token,
)
from convivium.accounts.service import AccountsOnly, end_sessions, is_suspended
from convivium.accounts.staff import StaffKeepTheirOwn, StaffOnly, check_reach
from convivium.accounts.void import close_tokens, void_links, void_tokens
from convivium.core.actor import STAFF, Actor, Role
from convivium.core.transaction import Transaction

Whom = Literal["everybody", "staff", "suspended"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list of people ends: when an account was made, and its id."""

    at: datetime
    person_id: str


# Before everybody: with a place to begin at, an index is searched, and not walked through.
NEWEST = Place(datetime(9999, 1, 1, tzinfo=UTC), "")


@dataclass(frozen=True, slots=True)
class Ways:
    """With what somebody signs in, as far as it helps who helps them; invited_by: an id."""

    password: bool
    passkeys: int
    sessions: int
    tokens: int
    has_address: bool
    by_invitation: bool
    invited_by: str | None


async def _acting(tx: Transaction, actor: Actor, person: Person) -> None:
    """Let an administrator act on somebody else's account.

    Asked of the row: whoever waited for the writer may be none any more. Raises StaffOnly,
    NotOneself, AccountsOnly.
    """
    if (await tx.session.get_one(Person, actor.id, populate_existing=True)).role != "admin":
        raise StaffOnly("The administrators of this server can do this.")
    check_reach(actor, person)
    if person.kind == "guest":
        raise AccountsOnly("Guests have no account.")


async def give(tx: Transaction, actor: Actor, person: Person, role: Role) -> None:
    """Give somebody a role; with a lesser one they sign in anew. Raises what `_acting` raises."""
    await _acting(tx, actor, person)
    if person.role == role:
        return
    was, person.role = person.role, role
    await tx.session.flush()
    if was == "admin" or role == "member":
        # What they opened as staff ends, whatever it was opened with.
        await end_sessions(tx, person.id, SignIn.expires_at > tx.now)
        await close_tokens(tx, person.id)
    await tx.announce(RoleGiven(person.id, actor.id, role))


async def send_out(tx: Transaction, actor: Actor, person: Person) -> None:
    """Sign somebody out everywhere, and end their tokens. Raises what `_acting` raises."""
    await _acting(tx, actor, person)
    await end_sessions(tx, person.id, SignIn.expires_at > tx.now)
    await void_tokens(tx, person.id)
    await void_links(tx, person.id)
    await tx.announce(SentOut(person.id, actor.id))


async def give_way_back(tx: Transaction, actor: Actor, person: Person) -> tuple[str, datetime]:
    """Make a code for a member who cannot sign in; gives it and until when it is good.

    For nobody of the staff: whoever held it would act as they do, and in their name. Raises what
    `_acting` raises, NotASession, StaffKeepTheirOwn.
    """
    await _acting(tx, actor, person)
    await sign_ins.own(tx.session, actor)
    if person.role in STAFF:
        raise StaffKeepTheirOwn
    return await recovery.give(tx, person, by=actor.id)


async def people(
    session: AsyncSession, whom: Whom, now: datetime, *, before: Place, limit: int
) -> Sequence[Person]:
    """List people with accounts, the newest first."""
    query = select(Person).where(Person.kind == "account")
    if whom == "everybody":
        query = query.where(Person.name.is_not(None))
    elif whom == "staff":
        query = query.where(Person.role.in_(STAFF))
    else:
        query = query.where(is_suspended(now))
    order = (Person.created_at, Person.id)
    query = query.where(tuple_(*order) < tuple_(before.at, before.person_id))
    rows = await session.scalars(query.order_by(*(each.desc() for each in order)).limit(limit))
    return rows.all()


async def ways_of(session: AsyncSession, person: Person, now: datetime) -> Ways:
    """Tell with what somebody signs in, and how they came."""
    counts = [
        await session.scalar(select(func.count()).select_from(table).where(meant)) or 0
        for table, meant in (
            (Password, Password.person_id == person.id),
            (Passkey, Passkey.person_id == person.id),
            (SignIn, (SignIn.person_id == person.id) & (SignIn.expires_at > now)),
            (Token, (Token.person_id == person.id) & Token.ended_at.is_(None)),
            (EmailAddress, EmailAddress.person_id == person.id),
        )
    ]
    password, passkeys, sessions, tokens, addresses = counts
    by = await session.execute(
        select(SignUpInvitation.made_by)
        .join(CameBy, CameBy.invitation_number == SignUpInvitation.number)
        .where(CameBy.person_id == person.id)
    )
    invitation = by.first()
    return Ways(
        password=password > 0,
        passkeys=passkeys,
        sessions=sessions,
        tokens=tokens,
        has_address=addresses > 0,
        by_invitation=invitation is not None,
        invited_by=None if invitation is None else invitation[0],
    )
