"""Strangers at the door: many at once, and those who are not let in."""

import asyncio
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from convivium.accounts import service as accounts
from convivium.accounts.models import Person, SignIn
from convivium.app import Instance
from convivium.calls import guests
from convivium.core.actor import Actor
from convivium.core.database import Database
from convivium.core.errors import Busy, DiskFull
from convivium.media.fake import FakeEngine
from convivium.spaces.service import SpaceNotFound
from tests.conftest import Browser, OpenTable
from tests.table import OFFER, SDP, until

CROWD = 100
STRANGER = Actor(network="192.0.2.1")


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """Grows with every transaction that writes."""
    begun: list[None] = []
    write = Database.write

    def counted(self: Database) -> object:
        begun.append(None)
        return write(self)

    monkeypatch.setattr(Database, "write", counted)
    return begun


async def guests_written_down(instance: Instance) -> tuple[int, int]:
    """Count guests, and sessions of guests."""
    async with instance.database.read() as session:
        people = await session.scalar(
            select(func.count()).select_from(Person).where(Person.kind == "guest")
        )
        sessions = await session.scalar(
            select(func.count()).select_from(SignIn).join(Person).where(Person.kind == "guest")
        )
    return people or 0, sessions or 0


async def test_a_crowd_is_written_down_together(
    open_table: OpenTable, instance: Instance, commits: list[None]
) -> None:
    """Those who come while one commit is under way share the next: the disk is asked rarely."""
    table = await open_table()
    commits.clear()

    joined = await asyncio.gather(
        *(instance.calls.join(STRANGER, table.id, OFFER) for _ in range(CROWD))
    )

    assert len(commits) <= 2 + CROWD // guests.BATCH
    assert len({each.guest_secret for each in joined}) == CROWD
    assert len({each.call.actor.voice for each in joined} - {0}) == CROWD
    assert await guests_written_down(instance) == (CROWD, CROWD)


async def test_each_of_a_crowd_is_known_by_their_cookie(
    open_table: OpenTable, visitor: Callable[[], Browser], instance: Instance
) -> None:
    """Guests who came in together are told apart ever after."""
    table = await open_table()
    crowd = [visitor() for _ in range(8)]

    await asyncio.gather(*(table.join(guest) for guest in crowd))

    assert len({guest.id for guest in crowd}) == len(crowd)
    shown = set(instance.calls.registry.people(table.id))
    assert shown == {table.host.id, *(guest.id for guest in crowd)}


async def test_a_refused_stranger_hinders_nobody(open_table: OpenTable, instance: Instance) -> None:
    """One batch may have people for several doors; each gets the answer of their own."""
    table = await open_table()

    welcome, refused, other = await asyncio.gather(
        instance.calls.join(STRANGER, table.id, OFFER),
        instance.calls.join(STRANGER, "no-such-space", OFFER),
        instance.calls.join(STRANGER, table.id, OFFER),
        return_exceptions=True,
    )

    assert isinstance(refused, SpaceNotFound)
    assert not isinstance(welcome, BaseException)
    assert not isinstance(other, BaseException)
    await instance.calls.finish()
    assert await guests_written_down(instance) == (2, 2)


async def test_a_disk_without_room_is_told_to_all_who_wait(
    open_table: OpenTable, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for ever for a batch that failed, and the next one is none the worse."""
    table = await open_table()
    keep = accounts.keep_guests

    async def fail(*_: object) -> list[Actor]:
        raise DiskFull

    monkeypatch.setattr(accounts, "keep_guests", fail)
    outcomes = await asyncio.gather(
        *(instance.calls.join(STRANGER, table.id, OFFER) for _ in range(3)), return_exceptions=True
    )
    assert all(isinstance(outcome, DiskFull) for outcome in outcomes)

    monkeypatch.setattr(accounts, "keep_guests", keep)
    await instance.calls.join(STRANGER, table.id, OFFER)
    assert instance.calls.registry.count(table.id) == 2


async def test_whoever_gives_up_in_line_is_not_written_down(
    open_table: OpenTable, instance: Instance
) -> None:
    """A page that was closed before its turn leaves nothing behind."""
    table = await open_table()
    async with instance.database.write():
        first = asyncio.create_task(instance.calls.join(STRANGER, table.id, OFFER))
        await asyncio.sleep(0)
        second = asyncio.create_task(instance.calls.join(STRANGER, table.id, OFFER))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.wait([second])

    await first
    await instance.calls.finish()
    assert second.cancelled()
    assert await guests_written_down(instance) == (1, 1)
    assert instance.calls.registry.count(table.id) == 2


async def test_a_batch_in_which_everybody_gave_up_is_not_written(
    open_table: OpenTable, instance: Instance, commits: list[None]
) -> None:
    """Nobody else waits for a transaction with nothing in it."""
    table = await open_table()
    async with instance.database.write():
        commits.clear()
        crowd = []
        for _ in range(3):
            crowd.append(asyncio.create_task(instance.calls.join(STRANGER, table.id, OFFER)))
            await until(lambda: len(commits) == 1)
        await until(lambda: instance.calls.registry.count(table.id) == 1 + len(crowd))
        commits.clear()
        # The first is in a batch of its own, which waits for the database.
        for task in crowd[1:]:
            task.cancel()
        await asyncio.wait(crowd[1:])
    await crowd[0]
    await instance.calls.finish()

    assert await guests_written_down(instance) == (1, 1)
    # Those who gave up are forgotten, each by itself, in case they were written down.
    assert len(commits) == 2


async def test_the_line_has_an_end(
    open_table: OpenTable, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than can be written down soon are told to come again."""
    table = await open_table()
    monkeypatch.setattr(guests, "WAITING_LIMIT", 2)
    async with instance.database.write():
        waiting = [
            asyncio.create_task(instance.calls.join(STRANGER, table.id, OFFER)) for _ in range(4)
        ]
        await until(lambda: any(task.done() for task in waiting))
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)

    assert sum(isinstance(outcome, Busy) for outcome in outcomes) == len(waiting) - 2


async def test_a_guest_whose_offer_is_none_is_forgotten(
    open_table: OpenTable,
    visitor: Callable[[], Browser],
    instance: Instance,
    engine: FakeEngine,
) -> None:
    """Offers that cannot be answered leave no rows behind, however many are sent."""
    table = await open_table()
    engine.refuse_with = "bad_offer"

    answer = await visitor().ask("POST", f"{table.path}/call", content=OFFER, headers=SDP)

    assert (answer.status_code, answer.json()["code"]) == (422, "bad_offer")
    assert "set-cookie" not in answer.headers
    await instance.calls.finish()
    assert await guests_written_down(instance) == (0, 0)
