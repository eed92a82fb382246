"""One request is one transaction, committed here and nowhere else; effects follow the commit."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from convivium.core.bus import Bus, Fact
from convivium.core.clock import Clock
from convivium.core.database import Database


class Transaction:
    """What a service writes in: the session, the time of it all, and what it announces."""

    def __init__(self, session: AsyncSession, bus: Bus, now: datetime) -> None:
        self.session = session
        self.now = now
        self._bus = bus
        self._facts: list[Fact] = []

    async def announce(self, fact: Fact) -> None:
        """Let the inside subscribers take part now, and tell the others after the commit."""
        self._facts.append(fact)
        await self._bus.join(self, fact)

    @property
    def has_news(self) -> bool:
        """Whether anything was announced."""
        return bool(self._facts)

    async def tell(self) -> None:
        """Tell the after subscribers everything that was announced."""
        await self._bus.tell(self._facts)


class Transactions:
    """Begins transactions, and tells what they announced once they are committed."""

    def __init__(self, database: Database, bus: Bus, clock: Clock) -> None:
        self.database = database
        self._bus = bus
        self._clock = clock
        self._telling: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        """Commit at the end and return when everybody was told, or take everything back."""
        async with self.database.write() as session:
            tx = Transaction(session, self._bus, self._clock.now())
            yield tx
        await self._tell(tx)

    def now(self) -> datetime:
        """Tell the time by which transactions are dated."""
        return self._clock.now()

    async def finish(self) -> None:
        """Wait until everybody was told what is committed."""
        await asyncio.gather(*self._telling, return_exceptions=True)

    async def _tell(self, tx: Transaction) -> None:
        if not tx.has_news:
            return
        # The rows are so: whoever gives up waiting must not keep the others from hearing of it.
        task = asyncio.create_task(tx.tell())
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)
        await asyncio.shield(task)
