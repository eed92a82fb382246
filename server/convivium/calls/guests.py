"""Guests who come at once are written down at once: a crowd at the door shares its transactions.

Each commit waits for the disk. Whoever comes meanwhile is in the next one, however many they are.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts import service as accounts
from convivium.core.actor import Actor
from convivium.core.errors import Busy, Refusal
from convivium.core.transaction import Transactions
from convivium.spaces.models import Space

# Few enough that others who write wait a few milliseconds for a batch, not longer.
BATCH = 64
WAITING_LIMIT = 2000

AskDoor = Callable[[AsyncSession, str], Awaitable[Space]]


@dataclass(eq=False, slots=True)
class Newcomer:
    """Somebody at the door of a space, who waits to be let in as a guest."""

    guest: Actor
    secret: str
    space_id: str
    let_in: asyncio.Future[tuple[Space, Actor]]


class Guests:
    """Lets strangers into spaces, and writes them down.

    ask_door: finds a space that a stranger may listen to, or raises why not.
    """

    def __init__(self, transactions: Transactions, ask_door: AskDoor) -> None:
        self._transactions = transactions
        self._ask_door = ask_door
        self._waiting: deque[Newcomer] = deque()
        self._writing: asyncio.Task[None] | None = None

    async def let_in(self, guest: Actor, secret: str, space_id: str) -> tuple[Space, Actor]:
        """Give the space and the guest as they are written down. Raises Busy and why not."""
        if len(self._waiting) >= WAITING_LIMIT:
            raise Busy
        newcomer = Newcomer(guest, secret, space_id, asyncio.get_running_loop().create_future())
        self._waiting.append(newcomer)
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        return await newcomer.let_in

    async def finish(self) -> None:
        """Wait until everybody who came has been seen to."""
        if self._writing is not None:
            await self._writing

    async def _write(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            # Whoever gave up meanwhile is not written down.
            batch = [newcomer for newcomer in batch if not newcomer.let_in.done()]
            try:
                if batch:
                    await self._let_in(batch)
            except Exception as error:  # noqa: BLE001 - it is theirs who wait for this batch
                for newcomer in batch:
                    _refuse(newcomer, error)
        self._writing = None

    async def _let_in(self, batch: Sequence[Newcomer]) -> None:
        async with self._transactions.begin() as tx:
            doors = {each.space_id: each for each in batch}
            spaces = {each: await self._ask(tx.session, each) for each in doors}
            welcome = [each for each in batch if isinstance(spaces[each.space_id], Space)]
            kept = await accounts.keep_guests(tx, [(each.guest, each.secret) for each in welcome])
        guests = dict(zip(welcome, kept, strict=True))
        for newcomer in batch:
            space = spaces[newcomer.space_id]
            if isinstance(space, Refusal):
                _refuse(newcomer, space)
            elif not newcomer.let_in.done():
                newcomer.let_in.set_result((space, guests[newcomer]))

    async def _ask(self, session: AsyncSession, space_id: str) -> Space | Refusal:
        try:
            return await self._ask_door(session, space_id)
        except Refusal as refusal:
            return refusal


def _refuse(newcomer: Newcomer, why: Exception) -> None:
    if not newcomer.let_in.done():
        newcomer.let_in.set_exception(why)
