"""The first evening: what people do at one table, from opening to the end."""

from collections.abc import Callable
from contextlib import AsyncExitStack

from convivium.app import Instance
from convivium.media.fake import FakeEngine
from tests.conftest import Browser, OpenTable, SignUp
from tests.table import watch


async def test_an_evening(
    open_table: OpenTable,
    sign_up: SignUp,
    visitor: Callable[[], Browser],
    engine: FakeEngine,
    instance: Instance,
) -> None:
    """Ama opens a table, Ben listens without an account, Chidi asks, speaks, is muted, removed."""
    table = await open_table()
    ama, path = table.host, table.path
    await ama.do("DELETE", f"{path}/mutes/me")
    ben = visitor()
    card = await ben.do("GET", path)
    assert (card["title"], card["host"]["name"], card["you"]["role"]) == (
        "Kitchen table",
        "ama",
        "listener",
    )
    await table.join(ben)
    assert await table.heard() == {ama.id}

    chidi = await sign_up("chidi")
    await table.join(chidi)
    async with AsyncExitStack() as stack:
        at_amas, at_bens = await watch(table, stack, ama), await watch(table, stack, ben)
        request = await chidi.do("POST", f"{path}/requests", {"note": "about bread"})
        assert request["place"] == 1
        await at_amas.catch_up()
        await at_bens.catch_up()
        assert at_amas.snapshot["queue"][0]["note"] == "about bread"
        assert "bread" not in str(at_bens.events)

        seat = await ama.do("POST", f"{path}/requests/{chidi.id}/accept")
        assert (seat["role"], seat["muted"], seat["connected"]) == ("speaker", True, True)
        assert await table.heard() == {ama.id}
        await chidi.do("DELETE", f"{path}/mutes/me")
        assert await table.heard() == {ama.id, chidi.id}

        await ama.do("PUT", f"{path}/mutes/@chidi")
        assert await table.heard() == {ama.id}
        assert await ama.refused("DELETE", f"{path}/mutes/@chidi") == (403, "only_oneself")
        await chidi.do("DELETE", f"{path}/mutes/me")
        await ama.do("PUT", f"{path}/mutes")
        assert await table.heard() == {ama.id}

        await chidi.do("DELETE", f"{path}/stage/me")
        await chidi.do("POST", f"{path}/requests")
        await ama.do("PUT", f"{path}/stage/{chidi.id}", {"role": "speaker"})
        await chidi.do("DELETE", f"{path}/mutes/me")
        await ama.do("PUT", f"{path}/removals/{chidi.id}")
        assert await table.heard() == {ama.id}
        assert len(engine.peers) == 2

        await ama.do("POST", f"{path}/end")
        await at_bens.catch_up()
        assert at_bens.snapshot["space"]["state"] == "ended"
        assert at_bens.events[-1]["data"] == {"reason": "ended", "reconnect": False}
    assert not engine.peers
    assert not engine.spaces
    assert (await ben.do("GET", path))["state"] == "ended"
    assert len(instance.calls.registry) == 0
