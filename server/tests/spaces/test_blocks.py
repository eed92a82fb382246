"""Whoever the host blocks finds no space there, by any door, and is out of it at once."""

from typing import Any

import pytest

from convivium.app import Instance
from convivium.core.clock import ManualClock
from convivium.media.fake import FakeEngine
from convivium.spaces import service as spaces
from convivium.spaces.models import Space
from tests.conftest import Browser, OpenTable, SignUp
from tests.table import OFFER, SDP, Table, actor_of
from tests.test_permissions import SPACE, TABLE, Row

OF_SPACE = [row for row in TABLE if SPACE in row.path]
GONE = (404, "space_not_found")


async def answer_about(browser: Browser, row: Row, space_id: str) -> tuple[int, Any]:
    how: dict[str, Any] = {"json": row.body} if row.body is not None else {}
    if row.body is OFFER:
        how = {"content": OFFER, "headers": SDP}
    path = row.path.replace("{space_id}", space_id).replace("{number}", "1")
    answer = await browser.ask(row.method, path, **how)
    return answer.status_code, answer.json()


async def test_a_space_of_somebody_who_blocks_one_is_none(
    open_table: OpenTable, sign_up: SignUp, clock: ManualClock
) -> None:
    """Every address of it answers, word for word, as that of a space that never was."""
    table = await open_table("host")
    blocked = await sign_up("blocked")
    for name in ("other", "helper", "asker", "absent"):
        await sign_up(name)
    await table.host.do("PUT", "/people/@blocked/block")
    for state in ("live", "ended"):
        if state == "ended":
            await table.host.do("POST", f"{table.path}/end")
        for row in OF_SPACE:
            # What one does too often is refused before it is looked at.
            clock.advance(60)
            about_it = await answer_about(blocked, row, table.id)
            about_none = await answer_about(blocked, row, "no-such-space-anywhere")
            assert about_it == about_none, row
            assert about_it[0] in (403, 404, 409), row
    assert (await blocked.do("GET", "/spaces"))["items"] == []


async def test_lifting_a_block_gives_nothing_back(open_table: OpenTable, sign_up: SignUp) -> None:
    """One may come again as anybody may: seat, powers and invitation went with the block."""
    table = await open_table()
    chidi = await sign_up("chidi")
    await table.join(chidi)
    await table.seat(chidi, "co_host")
    await table.host.do("PUT", "/people/@chidi/block")
    assert await chidi.refused("GET", table.path) == GONE

    await table.host.do("DELETE", "/people/@chidi/block")

    you = (await chidi.do("GET", table.path))["you"]
    assert (you["may_listen"], you["role"], you["invitation"]) == (True, "listener", None)
    await table.join(chidi)
    await table.host.do("PATCH", table.path, {"listen_policy": "invited"})
    assert not (await chidi.do("GET", table.path))["you"]["may_listen"]


async def test_a_block_during_a_join_leaves_no_peer(
    open_table: OpenTable,
    sign_up: SignUp,
    instance: Instance,
    engine: FakeEngine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Between the door and the engine the host blocks: the call never comes about."""
    table = await open_table()
    actor = await actor_of(instance, await sign_up("ben"))
    ask_door = spaces.admitted

    async def let_in_and_block(*asked: Any, **how: Any) -> Space:  # noqa: ANN401
        space = await ask_door(*asked, **how)
        monkeypatch.setattr(spaces, "admitted", ask_door)
        await table.host.do("PUT", "/people/@ben/block")
        return space

    monkeypatch.setattr(spaces, "admitted", let_in_and_block)
    with pytest.raises(spaces.SpaceNotFound):
        await instance.calls.join(actor, table.id, OFFER)
    assert len(engine.peers) == 1
    assert len(instance.calls.registry) == 1


async def test_nobody_is_invited_across_a_block(open_table: OpenTable, sign_up: SignUp) -> None:
    """Neither whom the host blocks, by any of the hosts, nor by somebody they block themselves."""
    table = await open_table()
    helper, blocked, blocking = [await sign_up(n) for n in ("helper", "blocked", "blocking")]
    await table.join(helper)
    await table.seat(helper, "co_host")
    await table.host.do("PUT", "/people/@blocked/block")
    await blocking.do("PUT", "/people/@helper/block")
    for path, body in (
        (f"{table.path}/invitations", {"role": "listener"}),
        (f"{table.path}/stage", {"role": "speaker"}),
    ):
        for host in (table.host, helper):
            assert await host.refused("PUT", f"{path}/@blocked", body) == (409, "blocked_here")
        refused = await helper.refused("PUT", f"{path}/@blocking", body)
        assert refused == (404, "person_not_found")
    assert (await blocked.do("GET", "/spaces"))["items"] == []


async def test_live_spaces_of_whom_one_blocks_are_not_listed(
    open_table: OpenTable, sign_up: SignUp
) -> None:
    """One does not come across them; their address still works, since one may undo the block."""
    table = await open_table()
    ben = await sign_up("ben")
    await ben.do("PUT", "/people/@ama/block")

    assert (await ben.do("GET", "/spaces"))["items"] == []
    assert (await ben.do("GET", table.path))["you"]["may_listen"]


async def hand_over_for_a_while(table: Table, clock: ManualClock, heir: Browser) -> None:
    """Let the host be away until a co-host holds the space."""
    await table.join(heir)
    await table.seat(heir, "co_host")
    for call in table.instance.calls.registry.of_person(table.id, table.host.id):
        await table.instance.calls.end(call)
    clock.advance(table.instance.settings.hostless_s + 1)
    await table.instance.sweep()


async def test_who_holds_a_space_for_a_while_keeps_nobody_out(
    open_table: OpenTable, sign_up: SignUp, clock: ManualClock
) -> None:
    """A block by whoever inherited is theirs alone: the host comes back and has the space again."""
    table = await open_table()
    heir = await sign_up("heir")
    await hand_over_for_a_while(table, clock, heir)
    assert (await heir.do("GET", table.path))["you"]["role"] == "host"

    await heir.do("PUT", "/people/@ama/block")

    await table.join(table.host)
    assert (await table.host.do("GET", table.path))["you"]["role"] == "host"


async def test_a_host_who_is_away_takes_the_space_from_whom_they_block(
    open_table: OpenTable, sign_up: SignUp, clock: ManualClock
) -> None:
    """Whoever holds it meanwhile is out as anybody else would be."""
    table = await open_table()
    heir = await sign_up("heir")
    await hand_over_for_a_while(table, clock, heir)

    await table.host.do("PUT", "/people/@heir/block")

    assert await heir.refused("GET", table.path) == GONE
    card = await table.host.do("GET", table.path)
    assert (card["host"]["name"], [s["person"]["name"] for s in card["stage"]]) == ("ama", ["ama"])
    assert table.peers(heir) == []
