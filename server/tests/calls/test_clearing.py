"""A raid: hundreds come and ask at once, and one act of the host sends them away, and only them."""

import time
from collections.abc import Sized
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from convivium.accounts.models import Person
from convivium.app import Instance
from convivium.core.actor import Actor
from convivium.core.clock import ManualClock
from convivium.core.config import Settings
from convivium.spaces import service as spaces
from convivium.spaces.events import PeopleBarred
from convivium.stage import service as stage
from tests.conftest import Browser, OpenTable, SignUp
from tests.databases import Beginning
from tests.table import OFFER, Table

RAIDERS = 500
RAID_S = 5
# What one act may take, from the host's request to the last call that has ended.
CLEARED_WITHIN_S = 2.0
# Values in one statement, as SQLite is built where nobody says otherwise (sqlite.org/limits.html).
SQLITE_MOST = 32_766


@pytest.fixture
def settings(data_folder: Path, empty_database: Beginning) -> Settings:
    return empty_database.settings(data_folder, joins_burst=5000)


@pytest.fixture
async def table(open_table: OpenTable, clock: ManualClock) -> Table:
    """Open a table on a server that has been running for a while."""
    clock.advance(120)
    return await open_table()


async def raid(table: Table, many: int) -> list[Actor]:
    """Let many people whom nobody knows come in within 5 s, and all of them ask to speak."""
    instance, numbers = table.instance, range(1, many + 1)
    raiders = [
        Actor(kind="account", id=f"raider-{at}", name=f"raider_{at}", voice=at) for at in numbers
    ]
    async with instance.transactions.begin() as tx:
        for raider in raiders:
            tx.session.add(
                Person(
                    id=raider.id,
                    kind="account",
                    name=raider.name,
                    display_name="R",
                    role="member",
                    listed=True,
                    voice=raider.voice,
                    created_at=tx.now,
                )
            )
    clock = instance.clock
    assert isinstance(clock, ManualClock)
    for raider in raiders:
        clock.advance(RAID_S / many)
        await instance.calls.join(raider, table.id, OFFER, None)
    async with instance.transactions.begin() as tx:
        space = await spaces.by_id(tx.session, table.id)
        for raider in raiders:
            # The line holds no more than it holds.
            with suppress(stage.QueueFull):
                await stage.ask(tx, raider, space, "raid", stage.limits_of(instance.settings))
    return raiders


def present(table: Table) -> set[str]:
    return set(table.instance.calls.registry.people(table.id))


async def waiting(table: Table) -> list[str]:
    await table.instance.live.refresh(table.id, at_once=True)
    queue = (await table.instance.live.picture(table.id)).parts["queue"]
    return [request["person"]["id"] for request in queue]


async def clear(table: Table, who: Browser, **body: object) -> dict[str, object]:
    cleared: dict[str, object] = await who.do("POST", f"{table.path}/clearings", body)
    return cleared


async def test_one_act_clears_a_raid_of_five_hundred(
    table: Table, sign_up: SignUp, clock: ManualClock
) -> None:
    """Out of queue and space in one transaction; every door is shut to them, and to nobody else."""
    early, late = await sign_up("early"), await sign_up("late")
    await table.join(early)
    clock.advance(60)
    await early.do("POST", f"{table.path}/requests")
    raiders = await raid(table, RAIDERS)
    await table.join(late)
    barred: list[PeopleBarred] = []

    async def note(fact: PeopleBarred) -> None:
        barred.append(fact)

    table.instance.bus.after(PeopleBarred, note)
    assert len(present(table)) == RAIDERS + 3
    assert len(await waiting(table)) == table.instance.settings.max_queue

    started = time.perf_counter()
    cleared = await clear(table, table.host, seconds=30)
    took_s = time.perf_counter() - started

    assert took_s < CLEARED_WITHIN_S
    # Late came among them, and nothing tells a stranger from a raider; early only asked then.
    assert cleared["removed"] == RAIDERS + 1
    assert present(table) == {table.host.id, early.id}
    assert await waiting(table) == [early.id]
    assert [len(fact.people) for fact in barred] == [RAIDERS + 1]
    assert len(table.engine.peers) == 2
    with pytest.raises(spaces.Removed):
        await table.instance.calls.join(raiders[0], table.id, OFFER, None)
    assert await late.refused("POST", f"{table.path}/requests") == (403, "removed")


