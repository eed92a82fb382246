"""What goes out: several at once, and the next one as soon as there is room."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from convivium.core import jobs
from convivium.core.bus import Bus
from convivium.core.clock import ManualClock
from convivium.core.config import Settings
from convivium.core.database import Database, database_of
from convivium.core.errands import Errands, Outcome
from convivium.core.jobs import Due, JobPut
from convivium.core.transaction import Transaction, Transactions
from tests.table import until


class Walk:
    """Errands to the places they are named by; those in `held` hang there until they may go."""

    def __init__(self, settings: Settings, clock: ManualClock, at_once: int) -> None:
        bus = Bus()
        self.transactions = Transactions(Database(database_of(settings)), bus, clock)
        self.errands = Errands(self.transactions, at_once=at_once)
        self.errands.on_errand("go", self)
        bus.last(JobPut, self.errands.look_again)
        self.held: dict[str, asyncio.Event] = {}
        self.begun: list[str] = []
        self.ended: list[str] = []

    async def pack(self, tx: Transaction, due: Due) -> str:
        """Take along where it goes."""
        del tx
        return due.key

    async def carry(self, parcel: str) -> Outcome:
        """Go there, and stay as long as one is held."""
        self.begun.append(parcel)
        if parcel in self.held:
            await self.held[parcel].wait()
        return Outcome("done")

    async def settle(self, tx: Transaction, parcel: str, outcome: Outcome) -> None:
        """Write down who came back."""
        del tx, outcome
        self.ended.append(parcel)

    async def put(self, *places: str) -> None:
        """Let somebody go to some places, now."""
        async with self.transactions.begin() as tx:
            for place in places:
                await jobs.put(tx, "go", place, tx.now)


@pytest.fixture
async def walk(settings: Settings, clock: ManualClock) -> AsyncIterator[Walk]:
    walk = Walk(settings, clock, at_once=2)
    yield walk
    await walk.transactions.database.close()


async def test_a_slow_one_holds_nobody(walk: Walk) -> None:
    """What is due goes as others come back, and what is put down meanwhile goes too."""
    walk.held["far"] = asyncio.Event()
    await walk.put("far", "a", "b", "c")
    done = asyncio.create_task(walk.errands.run_due())
    await until(lambda: walk.ended == ["a", "b", "c"])
    await walk.put("d")
    await until(lambda: walk.ended == ["a", "b", "c", "d"])
    walk.held["far"].set()
    await done

    assert walk.ended[-1] == "far"


async def test_no_more_than_there_is_room_for(walk: Walk) -> None:
    """The third goes when one of two is back."""
    walk.held = {"a": asyncio.Event(), "b": asyncio.Event()}
    await walk.put("a", "b", "c")
    done = asyncio.create_task(walk.errands.run_due())
    await until(lambda: sorted(walk.begun) == ["a", "b"])
    await walk.put("d")
    assert sorted(walk.begun) == ["a", "b"]
    walk.held["a"].set()
    await until(lambda: walk.ended == ["a", "c", "d"])
    walk.held["b"].set()
    await done


async def test_what_cannot_be_read_ends_none_that_is_out(
    walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that is away for a moment cuts nobody off on their way."""
    walk.held["far"] = asyncio.Event()
    await walk.put("far")
    done = asyncio.create_task(walk.errands.run_due())
    await until(lambda: walk.begun == ["far"])
    asked = asyncio.Event()

    async def fail(_most: int = 0) -> list[Due]:
        asked.set()
        raise OSError("the database is away")

    with monkeypatch.context() as patch:
        patch.setattr(walk.errands, "_lease", fail)
        await walk.put("a")
        await asked.wait()
    walk.held["far"].set()
    await done

    assert walk.ended == ["far", "a"]


async def test_who_stops_takes_along_those_who_are_out(walk: Walk) -> None:
    """A server that stops leaves nothing running."""
    walk.held["far"] = asyncio.Event()
    await walk.put("far")
    done = asyncio.create_task(walk.errands.run_due())
    await until(lambda: walk.begun == ["far"])
    done.cancel()
    with suppress(asyncio.CancelledError):
        await done

    assert walk.ended == []
    assert not [one for one in asyncio.all_tasks() if "_do" in repr(one.get_coro())]
