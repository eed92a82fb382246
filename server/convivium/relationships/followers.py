"""Who follows somebody, remembered for as long as it is so: a host may have very many followers."""

from collections import OrderedDict

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.relationships.models import Follow

# Of so many people the followers are remembered; those not asked for longest are forgotten first.
REMEMBERED = 64


class Followers:
    """Looks followers up again only when they are others than before.

    How many they are and the last number among them name a set: numbers are never given twice, so
    whoever came has a higher one, and whoever only went makes them fewer.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[tuple[int, int | None], frozenset[str]]] = OrderedDict()

    async def of(self, session: AsyncSession, person_id: str) -> frozenset[str]:
        """List who follows somebody; the same object as long as they are the same."""
        of_person = Follow.other_id == person_id
        row = await session.execute(select(func.count(), func.max(Follow.number)).where(of_person))
        count, last = row.one()
        known = self._known.get(person_id)
        if known is None or known[0] != (count, last):
            rows = await session.scalars(select(Follow.person_id).where(of_person))
            known = (count, last), frozenset(rows)
            self._known[person_id] = known
        self._known.move_to_end(person_id)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return known[1]
