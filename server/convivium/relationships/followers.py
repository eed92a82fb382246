"""Who follows somebody, remembered for as long as it is so: a host may have very many followers."""

from collections import OrderedDict
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.relationships.models import Follow

# Of so many people the followers are remembered; those not asked for longest are forgotten first.
REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class _Sums:
    """What tells a set of follows from any other that it may become: how many, and their numbers.

    Numbers are never given twice. So whoever came has a higher one than all before, and when one is
    gone, the sum says which.
    """

    count: int
    last: int
    total: int


@dataclass(frozen=True, slots=True)
class _Known:
    """Followers as of one look. people_of: each by the number of the follow."""

    sums: _Sums
    people_of: dict[int, str]
    people: frozenset[str]

    def after(self, came: dict[int, str], sums: _Sums) -> "_Known | None":
        """Give what these are once some came and at most one went; None where that is not all."""
        gone = self.sums.count + len(came) - sums.count
        missing = self.sums.total + sum(came) - sums.total
        if (gone, missing) == (0, 0):
            left = set[str]()
        elif gone == 1 and missing in self.people_of:
            left = {self.people_of.pop(missing)}
        else:
            return None
        # Handed on, not copied: a number always stands for the same follow.
        self.people_of.update(came)
        return _Known(sums, self.people_of, (self.people - left).union(came.values()))


class Followers:
    """Looks up only who came since, and which one went; where several went, everybody anew.

    The sums are taken within an index, and the set is copied: with 100,000 followers some
    milliseconds, where reading them all takes hundreds.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[str, _Known] = OrderedDict()

    async def of(self, session: AsyncSession, person_id: str) -> frozenset[str]:
        """List who follows somebody; the same object as long as they are the same."""
        sums = await _sums(session, person_id)
        known = self._known.get(person_id)
        if known is None or known.sums != sums:
            known = await _look(session, person_id, sums, known)
            self._known[person_id] = known
        self._known.move_to_end(person_id)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return known.people


async def _look(session: AsyncSession, person_id: str, sums: _Sums, known: _Known | None) -> _Known:
    if known is not None:
        now = known.after(await _since(session, person_id, known.sums.last), sums)
        if now is not None:
            return now
    everybody = await _since(session, person_id, 0)
    return _Known(sums, everybody, frozenset(everybody.values()))


async def _sums(session: AsyncSession, person_id: str) -> _Sums:
    number = Follow.number
    found = await session.execute(
        select(func.count(), func.max(number), func.sum(number)).where(Follow.other_id == person_id)
    )
    count, last, total = found.one()
    return _Sums(count, last or 0, total or 0)


async def _since(session: AsyncSession, person_id: str, number: int) -> dict[int, str]:
    """Read the follows of somebody with a higher number, each with who follows."""
    rows = await session.execute(
        select(Follow.number, Follow.person_id).where(
            Follow.other_id == person_id, Follow.number > number
        )
    )
    return {row.number: row.person_id for row in rows}
