"""The law of live events: a snapshot with the events applied to it equals a fresh snapshot."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
from sqlalchemy import update

from convivium.core.clock import ManualClock
from convivium.spaces.service import unmake_co_host
from convivium.stage.models import SpeakRequest
from tests.conftest import Browser, OpenTable, SignUp
from tests.live.protocol import apply
from tests.table import Table, fresh_snapshot, watch


@dataclass
class Company:
    """A table with one person of each kind at it."""

    table: Table
    co_host: Browser
    speaker: Browser
    asker: Browser
    listener: Browser
    guest: Browser
    passer_by: Browser
    newcomer: Browser

    @property
    def clock(self) -> ManualClock:
        clock = self.table.instance.clock
        assert isinstance(clock, ManualClock)
        return clock

    @property
    def host(self) -> Browser:
        return self.table.host

    def everybody(self) -> dict[str, Browser]:
        return {
            "host": self.host,
            "co-host": self.co_host,
            "speaker": self.speaker,
            "asker": self.asker,
            "listener": self.listener,
            "guest": self.guest,
            "passer-by": self.passer_by,
        }

    async def do(self, who: Browser, method: str, path: str, body: object = None) -> None:
        await who.do(method, self.table.path + path, body)


@pytest.fixture
async def company(
    open_table: OpenTable, sign_up: SignUp, visitor: Callable[[], Browser]
) -> Company:
    table = await open_table()
    names = ("co_host", "speaker", "asker", "listener")
    co_host, speaker, asker, listener = [await sign_up(name) for name in names]
    guest = visitor()
    for browser in (co_host, speaker, asker, listener, guest):
        await table.join(browser)
    await table.seat(co_host, "co_host")
    await table.seat(speaker)
    await asker.do("POST", f"{table.path}/requests", {"note": "about salt"})
    return Company(table, co_host, speaker, asker, listener, guest, visitor(), visitor())


async def _ask_and_put_off(c: Company) -> None:
    await c.do(c.listener, "POST", "/requests")
    await c.do(c.host, "POST", f"/requests/{c.asker.id}/later")


async def _sing_in_turns(c: Company) -> None:
    """A fast lane with two in it: both are ready, one follows the other."""
    await c.do(c.listener, "POST", "/requests", {"note": "a song"})
    for singer in (c.asker, c.listener):
        await c.do(singer, "PUT", "/requests/me/ready")
    await c.do(c.host, "PUT", "/queue", {"policy": "fast_lane", "turn_seconds": 60})
    await c.do(c.host, "POST", "/queue/next")
    await c.do(c.co_host, "POST", "/queue/next")


async def _let_a_seat_lapse(c: Company) -> None:
    await c.do(c.host, "POST", "/queue/next")
    c.clock.advance(16)
    await c.table.instance.sweep()


async def _invite_and_sit(c: Company) -> None:
    await c.do(c.host, "PUT", f"/stage/{c.listener.id}", {"role": "speaker"})
    await c.do(c.listener, "PUT", "/stage/me", {"role": "speaker"})


async def _leave_and_sit(c: Company) -> None:
    await c.do(c.co_host, "DELETE", "/stage/me")
    await c.do(c.host, "PUT", f"/invitations/{c.co_host.id}", {"role": "speaker"})
    await c.do(c.co_host, "PUT", "/stage/me", {"role": "speaker"})


async def _hang_up(c: Company, who: Browser) -> None:
    calls = c.table.instance.calls
    for call in calls.registry.of_person(c.table.id, who.id):
        await calls.end(call)


LISTENING = ("counts", "people")

Act = Callable[[Company], Awaitable[object]]

ACTS: dict[str, Act] = {
    "rename": lambda c: c.do(c.host, "PATCH", "", {"title": "Long table", "topics": ["bread"]}),
    "requests off": lambda c: c.do(c.host, "PATCH", "", {"requests": "off"}),
    "everyone may speak": lambda c: c.do(c.host, "PATCH", "", {"speak_policy": "everyone"}),
    "listening by invitation": lambda c: c.do(c.co_host, "PATCH", "", {"listen_policy": "invited"}),
    "ask": lambda c: c.do(c.listener, "POST", "/requests", {"note": "me too"}),
    "change a note": lambda c: c.do(c.asker, "POST", "/requests", {"note": "about pepper"}),
    "withdraw": lambda c: c.do(c.asker, "DELETE", "/requests/me"),
    "accept": lambda c: c.do(c.co_host, "POST", f"/requests/{c.asker.id}/accept"),
    "decline": lambda c: c.do(c.host, "POST", f"/requests/{c.asker.id}/decline"),
    "later": _ask_and_put_off,
    "invite to the stage": lambda c: c.do(
        c.host, "PUT", f"/stage/{c.listener.id}", {"role": "speaker"}
    ),
    "invite a co-host": lambda c: c.do(
        c.host, "PUT", f"/invitations/{c.listener.id}", {"role": "co_host"}
    ),
    "take the seat one was invited to": _invite_and_sit,
    "lock": lambda c: c.do(c.host, "PUT", "/queue", {"locked": True}),
    "gates": lambda c: c.do(c.host, "PUT", "/queue", {"slow_seconds": 60, "account_age_hours": 1}),
    "fast lane": _sing_in_turns,
    "a seat that lapses": _let_a_seat_lapse,
    "make co-host": lambda c: c.do(c.host, "PUT", f"/stage/{c.speaker.id}", {"role": "co_host"}),
    "unmake co-host": lambda c: c.do(c.host, "PUT", f"/stage/{c.co_host.id}", {"role": "speaker"}),
    "step down": lambda c: c.do(c.speaker, "DELETE", "/stage/me"),
    "co-host steps down": lambda c: c.do(c.co_host, "DELETE", "/stage/me"),
    "move back": lambda c: c.do(c.co_host, "DELETE", f"/stage/{c.speaker.id}"),
    "leave and sit down again": _leave_and_sit,
    "mute": lambda c: c.do(c.host, "PUT", f"/mutes/{c.speaker.id}"),
    "mute oneself": lambda c: c.do(c.speaker, "PUT", "/mutes/me"),
    "unmute": lambda c: c.do(c.host, "DELETE", "/mutes/me"),
    "mute all": lambda c: c.do(c.host, "PUT", "/mutes"),
    "remove a listener": lambda c: c.do(c.host, "PUT", f"/removals/{c.listener.id}"),
    "remove a speaker": lambda c: c.do(c.host, "PUT", f"/removals/{c.speaker.id}"),
    "remove an asker": lambda c: c.do(c.co_host, "PUT", f"/removals/{c.asker.id}"),
    "another listener": lambda c: c.table.join(c.newcomer),
    "listener leaves": lambda c: _hang_up(c, c.listener),
    "speaker loses the call": lambda c: _hang_up(c, c.speaker),
    "another name": lambda c: c.speaker.do("PATCH", "/me", {"display_name": "Somebody"}),
    "an asker's other name": lambda c: c.asker.do("PATCH", "/me", {"display_name": "Else"}),
    "not listed": lambda c: c.listener.do("PATCH", "/me", {"listed": False}),
    "clear a raid": lambda c: c.do(c.host, "POST", "/clearings", {"seconds": 60, "lock": True}),
    "end": lambda c: c.do(c.host, "POST", "/end"),
}


@pytest.mark.parametrize("act", ACTS, ids=str)
async def test_events_make_the_fresh_snapshot(company: Company, act: str) -> None:
    """Whoever was there and applied every event sees what somebody sees who comes now."""
    table, live = company.table, company.table.instance.live
    async with AsyncExitStack() as stack:
        watching = {
            role: (browser, await watch(table, stack, browser))
            for role, browser in company.everybody().items()
        }
        await live.refresh(table.id, at_once=True)
        for _, witness in watching.values():
            await witness.catch_up()

        await ACTS[act](company)
        await live.refresh(table.id, at_once=True)

        for role, (browser, witness) in watching.items():
            await witness.catch_up()
            said_goodbye = "goodbye" in witness.types()
            if act != "end" and said_goodbye:
                continue  # They were sent away and see nothing of what follows.
            fresh = await fresh_snapshot(table, browser)
            if said_goodbye:
                # Calls end after the goodbye: nobody is told that the listeners are gone too.
                fresh |= {key: witness.snapshot[key] for key in LISTENING}
            assert witness.snapshot == fresh, role


@pytest.mark.parametrize("act", ACTS, ids=str)
async def test_data_channels_carry_the_same(company: Company, act: str) -> None:
    """Events on the data channel make the same picture as the event stream's."""
    table, live, engine = company.table, company.table.instance.live, company.table.engine
    callers = [b for role, b in company.everybody().items() if role != "passer-by"]
    calls = company.table.instance.calls.registry.in_space(table.id)
    for call in calls:
        await live.greet(table.id, call.peer, call.actor)
    received = {call.actor.id: engine.peers[call.peer].received for call in calls}

    await ACTS[act](company)
    await live.refresh(table.id, at_once=True)

    for browser in callers:
        snapshot: dict[str, object] = {}
        for event in received[browser.id]:
            snapshot = apply(snapshot, event)
        is_gone = not company.table.instance.calls.registry.of_person(table.id, browser.id)
        if not is_gone:
            assert snapshot == await fresh_snapshot(table, browser)


