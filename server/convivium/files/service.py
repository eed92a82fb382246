"""How rows of files are counted and forgotten, whatever the files are."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from convivium.core import jobs
from convivium.core.database import Base
from convivium.core.transaction import Transaction
from convivium.files.models import Kept, Named

# How long something may be kept that nothing shows, and how many of one person.
UNUSED_LIFE = timedelta(days=1)
UNUSED_MAX = 20
FORGOTTEN_AT_ONCE = 200
# By what a column is known that names files of a kind (by the kind's job), for features above.
FILES_OF = "files_of"

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
    def named(self) -> dict[str, str]:
        """What a column of another table says of itself (its `info`) that names such files."""
        return {FILES_OF: self.job}

    @property
    def _columns(self) -> Iterator[InstrumentedAttribute[str] | Column[Any]]:
        """Give all columns that name such files, also of features that nobody here knows."""
        tables: tuple[type[Named], ...] = (self.table, *self.also)
        yield from (table.file for table in tables)
        for table in Base.metadata.tables.values():
            yield from (each for each in table.columns if each.info.get(FILES_OF) == self.job)

    async def count(self, session: AsyncSession, most: int, which: ColumnElement[bool]) -> int:
        """Count no further than there is any difference."""
        some = select(self.table.number).where(which).limit(most).subquery()
        return await session.scalar(select(func.count()).select_from(some)) or 0

    async def let_go(self, tx: Transaction, rows: Iterable[Named]) -> None:
        """Forget rows, and their files once no other row has them."""
        for row in rows:
            await tx.session.delete(row)
            await self.forget_files(tx, row.file)
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
        for column in self._columns:
            known = select(column).where(column.in_(names))
            left.difference_update(await tx.session.scalars(known))
        for name in left:
            await self.forget_files(tx, name)

    async def forget_files(self, tx: Transaction, name: str) -> None:
        """Let files be removed, unless a row has them by then."""
        await jobs.put(tx, self.job, name, tx.now)

    async def is_kept(self, session: AsyncSession, name: str) -> bool:
        """Tell whether a row has these files."""
        for column in self._columns:
            kept = select(column).where(column == name).limit(1)
            if await session.scalar(kept) is not None:
                return True
        return False
