"""How rows of files are counted and forgotten, whatever the files are."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.core import jobs
from convivium.core.transaction import Transaction
from convivium.files.models import Kept, Named

# How long something may be kept that nothing shows, and how many of one person.
UNUSED_LIFE = timedelta(days=1)
UNUSED_MAX = 20
FORGOTTEN_AT_ONCE = 200

K = TypeVar("K", bound=Kept)


@dataclass(frozen=True, slots=True)
class Kind(Generic[K]):
    """One kind of files: its table, and the job that removes them, whose key is their name.

    also: other tables whose rows have such files.
    """

    table: type[K]
    job: str
    also: tuple[type[Named], ...] = ()

    @property
    def _tables(self) -> tuple[type[Named], ...]:
        return (self.table, *self.also)

    async def count(self, session: AsyncSession, most: int, which: ColumnElement[bool]) -> int:
        """Count no further than there is any difference."""
        some = select(self.table.number).where(which).limit(most).subquery()
        return await session.scalar(select(func.count()).select_from(some)) or 0

    async def let_go(self, tx: Transaction, rows: Iterable[Named]) -> None:
        """Forget rows, and their files once no other row has them."""
        for row in rows:
            await tx.session.delete(row)
            await jobs.put(tx, self.job, row.file, tx.now)
        await tx.session.flush()

    async def forget_all_of(self, tx: Transaction, person_id: str) -> None:
        """Forget everything of somebody."""
        mine = select(self.table).where(self.table.person_id == person_id)
        await self.let_go(tx, (await tx.session.scalars(mine)).all())

    async def forget_unused(self, tx: Transaction) -> int:
        """Forget what nothing has shown for a day; tells how much."""
        is_over = self.table.uploaded_at <= tx.now - UNUSED_LIFE
        over = select(self.table).where(self.table.used_at.is_(None), is_over)
        rows = (await tx.session.scalars(over.limit(FORGOTTEN_AT_ONCE))).all()
        await self.let_go(tx, rows)
        return len(rows)

    async def forget_left_behind(self, tx: Transaction, names: Collection[str]) -> None:
        """Let files be removed that no row has: of people who are gone, or of a server that was."""
        left = set(names)
        for table in self._tables:
            known = select(table.file).where(table.file.in_(names))
            left.difference_update(await tx.session.scalars(known))
        for name in left:
            await jobs.put(tx, self.job, name, tx.now)

    async def is_kept(self, session: AsyncSession, name: str) -> bool:
        """Tell whether a row has these files."""
        for table in self._tables:
            kept = select(table.number).where(table.file == name).limit(1)
            if await session.scalar(kept) is not None:
                return True
        return False
