"""What has to wait for somebody outside of this server, while everybody else goes on writing.

An errand is a job in three steps: *packed* in one transaction, in which its rows say that it is
out; *carried* while nothing is held; *settled* in another transaction. Who was killed in between
is packed again, and sees by those rows that it was out: whether it arrived nobody knows, so it does
not go twice.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, Protocol, TypeVar

import structlog
from sqlalchemy import select, update

from convivium.core.jobs import ATTEMPTS, BATCH, Due, Job, Runner, end
from convivium.core.transaction import Transaction, Transactions

# Others are away for longer than our own database: eight tries take an hour.
FIRST_PAUSE_S = 30.0
LONGEST_PAUSE_S = 3600.0

log = structlog.get_logger()

P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an errand.

    done: it arrived. again: it certainly did not, and may another time, in `after_s` or later.
    never: it will not. unsure: nobody knows, so it is not tried again. end: nobody lives there.
    """

    word: Literal["done", "again", "never", "unsure", "end"]
    after_s: float = 0.0


class Errand(Protocol[P]):
    """How errands of a kind are done."""

    async def pack(self, tx: Transaction, due: Due) -> P | None:
        """Write that it goes out, and take along what it needs; None: it is not wanted any more."""

    async def carry(self, parcel: P) -> Outcome:
        """Go, with nothing held."""

    async def settle(self, tx: Transaction, parcel: P, outcome: Outcome) -> None:
        """Write what came of it."""


class Errands(Runner):
    """Does the errands that are due, several at once: when one comes back the next one goes."""

    first_pause_s = FIRST_PAUSE_S

    def __init__(self, transactions: Transactions, *, at_once: int = BATCH) -> None:
        super().__init__(transactions)
        self._at_once = at_once
        self._errands: dict[str, Errand[Any]] = {}

    def on_errand(self, kind: str, errand: Errand[Any]) -> None:
        """Say how errands of a kind are done."""
        self._errands[kind] = errand
        self.on(kind, _nothing)

    async def run_due(self) -> None:
        """Do everything that is due; also what falls due while others are still on their way."""
        out: set[asyncio.Task[None]] = set()
        async with self._one_at_a_time, asyncio.TaskGroup() as group:
            while True:
                self._news.clear()
                out |= {group.create_task(self._do(due)) for due in await self._next(len(out))}
                if not out:
                    return
                out = await self._one_back(out)

    async def _next(self, out: int) -> Sequence[Due]:
        """Take as many as there is room for; those that are out come back whatever fails here."""
        if out >= self._at_once:
            return ()
        try:
            return await self._lease(self._at_once - out)
        except Exception:
            if not out:
                raise
            log.exception("errands_not_read")
            return ()

    async def _one_back(self, out: set[asyncio.Task[None]]) -> set[asyncio.Task[None]]:
        """Wait until one is back or there is more to be done; gives those that are still out."""
        news = asyncio.create_task(self._news.wait())
        try:
            await asyncio.wait({*out, news}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            news.cancel()
        return {one for one in out if not one.done()}

    async def _do(self, due: Due) -> None:
        errand = self._errands[due.kind]
        try:
            parcel = await self._pack(errand, due)
            if parcel is not None:
                outcome = await _carry(errand, parcel, due)
                await self._settle(errand, parcel, due, outcome)
        except Exception as error:
            log.exception("errand_failed", kind=due.kind, attempts=due.attempts)
            await self._leave(due, type(error).__name__)

    async def _leave(self, due: Due, error: str) -> None:
        """Try it again later; if not even that can be written, when its lease is over."""
        try:
            await self._try_again(due, error)
        except Exception:
            log.exception("errand_left", kind=due.kind)

    async def _pack(self, errand: Errand[P], due: Due) -> P | None:
        async with self._transactions.begin() as tx:
            there = select(Job.number).where(Job.number == due.number)
            if await tx.session.scalar(there) is None:
                return None
            parcel = await errand.pack(tx, due)
            if parcel is None:
                await end(tx.session, due.number)
            return parcel

    async def _settle(self, errand: Errand[P], parcel: P, due: Due, outcome: Outcome) -> None:
        async with self._transactions.begin() as tx:
            await errand.settle(tx, parcel, outcome)
            if outcome.word == "again":
                await self._put_off(tx, due, outcome.after_s)
            else:
                await end(tx.session, due.number)

    async def _put_off(self, tx: Transaction, due: Due, after_s: float) -> None:
        """Try again later: when they asked for, but not sooner than we would, nor for ever."""
        pause_s = max(self.first_pause_s * 2 ** (due.attempts - 1), after_s)
        run_at = tx.now + timedelta(seconds=min(pause_s, LONGEST_PAUSE_S))
        moved = {"run_at": run_at, "leased_until": None, "last_error": "NotTakenYet"}
        await tx.session.execute(update(Job).where(Job.number == due.number).values(moved))


async def _carry(errand: Errand[P], parcel: P, due: Due) -> Outcome:
    try:
        outcome = await errand.carry(parcel)
    except Exception as error:  # noqa: BLE001 - whatever it was, nobody knows how far it went
        # Its text may name addresses.
        log.error("errand_broke", kind=due.kind, error=type(error).__name__)  # noqa: TRY400
        return Outcome("unsure")
    if outcome.word == "again" and due.attempts >= ATTEMPTS:
        return Outcome("never")
    return outcome


async def _nothing(_tx: Transaction, _due: Due) -> None:
    """Stand for an errand among the acts: they say which kinds are looked for."""
