"""How rows are found: by an index, whatever the number of rows, and in as many looks as before.

Every page that one reads is asked for among made-up people; what it says to the database is written
down, explained by the database, and counted.
"""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import ColumnElement, event, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

import convivium.app  # noqa: F401 - every feature's tables
from convivium.accounts import service as accounts
from convivium.accounts.models import Person
from convivium.app import Instance
from convivium.core.database import Base
from convivium.core.transaction import Transaction
from convivium.demo.seed import Size, name_of, seed
from convivium.messages.models import ConversationMember
from convivium.posts.models import Post
from tests.conftest import Browser, SignUp
from tests.databases import POSTGRES
from tests.posts.test_posts import post
from tests.test_permissions import routes_of

SIZE = Size(60, 1500, 3000, 30)
# Everything that lists or shows what there is more of every day. {post} has many answers, {answer}
# is one, {liked} and {passed_on} are so by many, {other} is somebody with whom one writes.
READS = (
    "/me",
    "/timeline",
    "/people?ids={ids}",
    "/people/{star}",
    "/people/{star}/posts",
    "/people/{star}/posts?replies=true",
    "/people/me/blocks",
    "/people/me/mutes",
    "/people/me/follow-requests",
    "/posts?tag=tag0",
    "/posts/{post}",
    "/posts/{post}/thread",
    "/posts/{post}/history",
    "/posts/{answer}/thread",
    "/posts/{liked}/likes",
    "/posts/{passed_on}/reposts",
    "/search?q=bread&kind=posts",
    "/search?q=seeded&kind=people",
    "/search?q=table&kind=spaces",
    "/explore",
    "/notifications",
    "/messages",
    "/messages?state=asked",
    "/messages/{other}",
    "/spaces?state=live",
    "/spaces?state=scheduled",
    "/spaces?state=ended",
    "/spaces?state=draft",
    "/spaces?state=ended&host={star}",
)
# What is about one space or one's own account, for whoever moderates, or looks at no rows.
OTHERS = re.compile(
    r"/spaces/|/(moderation|admin)/|^/(me|faces|logo|unsubscribe|pictures|link-cards|voice-notes)/|^/sign-in/"
    r"|/(tokens|sign-up|instance|healthz|readyz|version)$"
)
# Of these the made-up people have none, or few.
EMPTY = (
    "=asked",
    "=live",
    "=draft",
    "host={star}",
    "{answer}/thread",
    "/history",
    "/blocks",
    "/mutes",
    "-requests",
)
# The same thing is asked so often at most: twice where one looks for two people.
ASKED = 2

Said = tuple[str, Any]


@dataclass(frozen=True)
class Crowd:
    """Made-up people, and one of them who looks; words: what stands for what in addresses."""

    reader: Browser
    words: dict[str, str]

    async def read(self, path: str) -> Any:  # noqa: ANN401 - what the page says
        """Ask for a page."""
        return await self.reader.do("GET", path.format(**self.words))


async def crowd_of(instance: Instance, app: FastAPI) -> Crowd:
    """Make the people; who looks is one whom many follow, and who wrote much."""
    async with instance.transactions.begin() as tx:
        if POSTGRES:
            await begin_anew(tx)
        await seed(tx, SIZE)
        secret = await accounts.make_token(tx, name_of(1), frozenset(["read"]))
        words = await _words(tx.session)
    return Crowd(Browser(app, bearer=secret), words)


async def begin_anew(tx: Transaction) -> None:
    """Let tables be as new: PostgreSQL plans by the room too that earlier tests took in them."""
    names = ", ".join(Base.metadata.tables)
    # A replica does not look at what the log says of being rewritten.
    await tx.session.execute(text("SET LOCAL session_replication_role = replica"))
    await tx.session.execute(text(f"TRUNCATE {names}"))


async def _words(session: AsyncSession) -> dict[str, str]:
    async def most(count: ColumnElement[int] | InstrumentedAttribute[int]) -> str:
        return str(await session.scalar(select(Post.id).order_by(count.desc(), Post.number)))

    reader = await session.scalar(select(Person.id).where(Person.name == name_of(1)))
    writes = select(ConversationMember.other_id).where(ConversationMember.person_id == reader)
    people = await session.scalars(select(Person.id).limit(30))
    return {
        "star": f"@{name_of(0)}",
        "post": await most(Post.replies),
        "answer": await most(func.coalesce(Post.reply_to, 0)),
        "liked": await most(Post.likes),
        "passed_on": await most(Post.reposts),
        "other": str(await session.scalar(writes.limit(1))),
        "ids": ",".join(people),
    }


