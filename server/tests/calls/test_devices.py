"""One person on several devices: one seat, and sound where they want it."""

from collections.abc import Callable
from contextlib import AsyncExitStack

from convivium.media.engine import PeerConnected
from tests.conftest import PASSWORD, Browser, OpenTable, SignUp
from tests.table import OFFER, SDP, Table, until, watch


async def on_another_device(visitor: Callable[[], Browser], first: Browser) -> Browser:
    second = visitor()
    await second.do("POST", "/sessions", {"name": first.name, "password": PASSWORD})
    second.id, second.name = first.id, first.name
    return second


async def take_over(table: Table, browser: Browser) -> int:
    """Call in instead of one's other devices; gives the peer, which is not connected yet."""
    path = f"{table.path}/call?take_over=true"
    answer = await browser.ask("POST", path, content=OFFER, headers=SDP)
    assert answer.status_code == 201
    return max(table.engine.peers)


async def test_listening_moves_to_this_device(
    open_table: OpenTable, sign_up: SignUp, visitor: Callable[[], Browser]
) -> None:
    """The other device is told and silent once sound can come here, and not before."""
    table = await open_table()
    phone = await sign_up("ben")
    await table.join(phone)
    await table.seat(phone)
    desktop = await on_another_device(visitor, phone)
    assert await desktop.do("GET", f"{table.path}/calls/me") == {"elsewhere": 1}
    assert await phone.do("GET", f"{table.path}/calls/me") == {"elsewhere": 0}
    (old,) = table.peers(phone)
    async with AsyncExitStack() as stack:
        there, here = await watch(table, stack, phone), await watch(table, stack, desktop)

        peer = await take_over(table, desktop)
        assert len(table.peers(phone)) == 2
        table.engine.tell(PeerConnected(peer))
        await until(lambda: len(table.peers(phone)) == 1)

        assert table.peers(phone) == [table.engine.peers[peer]]
        assert old not in table.engine.peers.values()
        await there.catch_up()
        assert there.events[-1]["data"] == {"reason": "elsewhere", "reconnect": False}
        await here.catch_up()
        assert "goodbye" not in here.types()
        assert [seat["person"]["name"] for seat in here.snapshot["stage"]] == ["ama", "ben"]
    await until(lambda: table.engine.peers[peer].gate_open)
    assert await table.heard() == {phone.id}


async def test_only_ones_own_other_devices_fall_silent(
    open_table: OpenTable, sign_up: SignUp, visitor: Callable[[], Browser]
) -> None:
    """Other people, other spaces and other tabs of this browser hear on."""
    table, other_table = await open_table(), await open_table("dora")
    phone, chidi = await sign_up("ben"), await sign_up("chidi")
    desktop = await on_another_device(visitor, phone)
    await table.join(chidi)
    await table.join(desktop)
    await other_table.join(phone)

    peer = await take_over(table, desktop)
    table.engine.tell(PeerConnected(peer))
    await table.instance.calls.follow(PeerConnected(peer))
    await until(lambda: len(table.peers(desktop)) == 2)

    assert len(table.peers(chidi)) == 1
    assert len(other_table.peers(phone)) == 1


async def test_a_device_that_lost_the_goodbye_does_not_come_back_by_itself(
    open_table: OpenTable, sign_up: SignUp, visitor: Callable[[], Browser]
) -> None:
    """It would sound beside the other, and take the voice from it; asked to, it may."""
    table = await open_table()
    phone = await sign_up("ben")
    await table.join(phone)
    desktop = await on_another_device(visitor, phone)
    peer = await take_over(table, desktop)
    table.engine.tell(PeerConnected(peer))
    await until(lambda: len(table.peers(phone)) == 1)

    again = await phone.ask("POST", f"{table.path}/call", content=OFFER, headers=SDP)

    assert (again.status_code, again.json()["code"]) == (409, "elsewhere")
    assert len(table.peers(phone)) == 1
    await table.join(desktop)
    assert await take_over(table, phone) > peer


async def test_it_may_come_again_once_the_other_has_gone(
    open_table: OpenTable, sign_up: SignUp, visitor: Callable[[], Browser]
) -> None:
    """The sound is nowhere else then."""
    table = await open_table()
    phone = await sign_up("ben")
    await table.join(phone)
    desktop = await on_another_device(visitor, phone)
    table.engine.tell(PeerConnected(await take_over(table, desktop)))
    await until(lambda: len(table.peers(phone)) == 1)
    [call] = table.instance.calls.registry.of_person(table.id, desktop.id)
    await desktop.do("DELETE", f"/calls/{call.id}")

    await table.join(phone)
