"""The database, of whichever kind: one writer, a schema that is as the models say."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import structlog
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

import convivium.app  # noqa: F401 - every feature's tables
from convivium.core.bus import Bus, Fact
from convivium.core.clock import ManualClock
from convivium.core.config import Settings
from convivium.core.database import Base, Database, database_of
from convivium.core.databases import kind as kind_module
from convivium.core.databases.kind import Kind
from convivium.core.errors import Busy
from convivium.core.logging import set_up_logging
from convivium.core.migrate import known_versions
from convivium.core.transaction import Transaction, Transactions
from tests.databases import Beginning


@pytest.fixture
def blank(data_folder: Path, empty_database: Beginning) -> Kind:
    """A database in which nothing is."""
    return empty_database.blank(data_folder)


@pytest.fixture
async def transactions(blank: Kind) -> AsyncIterator[Transactions]:
    transactions = Transactions(Database(blank), Bus(), ManualClock())
    yield transactions
    await transactions.database.close()


async def test_migrations_make_what_the_models_say(settings: Settings) -> None:
    """The schema that servers run on is the one the code is written for."""

    def differences(connection: Connection) -> object:
        # It is shared with engines that may not have asked yet which version this is.
        connection.dialect.initialize(connection)
        # What is found by words is kept by the database itself (tests/search/test_index.py).
        how = {"include_name": lambda name, *_: not (name or "").startswith("search_")}
        context = MigrationContext.configure(connection, opts=how)
        return compare_metadata(context, Base.metadata)

    kind = database_of(settings)
    engine = kind.open_reader()
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()
    assert await kind.version() == known_versions()[-1]


def test_a_rule_of_an_index_holds_in_both_kinds() -> None:
    """What an index leaves out, it leaves out in PostgreSQL as in SQLite."""
    for table in Base.metadata.tables.values():
        for index in table.indexes:
            kinds = (index.dialect_options[kind]["where"] for kind in ("sqlite", "postgresql"))
            assert len({str(where) for where in kinds}) == 1, index.name


async def test_writers_wait_for_one_another(transactions: Transactions, blank: Kind) -> None:
    """Reading and then writing is safe, also beside another process: twenty count to twenty."""
    beside = Transactions(Database(blank), Bus(), ManualClock())
    async with transactions.begin() as tx:
        await tx.session.execute(text("CREATE TABLE counter (value INTEGER)"))
        await tx.session.execute(text("INSERT INTO counter VALUES (0)"))

    async def count(writer: Transactions) -> None:
        async with writer.begin() as tx:
            value = await tx.session.scalar(text("SELECT value FROM counter"))
            await asyncio.sleep(0)
            await tx.session.execute(text("UPDATE counter SET value = :v"), {"v": value + 1})

    await asyncio.gather(*(count((transactions, beside)[number % 2]) for number in range(20)))

    async with transactions.database.read() as session:
        assert await session.scalar(text("SELECT value FROM counter")) == 20
    await beside.database.close()


class Happened(Fact):
    """Something to announce."""


async def test_inside_subscribers_can_refuse(blank: Kind) -> None:
    """What one of them raises takes everything back, and nobody else hears of it."""
    bus = Bus()
    heard = []

    async def refuse(_tx: Transaction, _fact: Happened) -> None:
        raise ValueError("no")

    async def hear(fact: Happened) -> None:
        heard.append(fact)

    bus.inside(Happened, refuse)
    bus.after(Happened, hear)
    transactions = Transactions(Database(blank), bus, ManualClock())

    async def happen() -> None:
        async with transactions.begin() as tx:
            await tx.session.execute(text("CREATE TABLE a (x INTEGER)"))
            await tx.announce(Happened())

    with pytest.raises(ValueError, match="no"):
        await happen()

    async with transactions.database.read() as session:
        connection = await session.connection()
        assert await connection.run_sync(lambda of: inspect(of).get_table_names()) == []
    assert heard == []
    await transactions.database.close()


async def test_after_subscribers_hear_of_what_is_committed(blank: Kind) -> None:
    """They see the rows; one that fails keeps neither the rows nor the others back."""
    bus = Bus()
    database = Database(blank)
    seen = []

    async def fail(_fact: Happened) -> None:
        raise ValueError("after all")

    async def look(_fact: Fact) -> None:
        async with database.read() as session:
            seen.append(await session.scalar(text("SELECT count(*) FROM a")))

    bus.after(Happened, fail)
    bus.after(Fact, look)
    async with Transactions(database, bus, ManualClock()).begin() as tx:
        await tx.session.execute(text("CREATE TABLE a (x INTEGER)"))
        await tx.session.execute(text("INSERT INTO a VALUES (1)"))
        await tx.announce(Happened())
        assert seen == []

    assert seen == [1]
    await database.close()


async def test_no_free_reader_is_told(blank: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever finds all readers taken is told to come again, not that the server made a mistake."""
    monkeypatch.setattr(kind_module, "READER_WAIT_S", 0.05)
    database = Database(blank)
    async with AsyncExitStack() as stack:
        for _ in range(blank.readers):
            session = await stack.enter_async_context(database.read())
            await session.execute(text("SELECT 1"))

        with pytest.raises(Busy):
            async with database.read() as session:
                await session.execute(text("SELECT 1"))

    await database.close()


@pytest.fixture
def own_logging() -> Iterator[None]:
    """Logging may be set up, and is afterwards as it was before."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.usefixtures("own_logging")
@pytest.mark.parametrize("json", [True, False])
async def test_what_people_wrote_is_in_no_log(
    transactions: Transactions, capsys: pytest.CaptureFixture[str], *, json: bool
) -> None:
    """The trace of a failure names neither parameters of statements nor local variables."""
    set_up_logging(json=json)
    note = "a private note"

    async def fail() -> None:
        async with transactions.begin() as tx:
            await tx.session.execute(text("INSERT INTO nowhere VALUES (:note)"), {"note": note})

    try:
        await fail()
    except DBAPIError:
        structlog.get_logger("test").exception("failed")

    logged = capsys.readouterr().err
    assert "INSERT INTO nowhere" in logged
    assert note not in logged
