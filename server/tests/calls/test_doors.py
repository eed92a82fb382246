"""Doors in the moment in which they are shut; `tests/test_doors.py` tries all of them then."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from convivium.accounts import service as accounts
from convivium.app import Instance
from convivium.core.actor import Actor
from convivium.core.clock import ManualClock
from convivium.core.errors import NotSignedIn
from convivium.live.readers import Stream
from convivium.media.fake import FakeEngine
from convivium.spaces import service as spaces
from convivium.spaces.models import Space
from convivium.spaces.service import Removed
from tests.conftest import Browser, OpenTable, SignUp
from tests.table import FRAGMENT, OFFER, RESTART, SDP, actor_of


async def test_a_co_host_without_a_seat_has_no_powers(
    open_table: OpenTable, sign_up: SignUp, instance: Instance, clock: ManualClock
) -> None:
    """Whoever steps down, is moved back or stays away is a listener at every route."""
    table = await open_table()
    helpers = [await sign_up(name) for name in ("ben", "chidi", "dora")]
    for helper in helpers:
        await table.join(helper)
    ben, chidi, dora = helpers
    for helper in (ben, chidi):
        await table.seat(helper, "co_host")
    await ben.do("DELETE", f"{table.path}/stage/me")
    await table.host.do("DELETE", f"{table.path}/stage/@chidi")
    await table.seat(dora, "co_host")
    for call in instance.calls.registry.of_person(table.id, dora.id):
        await instance.calls.end(call)
    clock.advance(31)
    await instance.sweep()

    for helper in helpers:
        assert (await helper.do("GET", table.path))["you"]["role"] == "listener"
        for method, path, body in (
            ("PATCH", "", {"title": "Mine"}),
            ("PUT", f"/removals/{table.host.id}", None),
            ("PUT", "/mutes", None),
            ("POST", "/end", None),
        ):
            refused = await helper.refused(method, table.path + path, body)
            assert refused == (403, "hosts_only")


async def test_removal_during_a_join_leaves_no_peer(
    open_table: OpenTable, sign_up: SignUp, engine: FakeEngine
) -> None:
    """Who is removed while the engine answers is told so, and has no peer."""
    table = await open_table()
    ben = await sign_up("ben")
    engine.hold.clear()
    joining = asyncio.create_task(ben.ask("POST", f"{table.path}/call", content=OFFER, headers=SDP))
    await engine.waits.wait()

    await table.host.do("PUT", f"{table.path}/removals/@ben")
    engine.hold.set()

    answer = await joining
    assert (answer.status_code, answer.json()["code"]) == (403, "removed")
    assert len(engine.peers) == 1


async def test_end_during_a_join_leaves_no_peer(
    open_table: OpenTable, sign_up: SignUp, engine: FakeEngine, instance: Instance
) -> None:
    """Who joins while the space ends is told that it ended, and has no peer."""
    table = await open_table()
    ben = await sign_up("ben")
    engine.hold.clear()
    joining = asyncio.create_task(ben.ask("POST", f"{table.path}/call", content=OFFER, headers=SDP))
    await engine.waits.wait()

    await table.host.do("POST", f"{table.path}/end")
    engine.hold.set()

    answer = await joining
    assert (answer.status_code, answer.json()["code"]) == (409, "space_not_live")
    assert not engine.peers
    assert len(instance.calls.registry) == 0


async def test_listening_by_invitation_sends_the_others_away(
    open_table: OpenTable, sign_up: SignUp, visitor: Callable[[], Browser], instance: Instance
) -> None:
    """When a space is closed to strangers, those inside have to go; the invited and seated stay."""
    table = await open_table()
    invited, seated, stranger = [await sign_up(name) for name in ("ben", "chidi", "dora")]
    guest = visitor()
    for person in (invited, seated, stranger, guest):
        await table.join(person)
    await table.seat(seated)
    await table.host.do("PUT", f"{table.path}/invitations/@ben", {"role": "listener"})

    await table.host.do("PATCH", table.path, {"listen_policy": "invited"})

    there = instance.calls.registry.people(table.id)
    assert set(there) == {table.host.id, invited.id, seated.id}
    for person, code in ((stranger, (403, "not_invited")), (guest, (401, "sign_in_to_listen"))):
        offer = await person.ask("POST", f"{table.path}/call", content=OFFER, headers=SDP)
        assert (offer.status_code, offer.json()["code"]) == code
        card = await person.do("GET", table.path)
        assert (card["title"], card["stage"], card["counts"], card["description"]) == (
            "Kitchen table",
            None,
            None,
            None,
        )
    assert (await stranger.do("GET", "/spaces"))["items"] == []
    assert len((await invited.do("GET", "/spaces"))["items"]) == 1


async def test_only_the_credential_that_made_a_call_can_change_it(
    open_table: OpenTable,
    sign_up: SignUp,
    visitor: Callable[[], Browser],
    instance: Instance,
) -> None:
    """Another session of the same person, and another person, are told there is no such call."""
    table = await open_table()
    ben = await sign_up("ben")
    call = await table.join(ben)
    again = visitor()
    await again.do("POST", "/sessions", {"name": "ben", "password": "correct horse"})
    for other in (again, table.host, visitor()):
        restart = await other.ask("PATCH", call, content=RESTART, headers=FRAGMENT)
        assert (restart.status_code, restart.json()["code"]) == (404, "call_not_found")
        assert await other.refused("DELETE", call) == (404, "call_not_found")

    assert (await ben.ask("PATCH", call, content=RESTART, headers=FRAGMENT)).status_code == 200
    await ben.do("DELETE", call)
    assert instance.calls.registry.of_person(table.id, ben.id) == []
    assert await ben.refused("DELETE", call) == (404, "call_not_found")


async def test_removal_between_the_door_and_the_engine(
    open_table: OpenTable,
    sign_up: SignUp,
    instance: Instance,
    engine: FakeEngine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who is removed right after the door let them in never gets as far as the engine."""
    table = await open_table()
    ben = await sign_up("ben")
    actor = await actor_of(instance, ben)
    ask_door = spaces.admitted

    async def let_in_and_remove(*asked: Any, **how: Any) -> Space:  # noqa: ANN401
        space = await ask_door(*asked, **how)
        monkeypatch.setattr(spaces, "admitted", ask_door)
        await table.host.do("PUT", f"{table.path}/removals/@ben")
        return space

    monkeypatch.setattr(spaces, "admitted", let_in_and_remove)
    with pytest.raises(Removed):
        await instance.calls.join(actor, table.id, OFFER)
    assert len(engine.peers) == 1
    assert len(instance.calls.registry) == 1


