"""The codes with which people sign up: which there are, who came by them, and their end.

Administrators see all of them. A member sees their own, and makes as many as they may bring people.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts import joining
from convivium.accounts.events import SignUpInvitationEnded
from convivium.accounts.models import CameBy, Person, SignUpInvitation
from convivium.core.actor import Actor
from convivium.core.errors import Conflict, NotFound
from convivium.core.transaction import Transaction

USES_MAX = 1000
DAYS_MAX = 365
NOTE_MAX = 100
# Of a member: for one person, and for so long.
MEMBER_DAYS = 14
# More that can still be used nobody looks through.
OPEN_MAX = 500
# Before all of them.
LATEST = 10**18


class InvitationNotFound(NotFound):
    """No such code, or somebody else's."""

    code = "sign_up_invitation_not_found"
    title = "There is no such invitation"


class TooManyInvitations(Conflict):
    """There are as many as there can be."""

    code = "too_many_invitations"
    title = "You have no invitation left"
    detail = "All that you can give out are used or still open. One that ends unused comes back."


async def listed(
    session: AsyncSession, *, by: str | None, before: int, limit: int
) -> Sequence[SignUpInvitation]:
    """List invitations, the latest first; by: only those somebody made."""
    query = select(SignUpInvitation).where(SignUpInvitation.number < before)
    if by is not None:
        query = query.where(SignUpInvitation.made_by == by)
    rows = await session.scalars(query.order_by(SignUpInvitation.number.desc()).limit(limit))
    return rows.all()


async def who_came(
    session: AsyncSession, number: int, *, after: str, limit: int
) -> Sequence[Person]:
    """List who signed up by an invitation; after: the id with which a page ended."""
    rows = await session.scalars(
        select(Person)
        .join(CameBy, CameBy.person_id == Person.id)
        .where(CameBy.invitation_number == number, Person.kind == "account")
        .where(CameBy.person_id > after)
        .order_by(CameBy.person_id)
        .limit(limit)
    )
    return rows.all()


async def make(
    tx: Transaction, actor: Actor, *, uses: int, days: int, note: str
) -> tuple[SignUpInvitation, str]:
    """Make an invitation as an administrator; its code is given once. TooManyInvitations."""
    # Their own: members who invite take nobody's room.
    is_own = SignUpInvitation.made_by == actor.id
    if await _count(tx.session, is_own & _is_open(tx.now), OPEN_MAX) >= OPEN_MAX:
        raise TooManyInvitations("Very many invitations are open. End some of them first.")
    return await joining.invite(tx, uses=uses, days=days, by=actor.id, note=note)


async def make_own(tx: Transaction, actor: Actor, most: int) -> tuple[SignUpInvitation, str]:
    """Invite one person as a member, who can invite so many. Raises TooManyInvitations."""
    if await left(tx.session, actor, most, tx.now) < 1:
        raise TooManyInvitations
    return await joining.invite(tx, uses=1, days=MEMBER_DAYS, by=actor.id)


async def left(session: AsyncSession, actor: Actor, most: int, now: datetime) -> int:
    """Count whom a member can still invite: what ended unused counts no more."""
    own = SignUpInvitation.made_by == actor.id
    was_used = SignUpInvitation.uses_left < SignUpInvitation.uses
    return max(0, most - await _count(session, own & (was_used | _is_open(now)), most))


async def end(tx: Transaction, actor: Actor, number: int, *, own: bool = False) -> None:
    """Let nobody sign up by a code any more; asked again: can nobody? Raises InvitationNotFound.

    own: only one that they made themselves.
    """
    meant = SignUpInvitation.number == number
    if own:
        meant &= SignUpInvitation.made_by == actor.id
    invitation = await tx.session.scalar(select(SignUpInvitation).where(meant))
    if invitation is None:
        raise InvitationNotFound
    if invitation.ended_at is None:
        invitation.ended_at = tx.now
        await tx.session.flush()
        await tx.announce(SignUpInvitationEnded(number, actor.id))


def _is_open(now: datetime) -> ColumnElement[bool]:
    return (
        (SignUpInvitation.expires_at > now)
        & SignUpInvitation.ended_at.is_(None)
        & (SignUpInvitation.uses_left > 0)
    )


async def _count(session: AsyncSession, meant: ColumnElement[bool], most: int) -> int:
    some = select(SignUpInvitation.number).where(meant).limit(most).subquery()
    return await session.scalar(select(func.count()).select_from(some)) or 0
