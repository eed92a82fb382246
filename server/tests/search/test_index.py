"""The index itself: nobody can forget it, no query is an operator, and no look reads a table."""
# ruff: noqa: S608 - statements are put together of names that stand here

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from convivium.accounts.models import Person
from convivium.app import Instance, search_index
from convivium.core.actor import Actor
from convivium.core.config import Settings
from convivium.posts.models import Post
from convivium.search import service, words
from convivium.search.index import TooBroad
from convivium.search.service import Page
from convivium.spaces.models import Space
from tests.conftest import SignUp
from tests.databases import POSTGRES, Beginning
from tests.search.looking import found, post, space

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NOBODY = Actor()
KINDS = ("post", "space", "person")


@pytest.fixture
def settings(data_folder: Path, empty_database: Beginning) -> Settings:
    return empty_database.settings(data_folder, searches_burst=1000)


@pytest.mark.usefixtures("on_sqlite")
async def test_every_table_keeps_its_index(instance: Instance) -> None:
    """Also after migrations that build a table anew, which forgets its triggers."""
    async with instance.database.read() as session:
        rows = await session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
        triggers = set(rows)

    for what in KINDS:
        for when in ("put_in", "before", "after", "take_out"):
            assert f"search_{what}_{when}" in triggers


async def check(session: AsyncSession) -> None:
    """Let FTS5 compare what it found its rows by with what these say now."""
    for what in KINDS:
        table = f"search_{what}"
        await session.execute(
            text(f"INSERT INTO {table}({table}, rank) VALUES ('integrity-check', 1)")
        )


async def test_no_writer_goes_past_it(instance: Instance, sign_up: SignUp) -> None:
    """Whoever writes, with whatever statement: what is found is what stands there."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    kept, changed = await post(ama, "river kept"), await post(ama, "river 天気 changed")
    await space(ama, "River", "ended", topics=["a", "b", "c"], languages=["de"])

    async with instance.transactions.begin() as tx:
        ask = tx.session.execute
        await ask(update(Post).where(Post.id == changed).values(text="lake مُحَمَّد"))
        await ask(update(Post).values(likes=Post.likes + 1))
        await ask(update(Space).values(title="Lake", topics=["Sjö"], languages=["sv", "nb"]))
        await ask(update(Person).where(Person.id == ben.id).values(name="lakeside"))
        await ask(delete(Post).where(Post.id == kept))
        if not POSTGRES:
            await check(tx.session)

    assert await found(ama, "posts", "river") == await found(ama, "spaces", "river") == []
    assert await found(ama, "posts", "lake") == ["lake مُحَمَّد"]
    assert await found(ama, "spaces", "sjo", language="nb") == ["Lake"]
    assert await found(ama, "people", "side") == ["lakeside"]
    assert await found(ama, "people", "ben") == ["lakeside"], "the other name is Ben still"


OPERATORS = [
    '"', '""', "'", "''", "\\", "\\'", "*", "a*", "^a", "a:b", "said:a", "-a", "NEAR(a b)",
    "a AND", "OR", "(", "a) OR (b", "a & b", "!a", "a | b", "a <-> b", "a:*", "{said} : a", "a + b",
    "\0", "a\0b", "%", "_", "\ue000de", "\ue001a", "; DROP TABLE post", "ـ", "ﷺ", "½",
]  # fmt: skip


@given(query=st.text(max_size=120), language=st.text(max_size=12))
@hypothesis_settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@example(query="a" * 100, language="de-x-y")
async def test_no_query_is_more_than_words(instance: Instance, query: str, language: str) -> None:
    """Nothing that anybody can send raises, or finds what its words do not stand in."""
    await look_for_everything(instance, query, language)


@pytest.mark.parametrize("query", OPERATORS)
async def test_no_operator_is_one(instance: Instance, query: str) -> None:
    """As the test before, with what would mean something to one of the two databases."""
    await look_for_everything(instance, query, query)


async def look_for_everything(instance: Instance, query: str, language: str) -> None:
    wanted = words.read(query, language)
    index = search_index(instance.settings)
    async with instance.database.read() as session, index.looking(session):
        how = (index, session, NOBODY, wanted, NOW, Page(5))
        assert list(await service.posts(*how)) == []
        assert list(await service.people(*how)) == []
        assert list(await service.spaces(*how, anonymous_listening=True)) == []
        assert list(await service.tags(session, NOBODY, wanted.tag, NOW, Page(5))) == []


@given(said=st.text(st.characters(categories=("L", "N", "M", "P", "Z", "S")), max_size=60))
@hypothesis_settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_writing_anything_can_be_indexed(instance: Instance, said: str) -> None:
    """No text keeps its writer from writing it, in any table."""
    async with instance.transactions.begin() as tx:
        tx.session.add(Post(id=f"x{hash(said)}", text=said, is_counted=True, written_at=NOW))
        await tx.session.flush()
        if not POSTGRES:
            await check(tx.session)
        await tx.session.execute(delete(Post))


@asynccontextmanager
async def said_to(session: AsyncSession) -> AsyncIterator[list[tuple[str, Any]]]:
    """List what is said to the database meanwhile."""
    said: list[tuple[str, Any]] = []
    engine = (await session.connection()).sync_connection

    def note(_c: object, _cursor: object, statement: str, values: object, *_: object) -> None:
        said.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    yield said
    event.remove(engine, "before_cursor_execute", note)


GROWING = ("post", "space", "person", "follow", "block", "mute", "post_tag", "invitation")


@pytest.mark.parametrize("query", ["river", "river lak", "天気", "de"])
@pytest.mark.usefixtures("on_sqlite")
async def test_no_look_reads_a_whole_table(instance: Instance, query: str) -> None:
    """Each row is reached by an index, and posts come in their order without being sorted."""
    wanted = words.read(query, "de")
    me = Actor(kind="account", id="me")
    index = search_index(instance.settings)
    async with instance.database.read() as session:
        async with said_to(session) as said:
            await service.posts(index, session, me, wanted, NOW, Page(20, "7"))
            plans = len(said)
            await service.people(index, session, me, wanted, NOW, Page(20, "7"))
            page = Page(20, "live-7")
            await service.spaces(index, session, me, wanted, NOW, page, anonymous_listening=True)
            await service.tags(session, me, wanted.tag, NOW, Page(20))
        for at, (statement, values) in enumerate(said):
            rows = await (await session.connection()).exec_driver_sql(
                f"EXPLAIN QUERY PLAN {statement}", tuple(values)
            )
            steps = [str(row.detail) for row in rows]
            assert not [s for s in steps for table in GROWING if s == f"SCAN {table}"], steps
            assert at >= plans or not [s for s in steps if "TEMP B-TREE" in s], steps


async def test_what_takes_too_long_is_ended(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With words for who waits; and the reader is as good as before."""
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 1000000000)"
    index = search_index(instance.settings)

    with monkeypatch.context() as patch:
        patch.setattr("convivium.search.sqlite.LOOK_S", 0.05)
        patch.setattr("convivium.search.postgres.LOOK_S", 0.05)
        with pytest.raises(TooBroad):
            async with instance.database.read() as session, index.looking(session):
                await session.execute(text(f"{endless} SELECT count(*) FROM n"))

    async with instance.database.read() as session, index.looking(session):
        assert (await session.scalars(select(Post.number))).all() == []
