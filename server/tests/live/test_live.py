"""What is kept in memory of live spaces: loading it when many come at once."""

import asyncio

from convivium.core.database import READERS
from convivium.live.service import Live
from convivium.media.fake import FakeEngine
from convivium.spaces.view import Desk
from tests.conftest import OpenTable
from tests.table import actor_of


async def test_a_crowd_after_a_restart_finds_the_space(open_table: OpenTable) -> None:
    """More people than the database has readers ask at once for a space nobody looked at yet."""
    table = await open_table()
    instance = table.instance
    restarted = Live(instance.database, FakeEngine(), instance.settings)
    instance.show_on(restarted)
    desk = Desk(instance.transactions, restarted, instance.settings)
    ama = await actor_of(instance, table.host)

    async with asyncio.timeout(4.0):
        cards = await asyncio.gather(*(desk.card(table.id, ama) for _ in range(3 * READERS)))

    assert {card["id"] for card in cards} == {table.id}
