"""Accounts with which nothing can be done for a while, or for good; why, and what is said to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import literal, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts import service as accounts
from convivium.accounts.models import Person
from convivium.accounts.service import AccountsOnly
from convivium.accounts.staff import check_reach
from convivium.core.actor import Actor
from convivium.core.errors import Conflict, Malformed
from convivium.core.transaction import Transaction
from convivium.moderation import service
from convivium.moderation.events import Appealed
from convivium.moderation.models import Suspension
from convivium.moderation.rules import SUSPENDED_DAYS, may_last
from convivium.notifications.service import About, tell


class NotSuspended(Conflict):
    """There is nothing to appeal."""

    code = "not_suspended"
    title = "This account is not suspended"
    detail = "You can sign in."


class AppealedAlready(Conflict):
    """One can appeal once for each suspension."""

    code = "appealed_already"
    title = "You have appealed already"
    detail = "The moderators have your words. They decide, and no further word reaches them."


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the list of suspensions a page ends: those with an appeal come first."""

    has_appeal: bool
    number: int


async def suspend(
    tx: Transaction,
    actor: Actor,
    person: Person,
    *,
    until: datetime | None,
    words: str,
    case: int | None = None,
) -> None:
    """Suspend an account until a moment, or for good; what was decided before is replaced.

    Raises NotOneself, ModeratesStaff, AccountsOnly, Malformed, and what `service.settle` raises.
    """
    check_reach(actor, person)
    if person.kind == "guest":
        raise AccountsOnly("Guests have no account. Remove them from the space instead.")
    if not may_last(until, tx.now):
        raise Malformed(f"until: at most {SUSPENDED_DAYS} days ahead, or null for good.")
    # Before the spaces of this person go to others, as a case may be about one of them.
    await service.settle_if_any(tx, actor, case, "suspended", words, person=person)
    await _close(tx, person.id)
    tx.session.add(
        Suspension(person_id=person.id, by=actor.id, at=tx.now, words=words, until=until)
    )
    await tx.session.flush()
    await accounts.suspend(tx, person, until=until, by=actor.id)


async def lift(tx: Transaction, actor: Actor, person: Person) -> None:
    """Let an account be used again; of who is not suspended nothing changes.

    Raises NotOneself, ModeratesStaff.
    """
    check_reach(actor, person)
    if not person.is_suspended(tx.now):
        return
    await _close(tx, person.id)
    await accounts.lift_suspension(tx, person, by=actor.id)
    await tell(tx, person.id, About("suspension_lifted", ""))


async def appeal(tx: Transaction, person: Person, words: str) -> None:
    """Ask the moderators to look again, once. Raises NotSuspended, AppealedAlready."""
    suspension = await of_person(tx.session, person.id, tx.now)
    if suspension is None:
        raise NotSuspended
    if suspension.appeal is not None:
        raise AppealedAlready
    suspension.appeal, suspension.appealed_at = words, tx.now
    await tx.session.flush()
    await tx.announce(Appealed(person.id))


async def of_person(session: AsyncSession, person_id: str, now: datetime) -> Suspension | None:
    """Find the suspension of somebody that is in force."""
    return await session.scalar(
        select(Suspension)
        .join(Person, Person.id == Suspension.person_id)
        .where(Person.id == person_id, accounts.is_suspended(now), ~Suspension.is_over)
    )


async def in_force(
    session: AsyncSession, now: datetime, *, before: Place | None, limit: int
) -> Sequence[Suspension]:
    """List the suspensions in force: those with an appeal first, then the latest."""
    has_appeal = Suspension.appeal.is_not(None)
    order = (has_appeal, Suspension.number)
    query = (
        select(Suspension)
        .join(Person, Person.id == Suspension.person_id)
        .where(accounts.is_suspended(now), ~Suspension.is_over)
    )
    if before is not None:
        place = (literal(before.has_appeal), literal(before.number))
        query = query.where(tuple_(*order) < tuple_(*place))
    rows = await session.scalars(query.order_by(*(each.desc() for each in order)).limit(limit))
    return rows.all()


async def _close(tx: Transaction, person_id: str) -> None:
    await tx.session.execute(
        update(Suspension)
        .where(Suspension.person_id == person_id, ~Suspension.is_over)
        .values(is_over=True)
    )
