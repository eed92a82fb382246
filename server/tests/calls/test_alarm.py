"""Hosts are asked to look when people come or ask so fast that it may be a raid."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from convivium.app import Instance
from convivium.calls.rules import Rush, is_alarming
from convivium.core.clock import ManualClock
from convivium.core.config import Settings
from tests.conftest import Browser, OpenTable, SignUp
from tests.databases import Beginning
from tests.live.protocol import Json
from tests.table import Table, watch

# An evening is on for so long that nobody is new any more.
LATER_S = 120


@pytest.fixture
def settings(data_folder: Path, empty_database: Beginning) -> Settings:
    return empty_database.settings(data_folder, alarm_newcomers=4, alarm_requests=3)


@pytest.fixture
async def table(open_table: OpenTable, clock: ManualClock) -> Table:
    """Open a table that has been live for a while."""
    clock.advance(LATER_S)
    table = await open_table()
    clock.advance(LATER_S)
    return table


async def alarm(table: Table, browser: Browser) -> Json | None:
    """Give what somebody is told of now."""
    live = table.instance.live
    await live.refresh(table.id, at_once=True)
    async with AsyncExitStack() as stack:
        seen: Json | None = (await watch(table, stack, browser)).snapshot["alarm"]
        return seen


async def come(table: Table, visitor: Callable[[], Browser], many: int) -> None:
    for _ in range(many):
        await table.join(visitor())


@pytest.mark.parametrize(
    ("rush", "limits", "rings"),
    [
        (Rush(3, 2), (4, 3), False),
        (Rush(4, 0), (4, 3), True),
        (Rush(0, 3), (4, 3), True),
        (Rush(0, 0), (0, 0), False),
        (Rush(9, 9), (0, 0), False),
        (Rush(9, 9), (0, 3), True),
    ],
)
def test_when_it_is_one_too_many(rush: Rush, limits: tuple[int, int], rings: bool) -> None:  # noqa: FBT001
    """From the limit on; a limit of 0 is none."""
    settings = Settings(alarm_newcomers=limits[0], alarm_requests=limits[1])

    assert is_alarming(rush, settings) is rings


async def test_newcomers_at_once(
    table: Table, visitor: Callable[[], Browser], clock: ManualClock
) -> None:
    """Hosts are told since when and how many, for a minute after the last; nobody else is."""
    listener = visitor()
    await table.join(listener)
    clock.advance(11)
    await come(table, visitor, 3)
    assert await alarm(table, table.host) is None

    await come(table, visitor, 2)

    told = await alarm(table, table.host)
    assert told is not None
    assert (told["newcomers"], told["requests"]) == (5, 0)
    assert (told["since"], told["until"]) == ("2026-01-01T12:04:01Z", "2026-01-01T12:05:11Z")
    assert await alarm(table, listener) is None
    clock.advance(60)
    assert await alarm(table, table.host) is not None
    clock.advance(1)
    assert await alarm(table, table.host) is None


async def test_requests_at_once(table: Table, sign_up: SignUp, clock: ManualClock) -> None:
    """Also of people who were there before, or never came."""
    people = [await sign_up(name) for name in ("ben", "chidi", "dora")]
    await table.join(people[0])
    clock.advance(60)
    async with AsyncExitStack() as stack:
        host = await watch(table, stack, table.host)
        for person in people:
            await person.do("POST", f"{table.path}/requests")
        await host.catch_up()

        assert "alarm_changed" in host.types()
        assert host.snapshot["alarm"]["requests"] == 3


async def test_who_comes_slowly_alarms_nobody(
    table: Table, visitor: Callable[[], Browser], clock: ManualClock
) -> None:
    """As many, with a little time between them; and the same person again is nobody new."""
    for _ in range(6):
        await come(table, visitor, 1)
        clock.advance(4)
    again = visitor()
    for _ in range(5):
        await table.join(again)

    assert await alarm(table, table.host) is None


async def test_an_opening_is_no_raid(
    open_table: OpenTable, visitor: Callable[[], Browser], clock: ManualClock
) -> None:
    """Everybody comes when a space opens; whoever crowds in later is told of."""
    clock.advance(LATER_S)
    table = await open_table()
    await come(table, visitor, 5)
    assert await alarm(table, table.host) is None
    clock.advance(61)
    await come(table, visitor, 4)

    told = await alarm(table, table.host)
    assert told is not None
    assert told["newcomers"] == 4


async def test_it_is_over_once_it_is_cleared(
    table: Table, sign_up: SignUp, instance: Instance, clock: ManualClock
) -> None:
    """Who was sent away is counted no more."""
    raiders = [await sign_up(f"raider_{at}") for at in range(5)]
    for raider in raiders:
        await table.join(raider)
    told = await alarm(table, table.host)
    assert told is not None
    clock.advance(1)

    await table.host.do("POST", f"{table.path}/clearings", {"seconds": 30})

    assert await alarm(table, table.host) is None
    assert len(instance.calls.registry.people(table.id)) == 1
