"""Many who write at once: they are answered, an audience is told seldom, and hosts go first."""

import asyncio
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest

from convivium.app import Instance
from convivium.chat import service
from convivium.chat.view import PACE_S, chat_parts
from convivium.core.clock import ManualClock
from convivium.core.database import Database
from convivium.live.channel import Channel, Picture
from convivium.media.fake import FakeEngine
from convivium.spaces import service as spaces
from convivium.stage.view import scenes_loader
from tests.conftest import Browser, OpenTable, SignUp
from tests.table import Table, actor_of

A_SECOND = 50

Task = asyncio.Task[Any]
Begun = list[Task | None]


@pytest.fixture
def writes() -> Iterator[Begun]:
    """Whose writing transactions began: those of this test's requests are of its own task."""
    begun: Begun = []
    write = Database.write

    def counted(database: Database):  # type: ignore[no-untyped-def] # noqa: ANN202
        begun.append(asyncio.current_task())
        return write(database)

    with patch.object(Database, "write", counted):
        yield begun


def own(writes: Begun) -> int:
    return writes.count(asyncio.current_task())


async def test_one_person_writes_so_fast_and_is_told_when_to_come_again(
    open_table: OpenTable, sign_up: SignUp, clock: ManualClock, writes: Begun
) -> None:
    """Fifty lines in a second: the first few pass, and the others hold up nobody's writing."""
    table, ben, zoe = await open_table(), await sign_up("ben"), await sign_up("zoe")
    settings, before = table.instance.settings, own(writes)
    answers = [
        await ben.ask("POST", f"{table.path}/chat", json={"text": "!"}) for _ in range(A_SECOND)
    ]

    passed = [answer for answer in answers if answer.status_code == 201]
    assert len(passed) == settings.chat_burst
    assert own(writes) - before == settings.chat_burst
    assert {a.json()["code"] for a in answers if a not in passed} == {"slow_down"}
    assert answers[-1].headers["Retry-After"] == "2"
    await zoe.do("POST", f"{table.path}/chat", {"text": "me"})
    clock.advance(1 / settings.chat_per_s)
    await ben.do("POST", f"{table.path}/chat", {"text": "again"})


async def test_a_crowd_that_writes_together_is_slowed_down_and_the_stage_is_not(
    open_table: OpenTable, crowd: list[Browser]
) -> None:
    """All who listen share a budget for each space; the host still gets a word in."""
    table = await open_table()
    answers = [
        await browser.ask("POST", f"{table.path}/chat", json={"text": "!"}) for browser in crowd
    ]

    assert sum(a.status_code == 201 for a in answers) == table.instance.settings.chat_space_burst
    assert {a.status_code for a in answers} == {201, 429}
    await table.host.do("POST", f"{table.path}/chat", {"text": "please"})


@pytest.fixture
async def crowd(sign_up: SignUp) -> list[Browser]:
    return [await sign_up(f"flooder{count}") for count in range(40)]


async def test_a_flood_is_told_four_times_a_second(
    open_table: OpenTable, instance: Instance, engine: FakeEngine
) -> None:
    """What the limits let a crowd write in a second of virtual time becomes at most five frames."""
    table = await open_table()
    limits_burst = instance.settings.chat_space_burst
    async with instance.database.read() as session:
        scenes = await scenes_loader(anonymous_listening=True)(session, [table.id])
    scene = scenes[table.id]
    channel = Channel(table.id, chat_parts(instance.boards), engine)
    frames = _frames(channel)
    said = 0
    for tick in range(A_SECOND):
        now_s = tick / A_SECOND
        if said < limits_burst + int(now_s * instance.settings.chat_space_per_s):
            await _write(instance, table, f"line {said}")
            said += 1
        picture = Picture({p.key: p.show(scene) for p in chat_parts(instance.boards)}, scene)
        channel.advance(picture, now_s)

    assert said >= limits_burst
    assert len(frames) <= 1 / PACE_S + 1


def _frames(channel: Channel) -> list[str]:
    frames: list[str] = []
    keep = channel._keep

    def kept(audience: str, message) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
        frames.append(message.type)
        keep(audience, message)

    channel._keep = kept  # type: ignore[method-assign]
    return frames


async def _write(instance: Instance, table: Table, text: str) -> None:
    async with instance.transactions.begin() as tx:
        space = await spaces.by_id(tx.session, table.id)
        await service.write(tx, await actor_of(instance, table.host), space, text)


async def test_a_mute_waits_for_nobody_who_writes_too_fast(
    open_table: OpenTable, sign_up: SignUp, writes: Begun
) -> None:
    """Amid a flood a mute is one writing transaction: those refused never stood in its line."""
    table, ben, zoe = await open_table(), await sign_up("ben"), await sign_up("zoe")
    await table.join(ben)
    await table.seat(ben)
    for _ in range(table.instance.settings.chat_burst):
        await zoe.do("POST", f"{table.path}/chat", {"text": "!"})
    before = own(writes)
    for _ in range(A_SECOND):
        assert (await zoe.refused("POST", f"{table.path}/chat", {"text": "!"}))[0] == 429
    await table.host.do("PUT", f"{table.path}/mutes/@ben")

    assert own(writes) - before == 1
    assert not table.peers(ben)[0].gate_open
