"""How many spaces that are not over one host may have, and what a block of such a host costs."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.dialects import sqlite

from convivium.app import Instance
from convivium.core.clock import ManualClock
from convivium.core.config import Settings
from convivium.spaces import service
from convivium.spaces.models import Space
from tests.conftest import Browser, OpenTable, SignUp
from tests.databases import Beginning

MOST = 12
BURST = 20


@pytest.fixture
def settings(data_folder: Path, empty_database: Beginning) -> Settings:
    return empty_database.settings(data_folder, max_unfinished=MOST, spaces_burst=BURST)


async def make_drafts(host: Browser, number: int) -> list[str]:
    return [(await host.do("POST", "/spaces", {"title": "Bread"}))["id"] for _ in range(number)]


@contextmanager
def written(instance: Instance) -> Iterator[list[str]]:
    """List what is said to the database on its one writing connection, but for jobs and sweeps.

    What this test asks for is done in its own task.
    """
    said: list[str] = []
    here = asyncio.current_task()

    def note(_connection: object, _cursor: object, statement: str, *_: Any) -> None:  # noqa: ANN401
        if asyncio.current_task() is here:
            said.append(statement)

    writer = instance.database._writer.sync_engine
    event.listen(writer, "before_cursor_execute", note)
    yield said
    event.remove(writer, "before_cursor_execute", note)


async def test_so_many_and_no_more(sign_up: SignUp) -> None:
    """Drafts, scheduled and live ones count together; one that is over makes room."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    drafts = await make_drafts(ama, MOST - 1)
    await ama.do("POST", f"/spaces/{drafts[0]}/start")
    tomorrow = {"title": "Bread", "starts_at": "2026-01-02T19:30:00Z"}
    await ama.do("POST", "/spaces", tomorrow)

    for body in ({"title": "Bread"}, tomorrow):
        answer = await ama.ask("POST", "/spaces", json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "too_many_unfinished")
        assert str(MOST) in answer.json()["detail"]
    await make_drafts(ben, 1)
    await ama.do("POST", f"/spaces/{drafts[0]}/end")
    await make_drafts(ama, 1)


async def test_a_block_costs_the_same_however_many_drafts_there_are(
    open_table: OpenTable, sign_up: SignUp, instance: Instance
) -> None:
    """Of those nobody else knows; what somebody was granted in any of them is void at once."""
    table = await open_table("ama")
    ben = await sign_up("ben")

    async def block() -> int:
        with written(instance) as said:
            await table.host.do("PUT", "/people/@ben/block")
        await table.host.do("DELETE", "/people/@ben/block")
        assert said
        return len(said)

    alone = await block()
    drafts = await make_drafts(table.host, MOST - 1)
    assert await block() == alone

    path = f"/spaces/{drafts[0]}"
    await table.host.do("PUT", f"{path}/invitations/@ben", {"role": "speaker"})
    assert (await ben.do("GET", path))["you"]["invitation"] == {"role": "speaker"}
    await block()
    assert await ben.refused("GET", path) == (404, "space_not_found")


@pytest.mark.usefixtures("on_sqlite")
async def test_those_of_one_owner_are_found_without_reading_the_others(
    sign_up: SignUp, instance: Instance
) -> None:
    """Also one that somebody else holds meanwhile; asked at every follow, block and unblock."""
    ama = await sign_up("ama")
    await make_drafts(ama, 2)
    owned = select(Space.id).where(service._owned(ama.id))
    plan = str(owned.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    async with instance.database.read() as session:
        rows = (await session.execute(text(f"EXPLAIN QUERY PLAN {plan}"))).all()

    searches = [str(row[-1]) for row in rows if " space" in str(row[-1])]
    assert len(searches) == 2
    for search, column in zip(searches, ("returns_to", "host_id"), strict=True):
        assert f"INDEX ix_space_{column} ({column}=? AND state=?)" in search


async def test_opening_spaces_all_the_time_is_held_up(sign_up: SignUp, clock: ManualClock) -> None:
    """So many at once by one host, whatever becomes of them; then as time goes by."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    for _ in range(BURST):
        [draft] = await make_drafts(ama, 1)
        await ama.do("POST", f"/spaces/{draft}/end")

    answer = await ama.ask("POST", "/spaces", json={"title": "Bread"})

    assert (answer.status_code, answer.json()["code"]) == (429, "slow_down")
    assert answer.json()["detail"]
    await make_drafts(ben, 1)
    clock.advance(float(answer.headers["Retry-After"]))
    await make_drafts(ama, 1)


async def test_only_tables_with_something_of_theirs_are_read_again(
    open_table: OpenTable,
    sign_up: SignUp,
    instance: Instance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where somebody who is blocked wrote nothing, what lies on the table is as it was."""
    table = await open_table("ama")
    await make_drafts(table.host, 3)
    ben = await sign_up("ben")
    looked: list[str] = []
    look = instance.boards.look

    async def note(space_id: str) -> None:
        looked.append(space_id)
        await look(space_id)

    monkeypatch.setattr(instance.boards, "look", note)
    await table.host.do("PUT", "/people/@ben/block")
    assert looked == []
    await table.host.do("DELETE", "/people/@ben/block")
    await ben.do("POST", f"{table.path}/chat", {"text": "hello"})
    looked.clear()

    await table.host.do("PUT", "/people/@ben/block")

    assert looked == [table.id]
    assert instance.boards.of(table.id).lines == []