async def test_a_note_reaches_only_hosts_and_its_writer(company: Company) -> None:
    """What somebody wrote for the hosts is in no byte that a listener is sent."""
    table = company.table
    async with AsyncExitStack() as stack:
        outsiders = [
            await watch(table, stack, browser)
            for browser in (company.speaker, company.listener, company.guest, company.passer_by)
        ]
        await company.do(company.asker, "POST", "/requests", {"note": "a secret word"})
        await company.do(company.host, "POST", f"/requests/{company.asker.id}/later")
        await table.instance.live.refresh(table.id, at_once=True)

        for witness in outsiders:
            await witness.catch_up()
            assert "salt" not in str(witness.events)
            assert "secret" not in str(witness.events)
            assert witness.snapshot["queue"] is None
            assert witness.snapshot["people"] is None
    for browser in (company.listener, company.guest):
        for peer in table.peers(browser):
            assert "secret" not in str(peer.received)
    assert "secret" not in str(await company.listener.do("GET", table.path))


async def test_resuming_equals_staying(company: Company) -> None:
    """A stream that resumes after its last event is told what it missed, and no more."""
    table, live = company.table, company.table.instance.live
    async with AsyncExitStack() as stack:
        before = await watch(table, stack, company.listener)
        await live.refresh(table.id, at_once=True)
        await before.catch_up()
    last_id = before.events[-1]["id"]

    await company.do(company.host, "PUT", f"/mutes/{company.speaker.id}")
    await company.do(company.host, "PUT", f"/stage/{company.listener.id}", {"role": "speaker"})
    await live.refresh(table.id, at_once=True)

    async with AsyncExitStack() as stack:
        again = await watch(
            table, stack, company.listener, last_id=last_id, snapshot=before.snapshot
        )
        assert again.types() == ["seat_changed", "you_changed"]
        assert again.snapshot == await fresh_snapshot(table, company.listener)


