"""Groups that the operator makes of people, and to which settings refer."""

import re

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts.models import GroupMember, Person
from convivium.accounts.service import PersonNotFound
from convivium.core.errors import Malformed
from convivium.core.transaction import Transaction

NAME = re.compile(r"[a-z0-9_]{2,30}")


async def of(session: AsyncSession, person_id: str) -> frozenset[str]:
    """List the groups somebody is in."""
    rows = await session.scalars(
        select(GroupMember.group_name).where(GroupMember.person_id == person_id)
    )
    return frozenset(rows)


async def add(tx: Transaction, group: str, name: str) -> None:
    """Put somebody into a group; who is in it stays. Raises PersonNotFound, Malformed."""
    if not NAME.fullmatch(group):
        raise Malformed("group: 2 to 30 of the letters a to z, digits and _.")
    person = await _named(tx, name)
    await tx.session.merge(GroupMember(group_name=group, person_id=person.id))


async def remove(tx: Transaction, group: str, name: str) -> None:
    """Take somebody out of a group. Raises PersonNotFound."""
    person = await _named(tx, name)
    await tx.session.execute(
        delete(GroupMember).where(
            GroupMember.group_name == group, GroupMember.person_id == person.id
        )
    )


async def _named(tx: Transaction, name: str) -> Person:
    person = await tx.session.scalar(select(Person).where(Person.name == name.removeprefix("@")))
    if person is None:
        raise PersonNotFound(f"Nobody here is named {name}.")
    return person
