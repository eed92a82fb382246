"""What becomes of gates and doors while the engine is busy, silent, or has lost events."""

import asyncio
from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from convivium.app import Instance
from convivium.calls import doors
from convivium.core.actor import Actor
from convivium.media.engine import ChannelReady, Lagged, PeerClosed
from convivium.media.fake import FakeEngine
from tests.conftest import Browser, OpenTable, SignUp
from tests.table import OFFER, SDP, until


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


@pytest.mark.parametrize("code", ["busy", "silent"])
async def test_a_door_that_does_not_shut_is_tried_again(
    open_table: OpenTable, sign_up: SignUp, engine: FakeEngine, code: str
) -> None:
    """A removal that the engine did not confirm is no success, and happens as soon as it can."""
    table = await open_table()
    ben = await sign_up("ben")
    await table.join(ben)
    await table.seat(ben)
    engine.refuses["close_peer"] = code
    removal = f"{table.path}/removals/@ben"

    assert await table.host.refused("PUT", removal) == (503, "door_stuck")
    assert await table.host.refused("PUT", removal) == (503, "door_stuck")
    engine.refuses.clear()

    await until(lambda: len(engine.peers) == 1)
    await table.host.do("PUT", removal)


async def test_a_second_removal_shuts_what_the_first_could_not(
    open_table: OpenTable, sign_up: SignUp, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked again, the door is tried at once, however long the background would have waited."""
    monkeypatch.setattr(doors, "FIRST_WAIT_S", 3600.0)
    table = await open_table()
    ben = await sign_up("ben")
    await table.join(ben)
    engine.refuses["close_peer"] = "silent"
    await table.host.refused("PUT", f"{table.path}/removals/@ben")
    engine.refuses.clear()

    await table.host.do("PUT", f"{table.path}/removals/@ben")

    assert len(engine.peers) == 1


async def test_a_repeated_unmute_opens_the_gate(
    open_table: OpenTable, sign_up: SignUp, engine: FakeEngine
) -> None:
    """Whose gate did not open need not mute first to try again."""
    table = await open_table()
    ben = await sign_up("ben")
    await table.join(ben)
    await table.seat(ben)
    own = f"{table.path}/mutes/me"
    await ben.do("PUT", own)
    engine.refuses["set_gate"] = "busy"
    assert await ben.refused("DELETE", own) == (503, "gate_stuck")
    assert await ben.refused("DELETE", own) == (503, "gate_stuck")
    assert await table.heard() == set()
    engine.refuses.clear()

    await ben.do("DELETE", own)

    assert await table.heard() == {ben.id}


async def test_a_second_end_says_whether_all_is_closed(
    open_table: OpenTable, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A space that ended and is still carried is not reported as closed, and tried again."""
    monkeypatch.setattr(doors, "FIRST_WAIT_S", 3600.0)
    table = await open_table()
    engine.refuses["close_space"] = "silent"
    end = f"{table.path}/end"
    assert await table.host.refused("POST", end) == (503, "door_stuck")
    ended_at = (await table.host.do("GET", table.path))["ended_at"]

    assert await table.host.refused("POST", end) == (503, "door_stuck")
    engine.refuses.clear()
    card = await table.host.do("POST", end)

    assert (card["state"], card["ended_at"]) == ("ended", ended_at)
    assert not engine.spaces


async def test_a_second_sign_out_says_whether_all_is_closed(
    open_table: OpenTable,
    sign_up: SignUp,
    visitor: Callable[[], Browser],
    engine: FakeEngine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The cookie of an ended session opens nothing, but says if what it opened has ended."""
    monkeypatch.setattr(doors, "FIRST_WAIT_S", 3600.0)
    table = await open_table()
    ben = await sign_up("ben")
    await table.join(ben)
    engine.refuses["close_peer"] = "silent"
    out = "/sessions/current"
    assert await ben.refused("DELETE", out) == (503, "door_stuck")
    assert await ben.refused("GET", "/me") == (401, "not_signed_in")

    assert await ben.refused("DELETE", out) == (503, "door_stuck")
    assert len(engine.peers) == 2
    engine.refuses.clear()
    await ben.do("DELETE", out)

    assert len(engine.peers) == 1
    assert await ben.refused("DELETE", out) == (401, "not_signed_in")
    assert await visitor().refused("DELETE", out) == (401, "not_signed_in")


async def test_a_space_that_does_not_close_is_tried_again(
    open_table: OpenTable, engine: FakeEngine
) -> None:
    """The end of a space is confirmed by the engine, or said not to be."""
    table = await open_table()
    engine.refuses["close_space"] = "busy"

    assert await table.host.refused("POST", f"{table.path}/end") == (503, "door_stuck")
    engine.refuses.clear()

    await until(lambda: not engine.peers and not engine.spaces)


async def test_a_space_ends_in_the_engine_whatever_cannot_be_shown(
    open_table: OpenTable, instance: Instance, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last picture fails, and nobody is heard all the same."""
    table = await open_table()

    async def fail(_space_id: str, *, at_once: bool = False) -> None:
        raise OSError(f"no picture, at_once={at_once}")

    monkeypatch.setattr(instance.live, "refresh", fail)
    await table.host.do("POST", f"{table.path}/end")

    assert not engine.peers


async def test_one_door_that_is_stuck_keeps_no_other_open(
    open_table: OpenTable, sign_up: SignUp, engine: FakeEngine
) -> None:
    """When many have to go, all but the one whose door is stuck are out at once."""
    table = await open_table()
    people = [await sign_up(name) for name in ("ben", "chidi", "dora")]
    for person in people:
        await table.join(person)
    [stuck] = table.peers(people[0])
    engine.stuck = {n for n, peer in engine.peers.items() if peer is stuck}

    assert await table.host.refused("PATCH", table.path, {"listen_policy": "invited"}) == (
        503,
        "door_stuck",
    )
    assert len(engine.peers) == 2
    engine.stuck.clear()
    await until(lambda: len(engine.peers) == 1)


async def test_a_live_space_that_the_engine_does_not_know_is_opened(
    sign_up: SignUp, engine: FakeEngine
) -> None:
    """Who calls into a space that the engine was too busy to open gets in."""
    ama = await sign_up("ama")
    card = await ama.do("POST", "/spaces", {"title": "Kitchen table"})
    engine.refuses["open_space"] = "busy"
    await ama.do("POST", f"/spaces/{card['id']}/start")
    engine.refuses.clear()

    answer = await ama.ask("POST", f"/spaces/{card['id']}/call", content=OFFER, headers=SDP)

    assert answer.status_code == 201


async def test_everybody_is_muted_before_anybody_is_shown_so(
    open_table: OpenTable,
    sign_up: SignUp,
    instance: Instance,
    engine: FakeEngine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Muting all shuts every gate first and is then told once."""
    table = await open_table()
    for name in ("ben", "chidi", "dora"):
        person = await sign_up(name)
        await table.join(person)
        await table.seat(person)
    refresh = instance.live.refresh
    open_then: list[int] = []

    async def count(space_id: str, *, at_once: bool = False) -> None:
        open_then.append(sum(peer.gate_open for peer in engine.peers.values()))
        await refresh(space_id, at_once=at_once)

    monkeypatch.setattr(instance.live, "refresh", count)
    await table.host.do("PUT", f"{table.path}/mutes")

    assert open_then == [0]


async def test_a_call_that_failed_is_logged_with_its_reason_and_nobodys_name(
    open_table: OpenTable, sign_up: SignUp, instance: Instance
) -> None:
    """An operator learns that a client has nothing in common with the server; not whose it is."""
    table = await open_table()
    ben = await sign_up("ben")
    await table.join(ben)
    (call,) = instance.calls.registry.of_person(table.id, ben.id)
    (hosts,) = instance.calls.registry.of_person(table.id, table.host.id)
    with capture_logs() as logged:
        await instance.calls.follow(PeerClosed(call.peer, "no_common_profile"))
        await instance.calls.follow(PeerClosed(hosts.peer, "left"))

    failed = [entry for entry in logged if entry["event"] == "call_failed"]
    assert failed == [{"event": "call_failed", "log_level": "info", "why": "no_common_profile"}]
