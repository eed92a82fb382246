"""What becomes of gates and doors while the engine is busy, silent, or has lost events."""

import asyncio

from convivium.app import Instance
from convivium.core.actor import Actor
from convivium.media.engine import ChannelReady, Lagged
from convivium.media.fake import FakeEngine
from tests.conftest import OpenTable, SignUp
from tests.table import OFFER, SDP


async def test_a_mute_shuts_what_opened_late(
    open_table: OpenTable, sign_up: SignUp, engine: FakeEngine
) -> None:
    """An opening that was not confirmed in time may have happened: a mute closes it."""
    table = await open_table()
    ben = await sign_up("ben")
    await table.join(ben)
    await table.seat(ben)
    await ben.do("PUT", f"{table.path}/mutes/me")
    engine.refuses["set_gate"] = "silent"
    assert await ben.refused("DELETE", f"{table.path}/mutes/me") == (503, "gate_stuck")
    assert await table.heard() == {ben.id}
    engine.refuses.clear()

    await ben.do("PUT", f"{table.path}/mutes/me")

    assert await table.heard() == set()


async def test_looking_again_does_not_undo_a_mute(
    open_table: OpenTable, sign_up: SignUp, instance: Instance, engine: FakeEngine
) -> None:
    """A mute that comes while lost events are made good is the last word."""
    table = await open_table()
    ben = await sign_up("ben")
    await table.join(ben)
    await table.seat(ben)
    await instance.calls.end(*instance.calls.registry.of_person(table.id, table.host.id))
    passing, held = engine.hold_gates, asyncio.Event()
    engine.hold_gates = held
    looking = asyncio.create_task(instance.calls.follow(Lagged()))
    await engine.waits.wait()
    engine.hold_gates = passing
    muting = asyncio.create_task(ben.do("PUT", f"{table.path}/mutes/me"))
    await asyncio.wait([muting], timeout=0.2)

    held.set()
    await asyncio.gather(muting, looking)

    assert await table.heard() == set()


async def test_looking_again_leaves_a_call_alone_that_is_being_answered(
    open_table: OpenTable, sign_up: SignUp, instance: Instance, engine: FakeEngine
) -> None:
    """The engine does not know its peer yet, which does not mean that it is gone."""
    table = await open_table()
    ben = await sign_up("ben")
    engine.hold.clear()
    joining = asyncio.create_task(ben.ask("POST", f"{table.path}/call", content=OFFER, headers=SDP))
    await engine.waits.wait()
    peers = engine.peers
    engine.peers = {}

    await instance.calls.follow(Lagged())

    engine.peers = peers
    engine.hold.set()
    assert (await joining).status_code == 201


async def test_nobody_is_greeted_who_ended_meanwhile(
    open_table: OpenTable, sign_up: SignUp, instance: Instance
) -> None:
    """Who is removed while the greeting is put together is told nothing of the space after it."""
    table = await open_table()
    ben = await sign_up("ben")
    await table.join(ben)
    [call] = instance.calls.registry.of_person(table.id, ben.id)
    greet = instance.live.greet

    async def greet_late(space_id: str, peer: int, actor: Actor) -> None:
        await instance.calls.end(call)
        await greet(space_id, peer, actor)

    instance.live.greet = greet_late  # type: ignore[method-assign] # to come in between
    await instance.calls.follow(ChannelReady(call.peer))

    assert call.peer not in instance.live._channels[table.id].peers
