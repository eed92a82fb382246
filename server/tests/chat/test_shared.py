"""What people put on the table: words and links, one of them pinned."""

from contextlib import AsyncExitStack

import pytest

from convivium.chat.shared import MOST
from convivium.core.clock import ManualClock
from tests.conftest import Browser, OpenTable, SignUp
from tests.table import Table, fresh_snapshot, watch


async def share(table: Table, browser: Browser, text: str, link: str | None = None) -> str:
    item = await browser.do("POST", f"{table.path}/shared", {"text": text, "link": link})
    return str(item["id"])


async def test_everybody_sees_what_lies_on_the_table(
    open_table: OpenTable, sign_up: SignUp
) -> None:
    """Those who are here by an event, those who come later in the snapshot and in the list."""
    table, ben = await open_table(), await sign_up("ben")
    async with AsyncExitStack() as stack:
        witness = await watch(table, stack, ben)
        first = await share(table, table.host, "The recording", "HTTPS://Bücher.example/a b#c")
        second = await share(table, table.host, "Words only")
        await table.host.do("PUT", f"{table.path}/shared/{second}/pin")
        await table.instance.live.refresh(table.id, at_once=True)
        await table.host.do("DELETE", f"{table.path}/shared/{first}")
        await table.instance.live.refresh(table.id, at_once=True)
        await witness.catch_up()

        (item,) = witness.snapshot["shared"]
        assert (item["text"], item["pinned"]) == ("Words only", True)
        told = [e["data"] for e in witness.events if e["type"] == "shared_changed"]
        assert told[0]["shared"][0]["link"] == "https://xn--bcher-kva.example/a%20b#c"
        assert told[0]["shared"][0]["host"] == "xn--bcher-kva.example"
        assert [item for data in told for item in data["gone"]] == [first]
    assert (await fresh_snapshot(table, ben))["shared"] == [item]
    assert (await ben.do("GET", f"{table.path}/shared"))["items"] == [item]


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://example.org/x",
        "//example.org",
        "example.org",
        "https://",
        "https://user:secret@example.org/",
        "https://example.org/" + "x" * 3000,
    ],
)
async def test_links_lead_to_the_open_web_and_nowhere_else(
    open_table: OpenTable, link: str
) -> None:
    """Nothing that runs, nothing local, no name and password: a link is http or https."""
    table = await open_table()

    body = {"text": "x", "link": link}
    assert await table.host.refused("POST", f"{table.path}/shared", body) == (422, "invalid")


async def test_those_on_the_stage_share_and_hosts_pin(
    open_table: OpenTable, sign_up: SignUp
) -> None:
    """A speaker puts things there and takes the own ones away; only hosts pin."""
    table, ben, zoe = await open_table(), await sign_up("ben"), await sign_up("zoe")
    path = f"{table.path}/shared"
    await table.join(ben)
    assert await ben.refused("POST", path, {"text": "x"}) == (403, "stage_shares")
    await table.seat(ben)
    item, of_host = await share(table, ben, "mine"), await share(table, table.host, "the host's")

    assert await ben.refused("PUT", f"{path}/{item}/pin") == (403, "hosts_only")
    assert await ben.refused("DELETE", f"{path}/{of_host}") == (403, "not_yours")
    assert await zoe.refused("DELETE", f"{path}/{item}") == (403, "not_yours")
    await ben.do("DELETE", f"{table.path}/stage/me")
    await ben.do("DELETE", f"{path}/{item}")
    assert await ben.refused("DELETE", f"{path}/{item}") == (404, "shared_not_found")


async def test_one_thing_is_pinned(open_table: OpenTable) -> None:
    """To pin another unpins the first."""
    table = await open_table()
    one, two = await share(table, table.host, "one"), await share(table, table.host, "two")
    pinned = []
    for method, item in (("PUT", one), ("PUT", two), ("PUT", two), ("DELETE", two)):
        await table.host.do(method, f"{table.path}/shared/{item}/pin")
        items = (await table.host.do("GET", f"{table.path}/shared"))["items"]
        pinned.append([i["text"] for i in items if i["pinned"]])

    assert pinned == [["one"], ["two"], ["two"], []]


async def test_a_table_has_an_edge(open_table: OpenTable, clock: ManualClock) -> None:
    """So much lies on it; what is taken away makes room."""
    table = await open_table()
    for count in range(MOST):
        item = await share(table, table.host, f"thing {count}")
        clock.advance(2.0)

    assert await table.host.refused("POST", f"{table.path}/shared", {"text": "x"}) == (
        409,
        "table_full",
    )
    await table.host.do("DELETE", f"{table.path}/shared/{item}")
    clock.advance(2.0)
    await share(table, table.host, "one more")


async def test_who_is_removed_takes_their_things_along(
    open_table: OpenTable, sign_up: SignUp
) -> None:
    """Also what was pinned."""
    table, ben = await open_table(), await sign_up("ben")
    await table.join(ben)
    await table.seat(ben)
    item = await share(table, ben, "mine")
    await table.host.do("PUT", f"{table.path}/shared/{item}/pin")
    await table.host.do("PUT", f"{table.path}/removals/@ben")

    assert (await fresh_snapshot(table, table.host))["shared"] == []
