"""Two things at the same moment: one of them wins, and the other is told so in clear words."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from httpx import Response

from convivium.core.clock import ManualClock
from convivium.core.config import Settings
from convivium.media.fake import FakeEngine
from convivium.spaces import service as spaces
from convivium.stage import service as stage
from convivium.stage.rules import has_room
from tests.conftest import Browser, OpenTable, SignUp
from tests.databases import Beginning
from tests.table import OFFER, SDP, Table

ROUNDS = 5


@pytest.fixture
def settings(data_folder: Path, empty_database: Beginning) -> Settings:
    return empty_database.settings(data_folder, max_speakers=1)


@pytest.fixture
async def table(open_table: OpenTable) -> Table:
    """Open a table with one seat for a speaker."""
    return await open_table()


@pytest.fixture
async def helper(table: Table, sign_up: SignUp) -> Browser:
    """Seat a co-host."""
    helper = await sign_up("helper")
    await table.join(helper)
    await table.seat(helper, "co_host")
    return helper


@pytest.fixture
async def askers(table: Table, sign_up: SignUp) -> list[Browser]:
    people = [await sign_up(name) for name in ("ben", "chidi")]
    for person in people:
        await table.join(person)
        await person.do("POST", f"{table.path}/requests")
    return people


async def at_once(*asked: Coroutine[Any, Any, Response]) -> list[str]:
    """Send all of these together; gives the code of each refusal, and "ok" for what was done."""
    answers = await asyncio.gather(*asked)
    return [
        "ok" if answer.is_success else str(answer.json()["code"])
        for answer in answers
        if answer.is_success or answer.json()["detail"]
    ]


async def speakers(table: Table) -> list[str]:
    seats = (await table.host.do("GET", table.path))["stage"]
    return [seat["person"]["name"] for seat in seats if seat["role"] == "speaker"]


async def test_the_last_seat_is_given_once(
    table: Table, helper: Browser, askers: list[Browser]
) -> None:
    """Two hosts bring up two people for one seat: one is up, the other host reads why not."""
    hosts = (table.host, helper)
    for _ in range(ROUNDS):
        codes = await at_once(
            *(
                host.ask("POST", f"{table.path}/requests/{asker.id}/accept")
                for host, asker in zip(hosts, askers, strict=True)
            )
        )

        assert sorted(codes) == ["ok", "stage_full"]
        [up] = await speakers(table)
        await table.host.do("DELETE", f"{table.path}/stage/@{up}")
        for asker in askers:
            await asker.ask("POST", f"{table.path}/requests")


async def test_without_the_guard_the_last_seat_is_given_twice(
    table: Table, askers: list[Browser]
) -> None:
    """Whoever looks before the transaction instead of inside it does oversell: the race is real."""
    instance = table.instance
    limits = stage.limits_of(instance.settings)
    both_looked = asyncio.Barrier(2)

    async def accept_carelessly(asker: Browser) -> None:
        async with instance.database.read() as session:
            space = await spaces.by_id(session, table.id)
            is_free = has_room(await stage.stage_of(session, space), limits, asker.id, "speaker")
        await both_looked.wait()
        async with instance.transactions.begin() as tx:
            if is_free:
                await stage.seat_down(tx, table.id, asker.id)

    await asyncio.gather(*(accept_carelessly(asker) for asker in askers))

    assert len(await speakers(table)) == 2 > limits.speakers


async def test_locking_while_somebody_asks(table: Table, sign_up: SignUp) -> None:
    """The request was there before the lock, or is refused by it; nothing between."""
    for at in range(ROUNDS):
        person = await sign_up(f"person_{at}")
        await table.join(person)
        asked, locked = await at_once(
            person.ask("POST", f"{table.path}/requests"),
            table.host.ask("PUT", f"{table.path}/queue", json={"locked": True}),
        )
        assert locked == "ok"
        assert asked in ("ok", "stage_locked")
        await table.instance.live.refresh(table.id, at_once=True)
        queue = (await table.instance.live.picture(table.id)).parts["queue"]
        waits = person.id in {request["person"]["id"] for request in queue}
        assert waits == (asked == "ok")
        await table.host.do("PUT", f"{table.path}/queue", {"locked": False})


async def test_requests_are_switched_off_while_somebody_asks(
    table: Table, askers: list[Browser]
) -> None:
    """The policy of the one transaction that was first holds for the other."""
    asker = askers[0]
    await asker.do("DELETE", f"{table.path}/requests/me")

    asked, changed = await at_once(
        asker.ask("POST", f"{table.path}/requests"),
        table.host.ask("PATCH", table.path, json={"requests": "off"}),
    )

    assert (asked in ("ok", "requests_off"), changed) == (True, "ok")
    assert not (await asker.do("GET", table.path))["you"]["may_ask"]


async def test_the_end_during_a_hand_over(
    table: Table, helper: Browser, clock: ManualClock
) -> None:
    """The host is long gone; the helper inherits, or ends it: no live space is without a host."""
    calls = table.instance.calls
    await calls.end(*calls.registry.of_person(table.id, table.host.id))
    clock.advance(601)

    ended, *_ = await asyncio.gather(
        helper.ask("POST", f"{table.path}/end"), table.instance.sweep(), table.instance.sweep()
    )

    card = await helper.do("GET", table.path)
    assert ended.is_success
    assert card["state"] == "ended"
    assert not any(seat["connected"] for seat in card["stage"])
    assert await table.host.refused("POST", f"{table.path}/queue/next") == (409, "space_not_live")
    assert await table.heard() == set()


async def test_the_end_while_the_space_is_handed_over(table: Table, sign_up: SignUp) -> None:
    """On purpose: whoever was first is right, and the host of what is over is one person."""
    ben = await sign_up("ben")
    await table.join(ben)
    await table.seat(ben)

    handed, ended = await at_once(
        table.host.ask("PUT", f"{table.path}/host/@ben"),
        table.host.ask("POST", f"{table.path}/end"),
    )

    card = await ben.do("GET", table.path)
    assert (handed, ended) in (("ok", "ok"), ("space_not_live", "ok"), ("ok", "hosts_only"))
    assert (card["state"] == "ended") == (ended == "ok")
    assert (card["host"]["name"] == "ben") == (handed == "ok")
    assert [seat["role"] for seat in card["stage"]].count("host") == 1


async def test_somebody_is_brought_up_while_they_leave(table: Table, askers: list[Browser]) -> None:
    """They withdraw and hang up as the host accepts: no seat is left with nobody in it."""
    ben = askers[0]
    for _ in range(ROUNDS):
        [call] = table.instance.calls.registry.of_person(table.id, ben.id)
        accepted, left, gone = await at_once(
            table.host.ask("POST", f"{table.path}/requests/@ben/accept"),
            ben.ask("DELETE", f"{table.path}/requests/me"),
            ben.ask("DELETE", f"/calls/{call.id}"),
        )

        assert accepted in ("ok", "no_request")
        assert (left, gone) == ("ok", "ok")
        assert await speakers(table) == []
        you = (await ben.do("GET", table.path))["you"]
        assert (you["role"], you["request"]) == ("listener", None)
        await table.join(ben)
        await ben.do("POST", f"{table.path}/requests")


async def test_the_policy_changes_while_somebody_joins(
    table: Table, sign_up: SignUp, engine: FakeEngine
) -> None:
    """Who is at the engine when the doors close is told so, and has no peer."""
    eve = await sign_up("eve")
    engine.hold.clear()
    joining = asyncio.create_task(eve.ask("POST", f"{table.path}/call", content=OFFER, headers=SDP))
    await engine.waits.wait()

    await table.host.do("PATCH", table.path, {"listen_policy": "invited"})
    engine.hold.set()

    answer = await joining
    assert (answer.status_code, answer.json()["code"]) == (403, "not_invited")
    assert table.peers(eve) == []
    assert len(engine.peers) == 1
    assert not (await eve.do("GET", table.path))["you"]["may_listen"]


async def test_a_seat_lapses_while_its_person_says_yes(
    table: Table, askers: list[Browser], clock: ManualClock
) -> None:
    """At the same instant: on the stage, or in line again; never both and never neither."""
    ben = askers[0]
    for _ in range(ROUNDS):
        await table.host.do("POST", f"{table.path}/requests/{ben.id}/accept")
        clock.advance(15)
        said_yes, _ = await asyncio.gather(
            ben.ask("PUT", f"{table.path}/stage/me", json={"role": "speaker"}),
            table.instance.sweep(),
        )
        you = (await ben.do("GET", table.path))["you"]

        assert (you["role"] == "speaker") == said_yes.is_success
        assert (you["request"] is None) == (you["role"] == "speaker")
        assert said_yes.is_success or said_yes.json()["code"] == "ask_first"
        if said_yes.is_success:
            await ben.do("DELETE", f"{table.path}/stage/me")
            await ben.do("POST", f"{table.path}/requests")