@pytest.mark.parametrize("last_id", ["", "nonsense", "other-3", "-", "x-99999999999999999999"])
async def test_resuming_after_something_unknown(company: Company, last_id: str) -> None:
    """An id nobody knows gets a new snapshot."""
    # What is told a little later is told now, or it could come in between.
    await company.table.instance.live.refresh(company.table.id, at_once=True)
    async with AsyncExitStack() as stack:
        witness = await watch(company.table, stack, company.listener, last_id=last_id)

        assert witness.types() == ["snapshot"]


async def test_new_co_host_gets_what_hosts_see(company: Company) -> None:
    """Who becomes one of the hosts is sent the queue, also when resuming over that moment."""
    table = company.table
    async with AsyncExitStack() as stack:
        speaker = await watch(table, stack, company.speaker)
        last_id = speaker.events[-1]["id"]
        await company.do(company.host, "PUT", f"/stage/{company.speaker.id}", {"role": "co_host"})
        await speaker.catch_up()
        assert speaker.snapshot["queue"][0]["note"] == "about salt"

        resumed = await watch(table, stack, company.speaker, last_id=last_id)
        assert resumed.types() == ["snapshot"]


async def test_a_slow_reader_gets_a_snapshot(company: Company) -> None:
    """A reader that falls behind is sent the picture of the moment, not a growing queue."""
    table = company.table
    async with AsyncExitStack() as stack:
        slow = await watch(table, stack, company.listener)
        for _ in range(50):
            await company.do(company.speaker, "PUT", "/mutes/me")
            await company.do(company.speaker, "DELETE", "/mutes/me")
        slow.events.clear()
        await slow.catch_up()
        await table.instance.live.refresh(table.id, at_once=True)
        await slow.catch_up()

        assert slow.types()[0] == "snapshot"
        assert len(slow.events) < 70
        assert slow.snapshot == await fresh_snapshot(table, company.listener)


async def test_an_engine_without_room_is_made_good(company: Company) -> None:
    """Events that could not be carried are followed by snapshots once there is room."""
    table, live, engine = company.table, company.table.instance.live, company.table.engine
    for call in company.table.instance.calls.registry.in_space(table.id):
        await live.greet(table.id, call.peer, call.actor)
    engine.is_busy = True
    await company.do(company.host, "PATCH", "", {"title": "While the engine was busy"})
    engine.is_busy = False

    await company.do(company.host, "DELETE", "/mutes/me")

    last = [e for e in table.peers(company.guest)[0].received if e["type"] == "snapshot"][-1]
    assert last["data"]["space"]["title"] == "While the engine was busy"


async def test_a_former_co_host_is_told_nothing_for_hosts(company: Company) -> None:
    """A note written in the moment somebody stops being a host is in no byte they are sent."""
    table = company.table
    async with AsyncExitStack() as stack:
        former = await watch(table, stack, company.co_host)
        for call in table.instance.calls.registry.of_person(table.id, company.co_host.id):
            await table.instance.live.greet(table.id, call.peer, call.actor)
        async with table.instance.transactions.begin() as tx:
            await unmake_co_host(tx, table.id, company.co_host.id)
            await tx.session.execute(update(SpeakRequest).values(note="a secret word"))
        await table.instance.live.refresh(table.id, at_once=True)
        await former.catch_up()

        assert "secret" not in str(former.events)
        [peer] = table.peers(company.co_host)
        assert peer.received
        assert "secret" not in str(peer.received)
        assert former.snapshot == await fresh_snapshot(table, company.co_host)
