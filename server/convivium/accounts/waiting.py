"""The waiting list: accounts to be, which staff let in or not. Until then there is nobody there.

Whoever waits has a row of their own kind, a name that nobody else takes, and a session that is
worth nothing anywhere (`service.may_act`) until the day they are let in.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts import profiles
from convivium.accounts.events import LetIn, SignedUp, TurnedAway
from convivium.accounts.likeness import likeness
from convivium.accounts.models import Person, SignIn, Waiting
from convivium.core.actor import Actor
from convivium.core.errors import NotFound, NotSignedIn
from convivium.core.ids import fingerprint
from convivium.core.transaction import Transaction

# Whoever was not answered for so long is forgotten, and so is who was not let in.
WAITS_FOR = timedelta(days=90)
REFUSED_FOR = timedelta(days=7)
FORGOTTEN_AT_ONCE = 100

Row = tuple[Person, Waiting]


class NotWaiting(NotFound):
    """Nobody of this id waits, or not any more."""

    code = "not_waiting"
    title = "Nobody waits here by this name"
    detail = "They were let in, turned away, or have withdrawn. Look at the list again."


async def who_shows(session: AsyncSession, cookies: Sequence[str], now: datetime) -> Row | None:
    """Find who waits and shows these."""
    shown = [fingerprint(cookie) for cookie in cookies]
    row = await session.execute(
        select(Person, Waiting)
        .join(Waiting, Waiting.person_id == Person.id)
        .join(SignIn, SignIn.person_id == Person.id)
        .where(SignIn.secret_hash.in_(shown), SignIn.expires_at > now)
        .where(Person.kind == "waiting")
        .limit(1)
    )
    found = row.first()
    return None if found is None else (found[0], found[1])


async def withdraw(tx: Transaction, cookies: Sequence[str]) -> None:
    """Wait no more, and leave nothing behind. Raises NotSignedIn for who does not wait."""
    found = await who_shows(tx.session, cookies, tx.now)
    if found is None:
        raise NotSignedIn("You are not on the waiting list, or not any more.")
    await _forget(tx, [found[0].id])


async def in_line(session: AsyncSession, *, after: int, limit: int) -> Sequence[Row]:
    """List who waits, the longest first; after: the number where a page ended."""
    rows = await session.execute(
        select(Person, Waiting)
        .join(Waiting, Waiting.person_id == Person.id)
        .where(Waiting.refused_at.is_(None), Waiting.number > after)
        .order_by(Waiting.number)
        .limit(limit)
    )
    return [(person, waits) for person, waits in rows]


async def let_in(tx: Transaction, actor: Actor, person_id: str) -> Person:
    """Make an account of one to be, as if they signed up now. Raises NotWaiting."""
    person, waits = await _waiting(tx, person_id)
    await tx.session.delete(waits)
    person.kind, person.created_at = "account", tx.now
    await _show_fairly(tx, person)
    await tx.session.flush()
    await tx.announce(SignedUp(person.id))
    await tx.announce(LetIn(person.id, actor.id))
    return person


async def turn_away(tx: Transaction, actor: Actor, person_id: str) -> None:
    """Do not let somebody in; they see it for some days, then nothing is left. NotWaiting."""
    person, waits = await _waiting(tx, person_id)
    waits.refused_at = tx.now
    await tx.session.flush()
    await tx.announce(TurnedAway(person.id, actor.id))


async def forget_old(tx: Transaction) -> None:
    """Forget those whom nobody answered for long, and those who were not let in, a part."""
    refused = Waiting.refused_at <= tx.now - REFUSED_FOR
    unanswered = Waiting.refused_at.is_(None) & (Waiting.since <= tx.now - WAITS_FOR)
    for over in (refused, unanswered):
        old = select(Waiting.person_id).where(over).limit(FORGOTTEN_AT_ONCE)
        await _forget(tx, (await tx.session.scalars(old)).all())


async def _waiting(tx: Transaction, person_id: str) -> Row:
    waits = await tx.session.scalar(
        select(Waiting).where(Waiting.person_id == person_id, Waiting.refused_at.is_(None))
    )
    if waits is None:
        raise NotWaiting
    return await tx.session.get_one(Person, person_id), waits


async def _show_fairly(tx: Transaction, person: Person) -> None:
    """Show them by their handle where the name they wanted is too much like another's by now."""
    name = person.name or ""
    try:
        await profiles.check_name(tx.session, person.display_name, name, person.id)
    except profiles.NameTooAlike:
        person.display_name, person.likeness = name, likeness(name)


async def _forget(tx: Transaction, people: Sequence[str]) -> None:
    waits = Person.id.in_(people) & (Person.kind == "waiting")
    await tx.session.execute(delete(Person).where(waits))
