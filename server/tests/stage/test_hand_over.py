"""The host gives the space away on purpose."""

import asyncio

import pytest

from convivium.app import Instance
from convivium.core.clock import ManualClock
from convivium.core.config import Settings
from tests.conftest import Browser, OpenTable, SignUp
from tests.table import Table


async def roles(table: Table) -> dict[str, str]:
    stage = (await table.host.do("GET", table.path))["stage"]
    return {seat["person"]["name"]: seat["role"] for seat in stage}


async def seated(table: Table, browser: Browser, role: str = "speaker") -> Browser:
    await table.join(browser)
    await table.seat(browser, role)
    return browser


async def stay_away(table: Table, person: Browser, seconds: float) -> None:
    """Let all of somebody's calls end, and time go by without them."""
    for call in table.instance.calls.registry.of_person(table.id, person.id):
        await person.do("DELETE", f"/calls/{call.id}")
    clock = table.instance.clock
    assert isinstance(clock, ManualClock)
    clock.advance(seconds)
    await table.instance.sweep()


async def test_to_somebody_on_the_stage(open_table: OpenTable, sign_up: SignUp) -> None:
    """They are the host, the former host is a co-host, sound goes on, and they are told."""
    table = await open_table("ama")
    ben = await seated(table, await sign_up("ben"))
    await table.host.do("DELETE", f"{table.path}/mutes/me")
    heard = await table.heard()
    await table.host.do("PUT", f"{table.path}/host/@ben")

    assert await roles(table) == {"ama": "co_host", "ben": "host"}
    assert await table.heard() == heard == {table.host.id, ben.id}
    assert (await ben.do("GET", "/notifications"))["items"][0]["kind"] == "handed_over"
    assert await table.host.refused("PUT", f"{table.path}/host/@ama") == (403, "only_host")
    await ben.do("PUT", f"{table.path}/host/@ama")
    assert await roles(table) == {"ama": "host", "ben": "co_host"}


async def test_it_is_for_good(open_table: OpenTable, sign_up: SignUp, settings: Settings) -> None:
    """The former host does not get the space back by leaving and coming again."""
    table = await open_table("ama")
    ben = await seated(table, await sign_up("ben"))
    await table.host.do("PUT", f"{table.path}/host/@ben")
    await stay_away(table, table.host, settings.seat_kept_s)
    await table.join(table.host)

    assert (await ben.do("GET", table.path))["host"]["name"] == "ben"


async def test_only_to_who_is_there(open_table: OpenTable, sign_up: SignUp) -> None:
    """Not to a listener, not to somebody whose call is lost, not to oneself again."""
    table = await open_table("ama")
    ben = await seated(table, await sign_up("ben"))
    eve = await sign_up("eve")
    await table.join(eve)
    path = f"{table.path}/host"
    assert await table.host.refused("PUT", f"{path}/@eve") == (409, "not_on_stage")
    await stay_away(table, ben, 0)
    assert await table.host.refused("PUT", f"{path}/@ben") == (409, "not_on_stage")
    await table.host.do("PUT", f"{path}/me")

    assert (await roles(table))["ama"] == "host"


async def test_a_former_host_may_stay_in_a_closed_space(
    open_table: OpenTable, sign_up: SignUp
) -> None:
    """Also after stepping down, where only invited people may listen."""
    table = await open_table("ama", listen_policy="invited")
    ben = await sign_up("ben")
    await table.host.do("PUT", f"{table.path}/invitations/@ben", {"role": "speaker"})
    await table.join(ben)
    await ben.do("PUT", f"{table.path}/stage/me", {"role": "speaker"})
    await table.host.do("PUT", f"{table.path}/host/@ben")
    assert await roles(table) == {"ama": "co_host", "ben": "host"}
    await table.host.do("DELETE", f"{table.path}/stage/me")

    assert len(table.peers(table.host)) == 1
    assert (await table.host.do("GET", table.path))["you"]["may_listen"]


