"""Music: what a host chooses is what the engine lets be heard, and what everybody is told."""

from contextlib import AsyncExitStack

from convivium.media.fake import FakeEngine
from tests.conftest import Browser, OpenTable, SignUp
from tests.table import OFFER, SDP, watch


async def test_a_space_is_for_voices_unless_its_host_says_music(
    sign_up: SignUp, engine: FakeEngine
) -> None:
    """It is chosen when the space is opened, and heard from its start on."""
    ama = await sign_up("ama")
    plain = await ama.do("POST", "/spaces", {"title": "Kitchen table"})
    concert = await ama.do("POST", "/spaces", {"title": "House concert", "music": True})
    assert (plain["music"], concert["music"]) == (False, True)

    await ama.do("POST", f"/spaces/{plain['id']}/start")
    assert engine.music == set()
    await ama.do("POST", f"/spaces/{concert['id']}/start")
    assert len(engine.music) == 1


async def test_hosts_switch_it_while_the_space_lives_and_everybody_sees_it(
    open_table: OpenTable, sign_up: SignUp, engine: FakeEngine
) -> None:
    """Rows first: when a host is answered, engine and audience have followed."""
    table = await open_table()
    ben, chidi = await sign_up("ben"), await sign_up("chidi")
    await table.join(ben)
    await table.seat(ben, "co_host")
    async with AsyncExitStack() as stack:
        witness = await watch(table, stack, chidi)
        for host, music in ((table.host, True), (ben, False)):
            card = await host.do("PATCH", table.path, {"music": music})
            await witness.catch_up()

            assert card["music"] is music
            assert bool(engine.music) is music
            assert witness.snapshot["space"]["music"] is music
        assert witness.types().count("space_changed") == 2


async def test_other_changes_leave_it_alone(open_table: OpenTable, engine: FakeEngine) -> None:
    """A new title is no reason to ask anything of the engine."""
    table = await open_table()
    await table.host.do("PATCH", table.path, {"music": True})
    engine.refuses["set_music"] = "busy"

    card = await table.host.do("PATCH", table.path, {"title": "House concert"})

    assert card["music"] is True
    assert engine.music == engine.spaces


async def test_an_engine_that_does_not_follow_is_asked_again(
    open_table: OpenTable, engine: FakeEngine
) -> None:
    """It is written down; to say it once more is to ask that it be heard."""
    table = await open_table()
    engine.refuses["set_music"] = "busy"
    assert await table.host.refused("PATCH", table.path, {"music": True}) == (503, "music_stuck")
    assert (await table.host.do("GET", table.path))["music"] is True
    assert engine.music == set()
    engine.refuses.clear()

    await table.host.do("PATCH", table.path, {"music": True})

    assert engine.music == engine.spaces


async def test_a_draft_and_an_ended_space_ask_nothing_of_the_engine(
    sign_up: SignUp, engine: FakeEngine
) -> None:
    """There is nothing to be heard in them."""
    ama: Browser = await sign_up("ama")
    card = await ama.do("POST", "/spaces", {"title": "Kitchen table"})
    engine.refuses["set_music"] = "busy"
    await ama.do("PATCH", f"/spaces/{card['id']}", {"music": True})
    engine.refuses.clear()
    await ama.do("POST", f"/spaces/{card['id']}/start")
    await ama.do("POST", f"/spaces/{card['id']}/end")

    await ama.do("PATCH", f"/spaces/{card['id']}", {"music": True})

    assert engine.music == set()


async def test_a_space_that_the_engine_lost_is_opened_with_its_music(
    open_table: OpenTable, sign_up: SignUp, engine: FakeEngine
) -> None:
    """The rows say how it sounds."""
    table = await open_table()
    await table.host.do("PATCH", table.path, {"music": True})
    engine.spaces.clear()
    engine.music.clear()
    ben = await sign_up("ben")

    answer = await ben.ask("POST", f"{table.path}/call", content=OFFER, headers=SDP)

    assert answer.status_code == 201
    assert engine.music == engine.spaces != set()