async def test_signing_out_while_the_offer_is_on_its_way(
    open_table: OpenTable, sign_up: SignUp, instance: Instance, engine: FakeEngine
) -> None:
    """Who signs out before the end of the offer has come has no call."""
    table = await open_table()
    ben = await sign_up("ben")
    reads, signed_out = asyncio.Event(), asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield OFFER[:5].encode()
        reads.set()
        await signed_out.wait()
        yield OFFER[5:].encode()

    joining = asyncio.create_task(
        ben.ask("POST", f"{table.path}/call", content=slowly(), headers=SDP)
    )
    await reads.wait()
    actor = await actor_of(instance, ben)
    await ben.do("DELETE", "/sessions/current")
    signed_out.set()

    answer = await joining
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert len(engine.peers) == 1
    with pytest.raises(NotSignedIn):
        await instance.calls.join(actor, table.id, OFFER)


async def test_a_session_that_ran_out_opens_no_call(
    open_table: OpenTable, sign_up: SignUp, instance: Instance, clock: ManualClock
) -> None:
    """A session is worth nothing after its time, whenever it was looked up."""
    table = await open_table()
    actor = await actor_of(instance, await sign_up("ben"))

    clock.advance(accounts.SESSION_LIFE.total_seconds())

    with pytest.raises(NotSignedIn):
        await instance.calls.join(actor, table.id, OFFER)


async def test_signing_out_while_a_stream_opens(
    open_table: OpenTable,
    sign_up: SignUp,
    instance: Instance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever signs out between being let in and having the stream is refused, and has none."""
    table = await open_table()
    ben = await sign_up("ben")
    stream = instance.live.stream

    @asynccontextmanager
    async def stream_late(
        space_id: str, actor: Actor, last_id: str | None
    ) -> AsyncIterator[Stream]:
        await ben.do("DELETE", "/sessions/current")
        async with stream(space_id, actor, last_id) as opened:
            yield opened

    monkeypatch.setattr(instance.live, "stream", stream_late)
    async with asyncio.timeout(10):
        refused = await ben.refused("GET", f"{table.path}/events")

    assert refused == (401, "not_signed_in")
    assert not instance.live._channels[table.id].streams
