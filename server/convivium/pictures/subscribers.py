"""What is done later about pictures: files that nothing shows any more are removed."""

from convivium.core.jobs import Due, Runner
from convivium.core.transaction import Transaction, Transactions
from convivium.pictures import service
from convivium.pictures.album import SHELVES, Album
from convivium.pictures.service import FORGET_FILES, FORGOTTEN_AT_ONCE


def subscribe(jobs: Runner, album: Album) -> None:
    """Remove files once no row has them."""

    async def forget(tx: Transaction, due: Due) -> None:
        # Inside the transaction: a row that is just being written comes before or after.
        if not await service.is_kept(tx.session, due.key):
            album.remove(due.key)

    jobs.on(FORGET_FILES, forget)


class Sweep:
    """Forgets what nothing shows, and looks through one shelf of files after the other."""

    def __init__(self, transactions: Transactions, album: Album) -> None:
        self._transactions = transactions
        self._album = album
        self._shelf = 0

    async def __call__(self) -> None:
        """Forget a few at a time: others write in between."""
        gone = FORGOTTEN_AT_ONCE
        while gone == FORGOTTEN_AT_ONCE:
            async with self._transactions.begin() as tx:
                gone = await service.forget_unused(tx)
        names = sorted(await self._album.names_on(self._shelf))
        self._shelf = (self._shelf + 1) % SHELVES
        for first in range(0, len(names), FORGOTTEN_AT_ONCE):
            async with self._transactions.begin() as tx:
                await service.forget_left_behind(tx, names[first : first + FORGOTTEN_AT_ONCE])
