"""What waits for somebody who lost the call, for how long, and what is there on coming back."""

import pytest

from convivium.app import Instance
from convivium.core.clock import ManualClock
from convivium.stage.service import AUDIENCE_IS_BACK
from tests.conftest import Browser, OpenTable, SignUp
from tests.table import Table


async def leave(table: Table, browser: Browser) -> None:
    """End every call of somebody, as a lost network does."""
    calls = table.instance.calls
    await calls.end(*calls.registry.of_person(table.id, browser.id))


async def waits(table: Table, clock: ManualClock, seconds: float) -> None:
    """Let time pass, and the server look at it."""
    clock.advance(seconds)
    await table.instance.sweep()


async def queue(table: Table) -> int:
    """Count the requests that are shown."""
    await table.instance.live.refresh(table.id, at_once=True)
    requests: int = (await table.host.do("GET", table.path))["counts"]["requests"]
    return requests


async def roles(table: Table, asker: Browser) -> dict[str, str]:
    """Tell who sits on the stage as what."""
    seats = (await asker.do("GET", table.path))["stage"]
    return {seat["person"]["name"]: seat["role"] for seat in seats}


async def test_a_request_goes_with_its_person(
    open_table: OpenTable, sign_up: SignUp, clock: ManualClock
) -> None:
    """Whoever leaves for good stands in nobody's way; whoever is back in time keeps the place."""
    table = await open_table()
    ben, chidi = await sign_up("ben"), await sign_up("chidi")
    for person in (ben, chidi):
        await table.join(person)
        await person.do("POST", f"{table.path}/requests")
    await waits(table, clock, 60)
    assert await queue(table) == 2

    await leave(table, ben)
    await leave(table, chidi)
    await waits(table, clock, 29)
    assert await queue(table) == 2
    await table.join(chidi)
    await waits(table, clock, 2)

    assert await queue(table) == 1
    assert (await chidi.do("GET", table.path))["you"]["request"]["place"] == 1
    assert (await ben.do("GET", table.path))["you"]["request"] is None


async def test_a_request_put_off_goes_as_well(
    open_table: OpenTable, sign_up: SignUp, clock: ManualClock
) -> None:
    """Being sent to the end of the line does not make somebody present."""
    table = await open_table()
    ben = await sign_up("ben")
    await table.join(ben)
    await ben.do("POST", f"{table.path}/requests")
    await leave(table, ben)
    await table.host.do("POST", f"{table.path}/requests/{ben.id}/later")

    await waits(table, clock, 31)

    assert await queue(table) == 0


async def test_requests_wait_for_their_people_after_a_start(
    open_table: OpenTable, sign_up: SignUp, clock: ManualClock, instance: Instance
) -> None:
    """Time without a server does not count, nor that in which an audience comes back."""
    table = await open_table()
    ben = await sign_up("ben")
    await table.join(ben)
    await ben.do("POST", f"{table.path}/requests")
    instance.calls.registry.remove(instance.calls.registry.of_person(table.id, ben.id)[0])
    clock.advance(3600)
    await instance._rebuild()

    await waits(table, clock, AUDIENCE_IS_BACK.total_seconds() + 29)
    assert await queue(table) == 1
    await waits(table, clock, 2)
    assert await queue(table) == 0


@pytest.mark.parametrize("listen", ["everyone", "invited"])
async def test_a_host_who_is_back_has_the_space_again(
    open_table: OpenTable, sign_up: SignUp, clock: ManualClock, listen: str
) -> None:
    """A co-host held it meanwhile, and helps again; also where only invited people may listen."""
    table = await open_table(listen_policy=listen)
    ben = await sign_up("ben")
    await table.host.do("PUT", f"{table.path}/invitations/@ben", {"role": "co_host"})
    await table.join(ben)
    await ben.do("PUT", f"{table.path}/stage/me", {"role": "co_host"})
    await leave(table, table.host)
    await waits(table, clock, 601)
    assert await roles(table, ben) == {"ben": "host"}

    await table.join(table.host)

    assert await roles(table, ben) == {"ben": "co_host", "ama": "host"}
    card = await ben.do("GET", table.path)
    assert (card["host"]["name"], card["you"]["role"]) == ("ama", "co_host")
    assert await ben.refused("PUT", f"{table.path}/stage/{table.host.id}", {"role": "speaker"})
    await table.host.do("DELETE", f"{table.path}/mutes/me")
    assert await table.heard() == {table.host.id}
    await leave(table, ben)
    await table.join(ben)
    assert (await roles(table, ben))["ama"] == "host"


async def test_a_space_goes_back_over_several_heirs(
    open_table: OpenTable, sign_up: SignUp, clock: ManualClock
) -> None:
    """It is the first host who gets it back, not whoever held it in between."""
    table = await open_table()
    ben, chidi = await sign_up("ben"), await sign_up("chidi")
    for person in (ben, chidi):
        await table.join(person)
        await table.seat(person, "co_host")
    for person in (table.host, ben):
        await leave(table, person)
        await waits(table, clock, 601)
    assert await roles(table, chidi) == {"chidi": "host"}

    await table.join(ben)
    assert await roles(table, chidi) == {"chidi": "host"}
    await table.join(table.host)
    assert await roles(table, chidi) == {"chidi": "co_host", "ama": "host"}