async def test_whoever_is_known_stays(table: Table, sign_up: SignUp, clock: ManualClock) -> None:
    """Seated, heard before, invited, followed by the host, staff, or there before the raid."""
    names = ("seated", "heard", "invited", "followed", "earlier", "stranger")
    people = {name: await sign_up(name) for name in names}
    await table.join(people["earlier"])
    clock.advance(60)
    for name in names:
        if name != "earlier":
            await table.join(people[name])
    await table.seat(people["seated"])
    await table.seat(people["heard"])
    await people["heard"].do("DELETE", f"{table.path}/stage/me")
    await table.host.do("PUT", f"{table.path}/invitations/@invited", {"role": "listener"})
    await table.host.do("PUT", "/people/@followed/follow")
    await people["followed"].do("POST", f"{table.path}/requests")

    cleared = await clear(table, table.host, seconds=30)

    assert cleared["removed"] == 1
    assert present(table) == {table.host.id} | {
        browser.id for name, browser in people.items() if name != "stranger"
    }
    assert await waiting(table) == [people["followed"].id]


async def test_a_clearing_is_undone_as_one_or_one_by_one(table: Table, sign_up: SignUp) -> None:
    """Whoever was sent away by mistake comes back in by the same door."""
    ben, chidi, dora = [await sign_up(name) for name in ("ben", "chidi", "dora")]
    await table.host.do("PUT", f"{table.path}/removals/@dora")
    for person in (ben, chidi):
        await table.join(person)
    cleared = await clear(table, table.host, seconds=60)
    listed = await table.host.do("GET", f"{table.path}/removals?limit=2")
    assert {item["clearing"] for item in listed["items"]} <= {cleared["id"], None}
    rest = await table.host.do("GET", f"{table.path}/removals?cursor={listed['next_cursor']}")
    assert len(listed["items"] + rest["items"]) == 3

    await table.host.do("DELETE", f"{table.path}/removals/@ben")
    await table.join(ben)
    assert (await chidi.do("GET", table.path))["you"]["removed"]
    await table.host.do("DELETE", f"{table.path}/clearings/{cleared['id']}")
    await table.join(chidi)

    # What was no part of it stays as it was.
    assert await dora.refused("POST", f"{table.path}/requests") == (403, "removed")


async def test_clearing_can_lock_the_stage_in_the_same_act(table: Table) -> None:
    """Whoever comes with the next account finds nothing to ask."""
    await clear(table, table.host, seconds=60, lock=True)

    assert (await table.instance.live.picture(table.id)).parts["floor"]["locked"]


async def test_nobody_is_a_stranger_right_after_a_start(
    open_table: OpenTable, sign_up: SignUp, clock: ManualClock, instance: Instance
) -> None:
    """Everybody comes back then, and came within the last moment; a raid is told apart later."""
    table = await open_table()
    ben, chidi = await sign_up("ben"), await sign_up("chidi")
    await table.join(ben)
    assert (await clear(table, table.host, seconds=3600))["removed"] == 0
    clock.advance(61)
    await table.join(chidi)

    assert (await clear(table, table.host, seconds=3600))["removed"] == 1
    assert instance.calls.arrivals.within(table.id, 3600) == {chidi.id}


async def test_more_are_cleared_than_a_statement_takes(table: Table, instance: Instance) -> None:
    """Everybody who hears of it can say so to the database, however many they are."""
    people = frozenset(f"raider-{number}" for number in range(33_000))
    values: list[int] = []

    def note(_connection: object, _cursor: object, _said: str, given: Sized, *_: Any) -> None:  # noqa: ANN401
        values.append(len(given))

    event.listen(instance.database._writer.sync_engine, "before_cursor_execute", note)
    async with instance.transactions.begin() as tx:
        await tx.announce(PeopleBarred(table.id, people, table.host.id))

    assert 1_000 < max(values) <= SQLITE_MOST
