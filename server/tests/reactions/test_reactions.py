"""Reactions are counted, summed and told, however many people react."""

from collections.abc import Callable
from contextlib import AsyncExitStack

from convivium.core.clock import ManualClock
from convivium.media.engine import Counted
from convivium.reactions.rules import EMOJI, MESSAGES
from tests.conftest import Browser, OpenTable, SignUp
from tests.table import Table, until, watch

APPLAUSE = {"emoji": "👏"}


def data_channels_sent(table: Table, said: dict[str, int]) -> None:
    """Let the engine tell how often something came on the space's data channels."""
    (space,) = table.engine.spaces
    table.engine.tell(Counted(space, tuple(said.get(emoji, 0) for emoji in EMOJI)))


def total(table: Table) -> int:
    return sum(table.instance.reactions.totals(table.id).values())


async def test_what_everybody_did_is_told_as_one_sum(open_table: OpenTable) -> None:
    """Sums of the engine and single reactions by HTTP come together in one event."""
    table = await open_table()
    async with AsyncExitStack() as stack:
        witness = await watch(table, stack, table.host)
        assert witness.snapshot["reactions"] == {}
        data_channels_sent(table, {"👏": 40_000, "🔥": 3})
        data_channels_sent(table, {"👏": 2})
        await table.host.do("POST", f"{table.path}/reactions", APPLAUSE)
        await until(lambda: total(table) == 40_006)
        await table.instance.live.refresh(table.id, at_once=True)
        await witness.catch_up()

        assert witness.snapshot["reactions"] == {"👏": 40_003, "🔥": 3}
        assert witness.types().count("reactions_changed") == 1


async def test_sums_are_told_by_themselves(open_table: OpenTable) -> None:
    """Nobody has to ask: a little later everybody knows."""
    table = await open_table()
    async with AsyncExitStack() as stack:
        witness = await watch(table, stack, table.host)
        await table.host.do("POST", f"{table.path}/reactions", APPLAUSE)
        await witness.until(lambda: "reactions_changed" in witness.types())

        assert witness.snapshot["reactions"] == {"👏": 1}


async def test_one_person_has_so_many_reactions(
    open_table: OpenTable, clock: ManualClock, sign_up: SignUp
) -> None:
    """Whoever taps without end is told to slow down; others go on."""
    table = await open_table()
    ben = await sign_up("ben")
    await table.join(ben)
    burst = table.instance.settings.reactions_burst
    for _ in range(burst):
        await ben.do("POST", f"{table.path}/reactions", APPLAUSE)

    assert await ben.refused("POST", f"{table.path}/reactions", APPLAUSE) == (429, "slow_down")
    await table.host.do("POST", f"{table.path}/reactions", APPLAUSE)
    clock.advance(1.0)
    await ben.do("POST", f"{table.path}/reactions", APPLAUSE)
    assert total(table) == burst + 2


async def test_only_those_who_listen_react_and_only_with_what_there_is(
    open_table: OpenTable, sign_up: SignUp
) -> None:
    """Somebody outside is told so, and so is somebody with an emoji of their own."""
    table = await open_table()
    outsider = await sign_up("ben")
    path = f"{table.path}/reactions"

    assert await outsider.refused("POST", path, APPLAUSE) == (409, "not_in_space")
    assert await table.host.refused("POST", path, {"emoji": "🍕"}) == (422, "invalid")
    assert total(table) == 0


async def test_a_guest_reacts(open_table: OpenTable, visitor: Callable[[], Browser]) -> None:
    """Nobody needs an account to applaud."""
    table = await open_table()
    guest = visitor()
    await table.join(guest)
    await guest.do("POST", f"{table.path}/reactions", APPLAUSE)

    assert total(table) == 1


async def test_everybody_sees_who_on_the_stage_reacts(
    open_table: OpenTable, sign_up: SignUp
) -> None:
    """A speaker's reaction comes with their name, a listener's does not; both are in the sum."""
    table = await open_table()
    ben, chidi = await sign_up("ben"), await sign_up("chidi")
    for person in (ben, chidi):
        await table.join(person)
    await table.seat(ben)
    async with AsyncExitStack() as stack:
        witness = await watch(table, stack, chidi)
        for person in (ben, chidi):
            await person.do("POST", f"{table.path}/reactions", {"emoji": "🙏🏿"})
        await table.instance.live.refresh(table.id, at_once=True)
        await witness.catch_up()

        assert witness.snapshot["reactions"] == {"🙏🏿": 2}
        assert witness.snapshot["stage_reactions"] == {ben.id: {"🙏🏿": 1}}
        assert table.instance.reactions.of_stage(table.id).keys() == {ben.id}, "a crowd is not kept"
        assert witness.types()[-2:] == ["stage_reactions_changed", "reactions_changed"]


async def test_whoever_leaves_the_stage_is_not_seen_to_react_any_more(
    open_table: OpenTable, sign_up: SignUp
) -> None:
    """Back among the listeners, and up again, nothing is left of it but the sum."""
    table = await open_table()
    ben = await sign_up("ben")
    await table.join(ben)
    await table.seat(ben)
    async with AsyncExitStack() as stack:
        witness = await watch(table, stack, table.host)
        await ben.do("POST", f"{table.path}/reactions", APPLAUSE)
        await ben.do("DELETE", f"{table.path}/stage/me")
        await table.seat(ben)
        await table.instance.live.refresh(table.id, at_once=True)
        await witness.catch_up()

        assert witness.snapshot["stage_reactions"] == {}
        assert witness.snapshot["reactions"] == {"👏": 1}


async def test_nothing_is_kept_of_a_space_that_is_over(open_table: OpenTable) -> None:
    """Sums that come after the end belong to nobody."""
    table = await open_table()
    reactions = table.instance.reactions
    (number,) = table.engine.spaces
    await table.host.do("POST", f"{table.path}/reactions", APPLAUSE)
    await table.host.do("POST", f"{table.path}/end")
    reactions.follow(Counted(number, (1,) * len(EMOJI)))

    assert reactions.totals(table.id) == {}
    assert reactions.of_stage(table.id) == {}


def test_what_a_client_sends_is_written_as_browsers_write_it() -> None:
    """`JSON.stringify` puts no spaces and leaves emoji as they are."""
    assert MESSAGES[0] == '{"type":"reaction","emoji":"👏"}'
    assert len(set(MESSAGES)) == len(EMOJI)
