"""What staff do about accounts, with what the people concerned are told of it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select as rows_of
from sqlalchemy import tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts import roles, waiting
from convivium.accounts.models import Person
from convivium.accounts.roles import Place
from convivium.core.actor import Actor, Role
from convivium.core.transaction import Transaction
from convivium.notifications.kinds import Kind
from convivium.notifications.service import About, tell
from convivium.search import words
from convivium.search.index import SearchIndex


async def find(
    index: SearchIndex, session: AsyncSession, query: str, *, before: Place, limit: int
) -> Sequence[Person]:
    """Find people with accounts by words, the newest first: also those nobody else finds."""
    wanted = words.read(query)
    if not wanted.has_words:
        return ()
    found = index.narrowed(rows_of(Person), "person", wanted).where(Person.kind == "account")
    order = (Person.created_at, Person.id)
    found = found.where(tuple_(*order) < tuple_(before.at, before.person_id))
    found = found.order_by(*(each.desc() for each in order)).limit(limit)
    async with index.looking(session):
        return (await session.scalars(found)).all()


async def let_in(tx: Transaction, actor: Actor, person_id: str) -> None:
    """Let in somebody who waits. Raises NotWaiting."""
    person = await waiting.let_in(tx, actor, person_id)
    await _tell(tx, person, "let_in")


async def give_role(tx: Transaction, actor: Actor, person: Person, role: Role) -> None:
    """Give somebody a role. Raises what `roles.give` raises."""
    was = person.role
    await roles.give(tx, actor, person, role)
    if was != role:
        await _tell(tx, person, "role_given")


async def send_out(tx: Transaction, actor: Actor, person: Person) -> None:
    """Sign somebody out everywhere. Raises what `roles.send_out` raises."""
    await roles.send_out(tx, actor, person)
    await _tell(tx, person, "sent_out")


async def give_way_back(tx: Transaction, actor: Actor, person: Person) -> tuple[str, datetime]:
    """Make a code for somebody who cannot sign in. Raises what `roles.give_way_back` raises."""
    made = await roles.give_way_back(tx, actor, person)
    await _tell(tx, person, "way_back_given")
    return made


async def _tell(tx: Transaction, person: Person, kind: Kind) -> None:
    await tell(tx, person.id, About(kind, ""))
