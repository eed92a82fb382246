"""What PostgreSQL does in ways of its own: one writer, one server, what its operator is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from convivium.accounts.models import AdminInvite
from convivium.core.config import Settings
from convivium.core.database import Database, database_in_words, database_of
from convivium.core.databases import postgres as postgres_module
from convivium.core.databases.kind import DatabaseInUse, DatabaseUnusable
from convivium.core.databases.postgres import Postgres
from convivium.core.errors import Busy, DiskFull
from convivium.core.migrate import bring_up_to_date
from tests.conftest import SignUp
from tests.databases import Beginning

PRIVATE = "a private note"


@pytest.fixture
def settings(data_folder: Path, postgres: Beginning) -> Settings:
    return postgres.settings(data_folder)


@pytest.fixture
def url(settings: Settings) -> str:
    assert settings.database_url is not None
    return settings.database_url.get_secret_value()


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    database = Database(database_of(settings))
    yield database
    await database.close()


@pytest.fixture
async def beside(url: str) -> AsyncIterator[Any]:
    """A connection of somebody else."""
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


async def cut(beside: Any) -> None:  # noqa: ANN401 - the driver's own
    """Let PostgreSQL close the connections of servers, as at its restart."""
    await beside.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name LIKE 'convivium%'"
    )


async def becomes(beside: Any, answer: int, query: str) -> None:  # noqa: ANN401
    """Ask until it is so."""
    async with asyncio.timeout(10):
        while await beside.fetchval(query) != answer:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)


LOCKED = """
    SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = pg_locks.database
    WHERE locktype = 'advisory' AND granted AND datname = current_database()
"""
WAITS = LOCKED.replace("AND granted", "AND NOT granted")


async def test_columns_hold_what_they_hold_in_sqlite(beside: Any) -> None:  # noqa: ANN401
    """Every number has 64 bits, and all text is ordered by its code points."""
    narrow = await beside.fetch(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name <> 'alembic_version' AND"
        " (data_type = 'integer' OR data_type LIKE 'char%' AND collation_name IS DISTINCT FROM 'C')"
    )
    assert narrow == []


async def test_a_writer_sees_what_was_committed_while_it_waited(
    database: Database,
    settings: Settings,
    beside: Any,  # noqa: ANN401
) -> None:
    """What is read in a transaction that writes is still so when it is written, on two servers."""
    other = Database(database_of(settings))
    began, goes_on = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with database.write() as session:
            assert await session.scalar(text("SELECT count(*) FROM group_member")) == 0
            began.set()
            await goes_on.wait()
            await session.execute(text("INSERT INTO group_member SELECT 'a', id FROM person"))

    async def second() -> int:
        await began.wait()
        async with other.write() as session:
            return int(await session.scalar(text("SELECT count(*) FROM group_member")) or 0)

    async with database.write() as session:
        await session.execute(
            text(
                "INSERT INTO person (id, kind, display_name, listed, voice, is_demo, created_at)"
                " VALUES ('x', 'guest', 'X', false, 4294967295, false, now())"
            )
        )
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(first())
        counted = tasks.create_task(second())
        await becomes(beside, 1, WAITS)
        goes_on.set()
    assert counted.result() == 1
    await other.close()


async def test_readers_write_nothing(database: Database) -> None:
    """The database itself refuses."""
    with pytest.raises(DBAPIError, match="read-only"):
        async with database.read() as session:
            await session.execute(text("DELETE FROM person"))


async def test_a_reader_sees_one_state(database: Database, beside: Any) -> None:  # noqa: ANN401
    async with database.read() as session:
        assert await session.scalar(text("SELECT count(*) FROM admin_invite")) == 0
        await beside.execute("INSERT INTO admin_invite VALUES ('x', now())")
        assert await session.scalar(text("SELECT count(*) FROM admin_invite")) == 0
    async with database.read() as session:
        assert await session.scalar(text("SELECT count(*) FROM admin_invite")) == 1


async def test_what_people_wrote_is_in_no_error(database: Database) -> None:
    """PostgreSQL tells the row it refused, the driver the value; errors are logged."""

    async def twice() -> None:
        async with database.write() as session:
            for _ in range(2):
                said = text("INSERT INTO admin_invite VALUES (:note, now())")
                await session.execute(said, {"note": PRIVATE})

    async def no_number() -> None:
        async with database.write() as session:
            said = text("SELECT 1 FROM space WHERE number = :note").bindparams(note=PRIVATE)
            await session.execute(said)

    for act, kind in ((twice, IntegrityError), (no_number, DBAPIError)):
        with pytest.raises(kind) as failed:
            await act()
        error: BaseException | None = failed.value
        while error is not None:
            assert PRIVATE not in str(error)
            error = error.__cause__


async def test_a_connection_that_was_closed_is_left(database: Database) -> None:
    """One that ended while nobody used it is not noticed by whoever comes next."""
    async with database._writer.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None
    driver.terminate()

    async with database.write() as session:
        await session.execute(text("INSERT INTO admin_invite VALUES ('x', now())"))
    async with database.read() as session:
        assert await session.get_one(AdminInvite, "x")


async def test_a_connection_that_is_cut_is_a_moments_wait(
    database: Database,
    beside: Any,  # noqa: ANN401
) -> None:
    """What was under way is told to come again, and nothing of it was kept."""

    async def write() -> None:
        async with database.write() as session:
            await session.execute(text("INSERT INTO admin_invite VALUES ('x', now())"))
            await cut(beside)
            await session.execute(text("SELECT 1"))

    with pytest.raises(Busy):
        await write()
    assert await beside.fetchval("SELECT count(*) FROM admin_invite") == 0


async def test_a_commit_of_which_nobody_knows_is_noticed(database: Database) -> None:
    """The server has to end then; a cut before the commit is known to have kept nothing."""

    @event.listens_for(database._writer.sync_engine, "commit")
    def cut_off(connection: Connection) -> None:
        connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(Busy):
        async with database.write() as session:
            await session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert not database.unsure.is_set()

    with pytest.raises(Busy):
        async with database.write() as session:
            await session.execute(text("SELECT 1"))
    assert database.unsure.is_set()


@pytest.mark.parametrize(
    ("state", "refusal"),
    [
        ("53100", DiskFull),
        ("58030", DiskFull),
        ("55P03", Busy),
        ("40P01", Busy),
        ("57014", Busy),
        ("53300", Busy),
        ("42P01", DBAPIError),
    ],
)
async def test_what_postgres_complains_of_is_a_refusal_where_it_can_pass(
    database: Database, state: str, refusal: type[Exception]
) -> None:
    """A disk that is full, another writer, too many connections; a fault stays one."""
    raising = f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{state}'; END $$"

    with pytest.raises(refusal):
        async with database.write() as session:
            await session.execute(text(raising))


async def test_one_server_at_a_time(url: str) -> None:
    """A second is refused with a sentence; when the first is gone, another can start."""
    async with Postgres(url).alone():
        with pytest.raises(DatabaseInUse, match=r"Another server \(convivium \d+\) is using"):
            async with Postgres(url).alone():
                raise AssertionError
    async with Postgres(url).alone() as lost:
        assert not lost.is_set()


async def test_a_lock_that_was_cut_is_taken_again(url: str, beside: Any) -> None:  # noqa: ANN401
    """After a restart of the database the server has it as before."""
    async with Postgres(url).alone() as lost:
        pid = await beside.fetchval(LOCKED.replace("count(*)", "pid"))
        await cut(beside)
        await becomes(beside, 1, f"{LOCKED} AND pid <> {pid}")
        assert not lost.is_set()
    await becomes(beside, 0, LOCKED)


async def test_whoever_lost_the_lock_to_another_is_told(
    url: str,
    beside: Any,  # noqa: ANN401
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A server that comes back too late has to end."""
    monkeypatch.setattr(postgres_module, "WRITER_WAIT_S", 0.05)
    take = "SELECT pg_advisory_lock($1, $2)"
    async with Postgres(url).alone() as lost:
        waiting = asyncio.create_task(
            beside.execute(take, postgres_module.LOCKS, postgres_module.SERVER)
        )
        other = await asyncpg.connect(url)
        await becomes(other, 1, WAITS)
        await cut(other)
        await waiting
        async with asyncio.timeout(10):
            await lost.wait()
        await other.close()


