"""What is done later: at its time, once, whatever fails and whoever is killed."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from convivium.app import Instance
from convivium.core import jobs
from convivium.core.bus import Bus
from convivium.core.clock import ManualClock
from convivium.core.config import Settings
from convivium.core.database import Database, database_of
from convivium.core.jobs import ATTEMPTS, FIRST_PAUSE_S, LEASE_S, Due, Job, JobPut, Runner
from convivium.core.transaction import Transaction, Transactions
from tests.table import until


class Desk:
    """One server's jobs, and what was done of them; `fails` is how often the next ones fail."""

    def __init__(self, settings: Settings, clock: ManualClock) -> None:
        self.clock = clock
        self.bus = Bus()
        self.transactions = Transactions(Database(database_of(settings)), self.bus, clock)
        self.runner = Runner(self.transactions)
        self.runner.on("ring", self.ring)
        self.done: list[str] = []
        self.fails = 0

    async def ring(self, tx: Transaction, due: Due) -> None:
        """Write a row beside, so that what fails can be seen to leave nothing."""
        await jobs.put(tx, "trace", f"{due.key}-{due.attempts}", tx.now)
        if self.fails:
            self.fails -= 1
            raise RuntimeError("the bell is broken")
        self.done.append(due.key)

    async def put(self, key: str, in_s: float) -> None:
        """Let it ring in some seconds."""
        async with self.transactions.begin() as tx:
            await jobs.put(tx, "ring", key, tx.now + timedelta(seconds=in_s), {"n": 1})

    async def put_in_vain(self, key: str) -> None:
        """Put a job down in a transaction that is taken back."""
        async with self.transactions.begin() as tx:
            await jobs.put(tx, "ring", key, tx.now)
            raise RuntimeError("the act was refused")

    async def pass_s(self, seconds: float) -> list[str]:
        """Let time pass, do what is due, and tell all that was ever done."""
        self.clock.advance(seconds)
        await self.runner.run_due()
        return self.done

    async def rows(self, kind: str = "ring") -> list[Job]:
        """Give the rows there are of a kind."""
        async with self.transactions.database.read() as session:
            return list(await session.scalars(select(Job).where(Job.kind == kind)))


@pytest.fixture
async def desk(settings: Settings, clock: ManualClock) -> AsyncIterator[Desk]:
    desk = Desk(settings, clock)
    yield desk
    await desk.transactions.database.close()


async def test_what_is_put_down_is_done_at_its_time_and_once(desk: Desk) -> None:
    """Not before, the earliest first, and its row is gone afterwards."""
    await desk.put("late", 20)
    await desk.put("early", 10)

    assert await desk.pass_s(9) == []
    assert await desk.pass_s(11) == ["early", "late"]
    assert await desk.pass_s(3600) == ["early", "late"]
    assert await desk.rows() == []


async def test_what_is_taken_back_leaves_no_job(desk: Desk) -> None:
    """A job belongs to the transaction that puts it down."""
    with pytest.raises(RuntimeError):
        await desk.put_in_vain("never")

    assert await desk.pass_s(1) == []


async def test_a_key_has_one_job(desk: Desk) -> None:
    """Put down again it is moved, withdrawn it is not done."""
    await desk.put("bell", 10)
    await desk.put("bell", 100)
    await desk.put("other", 10)
    async with desk.transactions.begin() as tx:
        await jobs.withdraw(tx, "ring", "other")

    assert await desk.pass_s(50) == []
    assert await desk.pass_s(50) == ["bell"]


async def test_what_fails_is_tried_again_a_bounded_number_of_times(desk: Desk) -> None:
    """Each pause is twice as long; then it is given up, kept for a month and named by its kind."""
    desk.fails = 1000
    await desk.put("bell", 0)
    await desk.pass_s(0)
    pauses = [FIRST_PAUSE_S * 2**n for n in range(ATTEMPTS)]
    for attempt, pause in enumerate(pauses, start=1):
        [job] = await desk.rows()
        assert job.attempts == attempt
        await desk.pass_s(pause - 1)
        assert (await desk.rows())[0].attempts == attempt, "not before its pause is over"
        await desk.pass_s(1)

    await desk.pass_s(24 * 3600)
    [job] = await desk.rows()
    assert (job.attempts, job.last_error) == (ATTEMPTS, "RuntimeError")
    assert await desk.rows("trace") == [], "what failed wrote nothing"
    for days, promised, left in ((jobs.KEPT_DAYS - 2, (), 1), (2, ("ring",), 1), (0, (), 0)):
        desk.clock.advance(days * 24 * 3600)
        async with desk.transactions.begin() as tx:
            await jobs.forget_given_up(tx, but=promised)
        assert len(await desk.rows()) == left


async def test_one_that_fails_keeps_no_other_waiting(desk: Desk) -> None:
    """Only itself is tried later."""
    desk.fails = 1
    for number in range(jobs.BATCH + 5):
        await desk.put(f"{number:02}", number / 1000)

    assert len(await desk.pass_s(1)) == jobs.BATCH + 4
    assert (await desk.pass_s(FIRST_PAUSE_S))[-1] == "00"


