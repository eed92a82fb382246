"""What is to be done later: a row put down in the transaction of the act, done by a runner.

A job has a kind, which says what is done, and a key, of which a kind has one job at most: to put
it down again is to move it. It is done in one transaction together with the end of its row, so
that what it writes is written once, whatever fails, and whoever is killed when. What it must not
do is wait for anything but rows: everybody else's writing waits for it. What goes out of this
server is an errand (`core/errands.py`).
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import (
    JSON,
    Index,
    Select,
    UniqueConstraint,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from convivium.core.bus import Fact
from convivium.core.database import Base
from convivium.core.errors import Unconfirmed
from convivium.core.transaction import Transaction, Transactions

# Much longer than a transaction may take: who holds a lease past it was killed.
LEASE_S = 30.0
# How often something is tried, and how long after the first failure; twice as long after each.
ATTEMPTS = 8
FIRST_PAUSE_S = 5.0
# How many are taken at once: a backlog must not keep what falls due meanwhile waiting.
BATCH = 20
# The longest that nothing is looked for: also a clock that was set must be noticed.
LOOK_EVERY_S = 60.0
# How long what was given up is kept for the operator to look at.
KEPT_DAYS = 30

log = structlog.get_logger()


class Job(Base):
    """Something to be done.

    run_at: when, or when to try again. attempts: how often it was begun.
    leased_until: until when it is somebody's who has begun it. last_error: the kind of what it
    failed with; its text might hold what people said.
    """

    __tablename__ = "job"
    __table_args__ = (
        UniqueConstraint("kind", "key"),
        Index("ix_job_attempts", "attempts", "number"),
        {"sqlite_autoincrement": True},
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    kind: Mapped[str]
    key: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    run_at: Mapped[datetime] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None] = mapped_column(index=True)
    last_error: Mapped[str | None]


@dataclass(frozen=True, slots=True)
class JobPut(Fact):
    """There is something to be done at a time."""

    run_at: datetime


async def put(
    tx: Transaction, kind: str, key: str, run_at: datetime, payload: dict[str, Any] | None = None
) -> None:
    """Let something be done at a time, once the transaction is committed.

    What was put down before under this key is replaced, also while it is about to be done.
    """
    await withdraw(tx, kind, key)
    tx.session.add(Job(kind=kind, key=key, payload=payload or {}, run_at=run_at))
    await tx.session.flush()
    await tx.announce(JobPut(run_at))


async def put_new(tx: Transaction, kind: str, run_at_of: Mapping[str, datetime]) -> None:
    """Let many things be done, each at its time, under keys that nobody has used before."""
    if not run_at_of:
        return
    row = {"kind": kind, "payload": {}, "attempts": 0}
    rows = [row | {"key": key, "run_at": run_at} for key, run_at in run_at_of.items()]
    await tx.session.execute(insert(Job), rows)
    await tx.announce(JobPut(min(run_at_of.values())))


async def withdraw(tx: Transaction, kind: str, key: str) -> None:
    """Let something not be done; what is not put down stays so."""
    await tx.session.execute(delete(Job).where(Job.kind == kind, Job.key == key))


async def forget_given_up(tx: Transaction, *, but: Collection[str] = ()) -> None:
    """Forget what was given up long ago; but: kinds that were promised, and stay until done."""
    since = tx.now - timedelta(days=KEPT_DAYS)
    given_up = (Job.attempts >= ATTEMPTS, Job.run_at < since, Job.kind.not_in(but))
    await tx.session.execute(delete(Job).where(*given_up))


@dataclass(frozen=True, slots=True)
class Due:
    """What is done now, as it was put down."""

    number: int
    kind: str
    key: str
    payload: dict[str, Any]
    attempts: int


Act = Callable[[Transaction, Due], Awaitable[None]]


class Runner:
    """Does what is due, one after the other, by the clock of the transactions."""

    first_pause_s = FIRST_PAUSE_S

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._acts: dict[str, Act] = {}
        self._one_at_a_time = asyncio.Lock()
        self._news = asyncio.Event()

    def on(self, kind: str, act: Act) -> None:
        """Say what is done for jobs of a kind; those of kinds that nobody names are left alone."""
        self._acts[kind] = act

    async def look_again(self, _facts: Sequence[JobPut]) -> None:
        """Look when the next is due: there is another now."""
        self._news.set()

    async def run(self) -> None:
        """Do everything when it is due, for ever."""
        while True:
            self._news.clear()
            wait_s = LOOK_EVERY_S
            try:
                await self.run_due()
                wait_s = await self._next_in_s()
            except Exception:
                log.exception("jobs_not_read")
                wait_s = FIRST_PAUSE_S
            try:
                async with asyncio.timeout(wait_s):
                    await self._news.wait()
            except TimeoutError:
                pass

    async def run_due(self) -> None:
        """Do everything that is due; returns when nothing is left that could be tried now."""
        async with self._one_at_a_time:
            while batch := await self._lease():
                await self._do_all(batch)

    async def _do_all(self, batch: Sequence[Due]) -> None:
        for due in batch:
            await self._do(due)

    async def _lease(self, most: int = BATCH) -> list[Due]:
        """Take what is due, the earliest first, so that nobody else does."""
        now = self._transactions.now()
        async with self._transactions.database.read() as session:
            if await session.scalar(self._due_at(now).limit(1)) is None:
                return []
        async with self._transactions.begin() as tx:
            jobs = (await tx.session.scalars(self._due_at(tx.now).limit(most))).all()
            for job in jobs:
                job.leased_until = tx.now + timedelta(seconds=LEASE_S)
                job.attempts += 1
            return [Due(j.number, j.kind, j.key, dict(j.payload), j.attempts) for j in jobs]

    async def _do(self, due: Due) -> None:
        try:
            async with self._transactions.begin() as tx:
                if await end(tx.session, due.number):
                    await self._acts[due.kind](tx, due)
        except Unconfirmed:
            # What it wrote is written; those who follow it go on trying by themselves.
            log.warning("job_unconfirmed", kind=due.kind)
        except Exception as error:
            log.exception("job_failed", kind=due.kind, attempts=due.attempts)
            await self._try_again(due, type(error).__name__)

    async def _try_again(self, due: Due, error: str) -> None:
        if due.attempts >= ATTEMPTS:
            log.error("job_given_up", kind=due.kind, number=due.number)
        pause = timedelta(seconds=self.first_pause_s * 2 ** (due.attempts - 1))
        async with self._transactions.begin() as tx:
            await tx.session.execute(
                update(Job)
                .where(Job.number == due.number)
                .values(run_at=tx.now + pause, leased_until=None, last_error=error)
            )

    def _due_at(self, now: datetime) -> Select[Any]:
        return (
            self._open(select(Job))
            .where(Job.run_at <= now, or_(Job.leased_until.is_(None), Job.leased_until <= now))
            .order_by(Job.run_at, Job.number)
        )

    def _open(self, query: Select[Any]) -> Select[Any]:
        """Leave out what was given up, and what nobody here knows how to do."""
        return query.where(Job.attempts < ATTEMPTS, Job.kind.in_(self._acts))

    async def _next_in_s(self) -> float:
        leased_longer = func.coalesce(Job.leased_until, Job.run_at) > Job.run_at
        when = func.min(case((leased_longer, Job.leased_until), else_=Job.run_at))
        async with self._transactions.database.read() as session:
            at: datetime | None = await session.scalar(self._open(select(when)))
        if at is None:
            return LOOK_EVERY_S
        wait_s = (at - self._transactions.now()).total_seconds()
        return min(max(wait_s, 0.0), LOOK_EVERY_S)


async def end(session: AsyncSession, number: int) -> bool:
    """End a row; False when it was withdrawn, moved or done meanwhile."""
    ended = delete(Job).where(Job.number == number).returning(Job.number)
    return await session.scalar(ended) is not None