@contextmanager
def said_to(instance: Instance) -> Iterator[list[Said]]:
    """Write down what is looked up, by whatever this test asks for."""
    said: list[Said] = []
    here = asyncio.current_task()

    def note(*about: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own
        _, _, statement, values, *_ = about
        if asyncio.current_task() is here and "SELECT" in statement:
            said.append((statement, values))

    reader = instance.database._reader.sync_engine
    event.listen(reader, "before_cursor_execute", note)
    yield said
    event.remove(reader, "before_cursor_execute", note)


@pytest.fixture
async def crowd(instance: Instance, app: FastAPI) -> AsyncIterator[Crowd]:
    crowd = await crowd_of(instance, app)
    yield crowd
    await crowd.reader.http.aclose()


def test_every_page_is_read(app: FastAPI) -> None:
    """One that is new is asked for here, too."""
    here = {_shape(path.partition("?")[0]) for path in READS}
    pages = {key.removeprefix("GET ") for key in routes_of(app) if key.startswith("GET ")}

    assert {_shape(page) for page in pages if not OTHERS.search(page)} == here


def _shape(path: str) -> str:
    return re.sub(r"{\w+}", "*", path)


@pytest.mark.parametrize("path", READS)
async def test_a_page_takes_few_looks_by_an_index(
    instance: Instance, crowd: Crowd, path: str
) -> None:
    """No table that grows is read whole, and one row more is not one look more."""
    with said_to(instance) as said:
        page = await crowd.read(path)
    shown = page.get("items", [page])
    assert len(shown) > ASKED or shown == [page] or path.endswith(EMPTY), "too few to tell"
    async with instance.database.read() as session:
        for statement, values in said:
            plan = await explained(session, statement, values)
            assert not whole_tables(plan), f"{statement}\n{plan}"
    [(often, times)] = Counter(statement for statement, _ in said).most_common(1)
    assert times <= ASKED, often


async def explained(session: AsyncSession, statement: str, values: Any) -> str:  # noqa: ANN401
    """Ask the database how it goes about a statement; it is to use an index wherever it can."""
    connection = await session.connection()
    if POSTGRES:
        # Where there are few rows, it would rather read all of them.
        for way in ("seqscan", "hashjoin", "mergejoin"):
            await connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
    how = "EXPLAIN (FORMAT JSON)" if POSTGRES else "EXPLAIN QUERY PLAN"
    rows = (await connection.exec_driver_sql(f"{how} {statement}", values)).all()
    if not POSTGRES:
        return "\n".join(str(row[-1]) for row in rows)
    return "\n".join(_nodes(rows[0][0][0]["Plan"]))


def _nodes(plan: dict[str, Any]) -> Iterator[str]:
    """Write PostgreSQL's plan as SQLite would: SCAN for what is read whole."""
    kind = plan["Node Type"]
    if "Scan" in kind and "Relation Name" in plan:
        by_index = "Index Cond" in plan or kind == "Bitmap Heap Scan"
        yield f"{'SEARCH' if by_index else 'SCAN'} {plan['Relation Name']} ({kind})"
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


def whole_tables(plan: str) -> Sequence[str]:
    """List the tables of which a plan reads all rows; aliases are named after their tables."""
    scanned = re.findall(r"^SCAN (\w+)", plan, re.MULTILINE)
    return [name for name in scanned if re.sub(r"_\d+$", "", name) in Base.metadata.tables]


@pytest.mark.parametrize("statement", ["SELECT * FROM post WHERE text = 'x'", "SELECT * FROM post"])
async def test_a_whole_table_is_noticed(instance: Instance, statement: str) -> None:
    """What is looked for here is found where it is so."""
    async with instance.database.read() as session:
        plan = await explained(session, statement, ())

    assert whole_tables(plan) == ["post"]


@pytest.mark.parametrize("word", ["bread", "nowhere"])
async def test_a_common_word_has_no_page_sorted(
    instance: Instance, crowd: Crowd, word: str
) -> None:
    """All that has it is not put in order: SQLite has it so, PostgreSQL knows how much it is."""
    with said_to(instance) as said:
        await crowd.read(f"/search?q={word}&kind=posts")
    if POSTGRES:
        thought, there = await _estimated(instance, word)
        assert thought == pytest.approx(there, rel=0.2, abs=20)
        return
    [found] = [each for each in said if "MATCH" in each[0]]
    async with instance.database.read() as session:
        assert "ORDER BY" not in await explained(session, *found)


async def _estimated(instance: Instance, word: str) -> tuple[int, int]:
    """Ask PostgreSQL how many posts it thinks have a word, and count them."""
    async with instance.transactions.begin() as tx:
        await tx.session.execute(text("ANALYZE post"))
    query = f"SELECT number FROM post WHERE search_said @@ CAST('{word}' AS tsquery)"  # noqa: S608
    async with instance.database.read() as session:
        there = len((await session.execute(text(query))).all())
        rows = (await session.execute(text(f"EXPLAIN (FORMAT JSON) {query}"))).all()
    return rows[0][0][0]["Plan"]["Plan Rows"], there


async def test_a_longer_way_up_takes_no_more_looks(instance: Instance, sign_up: SignUp) -> None:
    """However many posts stand above one."""
    ama = await sign_up("ama")
    thread, looks = [await post(ama, "first")], []
    for _ in range(6):
        thread.append(await post(ama, "next", reply_to=thread[-1]))
    for place in (1, 6):
        with said_to(instance) as said:
            page = await ama.do("GET", f"/posts/{thread[place]}/thread")
        assert [one["id"] for one in page["above"]] == thread[:place]
        looks.append(len(said))

    assert looks[0] == looks[1]