@pytest.mark.parametrize(
    "nowhere", ["postgresql://127.0.0.1:1/x", "postgresql:///x?host=/nowhere&user=ama"]
)
async def test_an_operator_is_told_who_does_not_answer(nowhere: str) -> None:
    kind = Postgres(nowhere)
    with pytest.raises(DatabaseUnusable, match="cannot be reached"), database_in_words(kind):
        await bring_up_to_date(kind)


async def test_an_operator_is_told_what_there_is_not(url: str) -> None:
    """PostgreSQL's own words say what is missing."""
    kind = Postgres(url.replace("/tests_", "/no_tests_"))
    with pytest.raises(DatabaseUnusable, match="does not exist"), database_in_words(kind):
        await bring_up_to_date(kind)


async def test_an_old_server_is_told(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_module, "OLDEST", 99)
    with pytest.raises(DatabaseUnusable, match=r"is PostgreSQL \d+; it takes 99 or newer"):
        await Postgres(url).version()


async def test_a_database_of_another_encoding(beside: Any, url: str) -> None:  # noqa: ANN401
    """It could not keep what people write."""
    name = f"ascii_{id(beside)}"
    await beside.execute(
        f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'"
    )
    own = await beside.fetchval("SELECT current_database()")
    try:
        with pytest.raises(DatabaseUnusable, match="ENCODING 'UTF8'"):
            await Postgres(url.replace(f"/{own}", f"/{name}")).version()
    finally:
        await beside.execute(f"DROP DATABASE {name}")


async def test_two_who_make_it_at_once_make_one(data_folder: Path, postgres: Beginning) -> None:
    """Migrations run behind one another, and the second finds nothing to do."""
    kind = postgres.blank(data_folder)

    await asyncio.gather(bring_up_to_date(kind), bring_up_to_date(kind))

    assert await kind.version() is not None


async def test_a_migration_that_fails_leaves_nothing(
    data_folder: Path, postgres: Beginning
) -> None:
    kind = postgres.blank(data_folder)

    def fail(connection: Any) -> None:  # noqa: ANN401
        connection.execute(text("CREATE TABLE half (done INTEGER)"))
        raise ValueError

    with suppress(ValueError):
        await kind.migrate(fail)

    engine = kind.open_reader()
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT to_regclass('half')")) is None
    await engine.dispose()


async def test_the_whole_works(sign_up: SignUp) -> None:
    """What is in the tests of every feature, in one line: people and what they make."""
    ama = await sign_up("ama")
    assert (await ama.do("POST", "/spaces", {"title": "Kitchen"}))["title"] == "Kitchen"
