"""What is kept in memory of live spaces: loading it when many come at once."""

import asyncio
from contextlib import AsyncExitStack

from convivium.calls.view import SHOWN_PEOPLE
from convivium.core.actor import Actor
from convivium.core.database import database_of
from convivium.core.errors import SlowDown
from convivium.live.channel import KEPT_EVENTS
from convivium.live.readers import Stream
from convivium.live.service import Live
from convivium.media.fake import FakeEngine
from convivium.spaces.view import Desk
from tests.conftest import OpenTable
from tests.table import Witness, actor_of, fresh_snapshot, watch


async def test_a_crowd_after_a_restart_finds_the_space(open_table: OpenTable) -> None:
    """More people than the database has readers ask at once for a space nobody looked at yet."""
    table = await open_table()
    instance = table.instance
    restarted = Live(instance.database, FakeEngine(), instance.settings)
    instance.show_on(restarted)
    desk = Desk(instance.transactions, restarted, instance.settings)
    ama = await actor_of(instance, table.host)

    readers = database_of(instance.settings).readers
    async with asyncio.timeout(4.0):
        cards = await asyncio.gather(*(desk.card(table.id, ama) for _ in range(3 * readers)))

    assert {card["id"] for card in cards} == {table.id}


async def test_streams_that_come_at_once_are_counted(open_table: OpenTable) -> None:
    """One network gets no more streams by asking for all of them before the first is there."""
    table = await open_table()
    instance = table.instance
    live = Live(instance.database, FakeEngine(), instance.settings)
    instance.show_on(live)
    ama = await actor_of(instance, table.host)
    limit = instance.settings.streams_per_network

    async with AsyncExitStack() as stack:
        streams = [live.stream(table.id, ama, None) for _ in range(limit + 1)]
        opened = await asyncio.gather(
            *(stack.enter_async_context(stream) for stream in streams), return_exceptions=True
        )
        assert [type(stream) for stream in opened] == [Stream] * limit + [SlowDown]

    async with live.stream(table.id, ama, None):
        pass


async def test_a_crowd_is_told_in_one_event(open_table: OpenTable) -> None:
    """A policy that changes how hundreds stand is one number, and drives nothing out of memory."""
    table = await open_table()
    live = table.instance.live
    async with AsyncExitStack() as stack:
        early = await watch(table, stack, table.host)
        last_id = early.events[-1]["id"]
        crowd = [
            Witness(
                live,
                await stack.enter_async_context(
                    live.stream(table.id, Actor(kind="account", id=f"p{number}"), None)
                ),
            )
            for number in range(KEPT_EVENTS + 10)
        ]
        for witness in crowd[:3] + crowd[-3:]:
            await witness.catch_up()

        await table.host.do("PATCH", table.path, {"speak_policy": "everyone"})

        told = []
        for witness in crowd[:3] + crowd[-3:]:
            await witness.catch_up()
            told.append([e for e in witness.events if e["type"] == "you_changed"])
            assert witness.snapshot["you"]["may_take_seat"]
        assert len({event["id"] for [event] in told}) == 1
        late = await watch(table, stack, table.host, last_id=last_id, snapshot=early.snapshot)
        assert "snapshot" not in late.types()
        assert late.snapshot == await fresh_snapshot(table, table.host)


async def test_ten_thousand_who_come_at_once_are_a_few_numbers(open_table: OpenTable) -> None:
    """A reader hears how many there are twice a second, and names as far as names are shown."""
    table = await open_table()
    live, registry = table.instance.live, table.instance.calls.registry
    async with AsyncExitStack() as stack:
        witness = await watch(table, stack, table.host)
        began = asyncio.get_running_loop().time()
        for number in range(10_000):
            listed = number % 10 == 0
            guest = Actor(kind="guest", id=f"p{number}", display_name="Guest", listed=listed)
            registry.welcome(registry.add(table.id, guest))
            if number % 100 == 0:
                await live.refresh(table.id)
                await witness.catch_up()
        live.refresh_soon(table.id)
        await witness.until(lambda: witness.snapshot["counts"]["listeners"] >= 10_000)
        half_seconds = 2 * (asyncio.get_running_loop().time() - began)

    told = witness.types()
    assert told.count("counts_changed") <= half_seconds + 2
    assert told.count("listener_arrived") <= SHOWN_PEOPLE
    assert len(told) <= SHOWN_PEOPLE + half_seconds + 5
