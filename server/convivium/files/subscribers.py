"""What is done later about files: those that nothing shows any more are removed."""

from typing import Any

from convivium.core.jobs import Due, Runner
from convivium.core.transaction import Transaction, Transactions
from convivium.files.service import FORGOTTEN_AT_ONCE, Kind
from convivium.files.shelves import SHELVES, Shelves


def subscribe(jobs: Runner, kind: Kind[Any], shelves: Shelves) -> None:
    """Remove files once no row has them."""

    async def forget(tx: Transaction, due: Due) -> None:
        # Inside the transaction: a row that is just being written comes before or after.
        if not await kind.is_kept(tx.session, due.key):
            shelves.remove(due.key)

    jobs.on(kind.job, forget)


class Sweep:
    """Forgets what nothing shows, and looks through one shelf of files after the other."""

    def __init__(self, transactions: Transactions, kind: Kind[Any], shelves: Shelves) -> None:
        self._transactions = transactions
        self._kind = kind
        self._shelves = shelves
        self._shelf = 0

    async def __call__(self) -> None:
        """Forget a few at a time: others write in between."""
        gone = FORGOTTEN_AT_ONCE
        while gone == FORGOTTEN_AT_ONCE:
            async with self._transactions.begin() as tx:
                gone = await self._kind.forget_unused(tx)
        names = sorted(await self._shelves.names_on(self._shelf))
        self._shelf = (self._shelf + 1) % SHELVES
        for first in range(0, len(names), FORGOTTEN_AT_ONCE):
            async with self._transactions.begin() as tx:
                await self._kind.forget_left_behind(tx, names[first : first + FORGOTTEN_AT_ONCE])