async def test_killed_in_the_midst_of_it(desk: Desk, settings: Settings) -> None:
    """What a killed server had begun is done by the next one, once its lease is over."""
    await desk.put("bell", 0)
    stuck = asyncio.Event()

    async def hang(_tx: Transaction, _due: Due) -> None:
        stuck.set()
        await asyncio.Event().wait()

    desk.runner.on("ring", hang)
    killed = asyncio.create_task(desk.runner.run_due())
    await stuck.wait()
    killed.cancel()
    await asyncio.wait([killed])
    await desk.transactions.database.close()

    desk = Desk(settings, desk.clock)
    assert await desk.pass_s(LEASE_S - 1) == []
    assert await desk.pass_s(1) == ["bell"]
    await desk.transactions.database.close()


async def test_two_servers_do_nothing_twice(desk: Desk, settings: Settings) -> None:
    """Also when one holds what the other has taken over long ago."""
    beside = Desk(settings, desk.clock)
    for number in range(60):
        await desk.put(str(number), 0)
    await asyncio.gather(*(d.runner.run_due() for d in (desk, beside, desk, beside)))
    assert sorted(desk.done + beside.done, key=int) == [str(n) for n in range(60)]

    await desk.put("slow", 0)
    [taken] = await desk.runner._lease()
    assert "slow" not in await beside.pass_s(LEASE_S - 1)
    assert (await beside.pass_s(1))[-1] == "slow"
    await desk.runner._do(taken)

    assert "slow" not in desk.done
    await beside.transactions.database.close()


async def test_moved_while_it_is_about_to_be_done(desk: Desk) -> None:
    """Whoever moves it finds it not done at the old time."""
    await desk.put("bell", 0)
    [taken] = await desk.runner._lease()
    await desk.put("bell", 60)
    await desk.runner._do(taken)

    assert desk.done == []
    assert await desk.pass_s(60) == ["bell"]


async def test_it_may_put_itself_down_again(desk: Desk) -> None:
    """What happens every minute is a job that ends by putting down the next."""

    async def again(tx: Transaction, due: Due) -> None:
        desk.done.append(due.key)
        await jobs.put(tx, "ring", due.key, tx.now + timedelta(minutes=1))

    desk.runner.on("ring", again)
    await desk.put("tick", 0)
    for _ in range(3):
        await desk.pass_s(60)

    assert desk.done == ["tick"] * 3
    assert len(await desk.rows()) == 1


async def test_unknown_kinds_wait_for_a_server_that_knows_them(desk: Desk) -> None:
    """They are neither begun nor counted as failed."""
    async with desk.transactions.begin() as tx:
        await jobs.put(tx, "bake", "bread", tx.now)
    await desk.pass_s(60)

    [job] = await desk.rows("bake")
    assert (job.attempts, job.leased_until) == (0, None)


class Sleeper(Runner):
    """A runner of which one can tell that it sleeps until the next is due."""

    sleeps = asyncio.Event()

    async def _next_in_s(self) -> float:
        wait_s = await super()._next_in_s()
        self.sleeps.set()
        return wait_s


async def test_a_runner_that_sleeps_wakes_when_there_is_something(desk: Desk) -> None:
    """What is put down for now is done now, however long there was nothing to do."""
    sleeper = Sleeper(desk.transactions)
    sleeper.on("ring", desk.ring)
    desk.bus.last(JobPut, sleeper.look_again)
    running = asyncio.create_task(sleeper.run())
    await sleeper.sleeps.wait()
    await desk.put("bell", 0)
    await until(lambda: desk.done == ["bell"])

    running.cancel()
    await asyncio.wait([running])


async def test_a_server_does_what_is_put_down(instance: Instance) -> None:
    """Its runner runs, and hears of what is put down."""
    done = asyncio.Event()

    async def ring(_tx: Transaction, _due: Due) -> None:
        done.set()

    instance.jobs.on("ring", ring)
    async with instance.transactions.begin() as tx:
        await jobs.put(tx, "ring", "bell", tx.now)

    await until(done.is_set)


async def test_it_looks_again_when_the_next_is_due(desk: Desk) -> None:
    """It sleeps until then and no longer, and never for more than a minute."""
    assert await desk.runner._next_in_s() == jobs.LOOK_EVERY_S
    await desk.put("bell", 7.5)
    assert await desk.runner._next_in_s() == 7.5
    desk.clock.advance(10)
    assert await desk.runner._next_in_s() == 0
    await desk.runner._lease()
    assert await desk.runner._next_in_s() == LEASE_S


async def test_nobody_is_woken_for_what_is_taken_back(desk: Desk) -> None:
    """The fact is told after the commit."""
    told: list[JobPut] = []

    async def hear(facts: Sequence[JobPut]) -> None:
        told.extend(facts)

    desk.bus.last(JobPut, hear)
    with pytest.raises(RuntimeError):
        await desk.put_in_vain("never")
    assert told == []
    await desk.put("bell", 5)

    assert [fact.run_at for fact in told] == [desk.clock.now() + timedelta(seconds=5)]