@pytest.mark.parametrize("answer", ["yes", "none yet"])
async def test_a_host_has_no_turn_that_ends(
    open_table: OpenTable, sign_up: SignUp, clock: ManualClock, instance: Instance, answer: str
) -> None:
    """Whoever came up for a minute, or has not said yes yet, and is handed the space, keeps it."""
    table = await open_table("ama")
    ben = await sign_up("ben")
    await table.join(ben)
    await table.host.do("PUT", f"{table.path}/queue", {"policy": "in_order", "turn_seconds": 60})
    await ben.do("POST", f"{table.path}/requests", {})
    await table.host.do("POST", f"{table.path}/requests/@ben/accept")
    if answer == "yes":
        await ben.do("DELETE", f"{table.path}/mutes/me")
    await table.host.do("PUT", f"{table.path}/host/@ben")
    await ben.do("DELETE", f"{table.path}/mutes/me")
    clock.advance(120)
    await instance.sweep()

    assert await roles(table) == {"ama": "co_host", "ben": "host"}
    assert ben.id in await table.heard()


async def test_a_former_host_whom_the_new_one_blocks_leads_no_more(
    open_table: OpenTable, sign_up: SignUp
) -> None:
    """They lose the seat with the space, and what goes with a seat."""
    table = await open_table("ama")
    ben = await seated(table, await sign_up("ben"))
    await ben.do("PUT", "/people/@ama/block")
    await table.host.do("PUT", f"{table.path}/host/@ben")

    assert await ben.do("GET", table.path)
    stage = (await ben.do("GET", table.path))["stage"]
    assert [seat["person"]["name"] for seat in stage] == ["ben"]
    assert (await table.host.refused("POST", f"{table.path}/end"))[0] in (403, 404)


async def test_an_owner_is_not_removed_by_whoever_holds_the_space(
    open_table: OpenTable, sign_up: SignUp, settings: Settings
) -> None:
    """A co-host who inherited cannot keep the host from coming back."""
    table = await open_table("ama")
    ben = await seated(table, await sign_up("ben"), "co_host")
    await stay_away(table, table.host, settings.hostless_s + settings.seat_kept_s)
    assert (await ben.do("GET", table.path))["host"]["name"] == "ben"

    assert await ben.refused("PUT", f"{table.path}/removals/@ama") == (409, "host_stays")
    await table.join(table.host)
    assert (await ben.do("GET", table.path))["host"]["name"] == "ama"


async def test_an_end_during_a_hand_over(open_table: OpenTable, sign_up: SignUp) -> None:
    """Whichever comes first, the space is over in the end, and has one host."""
    table = await open_table("ama")
    ben = await seated(table, await sign_up("ben"), "co_host")
    acts = (
        table.host.ask("PUT", f"{table.path}/host/@ben"),
        table.host.ask("POST", f"{table.path}/end"),
        ben.ask("POST", f"{table.path}/end"),
    )
    handed, ended, ended_again = await asyncio.gather(*acts)

    assert handed.status_code in (204, 409)
    assert (ended.status_code, ended_again.status_code) == (200, 200)
    card = await ben.do("GET", table.path)
    assert card["state"] == "ended"
    assert [seat["role"] for seat in card["stage"]].count("host") == 1
    refused = await ben.refused("PUT", f"{table.path}/host/@ama")
    assert refused[1] in ("space_not_live", "hosts_only")


async def test_whoever_only_holds_it_hands_on_no_more(
    open_table: OpenTable, sign_up: SignUp, settings: Settings
) -> None:
    """The host who was away gets the space back from whomever has it meanwhile."""
    table = await open_table("ama")
    ben = await seated(table, await sign_up("ben"), "co_host")
    eve = await seated(table, await sign_up("eve"))
    await stay_away(table, table.host, settings.hostless_s)
    assert (await eve.do("GET", table.path))["host"]["name"] == "ben"
    await ben.do("PUT", f"{table.path}/host/@eve")
    assert (await eve.do("GET", table.path))["host"]["name"] == "eve"
    await table.join(table.host)

    assert (await eve.do("GET", table.path))["host"]["name"] == "ama"
